"""Ticket systems of the test's own, by HTTP on this machine: a ServiceNow and a TheHive.

Each fails as it is told to. What a request does stands beside what is answered, since an answer that
is lost may be of work that was done.
"""

import json
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness.webhook import OK, Answer


@dataclass
class Ticket:
    key: str
    text: str = ""
    is_open: bool = True
    fields: dict = field(default_factory=dict)


class System:
    """`behave` is asked for what happens to each request, by its number (from 0)."""

    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}  # by the id there
        self.requests = 0
        self.problems: list[str] = []
        self.behave: Callable[[int], Answer] = lambda _: OK
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self) -> Answer:
        with self._lock:
            number = self.requests
            self.requests += 1
        return self.behave(number)

    def work(self, method: str, path: str, body: dict) -> tuple[int, dict | list]:
        with self._lock:
            return self.do(method, path, body)

    def do(self, method: str, path: str, body: dict) -> tuple[int, dict | list]:
        raise NotImplementedError

    def differences(self, revisions: dict[str, int]) -> list[str]:
        """From one resolved ticket for each of ours, with the text of its last revision."""
        found: dict[str, list[Ticket]] = {}
        for ticket in self.tickets.values():
            found.setdefault(ticket.key, []).append(ticket)
        name = type(self).__name__
        problems = [f"{name}: {problem}" for problem in self.problems]
        for key, revision in revisions.items():
            there = found.pop(key, [])
            if len(there) != 1:
                problems.append(f"{name}: {len(there)} tickets for {key}")
            elif there[0].is_open or f"{key}/{revision}" not in there[0].text:
                problems.append(f"{name}: {key} is open, or not that of revision {revision}")
        return problems + [f"{name}: {key} is of nobody" for key in found]


class ServiceNow(System):
    _TABLE = "/api/now/table/incident"

    def sink(self) -> dict:
        url = {"url": self.url, "username": "signinwatch", "password": "env:TICKETS_SECRET"}
        return {"name": "servicenow", "type": "servicenow", **url}

    def do(self, method: str, path: str, body: dict) -> tuple[int, dict | list]:
        target, _, query = path.partition("?")
        number = target.removeprefix(self._TABLE).strip("/")
        if method == "POST":
            number = f"{len(self.tickets):032x}"
            self.tickets[number] = Ticket(body["correlation_id"])
            self._write(self.tickets[number], {"state": "1", **body})
            return 201, {"result": self._row(number)}
        if method == "PATCH" and number in self.tickets:
            self._write(self.tickets[number], body)
            return 200, {"result": self._row(number)}
        if method == "GET" and number in self.tickets:
            return 200, {"result": self._row(number)}
        if method == "GET" and not number:
            wanted = urllib.parse.parse_qs(query)["sysparm_query"][0].split("^")[0]
            key = wanted.removeprefix("correlation_id=")
            rows = [self._row(n) for n, ticket in self.tickets.items() if ticket.key == key]
            return 200, {"result": rows}
        self.problems.append(f"{method} {path}")
        return 404, {}

    def _row(self, number: str) -> dict:
        row = {"sys_id": number, "number": f"INC{int(number, 16):07d}", "sys_created_on": number}
        return self.tickets[number].fields | row

    @staticmethod
    def _write(ticket: Ticket, body: dict) -> None:
        ticket.fields |= body
        ticket.text = ticket.fields["description"]
        ticket.is_open = ticket.fields["state"] < "6"


class TheHive(System):
    def sink(self) -> dict:
        url = {"url": self.url, "token": "env:TICKETS_SECRET", "closed_status": "Done"}
        return {"name": "thehive", "type": "thehive", **url}

    def do(self, method: str, path: str, body: dict) -> tuple[int, dict | list]:
        target = path.partition("?")[0].removeprefix("/api/v1/")
        number = target.removeprefix("alert/")
        if method == "POST" and target == "alert":
            number = f"~{len(self.tickets)}"
            if any(ticket.key == body["sourceRef"] for ticket in self.tickets.values()):
                return 400, {"type": "CreateError"}
            self.tickets[number] = Ticket(body["sourceRef"])
            self._write(self.tickets[number], {"_id": number, "status": "New", **body})
            return 201, self.tickets[number].fields
        if method == "POST" and target == "query":
            key = body["query"][1]["_and"][0]["_eq"]["_value"]
            return 200, [t.fields for t in self.tickets.values() if t.key == key]
        if method == "PATCH" and number in self.tickets:
            self._write(self.tickets[number], body)
            return 204, {}
        if method == "GET" and number in self.tickets:
            return 200, self.tickets[number].fields
        self.problems.append(f"{method} {path}")
        return 404, {}

    @staticmethod
    def _write(ticket: Ticket, body: dict) -> None:
        ticket.fields |= body
        ticket.text = ticket.fields["description"]
        ticket.is_open = ticket.fields["status"] == "New"
        ticket.fields["stage"] = "New" if ticket.is_open else "Closed"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that do not wait for an answer are part of the tests


def _handler(system: System) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = system.next_answer()
            status, result = 0, {}
            if answer.taken:
                status, result = system.work(
                    self.command, self.path, json.loads(body) if body else {}
                )
            time.sleep(answer.delay_s)
            if answer.lost:
                self.close_connection = True
                return
            if answer.status != 200:
                status, result = answer.status, {}
            data = b"" if status == 204 else json.dumps(result).encode()
            self.send_response(status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _serve

        def log_message(self, *_):
            pass

    return Handler
