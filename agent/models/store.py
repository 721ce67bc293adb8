"""The store: every answer that was ever paid for, so that nothing is asked twice.

Content-addressed: an answer is found by what was asked (model, messages, sampling) and its index
among the samples of that request. SQLite in write-ahead mode: an answer that `put` returned for
survives a killed process, and several runs may share a file.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from agent.errors import StoreError
from agent.types import Completion, Message, Sampling, Usage, usage_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
  key TEXT PRIMARY KEY, model TEXT NOT NULL, messages TEXT NOT NULL, sampling TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
  key TEXT NOT NULL, sample INTEGER NOT NULL, completion TEXT NOT NULL, PRIMARY KEY (key, sample)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (key TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (
  answers INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL
);
"""


class Request:
    """What was asked, in canonical form, and the key made of it."""

    def __init__(self, model: str, messages: Sequence[Message], sampling: Sampling):
        self.model = model
        self.messages = _canonical([message.model_dump() for message in messages])
        self.sampling = _canonical(sampling.model_dump(mode="json"))
        asked = "\n".join((self.model, self.messages, self.sampling))
        self.key = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


class Store:
    """Answers on disk. Every method raises StoreError where the file cannot be used."""

    def __init__(self, path: Path):
        """Open a store, making it where there is none; a damaged one is said to be so."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=60, isolation_level=None)
            sound = self._database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            if sound:
                self._database.execute("PRAGMA journal_mode=WAL")
                self._database.execute("PRAGMA synchronous=NORMAL")
                self._database.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise StoreError(f"{path}: no store can be opened here: {error}") from None
            sound = False
        except OSError as error:
            raise StoreError(f"{path}: no store can be opened here: {error}") from None
        if not sound:
            raise StoreError(damage(path))

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            words = damage(self.path) if is_damage(error) else f"{self.path}: {error}"
            raise StoreError(words) from None

    def get(self, key: str, sample: int) -> Completion | None:
        """One answer, or None."""
        with self._reported():
            row = self._database.execute(
                "SELECT completion FROM answers WHERE key = ? AND sample = ?", (key, sample)
            ).fetchone()
        try:
            return Completion.model_validate_json(row[0]) if row else None
        except ValidationError:
            raise StoreError(damage(self.path)) from None

    def refusal(self, key: str) -> str | None:
        """Why a request was refused as too long, or None."""
        with self._reported():
            found = self._database.execute("SELECT reason FROM refused WHERE key = ?", (key,))
            row = found.fetchone()
        return str(row[0]) if row else None

    def put(
        self, request: Request, first: int, answers: Sequence[Completion], *, fresh: bool = False
    ) -> None:
        """Keep answers as samples first, first + 1, ...; one that is there already stays.

        `fresh` ones were asked of a model itself for this store: `spent` counts them.
        """
        usage = usage_of(answers)
        with self._writing(request):
            self._database.executemany(
                "INSERT OR IGNORE INTO answers VALUES (?, ?, ?)",
                [
                    (request.key, first + i, answer.model_dump_json())
                    for i, answer in enumerate(answers)
                ],
            )
            if fresh:
                self._database.execute(
                    "INSERT INTO asked VALUES (?, ?, ?)",
                    (len(answers), usage.prompt_tokens, usage.completion_tokens),
                )

    def refuse(self, request: Request, reason: str) -> None:
        """Keep that a request was refused as too long, so that it is not sent again."""
        with self._writing(request):
            self._database.execute(
                "INSERT OR IGNORE INTO refused VALUES (?, ?)", (request.key, reason)
            )

    @contextmanager
    def _writing(self, request: Request) -> Iterator[None]:
        with self._reported(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute(
                "INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?)",
                (request.key, request.model, request.messages, request.sampling),
            )
            yield

    def spent(self) -> tuple[int, Usage]:
        """Answers that were asked of a model for this store since it was made, and their tokens."""
        with self._reported():
            row = self._database.execute(
                "SELECT SUM(answers), SUM(prompt_tokens), SUM(completion_tokens) FROM asked"
            ).fetchone()
        answers, prompt, completion = (value or 0 for value in row)
        return answers, Usage(prompt_tokens=prompt, completion_tokens=completion)

    def models(self) -> list[str]:
        """The models whose answers are here."""
        with self._reported():
            rows = self._database.execute("SELECT DISTINCT model FROM requests ORDER BY model")
            return [model for (model,) in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, and not the disk full or the folder closed."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT


def damage(path: Path) -> str:
    """What is lost of a damaged store, in a line, and what can be done."""
    good, bad = readable(path)
    lost = f"at least {bad:,} of {good + bad:,} answers cannot be read"
    return (
        f"{path}: damaged: {lost}; move it away, and a run asks for those again that no other "
        f"store has; `sqlite3 {path.name} .recover` may save the rest"
    )


def readable(path: Path) -> tuple[int, int]:
    """Answers of a damaged store that can still be read, and those that are there and cannot."""
    good = bad = 0
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return 0, 0
    try:
        keys = [row for (row,) in database.execute("SELECT key FROM requests")]
        for key in keys:
            one, other = _readable_answers(database, key)
            good, bad = good + one, bad + other
    except sqlite3.Error:
        bad += 1
    finally:
        database.close()
    return good, bad


def _readable_answers(database: sqlite3.Connection, key: str) -> tuple[int, int]:
    good = bad = 0
    try:
        for (text,) in database.execute("SELECT completion FROM answers WHERE key = ?", (key,)):
            try:
                Completion.model_validate_json(text)
            except ValidationError:
                bad += 1
            else:
                good += 1
    except sqlite3.Error:
        bad += 1
    return good, bad
