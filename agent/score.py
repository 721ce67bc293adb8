"""`python -m agent.score SAMPLES`: pass@k of a file of samples, on the hidden tests."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from agent.support.command import command, out_file, progress_line, remark_line

if TYPE_CHECKING:
    from agent.evaluation.sample_figures import SampleScores


@command("agent.score")
def main(argv: list[str]) -> int:
    """Score the samples, print the figures, and write the verdicts if --out is given."""
    from agent.evaluation.scoring import score_samples
    from agent.evaluation.settings import ScoreConfig
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
        _print_figures(scores)
    return 0


def _print_figures(scores: SampleScores) -> None:
    from agent.report.figures import by_reason, count, isolation_text, part_of, unjudged_head

    unjudged = sum(item.samples for item in scores.unjudged)
    if unjudged:
        counted = scores.unjudged_count_as_failed
        print(unjudged_head(unjudged, count(scores.samples, "sample"), counted=counted))
        items = ((f"{item.task_id} ({item.samples})", item.reason) for item in scores.unjudged)
        print("\n".join(by_reason(items)))
    samples = scores.samples - (0 if scores.unjudged_count_as_failed else unjudged)
    problems = part_of(scores.judged_problems, scores.dataset_problems)
    print(f"{scores.passed} of {samples} samples pass, {problems}")
    for k, value in scores.pass_at_k.items():
        print(f"pass@{k} {value:.4f}")
    for reason in scores.left_out.values():
        print(reason)
    print(", ".join(f"{count} {name}" for name, count in scores.outcomes.items()))
    print(f"problems by isolation: {isolation_text(scores.isolation, scores.unchecked)}")
    print(f"{scores.seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
