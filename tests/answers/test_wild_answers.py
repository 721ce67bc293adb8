"""Answers as they come from servers and models: marks, wrappers, prose, several drafts."""

# ruff: noqa: E501 - an answer is easier to compare with its kind on one line

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.answers import load_extractor
from agent.answers.extractors.codeloop import extract
from agent.types import Problem

HEADER = 'def area(sides: List[int]) -> int:\n    """Multiply the sides."""\n'
ASKED = Problem(task_id="t", prompt=f"from typing import List\n\n\n{HEADER}", entry_point="area")
RIGHT = "def area(sides):\n    result = 1\n    for side in sides:\n        result *= side\n    return result\n"
BODY = "    result = 1\n    for side in sides:\n        result *= side\n    return result\n"
WRONG = "def area(sides):\n    return sum(sides)\n"
STUB = f"{HEADER}    ...\n"
FENCED = f"```python\n{RIGHT}```\n"
HARMONY = "<|channel|>analysis<|message|>{0}<|end|><|start|>assistant<|channel|>final<|message|>{1}<|return|>"


def passes(program: str) -> bool:
    """Whether a program is right; a program that raises is not."""
    namespace: dict[str, object] = {"__name__": "program"}
    try:
        exec(program, namespace)  # noqa: S102
        area = namespace["area"]
        assert callable(area)
        return [area([2, 3, 4]), area([])] == [24, 1]
    except (Exception, SystemExit):  # noqa: BLE001 - whatever a program raises, it is wrong
        return False


