"""A store of model answers in SQLite, so that no answer is paid for twice.

It is content-addressed: an answer is found by its request (model, messages, sampling) and its index
among the samples of that request. SQLite runs in write-ahead mode: once `put` has returned, the
answers survive a killed process. Several runs may share a file.

Former versions stored the answers of served models under the name alone. The first identity of a
name that a store gets to know owns these answers.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from agent.errors import StoreError
from agent.models.fingerprint import ServedIdentity
from agent.types import Completion, Message, Sampling, Usage, usage_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
  key TEXT PRIMARY KEY, model TEXT NOT NULL, messages TEXT NOT NULL, sampling TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
  key TEXT NOT NULL, sample INTEGER NOT NULL, completion TEXT NOT NULL, PRIMARY KEY (key, sample)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (key TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS models (
  number INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE,
  plain TEXT NOT NULL, facts TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS asked (
  answers INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL
);
"""


BUSY_SECONDS = 60.0
"""Time to wait for another process that writes to the same store."""


class Request:
    """A request in canonical form, and the key made from it."""

    def __init__(self, model: str, messages: Sequence[Message], sampling: Sampling):
        self.model = model
        self.messages = _canonical([message.model_dump() for message in messages])
        self.sampling = _canonical(sampling.model_dump(mode="json"))
        asked = "\n".join((self.model, self.messages, self.sampling))
        self.key = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


class Store:
    """Answers on disk. Every method raises StoreError if the file cannot be used."""

    def __init__(self, path: Path):
        """Open a store, and create it if needed. Raises StoreError, also if it is damaged."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            sound = _prepared(self._database)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise StoreError(f"{path}: cannot be opened as a store: {error}") from None
            sound = False
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened as a store: {error}") from None
        if not sound:
            raise StoreError(damage(path))

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            words = damage(self.path) if is_damage(error) else f"{self.path}: {error}"
            raise StoreError(words) from None

    def get(self, key: str, sample: int) -> Completion | None:
        """Return an answer, or None if the store does not have it."""
        with self._translated_errors():
            row = self._database.execute(
                "SELECT completion FROM answers WHERE key = ? AND sample = ?", (key, sample)
            ).fetchone()
        try:
            return Completion.model_validate_json(row[0]) if row else None
        except ValidationError:
            raise StoreError(damage(self.path)) from None

    def refusal(self, key: str, context: int | None = None) -> str | None:
        """Return the server's message if the request was refused as too long, else None.

        A refusal by a server with another context than `context` does not count.
        """
        with self._translated_errors():
            found = self._database.execute(
                "SELECT reason FROM refused WHERE key IN (?, ?)", (key, _refused_key(key, context))
            )
            row = found.fetchone()
        return str(row[0]) if row else None

    def put(
        self, request: Request, first: int, answers: Sequence[Completion], *, fresh: bool = False
    ) -> None:
        """Store answers as samples first, first + 1, ...; existing samples are not replaced.

        `fresh` says that the model gave them for this store: `spent` counts them.
        """
        usage = usage_of(answers)
        with self._transaction(request):
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

    def refuse(self, request: Request, reason: str, context: int | None = None) -> None:
        """Record that a request was refused as too long, so that it is not sent again."""
        with self._transaction(request):
            self._database.execute(
                "INSERT OR IGNORE INTO refused VALUES (?, ?)",
                (_refused_key(request.key, context), reason),
            )

    @contextmanager
    def _transaction(self, request: Request) -> Iterator[None]:
        with self._translated_errors(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute(
                "INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?)",
                (request.key, request.model, request.messages, request.sampling),
            )
            yield

    def spent(self) -> tuple[int, Usage]:
        """Return the number of answers that models gave for this store so far, and their tokens."""
        with self._translated_errors():
            row = self._database.execute(
                "SELECT SUM(answers), SUM(prompt_tokens), SUM(completion_tokens) FROM asked"
            ).fetchone()
        answers, prompt, completion = (value or 0 for value in row)
        return answers, Usage(prompt_tokens=prompt, completion_tokens=completion)

    def models(self) -> list[str]:
        """Return the identities of the models that were asked, sorted."""
        with self._translated_errors():
            rows = self._database.execute("SELECT DISTINCT model FROM requests").fetchall()
            owners = self._database.execute(
                "SELECT plain, identity FROM models ORDER BY number DESC"
            ).fetchall()
        owner = dict(owners)  # the first identity of a name remains
        return sorted({owner.get(model, model) for (model,) in rows})

    def introduce(self, model: ServedIdentity) -> bool:
        """Record the identity of a served model. Return True if the store did not know it."""
        with self._translated_errors():
            done = self._database.execute(
                "INSERT OR IGNORE INTO models (identity, plain, facts) VALUES (?, ?, ?)",
                (str(model), model.plain, model.model_dump_json()),
            )
        return done.rowcount > 0

    def known(self, identity: str) -> ServedIdentity | None:
        """Return the facts of a served model that was introduced, else None."""
        return next((model for model in self._introduced() if str(model) == identity), None)

    def namesakes(self, model: ServedIdentity) -> list[ServedIdentity]:
        """Return the other identities of the model's name, in the order of introduction."""
        return [
            other
            for other in self._introduced()
            if other.plain == model.plain and str(other) != str(model)
        ]

    def former_name(self, identity: str) -> str | None:
        """Return the name whose answers without an identity belong to `identity`, if any do."""
        with self._translated_errors():
            row = self._database.execute(
                "SELECT plain, identity FROM models WHERE plain = "
                "(SELECT plain FROM models WHERE identity = ?) ORDER BY number LIMIT 1",
                (identity,),
            ).fetchone()
        return str(row[0]) if row and row[1] == identity else None

    def count(self, model: str) -> int:
        """Return the number of answers of a model."""
        with self._translated_errors():
            row = self._database.execute(
                "SELECT COUNT(*) FROM answers JOIN requests USING (key) WHERE model = ?", (model,)
            ).fetchone()
        return int(row[0])

    def _introduced(self) -> list[ServedIdentity]:
        with self._translated_errors():
            rows = self._database.execute("SELECT facts FROM models ORDER BY number").fetchall()
        try:
            return [ServedIdentity.model_validate_json(facts) for (facts,) in rows]
        except ValidationError:
            raise StoreError(damage(self.path)) from None

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _refused_key(key: str, context: int | None) -> str:
    return key if context is None else f"{key} {context}"


def _prepared(database: sqlite3.Connection) -> bool:
    """Create the tables of a store. Return False if the file is damaged.

    Tries again while another process creates the same store: SQLite does not wait by itself for the
    switch to write-ahead mode.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return False
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return True


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, rather than the disk full or the folder read-only."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT


def damage(path: Path) -> str:
    """Return one line on a damaged store: how much is lost, and how to recover."""
    good, bad = readable(path)
    lost = f"at least {bad:,} of {good + bad:,} answers cannot be read"
    return (
        f"{path}: damaged: {lost}; move the file away, and a run asks again for answers that "
        f"no other store has; `sqlite3 {path.name} .recover` may save more"
    )


def readable(path: Path) -> tuple[int, int]:
    """Return the numbers of answers in a damaged store that can and cannot be read."""
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
