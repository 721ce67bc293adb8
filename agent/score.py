"""`python -m agent.score SAMPLES`: pass@k of a file of samples, on the hidden tests."""

from __future__ import annotations

import asyncio
import json
import sys

from agent.support.command import command, out_file, progress_line, remark_line


@command("agent.score")
def main(argv: list[str]) -> int:
    """Score the samples, print the figures, and write the verdicts if --out is given."""
    from agent.evaluation.scoring import score_samples
    from agent.evaluation.settings import ScoreConfig
    from agent.report.sample_lines import score_lines
    from agent.settings import parse
    from agent.support.files import dump_lines, write_atomically

    config = parse(ScoreConfig, argv, "agent.score")
    out = out_file(config.out)
    scores, verdicts = asyncio.run(
        score_samples(config, progress_line("samples"), remark_line("agent.score"))
    )
    if out is not None:
        write_atomically(out, dump_lines(verdict.model_dump() for verdict in verdicts))
    if config.as_json:
        print(json.dumps(scores.model_dump(by_alias=True)))
    else:
        print(*score_lines(scores), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
