"""ConfigMaps and Secrets that pods need to start (classes 49–51).

The pod shows that it cannot start; whether the object or the key is there now is asked of the API, so that an old
event never decides. Of Secrets only metadata is read, whose managed fields name the keys.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest, nearest_one, sole
from explainers.diagnosis.plans import config as fixes
from explainers.diagnosis.rules import stale, subpaths
from explainers.diagnosis.rules.corrected import mended
from explainers.diagnosis.rules.there_now import there_now
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.corrected import corrected
from explainers.diagnosis.views.endings import pod_events
from explainers.diagnosis.views.named import named
from explainers.diagnosis.views.phrases import its_pods
from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.diagnosis.views.reached import cut_off
from explainers.diagnosis.views.references import Reference, references
from explainers.diagnosis.views.tls_files import other_ending
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Kind, Ref
from explainers.operations.base import Answer
from explainers.operations.reads import GetMetadata
from explainers.patterns import pattern

MOST = 8
"""References that are looked at, at most."""
_STUCK = frozenset({"ContainerCreating", "PodInitializing"})
_NOT_FOUND = pattern(r"\b(configmap|secret)s? \"([^\"]+)\" not found")
_NO_KEY = pattern(r"couldn't find key (\S+) in (ConfigMap|Secret) \S+?/(\S+)|references non-existent (\w+) key: (\S+)")
_NOT_YET = pattern(r"failed to sync (?:secret|configmap) cache")
_OWN = "kube-root-ca.crt"


@dataclass(frozen=True)
class Symptom:
    """A pod that cannot start, and the kubelet's own words about it with their time: when an event was last seen."""

    pod: Pod
    source: str
    words: str
    when: datetime | None

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.source, self.words)


def missing(case: Case) -> Iterable[Finding]:
    """49–51: what a pod that cannot start refers to and does not get."""
    symptom = _symptom(case)
    if symptom is None:
        return
    wanted = [one for one in references(symptom.pod.spec) if not one.optional and _asked(one, symptom)]
    wanted.sort(key=lambda one: one.name not in symptom.words)
    wanted = [one for one in wanted if one.name in {each.name for each in wanted[:MOST]}]
    for thing, answer in configuration(case, wanted, MOST).items():
        uses = [one for one in wanted if (one.kind, one.name) == thing]
        yield from _judged(case, symptom, uses, answer)


def _as_of_now(case: Case, pod: Pod, missing: Sequence[Reference], found: Finding) -> Finding:
    """The finding, unless the template asks no longer for what is missing."""

    def asks(template: Json) -> bool:
        every = {(one.kind, one.name, one.key) for one in references(table(template, "spec")) if not one.optional}
        return any((one.kind, one.name, one.key) in every for one in missing)

    now = "the template asks no longer for that"
    return mended(case, found, pod, now) if corrected(case, pod, asks) else found


def _asked(one: Reference, symptom: Symptom) -> bool:
    """Whether it is worth a look: the cluster itself keeps `_OWN` in every namespace."""
    return one.name != _OWN or _OWN in symptom.words


def _symptom(case: Case) -> Symptom | None:
    """The newest pod that waits for its configuration or its volumes; only for the latter its events are read."""
    for pod in case.unready_pods:
        for container in pod.containers:
            if container.waiting == "CreateContainerConfigError":
                return Symptom(pod, f"pod {pod.name}", f"{container.name} waits: {container.message}", pod.created)
    for pod in case.unready_pods:
        waits = [one for one in pod.containers if one.waiting in _STUCK or not one.status]
        started = any(container.ran for container in pod.containers)
        if pod.node and waits and not started and any(_in_volume(one) for one in references(pod.spec)):
            return _unmounted(case, pod)
    return None


def _in_volume(reference: Reference) -> bool:
    return not reference.container and not reference.optional


def _unmounted(case: Case, pod: Pod) -> Symptom:
    """What the kubelet last said about the volumes of a pod that waits for them."""
    for event in pod_events(case, pod):
        if (reason := text(event, "reason")) in ("FailedMount", "FailedAttachVolume"):
            return Symptom(pod, f"event {reason}", text(event, "message"), moment(event_time(event)))
    return Symptom(pod, f"pod {pod.name}", "its containers wait for their volumes", pod.created)


def _judged(case: Case, symptom: Symptom, uses: Sequence[Reference], answer: Answer) -> Iterator[Finding]:
    """One object that is needed: absent, lacking a key, or in order."""
    one = uses[0]
    said = any(match[2] == one.name and match[1] == one.kind.lower() for match in _NOT_FOUND.finditer(symptom.words))
    if answer.absent or (answer.forbidden and said):
        yield _absent(case, symptom, uses, Confidence.SURE if answer.absent or said else Confidence.LIKELY)
    elif answer.ok or answer.forbidden:
        lacking = [*_without_keys(case, symptom, uses, answer)]
        yield from lacking
        wanted = next((use for use in uses if said or _names_key(symptom, use)), None)
        if answer.ok and wanted and not lacking:
            yield from there_now(case, symptom.pod, _aged(case, symptom), wanted, answer.object)