RIGHT_ANSWERS = {
    # special tokens
    "end of turn after a body": BODY.rstrip() + "<|im_end|>",
    "end of turn and another turn": f"{RIGHT.rstrip()}<|im_end|>\n<|im_start|>user\nAnother, please",
    "another turn of the assistant": f"Sure.<|im_end|>\n<|im_start|>assistant\n{RIGHT}",
    "end of text and other code": f"{RIGHT.rstrip()}<|endoftext|>def area(sides):\n    return 0\n",
    "llama's header": f"<|start_header_id|>assistant<|end_header_id|>\n\n{FENCED}<|eot_id|>",
    "infilling after a body": BODY.rstrip() + "<|fim_suffix|>\n\nprint(area([1]))<|fim_middle|>",
    "infilling in front": f"<|fim_middle|>{BODY}",
    "end of sentence": f"{RIGHT.rstrip()}</s>",
    "wide bars": f"{RIGHT.rstrip()}<｜end▁of▁sentence｜>",
    "end of turn of gemma": f"{FENCED}<end_of_turn>\n<start_of_turn>user\n",
    "token inside a fence": f"```python\n{RIGHT.rstrip()}<|im_end|>\n```\n",
    "token in a string": RIGHT.replace("1\n", "len('<|im_end|>') // 10\n", 1),
    "token in a comment": RIGHT.replace("1\n", "1  # <|endoftext|>\n", 1),
    "token in a docstring": RIGHT.replace(
        "    result = 1\n", '    """Up to\n    <|endoftext|>\n    """\n    result = 1\n'
    ),
    # thoughts
    **{
        f"a thought in {start}": f"{start}\n{WRONG}\nNo, it's a product.\n{end}\n\n{RIGHT}"
        for start, end in [
            ("<think>", "</think>"),
            ("<thinking>", "</thinking>"),
            ("<THINK>", "</THINK>"),
            ("<reasoning>", "</reasoning>"),
            ("[THINK]", "[/THINK]"),
            ("<|begin_of_thought|>", "<|end_of_thought|>"),
            ("<|START_THINKING|>", "<|END_THINKING|>"),
            ("◁think▷", "◁/think▷"),
        ]
    },
    "only the end of a thought": f"{WRONG}</thinking>\n{FENCED}",
    "a solution after a thought": (
        f"<|begin_of_thought|>{WRONG}<|end_of_thought|>\n"
        f"<|begin_of_solution|>\n{RIGHT}<|end_of_solution|>"
    ),
    "a solution that never ends": f"{WRONG}\n<|begin_of_solution|>\n{RIGHT}",
    "an answer in tags": f"I first had\n{FENCED.replace(RIGHT, WRONG)}\n<answer>{FENCED}</answer>",
    "an answer before another block": (
        f"<answer>\n{FENCED}</answer>\nNot so:\n```python\n{WRONG}```"
    ),
    # boxes
    "a box": f"First\n```python\n{WRONG}```\nNo.\n\\boxed{{\n{RIGHT}}}\nThat is it.",
    "a fence in a box, and a block after it": f"\\boxed{{\n{FENCED}}}\nNot so:\n```python\n{WRONG}```",
    "a box with braces": "\\boxed{" + RIGHT.replace("1\n", "len({1: {2}})\n", 1) + "} and {more}.",
    "a box around a body": f"\\boxed{{\n{BODY}}}",
    "a box that never ends": f"{WRONG}\nBetter: \\boxed{{\n{FENCED}",
    "a box with a number": f"$\\boxed{{24}}$\n\n{FENCED}",
    "a box in prose": f"{FENCED}I leave out \\boxed{{}}.",
    "channels": HARMONY.format(f"Perhaps\n{WRONG}", RIGHT),
    "channels, fenced": HARMONY.format(FENCED.replace(RIGHT, WRONG), FENCED),
    "channels without tokens": f"analysisPerhaps {WRONG}assistantfinal{FENCED}",
    "a mark that is mentioned": f"{FENCED}(I ended my thoughts with </think>.)",
    "a mark in back-ticks": f"No `<think>` here.\n\n{FENCED}",
    "a mark in prose": f"I do not use <think> here.\n\n{FENCED}",
    "a mark in a string": RIGHT.replace("1\n", "len('<think>') - 6\n", 1),
    # words and tags in front
    **{
        f"the line {word!r}": f"{word}\n{RIGHT}"
        for word in (
            "python", "Python3", "Answer", "Answer:", "assistant", "[PYTHON]", "Solution:", "<code>",
            "Here is the code:", "Note: this multiplies", "# Answer",
        )
    },
    "a word before a body": f"python\n{BODY}",
    "python's tags": f"[PYTHON]\n{RIGHT}[/PYTHON]\nIt multiplies.",
    "python's tags around a body": f"[PYTHON]\n{BODY}[/PYTHON]\n",
    # drafts and stubs
    "two bare drafts": f"First idea:\n\n{WRONG}\nThat adds. Better:\n\n{RIGHT}\nDone.",
    "two drafts, fence not closed": f"```python\n{WRONG}\nThat adds. Better:\n\n{RIGHT}",
    "lines like code before": "".join(f"result = {i} so far\n" for i in range(90)) + f"\n{RIGHT}",
    "a stub last": f"{FENCED}The signature:\n```python\n{STUB}```\n",
    "a stub with pass last": f"{FENCED}The signature:\n```python\n{HEADER}    pass\n```\n",
    "a stub that raises last": f"{FENCED}\n```python\n{HEADER}    raise NotImplementedError\n```\n",
    "only the header last": f"{FENCED}for\n```python\n{HEADER}```\n",
    "a bare stub last": f"{RIGHT}\nThis completes:\n\n{STUB}",
    "a stub first": f"```python\n{STUB}```\nbecomes\n{FENCED}",
    # blocks that build on each other
    "imports in a block": (
        "```python\nimport math\n```\nThen\n"
        "```python\ndef area(sides):\n    return math.prod(sides)\n```\n"
    ),
    "an alias in a block": (
        "```python\nimport functools as ft, operator\n```\n"
        "```python\ndef area(sides):\n    return ft.reduce(operator.mul, sides, 1)\n```\n"
    ),
    "a helper with a demo": (
        "```python\ndef times(a, b):\n    return a * b\n\nassert times(2, 3) == 6\nprint(times(1, 2))\n"
        "```\n```python\ndef area(sides):\n    result = 1\n    for side in sides:\n"
        "        result = times(result, side)\n    return result\n```\n"
    ),
    "three blocks": (
        "```python\nimport operator\n```\n```python\ndef times(a, b):\n"
        "    return operator.mul(a, b)\n```\n```python\ndef area(sides):\n"
        "    return times(sides[0], area(sides[1:])) if sides else 1\n```\n"
    ),
    "a constant computed in a block": (
        "```python\nONE = int('1')\n```\n```python\ndef area(sides):\n    result = ONE\n"
        "    for side in sides:\n        result *= side\n    return result\n```\n"
    ),
    "a helper in prose, unfenced": (
        "First a helper:\n\ndef times(a, b):\n    return a * b\n\nNow the function:\n\n"
        "def area(sides):\n    return times(sides[0], area(sides[1:])) if sides else 1\n"
    ),
    # what follows the function and is needed
    **{
        f"needed: {after!r}": f"def area(sides):\n    return {use}\n\n{after}\n"
        for use, after in [
            ("PRODUCT[len(sides)](sides)", "import math\nPRODUCT = {}\nfor i in range(9):\n    PRODUCT[i] = math.prod"),
            ("F[0](sides)", "import math\nF = []\nF.append(math.prod)"),
            ("F[0](sides)", "import math\nF = []\nF.extend([math.prod])"),
            ("F[0](sides)", "import math\nF = []\nF += [math.prod]"),
            ("F['f'](sides)", "import math\nF = {}\nF.update(f=math.prod)"),
            ("F(sides)", "import math\nif True:\n    F = math.prod"),
            ("F(sides)", "import math\ntry:\n    F = math.prod\nexcept AttributeError:\n    F = None"),
            ("F(sides)", "import math\nG = getattr(math, 'prod')\nF = [G].pop()"),
            ("area.f(sides)", "import math\narea.f = math.prod"),
            ("area.f[0](sides)", "import math\narea.f = []\narea.f.append(math.prod)"),
            ("F[0](sides)", "import math\nF = []\n\ndef fill():\n    F.append(math.prod)\n\nfill()"),
            ("F(sides)", "import math\n\ndef make():\n    global F\n    F = math.prod\n\nmake()"),
            ("F(sides)", "import math\nwith open(os.devnull) as file:\n    F = math.prod\nimport os".replace("import math\n", "import math\nimport os\n", 1)),
            ("K and math.prod(sides)", "import math\nK = None\nwhile K is None:\n    K = 1"),
            ("F(sides)", "import math\n(F, G) = math.prod, math.sqrt"),
            ("area.f(sides)", "import math\nsetattr(area, 'f', math.prod)"),
            ("F(sides)", "import math\nglobals()['F'] = math.prod"),
            ("F(sides)", "import math\nglobals().update(F=math.prod)"),
            ("F[0](sides)", "import math\nF = []\n[F.append(one) for one in [math.prod]]"),
            ("F[0](sides)", "import math\nF = []\nlist(map(F.append, [math.prod]))"),
            ("F[0](sides)", "import math\nF = [sum, math.prod]\n_ = F.pop(0)"),
            ("F[0](sides)", "import math\n\ndef fill(them):\n    them[0] = math.prod\n\nF = [0]\nfill(F)"),
            ("F().f(sides)", "import math\n\nclass F:\n    f = sum\n\nF.f = staticmethod(math.prod)"),
            ("F(sides)", "import math\nfor F in [sum, math.prod]:\n    pass"),
            ("F(sides)", "import math\nmatch 1:\n    case 1:\n        F = math.prod"),
            ("F(sides)", "import math\nif (F := math.prod):\n    pass"),
            ("F(sides)", "import math\nfrom functools import partial\nF = partial(math.prod, start=1)"),
            ("math.prod(sides) * D[0]", "import math\nD = [0]\ndel D[0]\nD.insert(0, 1)"),
        ]
    },
    "a table below a body": "    return F[0](sides)\n\nimport math\nF = []\nF.append(math.prod)\n",
    "demo after a table": (
        "def area(sides):\n    return F[0](sides)\n\nimport math\nF = []\nF.append(math.prod)\n"
        "print(area([1]))\nassert area([2]) == 3\n"
    ),
    "a main block": f"{RIGHT}\nif __name__ == '__main__':\n    result = area([int(input())])\n",
    "a demo that fails": f"{RIGHT}\nfor case in [[2, 3]]:\n    assert area(case) == 7\n",
    "a demo of functions": (
        f"{RIGHT}\ndef test_area():\n    assert area([2]) == 3\n\ndef main():\n    test_area()\n\nmain()\n"
    ),
    "a demo of unittest": (
        f"import unittest\n\n{RIGHT}\nclass TestArea(unittest.TestCase):\n    def test(self):\n"
        "        self.assertEqual(area([2]), 3)\n\nunittest.main()\n"
    ),
    "a deep recursion": (
        "def area(sides):\n    return sides[0] * area(sides[1:]) if sides else down(2000)\n\n"
        "def down(n):\n    return down(n - 1) if n else 1\n\nimport sys\nsys.setrecursionlimit(9000)\n"
    ),
    "a demo over a table": f"{RIGHT}\nCASES = [[1], [2]]\nfor case in CASES:\n    CASES.append(area(case) / 0)\n",
    "a demo with results": f"{RIGHT}\nresults = [area(s) for s in [[1], [2]]]\nassert results == [7]\n",
    "a demo that asks": f"{RIGHT}\nn = int(input())\nsides = [int(input()) for _ in range(n)]\nprint(area(sides))\n",
    "a demo that exits": f"import sys\n\n{RIGHT}\nprint(sys.maxsize, area([1]))\nsys.exit(0)\n",
    # layout
    "first line one space off": BODY.replace("    result = 1", "     result = 1", 1),
    "first line one space short": BODY.replace("    result = 1", "   result = 1", 1),
    "first line without indentation": BODY.lstrip(),
    "first line far in": BODY.replace("    result = 1", "        result = 1", 1),
    "first line opens a block": "     if not sides:\n        return 1\n    return sides[0] * area(sides[1:])\n",
    "one space off in a fence": f"```python\n {BODY}```",
    "a whole function one space off": "".join(f" {line}\n" for line in RIGHT.splitlines()),
    "a fence inside a docstring": RIGHT.replace(
        "    result = 1\n",
        '    """Multiply.\n\n    ```python\n    area([2, 3])\n    ```\n    """\n    result = 1\n',
    ),
    "no-break spaces": FENCED.replace("    ", "\u00a0\u00a0\u00a0\u00a0"),
    "wide spaces": FENCED.replace("result = 1", "result\u3000=\u20021"),
    "a mark of byte order": f"```python\n\ufeff{RIGHT}```",
    "invisible characters": FENCED.replace("result *=", "result\u200b *=\u2060"),
    "a no-break space in a string": FENCED.replace("= 1", "= len('\u00a0')"),
    # wrappers
    "code": f"<code>{RIGHT}</code>",
    "pre and code": f"<pre><code>{RIGHT}</code></pre>",
    "code with a class": f'Here:\n<pre><code class="language-python">{RIGHT}</code></pre>\nDone.',
    "entities": "<code>def area(sides):\n    return sides[0] * area(sides[1:]) if len(sides) &gt; 0 else 1\n</code>",
    "code around a body": f"<code>\n{BODY}</code>",
    "back-ticks": f"`{RIGHT}`",
    "back-ticks in a sentence": f"Use `{RIGHT.rstrip()}` for it.",
    "triple quotes": f"'''python\n{RIGHT}'''",
    "triple double quotes": f'"""python\n{RIGHT}"""\n',
    "a fence on one line": "```python def area(sides): return sides[0] * area(sides[1:]) if sides else 1```",
    "code on the line of the fence": f"```python {RIGHT}```",
    "code on the line of a bare fence": f"```{RIGHT}```",
    "the end of a fence after code": f"```python\n{RIGHT.rstrip()}```\nIt multiplies.",
    "a name of a file": f"```python:area.py\n{RIGHT}```",
    "attributes": f"```{{.python .numberLines}}\n{RIGHT}```",
    "four back-ticks": f"````python\n{RIGHT}````",
    "another language's tag": f"```text\n{RIGHT}```",
    "a fence after prose on its line": f"Here: ```python\n{RIGHT}```",
    "a fence in a quotation": "".join(f"> {line}\n" for line in FENCED.splitlines()),
    "a prompt of the interpreter": ">>> " + RIGHT.rstrip().replace("\n", "\n... ") + "\n>>> area([2])\n2\n",
    "a closing fence only": f"{RIGHT}```\nDone.",
    "a closing fence after a body without margin": "result = 1\nfor side in sides:\n    result *= side\nreturn result\n```\nDone.",
}  # fmt: skip

