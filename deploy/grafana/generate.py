#!/usr/bin/env python3
"""Writes the dashboards beside this file: deploy/grafana/generate.py. For Grafana 9.4 or later.

A panel is a line of the tables below; colours, sizes and variables are the same for all. --check says
whether the files are up to date."""

import json
import sys
from pathlib import Path

SEL = 'job=~"$job",instance=~"$instance"'


def q(metric, **labels):
    more = "".join(f',{name}="{value}"' for name, value in labels.items())
    return f"{metric}{{{SEL}{more}}}"


def rate(metric):
    return f"rate({q(metric)}[$__rate_interval])"


def increase(metric, span):
    return f"increase({q(metric)}[{span}])"


def quantile(share, metric, by, span="$__rate_interval"):
    buckets = f"rate({q(metric + '_bucket')}[{span}])"
    return f"histogram_quantile({share}, sum by (le, {by}) ({buckets}))"


# Kind, width of 24, title, unit, what it says, then (query, legend)s. Thresholds: see STEPS.
SOC = [
    ("stat", 4, "Critical now", "short", "Tickets that are open, or came to it in the last hour: contain first.",
     (f"sum({q('signinwatch_tickets_recent', severity='critical')}) or vector(0)", "")),
    ("stat", 4, "Unexplained now", "short", "Tickets that are open, or came to their severity in the last hour, and that no password change on record explains.",
     (f"sum({q('signinwatch_tickets_recent', cause='unexplained')}) or vector(0)", "")),
    ("stat", 4, "Tenants in a burst now", "short", "Tickets of tenants that are open, or came to their severity in the last hour: one cause for many users.",
     (f"sum({q('signinwatch_tickets_recent', scope='tenant')}) or vector(0)", "")),
    ("count", 4, "Open tickets", "short", "All that are not resolved yet.",
     (f"sum({q('signinwatch_tickets', state='open')})", "")),
    ("count", 4, "Users failing", "short", "Distinct users with watched failures that detection holds at present.",
     (f"sum({q('signinwatch_failing_users')})", "")),
    ("count", 4, "Complete up to", "dateTimeFromNow", "The watermark: older records are not expected.",
     (f"1000 * min({q('signinwatch_watermark_timestamp_seconds')})", "")),
    ("lines", 12, "Watched failures by code", "short", "Failed sign-ins a minute: 50132 session invalid, 50133 session revoked, 50173 fresh token needed.",
     (f"60 * sum by (code) ({rate('signinwatch_watched_failures_total')})", "{{code}}")),
    ("bars", 12, "Bursts opened by cause", "short", "As their cause was at the opening; an hour each bar.",
     (f"sum by (cause) ({increase('signinwatch_bursts_opened_total', '1h')})", "{{cause}}")),
    ("bars", 12, "Tickets resolved by final cause", "short", "An hour each bar.",
     (f"sum by (cause) ({increase('signinwatch_tickets_resolved_total', '1h')})", "{{cause}}")),
    ("bars", 12, "Bursts opened by severity", "short", "An hour each bar.",
     (f"sum by (severity) ({increase('signinwatch_bursts_opened_total', '1h')})", "{{severity}}")),
    ("bars", 12, "Findings of resolved tickets", "short", "A session in two places, a risk that Entra reports, an unfamiliar source; an hour each bar.",
     (f"sum by (finding) ({increase('signinwatch_burst_findings_total', '1h')})", "{{finding}}")),
    ("lines", 12, "Guide answered from the records", "percentunit", "Share of resolved tickets whose records answer a question, so that nobody has to look.",
     (f"sum by (question) ({increase('signinwatch_guide_answers_total', '1d')}) / scalar(sum({increase('signinwatch_tickets_resolved_total', '1d')}) > 0)", "{{question}}")),
    ("gauges", 12, "Failures by tenant, 24 h", "short", "The ten tenants with most; those beyond metrics.max_tenants are `other`.",
     (f"topk(10, sum by (tenant) ({increase('signinwatch_watched_failures_total', '1d')}))", "{{tenant}}")),
    ("lines", 12, "Password changes and revocations", "short", "Seen in the audit log, an hour: what explains bursts.",
     (f"sum by (kind) ({increase('signinwatch_credential_events_total', '1h')})", "{{kind}}")),
]
ONCALL = [
    ("good", 4, "Ready", "bool_yes_no", "Reasons: /-/ready", (f"min({q('signinwatch_ready')})", "")),
    ("good", 4, "Brokers connected", "percentunit", "Share of the brokers known.", (f"avg({q('signinwatch_kafka_broker_up')})", "")),
    ("good", 4, "Sinks up", "percentunit", "Share of the sinks whose last attempt went well.", (f"avg({q('signinwatch_sink_up')})", "")),
    ("stat", 4, "Alerts firing", "short", "Of signinwatch, all severities.", ('count(ALERTS{alertname=~"Signinwatch.*",alertstate="firing"}) or vector(0)', "")),
    ("count", 4, "Messages to read", "short", "In Kafka.", (f"sum({q('signinwatch_partition_lag_messages')})", "")),
    ("count", 4, "Behind", "s", "In event time, the worst partition.", (f"max({q('signinwatch_partition_lag_seconds')})", "")),
    ("lines", 12, "Append to delivery", "s", "From the broker's append to a sink's yes: p50, p99. Objective: 99 % within 10 s.",
     (quantile(0.5, "signinwatch_ticket_delay_seconds", "sink"), "p50 {{sink}}"), (quantile(0.99, "signinwatch_ticket_delay_seconds", "sink"), "p99 {{sink}}")),
    ("lines", 12, "Lag by partition", "short", "Kafka messages.", (q("signinwatch_partition_lag_messages"), "{{topic}}/{{partition}}")),
    ("lines", 12, "Records by outcome", "ops", "A second.", (f"sum by (outcome) ({rate('signinwatch_records_total')})", "{{outcome}}")),
    ("lines", 12, "Rejected, late and lost", "short", "A minute. Normal: none.",
     (f"60 * sum by (reason) ({rate('signinwatch_records_rejected_total')})", "rejected: {{reason}}"),
     (f"60 * sum({rate('signinwatch_late_dropped_records_total')})", "late, in no burst"),
     (f"60 * sum({rate('signinwatch_late_records_total')})", "late")),
    ("lines", 12, "Export delay of Entra, p90", "s", "From the sign-in to its export; above time.allowed_lateness records are late.", (quantile(0.9, "signinwatch_export_delay_seconds", "category"), "{{category}}")),
    ("lines", 12, "Outbox", "short", "Revisions that wait, by sink.", (f"sum by (sink) ({q('signinwatch_outbox_depth')})", "{{sink}}")),
    ("lines", 12, "Attempts to deliver", "short", "A minute, by sink and outcome.", (f"60 * sum by (sink, outcome) ({rate('signinwatch_deliveries_total')})", "{{sink}}: {{outcome}}")),
    ("lines", 12, "Commit to disk", "s", "p50 and p99.",
     (quantile(0.5, "signinwatch_store_commit_duration_seconds", "job"), "p50"), (quantile(0.99, "signinwatch_store_commit_duration_seconds", "job"), "p99")),
    ("lines", 12, "Kafka errors and throttling", "short", "Errors a minute; seconds that the broker makes us wait.",
     (f"60 * sum({rate('signinwatch_kafka_errors_total')})", "errors"), (f"max({q('signinwatch_kafka_broker_throttle_seconds')})", "throttled, s")),
    ("lines", 12, "Partitions by instance", "short", "Of one without an owner nothing is read, or its tenants get no tickets.",
     (f"sum by (topic, instance) ({q('signinwatch_topic_partitions_owned')})", "{{topic}}: {{instance}}"),
     (f"max by (topic) ({q('signinwatch_topic_partitions')}) - sum by (topic) ({q('signinwatch_topic_partitions_owned')})", "{{topic}}: no owner")),
    ("lines", 12, "Starts", "dateTimeAsIso", "When each process began.", (f"1000 * {q('process_start_time_seconds')}", "{{instance}}")),
]
CAPACITY = [
    ("share", 6, "Busiest stage, 1 h", "percentunit", "1 is the limit. Above 0.8 peaks are late.", (f"max({q('signinwatch:stage_busy:avg1h')})", "")),
    ("share", 6, "... in 30 days by trend", "percentunit", "By the trend of a week.", (f"max(predict_linear({q('signinwatch:stage_busy:avg1h')}[7d], 30 * 86400))", "")),
    ("share", 6, "Fullest bound", "percentunit", "Above 1, state is dropped early.", (f"max({q('signinwatch:state_used:ratio')})", "")),
    ("stat", 6, "Forgotten early, 30 days", "short", "While it is 0, tickets do not depend on the order of the records.", (f"sum({increase('signinwatch_evictions_total', '30d')})", "")),
    ("bars", 12, "Records a day", "short", "By topic.", (f"sum by (topic) ({q('signinwatch:records:increase1d')})", "{{topic}}")),
    ("bars", 12, "Bytes a day", "bytes", "By topic, after decompression.", (f"sum by (topic) ({q('signinwatch:received_bytes:increase1d')})", "{{topic}}")),
    ("lines", 12, "Busy ratio of each stage", "percentunit", "The mean of an hour, of the busiest instance.", (f"max by (stage) (avg_over_time({q('signinwatch_stage_busy_ratio')}[1h]))", "{{stage}}")),
    ("lines", 12, "Use of the bounds", "percentunit", "By kind.", (f"max by (kind) ({q('signinwatch:state_used:ratio')})", "{{kind}}")),
    ("lines", 12, "Memory", "bytes", "Of the processes, and the state's share.", (f"sum({q('process_resident_memory_bytes')})", "resident"), (f"sum({q('signinwatch_state_size_bytes')})", "state")),
    ("lines", 12, "Store on disk", "bytes", "And in 30 days by the trend of a week.", (q("signinwatch_store_size_bytes"), "now"), (f"predict_linear({q('signinwatch_store_size_bytes')}[7d], 30 * 86400)", "in 30 days")),
    ("lines", 12, "Free space of the store's disk", "bytes", "And in 30 days by the trend of a week; below 0 it is full by then.", (q("signinwatch_store_disk_free_bytes"), "now"), (f"predict_linear({q('signinwatch_store_disk_free_bytes')}[7d], 30 * 86400)", "in 30 days")),
    ("lines", 12, "Users tracked", "short", "And in 30 days by the trend of a week.", (f"sum({q('signinwatch_tracked_keys', kind='users')})", "now"), (f"sum(predict_linear({q('signinwatch_tracked_keys', kind='users')}[7d], 30 * 86400))", "in 30 days")),
    ("lines", 12, "Watched failures by tenant", "short", "A day; the ten with most.", (f"topk(10, sum by (tenant) ({increase('signinwatch_watched_failures_total', '1d')}))", "{{tenant}}")),
    ("lines", 12, "Processor", "percentunit", "Cores used.", (rate("process_cpu_seconds_total"), "{{instance}}")),
]
# File, title, time range, refresh, panels.
DASHBOARDS = [
    ("soc", "signinwatch: sessions that fail", "now-24h", "30s", SOC),
    ("oncall", "signinwatch: on call", "now-3h", "30s", ONCALL),
    ("capacity", "signinwatch: capacity", "now-90d", "5m", CAPACITY),
]

