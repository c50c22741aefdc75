"""Which image was probably meant, and the plans that bring it."""

import json
from collections.abc import Iterable

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.near import most_like, nearest_one
from explainers.diagnosis.plans.config import PLACEHOLDER
from explainers.diagnosis.plans.made_again import UNCHANGEABLE, made_again
from explainers.diagnosis.views.listed import starts_none
from explainers.diagnosis.views.pods import Container, Json, dicts, table, text
from explainers.diagnosis.views.pulls import registry_of, repository_of
from explainers.diagnosis.views.revisions import Revisions, revisions
from explainers.diagnosis.views.template import CHANGEABLE, steps_after, template_patch
from explainers.kinds import Ref, ref_of
from explainers.operations.base import Change
from explainers.operations.config import CreateSecret
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import events_of
from explainers.operations.rollouts import undo
from explainers.operations.workloads import SetImage
from explainers.patterns import pattern
from explainers.plan import Plan, Step

# The official images people use most: https://hub.docker.com/search?image_filter=official
WELL_KNOWN = (
    "alpine", "busybox", "caddy", "cassandra", "consul", "couchdb", "debian", "docker", "eclipse-temurin",
    "elasticsearch", "fedora", "golang", "grafana/grafana", "haproxy", "httpd", "influxdb", "kibana", "mariadb",
    "memcached", "mongo", "mysql", "nats", "nginx", "node", "openjdk", "php", "postgres", "prom/prometheus", "python",
    "rabbitmq", "redis", "ruby", "rust", "solr", "tomcat", "traefik", "ubuntu", "vault", "wordpress", "zookeeper",
)  # fmt: skip
LOGIN_KEY = ".dockerconfigjson"
NEW_LOGIN = "registry-login"
"""The name for a pull secret that is to be made."""
_LOGIN_HOSTS = {"docker.io": "https://index.docker.io/v1/"}
_VALID = pattern(r"[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?")
_HOLE = pattern(r"\$.*")
_PULLED = "the pods pull it and start"
_NEXT_PULL = "the next try, which may take five minutes to come, pulls it, and the pods start"


def earlier(case: Case, container: Container) -> tuple[Revisions | None, str]:
    """The last two revisions and the image that this container had before, if it was another one."""
    two = _before(case, container)
    before = text(two.container_before(container.name), "image") if two else ""
    return two, before if before != container.image else ""


def names_image(container: Container, template: Json) -> bool:
    """Whether a template gives the container the image that it has, which cannot be had."""
    every = [*dicts(template, "spec", "initContainers"), *dicts(template, "spec", "containers")]
    return any((text(one, "name"), text(one, "image")) == (container.name, container.image) for one in every)


def _before(case: Case, container: Container) -> Revisions | None:
    """The newest revision, and the last one with another image for the container."""
    return revisions(case, lambda template: not names_image(container, template))


def neighbour(case: Case, container: Container) -> str:
    """The image that was probably meant, or nothing: one that others in the namespace run, of another tag or a similar
    name, else one of a similar, well-known name."""
    image, repository = container.image, repository_of(container.image)
    near = (
        _other_tag(image, _used(case.other_deployments))
        or _started(case, case.other_deployments, _other_tag(image, _used(case.other_deployments, started=False)))
        or _near(image, _used(case.other_workloads))
        or _started(case, case.other_workloads, _near(image, _used(case.other_workloads, started=False)))
    )
    if near:
        return near
    known = nearest_one(repository, WELL_KNOWN, 0.75) if repository not in WELL_KNOWN else ""
    return known + image.removeprefix(repository) if known else ""


def _near(image: str, others: set[str]) -> str:
    """Of the same repository the nearest tag, else the same tag of a repository that is written nearly alike."""
    if tagged := _other_tag(image, others):
        return tagged
    repository = repository_of(image)
    near = nearest_one(repository, {repository_of(one) for one in others} - {repository, ""}, 0.8)
    return near + image.removeprefix(repository) if near else ""


def _other_tag(image: str, others: set[str]) -> str:
    """The nearest tag of the same repository; a digest is a checksum, near to nothing."""
    same = {one for one in others if repository_of(one) == repository_of(image) and one != image and "@" not in one}
    return most_like(image, same) if "@" not in image else ""