def _names_key(symptom: Symptom, one: Reference) -> bool:
    """Whether the kubelet's words are that this key is not there."""
    return any((match[1] or match[5]) == one.key for match in _NO_KEY.finditer(symptom.words)) if one.key else False


def _absent(case: Case, symptom: Symptom, uses: Sequence[Reference], confidence: Confidence) -> Finding:
    one, kind = uses[0], kinds.CONFIG_MAP if uses[0].kind == "ConfigMap" else kinds.SECRET
    every = named(case, kind)
    there = sorted((every or {}).keys() - {_OWN, ""})
    near = _nearest(case, kind, one.name, {use.key for use in uses} - {""}, every or {})
    instead = f"; nearest: `{near}`" if near else ""
    number, word = (49, "ConfigMap") if one.kind == "ConfigMap" else (50, "Secret")
    rows = [_aged(case, symptom)]
    if every is not None:
        rows.append(Evidence(f"{kind.plural} in {case.namespace}", f"{', '.join(there[:8]) or 'none'}; no {one.name}"))
    found = Finding(
        number,
        Ref(one.kind, case.namespace, one.name),
        Layer.NEEDS,
        f"{_cannot_start(case)} because the {word} `{one.name}` does not exist (needed by {one.place}{instead})",
        tuple(rows),
        fixes.for_absent(case, uses, near),
        confidence,
        symptom.pod.created,
    )
    return _as_of_now(case, symptom.pod, uses, found)


def _cannot_start(case: Case) -> str:
    """Which pods lack something: all, or only new ones while those of before serve."""
    ready = sum(pod.ready for pod in case.pods)
    if not ready:
        return f"{its_pods(case)} cannot start"
    older = "an older one still serves" if ready == 1 else "older ones still serve"
    if shut := cut_off(case):
        are = "an older one is" if ready == 1 else "older ones are"
        older = f"{are} ready, but service `{shut[0]}` sends nothing there"
    return f"its new pods cannot start, while {older},"


def _nearest(case: Case, kind: Kind, name: str, keys: set[str], things: Mapping[str, Json]) -> str:
    """The nearest name, one that has the keys that are read before one that lacks them."""
    near = nearest(name, things.keys() - {_OWN})
    unknown = [one for one in near if keys and not things[one]]
    read = case.ask(*(GetMetadata(kind, case.namespace, one) for one in unknown))
    known = {**things, **{one: answer.object for one, answer in zip(unknown, read, strict=True)}}
    fitting = [one for one in near if keys <= fixes.keys_of(known[one])]
    return sole(name, fitting)


def _without_keys(case: Case, symptom: Symptom, uses: Sequence[Reference], answer: Answer) -> Iterator[Finding]:
    """51: keys that are asked for and not there. Without the right to look, only the kubelet's words count; where it
    has not got the object yet, the keys that the managed fields name are likely all."""
    thing = answer.object
    data = {**table(thing, "data"), **table(thing, "binaryData")}
    keys = set(data) or fixes.keys_of(thing)
    known = bool(keys) or (answer.ok and uses[0].kind == "ConfigMap")
    told = {match[1] or match[5] for match in _NO_KEY.finditer(symptom.words)}
    for one in uses:
        sure = (answer.ok and one.kind == "ConfigMap") or one.key in told
        likely = keys and _NOT_YET.search(symptom.words)
        if one.key and one.key not in keys and (sure or likely):
            confidence = Confidence.SURE if sure else Confidence.LIKELY
            yield _without_key(case, symptom, one, sorted(keys) if known else None, confidence)
            return


def _without_key(
    case: Case, symptom: Symptom, one: Reference, known: Sequence[str] | None, confidence: Confidence
) -> Finding:
    """`known` are the keys that it has; None where nobody may see them."""
    keys = known or ()
    near = nearest_one(one.key, keys) or other_ending(one.key, keys)
    told = ", ".join(f"`{key}`" for key in keys[:6]) or "none"
    has = "its keys are not known" if known is None else f"it has {told}"
    instead = f"; nearest: `{near}`" if near else ""
    rows = [_aged(case, symptom)]
    if known is not None:
        rows.append(Evidence(f"{one.kind.lower()} {one.name}", f"keys: {', '.join(keys[:12]) or 'none'}"))
    found = Finding(
        51,
        Ref(one.kind, case.namespace, one.name),
        Layer.NEEDS,
        f"{_cannot_start(case)} because the {one.kind} `{one.name}` has no key `{one.key}` that {one.place} reads "
        f"({has}{instead})",
        tuple(rows),
        fixes.for_key(case, one, near),
        confidence,
        symptom.pod.created,
    )
    return _as_of_now(case, symptom.pod, [one], found)


def _aged(case: Case, symptom: Symptom) -> Evidence:
    return Evidence(symptom.source, symptom.words, ago(case.now, symptom.when))


RULES: tuple[Rule, ...] = (missing, subpaths.not_held, stale.stale)
