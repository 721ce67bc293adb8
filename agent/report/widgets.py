"""Widgets that several views share. They pass all text from models through `visible`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from agent.support.safe_text import visible
from agent.types import Trace

_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}
QUOTED_LINES = 20
"""Maximum number of lines of a prompt or answer to show, unless the view is full."""


@dataclass(frozen=True)
class View:
    """A console, and the choice whether to print everything (`full`) or what fits its width.

    If the view is not `full`, lines are folded at the console's width, and long quotations are
    shortened with a note. A full view leaves lines as they are.
    """

    console: Console
    full: bool = False

    def heading(self, title: str) -> None:
        """Print the heading of a section."""
        self.console.print()
        self.console.print(Rule(Text(visible(title), style="bold"), align="left"))

    def show(self, text: Text) -> None:
        """Print a text, folded at the console's width unless the view is full."""
        width = self.console.width
        lines = text.split(allow_blank=True) if self.full else text.wrap(self.console, width)
        for line in lines:
            line.rstrip()
            self.console.print(line, soft_wrap=True)

    def quote(self, who: str, text: str) -> None:
        """Print a message to or from a model, with the speaker `who` before each line.

        Of a long text the end is shown: a prompt has its most specific part last.
        """
        lines = visible(text).rstrip().splitlines()
        hidden = 0 if self.full else max(0, len(lines) - QUOTED_LINES)
        if hidden > 1:
            lines = [f"… {hidden} more lines: --full shows them", *lines[hidden:]]
        quoted = (f"{who}> {line}".rstrip() for line in lines)
        self.show(Text("\n".join(quoted), style="dim"))


def print_table(console: Console, table: Table) -> None:
    """Print a table, without blanks at the ends of lines unless they go to a terminal."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.print(Text(line.rstrip()), soft_wrap=True)


def verdict(passed: bool | None, *, judged: bool = True) -> Text:
    """Return a hidden-test verdict as text: passed, failed, unjudged, or not scored yet for None.

    `judged` is False if the reference solution of the problem fails, too.
    """
    if passed is None:
        return Text("not scored yet", style="dim")
    if not (passed or judged):
        return Text("unjudged", style="yellow")
    return Text("passed", style="green") if passed else Text("failed", style="red")


def hidden(trace: Trace, candidate: int) -> Text:
    """Return the hidden-test verdict on a candidate as text."""
    if trace.score is None:
        return verdict(None)
    return verdict(trace.score.passed[candidate], judged=trace.score.judges(candidate))


def python(source: str) -> Text:
    """Return Python source, highlighted in the terminal's colours."""
    syntax = Syntax("", "python", theme="ansi_dark", background_color="default")
    text = syntax.highlight(visible(source).strip("\n"))
    text.rstrip()
    text.no_wrap = False
    return text


def diff(before: str, after: str, before_name: str, after_name: str) -> Text:
    """Return a unified diff, or `no change` if the texts are equal."""
    lines = difflib.unified_diff(
        visible(before).splitlines(),
        visible(after).splitlines(),
        before_name,
        after_name,
        lineterm="",
    )
    return coloured_diff([*lines]) or Text("no change", style="dim")


def coloured_diff(lines: Sequence[str]) -> Text:
    """Return the lines of a unified diff in colours."""
    styled = (Text(visible(line), style=_DIFF_STYLES.get(line[:1], "")) for line in lines)
    return Text("\n").join(styled)


def shortened(text: str, width: int) -> str:
    """Return a text on one line, cut to `width` cells. A cut text ends with an ellipsis."""
    line = " ".join(visible(text).split())
    return line if cell_len(line) <= width else f"{set_cell_size(line, width - 1).rstrip()}…"
