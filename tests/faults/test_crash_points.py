"""Runs that are killed repeatedly at any point and resumed: their results do not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from agent.runner.folder import RunFolder
from tests.faults.forks import End, Forks, Start
from tests.faults.problems import PROBLEMS
from tests.faults.server import FaultyServer
from tests.faults.site import Site, results, stored

KILLS = 5
"""Largest number of kills per folder."""
FOLDERS = 5
LANES = 2
"""Folders that are processed in parallel, each with its own server."""
ANSWER_SECONDS = 0.03
KILLED = -9
FINISHED = ("samples.jsonl", "baseline.jsonl", "results.jsonl", "report.md")


@dataclass
class Lane:
    """A forking process and a server for one folder at a time, and the stages of its kills."""

    forks: Forks
    server: FaultyServer
    found: Counter[str]
    """Number of kills by stage of the run."""
    unshared: set[str]
    """Answers that a finished run has but its shared store lacks."""

    def start(self, site: Site, seconds: float | None = None, write: int | None = None) -> End:
        """Start or resume a run, record its stage if killed, and check that no answer is lost."""
        kept = answers_in(site)
        self.server.answered.clear()
        more = ["--sandbox.slots", "1"]
        begun = (site.run / "manifest.json").exists()
        arguments = ["--resume", str(site.run), *more] if begun else site.arguments(*more)
        end = self.forks.run(Start(arguments, str(site.folder / "log"), seconds, write))
        assert end.code in (0, KILLED), (site.folder / "log").read_text()[-2000:]
        assert not kept & self.server.answered.keys(), "an answer that was kept is asked for again"
        if end.code == KILLED:
            self.found[stage(site.run)] += 1
        return end


def answers_in(site: Site) -> set[str]:
    """Return the answers in either store."""
    return stored(site.run / "store.sqlite") | stored(site.store)


def stage(run: Path) -> str:
    """Return the stage of a run, by the files in its folder."""
    if not (run / "manifest.json").exists():
        return "no run" if not run.exists() else "half a folder"
    if any((run / name).exists() for name in FINISHED):
        return "finishing files"
    traces = RunFolder.open(run).traces()
    scored = sum(trace.score is not None for trace in traces)
    if traces:
        return f"traces: {'some' if scored < len(PROBLEMS) else 'all'} scored"
    return "answers" if stored(run / "store.sqlite") else "no answer"


@pytest.fixture(scope="module")
def lanes() -> Iterator[list[Lane]]:
    """Start LANES lanes."""
    with ExitStack() as stack:
        made = []
        for _ in range(LANES):
            server = FaultyServer()
            server.start()
            stack.callback(server.close)
            made.append(Lane(stack.enter_context(closing(Forks())), server, Counter(), set()))
        yield made


def measured(lane: Lane, undisturbed: Site, folder: Path, **how: int) -> End:
    """Make a whole run in its own folder, without a kill, and return its end."""
    folder.mkdir()
    return lane.start(Site.make(lane.server, undisturbed.dataset, folder), **how)


def finish(lane: Lane, site: Site, undisturbed: Site) -> None:
    """Resume a run to its end, and compare its results."""
    assert lane.start(site).code == 0
    assert results(site.run) == results(undisturbed.run)
    lane.unshared |= stored(site.run / "store.sqlite") - stored(site.store)


def left(site: Site, undisturbed: Site) -> float:
    """Return the share of a run's answers that no store has yet."""
    return 1 - len(answers_in(site)) / len(stored(undisturbed.store))


def in_lanes(lanes: list[Lane], work: Callable[[Lane, int], None], folders: int) -> Counter[str]:
    """Do `work` for all folders, and return the number of kills by stage."""
    for lane in lanes:
        lane.server.forget()
        lane.server.delay = ANSWER_SECONDS
        lane.found.clear()
        lane.unshared.clear()

    def share(number: int) -> None:
        for folder in range(number, folders, LANES):
            work(lanes[number], folder)

    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(share, range(LANES)))
    found = sum((lane.found for lane in lanes), Counter[str]())
    print(f"{found.total()} kills: {dict(found)}")
    assert not any(lane.unshared for lane in lanes), "answers that other runs would ask for again"
    return found


def test_a_run_that_is_killed_before_any_write_ends_as_if_nothing_had_happened(
    lanes: list[Lane], undisturbed: Site, tmp_path: Path
) -> None:
    """Up to 25 kills; the first one of each folder falls into its own fifth of the run."""
    whole = measured(lanes[0], undisturbed, tmp_path / "whole", write=0).writes

    def work(lane: Lane, folder: int) -> None:
        random = Random(folder)
        site = Site.make(lane.server, undisturbed.dataset, tmp_path / str(folder))
        site.folder.mkdir()
        write = 1 + int(whole * (folder + random.random()) / FOLDERS)
        for _ in range(KILLS):
            if lane.start(site, write=write).code == 0:
                break
            write = 1 + int(whole * random.random() * (0.1 + 0.8 * left(site, undisturbed)))
        finish(lane, site, undisturbed)

    found = in_lanes(lanes, work, FOLDERS)
    assert found.total() > KILLS * FOLDERS / 2
    assert len(found) >= 3


def test_a_run_that_is_killed_at_any_time_ends_as_if_nothing_had_happened(
    lanes: list[Lane], undisturbed: Site, tmp_path: Path
) -> None:
    """Kills by the clock: between writes a run waits for the server and the sandbox."""
    whole: dict[int, float] = {}

    def work(lane: Lane, folder: int) -> None:
        if folder < LANES:  # measured with all lanes busy, as during the kills
            whole[folder] = measured(lane, undisturbed, tmp_path / f"whole {folder}").seconds
        random = Random(folder)
        site = Site.make(lane.server, undisturbed.dataset, tmp_path / str(folder))
        site.folder.mkdir()
        for _ in range(KILLS):
            seconds = (
                whole[folder % LANES] * random.random() * (0.3 + 0.7 * left(site, undisturbed))
            )
            if lane.start(site, seconds=seconds).code == 0:
                break
        finish(lane, site, undisturbed)

    in_lanes(lanes, work, FOLDERS)
