"""A case of the corpus: a program's source, the jobs made of it, and their expected statuses."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox import Job, Limits, SandboxInfo, Status

Statuses = frozenset[Status]
Claim = tuple[str, Statuses]
"""A test, and the statuses that it may end with."""
Pair = tuple[str, str]
"""The source of a call's arguments, and of the value expected for them."""

PASSES: Statuses = frozenset({Status.PASSED})
FAILS: Statuses = frozenset(Status) - PASSES
WRONG: Statuses = frozenset({Status.WRONG_ANSWER})
RAISES: Statuses = frozenset({Status.EXCEPTION})
WRONG_OR_RAISES: Statuses = WRONG | RAISES
DIES: Statuses = frozenset({Status.CRASHED})
LATE: Statuses = frozenset({Status.TIMEOUT})
FULL: Statuses = frozenset({Status.OUT_OF_MEMORY})
REFUSED: Statuses = frozenset({Status.SYNTAX_ERROR})

LIMITS = Limits(cpu_seconds=1.0, budget_seconds=3.0, wall_seconds=5.0, memory_mb=512)
SHORT = Limits(cpu_seconds=0.3, budget_seconds=1.2, wall_seconds=0.75, memory_mb=512)
SMALL = Limits(cpu_seconds=1.0, budget_seconds=2.0, wall_seconds=2.5, memory_mb=256)

ADD: tuple[Pair, ...] = (("2, 3", "5"), ("-7, 3", "-4"))
ONE: tuple[Pair, ...] = ADD[:1]
EQUAL = "{call} == {value}"


@dataclass(frozen=True, slots=True)
class Case:
    """A program and the one property that it tests."""

    name: str
    program: str
    suites: tuple[tuple[Claim, ...], ...]
    """The tests of each job: usually the same calls as plain asserts and in HumanEval's form."""
    honest: bool = False
    entry_point: str = ""
    prelude: str = ""
    limits: Limits = LIMITS
    needs: tuple[str, ...] = ()
    """Words of the protections that promise the property: one suffices; if empty, always tested."""
    python: tuple[int, int] = (3, 9)
    """The oldest Python version that can run the program."""

    def jobs(self) -> tuple[Job, ...]:
        """Return one job per suite. Plain asserts find the function by its name alone."""
        last = len(self.suites) - 1
        return tuple(
            Job(
                self.program,
                tuple(test for test, _ in suite),
                self.limits,
                entry_point=self.entry_point if number == last else "",
                prelude=self.prelude,
            )
            for number, suite in enumerate(self.suites)
        )

    def absent(self, info: SandboxInfo) -> str:
        """Return the reason why this machine cannot run the case; empty if it can."""
        if tuple(int(part) for part in info.python.split(".")[:2]) < self.python:
            return f"needs Python {self.python[0]}.{self.python[1]}"
        granted = any(word in layer for word in self.needs for layer in info.enforced)
        if self.needs and not granted:
            return f"this machine does not grant any of: {', '.join(self.needs)}"
        return ""


def plain(name: str, pairs: tuple[Pair, ...], form: str = EQUAL, setup: str = "") -> list[str]:
    """Return one test per pair in the form of generated tests: imports, then one assert."""
    return [setup + _claim(name, pair, form) for pair in pairs]


def human_eval(name: str, pairs: tuple[Pair, ...], form: str = EQUAL, setup: str = "") -> str:
    """Return one test that passes the function to `check`, as HumanEval's tests do."""
    body = "".join(f"    {_claim('candidate', pair, form)}\n" for pair in pairs)
    return f"METADATA = {{}}\n\n{setup}\ndef check(candidate):\n{body}\ncheck({name})\n"


def _claim(name: str, pair: Pair, form: str) -> str:
    call = f"{name}({pair[0]})"
    return "assert " + form.replace("{call}", call).replace("{value}", pair[1])


def cheat(
    name: str,
    program: str,
    *,
    expected: Statuses = FAILS,
    pairs: tuple[Pair, ...] = ADD,
    form: str = EQUAL,
    setup: str = "",
    entry_point: str = "add",
    prelude: str = "",
    limits: Limits = LIMITS,
) -> Case:
    """Return a case of a program that does not solve its task, with both forms of test."""
    asserts = tuple((test, expected) for test in plain(entry_point, pairs, form, setup))
    check = ((human_eval(entry_point, pairs, form, setup), expected),)
    return Case(
        name,
        program,
        (asserts, check),
        entry_point=entry_point,
        prelude=prelude,
        limits=limits,
    )


def hang(
    name: str, program: str, *, expected: Statuses = LATE, form: str = EQUAL, setup: str = ""
) -> Case:
    """Return a case of a program that does not return: one call with a short time limit."""
    return cheat(name, program, expected=expected, pairs=ONE, form=form, setup=setup, limits=SHORT)


def mixed(name: str, program: str, *claims: Claim, limits: Limits = LIMITS) -> Case:
    """Return a case whose tests end differently: damage by one test must not reach the next."""
    return Case(name, program, (claims,), limits=limits)


def wall(name: str, actions: str, *needs: str) -> Case:
    """Return a case of a program that tries forbidden actions; its test lists those that succeed.

    `actions` is source that fills the dictionary ACTIONS with names and functions to call. No
    action may succeed.
    """
    return Case(name, _TRY + actions, ((("assert attempts() == []", PASSES),),), needs=needs)


def honest(
    name: str,
    program: str,
    *tests: str,
    pairs: tuple[Pair, ...] = (),
    form: str = EQUAL,
    setup: str = "",
    entry_point: str = "f",
    prelude: str = "",
    limits: Limits = LIMITS,
    python: tuple[int, int] = (3, 9),
) -> Case:
    """Return a case of a correct program, however odd: both forms of test are used for `pairs`."""
    asserts = (*plain(entry_point, pairs, form, setup), *tests)
    check = (human_eval(entry_point, pairs, form, setup),) if pairs else ()
    suites = tuple(tuple((test, PASSES) for test in suite) for suite in (asserts, check) if suite)
    return Case(
        name,
        program,
        suites,
        honest=True,
        entry_point=entry_point,
        prelude=prelude,
        limits=limits,
        python=python,
    )


_TRY = """
import ctypes, os, signal, socket, sys
ACTIONS = {}
def attempts():
    done = []
    for name, action in ACTIONS.items():
        try:
            result = action()
        except (OSError, AttributeError, ImportError) as error:
            continue
        done.append(f'{name}: {result!r}')
    return done
"""
