from __future__ import annotations

from textwrap import dedent

from agent.repair.watch.blocks import basic_blocks


def test_where_blocks_begin() -> None:
    program = dedent("""
        def f(x):
            a = 1
            if x:
                b = 2
            elif a:
                c = 3
            else:
                d = 4
            e = (5,
                 6)
            try:
                g = 7
            except KeyError:
                h = 8
            else:
                i = 9
            finally:
                j = 10
            with x:
                k = 11
            match x:
                case [first, *_]:
                    m = 12
            return a
    """)
    lines, found = program.splitlines(), basic_blocks(program)
    leads = [lines[number - 1].strip() for number, line in sorted(found.items()) if line.leads]
    assert leads == [
        "def f(x):", "a = 1", "b = 2", "elif a:", "c = 3", "d = 4", "e = (5,", "g = 7",
        "except KeyError:", "i = 9", "j = 10", "with x:", "k = 11", "match x:", "m = 12",
        "return a",
    ]  # fmt: skip
    assert found[lines.index("    e = (5,") + 1].last == lines.index("         6)") + 1
    assert not any(line.loop for line in found.values())
    assert found[lines.index("        case [first, *_]:") + 1].names == ("first",)


def test_a_loops_body_goes_on_with_its_header() -> None:
    program = dedent("""\
        for x in [1,
                  2]:
            a = x
            b = a
        else:
            c = b
        while x: x -= 1
        for y in []:
            while y:
                if y:
                    z = y
    """)
    found = basic_blocks(program)
    assert {number: line.loop for number, line in found.items() if line.loop} == {3: 1, 10: 9}
    assert found[3].leads
