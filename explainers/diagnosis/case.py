"""One case: the target and what lies on its path, read on demand.

Every property asks `Facts`; what has not been read raises `Missing` and is read before the rules
run again. Properties return empty values where the API refused or failed: `unchecked` says so later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from explainers import kinds
from explainers.diagnosis.facts import Fact, Facts
from explainers.diagnosis.logs.stamps import Stamped, stamped
from explainers.diagnosis.remembered import Key, made_once, remembered
from explainers.diagnosis.views.given_up import Pile, left_behind
from explainers.diagnosis.views.kept import kept
from explainers.diagnosis.views.listed import PRINTED, could_list, listed, may_select
from explainers.diagnosis.views.outdated import outdated
from explainers.diagnosis.views.pods import Container, Json, Pod, controller_of, table, text
from explainers.diagnosis.views.read_pods import read_pods
from explainers.diagnosis.views.runs import runs, telling
from explainers.diagnosis.views.serving import selects
from explainers.kinds import Kind, Ref, ref_of
from explainers.operations.base import Answer
from explainers.operations.reads import FEW, PAGE, Get, GetMetadata, List, Logs, continued, events_of, few
from explainers.operations.rollouts import HASH_LABEL
from explainers.selectors import matches, query

if TYPE_CHECKING:
    from explainers.diagnosis.model import Finding

T = TypeVar("T")
Rule = Callable[["Case"], "Iterable[Finding]"]

WORKLOADS = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET)
PREVIOUS_TAIL = 5000
RUNNING_TAIL = 1000
ALSO_IN_STATUS = {
    "Pod": ("FailedScheduling", "Scheduled", "Pulled", "Created", "Started", "BackOff"),
    "CronJob": ("SuccessfulCreate", "SawCompletedJob", "SuccessfulDelete"),
}
"""What is said of every start of a pod, of the wait before it or the next, and of every run: the status says it too."""


class Case:
    """The facts around one target, for one wave: after something was read, make a new one. `trail` holds the targets
    whose dependencies led here, this one last. `sparing` reads of pods that look alike only one whole, and no events
    that say nothing beside those that follow. `refused` says that what led here was refused a connection by it.
    """

    def __init__(
        self,
        facts: Facts,
        target: Ref,
        rules: Sequence[Rule] = (),
        trail: tuple[Ref, ...] = (),
        *,
        sparing: bool = False,
        refused: bool = False,
    ) -> None:
        self.facts = facts
        self.target = target
        self.rules = rules
        self.sparing = sparing
        self.refused = refused
        self.trail = (*trail, target)
        self.namespace = target.namespace
        self._made: dict[Key, object] = {}

    def once(self, view: Callable[[Case], T]) -> T:
        """What a view makes of this case, made once for all rules that look at it: treat it as read-only."""
        return made_once(self._made, view, lambda: view(self))

    @property
    def now(self) -> datetime:
        return self.facts.now

    # --- reading ---------------------------------------------------------------------------------

    def ask(self, *facts: Fact) -> tuple[Answer, ...]:
        return self.facts.ask(*facts)

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Answer:
        """Read one object. Of a Secret only the metadata is ever read."""
        where = (self.namespace if namespace is None else namespace) if kind.namespaced else ""
        (answer,) = self.ask((GetMetadata if kind == kinds.SECRET else Get)(kind, where, name))
        return answer

    def find(self, kind: Kind, labels: str = "", fields: str = "", namespace: str | None = None) -> Answer:
        """List a kind in the target's namespace (or another; "" for all), narrowed by the API server."""
        where = (self.namespace if namespace is None else namespace) if kind.namespaced else ""
        (answer,) = self.ask(List(kind, where, labels, fields, limit=PAGE, metadata_only=kind == kinds.SECRET))
        return answer

    def events_of(self, ref: Ref) -> List:
        """The operation that reads the events about one object."""
        but = ALSO_IN_STATUS.get(ref.kind, ()) if self.sparing else ()
        pod = next((one for one in self.pods if one.ref == ref), None) if but and ref.kind == "Pod" else None
        if pod and pod.begun:
            but = ("Pulling", *but)
        same_name = pod and pod.whole and pod.owner and pod.owner.kind == "StatefulSet"
        uid = text(pod.object, "metadata", "uid") if pod and same_name else ""
        return events_of(ref.kind, ref.namespace, ref.name, but, uid)

    def events(self, ref: Ref) -> list[Json]:
        """The events about one object, newest first."""
        return sorted(self.ask(self.events_of(ref))[0].items, key=event_time, reverse=True)

    def log(self, container: Container, previous: bool = False) -> Answer:
        """A container's log; `previous` is the run before the last restart."""
        pod = container.pod
        if previous or container.terminated:
            (answer,) = self.ask(Logs(pod.namespace, pod.name, container.name, previous, PREVIOUS_TAIL))
            return answer
        answer = self._stamped(container)
        return replace(answer, body=stamped(answer.text).text) if answer.text else answer

    def stamped_log(self, container: Container) -> Stamped:
        """The log of a container that runs, with the time of each line."""
        return stamped(self._stamped(container).text)

    def _stamped(self, container: Container) -> Answer:
        pod = container.pod
        (answer,) = self.ask(Logs(pod.namespace, pod.name, container.name, tail=RUNNING_TAIL, timestamps=True))
        return answer

    def follow(self, target: Ref, refused: bool = False) -> Case:
        """The case of something that this target depends on, over the same facts."""
        return Case(self.facts, target, self.rules, self.trail, sparing=self.sparing, refused=refused)

    # --- the target ------------------------------------------------------------------------------

    @remembered
    def object(self) -> Json:
        """The target as the API returns it."""
        return self.get(self.target.type, self.target.name).object

    @remembered
    def workload(self) -> Json:
        """The Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob behind the target, or empty.

        For a Service it is the owner of the pods it selects, else the workload of the same name, else the one
        whose template its selector matches; for a Pod its top controller.
        """
        match self.target.kind:
            case "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "ReplicaSet":
                return self.object
            case "Service":
                return self._workload_of_service()
            case "Pod":
                owner = self.top_owner(self.object)
                return self.get(owner.type, owner.name).object if owner else {}
        return {}

    @property
    def workload_ref(self) -> Ref | None:
        return ref_of(self.workload) if self.workload else None

    def top_owner(self, thing: Json) -> Ref | None:
        """The controller at the top: the Deployment of a pod's ReplicaSet, the CronJob of its Job."""
        owner = controller_of(thing)
        if owner is None or kinds.kind_named(owner.kind) is None:
            return None
        if owner.kind == "ReplicaSet" and (made := self._deployment_of(owner, thing)):
            return made
        if owner.kind in ("ReplicaSet", "Job"):
            return controller_of(self.get(owner.type, owner.name, owner.namespace).object) or owner
        return owner

    def _deployment_of(self, replica_set: Ref, pod: Json) -> Ref | None:
        """The Deployment of a pod's ReplicaSet, which carries its name and the hash of its template."""
        name = replica_set.name.removesuffix(f"-{text(pod, 'metadata', 'labels', HASH_LABEL)}")
        found = name != replica_set.name and self.get(kinds.DEPLOYMENT, name, replica_set.namespace).ok
        return Ref("Deployment", replica_set.namespace, name) if found else None

    def _workload_of_service(self) -> Json:
        """The owner of the pods that the Service selects, of several that of its name, else the first; where there are
        none, the workload whose template it selects, or that of its name."""
        serving = [pod for pod in self.all_pods if not pod.terminating and not pod.finished]
        owners = list(dict.fromkeys(owner for pod in serving if (owner := self.top_owner(pod.object))))
        owners.sort(key=lambda owner: owner.name != self.target.name)
        if owners and owners[0].kind in [kind.name for kind in WORKLOADS]:
            return self.get(owners[0].type, owners[0].name).object
        usual = self.ask(*(Get(kind, self.namespace, self.target.name) for kind in WORKLOADS[:2]))
        named = [answer.object for answer in usual if answer.object]
        found = next((one for one in named if self.selects(one)), None)
        if found or not self.selector_of_service:
            return found or (named[0] if named else {})
        if other := self.get(WORKLOADS[2], self.target.name).object:
            if self.selects(other):
                return other
            named = [*named, other]
        may = [self.whole(one) for one in self._listed(None) if may_select(self.object, one)]
        return next((one for one in may if self.selects(one)), named[0] if named else {})

    def selects(self, workload: Json) -> bool:
        """Whether the target, a Service, would select the pods of a workload."""
        labels = table(workload, "spec", "template", "metadata", "labels")
        return self.target.kind == "Service" and selects(self.object, labels)

    @property
    def selector_of_service(self) -> Json:
        return table(self.object, "spec", "selector") if self.target.kind == "Service" else {}

    @property
    def workloads(self) -> list[Json]:
        """Every Deployment, StatefulSet and DaemonSet of the namespace, whole while they are few."""
        own, others = self.workload_ref, self.other_workloads
        if 0 < sum(PRINTED in one for one in others) <= FEW:
            others = self.whole_workloads
        listed = own and own.type in WORKLOADS and own.namespace == self.namespace
        return [self.workload, *others] if listed else others

    @remembered
    def other_workloads(self) -> list[Json]:
        """The same without the target's own; where there are many, by their rows."""
        return self._listed(self.workload_ref)

    @remembered
    def other_deployments(self) -> list[Json]:
        """The Deployments among them."""
        return listed(self, kinds.DEPLOYMENT, _apart(kinds.DEPLOYMENT, self.workload_ref))

    def _listed(self, without: Ref | None) -> list[Json]:
        self.facts.want(*(few(kind, self.namespace, _apart(kind, without)) for kind in WORKLOADS[1:]))
        return [one for kind in WORKLOADS for one in listed(self, kind, _apart(kind, without))]

    @remembered
    def whole_workloads(self) -> list[Json]:
        """The workloads beside the target's own, each whole, however many there are: for what no row tells."""
        own = self.workload_ref
        lists = [List(kind, self.namespace, fields=_apart(kind, own), limit=PAGE) for kind in WORKLOADS]
        answers = zip(WORKLOADS, self.ask(*lists), strict=True)
        return [{**item, "kind": kind.name} for kind, answer in answers for item in answer.items]

    def whole(self, thing: Json) -> Json:
        """An object of which perhaps only the row is known, read."""
        return self.get(ref_of(thing).type, ref_of(thing).name).object if PRINTED in thing else thing

    @property
    def template(self) -> Json:
        """The pod template (`metadata`, `spec`) of the workload; the pod itself when it has no workload."""
        if text(self.workload, "kind") == "CronJob":
            return table(self.workload, "spec", "jobTemplate", "spec", "template")
        return table(self.workload, "spec", "template") or (self.object if self.target.kind == "Pod" else {})

    @property
    def template_labels(self) -> Json:
        return table(self.template, "metadata", "labels")

    # --- pods ------------------------------------------------------------------------------------

    @remembered
    def all_pods(self) -> list[Pod]:
        """The pods of the target, terminating ones too, and finished ones but `given_up`: first those read whole, each
        by name."""
        if self.target.kind == "Pod":
            return [Pod(self.object)] if self.object else []
        if self.target.kind == "Service":
            found = read_pods(self, {"matchLabels": self.selector_of_service}) if self.selector_of_service else []
        elif text(self.workload, "kind") == "CronJob":
            found = [pod for job in telling(self.jobs) for pod in read_pods(self, table(job, "spec", "selector"))]
        else:
            found = read_pods(self, table(self.workload, "spec", "selector"))
        return sorted(found, key=lambda pod: (not pod.whole, pod.name))

    @property
    def pile(self) -> Pile:
        """The pods of a Deployment that were evicted, turned down or lost, as far as they are not among the others."""
        return self.once(left_behind)

    @property
    def given_up(self) -> list[Pod]:
        """Those of them that were seen."""
        return list(self.pile.pods)

    def alike(self, pod: Pod) -> int:
        """How many pods look like this one, itself included."""
        return 1 + sum(1 for one in self.pods if one.like == pod.name)

    @remembered
    def pods(self) -> list[Pod]:
        """The pods that count: not finished (unless the target is a Job) and not being deleted."""
        batch = text(self.workload, "kind") in ("Job", "CronJob") or self.target.kind == "Pod"
        return [pod for pod in self.all_pods if not pod.terminating and (batch or not pod.finished)]

    @remembered
    def unready_pods(self) -> list[Pod]:
        """Pods that should be ready and are not, newest first: the newest shows today's fault. What pods of an earlier
        revision suffer from is history once a newer one has pods that are not ready either. Of those that look alike
        only the one that was read."""
        read = [pod for pod in self.pods if pod.whole]
        past = outdated(read, self.now, lambda: self.workload)
        waiting = [pod for pod in read if not pod.ready and pod.phase != "Succeeded" and pod.name not in past]
        return sorted(waiting, key=lambda pod: (text(pod.object, "metadata", "creationTimestamp"), pod.name))[::-1]

    @remembered
    def jobs(self) -> list[Json]:
        """The newest Jobs that a CronJob made, newest first; for a Job, itself."""
        return [self.workload] if text(self.workload, "kind") == "Job" else runs(self)

    # --- around it -------------------------------------------------------------------------------

    @remembered
    def namespace_services(self) -> list[Json]:
        """Every Service of the namespace (with `kind` filled in); where there are many, by their rows."""
        return listed(self, kinds.SERVICE)

    @property
    def services_read(self) -> bool:
        """Whether the Services of the namespace could be listed."""
        return could_list(self, kinds.SERVICE)

    @property
    def workloads_read(self) -> bool:
        """Whether the workloads of the namespace could be listed."""
        own = self.workload_ref
        self.facts.want(*(few(kind, self.namespace, _apart(kind, own)) for kind in WORKLOADS[1:]))
        return all(could_list(self, kind, _apart(kind, own)) for kind in WORKLOADS)

    def service(self, name: str, namespace: str | None = None) -> Answer:
        """One Service, of this namespace or another: most often the list holds it, or shows that there is none."""
        if namespace in (None, self.namespace):
            self.ask(few(kinds.SERVICE, self.namespace))
        return self.get(kinds.SERVICE, name, namespace)

    @remembered
    def services(self) -> list[Json]:
        """The Services on the target's path: itself, else those that select its pods, else one of its name. Where the
        namespace holds many, those of its name are enough if they select its pods."""
        if self.target.kind == "Service":
            return [self.object] if self.object else []
        labels = self.template_labels
        if not labels:
            return []
        names = (text(self.workload, "metadata", "name"), self.target.name, text(self.workload, "spec", "serviceName"))
        if continued(self.ask(few(kinds.SERVICE, self.namespace))[0]):
            read = [one for name in dict.fromkeys(names) if name and (one := self.get(kinds.SERVICE, name).object)]
            if any(selects(one, labels) for one in read):
                return sorted(read, key=lambda one: not selects(one, labels))
        every = [one for one in self.namespace_services if selects(one, labels)]
        named = [
            one for one in self.namespace_services if one not in every and text(one, "metadata", "name") in names[:2]
        ]
        return [self.whole(one) for one in every + named]

    def slices_of(self, service: Json) -> List:
        """The operation that reads the EndpointSlices of a Service."""
        name = text(service, "metadata", "name")
        where = text(service, "metadata", "namespace") or self.namespace
        return List(kinds.ENDPOINT_SLICE, where, f"kubernetes.io/service-name={name}", limit=PAGE)

    def pods_of(self, service: Json) -> List:
        """The operation that reads the pods which a Service selects."""
        where = text(service, "metadata", "namespace") or self.namespace
        return List(kinds.POD, where, query({"matchLabels": table(service, "spec", "selector")}), limit=PAGE)

    def slices(self, service: Json) -> list[Json]:
        """The EndpointSlices of a Service."""
        return self.ask(self.slices_of(service))[0].items

    @remembered
    def policies(self) -> list[Json]:
        """The NetworkPolicies that select the target's pods."""
        labels = self.template_labels or (self.pods[0].labels if self.pods else {})
        every = self.find(kinds.NETWORK_POLICY).items
        return [policy for policy in every if matches(table(policy, "spec", "podSelector"), labels)]

    @remembered
    def policed(self) -> bool:
        """Whether any NetworkPolicy may hold in the target's namespace."""
        found = self.find(kinds.NETWORK_POLICY)
        return bool(found.items) or not found.ok

    @remembered
    def replica_sets(self) -> list[Json]:
        """The ReplicaSets of a Deployment that matter, newest revision first; see views/kept.py."""
        return kept(self) if text(self.workload, "kind") == "Deployment" else []


def _apart(kind: Kind, without: Ref | None) -> str:
    """The field selector that leaves out an object, of its own kind."""
    return f"metadata.name!={without.name}" if without and kind.name == without.kind else ""


def event_time(event: Json) -> str:
    """When an event was last seen, as RFC 3339 text (sortable); empty when it carries no time."""
    for path in (("series", "lastObservedTime"), ("lastTimestamp",), ("eventTime",), ("metadata", "creationTimestamp")):
        found = text(event, *path)
        if found:
            return found
    return ""


def names(things: Iterable[Json]) -> list[str]:
    return [text(thing, "metadata", "name") for thing in things]
