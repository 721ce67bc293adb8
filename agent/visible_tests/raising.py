"""The test of a call that must raise."""

from __future__ import annotations

from agent.parsing.source import is_builtin


def raising_source(call: str, name: str) -> str:
    """Source that passes where the call raises the exception; one of another name is an error.

    An exception that is no builtin need not be defined where the test runs: its name decides.
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
