"""Programs as trees, the places in them, and edits that leave no trace."""

from __future__ import annotations

import ast

import pytest

from agent.repair.patches.program import Edit, read_program
from agent.repair.patches.variants import DONORS, FAMILIES
from agent.types import Problem
from tests.repair.patches.cases import NEAR, RIGHT, TALLY, material, normal, read

LONG = '''import math

def helper(x):
    """Help."""
    return x

def tally(values, least):
    """Count."""
    best = 0
    for i, v in enumerate(values):
        if v > least and i >= 0:
            best += helper(1)
        elif v == least:
            best = best - 1
        else:
            best = [w for w in values if w][0]
    while best > math.inf:
        best -= 1
    text = f"{best} of {len(values)}"
    try:
        return int(text.split(" of ")[0])
    except ValueError:
        return 0
'''


def test_a_program_is_in_normal_form_without_docstrings_and_whole_again() -> None:
    program = read(LONG)
    assert '"""' not in program.text
    assert program.whole == normal(LONG)


def test_edits_of_every_family_leave_the_program_as_it_was() -> None:
    program, donor = read(LONG), read(RIGHT, number=1)
    found = material(program, donor)
    for family in (*FAMILIES, *DONORS):
        for edit in family.edits(program, found):
            text = program.edited(edit)
            assert text is None or text != "", edit.kind
            assert program.text == ast.unparse(program.tree), edit.kind
    assert program.whole == normal(LONG)


NESTED = '''from functools import cache

def tally(values, least):
    """Count."""
    "Not a docstring."

    @cache
    def inner(x):
        class Box:
            """A box."""
            size = x
        return Box.size + 1
    for value in values:
        if value:
            continue
    else:
        if least:
            least = f"""{least}
            {values!r}"""
    if not values:
        return 0
    else:
        if least:
            return 1
        with open("x") as file, file:
            assert file, "a"
    match values:
        case [first, *_] if first > 1:
            return inner(first)
        case _:
            least += 1
    try:
        del values[0]
    except* (KeyError, ValueError) as error:
        raise error
    else:
        least = (lambda: [v for v in values if v])()
    finally:
        least -= 1
    return least
'''


@pytest.mark.parametrize("source", [LONG, NESTED])
def test_the_text_of_an_edit_is_that_of_its_tree(source: str) -> None:
    program, donor = read(source), read(RIGHT, number=1)
    found, seen = material(program, donor), 0
    for family in (*FAMILIES, *DONORS):
        for edit in family.edits(program, found):
            text = program.edited(edit)
            if text is None:
                continue
            before = getattr(edit.owner, edit.field)
            setattr(edit.owner, edit.field, edit.value)
            right = ast.unparse(program.tree)
            setattr(edit.owner, edit.field, before)
            assert normal(text) == normal(right), edit.kind
            seen += 1
    assert seen > 300


def test_imports_follow_those_of_the_future() -> None:
    future = "from __future__ import annotations\n"
    program = read(f'"""Doc."""\n{future}{NEAR}')
    donor = read(f"{future}import math\n{RIGHT}", number=1)
    family = DONORS[0].edits(program, material(program, donor))
    texts = [program.edited(edit) for edit in family if edit.kind == "donor import"]
    assert texts == [normal(f'"""Doc."""\n{future}import math\n{NEAR}')]


def test_a_patch_keeps_the_docstrings() -> None:
    program = read(LONG)
    edit = next(FAMILIES[2].edits(program, material(program)))
    whole = program.edited(edit, whole=True) or ""
    assert '"""Count."""' in whole
    assert '"""Help."""' in whole


def test_functions_of_the_prompt_are_not_edited() -> None:
    prompt = "def helper(x):\n    return x + 1\n\n\n" + TALLY.prompt
    problem = Problem(task_id="Own/1", prompt=prompt, entry_point="tally")
    program = read(f"{prompt}    return helper(0)\n", problem)
    assert [function.name for function in program.functions] == ["tally"]


def test_the_last_definition_of_the_entry_point_is_edited() -> None:
    program = read(f"{NEAR}\n\n{RIGHT}")
    assert program.entry is program.tree.body[1]
    assert [*program.functions] == [program.entry]


@pytest.mark.parametrize(
    "source", ["def tally(:", "x = " + "[" * 100 + "]" * 100, "x = 1\0", "#" * 9000]
)
def test_what_is_no_program_is_not_edited(source: str) -> None:
    assert read_program(0, source, TALLY) is None


def test_a_program_without_its_function_has_no_edit_at_its_beginning() -> None:
    program = read("x = [1, 2]\n")
    assert program.entry is None
    assert [*program.begun_with("guard", [ast.Pass()])] == []


def test_an_edit_that_puts_a_node_into_itself_is_none() -> None:
    """It would be a tree without an end, which no one could print."""
    program = read("def tally(values, least):\n    while values:\n        values += least\n")
    assert program.entry is not None
    loop = program.entry.body[0]
    edit = Edit("own statement", loop, "body", [loop, loop], 2)
    assert program.edited(edit) is None
    assert program.edited(edit, whole=True) is None
