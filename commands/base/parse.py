"""Split what a person typed into words, a namespace and flags; say the right form when it does not fit."""

import re
import shlex
from dataclasses import dataclass, replace

from commands.base.errors import UsageError
from explainers.kinds import kind_named

LONGEST, LONGEST_NAME, SHOWN = 1000, 253, 60
NAMES = {"--from": "namespace", "--as": "workload", "--container": "container"}
"""The options whose value is a name in Kubernetes, and of what."""
_NAME = re.compile(r"[a-z0-9:]([a-z0-9.:-]*[a-z0-9:])?")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")
_AROUND = re.compile(r"^[^a-z0-9]+|[^a-z0-9]+$")


@dataclass(frozen=True)
class Arguments:
    words: tuple[str, ...]
    namespace: str = ""
    options: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()

    def option(self, name: str) -> str:
        """The value of `--name VALUE`; empty when it was not given."""
        return dict(self.options).get(name, "")


def parse(text: str, form: str, options: tuple[str, ...] = (), flags: tuple[str, ...] = ()) -> Arguments:
    """The arguments of a command. `options` are the names that take a value, e.g. `--from`; `-n` always does. `flags`
    are those that take none.

    `form` is the right form, for the error. Raises UsageError.
    """
    if len(text) > LONGEST:
        raise UsageError(f"That is {len(text)} characters; a command has at most {LONGEST}.", form)
    words: list[str] = []
    found: dict[str, str] = {}
    said: list[str] = []
    rest = iter(_split(text, form))
    for word in rest:
        name, equals, value = word.partition("=")
        if name in ("-n", "--namespace", *options):
            value = value if equals else next(rest, "")
            if not value:
                raise UsageError(f"`{name}` needs a value.", form)
            found["--namespace" if name == "-n" else name] = value
        elif word in flags:
            said.append(word)
        elif word.startswith("-"):
            raise UsageError(f"I know no `{_printable(word)}` here.", form)
        else:
            words.append(word)
    namespace = _name(found.pop("--namespace", ""), "namespace", form)
    for name, value in found.items():
        if name in NAMES:
            _name(value.partition("/")[2] if name == "--as" and "/" in value else value, NAMES[name], form)
    return Arguments(tuple(words), namespace, tuple(found.items()), tuple(said))


def one_target(arguments: Arguments, form: str) -> str:
    """The single word of a command about one thing, also when it was typed as kubectl takes it, `deploy web`;
    raises UsageError when there are none or several."""
    match arguments.words:
        case (kind_word, name) if kind_named(kind_word) and "/" not in name:
            arguments = replace(arguments, words=(f"{kind_word}/{name}",))
    if len(arguments.words) != 1:
        said = _printable(" ".join(arguments.words))
        raise UsageError(f"One target at a time: I read `{said}`." if said else "What should I look at?", form)
    word = arguments.words[0]
    kind, slash, name = word.partition("/")
    if not (name if slash else kind):
        raise UsageError(f"`{_printable(word)}` names nothing.", form)
    if slash and not _KIND.fullmatch(kind):
        raise UsageError(f"`{_printable(word)}` is no KIND/NAME.{_meant(word)}", form)
    _name(name if slash else kind, "name", form, f"{kind.lower()}/" if slash else "")
    return word


def _split(text: str, form: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError("A quotation mark is not closed.", form) from error


def _name(word: str, what: str, form: str, kind: str = "") -> str:
    """A Kubernetes name: lower-case letters, digits, dashes and dots, at most 253 (RFC 1123); or nothing at all.
    `kind` is what stood before it."""
    if len(word) > LONGEST_NAME:
        wrong = f"`{_printable(word)}` has {len(word)} characters; a {what} in Kubernetes has at most {LONGEST_NAME}."
        raise UsageError(wrong, form)
    if word and not _NAME.fullmatch(word):
        wrong = f"`{_printable(word)}` cannot be the {what} of anything in Kubernetes"
        raise UsageError(f"{wrong}: small letters, digits, dashes and dots.{_meant(word, kind)}", form)
    return word


def _meant(word: str, kind: str = "") -> str:
    """The question whether the name was meant that is left without what no name can hold; or nothing."""
    name = _AROUND.sub("", word.lower().replace("_", "-"))
    return f" Did you mean `{kind}{name}`?" if _NAME.fullmatch(name) else ""


def _printable(word: str) -> str:
    """What a person typed, safe to repeat to them: no control characters, other quotes for back-ticks, not long."""
    said = "".join("'" if c == "`" else c for c in word if c.isprintable())
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"
