"""The loop's benchmark: the stand-in over HTTP, the tables, one small real run. No timing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp import ClientSession

from agent.models.served.model import ServedModel
from agent.settings import load_config
from agent.types import Message, Sampling
from experiments.bench import loop as bench_loop
from experiments.bench.filler import answer, tokens
from experiments.bench.latency import Hardware
from experiments.bench.loop import Repetition, figures
from experiments.bench.loop_runs import RunError, open_standin, run_once
from experiments.bench.sandbox import table
from experiments.bench.standin import MODEL, ServerReport
from experiments.bench.standin import main as standin
from experiments.bench.vllm import BenchReport, InterleavedRun, TokenCounter, prompts
from experiments.bench.vllm import figures as vllm_figures
from tests.conftest import PROMPT
from tests.experiments.small_traces import One, trace_of
from tests.experiments.test_makespan import call

QUICK = Hardware(prefill=1e9, step_seconds=1e-6, sequence_seconds=0)
REPETITION = Repetition(
    requests=3,
    answers=12,
    prompt_tokens=100,
    completion_tokens=2000,
    executions=40,
    least=1.0,
    bound=2.0,
    wall=2.5,
    before=0.25,
    after=0.25,
    cpu=1.5,
    others=0.5,
    lag=1.0,
    most_lag=2.0,
)


async def test_the_stand_in_answers_our_client_and_reports_what_it_saw() -> None:
    config = load_config(["--model.retries", "0"]).model
    asked = (Message(role="user", content="Complete it."),)
    async with open_standin(QUICK) as url:
        model = await ServedModel.connect(config, [f"{url}/v1"], "none", 10.0, print)
        found = await model.complete(asked, 3, Sampling(seed=5))
        (cut,) = await model.complete(asked, 1, Sampling(seed=5, max_tokens=3))
        await model.aclose()
        async with ClientSession() as session, session.get(f"{url}/report") as said:
            report = ServerReport.model_validate_json(await said.read())
    assert model.name == MODEL
    assert [one.text for one in found] == [answer("Complete it.", seed) for seed in (5, 6, 7)]
    assert sum(one.usage.completion_tokens for one in found) == sum(tokens(o.text) for o in found)
    assert {one.usage.prompt_tokens for one in found} == {3}
    assert (cut.text, cut.finish_reason) == (found[0].text[:12], "length")
    assert report.requests == 2
    assert 0 <= report.lag <= report.most_lag
    assert 0 < report.first <= report.last


def test_wrong_hardware_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert standin(["--hardware", '{"places": 0}']) == 2
    assert "greater than or equal to 1" in capsys.readouterr().err
    assert bench_loop.main(["--hardware", '{"speed": 1}']) == 2
    assert "Extra inputs are not permitted" in capsys.readouterr().err


def test_a_real_server_needs_all_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_loop.main(["--server", "http://localhost:1/v1"]) == 2
    assert "go together" in capsys.readouterr().err


def test_the_table_has_the_ratio_of_each_repetition() -> None:
    slower = REPETITION.model_copy(update={"wall": 3.0})
    lines = table(figures([REPETITION, slower], 256), "here", "experiments.bench.loop").splitlines()
    assert (
        "| wall over bound, 256 answers in flight | at most 1.10x | 1.38x (1.25 to 1.5) |" in lines
    )
    assert "| bound |  | 2 s (2 to 2) |" in lines
    assert lines[-1] == "*(here; `python -m experiments.bench.loop`)*"


def test_a_meter_knows_when_a_server_wrote() -> None:
    meter = TokenCounter()
    for now, count in enumerate((5, 5, 7, 9, 9)):
        metrics = f'# HELP x\nvllm:generation_tokens_total{{engine="0"}} {count}.0\nvllm:other 3\n'
        meter.look(metrics, float(now))
    assert meter.seconds == 2.0
    assert meter.looks[-1] == (4.0, 9.0)


def test_the_bench_is_asked_for_each_answer_by_itself() -> None:
    trace = trace_of(One(passed=False), calls=[call("draft", "Complete it.", "a", "b")])
    assert [line["prompt"] for line in prompts([trace])] == ["Complete it."] * 2
    assert [line["output_tokens"] for line in prompts([trace])] == [0, 0]


def test_the_loop_is_compared_with_the_bench_turn_by_turn() -> None:
    bench = BenchReport(completed=10, failed=0, total_output_tokens=1000, output_throughput=125.0)
    turn = InterleavedRun(10, 500, 1000, 10.0, 20.0, 3.0, bench, emptied=True, backend="local")
    lines = table(vllm_figures([turn]), "here", "experiments.bench.loop").splitlines()
    assert "| the loop against vllm bench serve | at least 0.9x | 0.8x |" in lines
    assert "| output tokens/s of the loop, whole wall |  | 50 |" in lines


async def test_a_run_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no model server answers"):
        await run_once(tmp_path, "http://127.0.0.1:9/v1", ["--model", "served"])


def test_a_small_real_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [
        {
            "task_id": f"Own/{number}",
            "prompt": PROMPT.replace("values", f"values_{number}"),
            "entry_point": "second_largest",
            "test": "def check(candidate):\n    assert candidate([1, 2]) == 1\n",
        }
        for number in range(2)
    ]
    own = tmp_path / "own.jsonl"
    own.write_text("".join(json.dumps(problem) + "\n" for problem in problems))
    (tmp_path / "README.md").write_text("before\n{}\nold\n{}\n".format(*bench_loop.MARKERS))
    monkeypatch.setattr("experiments.studies.markers.ROOT", tmp_path)
    size = ["--problems", "2", "--drafts", "2", "--rounds", "1", "--repeat", "1"]
    where = ["--dataset", str(own), "--sandbox", "local", "--hardware", QUICK.model_dump_json()]
    assert bench_loop.main([*size, *where, "--json", "--readme"]) == 0
    found = {row["name"]: row["median"] for row in json.loads(capsys.readouterr().out)["figures"]}
    assert (found["requests"], found["answers"]) == (8, 8)
    assert found["wall"] > found["bound"] >= found["no order can beat"] * (1 - 1e-9) > 0
    assert found["the run's own CPU time"] > 0
    assert "old" not in (tmp_path / "README.md").read_text()
