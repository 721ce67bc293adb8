"""`python -m agent.select`: selection on recorded samples and tests, without a model."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from agent.support.command import command, out_file, progress_line, remark_line

if TYPE_CHECKING:
    from agent.evaluation.selectors import SelectionScores


@command("agent.select")
def main(argv: list[str]) -> int:
    """Select one sample per problem, and score the samples if --score is given."""
    from agent.evaluation.selectors import run_selection, summarise
    from agent.evaluation.settings import SelectConfig
    from agent.settings import parse
    from agent.support.files import dump_lines, write_atomically

    config = parse(SelectConfig, argv, "agent.select")
    out = out_file(config.out)
    say = remark_line("agent.select")
    found = asyncio.run(run_selection(config, progress_line("problems"), say))
    if out is not None:
        write_atomically(out, dump_lines(chosen.line() for chosen in found.choices))
    if config.score:
        _print_scores(summarise(found), as_json=config.as_json)
    else:
        for chosen in found.choices:
            print(json.dumps(chosen.record()))
    return 0


def _print_scores(scores: SelectionScores, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(scores.model_dump(by_alias=True, exclude_none=True)))
        return
    from agent.report.figures import by_reason, count, isolation_text, part_of, unjudged_head

    if scores.unjudged:
        total = scores.problems
        if not scores.unjudged_count_as_failed:
            total += len(scores.unjudged)
        counted = scores.unjudged_count_as_failed
        print(unjudged_head(len(scores.unjudged), count(total, "problem"), counted=counted))
        print("\n".join(by_reason((item.task_id, item.reason) for item in scores.unjudged)))
    problems = part_of(scores.problems, scores.dataset_problems)
    print(f"{scores.selector} on {scores.samples} samples of {problems}")
    print(f"pass@1 {scores.pass_1.expected:.4f} expected, {scores.pass_1.returned:.4f} returned")
    for k, value in ((2, scores.pass_2), (10, scores.pass_10)):
        if value is not None:
            print(f"pass@{k} {value:.4f}")
    print(f"problems by isolation: {isolation_text(scores.isolation, scores.unchecked)}")
    print(f"random {scores.random:.4f}, oracle {scores.oracle:.4f}")
    print(f"{100 * scores.closed:.1f} % of the gap between random and oracle is closed")
    print(f"the selector distinguished candidates in {scores.told} of {scores.problems} problems")
    print(
        f"{scores.programs} distinct programs, {scores.examples} docstring examples, "
        f"{scores.generated} generated tests, {scores.runs} runs of a program on a test; "
        f"{scores.seconds:.1f} s and {scores.scoring_seconds:.1f} s to score"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
