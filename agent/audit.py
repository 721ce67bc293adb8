"""`python -m agent.audit RUN`: prove that no hidden test leaked into the loop of a run.

The loop runs again on the public part of each problem, with the answers and outcomes of the trace.
It must give the same trace. agent/runner/audit.py says what that proves and what it does not.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from agent.support.command import NOT_DONE, command
from agent.support.options import CommandParser


@command("agent.audit")
def main(argv: list[str]) -> int:
    """Audit a run. Return 0 if there are no findings, else 1."""
    parser = CommandParser("agent.audit", __doc__)
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    arguments = parser.parse_args(argv)

    from agent.runner.audit import audit_run

    count, found = asyncio.run(audit_run(arguments.run))
    if arguments.json:
        print(json.dumps({"traces": count, "findings": found}))
    else:
        for task, wrong in found.items():
            print(f"{task}: {'; '.join(wrong)}")
        verdict = (
            f"{len(found)} findings" if found else "all problems follow from public inputs alone"
        )
        print(f"{count} traces audited: {verdict}")
    return NOT_DONE if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
