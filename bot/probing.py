"""Live probes: questions answered from a one-time pod, made when the first is asked and always removed.

One pod a namespace and set of labels answers all its questions. It ends by itself at a deadline, should this process
die, and whoever probes there next removes what is left of it.
"""

import secrets
import threading
import time
from dataclasses import dataclass, field

from commands.base.ports import Cluster
from explainers import kinds
from explainers.diagnosis.facts import Question
from explainers.diagnosis.views.pods import Pod, text
from explainers.network.probes import POD, LabelPairs, Probe
from explainers.operations.base import Answer
from explainers.operations.pods import Delete, RunPod
from explainers.operations.reads import Get, List

MARK = "tessera.dev/probe"
LIFETIME = 120
"""Seconds after which the kubelet ends the pod, whatever happened to us."""
START = 30.0
"""Seconds that the pod may take to start, image pull included."""
SETTLE = 3.0
"""Seconds until a new pod's address has reached every NetworkPolicy and proxy rule: before, an answer proves little."""
REMOVALS, REMOVAL_PAUSE = 4, 0.5
"""How often the removal of a pod is tried while the API does not say what became of it, and the seconds between."""


@dataclass
class Prober:
    """Answers probes on one cluster; `close()` removes the pods, also after an error."""

    cluster: Cluster
    image: str
    settle: float = SETTLE
    _pods: dict[tuple[str, LabelPairs], str] = field(default_factory=dict)
    _refused: dict[tuple[str, LabelPairs], Answer] = field(default_factory=dict)
    _settles: dict[str, float] = field(default_factory=dict)
    _pause: threading.Event = field(default_factory=threading.Event)

    def ask(self, question: Question) -> Answer:
        """The answer of the exec; 403 when a pod may not be made, 0 when it did not start."""
        if not isinstance(question, Probe):
            return Answer(0, problem=f"not a probe: {question.line()}")
        key = (question.namespace, question.labels)
        if key not in self._pods and key not in self._refused:
            self._start(key, question.policed)
        if key in self._refused:
            return self._refused[key]
        return self._settled(question, self._pods[key])

    def _settled(self, question: Probe, pod: str) -> Answer:
        """The answer; one that failed while the pod was new is asked again once it is not."""
        while True:
            young = self._settles[pod] - time.monotonic()
            answer = self.cluster.run(question.operation(pod))
            if not answer.ok and not answer.forbidden and (problem := self._not_running(question.namespace, pod)):
                return Answer(0, problem=problem)
            if young <= 0 or self._pause.is_set() or not answer.ok or answer.object.get("exitCode") == 0:
                return answer
            self._pause.wait(max(0.0, self._settles[pod] - time.monotonic()))

    def _start(self, key: tuple[str, LabelPairs], policed: bool) -> None:
        namespace, labels = key
        self._sweep(namespace)
        name = f"{POD}-{secrets.token_hex(3)}"
        run = RunPod(namespace, name, self.image, ("sleep", str(LIFETIME)), LIFETIME, (*labels, (MARK, "true")))
        made = self.cluster.run(run)
        if not 400 <= made.status < 500:  # only then it is certain that there is no such pod
            self._pods[key] = name
        if not made.ok:
            self._refused[key] = made
            return
        problem = "" if self._begun(namespace, name) else self._not_running(namespace, name)
        self._settles[name] = time.monotonic() + self.settle
        if not problem and policed:
            self._pause.wait(self.settle)
        if problem:
            self._refused[key] = Answer(0, problem=problem)

    def _begun(self, namespace: str, name: str) -> bool:
        """Whether the pod leaves the phase `Pending` in time. That this is heard of says enough: no more than its
        metadata is sent."""
        begun = List(kinds.POD, namespace, fields=f"metadata.name={name},status.phase!=Pending", metadata_only=True)
        return next(iter(self.cluster.watch(begun, START)), None) is not None

    def _not_running(self, namespace: str, name: str) -> str:
        """Why the pod does not run; empty when it does."""
        pod = Pod(self.cluster.run(Get(kinds.POD, namespace, name)).object)
        if pod.phase == "Running":
            return ""
        waiting = (f"{one.waiting} {one.message}" for one in pod.containers if one.waiting)
        why = text(pod.object, "status", "message") or next(waiting, f"not running after {START:.0f} s")
        return f"the probe pod did not start: {why}"

    def _sweep(self, namespace: str) -> None:
        """Remove finished probe pods that an earlier process could not."""
        left = [Pod(item) for item in self.cluster.run(List(kinds.POD, namespace, labels=MARK)).items]
        for pod in left:
            if pod.finished:
                self.cluster.run(Delete(kinds.POD, namespace, pod.name, grace_seconds=0))

    def close(self) -> None:
        """Remove every pod that was made."""
        self._pause.set()
        for (namespace, _), name in self._pods.items():
            self._remove(namespace, name)
        self._pods.clear()

    def _remove(self, namespace: str, name: str) -> None:
        """Delete a pod of ours. Nobody else has its name, so what got no clear answer may be repeated."""
        for _ in range(REMOVALS):
            answer = self.cluster.run(Delete(kinds.POD, namespace, name, grace_seconds=0))
            if answer.ok or 400 <= answer.status < 500:
                return
            time.sleep(REMOVAL_PAUSE)
