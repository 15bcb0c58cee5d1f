#!/usr/bin/env python3
"""Reads messages of signals by what docs/signals.md says, with nothing of the program: the proof that
the page is enough. A line of hexadecimal bytes in, a line of JSON out; test_signals.py compares."""
import json
import struct
import sys
import uuid

CATEGORIES = ["SignInLogs", "NonInteractiveUserSignInLogs", "ADFSSignInLogs", "AuditLogs",
              "UserRiskEvents"]


class Reader:
    def __init__(self, data):
        self.data, self.at, self.texts = data, 0, []

    def raw(self, size):
        if self.at + size > len(self.data):
            raise ValueError("cut off")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self):
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self):
        value = self.number()
        return value >> 1 ^ -(value & 1)

    def name(self):
        return self.raw(self.number()).decode()

    def text(self):
        form = self.number()
        if form == 0:
            return None
        if form > 2:
            return self.texts[form - 3]
        text = self.raw(self.number()).decode() if form == 1 else self.guid()
        self.texts.append(text)
        return text

    def guid(self):
        return str(uuid.UUID(bytes=self.raw(16)))


def address4(r):
    return ".".join(str(b) for b in r.raw(4))


def address6(r):
    return ":".join("%x" % part for part in struct.unpack(">8H", r.raw(16)))


FIELDS = [(0, "user", Reader.text), (2, "address", address4), (3, "address", address6),
          (4, "country", Reader.text), (5, "device", Reader.text), (6, "mfa_method", Reader.text),
          (7, "code", Reader.signed), (8, "id", Reader.guid), (9, "id", Reader.text),
          (10, "user_principal_name", Reader.text), (11, "app_id", Reader.text),
          (12, "app_name", Reader.text), (13, "home_tenant", Reader.text)]


def texts(r, names):
    return {name: value for name in names if (value := r.text()) is not None}


def detail(r, category, code, time):
    if category == "AuditLogs":
        success = r.number()
        return {"success": success == 1,
                **texts(r, ["operation", "actor_user_principal_name", "actor_user_id",
                            "actor_app_display_name", "actor_service_principal_name",
                            "actor_service_principal_id", "actor_app_id", "target_name"])}
    if category == "UserRiskEvents":
        risk = texts(r, ["type", "level", "state"])
        return {**risk, "last_updated": time + r.signed()}
    if code == 0:
        return None
    choices = r.number()
    return {"conditional_access": choices & 3, "risk": choices >> 2,
            **texts(r, ["client", "token_type", "session"]),
            "failing_policies": [r.text() for _ in range(r.number())]}


def signals(r):
    out = {"kind": "signals", "topic": r.name(), "partition": r.number(), "log": r.number(),
           "offset": r.number()}
    broker_time = r.number()
    out["broker_time"] = broker_time - 1 if broker_time else None
    count = r.number()
    out["tenant"] = r.text()
    out["signals"] = []
    index, time = 0, 0
    for _ in range(count):
        index += r.number()
        head, has = r.number(), r.number()
        time += r.signed()
        signal = {"index": index, "category": CATEGORIES[head & 7], "time": time,
                  "interactive": bool(head & 8), "guest": bool(head & 16),
                  "modern_client": bool(head & 32)}
        for bit, name, read in FIELDS:
            if has >> bit & 1:
                signal[name] = read(r)
        if has & 2:
            signal["user_is_name"] = True
        more = detail(r, signal["category"], signal.get("code", 0), time)
        if more is not None:
            signal["detail"] = more
        out["signals"].append(signal)
        index += 1
    return out


def watermarks(r):
    out = {"kind": "watermarks", "wall_time": r.number(), "sources": []}
    for _ in range(r.number()):
        source = {"topic": r.text(), "partition": r.number()}
        flags = r.number()
        source.update(log=r.number(), next_offset=r.number(), at_end=bool(flags & 1),
                      idle=bool(flags & 2))
        if flags & 4:
            source["last_sent"] = [r.number(), r.number()]
        if flags & 8:
            source["watermark"] = r.number()
        out["sources"].append(source)
    return out


def sources(r):
    out = {"kind": "sources", "version": r.number(), "topics": {}}
    for _ in range(r.number()):
        name = r.name()
        out["topics"][name] = r.number()
    return out


def read(data):
    r = Reader(data)
    if r.raw(2) != b"SW":
        raise ValueError("no message of signals")
    if r.number() != 1:
        raise ValueError("of another version")
    message = {1: signals, 2: watermarks, 3: sources}[r.number()](r)
    if r.at != len(data):
        raise ValueError("more than a message")
    return message


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(read(bytes.fromhex(line)), ensure_ascii=False))
