"""The picture of a trace in the README."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from agent.errors import RunFolderError
from agent.types import Trace
from experiments.studies.trace_picture import picture
from tests.experiments.small_traces import One, trace_of, unscored

DRAFT = One(False, "-")
FIXED = One(True, "+", parent=0, round=1, source="def grow(x):\n    return 2\n")


def repaired(task: str, *more: One) -> Trace:
    """Return a trace whose single shot is wrong and whose answer comes from a repair."""
    return trace_of(DRAFT, FIXED, *more, task=task, answer=1)


def test_the_picture_is_of_the_shortest_trace_that_a_repair_solved() -> None:
    longer = repaired("T/2", One(False, "-", parent=0, round=1))
    traces = [trace_of(One(True, "+"), task="T/1"), longer, repaired("T/3")]
    svg = picture(traces)
    text = "".join(ElementTree.fromstring(svg).itertext())
    assert "T/3" in text
    assert "T/2" not in text
    assert "passed" in text
    assert picture(traces) == svg


def test_the_picture_asks_the_network_for_nothing() -> None:
    svg = picture([repaired("T/1")])
    assert "@font-face" not in svg
    assert "url(http" not in svg
    assert not re.search(r'(?:href|src)="', svg)


def test_a_run_without_a_repaired_problem_is_refused() -> None:
    for traces in ([], [trace_of(One(True, "+"))], [unscored(repaired("T/1"))]):
        with pytest.raises(RunFolderError, match="no repair"):
            picture(traces)
