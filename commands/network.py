"""`/network`: the wizard that follows a connection step by step, with live probes."""

from functools import partial

from commands.base.errors import NotFound
from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene, scene
from commands.base.targets import find_target
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.case import Case
from explainers.diagnosis.classes import CLASSES
from explainers.diagnosis.engine import diagnose
from explainers.diagnosis.model import Finding, Outcome
from explainers.diagnosis.rules import RULES
from explainers.diagnosis.views.pods import Json, text
from explainers.document import Button, Document, Evidence, Link, Tone
from explainers.kinds import POD as POD_KIND
from explainers.kinds import ref_of
from explainers.network.leaves import CONCLUSIONS, Leaf
from explainers.network.probes import POD
from explainers.network.walk import Source, Walk, walk
from explainers.operations.execs import Exec
from explainers.operations.pods import Delete, RunPod
from explainers.plan import Plan, Step

USAGE = "TARGET [-n NAMESPACE] [--from NAMESPACE] [--as WORKLOAD]"
FORM = f"/network {USAGE}, for example `/network web --as checkout`"
OPTIONS = ("--from", "--as")
_TONES = {Leaf.CONNECTS: Tone.HEALTHY, Leaf.EXTERNAL_NAME: Tone.INFO, Leaf.UDP: Tone.UNKNOWN, Leaf.NO_PORTS: Tone.INFO,
          Leaf.DNS_UNSEEN: Tone.UNKNOWN, Leaf.NOT_READ: Tone.UNKNOWN, Leaf.NOT_PROBED: Tone.UNKNOWN,
          Leaf.UNKNOWN: Tone.UNKNOWN}  # fmt: skip


@command(
    "network", USAGE, "/network web --as checkout", slash=True, follow_up=True, options=OPTIONS,
)  # fmt: skip
def network(request: Request, services: Services) -> Reply:
    """Follow a connection step by step: name, DNS, endpoints, pods, ports.

    Probes run from a one-time pod in the target's namespace, or in the one that `--from` names. `--as` gives that pod
    the labels of a workload, so that NetworkPolicies treat it like that caller. The pod is always removed.
    """
    at = scene(request, services, FORM, OPTIONS)
    source = _source(at)
    service = at.see(_service)
    if not service:
        raise NotFound(f"No service leads to `{at.target.name}`.", "name the service itself, e.g. `/network svc/web`")
    ref = ref_of(service, "Service")
    path = at.see(lambda case: walk(case.follow(ref), service, source))
    cause = None
    if _tone(path) in (Tone.FAULT, Tone.UNKNOWN):
        verdict = at.about(partial(diagnose, target=ref, rules=RULES))
        cause = verdict.cause if verdict.outcome is Outcome.FAULT else None
    found = _document(path, cause, services.probe_image)
    outcome = {Tone.HEALTHY: "healthy", Tone.UNKNOWN: "unknown"}.get(found.tone, "fault")
    return Reply(found, str(at.target), at.target.namespace, outcome)


def _tone(path: Walk) -> Tone:
    return _TONES.get(path.leaf, Tone.FAULT)


def _service(case: Case) -> Json:
    """The service that leads to the target: the one of its name, else the first."""
    named = [one for one in case.services if text(one, "metadata", "name") == case.target.name]
    return next(iter([*named, *case.services]), {})


def _source(at: Scene) -> Source:
    namespace = at.arguments.option("--from") or at.target.namespace
    caller = at.arguments.option("--as")
    if not caller:
        return Source(namespace)
    target = find_target(at.services, at.facts, namespace, caller)
    labels = at.about(lambda facts: Case(facts, target).template_labels)
    return Source(namespace, tuple(sorted((key, str(value)) for key, value in labels.items())))


def _document(path: Walk, cause: Finding | None, image: str) -> Document:
    """Where the walk ended, and what diagnosis of the service says about it: `cause`, where it knows one."""
    end, fault = CONCLUSIONS[path.leaf], CLASSES.get(cause.number) if cause else None
    rows = tuple(Evidence(f"{i} {step.title}", step.verdict) for i, step in enumerate(path.steps, 1))
    by_hand = _by_hand(path, image, "until that is done, " if cause else "")
    return Document(
        Tone.FAULT if cause else _tone(path),
        f"`{path.name}`: {_sentence(path, cause)}.",
        facts=(f"asked from namespace `{path.source.namespace}`", _standing_in(path.source)),
        evidence=rows + (cause.evidence if cause else ()),
        unchecked=unchecked(path.case.facts),
        plan=Plan(cause.plan.steps + by_hand.steps, cause.plan.alternatives) if cause else by_hand,
        explanation=f"{end.why} {fault.why if fault else end.next}".strip(),
        reading=tuple(dict.fromkeys(map(Link.to, filter(None, (end.reading, fault.reading if fault else ""))))),
        buttons=(
            Button("Re-check", "network", f"{path.ref} -n {path.namespace}", "primary"),
            Button("Diagnose", "diagnose", f"{path.ref} -n {path.namespace}"),
        ),
    )


def _sentence(path: Walk, cause: Finding | None) -> str:
    """Where the walk ended, with the cause; the cause alone where the walk could not tell."""
    end = CONCLUSIONS[path.leaf].sentence
    if cause is None:
        return f"{end} ({path.detail})" if path.detail else end
    clause = cause.clause.removesuffix(".")
    return f"{end}: {clause}" if _tone(path) is Tone.FAULT else clause


def _by_hand(path: Walk, image: str, until: str) -> Plan:
    """The same walk as commands: a pod to ask from, the steps with what each says now (`until` …), and its end."""
    steps = [Step(look, step.why, f"{until}{step.verdict}") for step in path.steps for look in step.looks]
    if not any(isinstance(step.operation, Exec) for step in steps):
        return Plan(tuple(steps))
    namespace = path.source.namespace
    run = RunPod(namespace, POD, image, ("sleep", "600"), 600, path.source.labels)
    start = Step(run, "To see it yourself, a one-time pod to ask from; it takes no traffic.", "it runs within seconds")
    end = Step(Delete(POD_KIND, namespace, POD), "Remove the pod.")
    return Plan((start, *steps, end))


def _standing_in(source: Source) -> str:
    if not source.labels:
        return "as a pod without labels"
    return "as a pod labelled " + ",".join(f"{key}={value}" for key, value in source.labels)
