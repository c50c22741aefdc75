"""Questions that only a connection from inside the cluster can answer.

Each is asked from a one-time pod in `namespace`, which carries `labels` so that NetworkPolicies treat
it like the workload it stands in for. The exit code decides, never the wording of the output; the
time taken tells a refused connection (at once) from a dropped one (at the deadline).
"""

from abc import abstractmethod
from dataclasses import dataclass, field

from explainers.diagnosis.facts import Question
from explainers.operations.base import Answer
from explainers.operations.execs import Exec

POD = "tessera-probe"
DEADLINE = 3
"""Seconds that one probe waits for an answer."""

LabelPairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Probe(Question):
    """A question with the namespace and the labels of the pod that asks it.

    `policed` says whether NetworkPolicies may hold for the pod: until they do, it reaches what it should not.
    """

    namespace: str
    labels: LabelPairs
    policed: bool = field(default=True, kw_only=True)

    @abstractmethod
    def command(self) -> tuple[str, ...]:
        """The program and its arguments inside the pod."""

    def operation(self, pod: str = POD) -> Exec:
        """The question as an exec in the pod of that name."""
        return Exec(self.namespace, pod, self.command())

    def line(self) -> str:
        return self.operation().line()


@dataclass(frozen=True)
class TcpConnect(Probe):
    """Does something accept TCP connections at host:port?"""

    host: str
    port: int

    def command(self) -> tuple[str, ...]:
        return ("nc", "-z", "-w", str(DEADLINE), self.host, str(self.port))


@dataclass(frozen=True)
class HttpGet(Probe):
    """Does an HTTP server answer at host:port? Any status counts as connected."""

    host: str
    port: int
    path: str = "/"

    def command(self) -> tuple[str, ...]:
        url = f"http://{self.host}:{self.port}{self.path}"
        return ("wget", "-S", "-T", str(DEADLINE), "-O", "/dev/null", url)


@dataclass(frozen=True)
class Resolve(Probe):
    """Does this full name have an address? Names are asked fully qualified, with the final dot."""

    host: str

    def command(self) -> tuple[str, ...]:
        return ("nslookup", "-type=a", self.host)


@dataclass(frozen=True)
class ReadResolver(Probe):
    """How pods of this namespace look names up: the nameserver and the search list."""

    def command(self) -> tuple[str, ...]:
        return ("cat", "/etc/resolv.conf")


@dataclass(frozen=True)
class Seen:
    """What a probe saw: `worked` by exit code, `refused` when it ended sooner than one that waits in vain can,
    `asked` False when the probe could not be run (then `why` says why)."""

    asked: bool
    worked: bool = False
    refused: bool = False
    output: str = ""
    why: str = ""


def seen(answer: Answer) -> Seen:
    """The answer to a probe, as the adapter of `Exec` gives it: exit code, standard output and error."""
    if not answer.ok:
        return Seen(False, why=answer.problem)
    body = answer.object
    output = f"{body.get('stdout') or ''}{body.get('stderr') or ''}".strip()
    worked = body.get("exitCode") == 0
    return Seen(True, worked, not worked and answer.took < DEADLINE, output)
