"""One container on the node: from image to running to dead and back, with the kubelet's reasons and pauses.

Source: k8s.io/kubernetes/pkg/kubelet; reasons, messages and order of events compared with a 1.34 kubelet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.jsonish import Object, dig, timestamp
from bot.sandbox.node.images import Image, ImageNameError, Registry, check_name, image_id, normalized
from bot.sandbox.node.network import Network
from bot.sandbox.node.probes import Prober
from bot.sandbox.node.process import Course, launch
from bot.sandbox.node.shell import Session
from bot.sandbox.node.surroundings import ConfigError, Surroundings
from bot.sandbox.ports import LogLine
from bot.sandbox.world import after, earliest

_MOST_BACKOFF = 300.0
_FIRST_BACKOFF = 10.0
_NOTE_EVERY, _NOTE_RARELY, _NOTES = 12.0, 120.0, 20
_SIZE = 72_404_026

Tell = Callable[[str, str, str], None]


@dataclass
class Life:
    """One run of the container's process."""

    course: Course
    started: datetime
    ended: datetime | None = None
    id: str = ""

    def log(self, now: datetime) -> list[LogLine]:
        """The lines written until now."""
        until = self.ended or now
        lines = [LogLine(after(self.started, at), text) for at, text in self.course.lines]
        return [line for line in lines if line.at <= after(until, 0.2)]


@dataclass
class Container:
    """What the kubelet knows of one container; `role` is init, sidecar or main."""

    spec: Object
    role: str
    policy: str
    field_path: str
    state: Object = field(default_factory=lambda: {"waiting": {"reason": "ContainerCreating"}})
    last: Object = field(default_factory=dict)
    restarts: int = 0
    ready: bool = False
    started: bool = False
    image_id: str = ""
    phase: str = "new"
    until: datetime | None = None
    noted: datetime | None = None
    notes: int = 0
    backoff: float = 0.0
    pull_backoff: float = 0.0
    pull_fault: str = ""
    life: Life | None = None
    previous: Life | None = None
    prober: Prober = field(default_factory=Prober)

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self.spec["name"])

    @property
    def succeeded(self) -> bool:
        """Whether it ended with code 0 and stays so."""
        return self.phase == "done" and bool(self.state.get("terminated", {}).get("exitCode") == 0)

    def waiting(self, reason: str, message: str = "") -> None:
        """Show a waiting state."""
        self.state = {"waiting": {"reason": reason} | ({"message": message} if message else {})}
        self.ready = self.started = False


