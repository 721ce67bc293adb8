"""`python -m agent.select`: selection on recorded samples and tests, without a model."""

from __future__ import annotations

import asyncio
import json
import sys

from agent.support.command import command, out_file, progress_line, remark_line


@command("agent.select")
def main(argv: list[str]) -> int:
    """Select one sample per problem, and score the samples if --score is given."""
    from agent.evaluation.selection_figures import summarise
    from agent.evaluation.selectors import run_selection
    from agent.evaluation.settings import SelectConfig
    from agent.report.sample_lines import selection_lines
    from agent.settings import parse
    from agent.support.files import dump_lines, write_atomically

    config = parse(SelectConfig, argv, "agent.select")
    out = out_file(config.out)
    say = remark_line("agent.select")
    found = asyncio.run(run_selection(config, progress_line("problems"), say))
    if out is not None:
        write_atomically(out, dump_lines(chosen.line() for chosen in found.choices))
    if not config.score:
        print(*(json.dumps(chosen.record()) for chosen in found.choices), sep="\n")
    elif config.as_json:
        print(json.dumps(summarise(found).model_dump(by_alias=True, exclude_none=True)))
    else:
        print(*selection_lines(summarise(found)), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
