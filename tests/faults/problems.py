"""Six small problems, and a made-up model that gives the same answer to the same request."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from random import Random
from typing import Any

PROBLEMS = {
    "double": ("Return twice the number.", "2 * x", (1, 4)),
    "square": ("Return the square of the number.", "x * x", (2, 3)),
    "negate": ("Return the number with its sign changed.", "-x", (2, -3)),
    "bump": ("Return the number plus one.", "x + 1", (1, 5)),
    "last_digit": ("Return the last digit of the number.", "x % 10", (12, 30)),
    "halve": ("Return half of the number, rounded down.", "x // 2", (4, 7)),
}
TASKS = {name: f"Own/{i}" for i, name in enumerate(PROBLEMS)}
MODEL = "small-coder"


def value_of(name: str, x: int) -> int:
    """Return the result of a correct program."""
    return int(eval(PROBLEMS[name][1], {"x": x}))


def write_dataset(path: Path) -> Path:
    """Write the problems in HumanEval's format."""
    lines = []
    for name, (words, right, examples) in PROBLEMS.items():
        shown = "".join(f"\n    >>> {name}({x})\n    {value_of(name, x)}" for x in examples)
        line = {
            "task_id": TASKS[name],
            "prompt": f'def {name}(x: int) -> int:\n    """{words}\n{shown}\n    """\n',
            "entry_point": name,
            "test": f"def check(c):\n    for x in range(20):\n        assert c(x) == {right}\n",
        }
        lines.append(json.dumps(line) + "\n")
    path.write_text("".join(lines))
    return path


def text_of(body: dict[str, Any]) -> str:
    """Return the text of all messages of a request."""
    return "\n".join(str(message["content"]) for message in body["messages"])


def problem_of(body: dict[str, Any]) -> str:
    """Return the name of the function that a request is about."""
    found = re.search(r"def (\w+)\(x: int\)", text_of(body))
    return found[1] if found else ""


def is_draft(body: dict[str, Any]) -> bool:
    """Whether a request asks for a draft."""
    return "Complete it." in text_of(body)


def is_repair(body: dict[str, Any]) -> bool:
    """Whether a request asks for a repair."""
    return "Fix it" in text_of(body)


def key_of(messages: list[dict[str, Any]], sampling: dict[str, Any], seed: int) -> str:
    """Return the key of one answer to a chat; it does not depend on `n` or on the client."""
    names = ("temperature", "top_p", "max_tokens")
    asked = [messages, [sampling[name] for name in names], list(sampling.get("stop") or ()), seed]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def choice_of(body: dict[str, Any], index: int) -> dict[str, Any]:
    """Return answer `index` of a request: correct or wrong, at random by its seed."""
    random = Random(key_of(body["messages"], body, body["seed"] + index))
    text = _tests(body, random) if "different test cases" in text_of(body) else _code(body, random)
    tokens: list[dict[str, Any]] = [
        {"token": word, "logprob": -random.randrange(1, 64) / 16, "bytes": None, "top_logprobs": []}
        for word in text.split()
    ]
    return {
        "index": index,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        "logprobs": {"content": tokens} if body.get("logprobs") else None,
    }


def _code(body: dict[str, Any], random: Random) -> str:
    name = problem_of(body)
    right = random.random() < (0.15 if is_draft(body) else 0.35)
    value = PROBLEMS[name][1] if right else f"x - {random.randrange(3, 100)}"
    return f"```python\ndef {name}(x: int) -> int:\n    return {value}\n```"


def _tests(body: dict[str, Any], random: Random) -> str:
    name = problem_of(body)
    inputs = random.sample(range(20), 4)
    wrong = random.choice(inputs)
    lines = (f"assert {name}({x}) == {value_of(name, x) + (x == wrong)}" for x in inputs)
    return "```python\n" + "\n".join(lines) + "\n```"
