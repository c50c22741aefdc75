"""Lint names what would only fail later, with its place; what only the cluster knows is asked there."""

from typing import Any

import pytest

from explainers.catalog.lint import Rules, lint, mistakes, teams_of
from explainers.catalog.reading import read_shelf, read_source
from explainers.catalog.sources import source
from tests.unit.explainers.catalog import examples
from tests.unit.explainers.catalog.examples import Json, entry, form_a, form_b, plainly, wrapped

GENERATED = ("CredentialGenerated", {"username": "app"})
OBJECTS = (
    "ProvisionNewClusterObjects",
    {"namespace": "made", "name": "{{ instance.name }}", "labelselector": "mesitis/offering=db"},
)
SERVICE: Json = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "{{ instance.name }}"},
    "spec": {"selector": {"app": "{{ instance.name }}"}, "ports": [{"port": 5432}]},
}
SECRET: Json = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "{{ instance.name }}"},
    "stringData": {"password": "{{ credentials.password }}"},
}


class Cluster:
    """The objects that are there, by kind and name; what is in `hidden` cannot be seen."""

    def __init__(self, *there: str, hidden: tuple[str, ...] = ()) -> None:
        self.there, self.hidden = there, hidden

    def exists(self, kind: str, namespace: str, name: str) -> bool | None:
        which = f"{kind} {namespace}/{name}"
        return None if which in self.hidden else which in self.there


def told(*configmaps: Json, rules: Rules | None = None, cluster: Cluster | None = None) -> list[str]:
    return [str(one) for one in lint([read_source(source(each)) for each in configmaps], rules, cluster)]


def database(*objects: Json, **more: Any) -> list[Json]:
    """A good entry and its objects, or others."""
    held = objects or (SERVICE, SECRET)
    return [
        entry("db", form_b(OBJECTS, GENERATED, **more)),
        *(wrapped(f"object-{at}", each, str(at)) for at, each in enumerate(held)),
    ]


def one(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def test_a_good_catalog_has_no_mistakes() -> None:
    assert told(*database(), entry("url", plainly(uuid="2", offering="url"))) == []


@pytest.mark.parametrize("form", [form_a, form_b])
def test_keys_that_nothing_reads_are_named_with_the_nearest(form: Any) -> None:
    data = {"url": "http://example.com", "prot": 80}
    raw = form(("ProvisionNonClusterURL", data), examples.NONE, whitlist=["x"], owners={"user": [], "users": ["U012"]})
    found = [line.split(": ", 1)[1] for line in told(entry("one", raw))]
    where = "provisiondata" if form is form_a else "ProvisionNonClusterURL"
    assert set(found) == {
        "owners.user: No such key is read here. Did you mean `users`?",
        f"{where}.prot: No such key is read here. There is url.",
        "whitlist: No such key is read here. Did you mean `whitelist`?",
    }


def test_a_key_that_is_nearly_right_is_told_beside_what_is_missing() -> None:
    found = told(
        entry("one", {**plainly(), "credentialkind": "CredentialFromCatalog", "credentialdata": {"pasword": "x"}})
    )
    assert any("`password` is missing" in line for line in found)
    assert any("credentialdata.pasword: No such key is read here. Did you mean `password`?" in line for line in found)


def test_nobody_may_use_it_and_nobody_can_approve() -> None:
    found = told(entry("one", plainly(whitelist=[], approval=True)))
    assert any("Nobody may use this" in line for line in found)
    assert any("approval: Nobody can approve" in line for line in found)
    assert told(entry("one", plainly(approval=True, owners={"groups": ["api"]}))) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://me:pw@example.com", "holds a password"),
        ("example.com", "has no scheme"),
        ("http://[x", "cannot be read"),
    ],
)
def test_urls_that_consumers_cannot_use(url: str, words: str) -> None:
    found = one(told(entry("one", form_a(("ProvisionNonClusterURL", {"url": url}), examples.NONE))))
    assert words in found
    assert "pw" not in found


def test_what_the_cluster_does_not_have() -> None:
    existing = ("ProvisionExistingClusterService", {"namespace": "shop", "name": "pg"})
    raw = form_a(existing, ("CredentialFromClusterSecret", {"secretname": "pg-login"}))
    rules = Rules(namespace="broker")
    assert told(entry("one", raw)) == []
    found = told(entry("one", raw), rules=rules, cluster=Cluster())
    assert any("There is no Service `shop/pg`" in line for line in found)
    assert any("There is no Secret `broker/pg-login`" in line for line in found)
    there = Cluster("Service shop/pg", hidden=("Secret broker/pg-login",))
    assert told(entry("one", raw), rules=rules, cluster=there) == []


def test_a_generated_password_needs_something_that_takes_it() -> None:
    assert "known to nobody else" in one(told(entry("one", form_a(examples.URL, GENERATED))))
    assert "reaches nothing" in one(told(*database(SERVICE)))
    chart = ("ProvisionHelmChart", {"charturl": "oci://example.com/pg"})
    assert "reaches nothing" in one(told(entry("one", form_a(chart, GENERATED))))


def test_a_selector_that_finds_nothing_and_objects_that_nothing_finds() -> None:
    found = told(database()[0], wrapped("other", SERVICE, offering="mail"))
    assert any("No enabled ConfigMap has the labels `mesitis/offering=db`" in line for line in found)
    assert any(line.startswith("other: No entry's `labelselector` finds this object") for line in found)


