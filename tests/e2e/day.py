"""The demo day as tests see it: its files, its records, and notifications about them."""

from __future__ import annotations

import copy
import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

from tools import ROOT

EVENTS = ROOT / "events"


@dataclass(frozen=True)
class Day:
    """The bucket folder that events/day.py makes, and the alerts it is made to raise."""

    folder: Path
    attack: dict[str, dict[str, Any]]
    """What the day's attack did, by event ID, each with the rules that must match it."""

    def object(self, key: str) -> bytes:
        """The bytes of an object."""
        return (self.folder / key).read_bytes()

    def keys(self) -> list[str]:
        """The keys of all log files."""
        paths = sorted(self.folder.glob("AWSLogs/*/*/CloudTrail/**/*.json.gz"))
        return [str(path.relative_to(self.folder)) for path in paths]

    def records(self, key: str) -> list[dict[str, Any]]:
        """The records of a log file."""
        return json.loads(gzip.decompress(self.object(key)))["Records"]

    def rules(self, record: dict[str, Any]) -> set[str]:
        """The rules that must match a record, as far as it belongs to the attack."""
        event = self.attack.get(record["eventID"], {"rules": []})
        return set(event["rules"])

    def find(self, event_name: str) -> tuple[str, dict[str, Any], str]:
        """The attack's one event of a name: its log file's key, its record and the rule it must match."""
        (event,) = [event for event in self.attack.values() if event["eventName"] == event_name]
        (rule,) = event["rules"]
        for key in self.keys():
            for record in self.records(key):
                if record["eventID"] == event["eventID"]:
                    return key, record, rule
        raise LookupError(event_name)


def make(folder: Path) -> Day:
    """Let events/day.py write its day."""
    truth = folder / "truth.jsonl"
    command: list[str | Path] = [sys.executable, EVENTS / "day.py", "--out", folder / "day", "--truth", truth]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    events = [json.loads(line) for line in truth.read_text().splitlines()]
    return Day(folder / "day", {event["eventID"]: event for event in events})


def objects(payload: Path) -> list[tuple[str, str]]:
    """The bucket and key of each object in a notification."""
    parts = [record["s3"] for record in json.loads(payload.read_text())["Records"]]
    return [(part["bucket"]["name"], unquote_plus(part["object"]["key"])) for part in parts]


def notify(payload: Path, bucket: str, *keys: str) -> Path:
    """Write the notification that S3 sends when the keys are put in the bucket."""
    template = json.loads((EVENTS / "s3-put.json").read_text())["Records"][0]
    records = []
    for key in keys:
        record = copy.deepcopy(template)
        record["s3"]["bucket"] = {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}
        record["s3"]["object"]["key"] = quote(key).replace("%20", "+")
        records.append(record)
    payload.write_text(json.dumps({"Records": records}))
    return payload
