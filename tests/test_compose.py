"""Tests of docker-compose.yml, the presets of the servers and .env.example."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from docker.utils import parse_bytes

from sandbox import SandboxConfig
from sandbox.container import CPU_PERIOD_US, CPU_QUOTA_US, settings
from tests.sandbox.listening import container_settings

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
PRESETS = sorted((ROOT / "configs" / "serving").glob("*.yaml"))


def compose_command() -> list[str]:
    """Return the first of the two compose commands that is installed, or skip the test."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            done = subprocess.run([*command, "version"], capture_output=True, check=False)
            if done.returncode == 0:
                return command
    pytest.skip("neither docker compose nor docker-compose is on this machine")


@pytest.mark.parametrize(
    ("profiles", "services"),
    [
        ([], {"sandbox"}),
        (["gpu"], {"sandbox", "vllm"}),
        (["cpu"], {"sandbox", "vllm-cpu"}),
        (["cpu", "run"], {"sandbox", "vllm-cpu", "runner"}),
    ],
    ids=["none", "gpu", "cpu", "run"],
)
def test_compose_reads_it_with_every_profile(profiles: list[str], services: set[str]) -> None:
    named = [word for profile in profiles for word in ("--profile", profile)]
    command = [*compose_command(), "--env-file", ".env.example", *named, "config"]
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=clean, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert {*yaml.safe_load(done.stdout)["services"]} >= services


@pytest.mark.parametrize("name", ["vllm", "vllm-cpu"])
def test_a_server_is_started_by_the_script_that_make_uses(name: str) -> None:
    program, script, verb, more = SERVICES[name]["entrypoint"].split()
    assert (program, verb, more) == ("sh", "run", "${SERVING_ARGS:-}")
    folder, inside, _ = SERVICES[name]["volumes"][0].split(":")
    assert (ROOT / script.replace(inside, folder, 1)).is_file()
    assert SERVICES[name]["environment"]["SERVING"] == f"${{SERVING:-{PRESETS[0].stem}}}"


def test_every_variable_is_in_the_example_with_its_default() -> None:
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))
    used |= dict.fromkeys(re.findall(r"^ +(\w+):  # as in \.env", TEXT, re.M), "")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    told = dict(re.findall(r"^#(\w+)=(.*)$", example, re.M))
    assert used.pop("SANDBOX_PACKAGES") == ""  # its line shows how to write it
    assert told.pop("SANDBOX_PACKAGES")
    assert told == used
    assert f"{told['SERVING']}.yaml" in [path.name for path in PRESETS]


def test_the_sandbox_is_hardened() -> None:
    sandbox = SERVICES["sandbox"]
    assert (sandbox["network_mode"], sandbox["ipc"]) == ("none", "none")
    assert sandbox["read_only"] is True
    assert sandbox["cap_drop"] == ["ALL"]
    assert sandbox["security_opt"] == ["no-new-privileges:true", "seccomp:sandbox/seccomp.json"]
    assert {"mem_limit", "memswap_limit", "pids_limit", "cpus"} <= {*sandbox}
    assert not {"privileged", "cap_add", "ports", "networks", "env_file", "hostname"} & {*sandbox}
    assert [volume["source"] for volume in sandbox["volumes"]] == ["sockets"]


def test_the_sandbox_has_the_limits_of_the_docker_backend(tmp_path: Path) -> None:
    ours, theirs = container_settings(tmp_path), settings(SandboxConfig())
    for name in ("mem_limit", "memswap_limit"):
        assert parse_bytes(ours[name]) == parse_bytes(theirs[name])
    assert ours["nano_cpus"] == CPU_QUOTA_US * 1_000_000_000 // CPU_PERIOD_US
    same = ("user", "network_mode", "ipc_mode", "read_only", "tmpfs", "cap_drop", "pids_limit")
    for name in (*same, "security_opt"):
        assert ours[name] == theirs[name], name


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_has_power_over_the_machine(name: str) -> None:
    text = yaml.safe_dump(SERVICES[name])
    assert "docker.sock" not in text
    assert "privileged: true" not in text
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_the_runner_is_nobody_and_sees_the_sockets_only() -> None:
    runner = SERVICES["runner"]
    assert runner["cap_drop"] == ["ALL"]
    assert not runner["user"].startswith(("0", "root"))
    assert "USER 1000:1000" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert [v if isinstance(v, str) else v["source"] for v in runner["volumes"]] == [
        "./runs:/app/runs",
        "sockets",
    ]
    assert runner["volumes"][1]["read_only"] is True


def test_one_address_is_that_of_both_servers() -> None:
    for name in ("vllm", "vllm-cpu"):
        assert SERVICES[name]["networks"] == {"default": {"aliases": ["model"]}}
    assert SERVICES["runner"]["environment"]["OPENAI_BASE_URL"].endswith(":-http://model:8000/v1}")
