"""An HTTPS webhook that checks what it is sent, and misbehaves as it is told to."""

import hashlib
import hmac
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import processes
from harness.tickets import SinkView
from harness.tls import Identity


@dataclass(frozen=True)
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    taken: bool = True  # the ticket is, whatever the sender gets to know of it
    lost: bool = False  # the connection ends without an answer


OK = Answer()


class Webhook:
    """`behave` is asked for the answer to each request, by its number (from 0)."""

    def __init__(self, identity: Identity, secret: str):
        self.port = processes.free_ports(1)
        self.behave: Callable[[int], Answer] = lambda _: OK
        self.view = SinkView("webhook")
        self.requests = 0
        self._secret = secret.encode()
        self._lock = threading.Lock()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(identity.certificate, identity.key)
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/tickets"

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _handler(self), self._tls)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """From now on nobody listens; open connections end."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.drop_connections()
            self._server = None

    def next_answer(self) -> Answer:
        with self._lock:
            number = self.requests
            self.requests += 1
        return self.behave(number)

    def take(self, headers, body: bytes) -> None:
        """Adds a ticket to the view, with whatever is wrong about how it came."""
        with self._lock:
            ticket_id = headers.get("X-Signinwatch-Ticket-Id", "")
            self.view.add(body.decode(errors="replace"), key=ticket_id)
            revision = headers.get("X-Signinwatch-Revision", "")
            if headers.get("Idempotency-Key") != f"{ticket_id}-{revision}":
                self.view.problems.append(f"webhook: the Idempotency-Key of {ticket_id} is wrong")
            if (ticket_id, int(revision or 0)) not in self.view.revisions:
                self.view.problems.append(f"webhook: the revision header of {ticket_id} is wrong")
            if not self._is_signed(headers, body):
                self.view.problems.append(f"webhook: the signature of {ticket_id} is wrong")

    def _is_signed(self, headers, body: bytes) -> bool:
        moment = headers.get("X-Signinwatch-Timestamp", "")
        if not moment.isdigit() or abs(int(moment) - time.time()) > 300:
            return False
        digest = hmac.new(self._secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        return headers.get("X-Signinwatch-Signature") == f"v1={digest}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address, handler, tls: ssl.SSLContext):
        super().__init__(address, handler)
        self._tls = tls
        self._open: set[socket.socket] = set()

    def process_request_thread(self, request, client_address):
        # The handshake belongs to the connection's thread: a slow one holds up nobody else.
        try:
            request.settimeout(30)
            request = self._tls.wrap_socket(request, server_side=True)
        except (OSError, ValueError):
            request.close()
            return
        self._open.add(request)
        super().process_request_thread(request, client_address)
        self._open.discard(request)

    def drop_connections(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def handle_error(self, request, client_address):
        pass  # clients that break off are part of the tests


def _handler(webhook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = webhook.next_answer()
            if answer.taken:
                webhook.take(self.headers, body)
            time.sleep(answer.delay_s)
            if answer.lost:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return Handler
