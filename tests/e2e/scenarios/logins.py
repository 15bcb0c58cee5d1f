"""Authentication as Event Hubs has it, which fails first and works later."""

import secrets
from collections.abc import Callable
from pathlib import Path

from harness import processes
from harness.lab import Lab, Site, SiteOptions
from harness.processes import check, pause, wait_until
from harness.token_endpoint import ByCertificate, ByToken, Proof, TokenEndpoint, by_secret
from harness.traffic import split

_TOKEN_SECONDS = 8


def plain(lab: Lab) -> str:
    """The broker knows another connection string at first, as after a rotation of keys."""
    right = lab.broker.connection_string
    lab.broker.stop()
    lab.broker.take_other_connection_string(right.replace("Key=", "Key=0"))
    lab.broker.start()
    login = {
        "brokers": lab.broker.plain_login_address,
        "auth": "connection_string",
        "connection_string": "env:HUB",
        "ca_file": str(lab.broker.ca_file),
    }
    site = Site(lab, SiteOptions(kafka=login, secrets={"HUB": right}))
    site.webhook.start()
    site.producer.write(lab.traffic.messages)
    site.close_bursts()
    site.producer.close()
    site.daemon.start()
    reason = _wait_for_refusal(site)
    lab.broker.stop()
    lab.broker.take_other_connection_string(right)
    lab.broker.start()
    return f"{site.finish()}; {reason.strip()!r:.160}"


def token(lab: Lab) -> str:
    """The endpoint refuses at first; later its tokens are renewed before they expire."""
    secret = secrets.token_urlsafe(24)
    endpoint = _endpoint(lab, by_secret(secret))
    endpoint.refusing = True
    login = _login(lab, endpoint, {"auth": "oauthbearer", "client_secret": "env:CLIENT_SECRET"})
    site = Site(lab, SiteOptions(kafka=login, secrets={"CLIENT_SECRET": secret}))
    site.webhook.start()
    site.daemon.start()
    halves = split(lab.traffic.messages, 2)
    site.producer.write(halves[0])
    wait_until("the endpoint has refused", lambda: endpoint.refused > 1, 30)
    reason = _wait_for_refusal(site)
    check("AADSTS7000215" in reason, f"the endpoint's own code is missing: {reason}")
    endpoint.refusing = False
    wait_until("ready", lambda: not site.daemon.not_ready(), 60)
    pause(_TOKEN_SECONDS)
    site.drip(halves[1], 2)
    site.close_bursts()
    compared = site.finish()
    check(not endpoint.problems, f"{endpoint.problems}")
    check(endpoint.issued > 3, f"only {endpoint.issued} tokens for a source and two producers")
    return f"{compared}; {endpoint.issued} tokens; {reason.strip()!r:.160}"


def certificate(lab: Lab) -> str:
    """Assertions that the client's key signs; a renewed certificate is found without a restart."""
    client = lab.folder / "client.pem"
    proof = ByCertificate(lab.folder)

    def renew() -> None:
        made = _make_certificate(lab)
        proof.add(made)
        made.replace(client)

    renew()
    endpoint = _endpoint(lab, proof)
    proof.url = endpoint.url
    login = {"auth": "client_certificate", "client_certificate": str(client)}
    login["client_key"] = f"file:{client}"  # the same file
    compared = _read_by_tokens(lab, endpoint, login, renew)
    check(len(proof.used) == 2, f"{len(proof.used)} certificates were used")
    return compared


def federated(lab: Lab) -> str:
    """The token of a service account as the assertion; it is replaced while the daemon runs."""
    file = lab.folder / "service-account-token"
    proof = ByToken()

    def renew() -> None:
        made = secrets.token_urlsafe(600)
        proof.add(made)
        written = lab.folder / "service-account-token.new"
        written.write_text(made)
        written.replace(file)

    renew()
    endpoint = _endpoint(lab, proof)
    login = {"auth": "workload_identity", "federated_token_file": str(file)}
    compared = _read_by_tokens(lab, endpoint, login, renew)
    check(len(proof.used) == 2, f"{len(proof.used)} tokens of the service account were used")
    return compared


def _make_certificate(lab: Lab) -> Path:
    """A certificate and its key in one file."""
    key, made = lab.folder / "client.key", lab.folder / "client.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=e2e client", "-keyout", key, "-out", made]
    processes.run(command, lab.folder / "openssl.log", timeout=60)
    made.write_text(made.read_text() + key.read_text())
    return made


def _endpoint(lab: Lab, proof: Proof) -> TokenEndpoint:
    endpoint = TokenEndpoint(
        lambda: lab.broker.token("e2e", _TOKEN_SECONDS), _TOKEN_SECONDS, "e2e-client", proof
    )
    endpoint.start()
    lab.cleanup.callback(endpoint.stop)
    return endpoint


def _login(lab: Lab, endpoint: TokenEndpoint, keys: dict) -> dict:
    return {
        "brokers": lab.broker.token_login_address,
        "client_id": "e2e-client",
        "token_endpoint": endpoint.url,
        "scope": "https://localhost/.default",
        "ca_file": str(lab.broker.ca_file),
        **keys,
    }


def _read_by_tokens(lab: Lab, endpoint: TokenEndpoint, keys: dict, renew: Callable) -> str:
    """Half of the traffic, `renew`, the lifetime of a token, the other half."""
    site = Site(lab, SiteOptions(kafka=_login(lab, endpoint, keys)))
    site.webhook.start()
    site.daemon.start()
    halves = split(lab.traffic.messages, 2)
    site.producer.write(halves[0])
    wait_until("ready", lambda: not site.daemon.not_ready(), 60)
    renew()
    before = endpoint.issued
    wait_until("tokens are renewed", lambda: endpoint.issued > before + 3, 60)
    site.drip(halves[1], 2)
    site.close_bursts()
    compared = site.finish()
    check(not endpoint.problems, f"{endpoint.problems}")
    return f"{compared}; {endpoint.issued} tokens"


def _wait_for_refusal(site: Site) -> str:
    def reason() -> str:
        text = site.daemon.not_ready()
        return text if "auth" in text.lower() or "token" in text.lower() else ""

    return wait_until("it says that it can't log in", reason, 30)
