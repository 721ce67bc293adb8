"""Fixtures that many tests need: a problem, a model server, golden files, no outer settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from agent.types import Problem
from tests.stub_server import Server, running

PROMPT = '''from typing import List


def second_largest(values: List[int]) -> int:
    """Return the second largest of the values.

    >>> second_largest([3, 1, 2])
    2
    >>> second_largest([5, 9])
    5
    """
'''


def pytest_configure() -> None:
    """Give hypothesis fixed seeds and no deadlines: the same commit gives the same result."""
    settings.register_profile("repeatable", deadline=None, derandomize=True)
    settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AGENT_") or name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture
def problem() -> Problem:
    return Problem(task_id="Own/0", prompt=PROMPT, entry_point="second_largest")


@pytest.fixture
def recorded() -> Path:
    """Return the folder of recorded samples beside a checkout in the team's workplace."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the recorded samples of ../shared/data are not on this machine")
    return folder


@pytest.fixture
def cases() -> Path:
    """Return the folder of small inputs beside a checkout in the team's workplace."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip("the small inputs of ../shared/cases are not on this machine")
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    """Run a model server for one test."""
    with running() as server:
        yield server


Golden = Callable[[str, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a comparison with files in golden/ beside the test; UPDATE_GOLDEN=1 rewrites them."""

    def compare(name: str, text: str) -> None:
        path = request.path.parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
