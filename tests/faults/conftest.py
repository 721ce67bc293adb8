"""A misbehaving server, a place for runs, and what they come to where nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.problems import write_dataset
from tests.faults.server import FaultyServer
from tests.faults.site import Site


@pytest.fixture(scope="session")
def running_server() -> Iterator[FaultyServer]:
    """The server of the whole session."""
    server = FaultyServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def faulty(running_server: FaultyServer) -> FaultyServer:
    """A sound server that knows of no request."""
    running_server.forget()
    if running_server.down.is_set():
        running_server.stop()
        running_server.start()
    return running_server


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The problems of all runs."""
    return write_dataset(tmp_path_factory.mktemp("problems") / "own.jsonl")


@pytest.fixture
def site(faulty: FaultyServer, dataset: Path, tmp_path: Path) -> Site:
    """Where one test runs."""
    return Site.make(faulty, dataset, tmp_path)


@pytest.fixture(scope="session")
def undisturbed(
    running_server: FaultyServer, dataset: Path, tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """A run on which nothing happened."""
    site = Site.make(running_server, dataset, tmp_path_factory.mktemp("undisturbed"))
    running_server.forget()
    assert site.begin() == 0
    assert not running_server.given_twice()
    return site
