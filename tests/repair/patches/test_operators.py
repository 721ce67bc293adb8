"""Each family of operators mends the faults that it is for."""

from __future__ import annotations

import pytest

from agent.repair.patches import operators
from agent.repair.patches.operators import (
    arguments,
    coercions,
    conditions,
    constants,
    donors,
    guards,
    offsets,
    siblings,
    statement_moves,
    unbound,
    unwrapping,
    variables,
)
from agent.repair.patches.variants import DONORS, FAMILIES, Family
from agent.support.data import ROOT
from tests.house.test_layout import sources
from tests.repair.patches.cases import material, normal, read

MENDED = [
    (coercions, "return reversed(values)", "return list(reversed(values))"),
    (coercions, "return values", "return ''.join(values)"),
    (coercions, "return values", "return sorted(set(values))"),
    (coercions, "kept = []\nkept.append(least)", "kept = []\nkept.append(int(least))"),
    (coercions, "for v in values:\n    least += v", "for v in sorted(values):\n    least += v"),
    (coercions, "return values == least", "return len(values) == least"),
    (constants, "return least + 1", "return least + 2"),
    (constants, "return least + 1", "return least + 5"),
    (constants, "return []", "return 0"),
    (constants, "return None", "return ()"),
    (constants, "best = 0\nreturn best", "best = float('-inf')\nreturn best"),
    (constants, "return ' '.join(values)", "return ''.join(values)"),
    (conditions, "return values > least", "return values >= least"),
    (conditions, "return 1 < least < 2", "return 1 < least <= 2"),
    (conditions, "if least:\n    return 1", "if not least:\n    return 1"),
    (conditions, "if least and values:\n    return 1", "if values:\n    return 1"),
    (conditions, "return values in least", "return values not in least"),
    (arguments, "return values[0]", "values = sorted(values)\nreturn values[0]"),
    (
        arguments,
        "return values - least",
        "values, least = (min(values, least), max(values, least))\nreturn values - least",
    ),
    (arguments, "return values - least", "return least - values"),
    (arguments, "return divmod(values, least)", "return divmod(least, values)"),
    (offsets, "return values[least]", "return values[least - 1]"),
    (offsets, "return [*range(least)]", "return [*range(least + 1)]"),
    (offsets, "return [*range(least)]", "return [*range(1, least)]"),
    (offsets, "return values[:least]", "return values[:least + 1]"),
    (offsets, "return values < len(least)", "return values < len(least) - 1"),
    (guards, "return values[0]", "if not values:\n    return None\nreturn values[0]"),
    (guards, "return values[0]", "if len(values) < 2:\n    return values\nreturn values[0]"),
    (guards, "best = 1", "best = 1\nreturn best"),
    (siblings, "return min(values)", "return max(values)"),
    (siblings, "return any(values)", "return all(values)"),
    (siblings, "return values.upper()", "return values.lower()"),
    (statement_moves, "least = 0\nreturn values", "return values"),
    (
        statement_moves,
        "for v in values:\n    least += v\n    return least",
        "for v in values:\n    least += v\nreturn least",
    ),
    (
        statement_moves,
        "for v in values:\n    least += v\nvalues = least",
        "for v in values:\n    least += v\n    values = least",
    ),
    (
        statement_moves,
        "for v in values:\n    if v:\n        return v\n    else:\n        return least",
        "for v in values:\n    if v:\n        return v\nreturn least",
    ),
    (
        statement_moves,
        "if values:\n    least = 1\nelse:\n    least = 2",
        "if values:\n    least = 1\nleast = 2",
    ),
    (statement_moves, "if values:\n    return least", "return least"),
    (unwrapping, "return set(values)", "return values"),
    (unwrapping, "return len(values) - 1", "return len(values)"),
    (unwrapping, "return [v for v in values if v]", "return [v for v in values]"),
    (unwrapping, "return values.strip().lower()", "return values.strip()"),
    (unwrapping, "return 1 if values else least", "return least"),
    (variables, "best = least\nreturn values", "best = least\nreturn best"),
    (unbound, "return valuse", "return values"),
]


def body(source: str) -> str:
    lines = "".join(f"    {line}\n" for line in source.splitlines())
    return normal(f"def tally(values, least):\n{lines}")


@pytest.mark.parametrize(("family", "wrong", "right"), MENDED)
def test_a_fault_is_mended(family: Family, wrong: str, right: str) -> None:
    program = read(body(wrong))
    texts = {program.edited(edit) for edit in family.edits(program, material(program))}
    assert body(right) in texts


def test_all_missing_imports_come_at_once() -> None:
    program = read(body("return math.gcd(*Counter(values))"))
    edits = [e for e in unbound.edits(program, material()) if e.kind == "import"]
    right = "from collections import Counter\nimport math\n"
    assert [program.edited(edit) for edit in edits] == [normal(right + program.text)]


def test_names_of_the_prompt_are_not_missing() -> None:
    program = read("import math\n" + body("return math.pi"))
    assert [*unbound.edits(program, material())] == []


LOOP = "best = 0\nfor v in values:\n    if v > least:\n        best += 1\nreturn best"


@pytest.mark.parametrize(
    ("wrong", "given", "right"),
    [
        (LOOP, "return sum(v >= least for v in values)", None),
        (LOOP, LOOP.replace(">", ">="), LOOP.replace(">", ">=")),
        (
            LOOP,
            "if not values:\n    return 0\nreturn values",
            f"if not values:\n    return 0\n{LOOP}",
        ),
        (LOOP, "return len(values)", LOOP.replace("return best", "return len(values)")),
        (LOOP, LOOP.replace("+= 1", "+= v"), LOOP.replace("+= 1", "+= v")),
        (
            LOOP,
            LOOP.replace("in values", "in values[1:]"),
            LOOP.replace("in values", "in values[1:]"),
        ),
    ],
)
def test_a_part_of_another_draft_takes_the_place_of_a_like_part(
    wrong: str, given: str, right: str | None
) -> None:
    program, donor = read(body(wrong)), read(body(given), number=1)
    texts = {program.edited(edit) for edit in donors.edits(program, material(program, donor))}
    assert body(right or given.replace("return", "best = 0\nreturn")) in texts


def test_a_donor_whose_names_are_not_known_gives_nothing() -> None:
    program, donor = read(body("return least")), read(body("other = 1\nreturn other"), number=1)
    texts = [program.edited(edit) for edit in donors.edits(program, material(program, donor))]
    assert body("return other") not in texts


def test_every_file_is_a_family_that_is_searched() -> None:
    files = {p.stem for p in sources(ROOT / "agent/repair/patches/operators")} - {"__init__"}
    assert files == {family.__name__.rpartition(".")[2] for family in (*FAMILIES, *DONORS)}  # type: ignore[attr-defined]  # modules
    assert operators.__doc__
