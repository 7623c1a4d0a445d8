"""The template deployed: what it made is what it should be, and a log file put in the bucket becomes an alert.

The function is the real bootstrap, run by the endpoint with the credentials of its role, over TLS, so
that its permissions and the TLS-only policies are in force. What the endpoint does not do, so that it is
not shown here: encrypt the topic and the table, turn on the table's time to live and point-in-time
recovery, and ask whether the role may send to the queue of failed events.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import endpoint
import table
from aws import Account, Queue
from conftest import numbers
from day import Day
from endpoint import REGION
from expect import assert_tells
from stack import NAME, Stack, deploy


@pytest.fixture(scope="module")
def stack(local_aws: endpoint.Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The template with every parameter left as it is, except the processor. Its schedule rests: a sweep in the
    middle of a test could fail with it, or do its work."""
    stack = deploy(Account(local_aws, f"{next(numbers):012d}"), tmp_path_factory.mktemp("deploy"))
    stack.account.client("events").disable_rule(Name=schedule(stack)["Name"])
    return stack


def schedule(stack: Stack) -> dict[str, Any]:
    """The rule that has the function sweep."""
    (rule,) = stack.account.client("events").list_rules()["Rules"]
    return rule


@pytest.fixture(scope="module")
def inbox(stack: Stack) -> Queue:
    """A queue subscribed to the stack's topic."""
    return stack.account.subscribe(stack.outputs["AlertTopicArn"])


def put(stack: Stack, key: str, body: bytes) -> None:
    """Put an object in the stack's bucket."""
    stack.account.client("s3").put_object(Bucket=stack.ids["TrailBucket"], Key=key, Body=body)


def statements(policy: str) -> dict[str, dict[str, Any]]:
    """A resource policy's statements by their ID."""
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def notified(stack: Stack) -> dict[str, Any]:
    """The bucket's notifications."""
    found = stack.account.client("s3").get_bucket_notification_configuration(Bucket=stack.ids["TrailBucket"])
    return {kind: what for kind, what in found.items() if kind.endswith("Configurations")}


def test_bucket_notifies_function_of_log_files(stack: Stack) -> None:
    ((kind, (configuration,)),) = notified(stack).items()
    assert kind == "LambdaFunctionConfigurations"
    assert configuration["Events"] == ["s3:ObjectCreated:*"]
    rules = {rule["Name"].lower(): rule["Value"] for rule in configuration["Filter"]["Key"]["FilterRules"]}
    assert rules == {"prefix": "AWSLogs/", "suffix": ".json.gz"}
    assert configuration["LambdaFunctionArn"].endswith(f":function:{stack.ids['Function']}")
    policy = stack.account.client("lambda").get_policy(FunctionName=stack.ids["Function"])["Policy"]
    granted = {statement["Principal"]["Service"]: statement for statement in json.loads(policy)["Statement"]}
    assert granted.keys() == {"events.amazonaws.com", "s3.amazonaws.com"}
    permission = granted["s3.amazonaws.com"]
    assert permission["Condition"] == {"StringEquals": {"AWS:SourceAccount": stack.account.number}}


