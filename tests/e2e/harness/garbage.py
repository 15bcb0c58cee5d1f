"""Messages that are rejected, as a whole or in part."""

from harness.processes import check
from harness.traffic import PARTITIONS, Messages, moments, sign_in

REASONS = {
    "not_json", "damaged", "too_large", "not_object", "no_tenant", "no_time", "no_code", "future",
}  # fmt: skip


def with_garbage(messages: Messages) -> Messages:
    """One piece of garbage after every few messages, each in another partition."""
    # What is good in it has the event time of its surroundings, so that it is not late.
    count = len(_garbage(""))
    step = len(messages) // (count + 1)
    check(step > 0, "too few messages for all the garbage")
    mixed: Messages = []
    for i, (message, moment) in enumerate(zip(messages, moments(messages))):
        mixed.append(message)
        number = i // step
        if i % step == step - 1 and number < count:
            mixed.append((number % PARTITIONS, _garbage(moment)[number]))
    return mixed


def _garbage(moment: str) -> list[bytes]:
    def bad(**changes: str | None) -> bytes:
        return sign_in(moment, "bad", "50132", **changes)

    good = sign_in(moment, "good", "0")
    return [
        b"\x00\xff\xfe garbage \x80\x81",
        b"%PDF-1.4 this is no JSON",
        b'{"records":[',
        b'{"records":[' + good + b"," + good[: len(good) // 2],
        b'{"records":[' + good + b"]}}}",
        b'{"records":[17,"text",null,' + good + b"]}",
        b"true",
        b"[" * 1100 + b"]" * 1100,
        b'{"records":[' + b",".join([good] * 2000) + b"]}",
        bad(tenantId=None),
        bad(time=None),
        bad(time="yesterday"),
        bad(resultType=None),
        bad(resultType="many"),
        bad(time="2099-01-01T00:00:00Z"),
        b'{"records":[' + bad(tenantId=None) + b"," + good + b"," + bad(time="") + b"]}",
    ]
