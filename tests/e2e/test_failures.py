"""What cannot be evaluated or published fails the invocation, is logged, and comes out when it is retried."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import table
from aws import Alert
from day import EVENTS
from endpoint import HOST, free_port
from expect import assert_tells
from function import Function, log_entries
from tools import LAMBDA
from trail import Trail


def names(entry: dict[str, Any], key: str) -> bool:
    """Whether an entry of the log says which object it is about."""
    parts = (entry.get("bucket"), entry.get("key"))
    return parts == (Trail.BUCKET, key) or entry.get("object") == f"s3://{Trail.BUCKET}/{key}"


def assert_fails(function: Function, payload: Path, key: str) -> list[str]:
    """The invocation fails with a reason, and errors in the log name the object. Returns what they say."""
    before = len(function.errors())
    outcome = function.invoke(payload)
    assert not outcome.succeeded and outcome.says(key), outcome.said
    said = [entry["error"] for entry in function.errors()[before:] if names(entry, key)]
    assert said and all(said), function.log.read_text()
    return said


def assert_retry_alerts(function: Function, trail: Trail, payload: Path, told: Sequence[Alert] = ()) -> None:
    """The same payload now succeeds, and StopLogging's alert has come, unless it had been told before."""
    outcome = function.invoke(payload)
    assert outcome.succeeded, outcome.said
    _, record, rule = trail.day.find("StopLogging")
    alerts = [*told, *trail.inbox.alerts(wait=0 if told else 5)]
    (alert,) = [alert for alert in alerts if record["eventID"] in alert.text]
    assert_tells(alert, record, rule)


def test_missing_object(trail: Trail) -> None:
    key, _, _ = trail.day.find("StopLogging")
    payload = trail.notify(key)
    with trail.run() as function:
        assert_fails(function, payload, key)
        assert trail.inbox.alerts(wait=0) == []
        trail.put(key)
        assert_retry_alerts(function, trail, payload)


def test_access_denied(trail: Trail) -> None:
    key, _, _ = trail.day.find("StopLogging")
    trail.put(key)
    payload = trail.notify(key)
    user = trail.account.create_user("reader", "sns:Publish", *table.actions())
    with trail.run(**user) as function:
        assert "AccessDenied" in assert_fails(function, payload, key)[0]
        assert trail.inbox.alerts(wait=0) == []
        trail.account.allow("reader", "sns:Publish", *table.actions(), "s3:GetObject")
        assert_retry_alerts(function, trail, payload)


def test_topic_cannot_be_reached(trail: Trail) -> None:
    key, _, _ = trail.day.find("StopLogging")
    trail.put(key)
    payload = trail.notify(key)
    with trail.run(AWS_ENDPOINT_URL_SNS=f"https://{HOST}:{free_port()}") as function:
        assert_fails(function, payload, key)
    with trail.run() as function:
        assert_retry_alerts(function, trail, payload)


def test_alert_that_could_not_be_published_is_published_later_by_the_same_process(trail: Trail) -> None:
    key, _, _ = trail.day.find("StopLogging")
    trail.put(key)
    payload = trail.notify(key)
    trail.account.client("sns").delete_topic(TopicArn=trail.topic)
    with trail.run() as function:
        assert_fails(function, payload, key)
        assert trail.account.create_topic() == trail.topic
        trail.account.subscribe(trail.topic)
        assert_retry_alerts(function, trail, payload)


def test_alert_that_could_not_be_published_is_sent_by_a_sweep_of_another_process_once(trail: Trail) -> None:
    key, record, rule = trail.day.find("StopLogging")
    trail.put(key)
    payload = trail.notify(key)
    with trail.run(AWS_ENDPOINT_URL_SNS=f"https://{HOST}:{free_port()}") as function:
        assert_fails(function, payload, key)
    with trail.run() as function:
        outcome = function.invoke(EVENTS / "sweep.json")
        assert outcome.succeeded, outcome.said
        (alert,) = [alert for alert in trail.inbox.alerts() if record["eventID"] in alert.text]
        assert_tells(alert, record, rule)
        for payload in (payload, EVENTS / "sweep.json", payload):
            outcome = function.invoke(payload)
            assert outcome.succeeded, outcome.said
    assert trail.inbox.alerts(wait=0) == []
    skipped = [entry["key"] for entry in function.entries() if entry["message"] == "skipped"]
    assert skipped == [key], "the second redelivery finds it in the ledger"


