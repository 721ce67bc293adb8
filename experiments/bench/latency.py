"""A simulation of a model server's latency: prefill, batches and sequence slots, without a model.

A simplification of continuous batching. A request for n answers is n sequences in one queue, first
come, first served; each takes one of the server's places until it is finished. The first sequence
of a request reads the prompt (prefill), one prompt after another. Then every sequence in a place
decodes, more slowly the larger the batch is. Prefill and decoding do not slow each other down. The
caller provides the clock: the stand-in server and the simulation of the bound run the same code.
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
    """A server's speed. The defaults are roughly those of a 0.5 B model on one ordinary GPU."""

    prefill: Annotated[float, Field(gt=0)] = 20_000.0
    """Prompt tokens per second, over all requests together."""
    step_seconds: Annotated[float, Field(gt=0)] = 0.008
    """Seconds that a decoding step takes, however few sequences it has."""
    sequence_seconds: Annotated[float, Field(ge=0)] = 0.000_08
    """Seconds that each sequence in the batch adds to a decoding step."""
    places: Annotated[int, Field(ge=1)] = 256
    """Maximum number of sequences that run at the same time."""

    def speed(self, sequences: int) -> float:
        """Return the tokens per second of each sequence in a batch of `sequences`."""
        return 1 / (self.step_seconds + sequences * self.sequence_seconds)

    @property
    def most(self) -> float:
        """Tokens per second of a full batch, all its sequences together."""
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
    """The server's queue and running sequences at the time `now`."""

    def __init__(self, hardware: Hardware, start: float = 0.0):
        self._hardware = hardware
        self.now = start
        self._keys: list[Key] = []
        self._left: Counter[int] = Counter()
        self._waiting: deque[_Sequence] = deque()
        self._reading: deque[_Sequence] = deque()
        self._read = 0.0  # prompt tokens read so far, of the first sequence in _reading
        # All sequences decode at one speed, so each ends at a position of one common token count.
        self._decoding: list[tuple[float, int, _Sequence]] = []
        self._position = 0.0
        self._order = 0

    @property
    def running(self) -> int:
        """Number of places that are taken."""
        return len(self._reading) + len(self._decoding)

    def submit(self, key: Key, prompt: int, lengths: Sequence[int]) -> None:
        """Queue a request that arrives now, for answers of these lengths in tokens."""
        number = len(self._keys)
        self._keys.append(key)
        self._left[number] = len(lengths)
        prompts = [prompt] + [0] * (len(lengths) - 1)
        pairs = zip(prompts, lengths, strict=True)
        self._waiting.extend(_Sequence(number, *pair) for pair in pairs)
        self._admit()

    def next_time(self) -> float:
        """Return the time of the next event; infinity if no sequence is running."""
        return min(self._next_read(), self._next_end())

    def advance(self, until: float) -> list[tuple[float, Key]]:
        """Advance the clock. Return the requests finished by `until`, each after its end time."""
        done: list[tuple[float, Key]] = []
        while (time := self.next_time()) <= until:
            reads = self._next_read() == time
            self._elapse(time)
            if reads:
                self._begin_decoding()
                continue
            _, _, sequence = heappop(self._decoding)
            self._admit()
            self._left[sequence.request] -= 1
            if not self._left[sequence.request]:
                done.append((time, self._keys[sequence.request]))
        self._elapse(until)
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

    def _elapse(self, time: float) -> None:
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
