"""What `make oracle` runs: tables against a service that agrees, differs, throttles or denies."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from endpoint import REGION
from filters import Answer, Filters, Refused, serve
from tools import LAMBDA

ORACLE = LAMBDA.parent / "examples/oracle"

MANY = [json.dumps({"a": number}) for number in range(120)]
INVALID = Refused("InvalidParameterException", "Invalid metric filter pattern")

# Rows as in tests/pattern/, and two as in the shared table.
ROWS: list[dict[str, Any]] = [
    {"pattern": "{ $.a >= 100 }", "yes": [{"a": n} for n in range(100, 120)], "no": [{"a": n} for n in range(100)]},
    {"pattern": "ERROR -timeout", "yes": ['an ERROR\nand "more" é'], "no": ["ERROR timeout", ""]},
    {"pattern": "{ $.a == 1 }"},
    {
        "pattern": "[ip, status = 4*]",
        "message": "192.0.2.1 404",
        "expect": True,
        "extracted": {"$ip": "192.0.2.1", "$status": "404"},
    },
    {"pattern": "[ip, status = 4*]", "message": "192.0.2.1 200", "expect": False},
    {"pattern": "[, b, ..., c]", "yes": ["1 2 3 4"], "no": ["1 2"]},
]


def agreeing() -> dict[str, Answer]:
    """The answers that the rows expect."""
    return {
        "{ $.a >= 100 }": {text: {} for text in MANY[100:]},
        "ERROR -timeout": {'an ERROR\nand "more" é': {}},
        "{ $.a == 1 }": INVALID,
        "[ip, status = 4*]": {"192.0.2.1 404": {"$ip": "192.0.2.1", "$status": "404"}},
        "[, b, ..., c]": {"1 2 3 4": {"$1": "1", "$b": "2", "$3": "3", "$c": "4"}},
    }


DIFFERENCES = """\
table:1
  pattern  { $.a >= 100 }
  message  {"a": 100}
  table    match
  service  no match
table:1
  pattern  { $.a >= 100 }
  message  {"a": 7}
  table    no match
  service  match
table:2
  pattern  ERROR -timeout
  table    taken
  service  refused: Invalid character(s) in term 'ERROR'
table:3
  pattern  { $.a == 1 }
  table    refused
  service  taken
table:4
  pattern  [ip, status = 4*]
  message  192.0.2.1 404
  table    match {"$ip":"192.0.2.1","$status":"404"}
  service  match {"$ip":"192.0.2.1","$status":"40"}
table:6
  pattern  [, b, ..., c]
  message  1 2 3 4
  table    match {"$1":"1","$3":"3","$b":"2","$c":"4"}
  service  match {"$1":"1","$b":"2","$c":"4"}
empty messages, which TestMetricFilter does not take, left out: 1
asked: 5 patterns, 126 messages, 7 requests
differences: 6
"""

ENGINE_DIFFERS = """\
table:1
  pattern  { $.a = 1 }
  message  {"a": 2}
  table    match
  engine   no match
  service  match
asked: 1 patterns, 1 messages, 1 requests
differences: 1
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The rows as a file."""
    path = tmp_path / "table.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def ask(filters: Filters, *tables: Path) -> subprocess.CompletedProcess[str]:
    """Run the replay of tables, or of the repository's own, against the service until it ends."""
    with serve(filters):
        return subprocess.run(
            [ORACLE, *tables],
            env={"PATH": os.environ["PATH"]} | filters.environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )


def test_the_stand_in_speaks_the_protocol() -> None:
    with serve(Filters(agreeing())) as filters:
        logs = boto3.client(
            "logs",
            endpoint_url=filters.url,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"total_max_attempts": 1}),
        )
        line = "192.0.2.1 404"
        said = logs.test_metric_filter(filterPattern="[ip, status = 4*]", logEventMessages=["x", line])
        values = {"$ip": "192.0.2.1", "$status": "404"}
        assert said["matches"] == [{"eventNumber": 2, "eventMessage": line, "extractedValues": values}]
        with pytest.raises(logs.exceptions.InvalidParameterException, match="Invalid metric filter pattern"):
            logs.test_metric_filter(filterPattern="{ $.a == 1 }", logEventMessages=[line])
        with pytest.raises(logs.exceptions.InvalidParameterException, match="failed to satisfy constraint"):
            logs.test_metric_filter(filterPattern="[ip, status = 4*]", logEventMessages=["x"] * 51)


def test_agreement(table: Path) -> None:
    filters = Filters(agreeing())
    done = ask(filters, table)
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "empty messages, which TestMetricFilter does not take, left out: 1",
            "asked: 5 patterns, 126 messages, 7 requests",
            "differences: 0",
        ],
    ), done.stderr
    batches = [(pattern, len(messages)) for pattern, messages in filters.asked]
    assert batches[:3] == [("{ $.a >= 100 }", size) for size in (50, 50, 20)]
    assert [size for _, size in batches[3:]] == [2, 1, 2, 2]
    sixths = zip(filters.times, filters.times[5:])
    assert all(last - first > 0.98 for first, last in sixths), filters.times


def test_differences(table: Path) -> None:
    answers = agreeing()
    answers["{ $.a >= 100 }"] = {text: {} for text in [MANY[7], *MANY[101:]]}
    answers["ERROR -timeout"] = Refused("InvalidParameterException", "Invalid character(s) in term 'ERROR'")
    answers["{ $.a == 1 }"] = {}
    answers["[ip, status = 4*]"] = {"192.0.2.1 404": {"$ip": "192.0.2.1", "$status": "40"}}
    answers["[, b, ..., c]"] = {"1 2 3 4": {"$1": "1", "$b": "2", "$c": "4"}}
    done = ask(Filters(answers), table)
    assert (done.returncode, done.stdout.replace(str(table), "table")) == (1, DIFFERENCES), done.stderr


def test_the_engine_is_compared_too(table: Path) -> None:
    table.write_text('{"pattern": "{ $.a = 1 }", "yes": [{"a": 2}], "no": []}\n')
    done = ask(Filters({"{ $.a = 1 }": {'{"a": 2}': {}}}), table)
    assert (done.returncode, done.stdout.replace(str(table), "table")) == (1, ENGINE_DIFFERS), done.stderr


def test_throttling(table: Path) -> None:
    throttled = Refused("ThrottlingException", "Rate exceeded")
    filters = Filters(agreeing(), errors=[throttled, throttled])
    done = ask(filters, table)
    assert done.returncode == 0, done.stderr
    assert filters.errors == [] and len(filters.asked) == 7


def test_the_tables_of_the_repository_are_read_before_anything_is_asked() -> None:
    denied = Refused("AccessDeniedException", "User is not authorized to perform: logs:TestMetricFilter")
    done = ask(Filters({}, errors=[denied]))
    assert done.returncode == 2
    (patterns,) = re.findall(r"asking about (\d+) patterns", done.stderr)
    assert int(patterns) > 500
    assert "not authorized to perform: logs:TestMetricFilter" in done.stderr
    assert done.stdout.endswith("asked: 0 patterns, 0 messages, 0 requests\ndifferences: 0\n"), done.stdout


def test_a_table_that_contradicts_itself(table: Path) -> None:
    table.write_text(table.read_text() + '{"pattern": "ERROR -timeout", "yes": ["ERROR timeout"], "no": []}\n')
    filters = Filters(agreeing())
    done = ask(filters, table)
    assert done.returncode == 2 and f"{table}:7 contradicts {table}:2" in done.stderr
    assert filters.asked == []
