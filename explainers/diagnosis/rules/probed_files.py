"""Probes whose command looks for a file that cannot come to be there (class 66, 72): the container writes another one,
or has its volume elsewhere. Used by rules/probes.py."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from explainers.diagnosis.case import Case
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.probes import other_action
from explainers.diagnosis.plans.remedies import change_container
from explainers.diagnosis.views.mounted import mount_at, volume_of
from explainers.diagnosis.views.pods import Container, Json, dicts, text, words
from explainers.diagnosis.views.probe_specs import Probe
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

_ASKED = pattern(r"(?:(?:\btest|\[)\s+-[a-z]|\b(?:cat|ls|stat))\s+[\"']?(/[\w.@+/-]*[\w@+-])")
_PATH = pattern(r"(?<![\w.:/-])(/[\w.@+/-]*[\w@+-])")
_LIKE = 0.8


@dataclass(frozen=True)
class Sought:
    """Why the file that a probe looks for is not there: how a clause goes on, what shows it, and the repair."""

    clause: str
    evidence: tuple[Evidence, ...]
    plan: Plan


def sought(case: Case, ref: Ref, probe: Probe) -> Sought | None:
    """What the specs tell of the file that the probe's command looks for; None where they tell nothing."""
    asked = _ASKED.search(" ".join(words(probe.action, "command"))) if probe.handler == "exec" else None
    if asked is None:
        return None
    path, said = asked[1], [*words(probe.container.spec, "command"), *words(probe.container.spec, "args")]
    own = [one for word in said for one in _PATH.findall(word)]
    if path not in own and (near := _near(path, own)):
        return _otherwise_named(case, ref, probe, path, near)
    return None if mount_at(probe.container, path)[0] else _mounted_elsewhere(case, ref, probe, path)


def _near(path: str, own: list[str]) -> str:
    """The file of the same folder that is nearly named so, or the one of that name in a folder nearly named so."""
    asked = PurePosixPath(path)
    beside = {PurePosixPath(one).name: one for one in own if PurePosixPath(one).parent == asked.parent}
    named = {str(PurePosixPath(one).parent): one for one in own if PurePosixPath(one).name == asked.name}
    return beside.get(nearest_one(asked.name, beside, _LIKE), "") or named.get(
        nearest_one(str(asked.parent), named, _LIKE), ""
    )


def _otherwise_named(case: Case, ref: Ref, probe: Probe, path: str, near: str) -> Sought:
    command = [word.replace(path, near) for word in words(probe.action, "command")]
    plan = other_action(case, ref, probe, {"exec": {"command": command}}, f"look for `{near}` instead of `{path}`")
    seen = Evidence(f"container {probe.container.name}", f"its command names {near}, and its probe {path}")
    return Sought(f"; the command of the container names `{near}`", (seen,), plan)


def _mounted_elsewhere(case: Case, ref: Ref, probe: Probe, path: str) -> Sought | None:
    """The volume that is meant is mounted at a folder nearly named so, or where another container has it there."""
    container, folder = probe.container, str(PurePosixPath(path).parent)
    mounts = {text(one, "mountPath").rstrip("/"): one for one in dicts(container.spec, "volumeMounts")}
    right, mount = _meant(container, path, mounts) or (folder, mounts.get(nearest_one(folder, mounts, _LIKE), {}))
    name, at = text(mount, "name"), text(mount, "mountPath")
    if not name or folder == "/":
        return None
    said = f"; the volume `{name}` is mounted at `{at}` in it, and nothing at `{right}`"
    seen = Evidence(f"container {container.name}", f"volumeMounts: {name} at {at}")
    moved: Json = {"volumeMounts": [{"mountPath": at, "$patch": "delete"}, {**mount, "mountPath": right}]}
    back: Json = {"volumeMounts": [{"mountPath": right, "$patch": "delete"}, mount]}
    why = f"mount the volume `{name}` at `{right}`, where the probe looks"
    steps = change_container(case, ref, container, moved, why, "the probe passes", back=back)
    return Sought(said, (seen,), Plan(steps)) if steps else None


def _meant(container: Container, path: str, mounts: dict[str, Json]) -> tuple[str, Json] | None:
    """Where another container of the pod has a volume that covers the path, and the mount of the same volume here."""
    for other in container.pod.containers:
        mount, _ = mount_at(other, path)
        name = text(volume_of(other, mount), "name") if mount else ""
        here = next((one for one in mounts.values() if name and text(one, "name") == name), None)
        if here and not here.get("subPath") and other.name != container.name:
            return text(mount, "mountPath").rstrip("/"), here
    return None
