"""Small checks that every backend must pass: each runs programs and tests one property.

`python -m sandbox.conformance` runs them and prints the results; the test suite runs them against
every backend.
"""

from sandbox.checks.registry import CHECKS, Check, CheckError, not_promised

from . import bombs, honest, outside, screens, sharing, verdicts, walls  # isort: skip - they register themselves

__all__ = [
    "CHECKS",
    "Check",
    "CheckError",
    "bombs",
    "honest",
    "not_promised",
    "outside",
    "screens",
    "sharing",
    "verdicts",
    "walls",
]
