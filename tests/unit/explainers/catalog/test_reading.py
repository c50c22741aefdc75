"""Entries in every form that teams have, and catalogs in which something is wrong."""

from itertools import product

import pytest

from explainers.catalog.model import Consumers, Credential, Entry, Owners, Provision
from explainers.catalog.reading import BadCatalog, read_entry, read_shelf
from tests.unit.explainers.catalog import examples
from tests.unit.explainers.catalog.examples import Json, as_json, configmap, entry, plainly


def only(raw: Json | str) -> Entry:
    shelf = read_shelf([entry("one", raw)])
    assert shelf.problems == ()
    return shelf.entries[0]


def problems(*configmaps: Json) -> list[str]:
    return [str(problem) for problem in read_shelf(configmaps).problems]


def said(raw: Json | str) -> str:
    """The one problem of an entry."""
    found = problems(entry("one", raw))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("provision", "credential"),
    list(product(examples.PROVISIONS, examples.CREDENTIALS)),
    ids=lambda case: f"{case[0]}-{len(case[1])}",
)
def test_every_provision_with_every_credential_in_both_forms(
    provision: tuple[str, Json, Provision], credential: tuple[str, Json, Credential]
) -> None:
    for form, written, letters in product(examples.FORMS, examples.WRITTEN, examples.LETTERS):
        raw = examples.respelled(examples.FORMS[form](provision[:2], credential[:2]), letters)
        text = examples.WRITTEN[written](raw)
        for key in ("wrapped-resource", "entry", "Wrapped-Resource", "ENTRY"):
            shelf = read_shelf([entry("one", text, key)])
            assert shelf.problems == (), f"form {form} in {written}, {letters} letters, under {key}"
            [read] = shelf.entries
            assert (read.provision, read.credential) == (provision[2], credential[2]), text
            assert (read.team, read.offering, read.version) == ("api", "orders-db", "1")
            assert read.uuid == examples.BASE["uuid"]
            assert read.consumers == Consumers(("shop",))
            assert read.source == "one"
            assert read_entry(read.raw, read.source) == read


def test_the_keys_that_tessera_adds() -> None:
    read = only(
        plainly(
            slackTeams=["T0123"],
            slackUsers=["U0123", "*"],
            owners={"Users": ["U0999"], "groups": ["team-api"]},
            approval=True,
            lifetime="30d",
            parameters={"type": "object", "properties": {"size": {"type": "integer"}}},
            maintenance={"version": "16.4.0", "description": "Postgres 16.4"},
            type="postgresql",
        )
    )
    assert read.consumers == Consumers(("shop",), ("T0123",), ("U0123", "*"))
    assert read.owners == Owners(("U0999",), ("team-api",))
    assert (read.approval, read.days, read.type) == (True, 30, "postgresql")
    assert (read.maintenance, read.maintenance_text) == ("16.4.0", "Postgres 16.4")
    assert read.schema == {"type": "object", "properties": {"size": {"type": "integer"}}}
    assert read_entry(read.raw, "one") == read


@pytest.mark.parametrize(("lifetime", "days"), [("1d", 1), ("2w", 14), (30, 30), (0, 0)])
def test_lifetimes(lifetime: str | int, days: int) -> None:
    assert only(plainly(lifetime=lifetime)).days == days


@pytest.mark.parametrize("prefix", ["mesitis/", "tessera/", "tessera.dev/"])
def test_every_prefix_of_the_labels(prefix: str) -> None:
    labelled = entry("one", plainly())
    labelled["metadata"]["labels"] = {f"{prefix}kind": "catalog-entry", f"{prefix}enabled": "true"}
    assert len(read_shelf([labelled]).entries) == 1


@pytest.mark.parametrize("value", ["True", "TRUE", "yes", "1", "on", " true", ""])
def test_what_looks_like_true_is_not_offered_and_told(value: str) -> None:
    shelf = read_shelf([configmap("one", as_json(plainly()), kind="catalog-entry", enabled=value)])
    assert shelf.entries == ()
    assert "only exactly" in shelf.problems[0].message


def test_what_is_switched_off_is_no_mistake() -> None:
    shelf = read_shelf([configmap("one", "{", kind="catalog-entry", enabled="false"), configmap("two", "x: 1")])
    assert (shelf.entries, shelf.problems) == ((), ())


def test_two_labels_must_agree() -> None:
    both = entry("one", plainly())
    both["metadata"]["labels"]["tessera/enabled"] = "false"
    shelf = read_shelf([both])
    assert shelf.entries == ()
    assert "say different things" in shelf.problems[0].message


