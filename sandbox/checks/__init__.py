"""Small checks that every backend must pass: each runs programs and tests one property.

`python -m sandbox.conformance` runs them and prints the results; the test suite runs them against
every backend.
"""

from sandbox.checks.registry import CHECKS, Check, CheckError, not_promised

from . import bombs, files, honest, sharing, verdicts, walls  # isort: skip - they register themselves

__all__ = [
    "CHECKS",
    "Check",
    "CheckError",
    "bombs",
    "files",
    "honest",
    "not_promised",
    "sharing",
    "verdicts",
    "walls",
]
