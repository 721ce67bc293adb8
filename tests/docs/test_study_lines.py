"""Every line of the list of others' studies ends in a command that parses, or says why not."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from agent.__main__ import VERBS
from agent.config import RunConfig
from agent.settings import load_settings
from experiments.studies.arms import study_file
from experiments.studies.running import read_plan

ROOT = Path(__file__).resolve().parents[2]
LINES = re.findall(
    r"^\| ([A-E])(\d+) \| (.+?) \| (.+) \|$", (ROOT / "docs/studies.md").read_text(), re.MULTILINE
)
COMMANDS = sorted({end.strip("`") for *_, end in LINES if end.startswith("`")})


def test_every_row_has_a_line_and_few_are_refused_or_planned() -> None:
    numbers = [f"{letter}{number}" for letter, number, *_ in LINES]
    sizes = {"A": 31, "B": 30, "C": 14, "D": 23, "E": 15}
    assert numbers == [f"{name}{i + 1}" for name, size in sizes.items() for i in range(size)]
    ends = [end for *_, end in LINES]
    assert sum(end == "*planned*" for end in ends) <= 15
    assert sum(end.startswith("*refused*: ") for end in ends) <= 10
    assert all(re.match(r"`[^`]+`$|\*planned\*$|\*refused\*: .", end) for end in ends)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_parses(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, *words = shlex.split(line)
    match first, words:
        case "make", [target, *settings]:
            makefile = (ROOT / "Makefile").read_text()
            assert re.search(rf"^{target}:", makefile, re.MULTILINE)
            for setting in settings:
                name, _, value = setting.partition("=")
                assert re.search(rf"\b{name}\b", makefile)
                if name == "SERVING":
                    _check_serving(value)
        case "docker", ["compose", action, *rest]:
            assert action in ("up", "run")
            services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
            assert {word for word in rest if not word.startswith("-")} <= set(services)
        case "python", ["-m", "agent", verb, *options]:
            _check(VERBS[verb][0], options, capsys)
        case "python", ["-m", module, *options]:
            _check(module, options, capsys)
        case _:
            pytest.fail(f"not a command of ours: {line}")


def _check_serving(value: str) -> None:
    preset, *variants = value.split("+")
    folder = ROOT / "configs" / "serving"
    assert (folder / f"{preset}.yaml").exists()
    assert all((folder / "variants" / f"{name}.yaml").exists() for name in variants)


def _check(module: str, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if module == "agent.run":
        given = [word for word in options if word != "FILE"]
        if "--draft.prompt.examples" in given:
            given += [str(ROOT / "prompts/draft/examples.jsonl")]
        load_settings(RunConfig, given, module)
    elif module == "experiments.study" and options != ["FILE"]:
        name, *rest = options
        draws = int(rest[1]) if rest[:1] == ["--draws"] else None
        assert rest in ([], ["--json"]) or rest == ["--draws", str(draws)]
        assert read_plan(study_file(Path(name)), [], draws=draws).arms
    else:
        with pytest.raises(SystemExit) as ended:
            import_module(module).main(["--help"])
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        named = [word[1:] for word in options if word.startswith("--")]
        assert all(re.search(rf"{word}\b", shown) for word in named)


def test_the_analyses_that_lines_name_exist() -> None:
    from experiments.analyses.choosing import chosen

    for line in COMMANDS:
        if found := re.search(r"analyse RUN --only (\S+)", line):
            assert chosen(found[1], 1)


def test_a_command_with_a_wrong_option_is_found() -> None:
    wrong = "python -m agent study few-shot --speed 3"
    program = "import shlex, sys; from agent.__main__ import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", program, *shlex.split(wrong)[3:], "--dry-run"]
    done = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
