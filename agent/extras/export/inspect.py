"""An Inspect log (`.eval`): `inspect view` opens it, and `inspect_ai.log` reads it.

Each problem is a sample of one epoch. Its messages are those that led to the answer, in the model's
own words, and then the program, if it is a patch of that answer. Its scores are the verdicts of the
hidden tests on the answer and on the single shot; an unjudged problem has none. The target is
empty: a log for people to look at does not need the reference solution.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent import Report, Trace, __version__

EPOCH = 1
_STOPS = {"stop": "stop", "length": "max_tokens", "content_filter": "content_filter"}
Json = dict[str, Any]


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write the log. Its times are those of the traces; of the export, if they have none."""
    model = report.model if report else "unknown"
    samples = [_sample(trace, model) for trace in traces]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for sample in samples:
            _put(file, f"samples/{sample['id']}_epoch_{EPOCH}.json", sample)
        _put(file, "summaries.json", [_summary(sample) for sample in samples])
        _put(file, "header.json", _header(traces, report, model))


def _put(file: zipfile.ZipFile, name: str, value: object) -> None:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(entry, json.dumps(value))


def _header(traces: Sequence[Trace], report: Report | None, model: str) -> Json:
    name = report.dataset if report else "unknown"
    times = [time for trace in traces for time in trace.timeline]
    now = datetime.now(UTC).timestamp()
    started = _date(min((time.start for time in times), default=now))
    ids = [trace.problem.task_id for trace in traces]
    scored = [trace for trace in traces if trace.is_judged]
    rates = {"hidden_tests": _rate(scored, final=True), "single_shot": _rate(scored, final=False)}
    return {
        "version": 2,
        "status": "success" if report and (report.starts or report.seconds) else "started",
        "eval": {
            "created": started,
            "task": f"codeloop/{name}",
            "dataset": {"name": name, "samples": len(ids), "sample_ids": ids, "shuffled": False},
            "model": model,
            "config": {"epochs": EPOCH},
            "packages": {"codeloop": __version__},
        },
        "plan": {"name": "codeloop", "steps": [{"solver": "codeloop", "params": {}}]},
        "results": {
            "total_samples": len(traces),
            "completed_samples": len(scored),
            "scores": [
                {
                    "name": name,
                    "scorer": name,
                    "scored_samples": len(scored),
                    "unscored_samples": len(traces) - len(scored),
                    "metrics": {"accuracy": {"name": "accuracy", "value": rate}},
                }
                for name, rate in rates.items()
            ],
        },
        "stats": {
            "started_at": started,
            "completed_at": _date(max((time.end for time in times), default=now)),
            "model_usage": {model: _usage(traces)},
        },
    }


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _rate(scored: Sequence[Trace], *, final: bool) -> float:
    right = sum(_passes(trace, trace.choice.candidate if final else 0) for trace in scored)
    return right / len(scored) if scored else 0.0


def _passes(trace: Trace, candidate: int) -> bool:
    return trace.score is not None and trace.score.passed[candidate]


def _usage(traces: Sequence[Trace]) -> Json:
    prompt = sum(trace.usage.prompt_tokens for trace in traces)
    answer = sum(trace.usage.completion_tokens for trace in traces)
    return {"input_tokens": prompt, "output_tokens": answer, "total_tokens": prompt + answer}


def _sample(trace: Trace, model: str) -> Json:
    source = answer = trace.chosen
    while source.patch is not None and source.parent is not None:
        source = trace.candidates[source.parent]
    written = trace.written(source.id)
    messages: list[Json] = []
    if written:
        call, completion = written
        messages = [{"role": one.role, "content": one.content} for one in call.messages]
        messages.append(_assistant(completion.text) | {"source": "generate"})
    last = _assistant(answer.source)
    if source is not answer or not written:
        messages.append(last)
    scores = {}
    if trace.is_judged:
        scores = {
            "hidden_tests": _score(trace, answer.id),
            "single_shot": _score(trace, 0),
        }
    return {
        "id": trace.problem.task_id,
        "epoch": EPOCH,
        "input": trace.problem.prompt,
        "target": "",
        "messages": messages,
        "output": {
            "model": model,
            "choices": [
                {"message": last, "stop_reason": _STOPS.get(answer.finish_reason, "unknown")}
            ],
            "completion": answer.source,
        },
        "scores": scores,
        "metadata": {
            "entry_point": trace.problem.entry_point,
            "stopped": trace.stopped,
            "rounds": trace.rounds,
            "candidates": len(trace.candidates),
            "reasons": list(trace.choice.reasons),
            "answer": answer.model_dump(mode="json", include={"id", "parent", "round", "origin"}),
            "patch": list(answer.patch.kinds) if answer.patch else [],
            "unjudged": trace.score.check.failure if trace.score and not trace.is_judged else "",
        },
        "model_usage": {model: _usage([trace])},
        "total_time": trace.seconds,
    }


def _assistant(text: str) -> Json:
    return {"role": "assistant", "content": text}


def _score(trace: Trace, candidate: int) -> Json:
    outcome = trace.score.outcomes[candidate] if trace.score else ""
    return {
        "value": "C" if _passes(trace, candidate) else "I",
        "answer": trace.candidates[candidate].source,
        "explanation": outcome,
    }


def _summary(sample: Json) -> Json:
    kept = ("id", "epoch", "input", "target", "metadata", "scores", "model_usage", "total_time")
    return {name: sample[name] for name in kept} | {"completed": bool(sample["scores"])}
