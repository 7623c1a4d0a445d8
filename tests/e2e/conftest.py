"""Fixtures: one local endpoint and one demo day for all tests, an account of its own for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

import day
import endpoint
import table
from aws import Account
from tools import stop
from trail import Trail

numbers = itertools.count(100_000_000_001)


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[endpoint.Endpoint]:
    """The local endpoint."""
    process, started = endpoint.start(tmp_path_factory.mktemp("endpoint"))
    yield started
    stop(process, grace=0)


@pytest.fixture(scope="session")
def demo_day(tmp_path_factory: pytest.TempPathFactory) -> day.Day:
    """The demo day."""
    return day.make(tmp_path_factory.mktemp("day"))


@pytest.fixture
def account(local_aws: endpoint.Endpoint) -> Account:
    """An account that no other test uses."""
    return Account(local_aws, f"{next(numbers):012d}")


@pytest.fixture
def trail(account: Account, demo_day: day.Day, tmp_path: Path) -> Iterator[Trail]:
    """The bucket that the payloads in events/ name, a topic, a queue subscribed to it, and a table."""
    account.create_bucket(Trail.BUCKET)
    topic = account.create_topic()
    yield Trail(account, demo_day, tmp_path, topic, table.create(account), account.subscribe(topic))
    account.empty_bucket(Trail.BUCKET)
