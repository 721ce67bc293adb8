"""Test source for a call that must raise an exception."""

from __future__ import annotations

from agent.parsing.source import is_builtin


def raising_source(call: str, name: str) -> str:
    """Return a test that passes only if the call raises an exception of this name.

    An exception that is not a builtin need not be defined where the test runs: its class is
    compared by name.
    """
    known = is_builtin(name)
    return "\n".join(
        (
            "try:",
            f"    {call}",
            f"except {name if known else 'Exception as error'}:",
            "    pass" if known else f"    assert type(error).__name__ == {name!r}",
            "else:",
            f"    raise AssertionError('{name} was not raised')",
        )
    )
