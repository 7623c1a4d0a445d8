"""Where the repository and the programs that tests run are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENV = Path(sys.executable).parent
CARGO_LAMBDA = VENV / "cargo-lambda"
CFN_LINT = VENV / "cfn-lint"
LAMBDA = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/lambda"
MINISTACK = VENV / "ministack"
SAM = Path(os.environ.get("SAM", ROOT / ".tools/sam/bin/sam"))


def stop(process: subprocess.Popen[bytes], grace: float = 5) -> None:
    """End a process that was started in its own session, and all that it started there."""
    for signal_number, wait in ((signal.SIGTERM, grace), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(timeout=wait)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
