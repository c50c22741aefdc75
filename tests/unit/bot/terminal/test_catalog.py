"""`tessera catalog`: mistakes with file and line, exit codes for scripts, schemas for editors."""

import json
from pathlib import Path

import pytest

from explainers.catalog.schema import FORMS, entry_schema
from tests.unit.bot.terminal.test_app import ROOT, tessera
from tests.unit.explainers.catalog.examples import as_yaml, plainly

CONFIGMAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: db, labels: {mesitis/kind: catalog-entry, mesitis/enabled: "true"}}
data:
  entry: |
"""


def held(text: str) -> str:
    return CONFIGMAP + "".join(f"    {line}\n" for line in text.splitlines())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "good.yaml").write_text(held(as_yaml(plainly())))
    (tmp_path / "sub" / "bad.yml").write_text(held(as_yaml(plainly(offering="DB", uuid="2"))))
    (tmp_path / "sub" / "chart.yaml").write_text("{{- if .Values.x }}\n")
    (tmp_path / "notes.txt").write_text("{{")
    return tmp_path


def test_a_folder_is_looked_through_and_mistakes_have_file_and_line(folder: Path) -> None:
    result = tessera("catalog", "lint", str(folder))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{folder}/sub/bad.yml:7: offering: This must be small letters, digits and hyphens, at most 63, not `DB`."
        " Write `db`.",
        "✗ 1 mistake in 2 entries and 0 objects.",
    ]


def test_files_that_are_named_are_read_whatever_they_look_like(folder: Path) -> None:
    result = tessera("catalog", "lint", f"{folder}/sub/chart.yaml", f"{folder}/notes.txt")
    assert result.exit_code == 1
    assert "chart.yaml:1: " in result.output
    assert "notes.txt:" in result.output


def test_a_good_catalog_ends_with_0(folder: Path) -> None:
    result = tessera("catalog", "lint", f"{folder}/good.yaml")
    assert (result.exit_code, result.output) == (0, "✓ Nothing is wrong with 1 entry and 0 objects.\n")


def test_json_for_scripts(folder: Path) -> None:
    result = tessera("catalog", "lint", str(folder), "-o", "json")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert (found["entries"], found["objects"], found["unchecked"]) == (2, 0, [])
    [problem] = found["problems"]
    assert set(problem) == {"source", "line", "where", "message", "team"}
    assert (problem["line"], problem["where"], problem["team"]) == (7, "offering", "api")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "What should I check?"),
        (("nowhere",), "There is no file or folder nowhere"),
        (("{folder}/notes.txt", "-o", "html"), "printed as text or json"),
        (("{folder}/empty",), "There is no catalog in"),
    ],
)
def test_what_cannot_be_checked_ends_with_2(words: tuple[str, ...], said: str, folder: Path) -> None:
    (folder / "empty").mkdir()
    result = tessera("catalog", "lint", *(word.format(folder=folder) for word in words))
    assert result.exit_code == 2
    assert said in result.output


def test_kinds_of_the_settings_are_allowed(tmp_path: Path) -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "{{ instance.name }}"}}
    data = {"namespace": "made", "name": "x", "labelselector": "a=b"}
    raw = plainly(provisionkind="ProvisionNewClusterObjects", provisiondata=data)
    wrapped = held(as_yaml(job)).replace("mesitis/kind: catalog-entry", 'mesitis/order: "1", a: b')
    (tmp_path / "all.yaml").write_text(held(as_yaml(raw)) + "---\n" + wrapped.replace("  entry", "  wrapped-resource"))
    assert "A Job may not be made here" in tessera("catalog", "lint", str(tmp_path)).output
    assert "A Job" not in tessera("catalog", "lint", str(tmp_path), "--kinds", "CronJob, Job").output
    assert "A Job" not in tessera("catalog", "lint", str(tmp_path), TESSERA_BROKER_KINDS="Job").output


@pytest.mark.parametrize("form", FORMS)
def test_the_schemas_for_editors_are_up_to_date(form: str) -> None:
    kept = (ROOT / "manifests" / "catalog" / f"entry-{form}.schema.json").read_text(encoding="utf-8")
    assert json.loads(kept) == entry_schema(form), "run: make generate"
    assert json.loads(tessera("catalog", "schema", form).output) == entry_schema(form)


def test_words_that_are_no_command_are_for_the_listing(tmp_path: Path) -> None:
    none = {"KUBECONFIG": str(tmp_path / "none")}
    for words in (("catalog", "postgres"), ("catalog", "list", "postgres"), ("catalog", "--mine"), ("catalog",)):
        result = tessera(*words, **none)
        assert result.exit_code == 2
        assert "No cluster is configured" in result.output


def test_the_examples_that_the_manual_shows_have_no_mistakes() -> None:
    result = tessera("catalog", "lint", f"{ROOT}/manifests/catalog/examples")
    assert (result.exit_code, result.output) == (0, "✓ Nothing is wrong with 4 entries and 3 objects.\n")
    told = (ROOT / "manifests" / "catalog" / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in (ROOT / "manifests" / "catalog" / "examples").iterdir()]
    assert all(f"examples/{name}" in told for name in files)
