"""Each selector on an example that was computed by hand."""

from __future__ import annotations

from dataclasses import replace
from math import exp, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from agent.errors import SelectorError, UnknownPluginError
from agent.selection import SELECTORS, Pool, choose, load_selector
from agent.selection.selectors.agreement import agreed
from agent.selection.selectors.b4 import ALPHA, BETA_0, log_beta, score
from agent.selection.selectors.srank import Outputs, cluster_scores, overlap
from tests.selection.conftest import FakeProber, pool, visible

Groups = tuple[tuple[int, ...], ...]


async def groups(name: str, of: Pool) -> Groups:
    ranking = await load_selector(name).rank(of, tuple(range(len(of.candidates))))
    return ranking.groups


async def test_first_takes_the_first() -> None:
    assert await groups("first", pool(visible(1), "-", "+")) == ((0,), (1,))


async def test_random_ties_all_and_returns_one_by_the_seed() -> None:
    drawn = {(await groups("random", pool([], *[""] * 5, seed=seed)))[0] for seed in range(20)}
    assert all(sorted(group) == [0, 1, 2, 3, 4] for group in drawn)
    assert {group[0] for group in drawn} == {0, 1, 2, 3, 4}
    same = [await groups("random", pool([], *[""] * 5, seed=3)) for _ in range(2)]
    assert same[0] == same[1]


async def test_docstring_counts_examples_and_nothing_else() -> None:
    of = pool(visible(2, 9, 9), "+-++", "++--", "-+--", "++-+")
    assert await groups("docstring", of) == ((1, 3), (0, 2))
    assert await groups("docstring", pool(visible(0, 1), "+", "-")) == ((0, 1),)


async def test_codet_prefers_a_larger_consensus_to_one_more_test() -> None:
    # {0} passes three: sqrt(1) * 3 = 3; {1, 2, 3} pass two: sqrt(3) * 2 = 3.46; {4} passes none.
    of = pool(visible(0, 1, 1, 1), "+++", "++-", "++-", "++-", "---")
    assert await groups("codet", of) == ((1, 2, 3), (0,), (4,))
    choice = await choose("codet", of)
    assert choice.reasons[0] == ("consensus of 3 on 2 generated tests: score 3.464, best of 3 sets")
    assert choice.tied == (1, 2, 3)


async def test_codet_counts_a_test_as_often_as_it_was_written() -> None:
    # {0} passes one test that was written five times: 5; {1, 2} two others: sqrt(2) * 2 = 2.83.
    rows = ["+--", "-++", "-++"]
    assert (await groups("codet", pool(visible(0, 5, 1, 1), *rows)))[0] == (0,)
    assert (await groups("codet", pool(visible(0, 1, 1, 1), *rows)))[0] == (1, 2)


async def test_the_paper_score_of_codet_weighs_programs_more() -> None:
    # {0, 1} pass one test, {2} passes two. sqrt: 1.41 against 2. Product: 2 against 2, a tie.
    rows = ["+--", "+--", "-++"]
    assert (await groups("codet", pool(visible(0, 1, 1, 1), *rows)))[0] == (2,)
    assert await groups("codet_product", pool(visible(0, 1, 1, 1), *rows)) == ((0, 1, 2),)
    # Three programs with one test: 3 against 2.
    more = pool(visible(0, 1, 1, 1), *rows, "+--")
    assert (await groups("codet_product", more))[0] == (0, 1, 3)


async def test_equal_scores_of_codet_are_a_tie() -> None:
    # sqrt(2) * 3 = sqrt(18) * 1, which floats tell apart.
    rows = [*["+++-"] * 2, *["---+"] * 18]
    ranked = await groups("codet", pool(visible(0, 1, 1, 1, 1), *rows))
    assert ranked == (tuple(range(20)),)
    choice = await choose("codet", pool(visible(0, 1, 1, 1, 1), *rows))
    assert choice.reasons[0] == (
        "consensus of 2 on 3 generated tests: score 4.243, one of 2 best of 2 sets"
    )


@pytest.mark.parametrize("name", ["codet", "codet_product", "b4", "srank"])
async def test_without_generated_tests_a_consensus_tells_nothing(name: str) -> None:
    assert await groups(name, pool(visible(1), "+", "-")) == ((0, 1),)


async def test_what_passes_no_generated_test_is_no_consensus() -> None:
    assert await groups("codet", pool(visible(0, 1), "-", "-")) == ((0, 1),)
    assert await groups("b4", pool(visible(0, 1), "-", "-")) == ((0, 1),)
    assert (await groups("b4", pool(visible(0, 1), "-", "-", "+")))[0] == (2,)


