"""The table of state, as template.yaml describes it."""

from __future__ import annotations

from typing import Any

from samtranslator.yaml_helper import yaml_parse

from aws import Account
from tools import ROOT


def resources() -> dict[str, Any]:
    """The template's resources as written."""
    return yaml_parse((ROOT / "template.yaml").read_text())["Resources"]


def create(account: Account) -> str:
    """Make the table, so that no test can have another one than a deployed stack. Returns its name."""
    described = resources()["StateTable"]["Properties"]
    taken = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    made = account.client("dynamodb").create_table(TableName="state", **{name: described[name] for name in taken})
    return made["TableDescription"]["TableName"]


def expiry() -> str:
    """The attribute for time to live. Nothing expires in tests, whose clock stands in 1970 at times."""
    described = resources()["StateTable"]["Properties"]["TimeToLiveSpecification"]
    assert described["Enabled"] is True
    return described["AttributeName"]


def items(account: Account, name: str) -> list[dict[str, Any]]:
    """Everything in the table, which only tests look at as a whole, each attribute without its type."""
    pages = account.client("dynamodb").get_paginator("scan").paginate(TableName=name)
    return [
        {attribute: next(iter(value.values())) for attribute, value in item.items()}
        for page in pages
        for item in page["Items"]
    ]


def actions() -> list[str]:
    """What the function's role may do in DynamoDB."""
    (policy,) = resources()["FunctionRole"]["Properties"]["Policies"]
    found: list[str] = []
    for statement in policy["PolicyDocument"]["Statement"]:
        action = statement["Action"]
        found += [action] if isinstance(action, str) else action
    return [action for action in found if action.startswith("dynamodb:")]
