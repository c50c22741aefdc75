"""Probes that ask a web server for a file which a volume gives to the container, and are told that it is not there
(class 65): the server serves another folder than the one in which that is mounted. Used by rules/probes.py."""

from http import HTTPStatus
from pathlib import PurePosixPath

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.probes import right_path
from explainers.diagnosis.plans.remedies import back_step, change_container, read_spec
from explainers.diagnosis.rules.probed_files import Sought
from explainers.diagnosis.views.mounted import files_in, volume_of
from explainers.diagnosis.views.pods import Container, Json, dicts, text, words
from explainers.diagnosis.views.probe_specs import Failed, Probe
from explainers.diagnosis.views.revisions import recent_change
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

_SERVES_ITS_OWN = pattern(r"(?:^|\s)(?:http\.server|SimpleHTTPServer|busybox httpd)(?=\s|$)")
"""Commands that serve the folder in which they are started, where they name no other one."""
_FOLDER = pattern(r"(?:^|\s)(?:-d|-h|--directory|--root)(?:\s|=)\s*\S|(?:^|\s)(?:\.{0,2}/)?cd\s")


def served_elsewhere(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Sought | None:
    """The mounted file that the path of a probe means, where it is told 404; None where no volume has it, or where
    the container works in its folder already."""
    asked = text(probe.action, "path").partition("?")[0].strip("/")
    if fails.status != HTTPStatus.NOT_FOUND or not asked or probe.handler != "httpGet":
        return None
    container, works_in = probe.container, text(probe.container.spec, "workingDir")
    path, volume = _mounted(case, container, asked)
    folder = path[: -len(asked)].rstrip("/") or "/"
    if not path or PurePosixPath(works_in) == PurePosixPath(folder):
        return None
    of = f"in the volume `{text(volume, 'name')}`"
    clause = f"; that file is mounted at `{path}` ({of}), so the server probably serves another folder than `{folder}`"
    clause += f": the container works in `{works_in}` (`workingDir`)" if works_in else ""
    seen = Evidence(f"container {container.name}", f"workingDir {works_in or 'is not set'}; {path} is a mounted file")
    return Sought(clause, (seen,), _plan(case, ref, probe, fails, folder))


def _mounted(case: Case, container: Container, asked: str) -> tuple[str, Json]:
    """The whole path of a mounted file that ends in what is asked for, and its volume."""
    for mount in dicts(container.spec, "volumeMounts"):
        volume, at = volume_of(container, mount), text(mount, "mountPath").rstrip("/")
        part = text(mount, "subPath").strip("/")
        if mount.get("subPathExpr"):
            continue
        for inside in files_in(case, volume) or {}:
            within = inside.removeprefix(part).lstrip("/") if part else inside
            path = f"{at}/{within}".rstrip("/")
            if f"{inside}/".startswith(f"{part}/" if part else "") and path.endswith(f"/{asked}"):
                return path, volume
    return "", {}


def _plan(case: Case, ref: Ref, probe: Probe, fails: Failed, folder: str) -> Plan:
    """Back where the last change moved it, else work in that folder where the command serves what it works in. To ask
    for less is the last thing to do: what is asked for is what others want, too."""
    container, change = probe.container, recent_change(case)
    was = change.container_before(container.name) if change else {}
    moved = bool(was) and text(was, "workingDir") != text(container.spec, "workingDir")
    back = back_step(case, ref) if moved else ()
    command = " ".join([*words(container.spec, "command"), *words(container.spec, "args")])
    here = _SERVES_ITS_OWN.search(command) and not _FOLDER.search(command)
    why = f"let `{container.name}` work in `{folder}`, where the file is"
    fields = {"workingDir": folder}
    steps = change_container(case, ref, container, fields, why, "the probe passes") if here or moved else ()
    less = [one for one in right_path(case, ref, probe, fails).steps if one.changes]
    first = back or steps or (read_spec(ref),)
    return Plan(first, tuple(one for one in (*steps, *less) if one not in first))
