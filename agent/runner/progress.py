"""The progress of a run on stderr: a live display on a terminal, occasional lines in a pipe."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from agent.report.figures import duration
from agent.runner.monitor import WAITING
from agent.types import Trace

PIPE_SECONDS = 10.0
"""Minimum number of seconds between two lines in a pipe."""
PIPE_SHARE = 0.05
"""Minimum pause between two lines in a pipe, as a share of the elapsed time.

It keeps the log of a long run short."""


class _Bar(Progress):
    """A progress bar with lines of text below it."""

    state = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the bar, then the lines."""
        yield from super().get_renderables()
        yield Text(self.state, style="dim")


class Watcher:
    """The display of a run: problems done, elapsed and remaining time, and use of the backends.

    It never shows a hidden verdict: those are for the report. If it is `quiet`, it shows only the
    last line given to `say`, and only if the run ends with an exception.
    """

    def __init__(self, console: Console, *, quiet: bool = False):
        self._console, self._quiet = console, quiet
        self._bar = _Bar(
            TextColumn("problems"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("problems", total=None)
        self._count = _Count(0)
        self._last_line = ""
        self._next_line = PIPE_SECONDS
        self._shown = (-1, "")
        """The problems done, and the use of the backends, in the last line in a pipe."""

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
        if self._quiet and error is not None and self._last_line:
            self._print(self._last_line)

    def say(self, line: str) -> None:
        """Print a line that stays above the live display."""
        self._last_line = line
        if not self._quiet:
            self._print(line)

    def watch(self, total: int) -> Callable[[Trace | None], None]:
        """Begin to count to `total`. Returns the function to call when a problem is done."""
        self._count = _Count(total)
        self._bar.update(self._task, total=total)
        if self._console.is_terminal and not self._quiet:
            self._bar.start()

        def progress(trace: Trace | None) -> None:
            self._count.add(trace)
            self._bar.update(self._task, advance=1)

        return progress

    def show(self, use: str) -> None:
        """Show the number of problems done, and `use`, a line on the use of model and sandbox.

        In a pipe, a line on a wait for a server is not repeated.
        """
        count = self._count
        count.tick()
        if self._quiet:
            return
        if self._console.is_terminal:
            self._bar.state = f"{count.pace()}\n{count.results()}\n{use}"
        elif WAITING in use and (count.done, use) == self._shown:
            return
        elif count.seconds >= self._next_line or count.is_complete:
            self._shown = count.done, use
            self._next_line = count.seconds + max(PIPE_SECONDS, PIPE_SHARE * count.seconds)
            self._print(
                f"{count.done}/{count.total} problems, {count.pace()}; {use}; {count.results()}"
            )

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class _Count:
    """Problems done of a total, and the pace at which they are done."""

    def __init__(self, total: int):
        self.total, self.done = total, 0
        self.seconds = 0.0
        self._began = time.monotonic()
        self._unscored = self._rounds = 0
        self._passed: Counter[int] = Counter()
        self._read: int | None = None
        """Problems done at the first tick after 0.5 s: a resumed run reads them from its folder."""

    def add(self, trace: Trace | None) -> None:
        """Count a problem that is done: its trace, or None if it stays unscored."""
        self.done += 1
        self._unscored += trace is None
        self._rounds += trace.rounds if trace else 0
        if trace is not None and trace.stopped == "passed":
            self._passed[trace.rounds] += 1

    @property
    def is_complete(self) -> bool:
        """Whether all problems are done."""
        return self.done >= self.total

    def tick(self) -> None:
        """Update the elapsed time."""
        self.seconds = time.monotonic() - self._began
        if self._read is None and self.seconds > 0.5 and not self.is_complete:
            self._read = self.done

    def pace(self) -> str:
        """Return a text with the elapsed and estimated remaining time, and problems per minute."""
        fresh, seconds = self.done - (self._read or 0), self.seconds
        elapsed = f"{duration(seconds)} elapsed"
        if fresh <= 0 or seconds < 1:
            return elapsed
        rate = f"{60 * fresh / seconds:.1f} problems/min"
        if self.is_complete:
            return f"{elapsed}, {rate}"
        left = duration(seconds / fresh * (self.total - self.done))
        return f"{elapsed}, about {left} left, {rate}"

    def results(self) -> str:
        """Return a text with the number of problems that stopped as passed, per round."""
        passed = self._passed
        rounds = (f"round {number}: {passed[number]}" for number in sorted(passed) if number)
        parts = ", ".join((f"drafts: {passed[0]}", *rounds))
        text = f"{passed.total()} stopped as passed ({parts}), {self._rounds} repair rounds"
        return f"{text}, {self._unscored} unscored" if self._unscored else text
