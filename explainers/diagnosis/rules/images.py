"""Images (classes 41–48): the container waits, and the kubelet says why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.lines import clean
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest
from explainers.diagnosis.plans import images as fixes
from explainers.diagnosis.plans.processors import built_for, moved
from explainers.diagnosis.rules.corrected import mended
from explainers.diagnosis.views.corrected import corrected
from explainers.diagnosis.views.endings import pod_events
from explainers.diagnosis.views.named import named
from explainers.diagnosis.views.pods import Container, text
from explainers.diagnosis.views.processors import made_for, processors
from explainers.diagnosis.views.pulls import PULL_REASONS, Why, registry_of, short, told, why
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import PAGE, GetMetadata, List
from explainers.patterns import pattern
from explainers.plan import Plan

_PLACEHOLDER = pattern(r"\$\{?\w+\}?|\$\([^)]*\)|\{\{.*?\}\}|<[^>]*>|%\w+%")
NOT_RETRIEVED = "FailedToRetrieveImagePullSecret"
_LOGINS = ("kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg")
"""Types of Secrets. Source: https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets"""
_OTHERS = ("Opaque", "kubernetes.io/basic-auth")
"""Types that a login is most often put into by mistake."""


@dataclass(frozen=True)
class PullSecrets:
    """The pull secrets that a pod names, those that do not exist, and whether one may not be read."""

    names: tuple[str, ...]
    missing: tuple[str, ...]
    hidden: bool


def images(case: Case) -> Iterable[Finding]:
    """One finding for each container whose image cannot be had, from the newest pod that shows it."""
    for container in waiting_containers(case):
        past = corrected(case, container.pod, partial(fixes.names_image, container))
        for found in _not_had(case, container):
            yield mended(case, found, container.pod, "the template names another image by now") if past else found


def _not_had(case: Case, container: Container) -> Iterator[Finding]:
    match container.waiting:
        case "InvalidImageName":
            yield _invalid(case, container)
        case "ErrImageNeverPull":
            yield _never(case, container)
        case reason if reason in PULL_REASONS:
            yield from _not_pulled(case, container)


def waiting_containers(case: Case) -> Iterator[Container]:
    """Containers that wait, of the newest unready pods, each name once."""
    seen: set[str] = set()
    for pod in case.unready_pods:
        for container in pod.containers:
            if container.waiting and container.name not in seen:
                seen.add(container.name)
                yield container


def blamed(case: Case, container: Container) -> Ref:
    """What carries the pod template: the workload, or the pod itself."""
    return case.workload_ref or case.top_owner(container.pod.object) or container.pod.ref


def _named(container: Container) -> str:
    return f"{'init container' if container.init else 'container'} `{container.name}`"


def _found(
    case: Case, container: Container, number: int, clause: str, plan: Plan, said: str, subject: Ref | None = None
) -> Finding:
    pod = container.pod
    rows = [Evidence(f"pod {pod.name}", f"{container.name} waits: {container.waiting}", ago(case.now, pod.created))]
    rows += [Evidence("kubelet", clean(said))] if said else []
    return Finding(
        number, subject or blamed(case, container), Layer.NEEDS, clause, tuple(rows), plan, since=pod.created
    )


def _before(case: Case, container: Container) -> tuple[str, str]:
    """The image of the revision before, and the words that tell the change."""
    two, image = fixes.earlier(case, container)
    return image, f"; revision {two.previous} ran `{image}`" if two and image else ""


def _invalid(case: Case, container: Container) -> Finding:
    """46: the name is no image name."""
    image, (former, told_former) = container.image, _before(case, container)
    hole = _PLACEHOLDER.search(image)
    reason, _, _ = container.message.partition("\n")
    because = f"the placeholder `{hole[0]}` was never filled in" if hole else _shape(image, reason)
    meant = former or ("" if hole else fixes.corrected(image))
    plan = fixes.image_plan(case, container, meant, f"use `{meant}`, {'as before' if former else 'a valid name'}")
    if not plan.changes or (hole and not former):
        plan = Plan(fixes.to_fill_in(case, container) or (fixes.look(container),), plan.alternatives)
    clause = f"the image name `{image}` of {_named(container)} is not valid: {because}{told_former}"
    return _found(case, container, 46, clause, plan, reason)


def _shape(image: str, message: str) -> str:
    """What is wrong with the form of an image name."""
    if "must be lowercase" in message or image.partition(":")[0] != image.partition(":")[0].lower():
        return "a repository is written in lower case"
    if image.lstrip().startswith((":", "@")):
        return "it has no repository before the tag, as when a value of a template is empty"
    if "://" in image:
        return "it is written like a web address"
    if image.rpartition("/")[2].partition("@")[0].count(":") > 1:
        return "it has more than one tag"
    return "it does not have the form `registry/repository:tag`"


def _never(case: Case, container: Container) -> Finding:
    """47: the policy forbids to pull, and the node does not have the image."""
    former, told_former = _before(case, container)
    node = container.pod.node
    clause = (
        f"{_named(container)} has `imagePullPolicy: Never`, and node `{node}` does not have its image "
        f"`{container.image}`{told_former}"
    )
    return _found(case, container, 47, clause, fixes.allowed_to_pull(case, container, former), container.message)


def _not_pulled(case: Case, container: Container) -> Iterator[Finding]:
    message = told(case, container)
    match why(message):
        case Why.REFUSED:
            yield _refused(case, container, message)
        case Why.PLATFORM:
            yield _other_processor(case, container, message)
        case Why.UNREACHABLE | Why.DISTRUSTED as other:
            yield _unavailable(case, container, message, other)
        case Why.ABSENT:
            yield _absent(case, container, message)
        case None:
            found = _absent(case, container, message)
            clause = f"the image `{container.image}` of {_named(container)} cannot be pulled: {clean(short(message))}"
            yield replace(found, clause=clause, confidence=Confidence.LIKELY)


def _absent(case: Case, container: Container, message: str) -> Finding:
    """41: the registry does not have it, or hides it from one who asks without the pull secret that is missing."""
    image, (former, told_former) = container.image, _before(case, container)
    missing = next(iter(_pull_secrets(case, container).missing), "")
    near = "" if former else fixes.neighbour(case, container)
    nearest_image = f" (nearest: `{near}`)" if near else ""
    words = f"use `{former}` again, the image before" if former else f"use `{near}`, if that is what was meant"
    clause = (
        f"the image `{image}` of {_named(container)} does not exist in {_registry(image)}{nearest_image}{told_former}"
    )
    plan = fixes.image_plan(case, container, former or near, words)
    if not missing:
        return _found(case, container, 41, clause, plan, short(message))
    clause += f"; its pull secret `{missing}` does not exist, so the registry was asked without a login"
    plan = Plan(plan.steps, (*plan.alternatives, fixes.make_login(case, missing, image)))
    return replace(_found(case, container, 41, clause, plan, short(message)), confidence=Confidence.LIKELY)


def _registry(image: str) -> str:
    return f"the registry `{registry_of(image)}`"


_UNAVAILABLE = {
    Why.UNREACHABLE: "cannot be reached from the node",
    Why.DISTRUSTED: "does not serve this node (its certificate, its protocol or its rate limit)",
}


def _unavailable(case: Case, container: Container, message: str, reason: Why) -> Finding:
    """44, 45: the registry is there or not, but the node cannot use what it has."""
    image = container.image
    clause = (
        f"the image `{image}` of {_named(container)} cannot be pulled: {_registry(image)} {_UNAVAILABLE[reason]}: "
        f"{clean(short(message))}"
    )
    return _found(case, container, reason.value, clause, Plan((fixes.look(container),)), message)


def _other_processor(case: Case, container: Container, message: str) -> Finding:
    """48: what the registry has under that name is for other processors than the node's."""
    image, (former, told_former) = container.image, _before(case, container)
    there = processors(case, container.pod.node)
    told, node = made_for(image), f"the node `{container.pod.node}`"
    named = f" (by its name for `{told}`)" if told and told != there.here else ""
    alone = ", as all nodes are" if there.read and not there.elsewhere else ""
    here = f", and {node} is `{there.here}`{alone}" if there.here else f" than that of {node}"
    clause = (
        f"the image `{image}` of {_named(container)} cannot be pulled: {_registry(image)} has it only for other "
        f"processors{named}{here}{told_former}"
    )
    plan = fixes.image_plan(case, container, former, f"use `{former}` again, the image before")
    if not former:
        plan = Plan((*built_for(case, container, there), fixes.look(container)))
    plan = Plan(plan.steps, (*plan.alternatives, *moved(case, container, there)))
    return _found(case, container, 48, clause, plan, message)


