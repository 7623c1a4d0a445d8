"""The dev build of the function under `cargo lambda watch`, invoked with `cargo lambda invoke`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endpoint import HOST, free_port
from tools import CARGO_LAMBDA, ROOT, stop


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended: what it answered, or why it failed."""

    succeeded: bool
    said: str

    def says(self, text: str) -> bool:
        """Whether a text is in what it said, whichever lines it was broken into."""
        return "".join(text.split()) in "".join(self.said.replace("│", "").split())


@dataclass(frozen=True)
class Function:
    """A running function."""

    port: int
    log: Path

    def invoke(self, payload: Path) -> Outcome:
        """Invoke the function with a payload file."""
        where = ["--invoke-address", HOST, "--invoke-port", str(self.port)]
        done = subprocess.run(
            [CARGO_LAMBDA, "lambda", "invoke", "lambda", *where, "--data-file", payload],
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Outcome(done.returncode == 0, done.stdout + done.stderr)

    def entries(self) -> list[dict[str, Any]]:
        """What the function has logged."""
        return log_entries(self.log.read_text())

    def errors(self) -> list[dict[str, Any]]:
        """The errors that the function has logged."""
        return [entry for entry in self.entries() if entry["level"] == "ERROR"]


def log_entries(output: str) -> list[dict[str, Any]]:
    """The lines of a program's output that are entries of a JSON log."""
    entries = []
    for line in output.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and {"level", "message"} <= entry.keys():
            entries.append(entry)
    return entries


@contextmanager
def running(folder: Path, variables: dict[str, str]) -> Iterator[Function]:
    """The function with its variables, while the context lasts. Its files go to folder."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "function.env"
    variables = {"AWS_LAMBDA_LOG_FORMAT": "JSON"} | variables
    settings.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    function = Function(free_port(), folder / "function.log")
    where = ["--invoke-address", HOST, "--invoke-port", str(function.port)]
    with function.log.open("wb") as log:
        process = subprocess.Popen(
            [CARGO_LAMBDA, "lambda", "watch", "--ignore-changes", "--env-file", settings, *where],
            cwd=ROOT,
            # The function knows no other variables of ours than its own; one is of the tests.
            env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TRAILWARDEN_"))},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for_port(process, function)
        yield function
    finally:
        stop(process)


def wait_for_port(process: subprocess.Popen[bytes], function: Function) -> None:
    """Return once invocations are accepted."""
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, function.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"cargo lambda watch did not start:\n{function.log.read_text()}")
