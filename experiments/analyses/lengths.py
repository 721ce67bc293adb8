"""Lengths of answers in tokens by purpose, and of right and wrong programs in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.types import Call
from experiments.analyses.analysis_table import (
    AnalysedRun,
    AnalysisTable,
    Cell,
    line_count,
    mean,
    middle,
)
from experiments.analyses.failures import by_verdict, programs_of

NAME = "lengths"


def tables(runs: Sequence[AnalysedRun]) -> Iterator[AnalysisTable]:
    """Yield the table of answers, and the table of programs."""
    yield AnalysisTable(
        name=NAME,
        title="Length of answers",
        notes=("In tokens, as the server counts them. An answer is cut at `max_tokens`.",),
        head=(
            *("run", "purpose", "answers", "prompt, mean", "answer, mean", "median", "longest"),
            *("cut", "without text", "tokens in all"),
        ),
        rows=tuple(row for run in runs for row in _answers(run)),
    )
    yield AnalysisTable(
        name=NAME,
        title="Length of programs",
        notes=("Lines that are not empty; right and wrong by the hidden tests.",),
        head=("run", "programs of", "right", "lines, mean", "wrong", "lines of these, mean"),
        rows=tuple(row for run in runs for row in _programs(run)),
    )


def purpose_of(call: Call) -> str:
    """Return the purpose of a request, with its step if a round has several."""
    return f"{call.purpose}: {call.step}" if call.step else call.purpose


def _answers(run: AnalysedRun) -> Iterator[tuple[Cell, ...]]:
    calls = [call for trace in run.traces.values() for call in trace.calls]
    for purpose in dict.fromkeys(map(purpose_of, calls)):
        asked = [call for call in calls if purpose_of(call) == purpose]
        answers = [answer for call in asked for answer in call.completions]
        prompts = [
            max(a.usage.prompt_tokens for a in c.completions) for c in asked if c.completions
        ]
        lengths = [answer.usage.completion_tokens for answer in answers]
        yield (
            *(run.name, purpose, len(answers), mean(prompts), mean(lengths), middle(lengths)),
            max(lengths, default=None),
            sum(answer.finish_reason == "length" for answer in answers),
            sum(bool(answer.no_text) for answer in answers),
            sum(call.usage.total for call in asked),
        )


def _programs(run: AnalysedRun) -> Iterator[tuple[Cell, ...]]:
    for label, programs in programs_of(run.traces):
        sources = by_verdict(programs)
        right, wrong = ([*map(line_count, sources[verdict])] for verdict in (True, False))
        yield run.name, label, len(right), mean(right), len(wrong), mean(wrong)
