"""How long a model server takes: prompts, batches and places, without a model.

A simplification of continuous batching. A request of n answers is n sequences in one queue, first
come, first served; each takes a place until it is done. The first one has the prompt read, which
costs prompts time one after another; then every sequence in a place decodes, each as slowly as the
batch is large. Reading and decoding do not slow each other down. Time is whatever the caller's
clock says: the stand-in server and the simulation of the bound run the same code.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Sequence
from heapq import heappop, heappush
from math import inf
from typing import Annotated, Generic, NamedTuple, TypeVar

from pydantic import Field

from agent.types import Record

Key = TypeVar("Key", bound=Hashable)


class Hardware(Record):
    """What a server can do. By default, about what a model of 0.5 B does on one ordinary GPU."""

    prefill: Annotated[float, Field(gt=0)] = 20_000.0
    """Prompt tokens a second, of all requests together."""
    step_seconds: Annotated[float, Field(gt=0)] = 0.008
    """A decoding step, however few sequences it has ..."""
    sequence_seconds: Annotated[float, Field(ge=0)] = 0.000_08
    """... and what each sequence in it adds."""
    places: Annotated[int, Field(ge=1)] = 256
    """Sequences at once."""

    def speed(self, sequences: int) -> float:
        """Tokens a second of each of so many sequences."""
        return 1 / (self.step_seconds + sequences * self.sequence_seconds)

    @property
    def most(self) -> float:
        """Tokens a second of a full batch."""
        return self.places * self.speed(self.places)

    def __str__(self) -> str:
        alone, together = self.speed(1), self.speed(self.places)
        return (
            f"{self.places} sequences at once, {alone:.0f} tokens/s alone and {together:.0f} each "
            f"in a full batch, {self.prefill:,.0f} prompt tokens/s"
        )


class _Sequence(NamedTuple):
    request: int
    prompt: int
    length: int


class Scheduler(Generic[Key]):
    """The queue and the places, at some moment."""

    def __init__(self, hardware: Hardware, start: float = 0.0):
        self._hardware = hardware
        self.now = start
        self._keys: list[Key] = []
        self._left: Counter[int] = Counter()
        self._waiting: deque[_Sequence] = deque()
        self._reading: deque[_Sequence] = deque()
        self._read = 0.0  # tokens of the first of them
        # All decode alike, so that each ends at a position of one common count of tokens.
        self._decoding: list[tuple[float, int, _Sequence]] = []
        self._position = 0.0
        self._order = 0

    @property
    def running(self) -> int:
        """Places that are taken."""
        return len(self._reading) + len(self._decoding)

    def submit(self, key: Key, prompt: int, lengths: Sequence[int]) -> None:
        """A request comes in now, for answers of these lengths in tokens."""
        number = len(self._keys)
        self._keys.append(key)
        self._left[number] = len(lengths)
        prompts = [prompt] + [0] * (len(lengths) - 1)
        pairs = zip(prompts, lengths, strict=True)
        self._waiting.extend(_Sequence(number, *pair) for pair in pairs)
        self._admit()

    def next_time(self) -> float:
        """When the next thing happens; infinity where nothing is under way."""
        return min(self._next_read(), self._next_end())

    def advance(self, until: float) -> list[tuple[float, Key]]:
        """Let time pass. Requests that are done by then, each with the moment it was."""
        done: list[tuple[float, Key]] = []
        while (time := self.next_time()) <= until:
            reads = self._next_read() == time
            self._flow(time)
            if reads:
                self._begin_decoding()
                continue
            _, _, sequence = heappop(self._decoding)
            self._admit()
            self._left[sequence.request] -= 1
            if not self._left[sequence.request]:
                done.append((time, self._keys[sequence.request]))
        self._flow(until)
        return done

    def _next_read(self) -> float:
        if not self._reading:
            return inf
        left = max(0.0, self._reading[0].prompt - self._read)
        return self.now + left / self._hardware.prefill

    def _next_end(self) -> float:
        if not self._decoding:
            return inf
        left = max(0.0, self._decoding[0][0] - self._position)
        return self.now + left / self._hardware.speed(len(self._decoding))

    def _flow(self, time: float) -> None:
        seconds, self.now = max(0.0, time - self.now), max(time, self.now)
        if self._reading:
            self._read += seconds * self._hardware.prefill
        if self._decoding:
            self._position += seconds * self._hardware.speed(len(self._decoding))

    def _begin_decoding(self) -> None:
        sequence, self._read = self._reading.popleft(), 0.0
        self._order += 1
        heappush(self._decoding, (self._position + sequence.length, self._order, sequence))

    def _admit(self) -> None:
        while self._waiting and self.running < self._hardware.places:
            self._reading.append(self._waiting.popleft())