def _refused(case: Case, container: Container, message: str) -> Finding:
    """42, or 43 when the pull secret that the pod names does not exist."""
    named_there = _pull_secrets(case, container)
    secrets, hidden = named_there.names, named_there.hidden
    if named_there.missing:
        return _secret_missing(case, container, message, named_there.missing[0])
    image, registry = container.image, _registry(container.image)
    start = f"{registry} refuses to hand out the image `{image}` of {_named(container)}"
    wrong = _of_other_type(case, secrets)
    if wrong and len(wrong) == len(secrets):
        return _no_login(case, container, message, start, secrets)
    secrets = tuple(one for one in secrets if one not in wrong)
    if secrets:
        clause = f"{start}: the login in the pull secret `{secrets[0]}` is not accepted there"
        if hidden and not _heard(case, container):
            clause = f"{start}: the pull secret `{secrets[0]}` is absent or its login not accepted; it may not be read"
        subject = Ref("Secret", case.namespace, secrets[0])
        plan = Plan((fixes.correct_login(case, secrets[0], image),))
        return _found(case, container, 42, clause, plan, short(message), subject)
    logins = _logins(case)
    unused = f"; the secret `{logins[0]}` holds a login, but nothing uses it" if logins else ""
    clause = f"{start} without a login, and the pod names no pull secret{unused}"
    plan = (
        fixes.with_pull_secret(case, container, logins[0])
        if logins
        else fixes.with_new_login(case, container, fixes.NEW_LOGIN)
    )
    return _found(case, container, 42, clause, plan, short(message))


