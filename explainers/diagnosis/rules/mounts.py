"""Volumes that the kubelet cannot mount for another reason than a missing object (class 54).

Missing ConfigMaps, Secrets and claims have rules of their own (rules/config.py, rules/storage.py).
"""

from collections.abc import Iterable

from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.remedies import back_step, read_spec
from explainers.diagnosis.views.endings import blame, never_began, pod_events
from explainers.diagnosis.views.phrases import its_pods
from explainers.diagnosis.views.pods import Json, Pod, dicts, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan

_FAILED = pattern(r"MountVolume\.\w+ failed for volume \"([^\"]+)\" : (.+)", 16)
_NO_DRIVER = pattern(r"driver name (\S+) not found in the list of registered CSI drivers")
_MOUNT = pattern(r"Mounting arguments: (.+?) /\S+ Output: (?:mount(?:\.\w+)?: (?:/\S+: )?)?(.+?)(?:\. dmesg.*)?$")
_OTHERS = pattern(
    r"\b(?:configmap|secret|persistentvolumeclaim)s? \"[^\"]+\" not found|references non-existent"
    r"|ReadWriteOncePod access mode"
)


def not_mounted(case: Case) -> Iterable[Finding]:
    """54: a placed pod that never started, and the kubelet's newest word on one of its volumes."""
    for pod in case.unready_pods[:2]:
        if not pod.node or not never_began(pod) or not _own_volumes(pod):
            continue
        event = next((one for one in pod_events(case, pod) if text(one, "reason") == "FailedMount"), {})
        said = _FAILED.search(text(event, "message"))
        if said and not _OTHERS.search(said[2]):
            yield _finding(case, pod, said[1], _why(pod, " ".join(said[2].split())), event)
            return


def _why(pod: Pod, said: str) -> str:
    """The kubelet's words without its own paths; of a driver that is absent, what that means."""
    if driver := _NO_DRIVER.search(said):
        where = f"the node `{pod.node}`"
        return (
            f"no CSI driver `{driver[1]}` is registered on {where}: it is not installed, or its pod there is not ready"
        )
    if mounted := _MOUNT.search(said):
        return f"`mount {mounted[1]}` says: {mounted[2]}"
    return said


def _own_volumes(pod: Pod) -> bool:
    """Whether it has volumes beside the token that every pod gets."""
    return any(not text(one, "name").startswith("kube-api-access-") for one in dicts(pod.spec, "volumes"))


def _finding(case: Case, pod: Pod, volume: str, why: str, event: Json) -> Finding:
    ref = blame(case, pod)
    clause = f"{its_pods(case)} cannot start because volume `{volume}` cannot be mounted: {why}"
    seen = (
        Evidence("event FailedMount", text(event, "message"), ago(case.now, moment(event_time(event)))),
        Evidence(f"pod {pod.name}", "its containers wait for their volumes", ago(case.now, pod.created)),
    )
    plan = Plan((*back_step(case, ref), read_spec(ref)))
    return Finding(54, ref, Layer.NEEDS, clause, seen, plan, Confidence.LIKELY, pod.created)


RULES: tuple[Rule, ...] = (not_mounted,)
