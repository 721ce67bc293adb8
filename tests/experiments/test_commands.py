"""The scripts that make the tables: their output and their errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.support.data import ROOT
from experiments import prompt_table, readme
from experiments.recorded import parity
from experiments.studies import readme_tables
from experiments.studies.markers import pages_with, replace_block
from tests.experiments.small_study import baseline, repair, study

MARKERS = readme_tables.BEGIN, readme_tables.END


def test_the_table_replaces_what_stands_between_its_markers_only() -> None:
    text = f"before\n{readme_tables.BEGIN}\nold\n{readme_tables.END}\nafter\n"
    again = replace_block(text, "new", MARKERS)
    assert again == f"before\n{readme_tables.BEGIN}\nnew\n{readme_tables.END}\nafter\n"
    assert replace_block(again, "new", MARKERS) == again


def test_a_text_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- figures: begin -->"):
        replace_block("nothing", "new", MARKERS)


def test_the_readme_has_the_markers_and_names_the_script() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.partition(readme_tables.BEGIN)[2].partition(readme_tables.END)[0]
    assert "final pass@1" in block
    assert "python -m experiments.readme RUN" in block


def test_the_table_of_prompts_is_that_of_the_templates() -> None:
    (page,) = pages_with(prompt_table.MARKERS)
    text = page.read_text(encoding="utf-8")
    assert replace_block(text, prompt_table.block(), prompt_table.MARKERS) == text


def test_the_readmes_other_tables_name_their_scripts_too() -> None:
    for markers, script in (
        (readme_tables.STUDY_MARKERS, "experiments.study configs/studies/repair.yaml"),
        (readme_tables.IMPORTED_MARKERS, "experiments.recorded.rounds SET --out RUN"),
    ):
        for page in pages_with(markers):
            text = page.read_text(encoding="utf-8")
            assert script in text.partition(markers[0])[2].partition(markers[1])[0]


def test_a_study_is_a_row_an_arm() -> None:
    lines = readme_tables.study_table(study(baseline(), repair())).splitlines()
    assert len({line.count("|") for line in lines[:4]}) == 1
    assert lines[2].startswith(f"| `{baseline().name}` |")
    assert "significant" in lines[3]


def test_part_of_a_study_does_not_get_into_the_readme(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.json").write_text(study(baseline(), repair()).model_dump_json())
    before = (ROOT / "README.md").read_bytes()
    assert readme.main(["--study", str(tmp_path)]) == 2
    assert "is not the whole study" in capsys.readouterr().err
    assert (ROOT / "README.md").read_bytes() == before


def test_a_folder_that_is_no_run_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (ROOT / "README.md").read_bytes()
    assert readme.main([str(tmp_path)]) == 2
    assert "not a run folder" in capsys.readouterr().err
    assert (ROOT / "README.md").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["--only", "no-such-set"], "name contains 'no-such-set'"), ([], "cannot be read")],
)
def test_parity_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert parity.main([str(tmp_path), "--sandbox", "local", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_nothing_to_write_is_bad_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert readme.main([]) == 2
    assert "name a run, --study or --imported" in capsys.readouterr().err
