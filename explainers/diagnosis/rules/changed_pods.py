"""Pods that are not what their template says (class 108): a webhook, or a hand, changed them after they were made.

Then the template is right, and whoever corrects it waits in vain. Webhooks add containers and variables to healthy pods
every day, so only what explains a trouble is told: an image that cannot be had, a command that cannot be started, a
container that was added and does not run.
Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#mutating-webhook
"""

from collections.abc import Iterator
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.endings import FAILS_TO_START, NOT_STARTED, in_trouble
from explainers.diagnosis.views.hands import image_set_by
from explainers.diagnosis.views.pods import Container, Json, dicts, table, text, words
from explainers.diagnosis.views.revisions import template_of
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List
from explainers.plan import Plan, Step

_UNPULLED = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})


@dataclass(frozen=True)
class Change:
    """One difference that explains a container's trouble. `clause` says it, `shown` is the evidence, `by_hand` is who
    made it on the pod itself, empty where it was so from the start."""

    container: Container
    clause: str
    shown: str
    by_hand: str = ""


def not_as_their_template(case: Case) -> Iterator[Finding]:
    """108: the newest pod in trouble differs from its template in what troubles it."""
    for pod in case.unready_pods[:1]:
        suffering = [one for one in pod.containers if one.waiting in _UNPULLED or in_trouble(case, one)]
        if not suffering or pod.owner is None:
            continue
        template = template_of(case, pod)
        found = next((change for one in suffering if template and (change := _change(one, template))), None)
        if found:
            yield _finding(case, found)


def _change(container: Container, template: Json) -> Change | None:
    spec = table(template, "spec")
    every = {text(one, "name"): one for one in (*dicts(spec, "initContainers"), *dicts(spec, "containers"))}
    meant = every.get(container.name)
    if meant is None:
        clause = f"{_named(container)}, which the template does not have, does not run"
        return Change(container, clause, "not in the template")
    image = text(meant, "image")
    if container.waiting in _UNPULLED and container.image != image:
        shown = f"image {container.image}, in the template {image}"
        clause = f"{_named(container)} gets the image `{container.image}` instead of `{image}`, and it cannot be pulled"
        return Change(container, clause, shown, image_set_by(container.pod.object, container.name))
    starts = container.waiting in FAILS_TO_START or text(container.last_end, "reason") in NOT_STARTED
    said, ours = ((*words(one, "command"), *words(one, "args")) for one in (container.spec, meant))
    if starts and said != ours:
        clause = (
            f"{_named(container)} gets the command `{_line(said)}` instead of `{_line(ours)}`, and it cannot be started"
        )
        return Change(container, clause, f"command {_line(said)}, in the template {_line(ours)}")
    return None


def _named(container: Container) -> str:
    return f"{'init container' if container.init else 'container'} `{container.name}`"


def _line(command: tuple[str, ...]) -> str:
    return " ".join(command) or "that of its image"


def _finding(case: Case, found: Change) -> Finding:
    pod, container = found.container.pod, found.container
    subject = case.workload_ref or pod.ref
    seen = (
        Evidence(f"pod {pod.name}", f"{_named(container).replace('`', '')}: {found.shown}", ago(case.now, pod.created)),
    )
    if found.by_hand:
        clause = f"the pod `{pod.name}` itself was changed (by {found.by_hand}): {found.clause}"
        change = Delete(kinds.POD, pod.namespace, pod.name)
        again = Step(change, "let a new pod take its place", "it is made as the template says")
        return Finding(108, pod.ref, Layer.CLUSTER, clause, seen, Plan((again,)))
    clause = f"its pods are changed as they are made, by an admission webhook: {found.clause}"
    plan = Plan((
        Step(List(kinds.MUTATING_WEBHOOK_CONFIGURATION, ""), "find the webhook that changes these pods"),
        Step(Get(kinds.POD, pod.namespace, pod.name), "see what came of the template"),
    ))  # fmt: skip
    return Finding(108, subject, Layer.CLUSTER, clause, seen, plan)


RULES: tuple[Rule, ...] = (not_as_their_template,)
