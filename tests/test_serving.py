"""Tests of the serving presets and of the script that serves them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Golden

ROOT = Path(__file__).resolve().parent.parent
SERVING = ROOT / "configs" / "serving"
SCRIPT = SERVING / "serve.sh"
OPTIONS = "vllm-0.32.0-options.txt"
"""The names of the options of `vllm serve`; the test with a real server checks them."""


def presets(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.yaml"))
    }


MODELS, VARIANTS = presets(SERVING), presets(SERVING / "variants")
STAND_IN = """#!/usr/bin/env python3
import signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

signal.signal(signal.SIGTERM, signal.SIG_IGN if "--stubborn" in sys.argv else signal.SIG_DFL)
print("stand-in", *sys.argv[1:], flush=True)
HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Healthy).serve_forever()
"""
"""An executable in place of vllm that is healthy at once."""


def serve(
    verb: str, state: Path, *options: str, code: int = 0, **env: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [SCRIPT, verb, *options],
        env={"PATH": os.environ["PATH"], "STATE": str(state), "VLLM": "echo", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("name", MODELS)
def test_a_model_s_preset_leaves_sampling_to_the_agent_and_counts_what_was_cached(
    name: str,
) -> None:
    preset = MODELS[name]
    assert name == preset["model"].rpartition("/")[2].lower()
    assert preset["generation-config"] == "vllm"
    assert preset["enable-prompt-tokens-details"] is True
    assert ("reasoning-parser" in preset) == name.startswith("qwen3")


def test_variants_combine_with_every_model_and_with_each_other() -> None:
    for one, other in combinations([*MODELS.items(), *VARIANTS.items()], 2):
        if other[0] in VARIANTS:
            assert not {*one[1]} & {*other[1]}, (one[0], other[0])


def test_the_server_has_every_option_that_it_is_given(tmp_path: Path) -> None:
    known = {*(ROOT / "tests/golden" / OPTIONS).read_text("utf-8").split()}
    keys = set(chain(*MODELS.values(), *VARIANTS.values()))
    assert {f"--{key}" for key in keys} <= known
    (tmp_path / "config.json").touch()
    words = serve("run", tmp_path, MODEL_PATH=str(tmp_path)).stdout.split()
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    words += services["vllm-cpu"]["command"]
    words += re.findall(r"^ON_cpu := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    words += re.findall(r"--(?:host|port)\b", SCRIPT.read_text("utf-8"))
    used = {word for word in words if word.startswith("--")}
    assert used <= known
    assert used >= {"--config", "--served-model-name", "--no-enable-chunked-prefill", "--host"}


@pytest.mark.vllm
def test_the_list_of_options_is_that_of_the_real_server(golden: Golden) -> None:
    if not (vllm := os.environ.get("VLLM")):
        pytest.skip("$VLLM names no vllm executable")
    done = subprocess.run(
        [vllm, "serve", "--help=all"], capture_output=True, text=True, check=True, timeout=600
    )
    heads = "\n".join(re.findall(r"^ {2}-.*", done.stdout, re.M))
    names = sorted({*re.findall(r"(?<![\w-])--[a-z0-9][a-z0-9-]*", heads)})
    golden(OPTIONS, "\n".join(names) + "\n")


def test_a_model_and_its_variants_become_one_preset(tmp_path: Path) -> None:
    done = serve("run", tmp_path, "--port", "1", SERVING="qwen3-0.6b+float16+ngram")
    path = tmp_path / "serving.yaml"
    assert done.stdout.split() == ["serve", "--port", "1", "--config", str(path)]
    merged = yaml.safe_load(path.read_text("utf-8"))
    assert merged == MODELS["qwen3-0.6b"] | VARIANTS["float16"] | VARIANTS["ngram"]


def test_local_weights_replace_the_model_and_keep_their_name(tmp_path: Path) -> None:
    weights = tmp_path / "my model"
    weights.mkdir()
    refused = serve("run", tmp_path, code=2, MODEL_PATH=str(weights))
    assert refused.stderr == f"MODEL_PATH: {weights} has no config.json; name a model's folder\n"
    (weights / "config.json").touch()
    done = serve("run", tmp_path, MODEL_PATH=str(weights))
    assert done.stdout.startswith(f"serve {weights} --served-model-name my model --config ")


@pytest.mark.parametrize(("given", "missing"), [("gpt", "gpt"), ("qwen3-0.6b+bf16", "bf16")])
def test_an_unknown_preset_is_answered_with_those_that_exist(
    given: str, missing: str, tmp_path: Path
) -> None:
    (line,) = serve("run", tmp_path, code=2, SERVING=given).stderr.splitlines()
    assert line.startswith(f"SERVING: no {missing}.yaml in ")
    assert ("float16.yaml" in line) == (missing == "bf16")


@pytest.mark.parametrize("option", ["--willing", "--stubborn"])
def test_a_server_in_the_background_starts_once_and_stops(tmp_path: Path, option: str) -> None:
    stand_in = tmp_path / "vllm serve"
    stand_in.write_text(STAND_IN, encoding="utf-8")
    stand_in.chmod(0o700)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    started = serve("start", tmp_path, option, VLLM=str(stand_in), PORT=port)
    try:
        assert started.stdout == f"http://localhost:{port}/v1\n"
        assert f"stand-in serve {option} --host 127.0.0.1" in (tmp_path / "server.log").read_text()
        again = serve("start", tmp_path, code=2, PORT=port)
        assert again.stderr == "a server is running already: stop it first\n"
    finally:
        serve("stop", tmp_path, GRACE_SECONDS="1")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0
    assert serve("stop", tmp_path).stderr == "no server is running\n"


def test_a_server_that_ends_while_it_starts_shows_its_last_lines(tmp_path: Path) -> None:
    done = serve("start", tmp_path, code=2, SERVING="gpt", PORT="1")
    assert "SERVING: no gpt.yaml in " in done.stderr
    assert done.stderr.endswith("the server ended; the lines above are its last\n")
