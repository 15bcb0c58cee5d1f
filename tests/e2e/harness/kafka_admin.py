"""The few requests of Kafka's protocol that make and change topics.

Kafka's own tool takes a JVM's start, some 3 s of processor time, for each.
"""

import socket
import struct

from harness.processes import Failure

_CREATE_TOPICS, _CREATE_PARTITIONS = 19, 37
_TIMEOUT_MS = 15_000


def create_topic(port: int, topic: str, partitions: int, settings: dict[str, str]) -> None:
    body = _array(
        [_text(topic) + struct.pack(">ih", partitions, 1) + _array([]) + _configs(settings)]
    )
    answer = _request(port, _CREATE_TOPICS, 2, body + struct.pack(">i?", _TIMEOUT_MS, False))
    _check_results(topic, answer)


def add_partitions(port: int, topic: str, partitions: int) -> None:
    """Until there are so many in all."""
    no_assignment = struct.pack(">i", -1)
    body = _array([_text(topic) + struct.pack(">i", partitions) + no_assignment])
    answer = _request(port, _CREATE_PARTITIONS, 0, body + struct.pack(">i?", _TIMEOUT_MS, False))
    _check_results(topic, answer)


def _check_results(topic: str, answer: bytes) -> None:
    # throttle time, number of results (1), name, error code, error message
    length = struct.unpack_from(">h", answer, 8)[0]
    code, message_length = struct.unpack_from(">hh", answer, 10 + length)
    if code != 0:
        message = answer[14 + length : 14 + length + max(message_length, 0)].decode()
        raise Failure(f"topic {topic}: Kafka's error {code}: {message}")


def _request(port: int, api: int, version: int, body: bytes) -> bytes:
    header = struct.pack(">hhi", api, version, 1) + _text("e2e")
    message = header + body
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(struct.pack(">i", len(message)) + message)
        size = struct.unpack(">i", _read(connection, 4))[0]
        return _read(connection, size)[4:]  # behind the correlation id


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise Failure("the broker closed the connection")
        data += part
    return data


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def _array(items: list[bytes]) -> bytes:
    return struct.pack(">i", len(items)) + b"".join(items)


def _configs(settings: dict[str, str]) -> bytes:
    return _array([_text(name) + _text(value) for name, value in settings.items()])
