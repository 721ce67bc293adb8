from __future__ import annotations

from collections.abc import Callable
from io import StringIO

from rich.console import Console

from agent.report.matrix_view import SYMBOLS, print_matrix, print_tests
from agent.report.problems import print_problems, results
from agent.report.repairs import calls_of
from agent.report.trace_view import print_trace
from agent.report.widgets import View
from agent.types import Completion, Row, Score, SelfCheck, Suspect, Trace, VisibleTest
from sandbox.types import Outcome, Status

Output = Callable[[], str]


def test_a_whole_trace_is_printed(
    trace: Trace, console: Console, output: Output, golden: Callable[[str, str], None]
) -> None:
    print_trace(trace, View(console))
    golden("trace.txt", output())


def test_the_problems_of_a_run_are_printed(
    traces: list[Trace], console: Console, output: Output, golden: Callable[[str, str], None]
) -> None:
    traces[1] = traces[1].model_copy(update={"score": None})
    print_problems(results(traces), console)
    golden("problems.txt", output())


def test_a_result_counts_the_tests_that_the_answer_passes(trace: Trace) -> None:
    (line,) = results([trace])
    assert (line.drafts, line.rounds, line.stopped) == (3, 2, "passed")
    assert (line.visible_passed, line.visible_total) == (3, 3)
    assert (line.single_shot, line.final) == (False, True)
    unseen = trace.choice.model_copy(update={"candidate": 2})  # the draft without a row
    (line,) = results([trace.model_copy(update={"choice": unseen, "score": None})])
    assert (line.visible_passed, line.single_shot, line.final) == (0, None, None)


def test_a_trace_without_a_score_says_so(trace: Trace, console: Console, output: Output) -> None:
    print_trace(trace.model_copy(update={"score": None}), View(console))
    assert "answer (candidate 4): not scored yet" in output()
    assert "hidden tests: not scored yet" in output()
    assert "failed" not in output()


def test_control_characters_of_models_and_programs_are_escaped(
    trace: Trace, console: Console, output: Output
) -> None:
    evil = "[red]\x1b[2J\x9b1m[/nope]\r\u202e\ud800"
    repair = trace.calls[1].model_copy(
        update={"messages": (trace.calls[1].messages[0].model_copy(update={"content": evil}),)}
    )
    candidates = [c.model_copy(update={"source": f"{c.id} # {evil}"}) for c in trace.candidates]
    candidates[0] = candidates[0].model_copy(update={"finish_reason": evil})
    tests = (VisibleTest(source=evil, origin="generated", form=evil),)
    dirty = trace.model_copy(
        update={
            "problem": trace.problem.model_copy(update={"task_id": evil, "prompt": evil}),
            "candidates": tuple(candidates),
            "tests": tests,
            "calls": (trace.calls[0], repair, trace.calls[2]),
            "stopped": evil,
            "choice": trace.choice.model_copy(update={"selector": evil, "reasons": (evil,)}),
            "score": Score(passed=(False,) * 5, outcomes=(evil,) * 5),
        }
    )
    print_trace(dirty, View(console))
    print_problems(results([dirty]), console)
    assert not set(output()) & set("\x1b\x9b\r\u202e\ud800")
    assert output().count("[red]\\x1b[2J\\x9b1m[/nope]\\r\\u202e\\ud800") >= 8


def with_outcomes(trace: Trace, statuses: list[Status]) -> Trace:
    tests = tuple(
        VisibleTest(source=f"assert f({i})", origin="generated", form="assert")
        for i, _ in enumerate(statuses)
    )
    rows = (Row(candidate=0, outcomes=tuple(map(Outcome, statuses))),)
    return trace.model_copy(update={"tests": tests, "rows": rows})


def test_every_status_has_its_own_symbol_and_a_legend(
    trace: Trace, console: Console, output: Output
) -> None:
    assert set(SYMBOLS) == set(Status)
    assert len(set(SYMBOLS.values())) == len(Status)
    print_matrix(with_outcomes(trace, list(Status)), View(console))
    assert "✓✗EST MC" in output()
    assert "1/7" in output()
    legend = " ".join(output().split())
    assert all(f"{symbol} {status}" in legend for status, symbol in SYMBOLS.items())


def test_a_wide_matrix_wraps_without_losing_a_column(
    trace: Trace, console: Console, output: Output
) -> None:
    print_matrix(with_outcomes(trace, [Status.TIMEOUT] * 203), View(console))
    table, _, _ = output().rpartition("✓ passed")
    assert table.count("T") == 203
    assert max(map(len, table.splitlines())) <= 80


