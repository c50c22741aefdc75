"""What is proposed for pull secrets: under which name, with which way back, and what each step brings."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.images import make_anew, with_pull_secret
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import Reading

UNAUTHORIZED = 'failed to resolve reference "r.example/web:1": unexpected status from HEAD request: 401 Unauthorized'
WAITS = {"waiting": {"reason": "ImagePullBackOff", "message": UNAUTHORIZED}}


def unpulled(*names: str, in_template: bool = True) -> list[Json]:
    """A Deployment `web` and its pod, which names these pull secrets."""
    owner, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    spec: Json = {"containers": [{"name": "app", "image": "r.example/web:1"}]}
    secrets = {"imagePullSecrets": [{"name": name} for name in names]} if names else {}
    owner["spec"]["template"]["spec"] = spec | (secrets if in_template else {})
    one["spec"] |= spec | secrets
    one["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "controller": True}]
    one["status"]["phase"] = "Pending"
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": WAITS}]
    return [owner, one]


def verdict(*objects: Json) -> Json:
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(*objects)).data
    return dict(data)


@pytest.mark.parametrize(("kind", "told"), [("Opaque", True), ("kubernetes.io/basic-auth", True), ("mine/own", False)])
def test_the_type_that_it_has(kind: str, told: bool) -> None:
    said = verdict(*unpulled("regcred"), thing("Secret", "regcred", type=kind))
    assert "not of the type `kubernetes.io/dockerconfigjson`" in said["headline"]
    assert (f"`regcred` is of the type `{kind}`, not of" in said["headline"]) is told


def test_each_step_promises_what_it_brings() -> None:
    pull = "the pods pull it and start"
    said = verdict(*unpulled("regcred"), thing("Secret", "regcred", type="Opaque"))
    assert [row["expect"] for row in said["plan"]] == ["", pull]
    assert [row["expect"] for row in verdict(*unpulled())["plan"]] == ["", pull]
    (made,) = verdict(*unpulled("regcred"))["plan"]
    assert "five minutes" in made["expect"]


def plan(objects: list[Json], name: str = "new", instead_of: str = "", account: list[str] | None = None) -> Plan:
    held = [] if account is None else [{"name": one} for one in account]
    objects = [*objects, *([] if account is None else [thing("ServiceAccount", "default", imagePullSecrets=held)])]

    def look(case: Case) -> Plan:
        return with_pull_secret(case, case.pods[0].main_containers[0], name, instead_of)

    return Reading(*objects).see(look)


@pytest.mark.parametrize(
    ("names", "in_template", "instead_of", "forth", "back"),
    [
        ([], True, "", '[{"name":"new"}]', "null"),
        (["old"], True, "old", '[{"name":"new"}]', '[{"name":"old"}]'),
        (["a", "old"], True, "old", '[{"name":"a"},{"name":"new"}]', '[{"name":"a"},{"name":"old"}]'),
        (["a", "old"], False, "old", '[{"name":"a"},{"name":"new"}]', "null"),
    ],
    ids=["none", "one", "of two", "of the account"],
)
def test_the_way_back(names: list[str], in_template: bool, instead_of: str, forth: str, back: str) -> None:
    (step,) = plan(unpulled(*names, in_template=in_template), instead_of=instead_of).steps
    assert f'"imagePullSecrets":{forth}' in step.operation.line()
    assert f'"imagePullSecrets":{back}' in step.reversible


def test_an_account_keeps_what_others_pull_with() -> None:
    (step,) = plan(unpulled(), account=["theirs"]).alternatives
    assert '"imagePullSecrets":[{"name":"theirs"},{"name":"new"}]' in step.operation.line()
    assert '"imagePullSecrets":[{"name":"theirs"}]' in step.reversible


def test_an_account_that_may_not_be_read_has_no_way_back() -> None:
    (step,) = plan(unpulled()).alternatives
    assert step.reversible == "irreversible"


@pytest.mark.parametrize(("wrong", "name"), [("regcred", "regcred-login"), ("registry-login", "registry-login-new")])
def test_a_name_that_does_not_stutter(wrong: str, name: str) -> None:
    def look(case: Case) -> Plan:
        return make_anew(case, case.pods[0].main_containers[0], wrong)

    made = Reading(*unpulled(wrong), thing("ServiceAccount", "default")).see(look)
    assert f" {name} " in made.steps[0].operation.line()
    assert f'"name":"{name}"' in made.steps[1].operation.line()
