"""Files that a program is started with, in another folder than it looks (class 56); used by rules/programs.py.

A word of a command without a slash is looked for in the working folder, and a volume may have it in another one.
"""

from pathlib import PurePosixPath

from explainers.diagnosis.logs.start_errors import Unstartable, Why
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.made_again import UNCHANGEABLE, made_again
from explainers.diagnosis.plans.remedies import change_container, first_of, read_spec
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.mounted import files_in, sources, volume_of
from explainers.diagnosis.views.pods import dicts, text, words
from explainers.document import Evidence
from explainers.plan import Plan, Step

MOST_VOLUMES = 3
"""Volumes that are looked into, at most."""


def in_other_folder(ending: Ending, found: Unstartable, seen: Evidence) -> Finding | None:
    """56: the command names a file of the working folder, and the only one of this name that a volume gives is in
    another folder."""
    spec, path = ending.container.spec, PurePosixPath(found.word)
    said = [*words(spec, "command"), *words(spec, "args")]
    by_path = said[:1] if said and "/" not in said[0] else []  # looked for in the folders of the variable `PATH`
    named = (path.name, f"./{path.name}")
    relative = next((one for one in said[len(by_path) :] if one in named), "")
    if found.why is not Why.MISSING or not relative or not path.suffix:
        return None
    places = _folders(ending, path.name)
    if len(places) != 1:
        return None
    (folder, volume), now = places[0], text(spec, "workingDir")
    if str(path.parent) == folder or (now and path.is_absolute() and str(path.parent) != now.rstrip("/")):
        return None
    where = f"the working folder is `{now}`" if now else "the image's own working folder is another"
    clause = (
        f"container `{ending.container.name}` is started with the file `{relative}`, which is not in its working "
        f"folder: the volume `{volume}` has it at `{folder}/{path.name}`, and {where}"
    )
    held = Evidence(str(ending.blame), f"volume {volume} has {path.name} at {folder}")
    rows = (*ending.evidence, seen, held)
    return Finding(
        56, ending.blame, Layer.CONTAINER, clause, rows, _there(ending, folder), Confidence.LIKELY, ending.since
    )  # fmt: skip


def _folders(ending: Ending, name: str) -> list[tuple[str, str]]:
    """The folders in which volumes give a file of this name, each with its volume. Raises Missing until these are
    read; ConfigMaps whole, of Secrets only the metadata."""
    found = []
    mounts = [one for one in dicts(ending.container.spec, "volumeMounts") if not text(one, "subPathExpr")]
    filled = [one for one in mounts if sources(volume_of(ending.container, one))]
    for mount in filled[:MOST_VOLUMES]:
        at, within = PurePosixPath(text(mount, "mountPath")), text(mount, "subPath").strip("/")
        for path in files_in(ending.case, volume_of(ending.container, mount)) or ():
            if within and path != within:
                continue
            whole = at if within else at / path
            if whole.name == name:
                found.append((str(whole.parent), text(mount, "name")))
    return found


def _there(ending: Ending, folder: str) -> Plan:
    """Start the program in the folder where the file is."""
    why, expect = f"start it in `{folder}`, where the file is", "the container starts"
    fields = {"workingDir": folder}
    steps: tuple[Step, ...] = change_container(
        ending.case, ending.blame, ending.container, fields, why, expect
    )  # fmt: skip
    side = "initContainers" if ending.container.init else "containers"
    held = {side: [{"name": ending.container.name, **fields}]}
    again = steps or made_again(ending.case, held, f"{why}; {UNCHANGEABLE}", "it completes")
    return first_of(again, (), read_spec(ending.blame))
