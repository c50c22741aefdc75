"""Commands of probes and hooks that only a shell understands: the kubelet runs them without one, and puts in no
variable, neither `$NAME` nor `$(NAME)`.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#LifecycleHandler (ExecAction)
"""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import Container, dicts, text
from explainers.diagnosis.views.unset import by_shell
from explainers.patterns import pattern

_WRITTEN = pattern(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|\((?P<kube>[A-Za-z_]\w*)\)|(?P<bare>[A-Za-z_]\w*))")
_LINE = pattern(r"^\S+\s+\S")
_IN_QUOTES = pattern(r"[\\\"`$]")
"""What a shell reads within double quotes."""


@dataclass(frozen=True)
class Unshelled:
    """A command that lacks its shell: `why` completes "a command that …", `command` is the same with a shell, and
    `variables` are those that it names, as written."""

    why: str
    command: list[str]
    variables: tuple[str, ...] = ()


def unshelled(case: Case, container: Container, command: list[str]) -> Unshelled | None:
    """What is wrong with the command of a probe or hook, where it is a whole line in one word, or names variables of
    the container and starts no shell. Raises Missing until what brings variables is read, where that matters."""
    if by_shell({"command": command}):
        return None
    if len(command) == 1 and _LINE.search(command[0].strip()):
        line = command[0].strip()
        known = _known(case, container, [line])
        for written, name in known.items():
            line = line.replace(written, f"${{{name}}}") if written.startswith("$(") else line
        return Unshelled("is taken for the name of one program, for no shell reads it", ["sh", "-c", line])
    known = _known(case, container, command)
    if not known:
        return None
    named = " and ".join(f"`{written}`" for written in known)
    why = f"no shell reads: the program gets {named} as written, and not the value"
    return Unshelled(why, ["sh", "-c", " ".join(_quoted(word, known) for word in command)], tuple(known))


def _known(case: Case, container: Container, words: Iterable[str]) -> dict[str, str]:
    """The variables of the container that stand in the words: as written, and their names."""
    found = {one[0]: one["braced"] or one["kube"] or one["bare"] for word in words for one in _WRITTEN.finditer(word)}
    if not found:
        return {}
    have = {text(one, "name") for one in dicts(container.spec, "env")}
    if dicts(container.spec, "envFrom") and not have.issuperset(found.values()):
        have.update(environment(case, container.spec))
    return {written: name for written, name in found.items() if name in have}


def _quoted(word: str, known: dict[str, str]) -> str:
    """A word as a shell must read it, so that these variables are put in and nothing else is."""
    parts = re.split("|".join(f"({re.escape(one)}(?!\\w))" for one in known), word)
    if len(parts) == 1:
        return shlex.quote(word)
    inner = (
        f"${{{known[part]}}}" if part in known else _IN_QUOTES.sub(lambda one: f"\\{one[0]}", part)
        for part in parts if part
    )  # fmt: skip
    return f'"{"".join(inner)}"'
