#!/usr/bin/env python3
"""Prints some fields of each line of JSON: signinwatch replay FILE | ./fields.py cause severity

A field may be of something inside: user_principal_name, threshold.events, changes.0.kind.
"""

import json
import sys


def field(value, name):
    for part in name.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if value is not None else None
    return value if isinstance(value, str) else json.dumps(value)


for line in sys.stdin:
    print("  ".join(field(json.loads(line), name) for name in sys.argv[1:]))