def test_without_unicode_the_symbols_are_ascii(trace: Trace) -> None:
    class Ascii(StringIO):
        encoding = "ascii"

    file = Ascii()
    print_matrix(trace, View(Console(file=file, width=80, force_terminal=False)))
    assert file.getvalue().isascii()
    assert "xEx" in file.getvalue()


def test_a_trace_without_visible_tests_is_printed(
    trace: Trace, console: Console, output: Output
) -> None:
    bare = trace.model_copy(update={"tests": (), "rows": ()})
    print_tests(bare, View(console))
    print_matrix(bare, View(console))
    assert output().startswith("none\n")
    assert output().count("not run") == 5


def test_a_long_line_of_code_is_printed_whole(
    trace: Trace, console: Console, output: Output
) -> None:
    line = "x = " + " + ".join(f"name_{i}" for i in range(60))
    problem = trace.problem.model_copy(update={"prompt": line})
    long = trace.model_copy(update={"problem": problem})
    print_trace(long, View(console))
    assert line.split() == output().partition("─\n")[2].split()[: len(line.split())]
    assert max(map(len, output().splitlines())) <= 80
    print_trace(long, View(console, full=True))
    assert line in output()


def test_each_repair_has_the_requests_that_led_to_it(trace: Trace) -> None:
    first, second = trace.calls[1:]
    twice = trace.model_copy(update={"calls": (first, first, second)})
    assert calls_of(twice, twice.candidates[3]) == (first, first)
    assert calls_of(twice, twice.candidates[4]) == (second,)
    assert calls_of(twice, twice.candidates[0]) == ()


def test_a_fresh_draw_in_a_later_round_is_shown_whole(
    trace: Trace, console: Console, output: Output
) -> None:
    redrawn = trace.candidates[4].model_copy(update={"parent": None, "origin": "redraw"})
    print_trace(
        trace.model_copy(update={"candidates": (*trace.candidates[:4], redrawn)}), View(console)
    )
    assert "Round 2: candidate 4, redraw" in output()
    assert "It wrote:\ndef longest(words):" in output()


def test_a_repair_that_changes_nothing_says_so(
    trace: Trace, console: Console, output: Output
) -> None:
    same = trace.candidates[3].model_copy(update={"source": trace.candidates[1].source})
    kept = (*trace.candidates[:3], same, trace.candidates[4])
    print_trace(trace.model_copy(update={"candidates": kept}), View(console))
    assert "It changed:\nno change\n" in output()


def test_a_repair_call_without_a_new_program_is_shown(
    trace: Trace, console: Console, output: Output
) -> None:
    verdict = Completion(text="The test is wrong.")
    update = {"candidate": None, "parent": 1, "purpose": "critique", "completions": (verdict,)}
    left = trace.calls[2].model_copy(update=update)
    also = left.model_copy(update={"parent": 0})
    of_none = left.model_copy(update={"parent": None})
    calls = (*trace.calls, left, also, of_none)
    print_trace(trace.model_copy(update={"calls": calls}), View(console))
    for number in (0, 1):
        assert output().count(f"Round 2: candidate {number} unchanged, critique") == 1
    said = output().partition("candidate 1 unchanged")[2].partition("candidate 0")[0]
    assert "user> This attempt is wrong:" in said
    assert "It answered:\nanswer> The test is wrong.\n" in said
    assert output().count("The test is wrong.") == 2


def test_a_suspect_example_is_named(trace: Trace, console: Console, output: Output) -> None:
    suspect = Suspect(test=1, value="'none'", agreed=4, asked=5)
    print_trace(trace.model_copy(update={"suspects": (suspect,)}), View(console))
    said = " ".join(output().split())
    assert "suspect, and demoted: test 1, assert longest([]) == None;" in said
    assert "no candidate passes it, and 4 of 5 give 'none'" in said


def test_an_unjudged_verdict_is_shown_with_its_reason(
    trace: Trace, console: Console, output: Output
) -> None:
    assert trace.score is not None
    check = SelfCheck(has_reference=True, failure="needs numpy, which the sandbox lacks")
    score = trace.score.model_copy(update={"check": check})
    unjudged = trace.model_copy(update={"score": score})
    print_trace(unjudged, View(console))
    shown = " ".join(output().split())
    assert (
        "single shot (candidate 0): unjudged, wrong answer; the reference solution fails" in shown
    )
    assert "needs numpy, which the sandbox lacks" in shown
    assert "answer (candidate 4): passed" in shown
    (line,) = results([unjudged])
    assert (line.single_shot, line.final, line.isolation) == (False, True, "split")
    assert line.unjudged == check.failure
    print_problems([line], console)
    assert "unjudged    passed" in output()