def brute_b4(rows: list[str], member: int) -> float:
    """Compute B4's score cell by cell, with scipy's beta function."""
    passed = {i for i, mark in enumerate(rows[member]) if mark == "+"}
    inside = [row for row in rows if row == rows[member]]
    outside = [row for row in rows if row != rows[member]]
    block = [row[i] == "+" for row in outside for i in range(len(row)) if i in passed]
    rest = [row[i] == "+" for row in outside for i in range(len(row)) if i not in passed]
    x, y, tests = len(inside), len(passed), len(rows[0])
    return float(
        betaln(x + ALPHA, len(rows) - x + 1)
        + betaln(y + ALPHA, tests - y + 1)
        + betaln(sum(block) + 1, len(block) - sum(block) + 1)
        + betaln(sum(rest) + 1, len(rest) - sum(rest) + BETA_0)
    )


MATRICES = st.integers(1, 6).flatmap(
    lambda tests: st.lists(st.text("+-", min_size=tests, max_size=tests), min_size=1, max_size=8)
)


@given(MATRICES)
def test_b4_is_its_formula_cell_by_cell(rows: list[str]) -> None:
    of = pool(visible(0, *[1] * len(rows[0])), *rows)
    sizes = {bits: of.passed.count(bits) for bits in of.passed}
    for member, bits in enumerate(of.passed):
        expected = brute_b4(rows, member) if bits else -inf
        assert score(bits, sizes, len(rows[0])) == pytest.approx(expected, rel=1e-9)


def test_the_beta_function() -> None:
    assert exp(log_beta(2, 3)) == pytest.approx(1 / 12)  # B(2, 3) = 1! 2! / 4!


async def test_b4_on_a_matrix_worked_by_hand() -> None:
    # Three programs agree on two of three tests, one passes the third alone. With a = 1000 a set
    # of 3 of 4 programs and 2 of 3 tests is far likelier right than one of 1 and 1.
    assert await groups("b4", pool(visible(0, 1, 1, 1), "++-", "--+", "++-", "++-")) == (
        (0, 2, 3),
        (1,),
    )


async def test_b4_counts_distinct_tests() -> None:
    rows = ["+--", "-++"]
    light, heavy = pool(visible(0, 1, 1, 1), *rows), pool(visible(0, 9, 1, 1), *rows)
    assert await groups("b4", light) == await groups("b4", heavy) == ((1,), (0,))


async def test_mbr_takes_the_outputs_that_most_candidates_give() -> None:
    table: dict[tuple[int, str], str | None] = {}
    for number, values in enumerate([("1", "2"), ("1", "3"), ("1", "2"), (None, None)]):
        table |= {(number, "grow(1)"): values[0], (number, "grow(2)"): values[1]}
    prober = FakeProber(table)
    of = pool([], *[""] * 4, prober=prober, inputs=["grow(1)", "grow(2)"])
    assert await groups("mbr", of) == ((0, 2), (1,), (3,))


async def test_mbr_breaks_ties_by_log_probability_and_runs_the_tests_calls() -> None:
    prober = FakeProber({(i, "grow(0)"): str(i) for i in range(3)})
    of = pool(visible(0, 1), "-", "-", "-", prober=prober, logprobs=[-3.0, -1.0, None])
    assert await groups("mbr", of) == ((1,), (0,), (2,))
    assert prober.ran == [("grow(0)",)]


def test_srank_scores_worked_by_hand() -> None:
    # Outputs on two inputs; A and B share one of two, C shares none with either.
    a: Outputs = ("1", "2")
    b: Outputs = ("1", "3")
    c: Outputs = (None, "4")
    assert overlap(a, b) == 1
    assert overlap(c, (None, "4")) == 1  # equal failures are not agreement
    # Of 2, 1 and 1 programs, on two tests, the clusters pass 1, 2 and 0 each. Features: 2/4 * 1/2,
    # 1/4 * 1, 0. A: 0.25 + 0.5 * 0.25; B alike; C: 0.
    scores = cluster_scores({a: 2 * 1, b: 1 * 2, c: 1 * 0})
    whole = 4 * 2 * 2
    assert {key: score / whole for key, score in scores.items()} == {a: 0.375, b: 0.375, c: 0}


async def test_srank_ranks_clusters_on_the_inputs_of_generated_tests() -> None:
    table: dict[tuple[int, str], str | None] = {}
    for number, values in enumerate(["12", "12", "13", "45"]):
        table |= {(number, f"grow({i})"): value for i, value in enumerate(values)}
    prober = FakeProber(table)
    of = pool(visible(1, 1, 1), "-+-", "-+-", "-++", "---", prober=prober, inputs=["grow(77)"])
    # Pass rates 1/2, 1/2, 1, 0. {0, 1}: 0.25 + 0.5 * 0.25 = 0.375; {2}: 0.25 + 0.125, the same.
    assert await groups("srank", of) == ((0, 1, 2), (3,))
    assert prober.ran == [("grow(0)", "grow(1)")]


