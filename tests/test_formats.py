"""Files of other benchmarks: found, downloaded, read in their own formats, or refused by name."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from agent.datasets import BENCHMARKS, load
from agent.datasets.downloads import FOLDER, BenchmarkFile, cache_folder
from agent.datasets.records import source_of
from agent.errors import DatasetError
from agent.evaluation.hidden import load_hidden

CONTENT = b'{"task_id": "Own/1"}\n'


def published(url: str, content: bytes = CONTENT) -> BenchmarkFile:
    return BenchmarkFile("own.jsonl", hashlib.sha256(content).hexdigest(), url)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cache_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "codeloop"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "codeloop"


@pytest.mark.parametrize("name", ["own.jsonl", "own.jsonl.gz"])
def test_a_file_in_the_cache_is_not_downloaded(cache: Path, name: str) -> None:
    cache.mkdir()
    (cache / name).write_bytes(CONTENT)
    assert published("file:///nowhere").locate() == cache / name


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_a_download_is_unpacked_checked_and_kept(cache: Path, tmp_path: Path, packed: Any) -> None:
    (tmp_path / "there").write_bytes(packed(CONTENT))
    file = published((tmp_path / "there").as_uri())
    assert file.locate() == cache / "own.jsonl"
    assert [path.name for path in cache.iterdir()] == ["own.jsonl"]
    (tmp_path / "there").unlink()
    assert file.locate().read_bytes() == CONTENT


def test_without_a_network_the_error_says_which_file_goes_where(cache: Path) -> None:
    message = (
        rf"file:///nowhere cannot be downloaded \(.*\): put own.jsonl or own.jsonl.gz into {cache}"
    )
    with pytest.raises(DatasetError, match=message):
        published("file:///nowhere").locate()
    assert not cache.exists()


def test_another_file_is_not_kept(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"another")
    with pytest.raises(DatasetError, match="has another checksum"):
        published((tmp_path / "there").as_uri()).locate()
    assert not cache.exists()


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"question_content": "", "starter_code": ""}, "LiveCodeBench; convert it with python -m"),
        ({"task_id": "", "complete_prompt": "", "instruct_prompt": ""}, "BigCodeBench; convert"),
        ({"task_id": 1, "prompt": "", "test_list": [], "test": ""}, "MBPP.* give MbppPlus.jsonl"),
        ({"input_output": "", "solutions": ""}, "APPS; problems need task_id, prompt"),
        ({"task_id": "Own/1", "completion": ""}, "a file of samples; problems need"),
        ({"task_id": "Own/1", "tests": []}, "a file of tests; problems need"),
    ],
)
def test_another_benchmarks_file_is_refused_by_its_name(
    tmp_path: Path, record: dict[str, Any], told: str
) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(json.dumps(record))
    for read in (load, load_hidden):
        with pytest.raises(DatasetError, match=f"other.jsonl:1: this looks like {told}"):
            read(str(path))


def test_a_file_may_be_one_list(tmp_path: Path) -> None:
    line = {"task_id": "Own/1", "prompt": "", "entry_point": "f", "test": "def check(c): pass"}
    path = tmp_path / "list.json"
    path.write_text(json.dumps([line, line | {"task_id": "Own/2"}], indent=1))
    assert [problem.task_id for problem in load(str(path)).problems] == ["Own/1", "Own/2"]
    path.write_text(json.dumps([line, line]))
    with pytest.raises(DatasetError, match=r"list.json:2: duplicate task_id 'Own/1'"):
        load(str(path))
    path.write_text("[1]")
    with pytest.raises(DatasetError, match=r"list.json:1: not a JSON object"):
        load(str(path))


FILES = {
    "humaneval_plus": ("humaneval-plus/HumanEvalPlus.jsonl.gz", 164),
    "mbpp": ("mbpp/mbpp.jsonl.gz", 974),
    "mbpp_sanitized": ("mbpp/sanitized-mbpp.json.gz", 427),
    "mbpp_plus": ("mbpp-plus/MbppPlus.jsonl.gz", 378),
}


@pytest.fixture
def benchmarks(recorded: Path, cache: Path) -> Path:
    cache.mkdir()
    for name, _ in FILES.values():
        (cache / Path(name).name).symlink_to(recorded / name)
    return recorded


@pytest.mark.parametrize("name", FILES)
def test_a_published_file_is_read_by_name_and_by_path(benchmarks: Path, name: str) -> None:
    file, number = FILES[name]
    problems = load(name).problems
    assert len(problems) == number
    assert load(str(benchmarks / file)).problems == problems
    content = gzip.decompress(source_of(name).path.read_bytes())
    plugin: Any = BENCHMARKS.load(name)
    assert plugin.locate.__self__.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["mbpp", "mbpp_sanitized"])
def test_mbpp_has_the_prompts_and_functions_that_were_measured(benchmarks: Path, name: str) -> None:
    other = {"mbpp": "problems", "mbpp_sanitized": "problems_sanitized"}[name]
    known = load(str(benchmarks / "mbpp" / f"{other}.jsonl.gz")).problems
    assert load(name).problems == known


def test_no_hidden_text_is_in_the_problems(benchmarks: Path) -> None:
    for name in FILES:
        hidden = load_hidden(name)
        for problem in load(name).problems:
            test = hidden[problem.task_id]
            assert set(type(problem).model_fields) == {"task_id", "prompt", "entry_point"}
            body = test.reference.removeprefix(problem.prompt).strip()
            assert body not in problem.prompt
            for part in test.parts:
                lines = part.source.splitlines()
                assert part.is_shown or not any(
                    line in problem.prompt for line in lines if line.startswith("assert")
                )
