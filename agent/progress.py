"""What a run says while it goes: a bar where somebody watches, a line now and then where not."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agent.types import Trace


class Watcher:
    """Counts problems done, and how many of them pass their visible tests.

    It never shows a hidden verdict: those are for the report.
    """

    def __init__(self, console: Console):
        self._console = console
        self._bar = Progress(
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

    def watch(self, total: int) -> Callable[[Trace | None], None]:
        """Start counting to `total`."""
        counts = {"done": 0, "passed": 0, "unscored": 0, "rounds": 0}
        task = self._bar.add_task("problems", total=total, note="")
        if self._console.is_terminal:
            self._bar.start()

        def progress(trace: Trace | None) -> None:
            counts["done"] += 1
            counts["unscored"] += trace is None
            counts["passed"] += trace is not None and trace.stopped == "passed"
            counts["rounds"] += trace.rounds if trace else 0
            note = f"{counts['passed']} pass what is visible, {counts['rounds']} repair rounds"
            if counts["unscored"]:
                note += f", {counts['unscored']} unscored"
            self._bar.update(task, advance=1, note=note)
            if not self._console.is_terminal and _is_tenth(counts["done"], total):
                self.say(f"{counts['done']}/{total} problems, {note}")

        return progress


def _is_tenth(done: int, total: int) -> bool:
    return done == total or done * 10 // total != (done - 1) * 10 // total