TYPES = {"stat": "stat", "count": "stat", "good": "stat", "share": "stat", "lines": "timeseries", "bars": "timeseries", "gauges": "bargauge"}
STEPS = {
    "stat": [("green", None), ("red", 1)],
    "good": [("red", None), ("green", 1)],
    "share": [("green", None), ("orange", 0.6), ("red", 0.8)],
}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def panel(number, x, y, kind, width, title, unit, description, queries):
    height = 4 if TYPES[kind] == "stat" else 8
    defaults = {"unit": unit, "color": {"mode": "thresholds" if kind in STEPS else "palette-classic"}}
    defaults["thresholds"] = {
        "mode": "absolute",
        "steps": [{"color": c, "value": v} for c, v in STEPS.get(kind, [("blue", None)])],
    }
    if TYPES[kind] == "timeseries":
        bars = kind == "bars"
        defaults["min"] = 0 if unit != "dateTimeAsIso" else None
        defaults["custom"] = {
            "drawStyle": "bars" if bars else "line",
            "fillOpacity": 60 if bars else 10,
            "stacking": {"mode": "normal" if bars else "none", "group": "A"},
            "showPoints": "never",
        }
    target = {"datasource": SOURCE, "editorMode": "code"}
    instant = TYPES[kind] != "timeseries"
    return {
        "id": number,
        "type": TYPES[kind],
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": width, "h": height},
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"colorMode": "background" if kind in STEPS else "value"} if TYPES[kind] == "stat" else {},
        "targets": [
            {**target, "refId": chr(65 + i), "expr": expr, "legendFormat": legend or "__auto", "instant": instant, "range": not instant}
            for i, (expr, legend) in enumerate(queries)
        ],
    }


