"""The table of prompts in docs/prompts.md: `python -m experiments.prompt_table` writes it."""

from __future__ import annotations

import re
import sys

from agent.config import PromptConfig
from agent.prompts.drafts import DRAFTS, load_prompt, prompt_names
from agent.report.markdown import table
from agent.support.command import command
from agent.support.options import CommandParser
from experiments.studies.markers import write_block

NAME = "experiments.prompt_table"
MARKERS = ("<!-- prompts: begin -->", "<!-- prompts: end -->")
_OF_FUNCTION = "the start of a function, to be completed in a fence: the default"
"""The source of the form of a template whose text may not change: others say it in a comment."""


@command(NAME)
def main(argv: list[str]) -> int:
    """Write the table between its markers."""
    CommandParser(NAME, "Write the table of prompts into docs/prompts.md.").parse_args(argv)
    write_block(block(), MARKERS)
    return 0


def block() -> str:
    """Return a table with a row per prompt, from the first line of its template."""
    head = ("`--draft.prompt.name`", "Form and source", "Turns")
    rows = ((f"`{name}`", _about(name), _turns(name)) for name in prompt_names())
    return f"{table(head, rows)}\n\n*(written by `python -m {NAME}`)*"


def _about(name: str) -> str:
    comment = re.match(r"\{# (.*?) #\}", (DRAFTS / f"{name}.j2").read_text("utf-8"))
    return comment[1] if comment else _OF_FUNCTION


def _turns(name: str) -> str:
    return ", ".join(load_prompt(PromptConfig(name=name)).template.blocks) or "user"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