@dataclass(frozen=True)
class Bench:
    """Where a container is worked on: its pod, the registry, the network, and how to report."""

    surroundings: Surroundings
    registry: Registry
    network: Network
    present: set[str]
    now: datetime
    report: Callable[[Container, str, str, str], None]

    @property
    def pod(self) -> Object:
        """The pod."""
        return self.surroundings.pod

    def work(self, container: Container) -> datetime | None:
        """Move a container on as far as the moment allows; give the moment at which to go on."""
        steps = {
            "new": self._new,
            "pulling": self._pulling,
            "unpulled": self._unpulled,
            "create": self._create,
            "running": self._running,
            "dead": self._dead,
            "backoff": self._backing_off,
        }
        for _ in range(12):
            phase = container.phase
            wake = steps[phase](container) if phase in steps else None
            if container.phase == phase:
                return wake
        return after(self.now, 1.0)

    def kill(self, container: Container, message: str) -> None:
        """End a running container from outside."""
        if container.life and not container.life.ended:
            self.report(container, "Normal", "Killing", message)
            code = container.life.course.on_term
            reason = "Completed" if code == 0 else "Error"
            self._end(container, code, reason)

    def _note(self, container: Container, *events: tuple[str, str, str]) -> datetime:
        if container.noted is None or container.noted <= self.now:
            # By then the reporter has used up what it may write; looking more often would show nothing more.
            container.notes += 1
            container.noted = after(self.now, _NOTE_EVERY if container.notes < _NOTES else _NOTE_RARELY)
            for kind, reason, message in events:
                self.report(container, kind, reason, message)
        return container.noted

    def _new(self, container: Container) -> datetime | None:
        name, policy = container.spec["image"], container.spec.get("imagePullPolicy", "IfNotPresent")
        try:
            check_name(name)
        except ImageNameError as error:
            text = f'Failed to apply default image tag "{name}": couldn\'t parse image name "{name}": {error}'
            container.waiting("InvalidImageName", text)
            inspect = ("Warning", "InspectFailed", text)
            return self._note(container, inspect, ("Warning", "Failed", "Error: InvalidImageName"))
        present = normalized(name) in self.present
        if policy == "Never" and not present:
            text = f'Container image "{name}" is not present with pull policy of Never'
            container.waiting("ErrImageNeverPull", text)
            never = ("Warning", "ErrImageNeverPull", text)
            return self._note(container, never, ("Warning", "Failed", "Error: ErrImageNeverPull"))
        if present and policy != "Always":
            text = f'Container image "{name}" already present on machine'
            self.report(container, "Normal", "Pulled", text)
            container.phase = "create"
            return None
        self.report(container, "Normal", "Pulling", f'Pulling image "{name}"')
        image = self.registry.find(name)
        container.phase = "pulling"
        container.until = after(self.now, (0.2 if present else image.pull) if image else 0.4)
        return container.until

    def _pulling(self, container: Container) -> datetime | None:
        if container.until and self.now < container.until:
            return container.until
        name = container.spec["image"]
        image = self.registry.find(name)
        if image and (not image.denied or self._has_pull_secret()):
            seconds = 0.2 if normalized(name) in self.present else image.pull
            took = f"{seconds:.3g}s"
            text = (
                f'Successfully pulled image "{name}" in {took} ({took} including waiting). Image size: {_SIZE} bytes.'
            )
            self.report(container, "Normal", "Pulled", text)
            self.present.add(normalized(name))
            container.pull_backoff = 0.0
            container.phase = "create"
            return None
        container.pull_fault = _pull_fault(name, image)
        self.report(container, "Warning", "Failed", f'Failed to pull image "{name}": {container.pull_fault}')
        self.report(container, "Warning", "Failed", "Error: ErrImagePull")
        container.waiting("ErrImagePull", container.pull_fault)
        container.pull_backoff = min(container.pull_backoff * 2 or _FIRST_BACKOFF, _MOST_BACKOFF)
        container.until = after(self.now, container.pull_backoff)
        container.noted = after(self.now, 3.0)
        container.phase = "unpulled"
        return container.noted

    def _has_pull_secret(self) -> bool:
        spec, store, namespace = self.pod["spec"], self.surroundings.store, self.surroundings.namespace
        account = store.find("", "serviceaccounts", namespace, spec.get("serviceAccountName", "default")) or {}
        names = [*(spec.get("imagePullSecrets") or []), *(account.get("imagePullSecrets") or [])]
        return any(store.find("", "secrets", namespace, item.get("name", "")) for item in names)

    def _unpulled(self, container: Container) -> datetime | None:
        if container.until and self.now >= container.until:
            container.phase = "new"
            return None
        name = container.spec["image"]
        if container.noted and self.now < container.noted:
            return earliest(container.noted, container.until)
        text = f'Back-off pulling image "{name}"'
        container.waiting("ImagePullBackOff", f"{text}: ErrImagePull: {container.pull_fault}")
        back_off = ("Normal", "BackOff", text)
        noted = self._note(container, back_off, ("Warning", "Failed", "Error: ImagePullBackOff"))
        return earliest(noted, container.until)

    def _create(self, container: Container) -> datetime | None:
        name = container.spec["image"]
        image = self.registry.find(name) or Image(name)
        try:
            env = self.surroundings.environment(container.spec)
            self.surroundings.check_user(container.spec, image)
        except ConfigError as error:
            container.waiting("CreateContainerConfigError", str(error))
            return self._note(container, ("Warning", "Failed", f"Error: {error}"))
        self.report(container, "Normal", "Created", f"Created container: {container.name}")
        course = launch(container.spec, image, env, self.pod, self.network)
        container.previous = container.life if container.life else None
        container.life = Life(course, self.now, id=self._identity(container))
        container.image_id = image_id(name)
        container.prober = Prober()
        if course.start_error:
            self.report(container, "Warning", "Failed", f"Error: {course.start_error}")
            self._end(container, course.start_code, "StartError", course.start_error)
            return None
        self.report(container, "Normal", "Started", f"Started container {container.name}")
        container.state = {"running": {"startedAt": timestamp(self.now)}}
        container.phase = "running"
        if self._hook_fails(container.spec, image, env):
            self.report(container, "Warning", "FailedPostStartHook", "PostStartHook failed")
            self.kill(container, "FailedPostStartHook")
        return None

    def _hook_fails(self, spec: Object, image: Image, env: Mapping[str, str]) -> bool:
        command = dig(spec, "lifecycle", "postStart", "exec", "command", default=[])
        return bool(command) and Session(self.network, self.pod, env, image.files).run(command) != 0

    def _identity(self, container: Container) -> str:
        text = f"{self.pod['metadata']['uid']}/{container.name}/{container.restarts}"
        return f"containerd://{hashlib.sha256(text.encode()).hexdigest()}"

    def _running(self, container: Container) -> datetime | None:
        life = container.life
        if life is None:
            container.phase = "new"
            return None
        ending = life.course.ending
        due = after(life.started, ending.after) if ending else None
        if ending and due and self.now >= due:
            self._end(container, ending.code, ending.reason)
            return None
        verdict = container.prober.check(container.spec, life.course, life.started, self.now, self.pod)
        for kind, reason, message in verdict.events:
            self.report(container, kind, reason, message)
        container.started, container.ready = verdict.started, verdict.ready
        if verdict.kill:
            self.kill(container, f"Container {container.name} failed {verdict.kill} probe, will be restarted")
            return None
        return earliest(due, verdict.wake)

    def _end(self, container: Container, code: int, reason: str, message: str = "") -> None:
        life = container.life
        if life is None:
            return
        life.ended = self.now
        begun = "1970-01-01T00:00:00Z" if reason == "StartError" else timestamp(life.started)
        ended: Object = {"exitCode": code, "reason": reason, "startedAt": begun, "finishedAt": timestamp(self.now)}
        ended |= {"containerID": life.id} | ({"message": message} if message else {})
        container.state = {"terminated": ended}
        container.ready = container.started = False
        if (self.now - life.started).total_seconds() >= 2 * _MOST_BACKOFF:
            container.backoff = 0.0
        if not _restarts(container, code):
            container.phase = "done"
            return
        if reason == "StartError":
            container.last = container.state
            container.waiting("RunContainerError", message)
        container.phase = "dead"
        container.until = after(self.now, container.backoff)
        container.noted = after(self.now, 1.5)

    def _dead(self, container: Container) -> datetime | None:
        if container.noted and self.now < container.noted:
            return container.noted
        if "terminated" in container.state:
            container.last = container.state
        container.phase = "backoff"
        return None

    def _backing_off(self, container: Container) -> datetime | None:
        meta = self.pod["metadata"]
        if container.until and self.now < container.until:
            whom = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
            pause = _pause_text(container.backoff)
            text = f"back-off {pause} restarting failed container={container.name} pod={whom}"
            container.waiting("CrashLoopBackOff", text)
            what = f"Back-off restarting failed container {container.name} in pod {whom}"
            noted = self._note(container, ("Warning", "BackOff", what))
            return earliest(noted, container.until)
        container.backoff = min(container.backoff * 2 or _FIRST_BACKOFF, _MOST_BACKOFF)
        container.restarts += 1
        container.phase = "new"
        return None


def _restarts(container: Container, code: int) -> bool:
    if container.role == "sidecar":
        return True
    if container.role == "init":
        return code != 0 and container.policy != "Never"
    return container.policy == "Always" or (container.policy == "OnFailure" and code != 0)


def _pause_text(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _pull_fault(name: str, image: Image | None) -> str:
    full = normalized(name)
    head = f'failed to pull and unpack image "{full}": failed to resolve reference "{full}": '
    if image and image.denied:
        host = full.partition("/")[0]
        code = f"[manifests {full.rpartition(':')[2]}]: 401 Unauthorized"
        return f"{head}pulling from host {host} failed with status code {code}"
    return f"rpc error: code = NotFound desc = {head}{full}: not found"