WRONG_ANSWERS = {
    "another name": FENCED.replace("area", "volume"),
    "an unclosed thought": f"<thinking>\n{FENCED}",
    "an unclosed thought in brackets": f"[THINK]\n{FENCED}",
    "only an analysis": f"<|channel|>analysis<|message|>{RIGHT}",
    "prose": "I'm sorry, I cannot do that.",
    "a word": "Done",
    "a stub": f"```python\n{STUB}```",
    "the last draft is wrong": f"{FENCED}No:\n```python\n{WRONG}```",
    "the last bare draft is wrong": f"{RIGHT}\nNo, better:\n\n{WRONG}",
    "a broken body": FENCED.replace("in sides:", "in sides"),
    "an import is missing": "```python\ndef area(sides):\n    return math.prod(sides)\n```",
    "nothing": "",
}


@pytest.mark.parametrize("name", RIGHT_ANSWERS)
def test_a_right_program_is_read(name: str) -> None:
    program = extract(ASKED, RIGHT_ANSWERS[name])
    assert passes(program), program


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_a_wrong_program_stays_wrong(name: str) -> None:
    assert not passes(extract(ASKED, WRONG_ANSWERS[name]))


@pytest.mark.parametrize(
    ("above", "use", "kept"),
    [
        ("    import math\n", "math.prod(sides)", True),
        ("    from math import prod\n", "prod(sides)", True),
        ("    import math as m\n    import re\n", "m.prod(sides)", True),
        ("    import re\n", "sum(sides)", False),
    ],
)
def test_imports_inside_the_prompts_function_are_kept(above: str, use: str, kept: bool) -> None:
    prompt = HEADER.replace("List[int]", "list").replace('    """', f'{above}    """')
    asked = Problem(task_id="t", prompt=prompt, entry_point="area")
    program = extract(asked, f"```python\ndef area(sides):\n    return {use}\n```")
    assert passes(program) is kept
    assert program.count("import") == kept
    own = f"```python\n{above.replace('    ', '')}\ndef area(sides):\n    return {use}\n```"
    assert extract(asked, own).count("import") == above.count("import")


