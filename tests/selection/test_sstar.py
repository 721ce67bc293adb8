"""S* with a scripted model: the matches, the prompts that the model sees, and the points."""

from __future__ import annotations

import pytest

from agent.errors import ModelError
from agent.selection import choose, load_selector
from agent.selection.selectors.sstar import letter_of
from tests.selection.conftest import FakeProber, pool, visible

VALUES: dict[tuple[int, str], str | None] = {
    **{(i, "grow(0)"): value for i, value in enumerate(["1", "1", "2", "3"])},
    **{(i, "grow(7)"): value for i, value in enumerate(["70", "70", "71", None])},
}
WRITES = "```python\ngrow(7)\ngrow(8)\n```"


async def test_a_match_is_won_only_if_the_model_says_the_same_twice() -> None:
    # Clusters {0, 1} and {2}. It says A, then, swapped, B: both times the left program.
    prober = FakeProber(VALUES, [WRITES, "A", "B"])
    of = pool(visible(0, 1), "-", "-", "-", prober=prober)
    choice = await choose("sstar", of)
    assert choice.candidate == 0
    assert "1 points in matches among 2 of 2" in choice.reasons[0]
    prober = FakeProber(VALUES, [WRITES, "B", "The answer is A."])
    assert (await choose("sstar", pool(visible(0, 1), "-", "-", "-", prober=prober))).candidate == 2


@pytest.mark.parametrize("answers", [("A", "A"), ("B", "B"), ("A or B", "B"), ("", "B")])
async def test_a_model_that_is_not_sure_draws_and_the_larger_cluster_wins(
    answers: tuple[str, str],
) -> None:
    prober = FakeProber(VALUES, [WRITES, *answers])
    assert (await choose("sstar", pool(visible(0, 1), "-", "-", "-", prober=prober))).tied == (0, 1)


async def test_the_model_sees_what_both_programs_give_where_they_part() -> None:
    prober = FakeProber(VALUES, [WRITES, "A", "B"])
    await choose("sstar", pool(visible(0, 1), "-", "-", "-", prober=prober))
    writing, judging, swapped = prober.asked
    assert "return 0" in writing
    assert "return 2" in writing
    assert "grow(7)\n# program A gives 70\n# program B gives 71" in judging
    assert "grow(8)" not in judging  # both programs give the same value there
    assert "grow(7)\n# program A gives 71\n# program B gives 70" in swapped


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        ("A", "A"),
        ("b", "B"),
        ("**B**", "B"),
        ("(A).", "A"),
        ("Answer: b", "B"),
        ("The answer is Program A.", "A"),
        ("Program B\n\nProgram A forgets the empty list.", "B"),
        ("It is close.\n\nB", "B"),
        ("<think>A is wrong, B ok</think>\nB", "B"),
        ("A correct function should return 2. So: B", "B"),
        ("I choose B.", "B"),
        ("The correct answer is A because it counts.", "A"),
        ("The answer is B, since A fails", "B"),
        (r"\boxed{A}", "A"),
        ("Program A is wrong.", ""),
        ("A\nBecause of this:\nAnswer: B", ""),
        ("*" * 50_000 + "!", ""),
        ("A careful look shows that the second one is right.", ""),
        ("Program A or program B", ""),
        ("A or B", ""),
        ("", ""),
    ],
)
def test_a_judges_answer_is_read_as_it_was_meant(answer: str, letter: str) -> None:
    assert letter_of(answer) == letter


async def test_without_a_difference_the_model_judges_nothing() -> None:
    prober = FakeProber(VALUES, ["```python\ngrow(8)\n```"])
    await choose("sstar", pool(visible(0, 1), "-", "-", "-", prober=prober))
    assert len(prober.asked) == 1


async def test_only_those_that_pass_the_examples_play() -> None:
    prober = FakeProber(VALUES)
    of = pool(visible(1, 1), "--", "+-", "--", "--", prober=prober)
    ranking = await load_selector("sstar").rank(of, (0, 1, 2, 3))
    assert ranking.groups == ((1,), (0, 2, 3))
    assert prober.asked == []


async def test_without_a_model_the_error_is_the_models() -> None:
    with pytest.raises(ModelError):
        await choose("sstar", pool(visible(0, 1), "-", "-", "-", prober=FakeProber(VALUES)))
