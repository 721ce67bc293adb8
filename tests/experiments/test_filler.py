"""Filler answers without a model: they have the form that the loop reads, and all differ."""

from __future__ import annotations

from agent.answers.extractors.codeloop import extract as read_program
from agent.answers.programs import canonical
from agent.config import ModelConfig
from agent.prompts import messages_for_tests
from agent.prompts.drafts import messages_for_draft
from agent.types import Problem
from agent.visible_tests.written.parse import parse_tests
from experiments.bench.filler import (
    LONGEST_TOKENS,
    SHORTEST_TOKENS,
    TESTS,
    answer,
    signature,
    tokens,
)


def test_a_program_has_the_signature_that_was_asked_for(problem: Problem) -> None:
    text = answer(messages_for_draft(problem, ModelConfig())[0].content, 0)
    program = read_program(problem, text)
    assert "def second_largest(values):" in program
    assert program.splitlines()[-1].startswith("    return ")
    compile(program, "program", "exec")


def test_the_loop_reads_the_tests(problem: Problem) -> None:
    text = answer(messages_for_tests(problem, 8, ModelConfig())[0].content, 0)
    found = parse_tests(text, problem.entry_point, TESTS)
    assert len(found) > TESTS / 2
    assert all(test.source.startswith("assert second_largest(") for test in found)


def test_no_two_seeds_give_one_program_and_one_seed_gives_one(problem: Problem) -> None:
    prompt = messages_for_draft(problem, ModelConfig())[0].content
    texts = [answer(prompt, seed) for seed in range(50)]
    assert len({canonical(read_program(problem, text)) for text in texts}) == 50
    assert texts == [answer(prompt, seed) for seed in range(50)]


def test_lengths_differ_and_stay_within_bounds() -> None:
    lengths = {tokens(answer("anything", seed)) for seed in range(200)}
    assert len(lengths) > 50
    assert min(lengths) >= SHORTEST_TOKENS
    assert max(lengths) < LONGEST_TOKENS + 50


def test_a_prompt_without_a_function_gets_one_all_the_same() -> None:
    assert signature("Hello") == ("f", ("x",))
    assert signature("```python\ndef (\n```") == ("f", ("x",))