def corrected(image: str) -> str:
    """The image name without the usual slips of form, or nothing where none of them explains it."""
    if image.lstrip().startswith((":", "@")):
        return ""  # what is missing is the repository, and nobody can guess it
    bare = image.split("://", 1)[-1].strip(" :@/")
    name, at, digest = bare.partition("@")
    head, slash, last = name.rpartition("/")
    parts = [part for part in last.split(":") if part]
    tag = f":{parts[1]}" if len(parts) > 1 else ""
    fixed = (head + slash + "".join(parts[:1])).lower() + tag + at + digest
    return fixed if fixed != image and _VALID.fullmatch(fixed) else ""


def _started(case: Case, workloads: Iterable[Json], image: str) -> str:
    """An image of a workload that is not ready, if a container of it was started: else it may not exist either."""
    owners = [one for one in workloads if image in _used([one], started=False)] if image else []
    pods = [pod for one in owners[:1] for pod in case.follow(ref_of(one)).pods]
    return image if any(one.image == image and one.ran for pod in pods for one in pod.containers) else ""


def _used(workloads: Iterable[Json], started: bool = True) -> set[str]:
    """The images of those workloads that have started their pods, or of the others."""
    return {
        text(container, "image")
        for workload in workloads
        if starts_none(workload) is not started
        for field in ("containers", "initContainers")
        for container in dicts(workload, "spec", "template", "spec", field)
    }


def other_image(case: Case, container: Container, image: str, why: str) -> tuple[Step, ...]:
    """Give the container another image; a Job, whose template cannot be changed, is made again with it."""
    ref = _changeable(case, container)
    if ref is None and image:
        side = "initContainers" if container.init else "containers"
        fields = {side: [{"name": container.name, "image": image}]}
        return made_again(case, fields, f"{why}: {UNCHANGEABLE}", _PULLED)
    if ref is None or not image:
        return ()
    change = SetImage(ref.type, ref.namespace, ref.name, container.name, image, container.image, container.init)
    return steps_after(case, change, why, _PULLED)


def look(container: Container) -> Step:
    """What the registry says, in the pod's events."""
    pod = container.pod
    return Step(events_of("Pod", pod.namespace, pod.name), "see what the registry answers, and correct the image")


def image_plan(case: Case, container: Container, meant: str, why: str) -> Plan:
    """Set the image that was meant, with going back to the former revision as the other way."""
    back = go_back(case, container)
    steps = other_image(case, container, meant, why)
    if steps:
        return Plan(steps, back)
    return Plan(back) if back else Plan((look(container), *to_fill_in(case, container)))


def to_fill_in(case: Case, container: Container) -> tuple[Step, ...]:
    """The step that corrects the image, for the person to complete."""
    image = f"{_HOLE.sub('', repository_of(container.image)).rstrip(':')}:{PLACEHOLDER}"
    return other_image(case, container, image, f"set the image, with a tag that exists in place of {PLACEHOLDER}")


def go_back(case: Case, container: Container) -> tuple[Step, ...]:
    """Back to the last revision with another image for the container, when there is one."""
    ref, two = case.workload_ref, _before(case, container)
    if ref is None or two is None:
        return ()
    change = undo(ref.type, case.workload, two.holder_before, two.holder)
    return steps_after(case, change, f"go back to revision {two.previous}, before this image", _PULLED)


def allowed_to_pull(case: Case, container: Container, meant: str) -> Plan:
    """Let the kubelet pull: of the former revision the image, else the policy `IfNotPresent`."""
    side = "initContainers" if container.init else "containers"
    patch = template_patch(case, {side: [{"name": container.name, "imagePullPolicy": "IfNotPresent"}]})
    pull = steps_after(case, patch, "let the kubelet pull the image; it must be in a registry then", _PULLED)
    back = go_back(case, container) if meant else ()
    if back:
        return Plan(back, pull)
    return Plan(pull) if pull else Plan((look(container),))


def login(registry: str) -> str:
    """The content of a pull secret for a registry, to be completed.

    Source: https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
    """
    entry = {"username": PLACEHOLDER, "password": PLACEHOLDER}
    return json.dumps({"auths": {_LOGIN_HOSTS.get(registry, registry): entry}}, separators=(",", ":"))


