"""Digests in the function: the real binary over S3, DynamoDB, SNS and a list of public keys."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import day
import function
from digests import ACCOUNT, REGION, KeyList, Signer, listing
from trail import Trail

LATE, KNOWN, GONE, CHANGED = "Late0000Late0000", "Known000Known000", "Gone0000Gone0000", "Changed0Changed0"


def record(name: str, time: datetime) -> dict[str, Any]:
    """A record that a shipped rule matches when it is of StopLogging."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/dana", "accountId": ACCOUNT},
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.9",
        "eventID": f"event-{name}",
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "requestParameters": {"name": "another"},
    }


def log_file(time: datetime, unique: str, *records: dict[str, Any]) -> tuple[str, bytes]:
    """A log file's key and bytes."""
    name = f"{ACCOUNT}_CloudTrail_{REGION}_{time:%Y%m%dT%H%MZ}_{unique}.json.gz"
    body = gzip.compress(json.dumps({"Records": records}).encode())
    return f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{time:%Y/%m/%d}/{name}", body


@contextmanager
def watching(trail: Trail, signer: Signer, **more: str) -> Iterator[tuple[function.Function, KeyList]]:
    """The function, asking for public keys where the signer's is listed."""
    with listing(signer) as keys, trail.run(AWS_ENDPOINT_URL_CLOUDTRAIL=keys.url, **more) as running:
        yield running, keys


def verified(running: function.Function) -> dict[str, dict[str, Any]]:
    """What the function's log says of digests, by key."""
    return {entry["key"]: entry for entry in running.entries() if entry["message"] == "verified"}


def test_digest_attests_what_was_evaluated_and_finds_the_rest(trail: Trail) -> None:
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=31)
    time = end - timedelta(minutes=20)
    logs = dict(log_file(time, unique, record("DescribeTrails", time)) for unique in (KNOWN, GONE, CHANGED))
    known, gone, changed = logs
    late, body = log_file(time, LATE, record("StopLogging", time))
    logs[late] = body
    signer = Signer(trail.BUCKET)
    for key in (known, late):
        trail.put(key, logs[key])
    trail.put(changed, gzip.compress(b'{"Records":[]}'))
    first = signer.digest(trail, end - timedelta(hours=1), {})
    second = signer.digest(trail, end, logs)
    with watching(trail, signer) as (running, keys):
        for payload in ([known], [changed], [first], [second], [second]):
            outcome = running.invoke(trail.notify(*payload))
            assert outcome.succeeded, outcome.said
    counts = {name: verified(running)[second][name] for name in ("attested", "late", "tampered", "missing")}
    assert counts == {"attested": 1, "late": 1, "tampered": 1, "missing": 1}
    assert all(entry["verdict"] == "valid" for entry in verified(running).values())
    alerts = {alert.attributes["rule"]: alert for alert in trail.inbox.alerts()}
    stopped = alerts["cloudtrail-logging-stopped"]
    assert late in stopped.text and "event-StopLogging" in stopped.text
    assert late in alerts["log-file-late"].text and "minutes late" in alerts["log-file-late"].text
    assert gone in alerts["log-file-missing"].text
    tampered = alerts["log-file-tampered"]
    assert changed in tampered.text and second in tampered.text and signer.fingerprint in tampered.text
    assert tampered.attributes["severity"] == "critical" and tampered.subject.startswith("[CRITICAL]")
    # The second delivery of the digest asked nobody and told nothing; the key was asked for once.
    assert len(alerts) == 4
    assert [asked["target"].rsplit(".", 1)[1] for asked in keys.asked] == ["ListPublicKeys"]


def test_keys_are_kept_in_state(trail: Trail) -> None:
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=31)
    signer = Signer(trail.BUCKET)
    first = signer.digest(trail, end - timedelta(hours=1), {})
    second = signer.digest(trail, end, {})
    with watching(trail, signer) as (running, keys):
        assert running.invoke(trail.notify(first)).succeeded
        assert len(keys.asked) == 1
    # Another instance, and nobody lists the key any more.
    with trail.run(AWS_ENDPOINT_URL_CLOUDTRAIL="http://127.0.0.1:9") as running:
        outcome = running.invoke(trail.notify(second))
    assert outcome.succeeded, outcome.said
    assert verified(running)[second]["verdict"] == "valid"


def test_forged_digest_is_told_once_and_without_keys_nothing_is_decided(trail: Trail) -> None:
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=31)
    signer, forger = Signer(trail.BUCKET), Signer(trail.BUCKET)
    forged = forger.digest(trail, end, {})
    with trail.run(AWS_ENDPOINT_URL_CLOUDTRAIL="http://127.0.0.1:9") as running:
        outcome = running.invoke(trail.notify(forged))
    assert not outcome.succeeded and outcome.says("keys: cannot list the public keys")
    assert trail.inbox.alerts(wait=0) == []
    with watching(trail, signer) as (running, _):
        for _ in range(2):
            outcome = running.invoke(trail.notify(forged))
            assert outcome.succeeded, outcome.said
    (alert,) = trail.inbox.alerts()
    assert alert.attributes["rule"] == "digest-not-genuine"
    assert forged in alert.text and "key not found" in alert.text and forger.fingerprint in alert.text


def test_lost_digests_are_found_and_silence_is_told(trail: Trail) -> None:
    last = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=4)
    signer = Signer(trail.BUCKET)
    logs = {}
    for hour in range(4):
        time = last - timedelta(hours=hour, minutes=30)
        logs[hour] = dict([log_file(time, f"Hour000{hour}Hour000{hour}", record("DescribeTrails", time))])
        trail.put(*next(iter(logs[hour].items())))
    keys = [signer.digest(trail, last - timedelta(hours=hour), logs[hour]) for hour in (3, 2, 1, 0)]
    with watching(trail, signer) as (running, _):
        # The newest one is never announced, nor any log file: the sweep lists what comes after.
        assert running.invoke(trail.notify(keys[0])).succeeded
        assert running.invoke(trail.notify(keys[2])).succeeded
        assert verified(running).keys() == set(keys[:3])
        for _ in range(2):
            outcome = running.invoke(day.EVENTS / "sweep.json")
            assert outcome.succeeded, outcome.said
        assert verified(running).keys() == set(keys)
        evaluated = [entry["key"] for entry in running.entries() if entry["message"] == "evaluated"]
    assert sorted(evaluated) == sorted(key for listed in logs.values() for key in listed)
    overdue = [alert for alert in trail.inbox.alerts() if alert.attributes["rule"] == "digest-overdue"]
    assert len(overdue) == 1 and keys[3] in overdue[0].text
    assert overdue[0].attributes["severity"] == "high"