def test_templates_that_fail_are_named_with_their_line() -> None:
    wrong = {**SECRET, "stringData": {"password": "{{ credentials.pasword }}"}}
    found = one(told(*database(SERVICE, wrong)))
    assert found.startswith("object-1:6: stringData.password: `pasword` is not there; there is `username`, `password`.")


def test_parameters_without_a_default_that_a_template_needs() -> None:
    schema = {"type": "object", "properties": {"size": {"type": "integer"}}}
    sized = {**SERVICE, "spec": {**SERVICE["spec"], "size": "{{ parameters.size }}"}}
    assert "`size` is not there" in one(told(*database(sized, SECRET, parameters=schema)))
    needed = {**schema, "required": ["size"]}
    assert told(*database(sized, SECRET, parameters=needed)) == []


def test_objects_that_are_not_allowed() -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "{{ instance.name }}"}}
    assert "A Role is never made" in one(told(*database(SERVICE, SECRET, role), rules=Rules(("Role",))))
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "{{ instance.name }}"}, "spec": {}}
    assert "A Job may not be made here" in one(told(*database(SERVICE, SECRET, job)))
    assert told(*database(SERVICE, SECRET, job), rules=Rules(("Job",))) == []
    host = {**job, "spec": {"template": {"spec": {"hostNetwork": True, "x": "{{ broken }}"}}}}
    found = told(*database(SERVICE, SECRET, host), rules=Rules(("Job",)))
    assert any("hostNetwork" in line for line in found), "looked at although a template in it fails"


def test_names_and_selectors_that_two_instances_would_share() -> None:
    shared = {**SERVICE, "metadata": {"name": "db"}, "spec": {"selector": {"app": "db"}}}
    found = told(*database(shared, SECRET))
    assert any("Two instances would share the Service `db`" in line for line in found)
    assert any("finds the pods of every instance" in line for line in found)
    assert any("None of the objects is a Service" in line for line in found)
    failing = {**shared, "spec": {**shared["spec"], "x": "{{ broken }}"}}
    found = told(*database(failing, SECRET))
    assert any("I know no `broken`" in line for line in found)
    assert any("Two instances would share the Service `db`" in line for line in found), "although something else fails"


def test_objects_in_another_namespace_than_the_entry_says() -> None:
    moved = {**SECRET, "metadata": {"name": "{{ instance.name }}", "namespace": "kube-system"}}
    assert "makes its objects in `made`: leave this out" in one(told(*database(SERVICE, moved)))


def test_charts() -> None:
    def chart(**data: Any) -> Json:
        return entry("one", form_a(("ProvisionHelmChart", data), examples.NONE))

    assert "say in which `repository`" in one(told(chart(charturl="postgres")))
    assert "I know no `release`" in one(told(chart(charturl="oci://x/y", name="{{ release }}")))
    assert "This would be `API-" in one(told(chart(charturl="oci://x/y", name="{{ team | upper }}-x")))
    assert "values.a[0]" in one(told(chart(charturl="oci://x/y", values={"a": ["{{ 'x' * 3 }}"]})))
    assert told(chart(charturl="oci://x/y", values={"a": "{{ instance.name }}"})) == []


def test_defaults_that_break_their_own_schema() -> None:
    schema = {"type": "object", "properties": {"size": {"type": "integer", "maximum": 3, "default": 9}}}
    assert "parameters.properties.size.default: The default breaks" in one(
        told(entry("one", plainly(parameters=schema)))
    )


def test_more_parameters_than_a_form_shows() -> None:
    schema = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(100)}}
    assert "asks for 90 parameters at most" in one(told(entry("one", plainly(parameters=schema))))


def test_a_label_that_is_nearly_the_one_of_an_entry() -> None:
    nearly = entry("one", plainly())
    nearly["metadata"]["labels"]["mesitis/kind"] = "catalog_entry"
    assert "says `catalog_entry`, so this is no entry" in one(told(nearly))
    other = entry("one", plainly())
    other["metadata"]["labels"]["mesitis/kind"] = "deployment"
    assert told(other) == []


def test_a_team_sees_its_own_mistakes_and_nobody_elses() -> None:
    mine = {"owners": {"users": ["U0123"]}}
    shelf = read_shelf(
        [
            *database(SERVICE, owners={"groups": ["api-people"]}),
            entry("broken", {**plainly(team="web", uuid="a b"), **mine}),
            entry("off", plainly(team="web", uuid="5")) | {"data": {"x": "team: web"}},
            entry("other", plainly(team="other", uuid="6", whitelist=[])),
        ],
        ["Job"],
    )
    assert teams_of(shelf, "U0123", ()) == {"web"}, "also of entries that are not offered for a mistake"
    assert teams_of(shelf, "U9", ("api-people",)) == {"api"}
    assert teams_of(shelf, "U9", ("people",)) == frozenset()
    assert [(one.source, one.where) for one in mistakes(shelf, {"web"})] == [("broken", "uuid"), ("off", "")]
    assert "reaches nothing" in mistakes(shelf, {"api"})[0].message
    assert mistakes(shelf, set()) == ()


def test_the_brokers_kinds_count_for_what_a_team_sees() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "{{ instance.name }}"}, "spec": {}}
    configmaps = database(SERVICE, SECRET, job)
    assert mistakes(read_shelf(configmaps, ["Job"]), {"api"}) == ()
    assert "A Job may not be made here" in mistakes(read_shelf(configmaps), {"api"})[0].message
