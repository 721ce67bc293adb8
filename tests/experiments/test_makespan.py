"""The lower bound: a finished run's requests, answered for a client without overhead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.types import Call, Completion, Message, Sampling
from experiments.bench.latency import Hardware
from experiments.bench.makespan import ProblemWork, RequestSize, least, makespan, work_of
from tests.experiments.small_traces import One, trace_of

PLAIN = Hardware(prefill=100, step_seconds=0.1, sequence_seconds=0, places=8)
asks = st.builds(
    RequestSize,
    st.integers(0, 100),
    st.lists(st.integers(1, 30), min_size=1, max_size=4).map(tuple),
)
works = st.lists(
    st.builds(
        ProblemWork,
        st.lists(asks, min_size=1, max_size=2).map(tuple),
        st.lists(asks, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=6,
)


def test_rounds_wait_for_drafts_and_tests_and_for_each_other() -> None:
    work = ProblemWork(
        (RequestSize(0, (10, 30)), RequestSize(0, (40,))),
        (RequestSize(100, (10,)), RequestSize(0, (5,))),
    )
    assert makespan([work], PLAIN, 8) == pytest.approx(4 + 2 + 0.5)
    assert least([work], PLAIN) == pytest.approx(4 + 2 + 0.5)


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    work = ProblemWork((RequestSize(0, (10,)),), ())
    assert makespan([work] * 4, PLAIN, 4) == pytest.approx(1)
    assert makespan([work] * 4, PLAIN, 1) == pytest.approx(4)


@given(works, st.integers(1, 8), st.integers(1, 8))
def test_the_bound_is_never_below_what_no_order_can_beat(
    found: list[ProblemWork], places: int, concurrency: int
) -> None:
    model = PLAIN.model_copy(update={"places": places, "sequence_seconds": 0.01})
    assert makespan(found, model, concurrency) >= least(found, model) * (1 - 1e-9)


def call(purpose: str, prompt: str, *answers: str) -> Call:
    return Call(
        purpose=purpose,
        round=0,
        messages=(Message(role="user", content=prompt),),
        sampling=Sampling(),
        completions=tuple(Completion(text=text) for text in answers),
    )


def test_tokens_are_counted_on_the_texts_of_a_trace() -> None:
    calls = (
        call("draft", "abcd", "abcde", "a"),
        call("tests", "", "ab"),
        call("rex", "ab", "abcd"),
    )
    found = work_of(trace_of(One(passed=False), calls=calls))
    assert found == ProblemWork(
        (RequestSize(1, (2, 1)), RequestSize(0, (1,))), (RequestSize(1, (1,)),)
    )