async def test_srank_counts_what_every_program_of_a_cluster_passes() -> None:
    # 0 and 1 give equal values, of which the tests take those of 0 alone: (2 + 0) / 2 of 2 tests.
    # 2 passes one of two. Features: 2/3 * 1/2 and 1/3 * 1/2, in either order.
    table: dict[tuple[int, str], str | None] = {}
    for number, values in enumerate(["11", "11", "23"]):
        table |= {(number, f"grow({i})"): value for i, value in enumerate(values)}
    of = pool(visible(0, 1, 1), "++", "--", "+-", prober=FakeProber(table))
    assert await groups("srank", of) == ((0, 1), (2,))
    swapped = replace(of, passed=(of.passed[1], of.passed[0], of.passed[2]))
    assert await groups("srank", swapped) == ((0, 1), (2,))


@pytest.mark.parametrize("name", ["mbr", "agreement", "tiered"])
async def test_objects_that_are_no_data_agree_with_nobody(name: str) -> None:
    table: dict[tuple[int, str], str | None] = {(0, "grow(1)"): "2", (1, "grow(1)"): "2"}
    table |= {(i, "grow(1)"): "<generator object>" for i in range(2, 6)}
    of = pool([], *[""] * 6, prober=FakeProber(table), inputs=["grow(1)"])
    assert (await groups(name, of))[0][:2] == (0, 1)


async def test_who_passes_no_example_is_trusted_by_nobody() -> None:
    prober = FakeProber({(i, "grow(1)"): value for i, value in enumerate("112")})
    of = pool(visible(1), "-", "-", "-", prober=prober, inputs=["grow(1)"])
    assert await groups("agreement", of) == ((0, 1, 2),)
    without = replace(of, tests=(), passed=(0, 0, 0))
    assert await groups("agreement", without) == ((0, 1), (2,))


def test_a_value_is_agreed_on_by_more_than_the_share() -> None:
    answers = [("1", "a", None), ("1", "b", None), ("1", "b", "x"), ("2", "a", None)]
    assert agreed(answers, 0.5) == ("1", None, None)
    assert agreed(answers, 0.8) == (None, None, None)
    assert agreed([("1",)], 0.5) == (None,)  # one program alone is not agreement
    tie = [("1",), ("1",), ("2",), ("2",), (None,)]
    assert agreed(tie, 0.3) == agreed(tie[::-1], 0.3) == (None,)


async def test_agreement_is_sought_among_those_that_pass_the_examples() -> None:
    # Most candidates give 9, but those that pass the example give 1.
    table: dict[tuple[int, str], str | None] = {}
    for number, value in enumerate(["9", "1", "9", "1", "9"]):
        table[number, "grow(5)"] = value
    prober = FakeProber(table)
    of = pool(visible(1), "-", "+", "-", "+", "-", prober=prober, inputs=["grow(5)"])
    assert await groups("agreement", of) == ((1, 3), (0, 2, 4))


def edge_prober(*values: str) -> FakeProber:
    """Return a prober with one value of each candidate on the edge input `grow(0)`."""
    return FakeProber({(number, "grow(0)"): value for number, value in enumerate(values)})


async def test_edges_follow_the_rule_of_agreement_on_edge_inputs() -> None:
    of = pool(visible(1), "+", "+", "+", "-", prober=edge_prober(*"5775"), edges=["grow(0)"])
    assert await groups("edges", of) == ((1, 2), (0, 3))
    choice = await choose("edges", of)
    assert choice.reasons[0] == "2 of 4 candidates give the agreed value on 1 of 1 edge inputs"
    assert await groups("edges", replace(of, edges=())) == ((0, 1, 2, 3),)
    assert await groups("edges", replace(of, edges=(), inputs=("grow(0)",))) == ((0, 1, 2, 3),)


async def test_what_is_ruled_out_has_no_vote_on_edge_inputs() -> None:
    # On grow(9) the last two differ from the others; with them, 7 would be the value of grow(0).
    general = {(number, "grow(9)"): value for number, value in enumerate("11122")}
    prober = FakeProber({**edge_prober(*"55777").table, **general})
    of = pool(visible(1), *"+++++", prober=prober, inputs=["grow(9)"], edges=["grow(0)"], depth=1)
    assert (await choose("docstring+agreement+edges", of)).tied == (0, 1)
    assert (await choose("tiered", of)).tied == (0, 1)


