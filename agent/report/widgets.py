"""Pieces that several views share. All text from models goes through `visible` here."""

from __future__ import annotations

import difflib

from rich.console import Console
from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text

from agent.support.safe_text import visible

_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def heading(console: Console, title: str) -> None:
    """Begin a section."""
    console.print()
    console.print(Rule(Text(visible(title), style="bold"), align="left"))


def verdict(passed: bool | None) -> Text:
    """A hidden-test verdict in one word or two."""
    if passed is None:
        return Text("not scored yet", style="dim")
    return Text("passed", style="green") if passed else Text("failed", style="red")


def show(console: Console, text: Text) -> None:
    """Print lines as they are: a terminal may wrap them, but nothing is cut or padded."""
    console.print(text, soft_wrap=True)


def python(source: str) -> Text:
    """Python, highlighted in the terminal's own colours."""
    syntax = Syntax("", "python", theme="ansi_dark", background_color="default")
    text = syntax.highlight(visible(source).strip("\n"))
    text.rstrip()
    return text


def diff(before: str, after: str, before_name: str, after_name: str) -> Text:
    """A unified diff, or a line that says there is none."""
    lines = difflib.unified_diff(
        visible(before).splitlines(),
        visible(after).splitlines(),
        before_name,
        after_name,
        lineterm="",
    )
    styled = [Text(line, style=_DIFF_STYLES.get(line[:1], "")) for line in lines]
    return Text("\n").join(styled) if styled else Text("no change", style="dim")
