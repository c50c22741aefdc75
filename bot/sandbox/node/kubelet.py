"""The kubelet: runs the pods that are bound to a node, reports their status, keeps their logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.events import Source
from bot.sandbox.jsonish import Object, dig, parse_timestamp, timestamp
from bot.sandbox.node.containers import Bench, Container
from bot.sandbox.node.images import Image, Registry
from bot.sandbox.node.network import Network
from bot.sandbox.node.podstatus import container_status, initialized, pod_conditions, pod_phase
from bot.sandbox.node.shell import COMMANDS, SHELLS, Session
from bot.sandbox.node.surroundings import ConfigError, Surroundings
from bot.sandbox.ports import ExecResult, LogLine
from bot.sandbox.refusals import RefusalError, bad_request
from bot.sandbox.world import World, after, earliest

_MOUNT_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 122.0)
_STOP_SECONDS = 1.0
_LONGEST_EXEC = 60.0
_CPU_USED = "3m"
_EXEC = (
    "OCI runtime exec failed: exec failed: unable to start container process: "
    'exec: "{program}": executable file not found in $PATH: unknown'
)


@dataclass
class PodRecord:
    """What the kubelet remembers of a pod."""

    inits: list[Container]
    mains: list[Container]
    address: str
    started: str
    sandbox_at: datetime
    mount_tries: int = 0
    mount_next: datetime | None = None
    stop_at: datetime | None = None

    @property
    def containers(self) -> list[Container]:
        """All containers, in the order of their start."""
        return [*self.inits, *self.mains]


@dataclass
class Kubelet:
    """One kubelet for all nodes of the sandbox."""

    world: World
    registry: Registry
    _records: dict[str, PodRecord] = field(default_factory=dict)
    _present: dict[str, set[str]] = field(default_factory=dict)
    _addresses: int = 1

    @property
    def network(self) -> Network:
        """The cluster's network over the containers that listen now."""
        return Network(self.world.store, self.listening, self.status_code)

    def sync(self, namespace: str) -> datetime | None:
        """Work on every pod of a namespace that is bound to a node."""
        wakes = []
        for pod in self.world.store.all("", "pods", namespace):
            node = dig(pod, "spec", "nodeName", default="")
            if node and self.world.store.find("", "nodes", "", node):
                wakes.append(self._sync_pod(pod, node))
        return earliest(*wakes)

    def listening(self, pod: Object, port: int) -> bool:
        """Tell whether a pod accepts connections on a port now."""
        record = self._records.get(pod["metadata"]["uid"])
        for container in record.containers if record else ():
            life = container.life
            if life and not life.ended and port in life.course.listens:
                return self.world.now() >= after(life.started, life.course.listens_after)
        return False

    def status_code(self, pod: Object, port: int, path: str) -> int:
        """Give the HTTP status that a pod answers on a port and path; 0 where no HTTP server listens."""
        record = self._records.get(pod["metadata"]["uid"])
        for container in record.containers if record else ():
            life = container.life
            if life and not life.ended and port in life.course.listens and life.course.serves:
                return life.course.serves.get(path, life.course.serves.get("*", 404))
        return 0

    def _sync_pod(self, pod: Object, node: str) -> datetime | None:
        record = self._records.get(pod["metadata"]["uid"]) or self._admit(pod)
        _adopt(record, pod)
        if pod["metadata"].get("deletionTimestamp"):
            return self._stop(pod, record, node)
        if dig(pod, "status", "phase") in ("Succeeded", "Failed"):
            return None
        bench = self._bench(pod, node)
        wakes = [self._mount(pod, record, node)]
        sandbox = wakes[0] is None
        if sandbox:
            wakes = [self._work(bench, record)]
        self._report(pod, record, sandbox, node)
        self._measure(pod, record)
        return earliest(*wakes)

    def _admit(self, pod: Object) -> PodRecord:
        self._addresses += 1
        spec = pod["spec"]
        policy = spec.get("restartPolicy", "Always")
        inits = [
            Container(
                item,
                "sidecar" if item.get("restartPolicy") == "Always" else "init",
                policy,
                f"spec.initContainers{{{item['name']}}}",
            )
            for item in spec.get("initContainers") or []
        ]
        mains = [Container(item, "main", policy, f"spec.containers{{{item['name']}}}") for item in spec["containers"]]
        if inits:
            for container in [*inits, *mains]:
                container.waiting("PodInitializing")
        address = f"10.244.{self._addresses // 250}.{self._addresses % 250 + 1}"
        now = self.world.now()
        record = PodRecord(inits, mains, address, timestamp(now), after(now, 0.3))
        self._records[pod["metadata"]["uid"]] = record
        return record

    def _bench(self, pod: Object, node: str) -> Bench:
        record = self._records[pod["metadata"]["uid"]]
        fresh = {**pod, "status": {**(pod.get("status") or {}), "podIP": record.address}}
        source = Source("kubelet", node)

        def report(container: Container, kind: str, reason: str, message: str) -> None:
            self.world.recorder.record(pod, kind, reason, message, source, container.field_path)

        present = self._present.setdefault(node, set())
        surroundings = Surroundings(self.world.store, fresh)
        return Bench(surroundings, self.registry, self.network, present, self.world.now(), report)

    def _mount(self, pod: Object, record: PodRecord, node: str) -> datetime | None:
        # None when the sandbox is ready; the moment to try again otherwise.
        if self.world.now() < record.sandbox_at:
            return record.sandbox_at
        if any(container.life for container in record.containers):
            return None
        faults = Surroundings(self.world.store, pod).mount_faults()
        if not faults:
            return None
        if record.mount_next is None or self.world.now() >= record.mount_next:
            for fault in faults:
                self.world.recorder.record(pod, "Warning", "FailedMount", fault, Source("kubelet", node))
            pause = _MOUNT_PAUSES[min(record.mount_tries, len(_MOUNT_PAUSES) - 1)]
            record.mount_tries += 1
            record.mount_next = after(self.world.now(), pause)
        return record.mount_next

    def _work(self, bench: Bench, record: PodRecord) -> datetime | None:
        wakes = []
        for container in record.inits:
            wakes.append(bench.work(container))
            if not initialized(container):
                return earliest(*wakes)
        return earliest(*wakes, *map(bench.work, record.mains))

    def _report(self, pod: Object, record: PodRecord, sandbox: bool, node: str) -> None:
        phase = pod_phase(record.inits, record.mains)
        now = self.world.stamp()
        host = self.world.store.find("", "nodes", "", node) or {}
        address = next((a["address"] for a in dig(host, "status", "addresses", default=[])), "")
        ready_sandbox = sandbox or any(container.life for container in record.containers)
        status: Object = {
            "phase": phase,
            "conditions": pod_conditions(pod, record.inits, record.mains, phase, ready_sandbox, now),
            "hostIP": address,
            "hostIPs": [{"ip": address}],
            "startTime": record.started,
            "containerStatuses": [container_status(container) for container in record.mains],
            "qosClass": dig(pod, "status", "qosClass", default="BestEffort"),
            "observedGeneration": pod["metadata"].get("generation", 1),
        }
        if ready_sandbox:
            status |= {"podIP": record.address, "podIPs": [{"ip": record.address}]}
        if record.inits:
            status["initContainerStatuses"] = [container_status(container) for container in record.inits]
        self.world.set_status("", "pods", pod, status)

    def _measure(self, pod: Object, record: PodRecord) -> None:
        """Keep the pod's metrics: what each container that runs uses."""
        usages = []
        for container in record.mains:
            image = self.registry.find(container.spec["image"])
            if image and container.phase == "running":
                usages.append({"name": container.name, "usage": {"cpu": _CPU_USED, "memory": image.memory}})
        self.world.set_usage(pod, usages)

    def _stop(self, pod: Object, record: PodRecord, node: str) -> datetime | None:
        now, meta = self.world.now(), pod["metadata"]
        alive = [c for c in record.containers if c.life and not c.life.ended]
        if record.stop_at is None:
            grace = meta.get("deletionGracePeriodSeconds", 30)
            asked = parse_timestamp(meta["deletionTimestamp"])
            slow = any(c.life and c.life.course.on_term == 137 for c in alive)
            record.stop_at = after(asked, min(grace, grace if slow else _STOP_SECONDS) if alive else 0)
            for container in alive:
                text = f"Stopping container {container.name}"
                source = Source("kubelet", node)
                self.world.recorder.record(pod, "Normal", "Killing", text, source, container.field_path)
        if now < record.stop_at:
            return record.stop_at
        if not meta.get("finalizers"):
            self._records.pop(meta["uid"], None)
            self.world.set_usage(pod, [])
            self.world.store.delete("", "pods", meta["namespace"], meta["name"])
        return None

    def logs(self, pod: Object, container: str, previous: bool) -> list[LogLine]:
        """Give a container's log, or that of its run before. Raises RefusalError 400."""
        found = self._container(pod, container)
        name = pod["metadata"]["name"]
        life = found.life if found else None
        if previous:
            ended = found and found.life if found and found.phase in ("dead", "backoff") else None
            life = ended or (found.previous if found else None)
            if life is None:
                raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        if life is None:
            reason = _waiting_reason(pod, found)
            raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {reason}')
        return life.log(self.world.now())

    def run(self, pod: Object, container: str, command: Sequence[str]) -> ExecResult:
        """Run a command in a container. Raises RefusalError 400, 500."""
        if not command:
            raise bad_request("you must specify at least 1 command for the container")
        found = self._container(pod, container)
        if found is None or found.life is None or found.life.ended:
            raise RefusalError(
                500,
                "InternalError",
                f'Internal error occurred: unable to upgrade connection: container not found ("{container}")',
            )
        image = self.registry.find(found.spec["image"]) or Image(found.spec["image"])
        surroundings = Surroundings(self.world.store, pod)
        try:
            env = surroundings.environment(found.spec)
        except ConfigError:
            env = {}
        program = command[0].rpartition("/")[2]
        if program not in SHELLS and program not in COMMANDS:
            text = _EXEC.format(program=program)
            return ExecResult("", text + "\n", 127)
        files = {"/etc/resolv.conf": self.network.resolver_file(pod), **image.files}
        session = Session(self.network, pod, {"HOSTNAME": pod["metadata"]["name"], **env}, files)
        code = session.run(command)
        out, err = ("".join(f"{t}\n" for _, t, is_err in session.lines if is_err is which) for which in (False, True))
        return ExecResult(out, err, code, min(session.elapsed, _LONGEST_EXEC))

    def _container(self, pod: Object, name: str) -> Container | None:
        record = self._records.get(pod["metadata"]["uid"])
        names = [c["name"] for field in ("containers", "initContainers") for c in dig(pod, "spec", field, default=[])]
        if name not in names:
            raise bad_request(f"container {name} is not valid for pod {pod['metadata']['name']}")
        return next((c for c in record.containers if c.name == name), None) if record else None


def _waiting_reason(pod: Object, container: Container | None) -> str:
    if container is None:
        return "ContainerCreating" if dig(pod, "spec", "nodeName") else "PodScheduled"
    reason = str(dig(container.state, "waiting", "reason", default="ContainerCreating"))
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        return "trying and failing to pull image"
    return reason


def _adopt(record: PodRecord, pod: Object) -> None:
    # An image that was changed in the pod itself starts the container anew.
    specs = {c["name"]: c for field in ("initContainers", "containers") for c in dig(pod, "spec", field, default=[])}
    for container in record.containers:
        spec = specs.get(container.name, container.spec)
        if spec["image"] != container.spec["image"] and container.phase != "running":
            container.phase, container.pull_backoff = "new", 0.0
        container.spec = spec
