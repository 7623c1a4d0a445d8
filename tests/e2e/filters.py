"""CloudWatch Logs for one operation, TestMetricFilter, with answers from a table."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from endpoint import HOST, REGION

TARGET = "Logs_20140328.TestMetricFilter"
CONTENT_TYPE = "application/x-amz-json-1.1"


@dataclass(frozen=True)
class Refused(Exception):
    """An error as the service sends it."""

    code: str
    reason: str


# For each message that matches, the values of the columns; or why the pattern is refused.
Answer = dict[str, dict[str, str]] | Refused


@dataclass
class Filters:
    """The service: what it answers, and what it was asked."""

    answers: dict[str, Answer]
    # Errors for the first requests, before anything is answered.
    errors: list[Refused] = field(default_factory=list)
    url: str = ""
    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """Variables that point an SDK at this service."""
        return {
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": self.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def answer(self, headers: dict[str, str], request: dict[str, Any]) -> dict[str, Any]:
        """The response to a request, which is held to the limits of the API reference."""
        if self.errors:
            raise self.errors.pop(0)
        if f"/{REGION}/logs/aws4_request" not in headers.get("authorization", ""):
            raise Refused("IncompleteSignatureException", "not signed for this service")
        if headers.get("x-amz-target") != TARGET or headers.get("content-type") != CONTENT_TYPE:
            raise Refused("UnknownOperationException", headers.get("x-amz-target", ""))
        pattern, messages = request["filterPattern"], request["logEventMessages"]
        if len(pattern) > 1024 or not 1 <= len(messages) <= 50 or not all(messages):
            raise Refused("InvalidParameterException", "Value at 'logEventMessages' failed to satisfy constraint")
        self.asked.append((pattern, messages))
        self.times.append(time.monotonic())
        answer = self.answers[pattern]
        if isinstance(answer, Refused):
            raise answer
        found = ((number, message) for number, message in enumerate(messages, 1) if message in answer)
        return {
            "matches": [
                {"eventNumber": number, "eventMessage": message, "extractedValues": answer[message]}
                for number, message in found
            ]
        }


@contextmanager
def serve(filters: Filters) -> Iterator[Filters]:
    """Listen on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                self.reply(200, filters.answer(headers, json.loads(body)))
            except Refused as refused:
                self.reply(400, {"__type": refused.code, "message": refused.reason})

        def reply(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    filters.url = f"http://{HOST}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield filters
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
