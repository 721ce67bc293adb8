"""The search for patches of one problem: variants, screens, and a choice among those that pass."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.answers.programs import canonical
from agent.repair.patches.contradicted import contradicted
from agent.repair.patches.material import make_material
from agent.repair.patches.program import EditableProgram, read_program
from agent.repair.patches.variant_screens import VariantScreens
from agent.repair.patches.variants import Variant, variants
from agent.types import Candidate, Matrix, Patch, Probe, Problem, ScreenRecord
from agent.visible_tests.executor import Executor

ORIGIN = "patch"
MOST_VARIANTS = 1_500
"""Largest number of single edits, and of edits with donors, of the drafts ..."""
MOST_LATER = 500
"""... and of the few programs that a round of repair adds."""
MOST_DONORS = 10
"""Largest number of programs whose parts are used in others."""
MOST_IMPROVED = 8
"""Largest number of variants that are edited again ..."""
MOST_AGAIN = 500
"""... and of variants that this gives."""
MOST_COMPARED = 32
"""Largest number of passing variants whose behaviour is compared."""
MOST_PATCHES = 8
"""Largest number of patches of a problem that enter its pool at once."""
FEWEST_EXAMPLES = 3
"""A patch that rests on fewer examples is weak."""


@dataclass(frozen=True)
class Search:
    """The results of a search."""

    patches: tuple[Candidate, ...] = ()
    screens: tuple[ScreenRecord, ...] = ()
    probes: tuple[Probe, ...] = ()
    executions: int = 0
    """Number of jobs."""
    seconds: float = 0.0
    """CPU time of making and screening variants."""

    @property
    def variants(self) -> int:
        """Number of variants that were screened."""
        return sum(screen.programs for screen in self.screens)


async def search(
    executor: Executor,
    matrix: Matrix,
    number: int,
    inputs: Sequence[str],
    *,
    tests: Sequence[int],
    edits: int = 1,
) -> Search:
    """Search for patches of the programs of round `number`; those of all rounds are donors.

    `tests` are the positions of the examples that a patch has to pass, and `inputs` are calls on
    which passing variants are compared. With two `edits`, variants that pass more examples than
    their program are edited again if no variant passes all. Raises SandboxUnavailable.
    """
    if not tests or is_passed(matrix, tests):
        return Search()
    sources = tuple(matrix.tests[i].source for i in tests)
    passed = {row.candidate: sum(row.outcomes[i].passed for i in tests) for row in matrix.rows}
    programs = editable(executor.problem, matrix.candidates, passed)
    material = make_material(executor.problem, sources, tuple(programs[:MOST_DONORS]))
    failing = [p for p in programs if matrix.candidates[p.number].round == number]
    screening = VariantScreens(executor, sources)
    most = MOST_LATER if number else MOST_VARIANTS
    found = await screening.run(lambda: variants(failing, material, most))
    passing = [variant for variant, count in found.items() if count == len(tests)]
    if edits > 1 and not passing:
        better = {v: n for v, n in found.items() if n > passed[v.program.number]}
        best = sorted(better, key=lambda variant: -better[variant])[:MOST_IMPROVED]
        again = [p for variant in best if (p := variant.as_program()) is not None]
        found = await screening.run(lambda: variants(again, material, MOST_AGAIN, donors=False))
        passing = [variant for variant, count in found.items() if count == len(tests)]
    passing = passing[:MOST_COMPARED]
    probes = await _probes(executor, passing, inputs)
    forms = {program.number: program.whole for program in failing}
    weak = len(tests) < FEWEST_EXAMPLES
    made = [
        Candidate(
            id=id_,
            parent=one.program.number,
            round=number,
            origin=ORIGIN,
            source=one.source,
            patch=Patch(kinds=one.kinds, diff=_diff(forms, one), weak=weak),
        )
        for id_, one in enumerate(preferred(passing, probes)[:MOST_PATCHES], len(matrix.rows))
    ]
    return Search(tuple(made), tuple(screening.records), probes, len(probes), screening.seconds)


def binding(matrix: Matrix) -> tuple[int, ...]:
    """Return the positions of the docstring examples that a patch has to pass."""
    doubted = {suspect.test for suspect in contradicted(matrix)}
    tests = enumerate(matrix.tests)
    return tuple(i for i, test in tests if test.origin == "docstring" and i not in doubted)


def is_passed(matrix: Matrix, tests: Sequence[int]) -> bool:
    """Whether a program passes all these tests."""
    return any(all(row.outcomes[i].passed for i in tests) for row in matrix.rows)


def editable(
    problem: Problem, candidates: Sequence[Candidate], passed: Mapping[int, int]
) -> list[EditableProgram]:
    """Return the distinct programs that can be edited, those that pass the most tests first.

    `passed` has the number of tests that each candidate passes.
    """
    distinct: dict[str, EditableProgram] = {}
    for candidate in candidates:
        form = canonical(candidate.source)
        if candidate.patch is None and form not in distinct:
            program = read_program(candidate.id, candidate.source, problem)
            if program is not None and program.entry is not None:
                distinct[form] = program
    return sorted(distinct.values(), key=lambda program: -passed[program.number])


async def _probes(
    executor: Executor, passing: Sequence[Variant], inputs: Sequence[str]
) -> tuple[Probe, ...]:
    if len(passing) < 2 or not inputs:  # inputs are made when they are asked for
        return ()
    found, tests = await executor.run([v.text for v in passing], inputs, tuple), tuple(inputs)
    return tuple(Probe(program=v.text, tests=tests, outcomes=found[v.text]) for v in passing)


def preferred(passing: Sequence[Variant], probes: Sequence[Probe]) -> list[Variant]:
    """Return the variants, those first whose behaviour the most programs, and edits, lead to."""
    values = {p.program: tuple(o.passed and o.value for o in p.outcomes) for p in probes}
    behaviour = {variant: values.get(variant.text) for variant in passing}
    edits = Counter(behaviour.values())
    programs: dict[object, set[int]] = defaultdict(set)
    for variant in passing:
        programs[behaviour[variant]].add(variant.program.number)

    def support(variant: Variant) -> tuple[int, int]:
        return -len(programs[behaviour[variant]]), -edits[behaviour[variant]]

    return sorted(passing, key=support)


def _diff(forms: Mapping[int, str], variant: Variant) -> str:
    before, after = forms[variant.program.number].splitlines(), variant.source.splitlines()
    return "\n".join([*difflib.unified_diff(before, after, lineterm="", n=1)][2:])
