"""Runs on full disks and with damaged stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.disk import Disk, DiskError, small_disk
from tests.faults.plans import Meanwhile, Refusal, about, at
from tests.faults.site import Site, stored

Said = pytest.CaptureFixture[str]
PLACES = ("run", "store", "run and store")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mount a disk for one test."""
    try:
        with small_disk(tmp_path / "disk") as disk:
            yield disk
    except DiskError as error:
        pytest.skip(str(error))


def on(disk: Disk, site: Site, place: str) -> Site:
    """Return a site with its run, its shared store or both on the disk."""
    run = disk.path / "run" if "run" in place else site.run
    store = disk.path / "store.sqlite" if "store" in place else site.store
    return replace(site, run=run, store=store)


def assert_said_in_a_line(capsys: Said, path: Path) -> None:
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("agent.run: ")
    assert str(path) in lines[-1]
    assert "Traceback" not in "".join(lines)


def assert_goes_on(site: Site, undisturbed: Site) -> None:
    """Check that a resumed run has undisturbed results and asks for no stored answer again."""
    kept = stored(site.run / "store.sqlite") | stored(site.store)
    site.server.plan = []
    site.server.answered.clear()
    assert site.resume() == 0
    assert not kept & site.server.answered.keys()
    assert site.results() == undisturbed.results()


@pytest.mark.parametrize("number", [1, 8, 19])
@pytest.mark.parametrize("place", PLACES)
def test_a_disk_that_fills_up_ends_the_run_and_it_goes_on_when_there_is_room(
    site: Site, undisturbed: Site, disk: Disk, capsys: Said, place: str, number: int
) -> None:
    """All earlier answers are in a store, since only one request at a time is running."""
    here, answered = on(disk, site, place), site.server.answered
    before: set[str] = set()

    def fill() -> None:
        before.update(answered)
        disk.fill()

    here.server.plan = [(at(number), Meanwhile(fill))]
    assert here.begin("--model.concurrency", "1") == 2
    assert_said_in_a_line(capsys, disk.path)
    disk.free()
    assert before <= stored(here.run / "store.sqlite") | stored(here.store)
    if place != "run and store":  # the other store has room for the last answer
        assert answered.keys() == stored(here.run / "store.sqlite") | stored(here.store)
    assert_goes_on(here, undisturbed)


def test_a_disk_that_is_full_at_the_end_is_said_and_the_run_can_be_finished(
    site: Site, undisturbed: Site, disk: Disk, capsys: Said
) -> None:
    here = on(disk, site, "run")
    assert here.begin() == 0
    for name in ("samples.jsonl", "baseline.jsonl", "results.jsonl", "report.md", "summary.json"):
        (here.run / name).unlink()
    disk.fill()
    assert here.resume() == 2
    assert_said_in_a_line(capsys, here.run)
    disk.free()
    assert_goes_on(here, undisturbed)


def test_a_disk_that_is_full_before_the_run_is_said(site: Site, disk: Disk, capsys: Said) -> None:
    disk.fill()
    assert on(disk, site, "run").begin() == 2
    assert_said_in_a_line(capsys, disk.path)
    assert not site.server.requests


def overwrite(path: Path) -> None:
    """Overwrite the middle of the file."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xa5" * (size // 2))


def truncate(path: Path) -> None:
    """Cut off the second half of the file."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def break_row(path: Path) -> None:
    """Cut one answer so that it is not JSON."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE answers SET completion = substr(completion, 1, 20) "
            "WHERE (key, sample) IN (SELECT key, sample FROM answers LIMIT 1)"
        )


DAMAGE: dict[str, Callable[[Path], None]] = {
    "overwritten": overwrite,
    "truncated": truncate,
    "a broken row": break_row,
}


@pytest.mark.parametrize("which", ["run", "shared"])
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_store_is_named_with_what_is_lost_and_can_be_done_without(
    site: Site, undisturbed: Site, capsys: Said, kind: str, which: str
) -> None:
    site.server.plan = [(about("halve"), Refusal(503))]
    assert site.begin("--model.retries", "0") == 1
    own = site.run / "store.sqlite"
    path = own if which == "run" else site.store
    if which == "shared":  # so that the run needs the shared store
        own.unlink()
    for trace in (site.run / "traces").iterdir():
        trace.unlink()
    DAMAGE[kind](path)
    capsys.readouterr()
    assert site.resume("--model.retries", "0") == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"agent.run: {path}: damaged")
    assert any(character.isdigit() for character in last.replace(str(path), ""))
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    assert_goes_on(site, undisturbed)
