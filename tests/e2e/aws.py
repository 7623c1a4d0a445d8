"""One AWS account at the local endpoint, with what a test needs in it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import boto3

from endpoint import REGION, Endpoint


@dataclass(frozen=True)
class Alert:
    """One alert as a subscriber gets it."""

    subject: str
    text: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class Queue:
    """An SQS queue that a test reads."""

    sqs: Any
    url: str

    def bodies(self, wait: float) -> list[str]:
        """Every message there is, once the first has come or wait seconds have passed."""
        found: list[str] = []
        deadline = time.monotonic() + wait
        while True:
            batch = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
            for message in batch:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message["Body"])
            if not batch and (found or time.monotonic() > deadline):
                return found
            if not batch:
                time.sleep(0.05)

    def alerts(self, wait: float = 5) -> list[Alert]:
        """The alerts among the messages of a subscribed queue."""
        return [to_alert(json.loads(body)) for body in self.bodies(wait)]


def to_alert(notification: dict[str, Any]) -> Alert:
    """The alert in an SNS notification."""
    attributes = notification.get("MessageAttributes", {})
    return Alert(
        subject=notification["Subject"],
        text=notification["Message"],
        attributes={name: attribute["Value"] for name, attribute in attributes.items()},
    )


@dataclass
class Account:
    """An account, which at this endpoint is made by using its number as the access key."""

    endpoint: Endpoint
    number: str
    clients: dict[str, Any] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Variables that make an SDK act as this account's root user."""
        return self.endpoint.environment(self.number, "testing")

    def client(self, service: str) -> Any:
        """The account's one client of a service."""
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                endpoint_url=self.endpoint.url,
                region_name=REGION,
                aws_access_key_id=self.number,
                aws_secret_access_key="testing",
                verify=str(self.endpoint.certificate),
            )
        return self.clients[service]

    def create_bucket(self, name: str) -> None:
        """An empty bucket; its name is unique over all accounts."""
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})

    def empty_bucket(self, name: str) -> None:
        """Delete a bucket with all its objects."""
        s3 = self.client("s3")
        for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
            s3.delete_object(Bucket=name, Key=found["Key"])
        s3.delete_bucket(Bucket=name)

    def create_topic(self) -> str:
        """A topic's ARN."""
        return self.client("sns").create_topic(Name="alerts")["TopicArn"]

    def subscribe(self, topic: str) -> Queue:
        """A new queue that gets what the topic publishes."""
        sqs = self.client("sqs")
        queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        from_topic = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [from_topic]})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return Queue(sqs, queue)

    def create_user(self, name: str, *actions: str) -> dict[str, str]:
        """The credentials of a new IAM user who may only do the actions."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        self.allow(name, *actions)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return self.endpoint.environment(key["AccessKeyId"], key["SecretAccessKey"])

    def allow(self, user: str, *actions: str) -> None:
        """Set what a user may do, replacing what was allowed before."""
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        self.client("iam").put_user_policy(
            UserName=user,
            PolicyName="all",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
