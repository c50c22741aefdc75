"""`/scale` on a sandbox cluster: what is proposed, what an approval does, what is refused."""

import pytest

from commands.base.errors import Denied, NotFound, UsageError
from explainers.document import Button, Tone
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.sandboxed import Desk, as_user, button, changing

IMAGES = "  acme/web:*: {listens: [80]}"
SERVICE = {"metadata": {"name": "front"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
AUTOSCALER = {
    "metadata": {"name": "web-hpa"},
    "spec": {"maxReplicas": 5, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
}


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench(IMAGES)
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1", 2, resources={"requests": {"memory": "64Mi"}}))
    bench.post("/api/v1/namespaces/shop/services", SERVICE)
    bench.pass_time(30)
    return Desk(bench)


def wanted(desk: Desk) -> int:
    return int(desk.bench.get(f"{DEPLOYMENTS}/web")["spec"]["replicas"])


def test_more_pods_after_a_yes(desk: Desk) -> None:
    proposed = desk.types("scale web 4")
    assert proposed.document.headline == "Scale `deployment/web` from 2 to 4 pods?"
    assert changing(proposed) == ["kubectl -n shop scale deployment/web --replicas=4"]
    assert wanted(desk) == 2
    done = desk.presses(button(proposed, "Apply"))
    assert (done.outcome, done.document.headline) == ("healthy", "`web` has 4 pods, all ready")
    assert desk.bench.available("shop", "web") == 4
    assert "4 of 4 pods ready" in desk.said


def test_fewer_pods_are_waited_for_too(desk: Desk) -> None:
    done = desk.presses(button(desk.types("scale web 1"), "Apply"))
    assert done.document.headline == "`web` has 1 pod, all ready"
    assert len([one for one in desk.bench.pods("shop") if "deletionTimestamp" not in one["metadata"]]) == 1


def test_to_zero(desk: Desk) -> None:
    done = desk.presses(button(desk.types("scale web 0"), "Apply"))
    assert (done.outcome, done.document.headline) == ("healthy", "`web` is scaled to zero")
    assert done.document.facts == ("no pods are wanted",)


def test_a_yes_to_another_plan_changes_nothing(desk: Desk) -> None:
    yes = button(desk.types("scale web 4"), "Apply")
    other = Button("Apply", "scale", "web 9 -n shop", approves=yes.approves, at=yes.at)
    again = desk.presses(other)
    assert again.outcome == "proposed"
    assert changing(again) == ["kubectl -n shop scale deployment/web --replicas=9"]
    assert wanted(desk) == 2
    assert desk.presses(button(again, "Apply")).outcome == "healthy"


def test_the_number_that_is_set_already(desk: Desk) -> None:
    reply = desk.types("scale web 2")
    assert reply.document.headline == "`web` is set to 2 pods already."
    assert reply.document.buttons == ()


def test_through_the_service_in_front(desk: Desk) -> None:
    assert changing(desk.types("scale svc/front 3")) == ["kubectl -n shop scale deployment/web --replicas=3"]


def test_an_autoscaler_is_named(desk: Desk) -> None:
    desk.bench.post("/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers", AUTOSCALER)
    assert any("`web-hpa`" in fact for fact in desk.types("scale web 3").document.facts)


def test_an_autoscaler_that_may_not_be_seen_is_said(desk: Desk) -> None:
    limited = as_user(desk, ["get", "list", "patch"], ["deployments", "deployments/scale", "services", "statefulsets"])
    hidden = limited.types("scale web 3").document.unchecked
    assert any("horizontalpodautoscalers" in one.missing for one in hidden)


def test_who_may_not_gets_no_button(desk: Desk) -> None:
    limited = as_user(desk, ["get", "list"], ["deployments", "services", "statefulsets", "horizontalpodautoscalers"])
    with pytest.raises(Denied, match="You may not do that"):
        limited.types("scale web 3")


def test_pods_that_do_not_fit_end_with_the_diagnosis_and_the_way_back(desk: Desk) -> None:
    quota = {"metadata": {"name": "small"}, "spec": {"hard": {"pods": "3"}}}
    desk.bench.post("/api/v1/namespaces/shop/resourcequotas", quota)
    done = desk.presses(button(desk.types("scale web 6"), "Apply"))
    assert done.document.tone is Tone.FAULT
    assert "quota" in done.document.headline
    back = button(done, "Back to 2")
    assert (back.action, back.argument, back.approves) == ("scale", "deployment/web 2 -n shop", "")


@pytest.mark.parametrize("text", ["web", "3", "", "web 3 4", "web lots", "web -1", "web 1001", "web ３", "web 1e3"])
def test_what_is_no_number_is_taught(desk: Desk, text: str) -> None:
    with pytest.raises((UsageError, NotFound)) as error:
        desk.types(f"scale {text}")
    assert error.value.hint or error.value.message


def test_a_kind_that_has_no_number(desk: Desk) -> None:
    job = {
        "metadata": {"name": "once"},
        "spec": {
            "template": {"spec": {"containers": [{"name": "c", "image": "acme/web:1"}], "restartPolicy": "Never"}}
        },
    }
    desk.bench.post("/apis/batch/v1/namespaces/shop/jobs", job)
    with pytest.raises(UsageError, match="cannot be changed that way") as error:
        desk.types("scale job/once 3")
    assert error.value.hint == "it works for a Deployment or StatefulSet"


def test_a_service_without_anything_behind_it(desk: Desk) -> None:
    lonely = {"metadata": {"name": "lonely"}, "spec": {"selector": {"app": "nobody"}, "ports": [{"port": 80}]}}
    desk.bench.post("/api/v1/namespaces/shop/services", lonely)
    with pytest.raises(UsageError, match="stands behind"):
        desk.types("scale svc/lonely 3")


def test_a_managed_workload_is_said_before(desk: Desk) -> None:
    labels = {"metadata": {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", labels)
    assert any(fact.startswith("Flux manages it") for fact in desk.types("scale web 3").document.facts)
