"""template.yaml deployed with `sam deploy`, and what the endpoint then has."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws import Account, Queue
from tools import LAMBDA, ROOT, SAM

NAME = "trailwarden"


def with_code(code: str) -> str:
    """The template's text with the function's code elsewhere."""
    before, after = (ROOT / "template.yaml").read_text().split("\n      CodeUri: .\n")
    return f"{before}\n      CodeUri: {code}\n{after}"


def sam(*arguments: str | Path, **variables: str) -> str:
    """Run the SAM command line without telemetry and return what it says; raises with that if it fails."""
    quiet = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [SAM, *arguments], env=quiet | variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@dataclass(frozen=True)
class Stack:
    """A deployed stack: the physical ID of each resource by its name in the template."""

    account: Account
    ids: dict[str, str]
    outputs: dict[str, str]

    @property
    def failed(self) -> Queue:
        """The queue of failed events."""
        return Queue(self.account.client("sqs"), self.ids["FailedEvents"])

    def policies(self) -> dict[str, dict[str, Any]]:
        """The inline policies of the function's role by name."""
        iam, role = self.account.client("iam"), self.ids["FunctionRole"]
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}

    @contextmanager
    def without(self, sid: str) -> Iterator[None]:
        """The function's role without one statement, while the context lasts."""
        iam, role = self.account.client("iam"), self.ids["FunctionRole"]
        before = self.policies()
        (name,) = [name for name, policy in before.items() if any(s["Sid"] == sid for s in policy["Statement"])]
        kept = [statement for statement in before[name]["Statement"] if statement["Sid"] != sid]
        if kept:
            document = json.dumps(before[name] | {"Statement": kept})
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
        else:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(before[name]))


def deploy(account: Account, folder: Path, **parameters: str) -> Stack:
    """Deploy the template with the dev build of the function, as a user would with `sam deploy`."""
    code = folder / "code"
    code.mkdir()
    subprocess.run(["strip", "-o", code / "bootstrap", LAMBDA], check=True)
    template = folder / "template.yaml"
    template.write_text(with_code(str(code)))
    values = [f"{name}={value}" for name, value in {"Architecture": "x86_64", **parameters}.items()]
    sam(
        *("deploy", "--template-file", template, "--stack-name", NAME, "--resolve-s3"),
        *("--capabilities", "CAPABILITY_IAM", "--no-progressbar", "--parameter-overrides", *values),
        HOME=str(folder),
        **account.environment(),
    )
    cloudformation = account.client("cloudformation")
    resources = cloudformation.describe_stack_resources(StackName=NAME)["StackResources"]
    (stack,) = cloudformation.describe_stacks(StackName=NAME)["Stacks"]
    return Stack(
        account,
        ids={resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources},
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
    )
