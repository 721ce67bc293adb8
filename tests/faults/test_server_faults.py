"""Faults of the model server during a run, and their effect on the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.report.summary import Unscored
from agent.runner.folder import RunFolder
from experiments.studies.losses import losses
from tests.faults.plans import (
    PASSING,
    Body,
    Half,
    Refusal,
    about,
    always,
    at,
    coming_back,
    for_several,
    hang,
    leave,
    long_repair,
    too_long_prompt,
)
from tests.faults.problems import (
    MODEL,
    PROBLEMS,
    TASKS,
    is_draft,
    is_repair,
    problem_of,
    text_of,
)
from tests.faults.server import Exchange, Fault
from tests.faults.site import COSTS, Site

Choices = list[dict[str, Any]]
Said = pytest.CaptureFixture[str]


def unscored(site: Site) -> tuple[Unscored, ...]:
    report = RunFolder.open(site.run).report()
    assert report is not None
    return report.unscored


def assert_as_undisturbed(site: Site, undisturbed: Site) -> None:
    """Check that results are undisturbed and no answer was requested twice, over all starts."""
    assert site.results() == undisturbed.results()
    assert not site.server.given_twice()
    assert site.results({"spent"}) == undisturbed.results({"spent"})


def assert_ended(site: Site, capsys: Said, words: str) -> None:
    """Check that the run has said why it ended, and how to resume it."""
    lines = capsys.readouterr().err.splitlines()
    assert words in lines[-1]
    assert any(f"--resume {site.run}" in line for line in lines[-2:])
    assert "Traceback" not in "".join(lines)
    assert not (site.run / "summary.json").exists()


def test_the_undisturbed_run_has_something_to_disturb(undisturbed: Site) -> None:
    report = RunFolder.open(undisturbed.run).report()
    assert report is not None
    assert report.single_shot.passed < report.final.passed < len(PROBLEMS)
    assert report.stopped.keys() == {"passed", "rounds"}
    assert report.solved_by_round[1] > 0


OFTEN = (*range(1, 19), 38, 40)
"""Numbers of all draft requests, all requests for tests, and some repairs."""
WHEN = {"an absurdly long answer": (2, 9)}


@pytest.mark.parametrize("name", PASSING)
def test_a_request_that_fails_is_asked_again(site: Site, undisturbed: Site, name: str) -> None:
    site.server.plan = [(at(*WHEN.get(name, OFTEN)), PASSING[name])]
    assert site.begin() == 0
    assert_as_undisturbed(site, undisturbed)


def test_a_request_is_asked_as_often_as_the_settings_say(site: Site, undisturbed: Site) -> None:
    tries = 0

    def thrice(exchange: Exchange) -> bool:
        nonlocal tries
        is_it = about("bump")(exchange) and is_draft(exchange.body)
        tries += is_it
        return is_it and tries <= 3

    site.server.plan = [(thrice, Refusal(503))]
    assert site.begin("--model.retries", "3") == 0
    assert_as_undisturbed(site, undisturbed)


@pytest.mark.parametrize("name", ["status 500", "no reply", "truncated body", "no choices"])
def test_a_problem_whose_requests_all_fail_is_unscored_and_resumed(
    site: Site, undisturbed: Site, name: str
) -> None:
    site.server.plan = [(about("halve"), PASSING[name])]
    assert site.begin("--model.retries", "1") == 1
    assert [problem.task_id for problem in unscored(site)] == [TASKS["halve"]]
    drafts = [body for body in site.server.requests if is_draft(body)]
    numbers = Counter(body["n"] for body in drafts if problem_of(body) == "halve")
    assert numbers == {1: 2, 2: 2}  # the request for the greedy draft, and that for the others
    site.server.plan = []
    assert site.resume() == 0
    assert_as_undisturbed(site, undisturbed)


def test_a_run_on_which_everything_failed_is_resumed(site: Site, undisturbed: Site) -> None:
    names = ("status 429", "reset in mid-body", "half of the JSON", "no object")
    ways = [*(PASSING[name] for name in names), PASSING["invalid UTF-8"], PASSING["empty body"]]
    site.server.plan = [(about(name), way) for name, way in zip(PROBLEMS, ways, strict=True)]
    assert site.begin("--model.retries", "0") == 1
    assert len(unscored(site)) == len(PROBLEMS)
    site.server.plan = []
    assert site.resume() == 0
    assert_as_undisturbed(site, undisturbed)


def given(change: Callable[[Choices], Choices], **more: Any) -> Fault:
    """Return a fault that changes the choices of a correct response, and adds fields."""

    async def fault(exchange: Exchange) -> None:
        await exchange.answer(change(exchange.choices()), **more)

    return fault


def _spoken(choices: Choices) -> Choices:
    """Add fields that a newer server may send."""
    for choice in choices:
        choice |= {"token_ids": [1, 2], "stop_reason": None}
        choice["message"] |= {"reasoning": None, "annotations": [], "new": {"deep": [1]}}
    return choices


def _in_parts(choices: Choices) -> Choices:
    """Give each content as a list of parts, with a thought of another kind between them."""
    for choice in choices:
        text = choice["message"]["content"]
        parts = [{"type": "text", "text": text[:9]}, {"type": "text", "text": text[9:]}]
        choice["message"]["content"] = parts
    return choices


ODD = {
    "content in parts": given(_in_parts),
    "fewer choices": given(lambda choices: choices[:1]),
    "more choices": given(lambda choices: [*choices, {**choices[-1], "index": len(choices)}]),
    "an index twice": given(lambda choices: [choices[0], *choices]),
    "one index in place of all": given(lambda choices: [choices[0]] * len(choices)),
    "choices out of order": given(lambda choices: choices[::-1]),
    "a choice left out": given(lambda choices: choices[:1] + choices[2:]),
    "unknown fields": given(_spoken, prompt_logprobs=None, kv_transfer_params={"a": [None]}),
}


CHARGED = COSTS | {"calls", "request"}
"""Fields that depend on the number of requests that a call takes."""
CHARGED_MORE = {"fewer choices", "a choice left out", "one index in place of all"}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_read_as_what_it_says(site: Site, undisturbed: Site, name: str) -> None:
    site.server.plan = [(always, ODD[name])]
    assert site.begin() == 0
    if name != "a choice left out":  # answers after the gap may be requested again
        assert not site.server.given_twice()
    without = CHARGED if name in CHARGED_MORE else {"spent"}
    assert site.results(without) == undisturbed.results(without)


@pytest.mark.parametrize("name", ["ignored", "refused"])
def test_a_server_with_one_answer_a_request_is_charged_as_often_as_it_is_asked(
    site: Site, undisturbed: Site, capsys: Said, name: str
) -> None:
    refusal = Refusal(400, "one answer a request is all there is")
    ways: dict[str, Fault] = {"ignored": given(lambda choices: choices[:1]), "refused": refusal}
    site.server.plan = [(for_several, ways[name])]
    assert site.begin() == 0
    assert not site.server.given_twice()
    assert site.results(CHARGED) == undisturbed.results(CHARGED)
    report = RunFolder.open(site.run).report()
    assert report is not None
    answered = [body for body in site.server.requests if name == "ignored" or body["n"] == 1]
    assert report.calls == len(answered) == sum(site.server.answered.values())
    assert report.usage.prompt_tokens == sum(len(text_of(body).split()) for body in answered)
    assert report.usage == report.spent
    told = capsys.readouterr().err.count("one answer a request from now on")
    assert told == (name == "refused")


def test_a_budget_counts_the_requests_that_an_ignored_n_takes(site: Site) -> None:
    site.server.plan = [(for_several, given(lambda choices: choices[:1]))]
    assert site.begin("--budget.calls", "4") == 0
    ended = [t for t in RunFolder.open(site.run).traces() if t.stopped == "budget: calls"]
    assert ended
    assert all(len(t.calls) < 4 <= sum(call.requests for call in t.calls) for t in ended)
    assert all(t.rounds == 0 for t in ended)


def _ended(reason: str, **message: Any) -> Callable[[Choices], Choices]:
    """Return a change of choices to answers without text."""

    def change(choices: Choices) -> Choices:
        for choice in choices:
            choice["message"] = {"role": "assistant", "content": None, **message}
            choice["finish_reason"] = reason
        return choices

    return change


CALLED = {"id": "1", "type": "function", "function": {"name": "write", "arguments": "{}"}}
WITHOUT_TEXT = {
    "square": ("cut while thinking", _ended("length", reasoning="x squared is")),
    "bump": ("filtered", _ended("content_filter")),
    "halve": ("tool call", _ended("tool_calls", tool_calls=[CALLED])),
    "negate": ("filtered", _ended("stop", refusal="I cannot help with that.")),
    "double": ("empty", _ended("stop")),
}


def test_answers_without_text_are_counted_by_reason(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.server.plan = [(about(name), given(how)) for name, (_, how) in WITHOUT_TEXT.items()]
    assert site.begin() == 0
    folder = RunFolder.open(site.run)
    report = folder.report()
    assert report is not None
    expected = Counter[str]()
    for name, (reason, _) in WITHOUT_TEXT.items():
        calls = folder.trace(TASKS[name]).calls
        expected[reason] += sum(len(call.completions) for call in calls)
    assert report.without_text == dict(sorted(expected.items()))
    assert sorted(report.without_text) == ["cut while thinking", "empty", "filtered", "tool call"]
    counted = ", ".join(f"{reason}: {number}" for reason, number in report.without_text.items())
    shown = f"{sum(expected.values())} of {report.completions}: {counted}"
    said = capsys.readouterr()
    assert f"answers without text: {shown}" in said.err.splitlines()[-1]
    assert shown in " ".join(said.out.split())
    assert f"| answers without text | {shown} |" in (site.run / "report.md").read_text()
    found = {loss.task_id: loss.label for loss in losses(folder.traces())}
    assert {found[TASKS[name]] for name in WITHOUT_TEXT} == {"no answer"}
    assert site.resume() == 0
    again = folder.report()
    assert again is not None
    assert again.without_text == report.without_text


def test_a_null_log_probability_leaves_the_answer_readable(site: Site) -> None:
    def change(choices: Choices) -> Choices:
        for choice in choices:
            choice["logprobs"]["content"][0]["logprob"] = None
        return choices

    site.server.plan = [(always, given(change))]
    assert site.begin("--model.retries", "0") == 0
    assert not site.server.given_twice()
    answers = [
        answer
        for trace in RunFolder.open(site.run).traces()
        for call in trace.calls
        for answer in call.completions
    ]
    assert all(answer.text and answer.mean_logprob is not None for answer in answers)


@pytest.mark.parametrize("status", [404, 501])
def test_a_server_without_a_list_of_models_is_asked_for_the_named_one(
    site: Site, undisturbed: Site, status: int
) -> None:
    site.server.listing = Refusal(status, "no such path")
    assert site.begin() == 2
    assert site.begin("--model.name", MODEL) == 0
    assert_as_undisturbed(site, undisturbed)


def test_the_words_of_an_error_with_status_200_are_shown(site: Site, capsys: Said) -> None:
    body = Body(b'{"error": {"message": "the GPU is on fire"}}')
    site.server.plan = [(about("halve"), body)]
    assert site.begin("--model.retries", "1") == 1
    (problem,) = unscored(site)
    assert problem.error.endswith(f"{site.server.url}: the GPU is on fire")
    assert "the GPU is on fire" in capsys.readouterr().out


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None, "total_tokens": 3}])
def test_an_answer_without_usage_costs_what_it_shows(
    site: Site, undisturbed: Site, usage: Any
) -> None:
    site.server.plan = [(always, given(lambda choices: choices, usage=usage))]
    assert site.begin("--model.retries", "0") == 0
    assert not site.server.given_twice()
    assert site.results(COSTS) == undisturbed.results(COSTS)


def test_an_answer_without_content_is_empty(site: Site, tmp_path: Path) -> None:
    def second_is(content: str | None) -> Fault:
        def change(choices: Choices) -> Choices:
            for choice in choices[1:2]:
                choice["message"]["content"] = content
            return choices

        return given(change)

    empty, missing = (
        Site.make(site.server, site.dataset, tmp_path / name) for name in ("empty", "missing")
    )
    for one, content in ((empty, ""), (missing, None)):
        site.server.forget()
        site.server.plan = [(about("square"), second_is(content))]
        assert one.begin() == 0
        assert not site.server.given_twice()
    assert missing.results(COSTS) == empty.results(COSTS)
    drafts = RunFolder.open(missing.run).trace(TASKS["square"]).calls[1]
    assert [bool(completion.text) for completion in drafts.completions] == [True, False]


SILENT: dict[str, Fault] = {
    "no word": hang,
    "half of an answer": Half(lambda exchange, _: exchange.hang()),
    "a byte now and then": Half(lambda exchange, rest: exchange.drip(rest, 0.3)),
}


@pytest.mark.parametrize("name", SILENT)
def test_a_request_that_hangs_is_asked_again(site: Site, undisturbed: Site, name: str) -> None:
    site.server.plan = [(at(3), SILENT[name])]
    assert site.begin("--model.timeout", "2") == 0
    assert site.server.requests.count(site.server.requests[2]) == 2
    assert_as_undisturbed(site, undisturbed)


@pytest.mark.parametrize("more", [[], ["--model.retries", "1"]])
def test_a_run_waits_for_a_server_that_comes_back(
    site: Site, undisturbed: Site, capsys: Said, more: list[str]
) -> None:
    site.server.plan = [(at(7, 15), leave)]
    with coming_back(site.server, 0.7):
        assert site.begin(*more) == 0
    assert_as_undisturbed(site, undisturbed)
    lines = capsys.readouterr().err.splitlines()
    assert sum(site.server.url in line for line in lines) >= 2  # the first line names the model


def test_a_server_that_is_not_ready_when_it_is_back_is_asked_again(
    site: Site, undisturbed: Site
) -> None:
    site.server.plan = [(at(5), leave), (at(*range(6, 12)), Refusal(503, "still loading"))]
    with coming_back(site.server, 0.3):
        assert site.begin() == 0
    assert_as_undisturbed(site, undisturbed)


def test_a_run_ends_where_the_server_stays_away_and_goes_on_when_it_is_back(
    site: Site, undisturbed: Site, capsys: Said
) -> None:
    for start in (site.begin, site.resume):
        site.server.plan = [(at(len(site.server.requests) + 6), leave)]
        assert start("--model.patience", "0.5") == 3
        assert_ended(site, capsys, site.server.url)
        site.server.stop()
        site.server.start()
    site.server.plan = []
    assert site.resume() == 0
    assert_as_undisturbed(site, undisturbed)


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "temperature must be at most 1.0, got 1.2."), (401, "Unauthorized: the key is stale")],
)
def test_a_refusal_ends_the_run_in_the_words_of_the_server(
    site: Site, undisturbed: Site, capsys: Said, status: int, words: str
) -> None:
    site.server.plan = [(at(6), Refusal(status, words))]
    assert site.begin() == 2
    assert_ended(site, capsys, words)
    site.server.plan = []
    assert site.resume() == 0
    assert_as_undisturbed(site, undisturbed)


@pytest.mark.parametrize("fits", ["a shorter one", "none"])
def test_a_repair_prompt_that_is_too_long_is_shortened_and_never_sent_again(
    site: Site, fits: str
) -> None:
    when = long_repair if fits == "a shorter one" else lambda exchange: is_repair(exchange.body)
    too_long: list[Any] = []

    async def refuse(exchange: Exchange) -> None:
        too_long.append(exchange.body["messages"])
        await too_long_prompt(exchange)

    site.server.plan = [(when, refuse)]
    assert site.begin() == 0
    assert too_long
    assert all(too_long.count(messages) == 1 for messages in too_long)
    assert not site.server.given_twice()
    programs = [one for trace in RunFolder.open(site.run).traces() for one in trace.candidates]
    assert any(program.round for program in programs) is (fits == "a shorter one")
    asked = len(site.server.requests)
    assert site.resume() == 0
    assert len(site.server.requests) == asked


def test_a_first_prompt_that_is_too_long_leaves_its_problem_unscored(
    site: Site, undisturbed: Site
) -> None:
    def draft_of_bump(exchange: Exchange) -> bool:
        return is_draft(exchange.body) and problem_of(exchange.body) == "bump"

    site.server.plan = [(draft_of_bump, too_long_prompt)]
    for start in (site.begin, site.resume):
        assert start() == 1
        (problem,) = unscored(site)
        assert problem.task_id == TASKS["bump"]
        assert "maximum context length" in problem.error
        assert sum(is_draft(body) for body in site.server.requests) == 2 * len(PROBLEMS)
    trace = RunFolder.open(site.run).trace_path(TASKS["bump"]).name
    there, here = undisturbed.results(), site.results()
    others = [name for name in there if name.startswith("Own_") and name != trace]
    assert {name: here[name] for name in others} == {name: there[name] for name in others}
