"""The hidden tests of a dataset: only this module loads them.

The scorer and the auditor load them once an answer is frozen. The packages of the loop (`loop`,
`repair`, `selection`, `visible_tests`, `models`) must not import `agent.evaluation`; a contract
test enforces that.
"""

from __future__ import annotations

from agent.datasets.jsonl import text_field
from agent.datasets.records import source_of
from agent.parsing.source import prelude
from agent.types import Record


class HiddenTest(Record):
    """The benchmark's own test of one problem. No function of the loop accepts this type."""

    task_id: str
    source: str
    """Python source that tests the entry point."""
    entry_point: str
    prelude: str
    """The imports and helper functions that the prompt defines; the test may use them."""


def load_hidden(name: str) -> dict[str, HiddenTest]:
    """Return the hidden tests of a dataset by task id. Raises DatasetError for a broken record."""
    hidden: dict[str, HiddenTest] = {}
    for where, record in source_of(name).records():
        task_id = text_field(record, "task_id", where)
        test = text_field(record, "test", where)
        entry_point = text_field(record, "entry_point", where)
        hidden[task_id] = HiddenTest(
            task_id=task_id,
            source=f"{test}\ncheck({entry_point})\n",
            entry_point=entry_point,
            prelude=prelude(text_field(record, "prompt", where)),
        )
    return hidden
