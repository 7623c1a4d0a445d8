"""The local AWS endpoint: one MiniStack process that speaks TLS and enforces IAM."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tools import MINISTACK

REGION = "eu-central-1"
HOST = "127.0.0.1"


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Endpoint:
    """Where the endpoint listens, the certificate to trust and the server's own log."""

    url: str
    certificate: Path
    log: Path

    def environment(self, access_key: str, secret_key: str) -> dict[str, str]:
        """Variables that point an SDK, or a tool built on one, at the endpoint."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_CA_BUNDLE": str(self.certificate),
            "SSL_CERT_FILE": str(self.certificate),
        }


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for HOST that lives a day, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local endpoint")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "endpoint.crt", folder / "endpoint.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


def start(folder: Path) -> tuple[subprocess.Popen[bytes], Endpoint]:
    """Start the endpoint with all its files under folder, and wait until it answers."""
    certificate, key = write_certificate(folder)
    port = free_port()
    endpoint = Endpoint(f"https://{HOST}:{port}", certificate, folder / "endpoint.log")
    settings = {
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # it would listen on every interface
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
        "LOG_LEVEL": "INFO",
        "MINISTACK_SSL_CERT": str(certificate),
        "MINISTACK_SSL_KEY": str(key),
        "S3_PATH_STYLE": "1",
        "TMPDIR": str(folder),
        "USE_SSL": "1",
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
    }
    with endpoint.log.open("wb") as log:
        process = subprocess.Popen(
            [MINISTACK],
            env=settings | endpoint.environment("testing", "testing"),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    trust = ssl.create_default_context(cafile=str(certificate))
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{endpoint.url}/_ministack/health", context=trust, timeout=5).close()
            return process, endpoint
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"the endpoint did not start:\n{endpoint.log.read_text()}")
