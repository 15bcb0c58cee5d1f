"""The scenarios: what is done to the daemon while it works."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.lab import Lab
from scenarios import (
    brokers,
    comparison,
    crashes,
    databases,
    delivery,
    disks,
    doctor,
    instances,
    logins,
    records,
    reloads,
    scale_out,
    systems,
)


@dataclass(frozen=True)
class Scenario:
    name: str
    about: str
    run: Callable[[Lab], str]  # returns what was compared
    own_broker: bool = False  # that it may stop, kill and lock out


SCENARIOS = [
    Scenario("comparison", "planted faults in a sink's view are found", comparison.run),
    Scenario("plain", "generate --kafka, three sinks, the API, Prometheus", records.plain),
    Scenario("bad-records", "garbage and rejected records in the topic", records.bad_records),
    Scenario("kills", "kill -9 of the daemon at random moments", crashes.kills),
    Scenario("sigterm", "SIGTERM in the middle", crashes.sigterm),
    Scenario("reloads", "SIGHUP and POST /-/reload in the middle", reloads.reloads),
    Scenario("webhook", "a webhook down, slow, failing, losing answers", delivery.webhook),
    Scenario("mass-reset", "ticket systems failing in turns, and kill -9", systems.mass_reset),
    Scenario("full-disk", "a full disk under the store and the file sink", disks.full_disk),
    Scenario("two-instances", "a second daemon on the same store", instances.same_store),
    Scenario("second-member", "another member of the consumer group", instances.same_group),
    Scenario("hand-over", "one of several instances stops", scale_out.handed_over),
    Scenario("input-grows", "partitions added under several instances", scale_out.input_grows),
    Scenario("cut-off", "one of several instances out of the brokers' reach", scale_out.cut_off),
    Scenario("database", "sessions ended, crashed, cut off, restarted", databases.faults),
    Scenario("partitions", "partitions added while running", brokers.partitions_added),
    Scenario("login-token", "OAUTHBEARER, refused at first", logins.token),
    Scenario("login-certificate", "OAUTHBEARER by a client certificate", logins.certificate),
    Scenario("login-federated", "OAUTHBEARER by a service account's token", logins.federated),
    Scenario("doctor", "the doctor beside a daemon, and with a wrong key", doctor.doctor),
    Scenario("doctor-roles", "the doctor beside an ingest and a detect", doctor.roles),
    Scenario("login-plain", "a connection string, refused at first", logins.plain, True),
    Scenario("scale-out", "several instances come, go, die, freeze", scale_out.instances, True),
    Scenario("broker-restarts", "the broker stopped, later killed", brokers.restarted, True),
    Scenario("broker-away", "no broker for longer than idle_timeout", brokers.away, True),
]
