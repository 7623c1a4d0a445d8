"""The Rust tests of state in DynamoDB that need a table: they get the template's, and the role's permissions."""

from __future__ import annotations

import os
import re
import subprocess

import table
from aws import Account
from tools import ROOT


def run(environment: dict[str, str]) -> str:
    """What the tests that are left out elsewhere say, without credentials of whoever runs this."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        ["cargo", "test", "--locked", "--offline", "--test", "dynamodb", "--", "--ignored"],
        cwd=ROOT,
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_stores_keep_their_contract(account: Account) -> None:
    user = account.create_user("function", *table.actions())
    name = table.create(account)
    said = run(user | {"TRAILWARDEN_TABLE": name})
    passed = re.findall(r"^test endpoint::(\w+) \.\.\. ok$", said, re.MULTILINE)
    assert "the_table_keeps_the_contract" in passed, said
    ended = re.findall(r"^test result: ok\. (\d+) passed; 0 failed; (\d+) ignored", said, re.MULTILINE)
    assert ended == [(str(len(passed)), "0")], said
    kept = [item for item in table.items(account, name) if table.expiry() not in item]
    assert kept and all("queue" in item for item in kept), "only what waits stays for good"
    assert len(kept) < len(table.items(account, name))
