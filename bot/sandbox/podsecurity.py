"""The Pod Security Standards, as far as a namespace's label enforces them.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/; texts compared with a 1.34 server.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.jsonish import Object, dig


def violations(level: str, spec: Object) -> list[str]:
    """List what a pod's spec breaks of the level `privileged`, `baseline` or `restricted`, in the server's words."""
    if level == "privileged":
        return []
    broken = _baseline(spec)
    return broken + _restricted(spec) if level == "restricted" else broken


def _containers(spec: Object) -> list[Object]:
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def _named(containers: list[Object]) -> str:
    names = ", ".join(f'"{container.get("name")}"' for container in containers)
    return f"container {names}" if len(containers) == 1 else f"containers {names}"


def _lacking(spec: Object, path: tuple[str, ...], wanted: Any) -> list[Object]:
    return [c for c in _containers(spec) if dig(c, "securityContext", *path) not in wanted]


def _baseline(spec: Object) -> list[str]:
    broken = []
    if shared := [name for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]:
        broken.append(f"host namespaces ({', '.join(f'{name}=true' for name in shared)})")
    if found := [v["name"] for v in spec.get("volumes") or [] if "hostPath" in v]:
        names = ", ".join(f'"{name}"' for name in found)
        broken.append(f"hostPath volumes ({'volume' if len(found) == 1 else 'volumes'} {names})")
    if found := [c for c in _containers(spec) if dig(c, "securityContext", "privileged")]:
        broken.append(f"privileged ({_named(found)} must not set securityContext.privileged=true)")
    return broken


def _restricted(spec: Object) -> list[str]:
    broken = []
    if found := _lacking(spec, ("allowPrivilegeEscalation",), (False,)):
        why = "must set securityContext.allowPrivilegeEscalation=false"
        broken.append(f"allowPrivilegeEscalation != false ({_named(found)} {why})")
    if found := [
        c for c in _containers(spec) if "ALL" not in dig(c, "securityContext", "capabilities", "drop", default=[])
    ]:
        why = 'must set securityContext.capabilities.drop=["ALL"]'
        broken.append(f"unrestricted capabilities ({_named(found)} {why})")
    if not dig(spec, "securityContext", "runAsNonRoot") and (found := _lacking(spec, ("runAsNonRoot",), (True,))):
        broken.append(f"runAsNonRoot != true (pod or {_named(found)} must set securityContext.runAsNonRoot=true)")
    kinds = ("RuntimeDefault", "Localhost")
    if dig(spec, "securityContext", "seccompProfile", "type") not in kinds and (
        found := _lacking(spec, ("seccompProfile", "type"), kinds)
    ):
        why = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        broken.append(f"seccompProfile (pod or {_named(found)} {why})")
    return broken
