"""Takes credentials out of text and data before they leave: logs, chat, exceptions, captures.

It knows shapes, not meanings, and rather takes too much than too little. Names stay, so that one still sees
which credential it was.
"""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[redacted]"

_WORDS = r"passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?"
_NAME = rf"[\w.-]{{0,60}}(?:{_WORDS})[\w.-]{{0,60}}"
_OF_WEB = r"(?:https?|wss?)://"
_REFERENCE = r"\$\([A-Za-z_][\w.-]*\)"
"""`$(NAME)`, which only the kubelet replaces, names a credential and is none."""
LOGIN = re.compile(
    rf"(?i)\b(?!{_OF_WEB})(?P<scheme>[a-z][a-z0-9+.-]{{0,30}})://(?P<user>[^\s/:@'\"]{{0,200}}):"
    rf"(?!\d{{1,5}}(?:[/?#,\s'\"]|$)|{_REFERENCE}@)"
    r"(?P<password>(?:(?!://|\?[\w.-]{1,60}=)[^\s'\"]){1,500})"
    r"(?=@(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(?P<port>\d{1,5}))?(?:[/?,\s'\"]|$))"
)
"""The login of a URL that is none of the web, up to the last `@`: a password that is not percent-encoded may hold `@`
and `/`, and what stands behind those is no host."""
SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (
        ("PRIVATE KEY",),
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S),
        HIDDEN,
    ),
    (("xox", "xapp-", "xwfp-"), re.compile(r"\bxox[a-z]-[\w-]{4,}|\bxapp-[\w-]{4,}|\bxwfp-[\w-]{4,}"), HIDDEN),
    (("hooks.slack.com",), re.compile(r"https://hooks\.slack\.com/[\w/-]+"), HIDDEN),
    (("/commands/", "/actions/"), re.compile(r"/(commands|actions)/(T\w+)/[\w/-]+"), rf"/\1/\2/{HIDDEN}"),
    (
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA"),
        re.compile(r"\b(gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16})"),
        HIDDEN,
    ),
    (("eyJ",), re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), HIDDEN),
    ((), re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (("://",), LOGIN, rf"\g<scheme>://\g<user>:{HIDDEN}"),
    (("://",), re.compile(rf"(?<=://)([^\s/:@]*):(?!{_REFERENCE}@)[^\s/]+(?=@)"), rf"\1:{HIDDEN}"),
    (
        ("requirepass", "masterauth"),
        re.compile(r"(?m)((?:--|^[ \t]*)(?:requirepass|masterauth)[ \t]+[\"']?)(?!\$)[^\s\"']+"),
        rf"\1{HIDDEN}",
    ),
    (("@tcp(", "@unix("), re.compile(r"(?<=\w):[^\s/:]{1,200}(?=@(?:tcp|unix)\()"), f":{HIDDEN}"),
)
"""One of these stands in each text that has the shape (none is named where letters of either case may), the shape, and
what comes instead."""
_TELLING = re.compile("|".join(["(?i:bearer|basic)", *(re.escape(part) for parts, _, _ in SHAPES for part in parts)]))
"""Most texts have none of all these, and one look for that is ten times faster than one for each shape."""
_VALUES = re.compile(
    rf"(?i)(\"?'?\b{_NAME}\"?'?\s*[=:]\s*)(\"[^\"\n]+\"|'[^'\n]+'|[^\s,;&\"'`]+)",
)
_SECRET_KEY = re.compile(rf"(?i)^({_NAME}|authorization|cookie|response_url)$")
_OPTION = re.compile(rf"(?i)^--?(?:{_NAME}|requirepass|masterauth)$")
_WHERE = re.compile(r"(?i)[_.-](file|path|dir|url|uri|host|port|name|namespace)$")


def redact(text: str) -> str:
    """The text without what looks like a credential, by its shape or by the name before it (`PASSWORD=…`)."""
    return _VALUES.sub(rf"\1{HIDDEN}", redact_shapes(text))


def redact_shapes(text: str) -> str:
    """The text without what has the shape of a credential; `TOKEN_NAME=web` stays, for text that explains."""
    if not _TELLING.search(text):
        return text
    for parts, shape, instead in SHAPES:
        if not parts or any(part in text for part in parts):
            text = shape.sub(instead, text)
    return text


def redact_data(value: Any) -> Any:
    """The same for JSON-like data: values under telling keys go entirely, texts are searched, also those of `repr`."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if _SECRET_KEY.match(str(key)) and item not in (None, "") else redact_data(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_data(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(repr(value))


def redact_value(name: str, value: str) -> str:
    """The value of a variable or key: gone under a telling name, unless the name says where a credential is."""
    telling = _SECRET_KEY.match(name) and not _WHERE.search(name)
    return length_of(value) if telling and value else redact(value)


def is_credential(name: str, value: str) -> bool:
    """Whether the value of a variable or key must not be written out, or has been taken out already."""
    return HIDDEN in value or redact_value(name, value) != value


def redact_words(words: list[Any]) -> list[Any]:
    """The words of a command: also the one after `--password`."""
    hidden: list[Any] = []
    for before, word in zip([None, *words], words, strict=False):
        follows = isinstance(before, str) and _OPTION.match(before) and not _WHERE.search(before)
        if isinstance(word, str) and not (follows and re.fullmatch(_REFERENCE, word)):
            word = length_of(word) if follows and word else redact(word)
        hidden.append(length_of(word) if follows and word and not isinstance(word, str) else word)
    return hidden


def length_of(value: object) -> str:
    """What stands for a value that is not shown: `(12 characters)`."""
    return f"({len(str(value))} characters)"
