"""The outputs of a finished run: its report, its answers, and one line per problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.answers.programs import completion_of
from agent.datasets import Dataset
from agent.report.build import answered, build_report
from agent.report.markdown import render_markdown
from agent.report.summary import Report, Unscored
from agent.runner.folder import RunFolder
from agent.runner.page_files import write_finished
from agent.support.files import dump_json, dump_lines
from agent.types import Trace, Usage


@dataclass(frozen=True)
class FinishedProblems:
    """The problems of a finished run, in the dataset's order: each is scored or unscored."""

    traces: tuple[Trace, ...]
    unscored: tuple[Unscored, ...]


def finish(
    folder: RunFolder,
    dataset: Dataset,
    done: FinishedProblems,
    starts: Sequence[float],
    asked: int = 0,
    spent: Usage | None = None,
    part: str = "",
) -> Report:
    """Write the files that follow from the traces: samples, results, summary and report.

    `starts` has the wall time of each start of the run, in seconds. `asked` is the number of
    answers that came from the model, not from a store, and `spent` has their tokens.
    `part` says how a part of the dataset was chosen.
    """
    traces, unscored, manifest = done.traces, done.unscored, folder.manifest()
    report = build_report(
        traces,
        dataset=dataset.name,
        model=str(manifest["model"]),
        sandbox=str(manifest["sandbox"]["backend"]),  # type: ignore[index]  # JSON is untyped
        starts=starts,
        asked=asked,
        spent=spent,
        unscored=unscored,
        dataset_problems=len(dataset.problems),
        part=part,
    )
    for name, text in samples_files(traces).items():
        folder.write(name, text)
    lines = [_result(trace) for trace in traces] + [u.model_dump() for u in unscored]
    folder.write("results.jsonl", dump_lines(lines))
    folder.write("report.md", render_markdown(report, manifest))
    write_finished(folder, traces, report, manifest)
    # Last, since its presence says that the run is finished.
    folder.write("summary.json", dump_json(report.model_dump(mode="json")))
    return report


def samples_files(traces: Sequence[Trace]) -> dict[str, str]:
    """Return the texts of the files for other evaluators, by name: answers, and single shots."""
    return {
        "samples.jsonl": dump_lines(_sample(t, t.choice.candidate) for t in traces),
        "baseline.jsonl": dump_lines(_sample(t, 0) for t in traces),
    }


def _sample(trace: Trace, candidate: int) -> dict[str, str]:
    completion = completion_of(trace.problem, trace.candidates[candidate].source)
    return {"task_id": trace.problem.task_id, "completion": completion}


def _result(trace: Trace) -> dict[str, object]:
    score = trace.score
    if score is None:
        raise ValueError(f"{trace.problem.task_id} is not scored")
    answer, usage = trace.choice.candidate, trace.usage
    return {
        "task_id": trace.problem.task_id,
        "single_shot": score.passed[0],
        "final": score.passed[answer],
        "oracle": any(score.passed),
        "views": {
            name: {"single_shot": v[0], "final": v[answer]} for name, v in score.views.items()
        },
        "candidate": answer,
        "candidates": len(trace.candidates),
        "round": trace.chosen.round,
        "rounds": trace.rounds,
        "stopped": trace.stopped,
        "outcome": score.outcomes[answer],
        "visible_passed": sum(outcome.passed for outcome in trace.rows[answer].outcomes),
        "visible_tests": len(trace.tests),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "calls": answered(trace.calls),
        "executions": trace.executions,
        "isolation": score.check.isolation,
        "unjudged": "" if trace.is_judged else score.check.failure,
    }
