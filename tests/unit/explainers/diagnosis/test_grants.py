"""Refusals of the API server in the logs of programs."""

import pytest

from explainers.diagnosis.rules.access import granted
from explainers.diagnosis.views.grants import (
    Refused,
    goes_on,
    grants,
    refused_by_status,
    refused_in,
    refused_lately,
    slip_in,
)

WORDS = (
    'deployments.apps "web" is forbidden: User "system:serviceaccount:shop:robot" cannot patch resource "deployments"'
    ' in API group "apps" in the namespace "prod"'
)


@pytest.mark.parametrize(
    "quoted", [WORDS, WORDS.replace('"', '\\"'), f"E0101 12:00:00 reflector.go:1] failed: {WORDS}"]
)
def test_the_refusal_is_found_however_it_is_logged(quoted: str) -> None:
    found = refused_in(f"starting\n{quoted}\nretrying in 5s")
    assert found is not None
    assert (found.namespace, found.account, found.verb, found.full_resource) == (
        "shop",
        "robot",
        "patch",
        "deployments.apps",
    )
    assert (found.where, found.verbs) == ("prod", ("patch",))


def test_cluster_scope_and_subresources() -> None:
    found = refused_in(
        'nodes "n1" is forbidden: User "system:serviceaccount:shop:robot" cannot get resource "nodes/proxy" in API'
        ' group "" at the cluster scope'
    )
    assert found is not None
    assert (found.full_resource, found.where, found.verbs) == ("nodes/proxy", "", ("get", "list", "watch"))


@pytest.mark.parametrize(
    "log",
    ["", "403 Forbidden", 'pods is forbidden: User "alice" cannot list resource "pods" in API group ""'],
)
def test_other_refusals_are_not_about_a_service_account(log: str) -> None:
    assert refused_in(log) is None


def test_the_last_refusal_counts() -> None:
    found = refused_in(WORDS + "\n" + WORDS.replace("patch", "delete"))
    assert found is not None
    assert found.verb == "delete"


@pytest.mark.parametrize(
    ("rule", "allows"),
    [
        ({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]}, True),
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, True),
        ({"apiGroups": [""], "resources": ["deployments"], "verbs": ["patch"]}, False),
        ({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}, False),
        ({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"], "resourceNames": ["api"]}, False),
        ({"apiGroups": None, "resources": "deployments"}, False),
    ],
)
def test_what_a_role_allows(rule: dict[str, object], allows: bool) -> None:
    wanted = refused_in(WORDS)
    assert wanted is not None
    assert grants([rule], wanted) is allows


HOST = "https://kubernetes.default.svc"


@pytest.mark.parametrize(
    ("program", "asked"),
    [
        (f"curl -sf {HOST}/api/v1/namespaces/$(cat /var/run/namespace)/pods", ("list", "pods", "shop")),
        (f"curl -sf {HOST}/api/v1/namespaces/prod/secrets/token", ("get", "secrets", "prod")),
        (f'urlopen(f"{HOST}/apis/apps/v1/namespaces/{{ns}}/deployments")', ("list", "deployments.apps", "shop")),
        (f"curl -X POST {HOST}/api/v1/namespaces/$NS/configmaps -d @-", ("create", "configmaps", "shop")),
        (f"wget -qO- {HOST}/api/v1/nodes", ("list", "nodes", "")),
    ],
)
def test_a_bare_403_is_read_with_the_url_of_the_program(program: str, asked: tuple[str, str, str]) -> None:
    found = refused_by_status("start\ncurl: (22) The requested URL returned error: 403\n", program, "shop", "robot")
    assert found is not None
    assert (found.verb, found.full_resource, found.where) == asked


@pytest.mark.parametrize(
    ("log", "program"),
    [
        ("error: 403", "curl https://api.example.com/api/v1/pods"),
        ("all is well", f"curl {HOST}/api/v1/pods"),
        ("error: 403", f"curl {HOST}/healthz"),
    ],
)
def test_other_servers_and_other_answers_are_no_matter_of_rights(log: str, program: str) -> None:
    assert refused_by_status(log, program, "shop", "robot") is None


@pytest.mark.parametrize(("role", "name"), [("robot", "robot"), ("deployer", "robot-deployer")])
def test_a_binding_is_named_by_account_and_role_and_none_of_both_twice(role: str, name: str) -> None:
    wanted = refused_in(WORDS)
    assert wanted is not None
    (bind,) = granted(wanted, [role]).steps
    assert f"create rolebinding {name} --role={role}" in bind.operation.line()


LISTS = Refused("shop", "robot", "list", "configmaps", "", "shop", "")


@pytest.mark.parametrize(
    ("groups", "resources", "verbs", "slip"),
    [
        ([""], ["configmap"], ["get", "list"], ("resources", "configmap")),
        ([""], ["pods", "configmaps"], ["get"], ("verbs", "")),
        (["apps"], ["configmaps"], ["list"], ("apiGroups", "apps")),
        ([""], ["secrets"], ["list"], None),
        ([""], ["configmap"], ["get"], None),
        (["apps", "batch"], ["configmaps"], ["list"], None),
        ([""], ["configmaps"], ["list"], None),
        ([""], "configmap", ["list"], None),
    ],
)
def test_one_word_that_keeps_a_rule_from_allowing(
    groups: object, resources: object, verbs: object, slip: tuple[str, str] | None
) -> None:
    found = slip_in([{}, {"apiGroups": groups, "resources": resources, "verbs": verbs}], LISTS)
    assert (found and (found.rule, found.key, found.instead)) == (slip and (1, *slip))


def test_a_rule_about_single_objects_has_no_slip() -> None:
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"], "resourceNames": ["web"]}
    assert slip_in([rule], LISTS) is None


def test_refusals_of_the_past_go_on_only_where_a_review_confirms_them() -> None:
    log = "\n".join([WORDS, WORDS, *["watching"] * 30])
    assert goes_on(log)
    assert not refused_lately(log)
    assert refused_lately(f"{log}\n{WORDS}")