def test_table_cannot_be_reached(trail: Trail) -> None:
    key, _, _ = trail.day.find("StopLogging")
    trail.put(key)
    payload = trail.notify(key)
    with trail.run(AWS_ENDPOINT_URL_DYNAMODB=f"https://{HOST}:{free_port()}") as function:
        assert_fails(function, payload, key)
        outcome = function.invoke(EVENTS / "sweep.json")
        assert not outcome.succeeded and outcome.says("the state is unavailable"), outcome.said
    assert trail.inbox.alerts(wait=0) == []
    with trail.run() as function:
        assert_retry_alerts(function, trail, payload)


def flip_a_bit(data: bytes) -> bytes:
    """The object with one bit of its compressed data wrong."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]


def wrong_checksum(data: bytes) -> bytes:
    """The object with a checksum that does not fit."""
    return data[:-8] + bytes(byte ^ 0xFF for byte in data[-8:-4]) + data[-4:]


def cut_short(data: bytes) -> bytes:
    """The object without its second half."""
    return data[: len(data) // 2]


@pytest.mark.parametrize("spoil", [flip_a_bit, wrong_checksum, cut_short])
def test_spoilt_object_beside_a_good_one(trail: Trail, spoil: Callable[[bytes], bytes]) -> None:
    spoilt, _, _ = trail.day.find("StopLogging")
    good, record, rule = trail.day.find("ImportKeyPair")
    trail.put(spoilt, spoil(trail.day.object(spoilt)))
    trail.put(good)
    payload = trail.notify(spoilt, good)
    with trail.run() as function:
        assert_fails(function, payload, spoilt)
        told = trail.inbox.alerts()
        assert rule in {alert.attributes["rule"] for alert in told if record["eventID"] in alert.text}
        trail.put(spoilt)
        assert_retry_alerts(function, trail, payload, told)


def test_unknown_payload(trail: Trail) -> None:
    payload = trail.folder / "payload.json"
    payload.write_text('{"detail-type": "Object Created", "detail": {}}')
    with trail.run() as function:
        outcome = function.invoke(payload)
    assert not outcome.succeeded and outcome.says("an EventBridge event"), outcome.said
    assert function.errors()
    assert trail.inbox.alerts(wait=0) == []


def test_every_fault_of_the_configuration_is_reported_at_start(trail: Trail) -> None:
    faults = {
        "TRAILWARDEN_LIST_APPROVED_REGIONS": ",",
        "TRAILWARDEN_MAX_OBJECT_BYTES": "64 MB",
        "TRAILWARDEN_RULES": "rules",
        "TRAILWARDEN_TABLE": "a table",
        "TRAILWARDEN_TOPIC_ARN": "alerts",
    }
    runtime = {"AWS_LAMBDA_RUNTIME_API": f"{HOST}:{free_port()}", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    lambda_names = ("FUNCTION_NAME", "FUNCTION_MEMORY_SIZE", "FUNCTION_VERSION", "LOG_GROUP_NAME", "LOG_STREAM_NAME")
    named = {f"AWS_LAMBDA_{name}": "128" for name in lambda_names}
    done = subprocess.run(
        [LAMBDA],
        env={"PATH": os.environ["PATH"]} | trail.account.environment() | runtime | named | faults,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode != 0
    (entry,) = [entry for entry in log_entries(done.stdout + done.stderr) if entry["level"] == "ERROR"]
    assert [name for name in faults if f"`{name}`" not in entry["error"]] == []
