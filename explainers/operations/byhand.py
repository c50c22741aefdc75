"""Steps that people run themselves: they stream, or need a terminal, so they are shown and never sent.

Source: https://kubernetes.io/docs/reference/kubectl/generated/
"""

import shlex
from abc import abstractmethod
from dataclasses import dataclass

from explainers.kinds import POD, Kind
from explainers.operations.base import Action, kubectl


class ByHand(Action):
    """A command line for a person's own shell; shown, and never sent. Subclasses are frozen dataclasses."""

    @abstractmethod
    def kubectl(self) -> list[str]:
        """The argv."""

    def line(self) -> str:
        return shlex.join(self.kubectl())

    def sent(self) -> list[object]:
        return []


@dataclass(frozen=True)
class PortForward(ByHand):
    """Ports of this machine led to a service, workload or pod, until it is stopped; `ports` are (local, remote)."""

    kind: Kind
    namespace: str
    name: str
    ports: tuple[tuple[int, int], ...]

    def kubectl(self) -> list[str]:
        ports = [f"{local}:{remote}" for local, remote in self.ports]
        return kubectl(self.namespace, "port-forward", f"{self.kind.kubectl}/{self.name}", *ports)


@dataclass(frozen=True)
class Show(ByHand):
    """Objects as a table: those of a selector, or the one that is named."""

    kind: Kind
    namespace: str
    name: str = ""
    labels: str = ""

    def kubectl(self) -> list[str]:
        named = [self.name] if self.name else []
        labels = ["-l", self.labels] if self.labels else []
        return kubectl(self.namespace, "get", self.kind.kubectl, *named, *labels, "-o", "wide")


@dataclass(frozen=True)
class FollowLogs(ByHand):
    """The log of a workload as it grows, from its last lines on."""

    kind: Kind
    namespace: str
    name: str
    container: str = ""
    tail: int = 100

    def kubectl(self) -> list[str]:
        container = ["-c", self.container] if self.container else ["--all-containers"]
        target = f"{self.kind.kubectl}/{self.name}"
        return kubectl(self.namespace, "logs", target, *container, f"--tail={self.tail}", "-f")


@dataclass(frozen=True)
class EventsFor(ByHand):
    """What the cluster said about one object, oldest first."""

    kind: Kind
    namespace: str
    name: str

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "events", "--for", f"{self.kind.kubectl}/{self.name}")


@dataclass(frozen=True)
class Describe(ByHand):
    """Everything about one object in words, its events last."""

    kind: Kind
    namespace: str
    name: str

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "describe", f"{self.kind.kubectl}/{self.name}")


@dataclass(frozen=True)
class Shell(ByHand):
    """A shell in a container of one pod of a workload."""

    kind: Kind
    namespace: str
    name: str
    container: str = ""

    def kubectl(self) -> list[str]:
        container = ["-c", self.container] if self.container else []
        return kubectl(self.namespace, "exec", "-it", f"{self.kind.kubectl}/{self.name}", *container, "--", "sh")


@dataclass(frozen=True)
class Usage(ByHand):
    """CPU and memory that pods use now, container by container; needs a metrics server."""

    namespace: str
    labels: str

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "top", POD.kubectl, "-l", self.labels, "--containers")


@dataclass(frozen=True)
class EnvFromSecret(ByHand):
    """Every key of a Secret as an environment variable of a Deployment; the person fills in its name."""

    changes = True

    namespace: str
    secret: str
    workload: str = "deployment/NAME"

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "set", "env", self.workload, f"--from=secret/{self.secret}")


@dataclass(frozen=True)
class ReadSecretKey(ByHand):
    """One value of a Secret, decoded, in the terminal of whoever may read it."""

    namespace: str
    secret: str
    key: str

    def kubectl(self) -> list[str]:
        template = f'{{{{index .data "{self.key}" | base64decode}}}}'
        return kubectl(self.namespace, "get", "secret", self.secret, f"-o=go-template={template}")
