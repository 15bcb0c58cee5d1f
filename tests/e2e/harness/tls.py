"""A certificate authority and a certificate of the loopback address, for one run."""

from dataclasses import dataclass
from pathlib import Path

from harness import processes


@dataclass(frozen=True)
class Identity:
    ca_file: Path
    certificate: Path
    key: Path


def make_identity(folder: Path) -> Identity:
    folder.mkdir(parents=True)
    log = folder / "openssl.log"
    key_options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    def openssl(*arguments: str) -> None:
        processes.run(["openssl", *arguments], log, timeout=30, cwd=folder)

    openssl(
        "req",
        "-x509",
        *key_options,
        "-days",
        "2",
        "-subj",
        "/CN=e2e CA",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem"
    )
    openssl(
        "req", *key_options, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"
    )
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl(
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "server.pem",
    )
    return Identity(folder / "ca.pem", folder / "server.pem", folder / "server.key")
