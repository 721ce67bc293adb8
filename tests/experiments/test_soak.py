"""The soak test finds errors and growth of resources."""

from __future__ import annotations

from itertools import islice

import pytest

from experiments.bench import soak
from experiments.bench.footprint import Footprint


def test_every_kind_of_program_comes_to_what_it_must(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--sandbox", "local", "--slots", "2", "--programs", "300", "--round", "100"]
    assert soak.main(arguments) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert [line.split(" | ")[0] for line in said.out.splitlines()[1:]] == ["100", "200", "300"]


def test_a_thousand_programs_are_of_every_kind_and_a_third_hostile() -> None:
    programs = [job.program for job, _ in islice(soak.jobs(), 1000)]
    assert {kind.program for kind in soak.KINDS} == set(programs)
    assert programs.count(soak.GOOD) <= 2 * len(programs) / 3


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (Footprint(6, 12, 100, 100), 0),
        (Footprint(6, 12, 120, 120), 0),
        (Footprint(7, 12, 100, 100), 1),
        (Footprint(6, 13, 100, 100), 1),
        (Footprint(6, 12, 130, 100), 1),
        (Footprint(6, 12, 100, 130), 1),
    ],
)
def test_what_grows_is_a_leak(last: Footprint, code: int) -> None:
    assert soak._verdict(Footprint(6, 12, 100, 100), last) == code


def test_a_wrong_verdict_ends_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = soak.ProgramKind(soak.GOOD, (("assert f(1) == 2", soak.WRONG),), 1)
    monkeypatch.setattr(soak, "KINDS", (kind,))
    arguments = ["--sandbox", "local", "--slots", "1", "--programs", "2", "--round", "1"]
    assert soak.main(arguments) == 1
    assert "passed" in capsys.readouterr().err
