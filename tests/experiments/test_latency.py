"""The latency model: order of the requests, and durations, without a clock."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.bench.latency import Hardware, Scheduler

PLAIN = Hardware(prefill=100, step_seconds=0.1, sequence_seconds=0, places=2)


class Request(NamedTuple):
    at: float
    prompt: int
    lengths: list[int]


requests = st.lists(
    st.builds(
        Request,
        st.floats(0, 5),
        st.integers(0, 300),
        st.lists(st.integers(1, 50), min_size=1, max_size=4),
    ),
    max_size=12,
).map(lambda found: sorted(found, key=lambda request: request.at))
hardware = st.builds(
    Hardware,
    prefill=st.floats(10, 1000),
    step_seconds=st.floats(0.01, 1),
    sequence_seconds=st.floats(0, 0.1),
    places=st.integers(1, 5),
)


class Played(NamedTuple):
    ends: list[float]
    """Of each request."""
    order: list[int]
    most: int
    """Places that were taken at once."""


def play(model: Hardware, asked: list[Request]) -> Played:
    scheduler = Scheduler[int](model)
    ends, order, most = [inf] * len(asked), [], 0

    def pass_time(until: float) -> None:
        nonlocal most
        while (time := scheduler.next_time()) <= until and time < inf:
            for moment, number in scheduler.advance(time):
                assert ends[number] == inf, "a request ends once"
                ends[number] = moment
                order.append(number)
            most = max(most, scheduler.running)
        if until < inf:
            scheduler.advance(until)

    for number, request in enumerate(asked):
        pass_time(request.at)
        scheduler.submit(number, request.prompt, request.lengths)
        most = max(most, scheduler.running)
    pass_time(inf)
    assert scheduler.running == 0
    return Played(ends, order, most)


def test_a_small_case_is_as_worked_out_by_hand() -> None:
    """Two places: b waits for the second one of a, whose first is shorter."""
    asked = [Request(0, 100, [10, 20]), Request(0, 50, [10])]
    # a reads for 1 s, then decodes: ends after 1 and 2 s more. At 2 s b reads for 0.5 s, then 1 s.
    assert play(PLAIN, asked).ends == pytest.approx([3.0, 3.5])


def test_a_batch_slows_each_sequence_down() -> None:
    model = Hardware(prefill=100, step_seconds=0.1, sequence_seconds=0.1, places=2)
    # Both at 1/0.3 tokens/s until the first has its 10; the other has 10 left, at 1/0.2.
    assert play(model, [Request(0, 0, [10, 20])]).ends == pytest.approx([5.0])
    assert model.most == pytest.approx(2 / 0.3)


def test_prompts_are_read_one_after_another() -> None:
    model = PLAIN.model_copy(update={"places": 9})
    ends = play(model, [Request(0, 100, [1]), Request(0, 100, [1])]).ends
    assert ends == pytest.approx([1.1, 2.1])


@given(hardware, requests)
def test_places_are_never_exceeded_and_everything_ends(
    model: Hardware, asked: list[Request]
) -> None:
    found = play(model, asked)
    assert found.most <= model.places
    assert inf not in found.ends


@given(hardware, requests)
def test_no_token_is_had_for_nothing(model: Hardware, asked: list[Request]) -> None:
    ends = play(model, asked).ends
    for request, end in zip(asked, ends, strict=True):
        alone = request.prompt / model.prefill + max(request.lengths) / model.speed(1)
        assert end >= (request.at + alone) * (1 - 1e-9)
    tokens = sum(sum(request.lengths) for request in asked)
    assert max(ends, default=0) >= tokens / model.most * (1 - 1e-9)


@given(hardware, st.lists(st.integers(0, 300), max_size=12))
def test_equal_requests_end_in_the_order_in_which_they_came(
    model: Hardware, prompts: list[int]
) -> None:
    asked = [Request(0, prompt, [7]) for prompt in prompts]
    assert play(model, asked).order == [*range(len(prompts))]


@given(requests, st.integers(1, 4), st.floats(1, 5))
def test_a_faster_server_is_never_later_to_finish(
    asked: list[Request], places: int, times: float
) -> None:
    slow = Hardware(prefill=50, step_seconds=0.1, sequence_seconds=0.01, places=places)
    together = [request._replace(at=0.0) for request in asked]
    fast = Hardware(
        prefill=50 * times,
        step_seconds=0.1 / times,
        sequence_seconds=0.01 / times,
        places=places,
    )
    last = max(play(slow, together).ends, default=0)
    assert max(play(fast, together).ends, default=0) == pytest.approx(last / times)


def test_a_server_that_is_told_of_a_later_moment_stays_there() -> None:
    scheduler = Scheduler[str](PLAIN, start=10.0)
    assert scheduler.advance(20.0) == []
    scheduler.submit("a", 0, [10])
    assert scheduler.next_time() == 20.0
    ((end, key),) = scheduler.advance(30.0)
    assert end == pytest.approx(21.0)
    assert key == "a"
    assert scheduler.now == 30.0
