"""Runs against the misbehaving server, and the parts of them that tests compare."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent.run import main
from agent.types import CLOCKS
from tests.faults.problems import key_of
from tests.faults.server import FaultyServer

STARTS = frozenset({"asked", "spent"})
"""Fields of the summary that depend on retries and restarts, unlike the results."""
COSTS = STARTS | {"prompt_tokens", "completion_tokens", "usage"}


@dataclass(frozen=True)
class Site:
    """A server, a dataset, and the paths of a run and its shared store."""

    server: FaultyServer
    dataset: Path
    run: Path
    store: Path
    sandbox: str = "local"

    @property
    def folder(self) -> Path:
        """The folder that only this run uses."""
        return self.run.parent

    @classmethod
    def make(cls, server: FaultyServer, dataset: Path, folder: Path) -> Site:
        """Return a site with run and store in a folder."""
        return cls(server, dataset, folder / "run", folder / "store.sqlite")

    def arguments(self, *more: str) -> list[str]:
        """Return arguments for a run with drafts, generated tests and repair."""
        given = {
            "--dataset": str(self.dataset),
            "--out": str(self.run),
            "--store": str(self.store),
            "--sandbox": self.sandbox,
            "--model": "served",
            "--model.base-url": self.server.url,
            "--draft.n": "3",
        }
        return [*(part for pair in given.items() for part in pair), *more]

    def begin(self, *more: str) -> int:
        """Start the run."""
        return main(self.arguments(*more))

    def resume(self, *more: str) -> int:
        """Resume the run."""
        return main(["--resume", str(self.run), *more])

    def results(self, without: Collection[str] = STARTS) -> dict[str, str]:
        """Return all files of the run that must not depend on faults, without some fields."""
        return results(self.run, without)


def results(run: Path, without: Collection[str] = ()) -> dict[str, str]:
    """Return a run's files as text, without wall times and the named fields."""
    left_out = {*CLOCKS, "starts", *without}
    names = ("samples.jsonl", "baseline.jsonl", "results.jsonl")
    files = {name: _lines(run / name, set(without)) for name in names}
    paths = [run / "summary.json", *sorted((run / "traces").glob("*.json"))]
    return files | {path.name: _whole(path, left_out) for path in paths}


def _lines(path: Path, left_out: set[str]) -> str:
    text = path.read_text(encoding="utf-8")
    if not left_out & COSTS - STARTS:
        return text  # unchanged, byte for byte
    return "\n".join(json.dumps(_less(json.loads(line), left_out)) for line in text.splitlines())


def _whole(path: Path, left_out: set[str]) -> str:
    return json.dumps(_less(json.loads(path.read_bytes()), left_out), indent=1)


def _less(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        # `calls` is a number in the results, but in a trace it is the calls themselves.
        names_here = names - {"calls"} if isinstance(value.get("calls"), list) else names
        return {key: _less(item, names) for key, item in value.items() if key not in names_here}
    return [_less(item, names) for item in value] if isinstance(value, list) else value


def stored(path: Path) -> set[str]:
    """Return the server's keys of all answers in a store.

    Reads a copy, so that the next start finds the file as the last one left it.
    """
    with TemporaryDirectory() as folder:
        for file in path.parent.glob(f"{path.name}*"):
            shutil.copy(file, folder)
        return _stored(Path(folder) / path.name)


def _stored(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        try:
            rows = database.execute(
                "SELECT messages, sampling, sample FROM requests JOIN answers USING (key)"
            ).fetchall()
        except sqlite3.OperationalError:  # the run was killed before the tables existed
            return set()
    found = set()
    for messages, text, sample in rows:
        sampling = json.loads(text)
        found.add(key_of(json.loads(messages), sampling, sampling["seed"] + sample))
    return found
