"""Run a command in a container."""

from dataclasses import dataclass

from explainers.kinds import POD
from explainers.operations.base import Look, Permission, Request, kubectl


@dataclass(frozen=True)
class Exec(Look):
    """Run a command in a container and wait for it; the answer's body has `stdout`, `stderr` and `exitCode`.

    The operation looks: whoever composes it answers for a command that only reads.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (connect, exec)
    """

    namespace: str
    pod: str
    command: tuple[str, ...]
    container: str = ""

    def request(self) -> Request:
        query = [("command", word) for word in self.command]
        query += [("container", self.container)] if self.container else []
        query += [("stdout", "true"), ("stderr", "true")]
        return Request("GET", POD.path(self.namespace, self.pod, "exec"), tuple(query), accept="*/*", stream="exec")

    def kubectl(self) -> list[str]:
        container = ["-c", self.container] if self.container else []
        return kubectl(self.namespace, "exec", self.pod, *container, "--", *self.command)

    def python(self) -> str:
        container = f", container={self.container!r}" if self.container else ""
        return (
            "from kubernetes.stream import stream\n"
            f"stream(client.CoreV1Api().connect_get_namespaced_pod_exec, {self.pod!r}, {self.namespace!r},\n"
            f"       command={list(self.command)!r}{container}, stdout=True, stderr=True)"
        )

    def permission(self) -> Permission:
        """A WebSocket opens with a GET, so `get` is asked; Kubernetes 1.35 asks for `create` as well."""
        return Permission("get", "pods/exec", self.namespace, self.pod)
