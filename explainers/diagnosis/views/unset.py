"""References `$(NAME)` in a container's command, arguments and variables to what is not set: the program gets them as
they are written.

Source: https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from explainers.diagnosis.case import Case
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import Json, dicts, text, words
from explainers.patterns import pattern

LIKE = 0.75
_REFERENCE = pattern(r"(?<!\$)(?:\$\$)*\$\(([A-Z_][A-Z0-9_]*)\)")
_LINK = pattern(r"_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)")
"""Variables that Kubernetes sets for Services."""
_SHELLS = ("sh", "bash", "ash", "dash", "zsh", "ksh")
_SCRIPT = pattern(r"-[a-z]*c")


@dataclass(frozen=True)
class Unset:
    """A reference to `name`, in the `variable` or, without one, in the command or the arguments; `near` is the variable
    that is probably meant, if one is."""

    name: str
    near: str
    variable: str = ""

    @property
    def written(self) -> str:
        return f"$({self.name})"

    @property
    def clause(self) -> str:
        """What completes "container `app` …"."""
        where = f"its variable `{self.variable}`" if self.variable else "its command"
        near = f"; nearest: `{self.near}`" if self.near else ""
        return f"has `{self.written}` in {where} as written: no variable `{self.name}` is set{near}"


def unset(case: Case, container: Json) -> list[Unset]:
    """Every such reference. Raises Missing until what brings it variables is read, where there is one."""
    own = {text(one, "name") for one in dicts(container, "env")}
    found = [
        (name, variable) for name, variable in _references(container) if name not in own and not _LINK.search(name)
    ]
    have = environment(case, container) if found else {}
    return [
        Unset(name, nearest_one(name, [one for one in have if one != variable], LIKE), variable)
        for name, variable in dict.fromkeys(found)
        if name not in have
    ]


def _references(container: Json) -> Iterator[tuple[str, str]]:
    """The names that are referred to, each with the variable that does."""
    for word in () if by_shell(container) else (*words(container, "command"), *words(container, "args")):
        yield from ((name, "") for name in _REFERENCE.findall(word))
    for entry in dicts(container, "env"):
        yield from ((name, text(entry, "name")) for name in _REFERENCE.findall(text(entry, "value")))


def by_shell(container: Json) -> bool:
    """Whether a shell is started that reads the command, or may be: the image says of which program these are the
    arguments."""
    command, args = words(container, "command"), words(container, "args")
    every = [*command, *args]
    shells = [at for at, word in enumerate(every) if PurePosixPath(word).name in _SHELLS]
    unknown = not command and any(_SCRIPT.fullmatch(word) for word in args[:1])
    return unknown or (any(_SCRIPT.fullmatch(word) for word in every[shells[0] + 1 :]) if shells else False)
