"""`/network`: the wizard that follows a connection step by step, with live probes."""

from commands.base.errors import NotFound
from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene, scene
from commands.base.targets import find_target
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.case import Case
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
    path = at.see(lambda case: walk(case.follow(ref_of(service, "Service")), service, source))
    outcome = {Tone.HEALTHY: "healthy", Tone.UNKNOWN: "unknown"}.get(_TONES.get(path.leaf, Tone.FAULT), "fault")
    return Reply(_document(path, services.probe_image), str(at.target), at.target.namespace, outcome)


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


def _document(path: Walk, image: str) -> Document:
    end = CONCLUSIONS[path.leaf]
    rows = tuple(Evidence(f"{i} {step.title}", step.verdict) for i, step in enumerate(path.steps, 1))
    detail = f" ({path.detail})" if path.detail else ""
    return Document(
        _TONES.get(path.leaf, Tone.FAULT),
        f"`{path.name}`: {end.sentence}{detail}.",
        facts=(f"asked from namespace `{path.source.namespace}`", _standing_in(path.source)),
        evidence=rows,
        unchecked=unchecked(path.case.facts),
        plan=_by_hand(path, image),
        explanation=f"{end.why} {end.next}".strip(),
        reading=(Link.to(end.reading),),
        buttons=(Button("Re-check", "network", f"{path.ref} -n {path.namespace}", "primary"),),
    )


def _by_hand(path: Walk, image: str) -> Plan:
    """The same walk as commands: a pod to ask from, the steps, and its end."""
    steps = [Step(look, step.why, step.verdict) for step in path.steps for look in step.looks]
    if not any(isinstance(step.operation, Exec) for step in steps):
        return Plan(tuple(steps))
    namespace = path.source.namespace
    run = RunPod(namespace, POD, image, ("sleep", "600"), 600, path.source.labels)
    start = Step(run, "A one-time pod to ask from; it takes no traffic.", "the pod runs within seconds")
    end = Step(Delete(POD_KIND, namespace, POD), "Remove the pod.")
    return Plan((start, *steps, end))


def _standing_in(source: Source) -> str:
    if not source.labels:
        return "as a pod without labels"
    return "as a pod labelled " + ",".join(f"{key}={value}" for key, value in source.labels)
