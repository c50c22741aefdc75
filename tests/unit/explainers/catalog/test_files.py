"""Entries in files: the place of a mistake is the line that an editor shows."""

import json

import pytest

from explainers.catalog.files import mentions_catalog, sources_of
from explainers.catalog.lint import lint
from explainers.catalog.reading import read_source
from tests.unit.explainers.catalog.examples import as_json, as_yaml, entry, plainly

FILE = """\
# two in one file
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels:
    mesitis/kind: catalog-entry
    mesitis/enabled: "True"
data: {entry: x}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {mesitis/kind: catalog-entry, mesitis/enabled: "true"}}
data:
  wrapped-resource: |

    team: api
    offering: DB
    version: "1"
    uuid: "2"
    whitelist: ["*"]
    provisionkind: ProvisionNonClusterURL
    provisiondata:
      url: http://x
    credentialkind: CredentialNoCredential
"""


def told(text: str, file: str = "x.yaml") -> list[tuple[int, str]]:
    sources, problems = sources_of(file, text)
    found = [*problems, *lint([read_source(one) for one in sources])]
    assert all(one.source == file for one in found)
    return [(one.line, one.where) for one in found]


def test_lines_are_those_of_the_file() -> None:
    assert told(FILE) == [(6, ""), (18, "offering")]


def test_windows_line_ends() -> None:
    assert told(FILE.replace("\n", "\r\n")) == [(6, ""), (18, "offering")]


def test_lists_and_json() -> None:
    bad = entry("b", as_json(plainly(offering="DB")))
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": [entry("a", plainly()), bad]}, indent=1)
    [(line, where)] = told(listed)
    assert (listed.splitlines()[line - 1].strip()[:7], where) == ('"entry"', "offering")


def test_a_text_in_quotes_has_the_line_of_its_key() -> None:
    quoted = 'kind: ConfigMap\nmetadata: {labels: {tessera/kind: catalog-entry, tessera/enabled: "true"}}\ndata:\n'
    assert told(f"{quoted}  entry: {json.dumps(as_json(plainly(uuid='a b')))}\n") == [(4, "uuid")]


@pytest.mark.parametrize("write", [as_yaml, as_json])
def test_an_entry_without_a_configmap(write: object) -> None:
    text = as_yaml(plainly(uuid="a b")) if write is as_yaml else as_json(plainly(uuid="a b"))
    line = next(at for at, row in enumerate(text.splitlines(), 1) if "uuid" in row)
    assert told(text) == [(line, "uuid")]
    sources, _ = sources_of("entries/db.yaml", as_yaml(plainly()))
    entry = read_source(sources[0]).entry
    assert entry is not None
    assert entry.source == "db"


def test_other_objects_are_left_alone() -> None:
    assert sources_of("x.yaml", "kind: Deployment\n---\n- 1\n---\nteam: a\nkind: Team\n---\n") == ([], [])


@pytest.mark.parametrize("text", ["a: b: c", "{", "a: *b", "a: " + "[" * 100])
def test_what_cannot_be_read_is_a_mistake_of_the_file(text: str) -> None:
    sources, problems = sources_of("x.yaml", text)
    assert sources == []
    assert [one.source for one in problems] == ["x.yaml"]


def test_files_that_may_be_part_of_a_catalog() -> None:
    assert mentions_catalog("labels: {mesitis/kind: catalog-entry")
    assert not mentions_catalog("{{- if .Values.x }}")