def variable(name, label, query):
    return {
        "name": name, "label": label, "type": "query", "datasource": SOURCE, "query": {"query": query, "refId": name},
        "refresh": 2, "includeAll": True, "allValue": ".*", "multi": True, "current": {"text": "All", "value": "$__all"},
    }  # fmt: skip


def dashboard(name, title, begin, refresh, panels):
    placed, x, y, row = [], 0, 0, 0
    for number, (kind, width, heading, unit, description, *queries) in enumerate(panels, 1):
        if x + width > 24:
            x, y = 0, y + row
        placed.append(panel(number, x, y, kind, width, heading, unit, description, queries))
        x, row = x + width, placed[-1]["gridPos"]["h"]
    return {
        "uid": f"signinwatch-{name}",
        "title": title,
        "tags": ["signinwatch"],
        "schemaVersion": 37,
        "editable": True,
        "timezone": "utc",
        "time": {"from": begin, "to": "now"},
        "refresh": refresh,
        "links": [
            {"type": "dashboards", "title": "signinwatch", "tags": ["signinwatch"], "asDropdown": False, "keepTime": True},
            {"type": "link", "title": "Tickets", "icon": "external link", "url": "${console}/tickets", "targetBlank": True},
        ],
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
                variable("job", "job", "label_values(signinwatch_build_info, job)"),
                variable("instance", "instance", 'label_values(signinwatch_build_info{job=~"$job"}, instance)'),
                {"name": "console", "type": "textbox", "label": "console", "query": "http://localhost:9532",
                 "current": {"text": "http://localhost:9532", "value": "http://localhost:9532"}},
            ]
        },
        "panels": placed,
    }  # fmt: skip


def main():
    stale = []
    for name, *rest in DASHBOARDS:
        path = Path(__file__).with_name(f"{name}.json")
        text = json.dumps(dashboard(name, *rest), indent=1) + "\n"
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.write_text(text)
    return f"not up to date: {', '.join(stale)}: run deploy/grafana/generate.py" if stale else 0


if __name__ == "__main__":
    sys.exit(main())