def test_the_shared_cases(cases: Path) -> None:
    def lines(name: str) -> list[dict[str, str]]:
        text = (cases / "answers" / name).read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    problems = {line["task_id"]: line for line in lines("problems.jsonl")}
    expected = {line["task_id"]: line["expect"] for line in lines("expected.jsonl")}
    found = {}
    for line in lines("answers.jsonl"):
        asked = problems[line["task_id"]]
        problem = Problem(
            task_id=asked["task_id"], prompt=asked["prompt"], entry_point=asked["entry_point"]
        )
        program = extract(problem, line["answer"])
        namespace: dict[str, object] = {}
        try:
            exec(program + "\n" + asked["test"], namespace)  # noqa: S102
            namespace["check"](namespace[asked["entry_point"]])  # type: ignore[operator]  # a test's
            found[line["task_id"]] = "pass"
        except Exception:  # noqa: BLE001 - whatever a program raises, it fails
            found[line["task_id"]] = "fail"
    assert found == expected


def test_other_extractors_take_what_their_names_say() -> None:
    two = f"{FENCED}then\n```python\n{WRONG}```\n"
    assert load_extractor("first_block").extract(ASKED, two) == RIGHT
    assert load_extractor("markdown").extract(ASKED, two) == WRONG
    assert load_extractor("longest_valid").extract(ASKED, two).strip() == RIGHT.strip()
    assert load_extractor("none").extract(ASKED, two) == two
    assert load_extractor("none").extract(ASKED, BODY) == ASKED.prompt + BODY
    assert load_extractor("opencompass").extract(ASKED, two) == ASKED.prompt + RIGHT
    run_on = f"{BODY}\nprint(area([1]))\n"
    assert load_extractor("completion").extract(ASKED, run_on) == ASKED.prompt + BODY
    assert load_extractor("longest_valid").extract(ASKED, f"{BODY}\nIt's so.") == (
        f"{ASKED.prompt}{BODY}\n"
    )


