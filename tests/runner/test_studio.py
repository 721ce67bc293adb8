"""The graph factory for LangGraph's Studio: loaded from langgraph.json, drawn and invoked."""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ConfigError, DatasetError
from agent.runner.solver import problem_of
from agent.types import Trace

ROOT = Path(__file__).resolve().parents[2]
PROMPT = '''def one():
    """One."""
    return 1


def double(x):
    """Return twice x.

    >>> double(4)
    8
    """
'''


def factory() -> Any:
    """Return the factory as a server loads it: by file and name."""
    (target,) = json.loads((ROOT / "langgraph.json").read_text())["graphs"].values()
    path, _, name = target.partition(":")
    spec = spec_from_file_location("loaded_studio", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


async def test_the_studio_loads_draws_and_runs_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "own.yaml"
    settings.write_text(
        f"rounds: 1\nstore: {tmp_path}/store.sqlite\n"
        "model: {backend: embedded}\nsandbox: {backend: local, slots: 1}\n"
    )
    monkeypatch.setenv("CODELOOP_CONFIG", str(settings))
    async with factory()() as graph:
        drawn = graph.get_graph(xray=True).draw_mermaid()
        assert all(name in drawn for name in ("write_tests", "execute", "patch", "repair"))
        found = await graph.ainvoke({"prompt": PROMPT, "entry_point": "double"})
        schema = graph.get_input_jsonschema()
    assert {"prompt", "entry_point"} <= set(schema["properties"])
    assert "def double" in found["answer"]
    json.dumps(found)
    assert Trace.model_validate(found["trace"]).answer == found["answer"]


def test_the_function_may_be_named() -> None:
    assert problem_of(PROMPT).entry_point == "double"
    assert problem_of(PROMPT, "one").entry_point == "one"
    with pytest.raises(DatasetError, match="no function 'two'; it has one, double"):
        problem_of(PROMPT, "two")


async def test_broken_settings_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "own.yaml"
    monkeypatch.setenv("CODELOOP_CONFIG", str(settings))
    for text in ("rounds: [", "rounds: many", "turns: 3"):
        settings.write_text(text)
        with pytest.raises(ConfigError, match=r"own\.yaml") as caught:
            async with factory()():
                pass
        assert "\n" not in str(caught.value)