def test_a_bad_entry_hides_no_other_and_names_its_team() -> None:
    broken = '{"team": "api", "offering": '
    shelf = read_shelf([entry("a", broken), entry("b", plainly()), entry("c", {"team": "web"})])
    assert [one.source for one in shelf.entries] == ["b"]
    assert [(one.source, one.team) for one in shelf.problems][:2] == [("a", "api"), ("c", "web")]
    assert {one.team for one in shelf.problems if one.source == "c"} == {"web"}


def test_every_mistake_of_an_entry_is_told_with_its_line_and_the_right_form() -> None:
    text = """
team: API Team
offering: orders_db
version: 1.0
uuid: 7
provisionkind: ProvisionNonClusterUrls
credentialkind: CredentialFromCatalog
credentialdata:
  username: 12
  pasword: x
whitelist: shop
"""
    assert problems(entry("one", text)) == [
        "one:2: team: This must be small letters, digits and hyphens, at most 63, not `API Team`. Write `api-team`.",
        "one:3: offering: This must be small letters, digits and hyphens, at most 63, not `orders_db`."
        " Write `orders-db`.",
        'one:4: version: This must be a text: write "1.0" in quotes.',
        "one:6: provisionkind: I know no provision `ProvisionNonClusterUrls`. Did you mean `ProvisionNonClusterURL`?"
        " There are `ProvisionExistingClusterService`, `ProvisionNonClusterURL`, `ProvisionNewClusterObjects`,"
        " `ProvisionHelmChart`.",
        "one:8: credentialdata: `password` is missing: the password.",
        "one:9: credentialdata.username: This must be a text: put it in quotes.",
        'one:11: whitelist: This must be a list of texts, not the text "shop". Write ["shop"].',
    ]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("- a\n- b", "An entry is a mapping"),
        ("", "This is empty"),
        ("{a: 1}}", "This is no"),
        ("team: a\nteam: b", "The key `team` stands here twice"),
        ("team: a\n---\nteam: b", "One document is expected here, not 2"),
        ("80: x", 'write "80" in quotes'),
        ("team: !!python/object:os.system x", "is not read here"),
        ("team: {{ instance.name }}", 'A template stands in quotes: `name: "{{ instance.name }}"`'),
        ("a: &a [*a]", "levels deep"),
        ("a: *b", "names an anchor"),
        ("[" * 5000, "levels deep"),
        ('{"a":' * 30_000, "levels deep"),
        ("x" * 1_048_576, "These are 1024 kB; at most 256 kB are read"),
        (as_json({"description": "x" * 1_000_000}), "at most 256 kB are read"),
        ("\x00", "This is no YAML"),
        ('{"a": "\\ud800"}', "half of a character"),
        ('{"\\ud800": 1}', "half of a character"),
        ('{"a": NaN}', "NaN is no number that JSON knows"),
        ('{"a": ' + "9" * 5000 + "}", "This is no JSON"),
    ],
    ids=lambda case: case[:20],
)
def test_texts_that_are_no_entry(raw: str, words: str) -> None:
    assert words in said(raw)


def test_aliases_of_aliases_do_not_explode() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20))
    assert "aliases counted" in said("a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + levels)


def test_anchors_and_merges_are_read() -> None:
    text = examples.as_yaml(plainly()) + "owners: &own {users: [U0123]}\nmore: {<<: *own}\n"
    assert only(text).owners.users == ("U0123",)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"version": "1.0"}, "Write `1-0`."),
        ({"uuid": "a b"}, "an id without spaces"),
        (
            {"whitelist": ["Shop"]},
            "whitelist[0]: This must be a namespace, or * for all, not `Shop`. For example `shop`.",
        ),
        ({"slackusers": ["@anna"]}, "the id of a Slack user"),
        ({"owners": {"users": ["*"]}}, "owners.users[0]"),
        ({"owners": []}, "This must be a mapping"),
        ({"approval": "true"}, "without quotes"),
        ({"lifetime": "12h"}, "`30d`, `2w`"),
        ({"lifetime": True}, "`30d`, `2w`"),
        ({"parameters": {"type": "strange"}}, "no JSON Schema of draft-04"),
        ({"parameters": {"type": "array"}}, 'write `"type": "object"`'),
        ({"parameters": {"$schema": "http://json-schema.org/draft-07/schema#"}}, "draft-04"),
        ({"parameters": {"description": "x" * 70_000}}, "A schema may have 64 kB"),
        ({"parameters": {"$ref": "http://example.com/x"}}, "nothing is fetched"),
        ({"parameters": {"$ref": "#/definitions/x"}}, "leads to nothing"),
        ({"parameters": {"definitions": {"a": {"$ref": "#/definitions/a"}}}}, "leads back to itself"),
        ({"maintenance": {"version": "1.0"}}, "a semantic version"),
        ({"maintenance": {"description": "x"}}, "`version` is missing"),
        ({"type": "My SQL"}, "servicebinding.io"),
        ({"Team": "other"}, "This is `team` once more"),
        ({"ProvisionHelmChart": {"url": "x"}}, "an entry has one provision"),
        ({"credentialkind": None}, "The credential is missing"),
        ({"credentialkind": ["x"]}, "I know no credential"),
        ({"provisiondata": []}, "This must be a mapping of keys to values: `url`"),
        ({"provisiondata": None}, "`url` is missing"),
        ({"provisiondata": {"url": "http://x y"}}, "a URL without spaces"),
    ],
    ids=str,
)
def test_single_mistakes(more: Json, words: str) -> None:
    assert words in said(plainly(**more))


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("ProvisionNewClusterObjects", {"labelselector": "a=b=c"}, "is no label selector"),
        ("ProvisionNewClusterObjects", {"labelselector": ""}, "This is empty"),
        ("ProvisionExistingClusterService", {"port": 0}, "a whole number from 1 to 65535"),
        ("ProvisionExistingClusterService", {"port": "80"}, 'not the text "80"'),
        ("ProvisionExistingClusterService", {"port": True}, "not true"),
        ("ProvisionHelmChart", {"charturl": "--post-renderer"}, "a chart's URL"),
        (
            "ProvisionHelmChart",
            {"charturl": "oci://x/y", "repository": "https://x"},
            "belongs to a chart that is a name",
        ),
        ("ProvisionHelmChart", {"charturl": "a", "url": "b"}, "once more"),
        ("ProvisionHelmChart", {"charturl": "a", "version": "--x"}, "a version"),
    ],
)
def test_mistakes_in_what_is_provided(kind: str, data: Json, words: str) -> None:
    whole = {"namespace": "a", "name": "b", "labelselector": "a=b"} if "Cluster" in kind else {}
    assert words in said(examples.form_a((kind, {**whole, **data}), examples.NONE))


