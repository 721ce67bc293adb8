"""Fixtures: a misbehaving server, a site for runs, and an undisturbed run to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.problems import write_dataset
from tests.faults.server import FaultyServer
from tests.faults.site import Site


@pytest.fixture(scope="session")
def running_server() -> Iterator[FaultyServer]:
    """Start one server for the whole session."""
    server = FaultyServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def faulty(running_server: FaultyServer) -> FaultyServer:
    """Return the server without faults and without recorded requests."""
    running_server.forget()
    if running_server.down.is_set():
        running_server.stop()
        running_server.start()
    return running_server


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the problems that all runs use."""
    return write_dataset(tmp_path_factory.mktemp("problems") / "own.jsonl")


@pytest.fixture
def site(faulty: FaultyServer, dataset: Path, tmp_path: Path) -> Site:
    """Return the site of one test."""
    return Site.make(faulty, dataset, tmp_path)


@pytest.fixture(scope="session")
def undisturbed(
    running_server: FaultyServer, dataset: Path, tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """Make a run without any fault."""
    site = Site.make(running_server, dataset, tmp_path_factory.mktemp("undisturbed"))
    running_server.forget()
    assert site.begin() == 0
    assert not running_server.given_twice()
    return site
