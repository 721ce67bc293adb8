"""What a run says while it goes: a bar where somebody watches, a line now and then where not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from agent.types import Trace


class _Bar(Progress):
    """The bar, with a line of text below it."""

    state = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is drawn."""
        yield from super().get_renderables()
        yield Text(self.state, style="dim")


class Watcher:
    """Counts problems done, and how many of them pass their visible tests.

    It never shows a hidden verdict: those are for the report.
    """

    def __init__(self, console: Console):
        self._console = console
        self._bar = _Bar(
            TextColumn("problems"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar.live.is_started:
            self._bar.stop()

    def say(self, line: str) -> None:
        """One line."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def show(self, line: str) -> None:
        """How busy all is: below the bar where there is one."""
        if self._console.is_terminal:
            self._bar.state = line
        else:
            self.say(line)

    def watch(self, total: int) -> Callable[[Trace | None], None]:
        """Start counting to `total`."""
        counts = {"done": 0, "unscored": 0, "rounds": 0}
        passed: Counter[int] = Counter()
        task = self._bar.add_task("problems", total=total, note="")
        if self._console.is_terminal:
            self._bar.start()

        def progress(trace: Trace | None) -> None:
            counts["done"] += 1
            counts["unscored"] += trace is None
            counts["rounds"] += trace.rounds if trace else 0
            if trace is not None and trace.stopped == "passed":
                passed[trace.rounds] += 1
            note = f"{_passing(passed)}, {counts['rounds']} repair rounds"
            if counts["unscored"]:
                note += f", {counts['unscored']} unscored"
            self._bar.update(task, advance=1, note=note)
            if not self._console.is_terminal and _is_tenth(counts["done"], total):
                self.say(f"{counts['done']}/{total} problems, {note}")

        return progress


def _passing(passed: Counter[int]) -> str:
    """How many problems pass what is visible, and which rounds did that."""
    rounds = (f"round {number}: {passed[number]}" for number in sorted(passed) if number)
    parts = ", ".join((f"drafts: {passed[0]}", *rounds))
    return f"{passed.total()} pass what is visible ({parts})"


def _is_tenth(done: int, total: int) -> bool:
    return done == total or done * 10 // total != (done - 1) * 10 // total