def test_credentials_are_in_no_problem_and_no_repr() -> None:
    secret = "c4n4ry"
    broken = examples.form_b(examples.URL, ("CredentialFromCatalog", {"username": [secret], "password": secret * 999}))
    good = examples.form_b(examples.URL, ("CredentialFromCatalog", {"username": secret, "password": secret}))
    shelf = read_shelf([entry("a", broken), entry("b", good)])
    assert len(shelf.problems) == 2
    assert secret not in repr(shelf)


def test_who_came_first_keeps_its_id_and_names() -> None:
    first, second = entry("z", plainly()), entry("a", plainly(team="web"))
    first["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    second["metadata"]["creationTimestamp"] = "2026-01-02T00:00:00Z"
    shelf = read_shelf([second, first])
    assert [one.source for one in shelf.entries] == ["z"]
    [problem] = shelf.problems
    assert (problem.source, problem.where, problem.team) == ("a", "uuid", "web")
    assert "is taken by `z` (api/orders-db 1)" in problem.message


def test_the_same_version_twice_and_names_that_join_to_the_same() -> None:
    entries = [
        entry("a", plainly()),
        entry("b", plainly(uuid="2")),
        entry("c", plainly(uuid="3", team="api-orders", offering="db")),
        entry("d", plainly(uuid="4", version="10")),
        entry("e", plainly(uuid="5", version="9")),
    ]
    shelf = read_shelf(entries)
    assert [one.version for one in shelf.entries] == ["1", "9", "10"]
    assert [(one.source, one.where) for one in shelf.problems] == [("b", "version"), ("c", "offering")]


def test_the_revision_follows_what_is_read() -> None:
    one, two = entry("a", plainly()), entry("b", plainly(uuid="2", version="2"))
    same = read_shelf([one, two]).revision
    assert read_shelf([two, one]).revision == same
    assert read_shelf([one]).revision != same
    assert read_shelf([one, entry("b", plainly(uuid="2", version="3"))]).revision != same
    off = configmap("b", examples.as_yaml(plainly(uuid="2", version="2")), "entry", kind="catalog-entry", enabled="no")
    assert read_shelf([one, off]).revision != same


def test_an_entry_read_alone_names_all_mistakes() -> None:
    with pytest.raises(BadCatalog) as caught:
        read_entry({"team": "X", "a": float("nan")}, "one")
    assert "NaN" in str(caught.value) or "nan" in str(caught.value)
    with pytest.raises(BadCatalog) as caught:
        read_entry({"team": "X"}, "one")
    assert {problem.source for problem in caught.value.problems} == {"one"}
    assert len(caught.value.problems) == 6


def test_a_configmap_without_the_data_key_says_what_it_has() -> None:
    [found] = problems(configmap("one", "x", "config.yaml", kind="catalog-entry", enabled="true"))
    assert "`wrapped-resource` or `entry` is missing: here is `config.yaml`" in found