LEETCODE = Problem(
    task_id="t",
    prompt="from typing import List\n\n\nclass Solution:\n    def area(self, sides: List[int]) -> int:\n"
    '        """Multiply the sides."""\n',
    entry_point="Solution().area",
)
METHOD = "    def area(self, sides: List[int]) -> int:\n        return sides[0] * self.area(sides[1:]) if sides else 1\n"


@pytest.mark.parametrize(
    "text",
    [
        f"```python\nclass Solution:\n{METHOD}```",
        f"```python\nclass Solution:\n{METHOD}\nprint(Solution().area([1]))\n```",
        f"First:\n```python\nclass Solution:\n    def area(self, sides):\n        ...\n```\nThen\n"
        f"```python\nclass Solution:\n{METHOD}```",
        f"```python\nclass Solution:\n{METHOD}```\nSignature:\n```python\n{LEETCODE.prompt}        pass\n```",
        "        return sides[0] * self.area(sides[1:]) if sides else 1\n",
        "return sides[0] * self.area(sides[1:]) if sides else 1\n",
        "```python\nif not sides:\n    return 1\nreturn sides[0] * self.area(sides[1:])\n```",
    ],
)
def test_a_method_is_read_with_its_class(text: str) -> None:
    assert passes(f"{extract(LEETCODE, text)}\narea = Solution().area\n")


@pytest.mark.parametrize("margin", ["  ", "\t", "        "])
def test_a_body_takes_the_margin_of_the_prompt(margin: str) -> None:
    prompt = f'def area(sides):\n{margin}"""Multiply the sides."""\n'
    asked = Problem(task_id="t", prompt=prompt, entry_point="area")
    body = "if not sides:\n    return 1\nreturn sides[0] * area(sides[1:])\n"
    assert passes(extract(asked, body))
    assert passes(extract(asked, f"```python\n{body}```"))
