"""What is expected of an alert."""

from __future__ import annotations

import re
import string
from typing import Any

from aws import Alert

PRINTABLE = set(string.printable) - set("\t\n\r\x0b\x0c")


def principal(record: dict[str, Any]) -> str:
    """The name under which an alert must show who acted."""
    identity = record["userIdentity"]
    return identity.get("userName") or identity["arn"]


def assert_tells(alert: Alert, record: dict[str, Any], rule: str) -> None:
    """The alert says who did what, where, when, from where and with what outcome, and which rule says so."""
    assert set(alert.subject) <= PRINTABLE and 0 < len(alert.subject) <= 100, alert.subject
    date, clock = record["eventTime"].rstrip("Z").split("T")
    outcome = record.get("errorCode") or "succe"
    text = re.sub(r"\S*AWSLogs/\S*", "", alert.text)  # the key says some of it too
    for said in (
        principal(record),
        record["eventName"],
        record["awsRegion"],
        record["recipientAccountId"],
        date,
        clock,
        record["sourceIPAddress"],
        outcome,
        rule,
        record["eventID"],
    ):
        assert said in text, f"the alert does not say {said!r}:\n{alert.text}"
    assert alert.attributes["rule"] == rule
    assert alert.attributes["account"] == record["recipientAccountId"]
    assert alert.attributes["region"] == record["awsRegion"]
    assert alert.attributes["severity"] in {"informational", "low", "medium", "high", "critical"}
