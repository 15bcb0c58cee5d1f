"""Authentication as Event Hubs has it, which fails first and works later."""

import secrets

from harness.lab import Lab, Site, SiteOptions
from harness.processes import check, pause, wait_until
from harness.token_endpoint import TokenEndpoint
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
    endpoint = TokenEndpoint(
        lambda: lab.broker.token("e2e", _TOKEN_SECONDS), _TOKEN_SECONDS, "e2e-client", secret
    )
    endpoint.refusing = True
    endpoint.start()
    lab.cleanup.callback(endpoint.stop)
    login = {
        "brokers": lab.broker.token_login_address,
        "auth": "oauthbearer",
        "client_id": "e2e-client",
        "client_secret": "env:CLIENT_SECRET",
        "token_endpoint": endpoint.url,
        "scope": "https://localhost/.default",
        "ca_file": str(lab.broker.ca_file),
    }
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


def _wait_for_refusal(site: Site) -> str:
    def reason() -> str:
        text = site.daemon.not_ready()
        return text if "auth" in text.lower() or "token" in text.lower() else ""

    return wait_until("it says that it can't log in", reason, 30)
