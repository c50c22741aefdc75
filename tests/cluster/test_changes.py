"""Changes on a real node: proposed, approved by the plan's hash, followed to the end; the line shown does the same."""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest

from bot import wiring
from bot.registry.adapter import Registries
from bot.state.memory import MemoryState
from commands.base.dispatch import run
from commands.base.errors import Denied, NotFound
from commands.base.ports import Audience, Builds
from commands.base.registry import commands
from commands.base.request import Actor, Approval, Identity, Reply, Request
from explainers.document import Button, Tone
from tests.cluster.install import kubectl
from tests.faults.verdicts import PROBE_IMAGE
from tests.unit.fakes import NoSecrets, builds_with

pytestmark = pytest.mark.cluster

CONTAINER = """{name: web, image: "nginx:1.25", readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}}"""
TEMPLATE = f"""
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{terminationGracePeriodSeconds: 1, containers: [{CONTAINER}]}}
"""
DEPLOYMENT = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2{TEMPLATE}"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
STATEFUL_SET = f"""
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  serviceName: web
  replicas: 2{TEMPLATE}"""
ON_DELETE = STATEFUL_SET + "  updateStrategy: {type: OnDelete}\n"
DAEMON_SET = f"""
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: web}}
spec:{TEMPLATE}"""
OF_A_COPY = ("status", "managedFields", "uid", "resourceVersion", "creationTimestamp", "generation")


@dataclass
class Desk:
    """Somebody who types commands at the real cluster and presses the buttons of the replies."""

    namespace: str
    identity: Identity = field(default_factory=Identity)
    said: list[str] = field(default_factory=list)
    builds: Builds | None = None

    def __post_init__(self) -> None:
        self.clusters = wiring.live_clusters()
        self.state = MemoryState()

    def types(self, line: str, approval: Approval | None = None) -> Reply:
        name, _, text = line.partition(" ")
        import_module(f"commands.{name}")  # registers it
        request = Request(name, text, Actor("test"), namespace=self.namespace, approval=approval)
        audience = Audience(self.said.append)
        services = wiring.live_services(self.clusters, self.identity, PROBE_IMAGE, audience, self.state, self.builds)
        return run(commands()[name].handler, request, services)

    def presses(self, button: Button) -> Reply:
        approval = Approval(button.approves, button.at) if button.approves else None
        return self.types(f"{button.action} {button.argument}", approval)

    def applies(self, line: str) -> Reply:
        """The reply to the yes."""
        return self.presses(approve(self.types(line)))

    def make(self, manifest: str) -> None:
        """The workload anew, in its first revision, with all its pods ready."""
        self.clear()
        kubectl("-n", self.namespace, "apply", "-f", "-", text=manifest)
        kind = next(kind for kind in ("deployment", "statefulset", "daemonset") if f"kind: {kind}" in manifest.lower())
        if "OnDelete" not in manifest:
            kubectl("-n", self.namespace, "rollout", "status", f"{kind}/web", "--timeout=170s")
        else:
            ready = "--for=jsonpath={.status.readyReplicas}=2"
            kubectl("-n", self.namespace, "wait", "statefulset/web", ready, "--timeout=170s")

    def clear(self) -> None:
        kinds = "deployment,statefulset,daemonset"
        kubectl("-n", self.namespace, "delete", kinds, "web", "--ignore-not-found", "--cascade=foreground")

    def second(self, kind: str) -> None:
        """Another revision, all rolled out."""
        kubectl("-n", self.namespace, "set", "image", f"{kind}/web", "web=nginx:1.27")
        kubectl("-n", self.namespace, "rollout", "status", f"{kind}/web", "--timeout=170s")

    def state_of(self, kind: str) -> Any:
        """What two copies of the workload have in common."""
        found = json.loads(kubectl("-n", self.namespace, "get", kind, "web", "-o", "json"))
        kept = {key: value for key, value in found["metadata"].items() if key not in OF_A_COPY}
        text = json.dumps({"metadata": kept, "spec": found["spec"]})
        stamps = found["spec"]["template"]["metadata"].get("annotations", {})
        for value in stamps.values():
            text = text.replace(value, "STAMP")
        return json.loads(text)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    name = f"changes-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    try:
        kubectl("-n", name, "apply", "-f", "-", text=SERVICE)
        yield Desk(name)
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


