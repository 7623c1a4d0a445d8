"""The Rust tests of state in DynamoDB that need a table: each gets the template's, and the role's permissions."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

import table
from aws import Account
from tools import ROOT

TESTS = [
    "concurrency::eight_workers_tell_what_one_tells",
    "concurrency::eight_workers_whose_calls_fail_tell_what_one_tells",
    "digests::what_a_digest_costs",
    "endpoint::the_table_keeps_the_contract",
    "requests::what_an_object_and_a_sweep_cost",
]


def cargo_test(*arguments: str, **variables: str) -> str:
    """What `cargo test` says of the tests that are left out elsewhere, without credentials of whoever runs this."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        ["cargo", "test", "--locked", "--offline", "--test", "dynamodb", "--", "--ignored", *arguments],
        cwd=ROOT,
        env=inherited | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_none_is_forgotten() -> None:
    assert re.findall(r"^(\S+): test$", cargo_test("--list"), re.MULTILINE) == TESTS


@pytest.mark.parametrize("test", TESTS)
def test_over_the_table_of_the_template(account: Account, test: str) -> None:
    name = table.create(account)
    user = account.create_user("function", *table.actions())
    said = cargo_test("--exact", test, "--nocapture", **user, TRAILWARDEN_TABLE=name)
    assert "test result: ok. 1 passed; 0 failed; 0 ignored" in said, said
    print(said)
    items = table.items(account, name)
    kept = [item for item in items if table.expiry() not in item]
    assert 0 <= len(kept) < len(items)
    # Chains and keys are as many as accounts, regions and months.
    for_good = [item for item in kept if not item["id"].startswith(("chains#", "key#"))]
    assert all("queue" in item for item in for_good), "only what waits stays for good"
