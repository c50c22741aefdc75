"""Split what a person typed into words, a namespace and flags; say the right form when it does not fit."""

import shlex
from dataclasses import dataclass, replace

from commands.base.errors import UsageError
from explainers.kinds import kind_named

LONGEST = 1000
NAMES = {"--from": "namespace", "--as": "workload", "--container": "container"}
"""The options whose value is a name in Kubernetes, and of what."""


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
        raise UsageError(f"Which one? I read `{said}`." if said else "What should I look at?", form)
    word = arguments.words[0]
    kind, slash, name = word.partition("/")
    if not (name if slash else kind):
        raise UsageError(f"`{_printable(word)}` names nothing.", form)
    _name(name if slash else kind, "name", form)
    return word


def _split(text: str, form: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError("A quotation mark is not closed.", form) from error


def _name(word: str, what: str, form: str) -> str:
    """A Kubernetes name: lower-case letters, digits, dashes and dots, at most 253 (RFC 1123); or nothing at all."""
    known = all(c.isascii() and (c.islower() or c.isdigit() or c in "-.:") for c in word)
    if not known or len(word) > 253 or word.startswith(("-", ".")) or word.endswith(("-", ".")):
        wrong = f"`{_printable(word)}` cannot be the {what} of anything in Kubernetes: small letters, digits, `-`."
        raise UsageError(wrong, form)
    return word


def _printable(word: str) -> str:
    """What a person typed, safe to repeat to them: no control characters, no back-ticks, not long."""
    return "".join(c for c in word if c.isprintable() and c != "`")[:60]
