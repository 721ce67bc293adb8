"""Small checks that any backend must pass: one property each, a program and what must come of it.

`python -m sandbox.conformance` prints them, and the tests run them against every backend.
"""

from sandbox.checks.registry import CHECKS, Check, CheckError, not_promised

from . import bombs, honest, sharing, verdicts, walls  # isort: skip - they register themselves

__all__ = [
    "CHECKS",
    "Check",
    "CheckError",
    "bombs",
    "honest",
    "not_promised",
    "sharing",
    "verdicts",
    "walls",
]
