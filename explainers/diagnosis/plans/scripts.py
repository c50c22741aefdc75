"""Plans for scripts whose interpreter is missing: other line ends, or another shell."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from explainers import kinds
from explainers.diagnosis.plans.remedies import another_pod, back_step, change_container, first_of, read_spec
from explainers.diagnosis.plans.subpaths import renewed
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.mounted import File, ref_of_file
from explainers.diagnosis.views.pods import text, words
from explainers.diagnosis.views.references import Reference
from explainers.operations.patches import Patch
from explainers.plan import Plan, Step

MOST = 4096
"""Characters of a script that a plan writes anew, at most."""
SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"})
_STARTS = "the container starts"


def for_script(ending: Ending, path: str, file: File, said: str, interpreter: str) -> Plan:
    """Write it without carriage returns; else back, or let the image's own shell run it where it is for a shell."""
    back, look = back_step(ending.case, ending.blame), read_spec(ending.blame)
    if "\r" in said.partition("\n")[0]:
        return first_of(_without_returns(ending, file, said), back, look)
    name = PurePosixPath(interpreter).name
    return first_of(back or (_by_shell(ending, path, name) if name in SHELLS - {"sh"} else ()), (), look)


def _without_returns(ending: Ending, file: File, said: str) -> Sequence[Step]:
    case, ref = ending.case, ref_of_file(ending.case, file)
    (answer,) = configuration(case, [Reference(file.kind, file.name, file.key, False, "")]).values()
    plain = text(answer.object, "data", file.key)
    if plain != said or len(said) > MOST or answer.object.get("immutable") is True:
        return ()
    body, back = ({"data": {file.key: value}} for value in (said.replace("\r\n", "\n").replace("\r", "\n"), said))
    change = Patch(kinds.CONFIG_MAP, ref.namespace, ref.name, body, "merge", back)
    why = f"write `{file.key}` without the carriage returns that end its lines"
    again = renewed(case, ending.blame)
    if again:
        return Step(change, why), *again, *another_pod(case, ending.blame, ending.container)
    return (Step(change, why, "the container starts, a minute or two later"),)


def _by_shell(ending: Ending, path: str, shell: str) -> Sequence[Step]:
    """Start the script as the argument of `sh`."""
    spec = ending.container.spec
    for key in ("command", "args"):
        written = words(spec, key)
        if path in written:
            at = written.index(path)
            said = [*written[:at], "sh", *written[at:]]
        else:
            said = [re.sub(rf"(?<![\w./-]){re.escape(path)}(?![\w./-])", f"sh {path}", one) for one in written]
        if said != written:
            why = f"let `sh` run it, if it needs nothing that only {shell} has; else an image that has {shell}"
            return change_container(ending.case, ending.blame, ending.container, {key: said}, why, _STARTS)
    return ()