def test_role_may_do_what_it_needs_and_no_more(stack: Stack) -> None:
    number, bucket = stack.account.number, stack.ids["TrailBucket"]
    log = f"arn:aws:logs:{REGION}:{number}:log-group:/aws/lambda/{NAME}:*"
    queue = f"arn:aws:sqs:{REGION}:{number}:{stack.ids['FailedEvents'].rsplit('/', 1)[1]}"
    key = f"arn:aws:kms:{REGION}:{number}:key/{stack.ids['AlertKey']}"
    state = f"arn:aws:dynamodb:{REGION}:{number}:table/{stack.ids['StateTable']}"
    by_sns = {"StringEquals": {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}}
    expected: dict[str, dict[str, Any]] = {
        "EncryptAlerts": {"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key, "Condition": by_sns},
        "FindWhatWaits": {"Action": "dynamodb:Query", "Resource": f"{state}/index/waiting"},
        "KeepFailedEvents": {"Action": "sqs:SendMessage", "Resource": queue},
        "KeepState": {
            "Action": ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            "Resource": state,
        },
        "PublishAlerts": {"Action": "sns:Publish", "Resource": stack.ids["AlertTopic"]},
        "ReadLogFiles": {
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/*",
        },
        "TellMissingObjects": {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
        "VerifyDigests": {"Action": "cloudtrail:ListPublicKeys", "Resource": "*"},
        "WriteLog": {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": log},
    }
    found = {
        statement.pop("Sid"): statement for policy in stack.policies().values() for statement in policy["Statement"]
    }
    assert found == {sid: {"Effect": "Allow"} | statement for sid, statement in expected.items()}
    attached = stack.account.client("iam").list_attached_role_policies(RoleName=stack.ids["FunctionRole"])
    assert attached["AttachedPolicies"] == []


def test_function_is_configured(stack: Stack) -> None:
    found = stack.account.client("lambda").get_function_configuration(FunctionName=stack.ids["Function"])
    assert found["Environment"]["Variables"] == {
        "TRAILWARDEN_DIGEST_OVERDUE_SECONDS": "9000",
        "TRAILWARDEN_TABLE": stack.ids["StateTable"],
        "TRAILWARDEN_TOPIC_ARN": stack.ids["AlertTopic"],
    }
    assert found["Role"].endswith(f":role/{stack.ids['FunctionRole']}")
    assert (found["Runtime"], found["Handler"]) == ("provided.al2023", "bootstrap")
    assert found["LoggingConfig"]["LogFormat"] == "JSON"
    assert found["LoggingConfig"]["LogGroup"] == stack.outputs["FunctionLogName"]
    (log,) = stack.account.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{NAME}")["logGroups"]
    assert log["retentionInDays"] == 90


def test_table_has_its_key_and_its_index(stack: Stack) -> None:
    found = stack.account.client("dynamodb").describe_table(TableName=stack.outputs["StateTableName"])["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    (index,) = found["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]) == ("waiting", {"ProjectionType": "KEYS_ONLY"})


def test_schedule_sweeps(stack: Stack) -> None:
    rule = schedule(stack)
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    (target,) = stack.account.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(f":function:{stack.ids['Function']}")
    answer = stack.account.client("lambda").invoke(FunctionName=stack.ids["Function"], Payload=target["Input"])
    assert "FunctionError" not in answer, answer["Payload"].read()
    queue = stack.account.client("sqs").get_queue_attributes(
        QueueUrl=stack.ids["FailedEvents"], AttributeNames=["All"]
    )["Attributes"]
    assert target["DeadLetterConfig"] == {"Arn": queue["QueueArn"]}
    keeps = statements(queue["Policy"])["ScheduleKeepsSweeps"]
    assert keeps["Principal"] == {"Service": "events.amazonaws.com"}
    assert keeps["Condition"] == {"ArnEquals": {"aws:SourceArn": rule["Arn"]}}


def test_failed_events_are_retried_and_kept(stack: Stack) -> None:
    queue = stack.account.client("sqs").get_queue_attributes(
        QueueUrl=stack.ids["FailedEvents"], AttributeNames=["All"]
    )["Attributes"]
    config = stack.account.client("lambda").get_function_event_invoke_config(
        FunctionName=stack.ids["Function"], Qualifier="$LATEST"
    )
    assert config["MaximumRetryAttempts"] == 2
    assert config["MaximumEventAgeInSeconds"] == 6 * 3600
    assert config["DestinationConfig"]["OnFailure"] == {"Destination": queue["QueueArn"]}
    assert queue["MessageRetentionPeriod"] == str(14 * 24 * 3600)
    assert queue["SqsManagedSseEnabled"] == "true"
    assert statements(queue["Policy"])["TlsOnly"]["Effect"] == "Deny"


def test_bucket_is_closed_to_all_but_the_trail(stack: Stack) -> None:
    s3, bucket = stack.account.client("s3"), stack.ids["TrailBucket"]
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    found = statements(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert found.keys() == {"CloudTrailChecksTheBucket", "CloudTrailWritesLogFiles", "TlsOnly"}
    write = found["CloudTrailWritesLogFiles"]
    assert write["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    assert write["Resource"] == f"arn:aws:s3:::{bucket}/AWSLogs/*"
    ours = {"aws:SourceArn": f"arn:aws:cloudtrail:*:{stack.account.number}:trail/*"}
    assert write["Condition"]["ArnLike"] == found["CloudTrailChecksTheBucket"]["Condition"]["ArnLike"] == ours
    assert found["TlsOnly"]["Effect"] == "Deny"


def test_topic_is_closed(stack: Stack) -> None:
    attributes = stack.account.client("sns").get_topic_attributes(TopicArn=stack.ids["AlertTopic"])["Attributes"]
    found = statements(attributes["Policy"])
    allowed = [statement for statement in found.values() if statement["Effect"] == "Allow"]
    assert [statement["Principal"] for statement in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
    assert allowed[0]["Condition"]["StringEquals"] == {"aws:SourceAccount": stack.account.number}
    assert found["TlsOnly"]["Effect"] == "Deny"


def test_alarms_watch_the_function_and_tell_the_topic(stack: Stack) -> None:
    alarms = stack.account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    function = {"FunctionName": stack.ids["Function"]}
    queue = {"QueueName": stack.ids["FailedEvents"].rsplit("/", 1)[1]}
    expected = {
        "Errors": function,
        "DestinationDeliveryFailures": function,
        "ApproximateNumberOfMessagesVisible": queue,
        "Invocations": {"RuleName": stack.ids["FunctionSweep"]},
    }
    watched = {alarm["MetricName"]: {d["Name"]: d["Value"] for d in alarm["Dimensions"]} for alarm in alarms}
    assert watched == expected
    for alarm in alarms:
        assert alarm["AlarmActions"] == [stack.ids["AlertTopic"]]
        assert alarm["AlarmName"].startswith(f"{NAME}-"), "the topic's policy goes by the name"


def test_log_file_put_in_the_bucket_becomes_alert(stack: Stack, inbox: Queue, demo_day: Day) -> None:
    key, record, rule = demo_day.find("StopLogging")
    put(stack, key, demo_day.object(key))
    (alert,) = [alert for alert in inbox.alerts(wait=20) if record["eventID"] in alert.text]
    assert_tells(alert, record, rule)
    assert stack.failed.bodies(wait=0) == []


@pytest.mark.parametrize(
    ("sid", "event_name"),
    [("ReadLogFiles", "DeleteBucketPublicAccessBlock"), ("PublishAlerts", "DescribeInstanceTypeOfferings")],
)
def test_failed_event_is_kept_until_it_can_succeed(
    stack: Stack, inbox: Queue, demo_day: Day, sid: str, event_name: str
) -> None:
    key, record, rule = demo_day.find(event_name)
    with stack.without(sid):
        put(stack, key, demo_day.object(key))
        (body,) = stack.failed.bodies(wait=30)
    failed = json.loads(body)
    assert failed["requestContext"]["condition"] == "RetriesExhausted"
    assert key in failed["responsePayload"]["errorMessage"]
    assert inbox.alerts(wait=0) == []
    answer = stack.account.client("lambda").invoke(
        FunctionName=stack.ids["Function"], Payload=json.dumps(failed["requestPayload"])
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    (alert,) = [alert for alert in inbox.alerts() if record["eventID"] in alert.text]
    assert_tells(alert, record, rule)


def test_file_is_not_done_before_the_table_says_so(stack: Stack, demo_day: Day) -> None:
    key = next(key for key in demo_day.keys() if not any(map(demo_day.rules, demo_day.records(key))))
    with stack.without("KeepState"):
        put(stack, key, demo_day.object(key))
        (body,) = stack.failed.bodies(wait=30)
    failed = json.loads(body)
    assert "AccessDenied" in failed["responsePayload"]["errorMessage"], failed
    assert f"object#{stack.ids['TrailBucket']}/{key}" not in evaluated(stack)
    answer = stack.account.client("lambda").invoke(
        FunctionName=stack.ids["Function"], Payload=json.dumps(failed["requestPayload"])
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert f"object#{stack.ids['TrailBucket']}/{key}" in evaluated(stack)


def evaluated(stack: Stack) -> set[str]:
    """What the table's ledger has."""
    return {item["id"] for item in table.items(stack.account, stack.ids["StateTable"]) if "revision" in item}


def test_parameters(local_aws: endpoint.Endpoint, tmp_path_factory: pytest.TempPathFactory) -> None:
    stack = deploy(
        Account(local_aws, f"{next(numbers):012d}"),
        tmp_path_factory.mktemp("deploy"),
        AlertEmail="security@example.com",
        ApprovedRegions="eu-central-1,eu-west-1",
        LogPrefix="audit/",
        LogRetentionDays="30",
        SweepMinutes="5",
        TrailAccountId="111122223333",
    )
    client, bucket = stack.account.client, stack.ids["TrailBucket"]
    (subscription,) = client("sns").list_subscriptions_by_topic(TopicArn=stack.ids["AlertTopic"])["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "security@example.com")
    variables = client("lambda").get_function_configuration(FunctionName=stack.ids["Function"])["Environment"]
    assert variables["Variables"]["TRAILWARDEN_LIST_APPROVED_REGIONS"] == "eu-central-1,eu-west-1"
    (log,) = client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{NAME}")["logGroups"]
    assert log["retentionInDays"] == 30
    assert (schedule(stack)["ScheduleExpression"], schedule(stack)["State"]) == ("rate(5 minutes)", "ENABLED")
    ((configuration,),) = notified(stack).values()
    assert {"Name": "prefix", "Value": "audit/AWSLogs/"} in configuration["Filter"]["Key"]["FilterRules"]
    objects = f"arn:aws:s3:::{bucket}/audit/AWSLogs/*"
    assert stack.policies()["ReadLogFiles"]["Statement"][0]["Resource"] == objects
    write = statements(client("s3").get_bucket_policy(Bucket=bucket)["Policy"])["CloudTrailWritesLogFiles"]
    assert write["Resource"] == objects
    assert write["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}
