"""Pods that cannot begin: no sandbox, or a volume that is still in use elsewhere (classes 39, 95).

Only a pod none of whose containers ever started, and only while the kubelet has reported no progress since. That a
volume is for one pod the scheduler sees first, so that such a pod has no node yet.
"""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import sandboxes as plans
from explainers.diagnosis.rules import tiny_limits
from explainers.diagnosis.views.claims import ONE_POD, claim_name, claims_of
from explainers.diagnosis.views.endings import blame, never_began, pod_events
from explainers.diagnosis.views.phrases import its_pods
from explainers.diagnosis.views.pods import Json, Pod, dicts, text
from explainers.diagnosis.views.unplaced import verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern

_SANDBOX = frozenset({"FailedCreatePodSandBox", "NetworkNotReady", "FailedPodSandBoxStatus"})
_ATTACH = "FailedAttachVolume"
_HANDLER = pattern(r"no runtime for \"?([^\" ]+?)\"? is configured|unknown runtime handler \"?([^\" ]+?)\"?$")
_ENVELOPE = pattern(r"rpc error: code = \w+ desc = |[Ff]ailed to create pod sandbox: |runtime network not ready: ")
_ID = pattern(r"\b[0-9a-f]{32,64}\b")
_MOUNT = "FailedMount"
_ONE_POD = pattern(r"ReadWriteOncePod access mode(?: and is)? already in[- ]use by another pod")
_ELSEWHERE = pattern(r"volume \"([^\"]+)\" Volume is already (?:used by pod\(s\) (.+)|exclusively attached)", 16)


def not_begun(case: Case) -> Iterator[Finding]:
    """39 and 95: what keeps the newest pods that wait for their containers."""
    for pod in case.unready_pods[:2]:
        if _ONE_POD.search(verdict_of(pod)):
            yield _for_one_pod(case, pod, Evidence(f"pod {pod.name}", verdict_of(pod), ago(case.now, pod.created)))
            return
        if not pod.node or not never_began(pod) or tiny_limits.of_pod(pod):
            continue
        event = _trouble(pod_events(case, pod))
        reason, said = text(event, "reason"), " ".join(text(event, "message").split())
        if reason in _SANDBOX:
            yield _no_sandbox(case, pod, event, said)
        elif reason == _ATTACH and (held := _ELSEWHERE.search(said)):
            yield _elsewhere(case, pod, event, held[1], held[2] or "")
        elif reason == _MOUNT:
            yield _for_one_pod(case, pod, _words(event, case))
        else:
            continue
        return


def _trouble(events: list[Json]) -> Json:
    """The newest word about such trouble, unless the pod has got further since."""
    for event in events:
        if text(event, "reason") in (*_SANDBOX, _ATTACH):
            return event
        if text(event, "reason") == _MOUNT and _ONE_POD.search(text(event, "message")):
            return event
        if text(event, "type") == "Normal":
            break
    return {}


def _words(event: Json, case: Case) -> Evidence:
    when = ago(case.now, moment(event_time(event)))
    return Evidence(f"event {text(event, 'reason')}", " ".join(text(event, "message").split()), when)


def _no_sandbox(case: Case, pod: Pod, event: Json, said: str) -> Finding:
    seen = (_words(event, case), Evidence(f"pod {pod.name}", f"placed on {pod.node}, no container started"))
    handler, wanted = _HANDLER.search(said), text(pod.spec, "runtimeClassName")
    if handler and wanted:
        clause = (
            f"its pods ask for the runtime class `{wanted}`, whose handler `{handler[1] or handler[2]}` the node "
            f"`{pod.node}` does not have"
        )
        blamed = blame(case, pod)
        plan = plans.without_runtime_class(case, blamed, wanted)
        return Finding(39, blamed, Layer.POD, clause, seen, plan, since=pod.created)
    why = _ID.sub("…", _ENVELOPE.sub("", said))
    clause = f"{its_pods(case)} cannot start because the node `{pod.node}` fails to set up network and sandbox: {why}"
    node = Ref(kinds.NODE.name, "", pod.node)
    return Finding(39, node, Layer.CLUSTER, clause, seen, plans.look_at_node(pod), Confidence.LIKELY, pod.created)


def _elsewhere(case: Case, pod: Pod, event: Json, volume: str, users: str) -> Finding:
    names = [one.strip() for one in users.split(",") if one.strip()]
    claim = _claim_of(case, pod, volume)
    by = f" by pod {', '.join(f'`{one}`' for one in names[:3])}" if names else ""
    clause = (
        f"its pod `{pod.name}` cannot start because its volume{f' (claim `{claim}`)' if claim else ''} is still in use "
        f"on another node{by}: it can be attached to one node at a time"
    )
    own = {one.name for one in case.all_pods}
    plan = plans.let_go(case, pod, [one for one in names if one in own], names)
    subject = Ref(kinds.PERSISTENT_VOLUME_CLAIM.name, pod.namespace, claim) if claim else pod.ref
    seen = (_words(event, case), Evidence(f"pod {pod.name}", f"placed on {pod.node}, waits for its volume"))
    return Finding(95, subject, Layer.NEEDS, clause, seen, plan, since=pod.created)


def _for_one_pod(case: Case, pod: Pod, seen: Evidence) -> Finding:
    """95: the access mode of its claim lets one pod use it, and another one does."""
    claims = claims_of(case, pod)
    claim = next((one for one in claims if ONE_POD in one.modes), claims[0] if len(claims) == 1 else None)
    users = [one for one in case.all_pods if claim and one.name != pod.name and _uses(one, claim.name)]
    told = f" `{claim.name}`" if claim else ""
    named = next((one.name for one in users if one.whole), "")
    by = f"pod `{named}`" if named else "another of its pods" if users else "another pod"
    clause = (
        f"its pod `{pod.name}` cannot start because its claim{told} is in use by {by}, and its access mode `{ONE_POD}` "
        "lets only one pod use it at a time"
    )
    modes = [Evidence(f"persistentvolumeclaim {claim.name}", f"accessModes {', '.join(claim.modes)}")] if claim else []
    plan = plans.one_pod(case, pod, claim.name if claim else "", bool(users))
    subject = claim.ref(pod.namespace) if claim else pod.ref
    return Finding(95, subject, Layer.NEEDS, clause, (seen, *modes), plan, since=pod.created)


def _uses(pod: Pod, claim: str) -> bool:
    """Whether a pod has a node (or is ready, where no more is known of it), has not ended, and mounts the claim."""
    mounted = [claim_name(pod, one) for one in dicts(pod.spec, "volumes")]
    return not pod.finished and (bool(pod.node) or pod.ready) and claim in mounted


def _claim_of(case: Case, pod: Pod, volume: str) -> str:
    """The claim that is bound to this volume, of those that the pod mounts; the only one where they cannot be read."""
    names = [text(one, "persistentVolumeClaim", "claimName") for one in dicts(pod.spec, "volumes")]
    claims = [name for name in names if name]
    if len(claims) == 1:
        return claims[0]
    answers = [case.get(kinds.PERSISTENT_VOLUME_CLAIM, name) for name in claims]
    bound = zip(claims, answers, strict=True)
    return next((name for name, answer in bound if text(answer.object, "spec", "volumeName") == volume), "")


RULES: tuple[Rule, ...] = (not_begun, *tiny_limits.RULES)
