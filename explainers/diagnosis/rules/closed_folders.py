"""Mounted files that everyone may read, in a folder of the image that is closed (class 68); used by rules/files.py.

The kubelet gives the files of a ConfigMap or Secret to root with mode 0644, where nothing else is said; a folder of the
image above the mount keeps its own owner and mode, and who may not pass it reads nothing beneath.
"""

from pathlib import PurePosixPath

from explainers.diagnosis.logs.lines import Telling
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import owners, remedies
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Json, dicts, table, text, words
from explainers.document import Evidence
from explainers.plan import Plan, Step
from explainers.redaction import redact

_USUAL = 0o644
_BY_ALL = 0o004
_ELSEWHERE = "/mnt"
"""A folder that an image has, and that is open."""


def kept_out(ending: Ending, told: Telling, path: str, mount: Json, volume: Json, user: str) -> Finding | None:
    """68: a user may not read a mounted file whose own mode lets everybody; None where the mode does not."""
    kind = next((one for one in owners.READ_ONLY if table(volume, one)), "")
    mode = _mode(table(volume, kind), mount, path) if kind else 0
    folder = str(PurePosixPath(text(mount, "mountPath")).parent)
    if not kind or not mode & _BY_ALL or folder == "/" or user in ("", "0"):
        return None
    name = ending.container.name
    clause = (
        f"container `{name}` may not read `{path}`: the file itself may be read by everyone (volume "
        f"`{text(volume, 'name')}`, mode {mode:04o}), so most likely the image's own folder `{folder}` is closed to "
        f"user {user}, as whom it runs"
    )
    seen = Evidence(f"container {name}", f"volumeMounts: {text(mount, 'mountPath')} of volume {text(mount, 'name')}")
    rows = (*ending.evidence, *ending.saying(told.line), seen)
    return Finding(68, ending.blame, Layer.CONTAINER, clause, rows, _moved(ending, mount, folder), Confidence.LIKELY)


def _mode(source: Json, mount: Json, path: str) -> int:
    """The mode of the file, of its own or the volume's."""
    inside = path.removeprefix(text(mount, "mountPath").rstrip("/")).lstrip("/") or text(mount, "subPath")
    items = [*dicts(source, "items")]
    for part in dicts(source, "sources"):
        items += [item for one in part.values() if isinstance(one, dict) for item in dicts(one, "items")]
    own = next((one.get("mode") for one in items if text(one, "path") == inside), None)
    found = own if isinstance(own, int) else source.get("defaultMode", _USUAL)
    return found if isinstance(found, int) else _USUAL


def _moved(ending: Ending, mount: Json, folder: str) -> Plan:
    """Mount it where the image closes nothing, and let the command name it there; else that is for its owner to do."""
    container, at = ending.container, text(mount, "mountPath").rstrip("/")
    to = f"{_ELSEWHERE}/{text(mount, 'name')}/{PurePosixPath(at).name}"
    fields: Json = {
        key: [word.replace(at, to) for word in words(container.spec, key)]
        for key in ("command", "args") if any(at in word for word in words(container.spec, key))
    }  # fmt: skip
    why = f"mount it at `{to}`, outside of `{folder}`, and let the command name it there"
    if not fields or any(redact(word) != word for said in fields.values() for word in said):
        look = remedies.read_spec(ending.blame)
        why = f"mount the file outside of `{folder}`, and tell the program where; or run it as the image's own user"
        return Plan((*remedies.back_step(ending.case, ending.blame), Step(look.operation, why)))
    back: Json = {key: words(container.spec, key) for key in fields}
    back["volumeMounts"] = [{"mountPath": to, "$patch": "delete"}, mount]
    fields["volumeMounts"] = [{"mountPath": at, "$patch": "delete"}, {**mount, "mountPath": to}]
    steps = remedies.change_container(
        ending.case, ending.blame, container, fields, why, "the container stays up", back=back
    )
    return remedies.first_of(steps, remedies.back_step(ending.case, ending.blame), remedies.read_spec(ending.blame))
