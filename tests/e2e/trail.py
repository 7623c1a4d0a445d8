"""A trail's bucket with a topic for its alerts: what the function works between."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import day
import function
from aws import Account, Queue


@dataclass(frozen=True)
class Trail:
    """The bucket, the day that its objects come from, the topic, the table of state and a subscribed inbox."""

    BUCKET: ClassVar[str] = "trailwarden-demo-logs"

    account: Account
    day: day.Day
    folder: Path
    topic: str
    table: str
    inbox: Queue

    def put(self, key: str, body: bytes | None = None) -> None:
        """Put an object of the day in the bucket, or other bytes under its key."""
        body = self.day.object(key) if body is None else body
        self.account.client("s3").put_object(Bucket=self.BUCKET, Key=key, Body=body)

    def notify(self, *keys: str) -> Path:
        """The payload that tells of the keys."""
        return day.notify(self.folder / "notification.json", self.BUCKET, *keys)

    def run(self, **variables: str) -> AbstractContextManager[function.Function]:
        """The function, told its topic and its table; acts as the account unless variables say otherwise."""
        required = {"TRAILWARDEN_TOPIC_ARN": self.topic, "TRAILWARDEN_TABLE": self.table}
        folder = self.folder / f"function-{len(list(self.folder.iterdir()))}"
        return function.running(folder, self.account.environment() | required | variables)
