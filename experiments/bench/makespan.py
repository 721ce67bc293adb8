"""A simulation of the shortest time in which a server can answer a finished run's requests.

The simulated client takes no time: it sends a problem's next request as soon as it may. It sends
drafts and tests at once, and every later request when the one before it is answered. While fewer
answers are in flight than the run's limit, the problem that was begun first goes next, as in
`agent.support.semaphore`. Tokens are counted on the traces' own texts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from agent.types import Call, Trace
from experiments.bench.filler import tokens
from experiments.bench.latency import Hardware, Scheduler


class RequestSize(NamedTuple):
    """The size of a request: tokens of its prompt and of each answer."""

    prompt: int
    lengths: tuple[int, ...]


class ProblemWork(NamedTuple):
    """The requests of one problem."""

    at_once: tuple[RequestSize, ...]
    then: tuple[RequestSize, ...]
    """Sent one after another, after the answers to `at_once`."""

    @property
    def asks(self) -> tuple[RequestSize, ...]:
        """All requests of the problem."""
        return self.at_once + self.then


def work_of(trace: Trace) -> ProblemWork:
    """Return the requests of a problem, from its trace."""
    first = tuple(_ask(call) for call in trace.calls if call.purpose in ("draft", "tests"))
    then = tuple(_ask(call) for call in trace.calls if call.purpose not in ("draft", "tests"))
    return ProblemWork(first, then)


def _ask(call: Call) -> RequestSize:
    prompt = sum(tokens(message.content) for message in call.messages)
    return RequestSize(prompt, tuple(tokens(answer.text) for answer in call.completions))


def makespan(works: Sequence[ProblemWork], hardware: Hardware, concurrency: int) -> float:
    """Return the seconds from the first request to the last answer."""
    scheduler = Scheduler[tuple[int, int]](hardware)
    outbox = [
        (number, i, ask) for number, work in enumerate(works) for i, ask in enumerate(work.at_once)
    ]  # sorted, and so a heap
    open_asks = [len(work.at_once) for work in works]
    later = [deque(work.then) for work in works]
    in_flight = 0
    while True:
        while outbox and in_flight < concurrency:
            number, _, ask = heappop(outbox)
            scheduler.submit((number, len(ask.lengths)), ask.prompt, ask.lengths)
            in_flight += len(ask.lengths)
        time = scheduler.next_time()
        if time == inf:
            return scheduler.now
        for _, (number, answers) in scheduler.advance(time):
            in_flight -= answers
            open_asks[number] -= 1
            if not open_asks[number] and later[number]:
                heappush(outbox, (number, 0, later[number].popleft()))
                open_asks[number] = 1


def least(works: Iterable[ProblemWork], hardware: Hardware) -> float:
    """Return the seconds that no order can beat: all tokens in full batches, or the longest chain.

    A chain is the requests of one problem, which has the server to itself.
    """
    known = list(works)
    asks = [ask for work in known for ask in work.asks]
    decoding = sum(sum(ask.lengths) for ask in asks) / hardware.most
    reading = sum(ask.prompt for ask in asks) / hardware.prefill
    return max(decoding, reading, *(_chain(work, hardware) for work in known))


def _chain(work: ProblemWork, hardware: Hardware) -> float:
    """Return the seconds of a problem that has the server to itself."""

    def alone(ask: RequestSize) -> float:
        return ask.prompt / hardware.prefill + max(ask.lengths) / hardware.speed(1)

    return max(map(alone, work.at_once), default=0.0) + sum(map(alone, work.then))
