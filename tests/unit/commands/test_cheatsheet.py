"""`/cheatsheet` on a sandbox cluster: real names, the right lines for the kind, twelve at the most."""

import pytest

from commands.base.errors import UsageError
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, PODS, deployment, empty_bench, pod
from tests.unit.sandboxed import Desk

IMAGES = """  acme/web:1: {listens: [8080]}
  acme/web:2: {exit: {after: 1, code: 3}}"""


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench(IMAGES)
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1", 2, ports=[{"containerPort": 8080}]))
    bench.pass_time(10)
    return Desk(bench)


def lines(desk: Desk, target: str) -> list[str]:
    plan = desk.types(f"cheatsheet {target}").document.plan
    return [step.operation.line().removeprefix("kubectl -n shop ") for step in plan.steps]


def test_the_lines_for_a_deployment_in_order(desk: Desk) -> None:
    assert lines(desk, "web") == [
        "get pod -l app=web -o wide",
        "logs deployment/web --all-containers --tail=100 -f",
        "events --for deployment/web",
        "describe deployment/web",
        "exec -it deployment/web -- sh",
        "port-forward deployment/web 8080:8080",
        "top pod -l app=web --containers",
        "scale deployment/web --replicas=2",
        "rollout restart deployment/web",
        "set image deployment/web web=acme/web:1",
    ]
    assert desk.cluster.sent == []


def test_what_crashed_and_has_a_past_gets_the_lines_for_that(desk: Desk) -> None:
    template = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "acme/web:2"}]}}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "strategic-merge-patch", template)
    desk.bench.pass_time(60)
    found = lines(desk, "web")
    assert len(found) == 12
    assert found[2].startswith("logs web-")
    assert found[2].endswith("-c web --previous --tail=100")
    assert found[10] == "rollout undo deployment/web --to-revision=1"


def test_several_containers_are_told_apart(desk: Desk) -> None:
    body = deployment("duo", "acme/web:1")
    body["spec"]["template"]["spec"]["containers"].append({"name": "log", "image": "acme/web:1"})
    desk.bench.post(DEPLOYMENTS, body)
    assert "logs deployment/duo -c duo --tail=100 -f" in lines(desk, "duo")
    assert "exec -it deployment/duo -c duo -- sh" in lines(desk, "duo")


def test_a_cron_job_gets_no_lines_for_pods_that_it_has_not(desk: Desk) -> None:
    template = {"spec": {"containers": [{"name": "c", "image": "acme/web:1"}], "restartPolicy": "Never"}}
    spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template}}}
    desk.bench.post("/apis/batch/v1/namespaces/shop/cronjobs", {"metadata": {"name": "nightly"}, "spec": spec})
    assert lines(desk, "cronjob/nightly") == [
        "get cronjob nightly -o wide",
        "events --for cronjob/nightly",
        "describe cronjob/nightly",
        "set image cronjob/nightly c=acme/web:1",
    ]


def test_the_same_for_scripts(desk: Desk) -> None:
    found = desk.types("cheatsheet web").data["lines"]
    assert isinstance(found, list)
    assert found[0]["kubectl"] == "kubectl -n shop get pod -l app=web -o wide"
    assert [one["changes"] for one in found] == [False] * 7 + [True] * 3


@pytest.mark.parametrize("text", ["", "web api", "pod/bare"])
def test_what_is_no_workload_is_taught(desk: Desk, text: str) -> None:
    desk.bench.post(PODS, pod("bare", "acme/web:1"))
    with pytest.raises(UsageError):
        desk.types(f"cheatsheet {text}")
