"""Nothing goes wrong but the records themselves."""

import json

from harness import processes, prometheus, tickets
from harness.garbage import REASONS, with_garbage
from harness.lab import Lab, Site, SiteOptions, wait_for_their_minute
from harness.processes import check
from harness.prometheus import Prometheus
from harness.traffic import SLOW_DETECTION, PARTITIONS, Answer


def plain(lab: Lab) -> str:
    answer = lab.traffic.replay(lab.traffic.generated, lab.folder / "replayed", SLOW_DETECTION)
    # The generator fills the topic first: a daemon that finds all partitions at their end, and
    # idle, goes on with the wall clock, for which traffic of 2025 is late.
    site = Site(lab, SiteOptions(time={"idle_timeout": "3s"}, detection=SLOW_DETECTION))
    command = [lab.binary, "generate", *lab.traffic.generate_options]
    command += ["--partitions", str(PARTITIONS), "--kafka", lab.broker.address]
    processes.run([*command, "--topic", site.topic], lab.folder / "generate.log", timeout=60)
    site.producer.counts.update(partition for partition, _ in lab.traffic.generated)
    site.webhook.start()
    site.daemon.start()
    monitor = Prometheus(lab.folder / "prometheus", site.daemon.port)
    lab.cleanup.callback(monitor.stop)
    site.wait_until_settled()
    check(not site.daemon.not_ready(), f"not ready: {site.daemon.not_ready()}")
    _check_counts(site, answer)
    _check_api(site, answer)
    _check_monitoring(site, monitor)
    asked = monitor.ask_all()
    site.daemon.terminate()
    compared = site.verify(answer)
    _check_second_start(site)
    return f"{compared}, API, promtool, Prometheus ({asked} queries of dashboards)"


def bad_records(lab: Lab) -> str:
    site = Site(lab)
    site.webhook.start()
    messages = with_garbage(lab.traffic.messages)
    answer = lab.traffic.replay(messages, lab.folder / "replayed")
    reasons = set(answer.summary["rejected"])
    check(reasons == REASONS, f"the garbage was rejected for {sorted(reasons)}")
    check(not answer.summary["late"], "the garbage has good records that are late")
    site.daemon.start()
    site.drip(messages, 5)
    site.close_bursts()
    site.wait_until_settled()
    _check_counts(site, answer, closing=PARTITIONS)
    _check_letters(site, answer)
    compared = site.finish(answer)
    return f"{compared}, {len(answer.dead_letters)} dead letters"


def _check_counts(site: Site, answer: Answer, closing: int = 0) -> None:
    """What the metrics count is what replay counts, and the closing records."""
    metrics, summary = site.daemon.metrics(), answer.summary
    outcomes = metrics.by("signinwatch_records_total", "outcome")
    found = {
        **{name: outcomes.get(name, 0) for name in ("accepted", "irrelevant")},
        "rejected": metrics.by("signinwatch_records_rejected_total", "reason"),
        "duplicates": metrics.sum("signinwatch_duplicate_records_total"),
        "late": metrics.sum("signinwatch_late_records_total"),
        "messages": metrics.sum("signinwatch_messages_total"),
    }
    wanted = {name: summary[name] for name in found if name in summary}
    wanted["accepted"] += closing
    wanted["messages"] = sum(site.producer.counts.values())
    found["rejected"] = {name: count for name, count in found["rejected"].items() if count}
    check(found == wanted, f"metrics say {found}, expected {wanted}")


def _check_api(site: Site, answer: Answer) -> None:
    wait_for_their_minute(answer, site.daemon.tickets)
    listed = site.daemon.tickets()
    found = tickets.differences(answer.tickets, listed)
    check(not found, f"/api/v1/tickets: {found}")
    some = listed[0]
    for query, picks in (
        (f"&tenant={some['tenant_id']}", lambda t: t["tenant_id"] == some["tenant_id"]),
        ("&severity=high", lambda t: t["severity"] == "high"),
        (
            "&scope=tenant&state=resolved",
            lambda t: (t["scope"], t["state"]) == ("tenant", "resolved"),
        ),
    ):
        wanted = {t["ticket_id"] for t in listed if picks(t)}
        got = {t["ticket_id"] for t in site.daemon.tickets(query)}
        check(got == wanted, f"/api/v1/tickets?{query}: {len(got)} tickets, expected {len(wanted)}")
    one = json.loads(site.daemon.get(f"/api/v1/tickets/{some['ticket_id']}")[1])
    numbers = [revision["revision"] for revision in one["revisions"]]
    check(numbers == list(range(1, some["revision"] + 1)), f"revisions {numbers}")


def _check_monitoring(site: Site, monitor: Prometheus) -> None:
    prometheus.lint(site.daemon.get("/metrics")[1])
    open_metrics = site.daemon.get("/metrics", accept="application/openmetrics-text")[1]
    check(open_metrics.endswith("# EOF\n"), "OpenMetrics does not end in # EOF")
    monitor.wait_for_scrape()
    records = site.daemon.metrics().sum("signinwatch_records_total")
    processes.wait_until(
        "Prometheus has the records",
        lambda: monitor.value("sum(signinwatch_records_total)") == records,
        10,
    )


def _check_second_start(site: Site) -> None:
    """After a clean stop nothing is read again and nothing is sent again."""
    before = {view.name: (len(view.revisions), view.copies) for view in site.views()}
    site.daemon.start()
    processes.wait_until("ready again", lambda: not site.daemon.not_ready(), 30)
    site.wait_until_read()
    processes.pause(1)
    read = site.daemon.metrics().sum("signinwatch_messages_total")
    check(read == 0, f"{read:g} messages were read again after a clean stop")
    site.daemon.terminate()
    after = {view.name: (len(view.revisions), view.copies) for view in site.views()}
    check(before == after, f"after a clean stop and a start: {before}, then {after}")


def _check_letters(site: Site, answer: Answer) -> None:
    """Without a crash each is there once, with its place: replay's lines are our offsets."""
    path = str(site.lab.folder / "replayed" / "part-")

    def place(letter: dict) -> tuple:
        partition = letter["source"].removeprefix(path).removesuffix(".jsonl")
        return int(partition), letter["position"] - 1

    wanted = sorted((*place(t), t["reason"], t["payload_base64"]) for t in answer.dead_letters)
    found = sorted(
        (t["partition"], t["position"], t["reason"], t["payload_base64"]) for t in site.letters()
    )
    check(found == wanted, f"dead letters: {len(found)} in the file, expected {len(wanted)}")
