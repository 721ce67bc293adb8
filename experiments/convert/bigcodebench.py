"""BigCodeBench in HumanEval's format.

FILE has the benchmark's problems as JSON lines. Each prompt is the one to complete, and each test
runs the problem's own `unittest` class. Problems that need a package, a network, processes or a
screen are left out.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from functools import partial

from agent.datasets.jsonl import text_field
from agent.errors import DatasetError
from agent.evaluation.reference_check import package_of
from agent.parsing.source import parse
from agent.support.command import command
from experiments.convert.conversion import LeftOutError, convert_file, parser

NAME = "experiments.convert.bigcodebench"
SCREEN = frozenset({"curses", "tkinter", "turtle"})
NETWORK = frozenset(
    {
        *("ftplib", "http.client", "http.server", "imaplib", "poplib", "requests", "smtplib"),
        *("socket", "socketserver", "ssl", "telnetlib", "urllib.request"),
    }
)
PROCESSES = frozenset({"multiprocessing", "pty", "subprocess"})
_CHECK = '''

def check(candidate):
    """Run the tests, and let the first failure pass through as it is."""
    import unittest

    class Raising(unittest.TestResult):
        def addError(self, test, error):
            raise error[1]

        def addSubTest(self, test, subtest, error):
            if error is not None:
                raise error[1]

        addFailure = addError

    unittest.TestLoader().loadTestsFromTestCase(TestCases).run(Raising())
'''


def convert_problem(
    record: Mapping[str, object], where: str, packages: Collection[str] = ()
) -> dict[str, str]:
    """Return a problem in HumanEval's format.

    Raises LeftOutError if the sandbox with these packages cannot run its reference, as far as the
    imports show, and DatasetError if a field is broken.
    """
    prompt = text_field(record, "complete_prompt", where)
    solution = text_field(record, "canonical_solution", where)
    test = text_field(record, "test", where)
    program, tests = parse(prompt + solution), parse(test)
    if program is None or tests is None:
        raise LeftOutError("their code is not valid in this version of Python")
    if not any(isinstance(node, ast.ClassDef) and node.name == "TestCases" for node in tests.body):
        raise DatasetError(f"{where}: 'test' must define a class TestCases")
    _refuse({*_imports(program)}, {*_imports(tests)}, packages)
    return {
        "task_id": text_field(record, "task_id", where),
        "prompt": prompt,
        "entry_point": text_field(record, "entry_point", where),
        "canonical_solution": solution,
        "test": _without_main(test, tests) + _CHECK,
    }


def _imports(tree: ast.Module) -> Iterator[str]:
    """Yield the modules that a program imports, and what it imports from them: `http.client`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _refuse(program: set[str], tests: set[str], packages: Collection[str]) -> None:
    """Raise LeftOutError if the imports show that the sandbox cannot run the reference."""
    tops = {name.partition(".")[0] for name in program | tests}
    outside = {package_of(name) for name in tops - sys.stdlib_module_names}
    if missing := sorted(outside - {*packages}):
        raise LeftOutError("they need packages that --packages does not name", *missing)
    if used := sorted(SCREEN & tops):
        raise LeftOutError("they need a screen", *used)
    if "unittest.mock" in tests:
        return  # the mocks may stand for the network: the judge's self-check decides
    for modules, reason in ((NETWORK, "they use the network"), (PROCESSES, "they start processes")):
        if used := sorted(modules & program):
            raise LeftOutError(f"{reason}, and their tests have no mocks", *used)


def _without_main(test: str, tree: ast.Module) -> str:
    """Return a test without its block for the command line, which would end the process."""
    lines = test.splitlines()
    for node in tree.body:
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            first, last = node.lineno - 1, node.end_lineno
            lines[first:last] = [""] * len(lines[first:last])
    return "\n".join(lines).rstrip() + "\n"


@command(NAME)
def main(argv: list[str]) -> int:
    """Convert a file."""
    options = parser(NAME, __doc__)
    options.add_argument(
        "--packages", default="", help="packages of the sandbox, as in --sandbox.packages"
    )
    given = options.parse_args(argv)
    packages = {re.split(r"[^\w.-]", name.strip())[0] for name in given.packages.split(",")}
    convert_file(given.file, given.out, partial(convert_problem, packages=packages))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
