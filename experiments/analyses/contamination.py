"""Contamination: whether a model continues a benchmark's prompts word for word.

A prompt is cut in the middle of its words, and the model is asked for the rest, greedily. Long
verbatim continuations say that the model has seen the text; their absence says nothing. After
Golchin and Surdeanu 2024, "Time Travel in LLMs", with exact words in place of a judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.models.base import Model
from agent.support.concurrency import all_or_first_error
from agent.types import Message, Problem, Sampling
from experiments.analyses.analysis_table import AnalysisTable, Cell, mean, percent

NAME = "contamination"
FEWEST = 16
"""Words of a prompt below which it is not asked about: its rest could be guessed."""
LONG = 8
"""Words in a row that count as word for word."""
TOKENS = 128
"""Length of the continuation."""
INSTRUCTION = "Continue this text exactly as it goes on. Write nothing but the continuation.\n\n"


def halves(problem: Problem) -> tuple[str, str] | None:
    """Return the first and the second half of a prompt, by words; None of a short one."""
    words = problem.prompt.split()
    if len(words) < FEWEST:
        return None
    place, text = 0, problem.prompt
    for word in words[: len(words) // 2]:
        place = text.index(word, place) + len(word)
    return text[:place], text[place:]


def copied(rest: str, answer: str) -> int:
    """Return the number of words with which an answer begins as the rest of the prompt does."""
    number = 0
    for expected, found in zip(rest.split(), answer.split(), strict=False):
        if expected != found:
            break
        number += 1
    return number


async def table(problems: Sequence[Problem], model: Model, sampling: Sampling) -> AnalysisTable:
    """Ask for the rest of every prompt. Return the table. Raises ModelError."""
    found: dict[str, tuple[int, int]] = {}
    asked = {one.task_id: parts for one in problems if (parts := halves(one))}

    async def ask(task: str, first: str, rest: str) -> None:
        prefix = "" if sampling.endpoint == "completions" else INSTRUCTION
        messages = [Message(role="user", content=prefix + first)]
        (answer,) = await model.complete(messages, 1, sampling)
        found[task] = copied(rest, answer.text.removeprefix(first)), len(rest.split())

    await all_or_first_error(ask(task, *parts) for task, parts in asked.items())
    lines = {task: found[task] for task in asked}
    return AnalysisTable(
        name=NAME,
        title="Contamination",
        notes=(
            f"The model was asked, greedily, for the second half of {len(asked)} of {len(problems)}"
            f" prompts (those with at least {FEWEST} words). Long continuations word for word say"
            " that it has seen the text; their absence says nothing.",
            *_named(lines),
        ),
        head=(
            "model",
            "prompts",
            "words copied, mean",
            "longest",
            f"at least {LONG} words",
            "in %",
        ),
        rows=(_row(model.identity, lines),),
    )


def _row(model: str, lines: Mapping[str, tuple[int, int]]) -> tuple[Cell, ...]:
    copies = [number for number, _ in lines.values()]
    long = sum(number >= LONG for number in copies)
    longest = max(copies, default=None)
    return model, len(copies), mean(copies), longest, long, percent(long, len(copies))


def _named(lines: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Yield a line with the problems of the longest copies, if any is long."""
    long = sorted(
        (-number, task, total) for task, (number, total) in lines.items() if number >= LONG
    )
    if long:
        yield (
            "Longest: "
            + ", ".join(f"{task} ({-n} of {total})" for n, task, total in long[:5])
            + "."
        )
