"""A stand-in for the login endpoint of Entra: client credentials in, access token out."""

import json
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import processes


class TokenEndpoint:
    """`issue` makes the token, valid for `seconds`. Refuses everybody while `refusing`."""

    def __init__(self, issue: Callable[[], str], seconds: int, client_id: str, secret: str):
        self.port = processes.free_ports(1)
        self.refusing = False
        self.issued = 0
        self.refused = 0
        self.problems: list[str] = []
        self._issue, self._seconds = issue, seconds
        self._expected = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/oauth2/v2.0/token"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, form: dict[str, str]) -> tuple[int, dict]:
        for name, value in self._expected.items():
            if form.get(name) != value:
                self.problems.append(f"token endpoint: {name} is wrong")
        if self.refusing:
            self.refused += 1
            text = "AADSTS7000215: Invalid client secret provided."
            return 401, {"error": "invalid_client", "error_description": text}
        token = self._issue()
        self.issued += 1
        return 200, {"token_type": "Bearer", "expires_in": self._seconds, "access_token": token}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, answer = endpoint.answer(dict(urllib.parse.parse_qsl(text)))
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
