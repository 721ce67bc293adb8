from __future__ import annotations

import pytest

from agent.visible_tests.inputs.calls import first_call


@pytest.mark.parametrize(
    ("test", "call"),
    [
        ("assert f(1, [2, -3], k={'a': (None,)}) == 4", "f(1, [2, -3], k={'a': (None,)})"),
        ("assert sorted(f(set([1]), 10 ** 9)) == f(2)", "f(set([1]), 10 ** 9)"),
        ("x = 3\nassert f(x) == 1\nassert f(4) == 1", "f(4)"),
        ("assert f(f(1)) == 1", "f(1)"),
        ("assert m.f(1) == 1", None),
        ("assert f(lambda x: x) == 1", None),
        ("assert f([x for x in 'ab'], open('x')) == 1", None),
        ("assert f(", None),
        ("-" * 9999 + "f(1)", None),
    ],
)
def test_the_call_in_a_test(test: str, call: str | None) -> None:
    assert first_call(test, "f") == call