async def test_tiered_asks_for_edge_inputs_only_where_other_inputs_leave_a_tie() -> None:
    table = {(0, "grow(9)"): "7", (1, "grow(9)"): "5", (2, "grow(9)"): "7"}
    prober = FakeProber(table)
    of = pool(visible(1), *"++", prober=prober, inputs=["grow(9)"], edges=["grow(0)"], depth=1)
    await choose("tiered", of)
    assert ("grow(0)",) in prober.ran
    decided = FakeProber(table)
    sources = ["def grow(x):\n    return 0"] * 2
    same = pool(visible(1), *"++", prober=decided, sources=sources, edges=["grow(0)"], depth=1)
    await choose("tiered", same)
    assert decided.ran == []


async def test_log_probability_and_length() -> None:
    of = pool([], "", "", "", logprobs=[-2.0, None, -1.0])
    assert await groups("logprob", of) == ((2,), (0,), (1,))
    assert await groups("logprob", pool([], "", "")) == ((0, 1),)
    sources = [
        "def grow(x):\n    y = x\n    return y",
        "def grow(x):\n    # long, long\n    return x",
    ]
    assert await groups("length", pool([], "", "", sources=sources)) == ((1,), (0,))


async def test_a_chain_asks_the_next_only_where_there_is_a_tie() -> None:
    of = pool(visible(1, 1, 1), "-++", "+-+", "+++", "+++")
    assert await groups("docstring+codet", of) == ((2, 3), (1,), (0,))
    choice = await choose("docstring+codet", of)
    assert choice.reasons == (
        "3 of 4 candidates pass 1 of 1 examples",
        "consensus of 3 on 2 generated tests: score 3.464, best of 2 sets",
        "candidate 2 comes first of 2 that are tied",
    )


@pytest.mark.parametrize("name", ["codet", "codet_product", "b4"])
async def test_who_fails_an_example_still_speaks_for_the_tests_it_passes(name: str) -> None:
    # Of the survivors one passes test 0, one test 1; of the others two pass test 1.
    of = pool(visible(1, 1, 1), "++-", "+-+", "--+", "--+")
    assert await groups(f"docstring+{name}", of) == ((1,), (0,), (2, 3))


async def test_a_chain_goes_only_as_deep_as_asked() -> None:
    of = pool(visible(1, 1), "++", "+-", "-+", "--", depth=2)
    assert await groups("docstring+codet", of) == ((0,), (1,), (2, 3))


async def test_tiered_filters_by_examples_before_anything_votes() -> None:
    of = pool(visible(1, 1, 1, 1), "-+++", "-+++", "+---")
    assert (await choose("tiered", of)).candidate == 2


async def test_tiered_asks_for_values_only_where_the_examples_leave_a_tie() -> None:
    told = FakeProber()
    await choose("tiered", pool(visible(1), "+", "-", prober=told, inputs=["grow(9)"], depth=1))
    assert told.ran == []
    untold = FakeProber({(0, "grow(9)"): "5", (1, "grow(9)"): "7", (2, "grow(9)"): "7"})
    tied = pool(visible(1), "+", "+", "+", prober=untold, inputs=["grow(9)"], depth=1)
    assert (await choose("tiered", tied)).candidate == 1
    assert untold.ran == [("grow(9)",), ("grow(-1)", "grow(9)")]


async def test_tiered_believes_what_programs_do_before_what_tests_say() -> None:
    prober = FakeProber({(0, "grow(9)"): "5", (1, "grow(9)"): "7", (2, "grow(9)"): "7"})
    of = pool(visible(1, 1), "++", "+-", "+-", prober=prober, inputs=["grow(9)"])
    assert (await choose("tiered", of)).candidate == 1
    assert (await choose("tiered", replace(of, inputs=()))).candidate == 0


async def test_the_oracle_is_refused() -> None:
    with pytest.raises(SelectorError, match="for reports only"):
        await choose("oracle", pool([], ""))


def test_an_unknown_selector_lists_those_that_exist() -> None:
    with pytest.raises(UnknownPluginError, match="selector: unknown 'best'; available: agreement,"):
        load_selector("docstring+best")


NAMES = [name for name in SELECTORS.names() if name not in ("oracle", "sstar")]


@pytest.mark.parametrize("name", NAMES)
@given(matrix=MATRICES, data=st.data())
async def test_a_ranking_holds_everyone_once(
    name: str, matrix: list[str], data: st.DataObject
) -> None:
    examples = data.draw(st.integers(0, len(matrix[0])))
    tests = visible(examples, *[1] * (len(matrix[0]) - examples))
    prober = FakeProber({(i, "grow(0)"): row[0] for i, row in enumerate(matrix)})
    of = pool(tests, *matrix, prober=prober, inputs=["grow(0)"])
    found = await groups(name, of)
    assert sorted(member for group in found for member in group) == list(range(len(matrix)))
    assert all(found)