def _of_other_type(case: Case, secrets: tuple[str, ...]) -> list[str]:
    """Those of the Secrets whose type says that they hold no registry login: the kubelet passes over them."""
    others = ",".join(f"type!={one}" for one in _LOGINS)
    fields = [f"metadata.name={name},{others}" for name in secrets]
    answers = case.ask(*(List(kinds.SECRET, case.namespace, fields=one, metadata_only=True) for one in fields))
    return [name for name, answer in zip(secrets, answers, strict=True) if answer.items]


def _type_of(case: Case, secret: str) -> str:
    """The type of a Secret, of those that hold no login; empty for a rare one. It stands beside the values, which are
    never read, so the API server is asked whether it is this one or that."""
    fields = [f"metadata.name={secret},type={one}" for one in _OTHERS]
    answers = case.ask(*(List(kinds.SECRET, case.namespace, fields=one, metadata_only=True) for one in fields))
    return next((one for one, answer in zip(_OTHERS, answers, strict=True) if answer.items), "")


def _no_login(case: Case, container: Container, message: str, start: str, secrets: tuple[str, ...]) -> Finding:
    """42: the pull secrets exist, and none is of a type that holds a login."""
    kind = _type_of(case, secrets[0])
    clause = (
        f"{start}: the pull secret `{secrets[0]}` is{f' of the type `{kind}`,' if kind else ''} not of the type "
        f"`{_LOGINS[0]}`, so the kubelet takes no login from it"
    )
    plan = fixes.make_anew(case, container, secrets[0])
    found = _found(case, container, 42, clause, plan, short(message), Ref("Secret", case.namespace, secrets[0]))
    is_no_login = f"neither {_LOGINS[0]} nor {_LOGINS[1]}"
    row = Evidence(f"secret {secrets[0]}", f"its type is {f'{kind}, ' if kind else ''}{is_no_login}")
    return replace(found, evidence=(*found.evidence, row))


def _pull_secrets(case: Case, container: Container) -> PullSecrets:
    """The pull secrets that its pod names; the kubelet's words count where Secrets may not be read."""
    secrets = fixes.pull_secrets(container.pod.spec, "imagePullSecrets")
    answers = case.ask(*(GetMetadata(kinds.SECRET, case.namespace, name) for name in secrets))
    hidden = any(answer.forbidden for answer in answers)
    told = _unretrieved(case, container) if hidden else ""
    missing = [name for name, answer in zip(secrets, answers, strict=True) if answer.absent or name in told]
    return PullSecrets(secrets, tuple(missing), hidden)


def _heard(case: Case, container: Container) -> bool:
    """Whether the kubelet's words about the pod could be read: it names a pull secret that it does not find."""
    return case.ask(case.events_of(container.pod.ref))[0].ok


def _unretrieved(case: Case, container: Container) -> str:
    """The kubelet's warning that it found no such pull secret: what counts where Secrets may not be read."""
    told = [event for event in pod_events(case, container.pod) if text(event, "reason") == NOT_RETRIEVED]
    return text(told[0], "message") if told else ""


def _secret_missing(case: Case, container: Container, message: str, missing: str) -> Finding:
    """43: with the nearest secret, and where the wrong name is written."""
    case.facts.want(*_of_logins(case))
    every, logins = named(case, kinds.SECRET) or {}, _logins(case)
    near = next(iter([*nearest(missing, logins), *nearest(missing, every, 0.8), *logins[:1]]), "")
    listed = missing in fixes.pull_secrets(case.template, "spec", "imagePullSecrets")
    account = text(container.pod.spec, "serviceAccountName") or "default"
    where = "its template" if listed or not case.workload else f"its ServiceAccount `{account}`"
    instead = f" (nearest: `{near}`)" if near else ""
    clause = (
        f"the pull secret `{missing}` that {where} names does not exist{instead}, and {_registry(container.image)} "
        f"refuses to hand out the image `{container.image}` without a login"
    )
    make = fixes.make_login(case, missing, container.image)
    plan = fixes.with_pull_secret(case, container, near, missing) if near else Plan((make,))
    subject = Ref("Secret", case.namespace, missing)
    return _found(case, container, 43, clause, plan, short(message), subject)


def _logins(case: Case) -> list[str]:
    """The Secrets that hold a registry login: the kubelet takes no others."""
    return sorted(text(one, "metadata", "name") for answer in case.ask(*_of_logins(case)) for one in answer.items)


def _of_logins(case: Case) -> list[List]:
    return [List(kinds.SECRET, case.namespace, fields=f"type={one}", limit=PAGE, metadata_only=True) for one in _LOGINS]


RULES: tuple[Rule, ...] = (images,)
