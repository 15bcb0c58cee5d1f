#!/usr/bin/env python3
"""What mails in a folder say, by Python's email package: read_mails.py FOLDER OUTPUT

OUTPUT becomes a JSON array, by Message-ID: headers, types of the parts, the texts, what the parser
found wrong, the longest line in bytes.
"""

import email
import email.policy
import json
import sys
from pathlib import Path


def read(path: Path) -> dict:
    raw = path.read_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = list(mail.walk())
    return {
        "headers": {name: str(value) for name, value in mail.items()},
        "types": [part.get_content_type() for part in parts],
        "plain": mail.get_body(("plain",)).get_content(),
        "html": mail.get_body(("html",)).get_content(),
        "defects": [str(defect) for part in parts for defect in part.defects],
        "longest_line": max(len(line) for line in raw.splitlines()),
    }


def main() -> int:
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    mails = [read(path) for path in folder.iterdir()] if folder.is_dir() else []
    mails.sort(key=lambda mail: mail["headers"]["Message-ID"])
    output.write_text(json.dumps(mails))
    return 0


if __name__ == "__main__":
    sys.exit(main())