def approve(reply: Reply) -> Button:
    return next(one for one in reply.document.buttons if one.approves)


def lines(reply: Reply) -> list[str]:
    return [step.operation.line() for step in reply.document.plan.steps]


CHANGES = {
    "scale up": (DEPLOYMENT, "scale web 3", False),
    "scale to zero": (DEPLOYMENT, "scale web 0", False),
    "restart": (DEPLOYMENT, "restart web", False),
    "image": (DEPLOYMENT, "image web 1.27", False),
    "roll back": (DEPLOYMENT, "rollback web", True),
    "scale a StatefulSet": (STATEFUL_SET, "scale web 1", False),
    "image of a StatefulSet": (STATEFUL_SET, "image web 1.27", False),
    "roll a StatefulSet back": (STATEFUL_SET, "rollback web", True),
    "restart a DaemonSet": (DAEMON_SET, "restart web", False),
    "roll a DaemonSet back": (DAEMON_SET, "rollback web", True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_approved_and_typed_lead_to_the_same(desk: Desk, name: str) -> None:
    manifest, typed, second = CHANGES[name]
    kind = manifest.partition("kind: ")[2].split()[0].lower()
    found = []
    for by_hand in (False, True):
        desk.make(manifest)
        if second:
            desk.second(kind)
        proposed = desk.types(typed.replace("web", f"{kind}/web", 1))
        if by_hand:
            for line in lines(proposed):
                subprocess.run(["bash", "-c", line], check=True, capture_output=True, timeout=120)
        else:
            done = desk.presses(approve(proposed))
            assert (done.outcome, done.document.tone) == ("healthy", Tone.HEALTHY), done.document
        found.append(desk.state_of(kind))
    assert found[0] == found[1]


def test_a_bad_image_is_diagnosed_while_the_old_pods_serve_and_goes_back(desk: Desk) -> None:
    desk.make(DEPLOYMENT)
    broken = desk.applies("image deployment/web 9.99-none")
    assert broken.document.tone is Tone.FAULT
    assert "nginx:9.99-none" in broken.document.headline
    assert serving(desk) == 2
    back = next(one for one in broken.document.buttons if one.label == "Roll back")
    healed = desk.presses(approve(desk.presses(back)))
    assert healed.outcome == "healthy"
    assert desk.state_of("deployment")["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.25"


def test_a_program_that_ends_is_diagnosed_too(desk: Desk) -> None:
    desk.make(DEPLOYMENT)
    broken = desk.applies("image deployment/web busybox:1.36")
    assert broken.document.tone is Tone.FAULT
    assert serving(desk) == 2


def test_a_broken_pod_of_a_stateful_set_is_made_again(desk: Desk) -> None:
    desk.make(STATEFUL_SET)
    assert desk.applies("image statefulset/web 9.99-none").document.tone is Tone.FAULT
    proposed = desk.types("rollback statefulset/web")
    assert f"kubectl -n {desk.namespace} delete pod web-1" in lines(proposed)
    assert desk.presses(approve(proposed)).outcome == "healthy"


def test_on_delete_is_said_instead_of_waited_for(desk: Desk) -> None:
    desk.make(ON_DELETE)
    done = desk.applies("image statefulset/web 1.27")
    assert "its pods do not have it yet" in done.document.headline
    assert any("OnDelete" in fact for fact in done.document.facts)
    by_hand = [line for line in lines(done) if " delete pod " in line]
    assert by_hand == [f"kubectl -n {desk.namespace} delete pod web-{number}" for number in (0, 1)]
    for line in by_hand:
        subprocess.run(["bash", "-c", line], check=True, capture_output=True, timeout=120)
    again = desk.applies("scale statefulset/web 3")
    assert (again.outcome, again.document.facts) == ("healthy", ("3 of 3 pods ready",))


def test_a_yes_that_the_cluster_has_overtaken_is_shown_anew(desk: Desk) -> None:
    desk.make(DEPLOYMENT)
    desk.second("deployment")
    yes = approve(desk.types("rollback deployment/web"))
    kubectl("-n", desk.namespace, "set", "env", "deployment/web", "A=b")
    kubectl("-n", desk.namespace, "rollout", "status", "deployment/web", "--timeout=170s")
    before = desk.state_of("deployment")
    assert desk.presses(yes).outcome == "proposed"
    assert desk.state_of("deployment") == before


def test_a_paused_deployment_is_resumed_as_part_of_the_plan(desk: Desk) -> None:
    desk.make(DEPLOYMENT)
    kubectl("-n", desk.namespace, "rollout", "pause", "deployment/web")
    waits = desk.applies("image deployment/web 1.27")
    assert any("paused" in fact for fact in waits.document.facts)
    done = desk.applies("rollback deployment/web")
    assert done.outcome == "healthy", done.document
    spec = desk.state_of("deployment")["spec"]
    assert "paused" not in spec
    assert spec["template"]["spec"]["containers"][0]["image"] == "nginx:1.25"


def test_what_a_build_noted_belongs_to_its_revision(desk: Desk) -> None:
    desk.make(DEPLOYMENT)
    kubectl("-n", desk.namespace, "annotate", "deployment/web", "tessera.dev/commit=abc")
    assert desk.applies("image deployment/web 1.27").outcome == "healthy"
    assert "tessera.dev/commit" not in desk.state_of("deployment")["metadata"]["annotations"]
    assert desk.applies("rollback deployment/web").outcome == "healthy"
    assert desk.state_of("deployment")["metadata"]["annotations"]["tessera.dev/commit"] == "abc"


def test_who_may_only_look_gets_no_button(desk: Desk) -> None:
    desk.make(DEPLOYMENT)
    user = f"looker-{secrets.token_hex(3)}"
    kubectl("-n", desk.namespace, "create", "rolebinding", user, "--clusterrole=view", f"--user={user}")
    looker = Desk(desk.namespace, Identity(user))
    for typed in ("scale deployment/web 3", "restart deployment/web", "image deployment/web 1.27"):
        with pytest.raises(Denied, match="You may not do that") as refused:
            looker.types(typed)
    granting = refused.value.hint.partition("`")[2].rstrip("`")
    assert f"--user={user}" in granting
    subprocess.run(["bash", "-c", granting], check=True, capture_output=True, timeout=60)
    assert approve(looker.types("image deployment/web 1.27"))


def serving(desk: Desk) -> int:
    """Ready endpoints of the service."""
    label = "kubernetes.io/service-name=web"
    slices = json.loads(kubectl("-n", desk.namespace, "get", "endpointslices", "-l", label, "-o", "json"))["items"]
    return sum(one["conditions"]["ready"] for piece in slices for one in piece.get("endpoints") or [])


@pytest.fixture(scope="module")
def pushed() -> Iterator[str]:
    """A repository of the tests' own with the tags 1.25 and 1.27, images of their own too."""
    repository = f"{os.environ['TESSERA_REGISTRY'].replace('127.0.0.1', 'localhost')}/test-{secrets.token_hex(5)}"
    references = [f"{repository}:{tag}" for tag in ("1.25", "1.27")]
    for reference in references:
        push(reference)
    yield repository
    subprocess.run(["docker", "rmi", *references], check=False, capture_output=True, timeout=60)


def push(reference: str) -> None:
    """An image that no other name stands for, under this one."""
    text = f"FROM nginx:1.25\nLABEL of={secrets.token_hex(5)}\n"
    for words, given in ((["build", "-q", "-t", reference, "-"], text), (["push", "-q", reference], "")):
        subprocess.run(["docker", *words], input=given, check=True, capture_output=True, text=True, timeout=300)


@pytest.mark.docker
@pytest.mark.registry
def test_the_registry_says_what_is_there(desk: Desk, pushed: str) -> None:
    desk.make(DEPLOYMENT.replace("nginx:1.25", f"{pushed}:1.25"))
    asking = Desk(desk.namespace, builds=builds_with(Registries(NoSecrets())))
    listed = asking.types("image deployment/web --tags")
    assert listed.data["tags"] == ["1.27", "1.25"]
    with pytest.raises(NotFound, match=r"has no `1\.28`") as error:
        asking.types("image deployment/web 1.28")
    assert "1.27" in error.value.hint
    same = asking.types("restart deployment/web").document.facts
    assert any("still means the image that runs" in fact for fact in same)
    newer = asking.types("image deployment/web 1.27")
    assert any("the registry has it: sha256:" in fact for fact in newer.document.facts)
    assert asking.presses(approve(newer)).outcome == "healthy"
    push(f"{pushed}:1.27")
    again = asking.types("restart deployment/web").document.facts
    assert any("the tag now means another image" in fact for fact in again)
