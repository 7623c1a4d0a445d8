"""Digest files as CloudTrail makes them, signed with a key of the test's, and the answer that lists the key."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from endpoint import HOST
from trail import Trail

ACCOUNT, REGION, NAME = "111122223333", "eu-west-1", "management"


def iso(time: datetime) -> str:
    """A time as digests have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Signer:
    """Signs the digests of one chain, each after the one before."""

    bucket: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    before: dict[str, Any] | None = None

    @property
    def public(self) -> bytes:
        """The public key as ListPublicKeys gives it: PKCS#1 in DER."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)

    @property
    def fingerprint(self) -> str:
        """By which digests name the key."""
        return hashlib.md5(self.public).hexdigest()

    def digest(self, trail: Trail, end: datetime, logs: dict[str, bytes]) -> str:
        """Put the digest of the hour before `end`, which lists log files by key; its key."""
        folder = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/{end:%Y/%m/%d}"
        key = f"{folder}/{ACCOUNT}_CloudTrail-Digest_{REGION}_{NAME}_{REGION}_{end:%Y%m%dT%H%M%SZ}.json.gz"
        before = self.before or {}
        document = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": iso(end - timedelta(hours=1)),
            "digestEndTime": iso(end),
            "digestS3Bucket": self.bucket,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": self.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": before.get("bucket"),
            "previousDigestS3Object": before.get("key"),
            "previousDigestHashValue": before.get("hash"),
            "previousDigestHashAlgorithm": before.get("algorithm"),
            "previousDigestSignature": before.get("signature"),
            "logFiles": [
                {
                    "s3Bucket": self.bucket,
                    "s3Object": name,
                    "hashValue": hashlib.sha256(gzip.decompress(body)).hexdigest(),
                    "hashAlgorithm": "SHA-256",
                }
                for name, body in logs.items()
            ],
        }
        text = json.dumps(document).encode()
        digest = hashlib.sha256(text).hexdigest()
        signed = f"{iso(end)}\n{self.bucket}/{key}\n{digest}\n{before.get('signature', 'null')}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), SHA256()).hex()
        metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"}
        trail.account.client("s3").put_object(
            Bucket=self.bucket, Key=key, Body=gzip.compress(text), Metadata=metadata
        )
        self.before = {
            "bucket": self.bucket,
            "key": key,
            "hash": digest,
            "algorithm": "SHA-256",
            "signature": signature,
        }
        return key


@dataclass(frozen=True)
class KeyList:
    """Where ListPublicKeys is answered, and how often it was asked."""

    url: str
    asked: list[dict[str, Any]]


@contextmanager
def listing(signer: Signer) -> Iterator[KeyList]:
    """As much of CloudTrail as lists one public key (API reference, ListPublicKeys), while the context lasts."""
    asked: list[dict[str, Any]] = []
    key = {
        "Fingerprint": signer.fingerprint,
        "Value": base64.b64encode(signer.public).decode(),
        "ValidityStartTime": 0,
        "ValidityEndTime": 4_102_444_800,
    }

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append({"target": self.headers["X-Amz-Target"]} | json.loads(body))
            text = json.dumps({"PublicKeyList": [key]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the function's log says what matters."""

    server = ThreadingHTTPServer((HOST, 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield KeyList(f"http://{HOST}:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