def make_login(case: Case, name: str, image: str, used: bool = True) -> Step:
    """Create a pull secret for the registry of an image; is it not `used` yet, another step must follow."""
    content = ((LOGIN_KEY, login(registry_of(image))),)
    make = CreateSecret(case.namespace, name, type="kubernetes.io/dockerconfigjson", literals=content)
    return Step(make, f"create it, with a login of the registry in place of {PLACEHOLDER}", _NEXT_PULL if used else "")


def correct_login(case: Case, name: str, image: str) -> Step:
    """Put another login into a pull secret that is there."""
    body = {"stringData": {LOGIN_KEY: login(registry_of(image))}}
    change = Patch(kinds.SECRET, case.namespace, name, body, "merge")
    return Step(change, f"correct the login, with the right one in place of {PLACEHOLDER}", _NEXT_PULL)


def make_anew(case: Case, container: Container, wrong: str) -> Plan:
    """A pull secret of the right type in place of one whose type, which cannot be changed, holds no login."""
    name = f"{wrong}-new" if wrong.endswith("login") else f"{wrong}-login"
    return with_new_login(case, container, name, wrong)


def with_new_login(case: Case, container: Container, name: str, instead_of: str = "") -> Plan:
    """Make a pull secret, and use it."""
    make = make_login(case, name, container.image, used=False)
    use = with_pull_secret(case, container, name, instead_of)
    return Plan((make, *use.steps), use.alternatives)


def with_pull_secret(case: Case, container: Container, name: str, instead_of: str = "") -> Plan:
    """Use this pull secret: in the workload's template, else at the ServiceAccount of a pod that is made again, beside
    those that are named there."""
    ref = case.workload_ref
    account = text(container.pod.spec, "serviceAccountName") or "default"
    at_account = _account_secrets(case, account, name, instead_of)
    general = Step(at_account, f"give it to the ServiceAccount `{account}`, for every pod made from now on")
    if ref is None or ref.kind not in CHANGEABLE:
        pod = container.pod
        again = Step(Delete(kinds.POD, pod.namespace, pod.name), "the pod reads its account when it is made", _PULLED)
        made_again = (again,) if pod.owner else ()
        return Plan((Step(at_account, f"give the ServiceAccount `{account}` the pull secret"), *made_again))
    change = _template_secrets(case, ref, container, name, instead_of)
    return Plan(steps_after(case, change, f"pull with the secret `{name}`", _PULLED), (general,))


def _account_secrets(case: Case, account: str, name: str, instead_of: str) -> Change:
    """The list of an account in the same way. A patch replaces it as a whole; what it was before may be unknown."""
    answer = case.get(kinds.SERVICE_ACCOUNT, account)
    names = pull_secrets(answer.object, "imagePullSecrets")
    wanted = dict.fromkeys([*(name if one == instead_of else one for one in names), name])
    body, back = (
        {"imagePullSecrets": each}
        for each in ([{"name": one} for one in wanted], answer.object.get("imagePullSecrets"))
    )
    return Patch(kinds.SERVICE_ACCOUNT, case.namespace, account, body, "merge", back if answer.ok else None)


def _template_secrets(case: Case, ref: Ref, container: Container, name: str, instead_of: str) -> Change:
    """The list of the template with the name in it, in the place of another if that is given. An account's list, which
    its pods have got, no longer counts once the template names one."""
    was = table(case.template, "spec").get("imagePullSecrets")
    names = pull_secrets(container.pod.spec, "imagePullSecrets")
    new = dict.fromkeys(name if one == instead_of else one for one in names if instead_of or was)
    wanted = [{"name": one} for one in dict.fromkeys([*new, name])]
    bodies = []
    for each in (wanted, was):
        inner: Json = {"spec": {"template": {"spec": {"imagePullSecrets": each}}}}
        bodies.append({"spec": {"jobTemplate": inner}} if ref.kind == "CronJob" else inner)
    return Patch(ref.type, ref.namespace, ref.name, bodies[0], "merge", bodies[1])


def pull_secrets(thing: object, *path: str) -> tuple[str, ...]:
    """The names in a list of `imagePullSecrets`."""
    return tuple(name for one in dicts(thing, *path) if (name := text(one, "name")))


def _changeable(case: Case, container: Container) -> Ref | None:
    ref = case.workload_ref
    if ref is not None:
        return ref if ref.kind in CHANGEABLE else None
    owner = table(container.pod.object, "metadata").get("ownerReferences")
    return None if owner else container.pod.ref
