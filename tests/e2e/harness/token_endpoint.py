"""A stand-in for the login endpoint of Entra: client credentials in, access token out."""

import base64
import hashlib

import json
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from harness import processes

# Looks at the fields that prove who asks; returns what is wrong with them, or nothing.
Proof = Callable[[dict[str, str]], str]


def by_secret(secret: str) -> Proof:
    return lambda form: "" if form.get("client_secret") == secret else "client_secret is wrong"


class ByToken:
    """The assertion is one of the tokens that were added."""

    def __init__(self):
        self._known: set[str] = set()
        self.used: set[str] = set()

    def add(self, token: str) -> None:
        self._known.add(token)

    def __call__(self, form: dict[str, str]) -> str:
        assertion = _assertion(form)
        self.used.add(assertion)
        return "" if assertion in self._known else "an assertion that nobody made"


class ByCertificate:
    """The assertion is signed by the key of a certificate that was added: PS256, as OpenSSL itself
    verifies it."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._log = folder / "openssl.log"
        self._keys: dict[str, Path] = {}  # by thumbprint
        self._ids: set[str] = set()
        self.used: set[str] = set()
        self.url = ""

    def add(self, certificate: Path) -> None:
        x509 = ["openssl", "x509", "-in", certificate]
        key = self._folder / f"assertion-key-{len(self._keys)}.pem"
        key.write_bytes(processes.run([*x509, "-noout", "-pubkey"], self._log, timeout=30))
        der = processes.run([*x509, "-outform", "DER"], self._log, timeout=30)
        self._keys[_encoded(hashlib.sha256(der).digest())] = key

    def __call__(self, form: dict[str, str]) -> str:
        header, claims, signature = _assertion(form).split(".")
        said = {**json.loads(_decoded(header)), **json.loads(_decoded(claims))}
        thumbprint = said["x5t#S256"]
        right = {"alg": "PS256", "aud": self.url, "iss": form["client_id"], "sub": said["iss"]}
        if thumbprint not in self._keys or said["jti"] in self._ids or said | right != said:
            return f"the assertion says {said}"
        self._ids.add(said["jti"])
        self.used.add(thumbprint)
        text, signed = self._folder / "assertion.txt", self._folder / "assertion.sig"
        text.write_text(f"{header}.{claims}")
        signed.write_bytes(_decoded(signature))
        verify = ["openssl", "dgst", "-sha256", "-verify", self._keys[thumbprint]]
        verify += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
        try:
            processes.run([*verify, "-signature", signed, text], self._log, timeout=30)
        except processes.Failure as failure:
            return f"the signature is wrong: {failure}"
        return ""


def _assertion(form: dict[str, str]) -> str:
    kind = form.get("client_assertion_type")
    right = kind == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return form.get("client_assertion", "..") if right else ".."


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class TokenEndpoint:
    """`issue` makes the token, valid for `seconds`. Refuses everybody while `refusing`."""

    def __init__(self, issue: Callable[[], str], seconds: int, client_id: str, proof: Proof):
        self.port = processes.free_ports(1)
        self.refusing = False
        self.issued = 0
        self.refused = 0
        self.problems: list[str] = []
        self._issue, self._seconds = issue, seconds
        self._expected = {"grant_type": "client_credentials", "client_id": client_id}
        self._proof, self._one_at_a_time = proof, threading.Lock()
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
        with self._one_at_a_time:
            if wrong := self._proof(form):
                self.problems.append(f"token endpoint: {wrong}")
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
