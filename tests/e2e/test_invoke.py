"""A log file in the bucket becomes an alert in a subscribed queue: the dev build under cargo lambda."""

from __future__ import annotations

import day
from day import EVENTS
from expect import assert_tells
from trail import Trail


def test_log_file_becomes_alert(trail: Trail) -> None:
    key, record, rule = trail.day.find("StopLogging")
    trail.put(key)
    with trail.run() as function:
        outcome = function.invoke(trail.notify(key))
    assert outcome.succeeded, outcome.said
    (alert,) = trail.inbox.alerts()
    assert_tells(alert, record, rule)
    assert alert.attributes["severity"] == "critical"
    assert f"{trail.BUCKET}/{key}" in alert.text
    assert function.errors() == []


def test_sample_payload(trail: Trail) -> None:
    payload = EVENTS / "s3-put.json"
    ((_, key),) = day.objects(payload)
    trail.put(key)
    with trail.run() as function:
        outcome = function.invoke(payload)
    assert outcome.succeeded, outcome.said
    expected = {rule for record in trail.day.records(key) for rule in trail.day.rules(record)}
    alerted = {alert.attributes["rule"] for alert in trail.inbox.alerts()}
    assert alerted and alerted <= expected


def test_several_objects_of_every_kind(trail: Trail) -> None:
    payload = EVENTS / "s3-put-many.json"
    keys = [key for _, key in day.objects(payload)]
    logs = {key for key in keys if "/CloudTrail/" in key}
    digests = {key for key in keys if "/CloudTrail-Digest/" in key}
    foreign = set(keys) - logs - digests
    assert len(logs) > 2 and digests and foreign and any(" " in key for key in logs)
    for key in logs:
        trail.put(key)  # the foreign object stays away: nobody may ask for it
    for key in digests:
        trail.put(key, b"not one that CloudTrail made")
    with trail.run() as function:
        outcome = function.invoke(payload)
    assert outcome.succeeded, outcome.said
    assert {entry["key"] for entry in function.entries() if entry["message"] == "evaluated"} == logs
    skipped = {entry["key"]: entry["reason"] for entry in function.entries() if entry["message"] == "skipped"}
    assert skipped.keys() == foreign and all(skipped.values())
    verified = {entry["key"]: entry["verdict"] for entry in function.entries() if entry["message"] == "verified"}
    assert verified == dict.fromkeys(digests, "format")
    text = "\n".join(alert.text for alert in trail.inbox.alerts())
    key, record, _ = trail.day.find("StopLogging")
    assert key in logs and record["eventID"] in text


def test_encoded_key(trail: Trail) -> None:
    key, record, rule = trail.day.find("StopLogging")
    odd = f"a prefix+ü/{key}"
    trail.put(odd, trail.day.object(key))
    with trail.run() as function:
        outcome = function.invoke(trail.notify(odd))
    assert outcome.succeeded, outcome.said
    (alert,) = trail.inbox.alerts()
    assert_tells(alert, record, rule)


def test_approved_regions_come_from_the_environment(trail: Trail) -> None:
    key, record, _ = trail.day.find("StopLogging")
    trail.put(key)
    elsewhere = {"TRAILWARDEN_LIST_APPROVED_REGIONS": "eu-west-3,eu-north-1"}
    assert record["awsRegion"] not in elsewhere["TRAILWARDEN_LIST_APPROVED_REGIONS"]
    with trail.run(**elsewhere) as function:
        outcome = function.invoke(trail.notify(key))
    assert outcome.succeeded, outcome.said
    rules = {alert.attributes["rule"] for alert in trail.inbox.alerts()}
    assert "region-unapproved-change" in rules


def test_message_by_which_s3_tests_a_notification(trail: Trail) -> None:
    with trail.run() as function:
        outcome = function.invoke(EVENTS / "s3-test-event.json")
    assert outcome.succeeded, outcome.said
    assert function.errors() == []
    assert trail.inbox.alerts(wait=0) == []
