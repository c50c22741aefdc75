"""What a program says of the settings that it reads: that they are no valid text, what it takes for no value, and which
key it misses."""

import re

from explainers.diagnosis.logs.variables import says_unusable
from explainers.patterns import pattern

_PARSES = pattern(
    r"\bpars(?:e|es|ing|er)\b|Pars(?:e|er|ing)(?:Error|Exception)|JSON|\bTOML|\bya?ml\b|Decode(?:r|Error)"
    r"|\bdecod(?:e|ing)\b|\bunmarshal|\bunexpected (?:token|character|end|EOF|non-whitespace)|\bExpecting\b"
    r"|\bmapping values are not|\bsyntax error\b|\binvalid character\b|\bMissingSectionHeader",
    re.IGNORECASE,
)
_LINE = pattern(r"\bline:? (\d{1,5})\b|\(line (\d{1,5})|\bat (\d{1,5}):\d{1,5}\b", re.IGNORECASE)
_QUOTED = pattern(r"\"([^\"'`]{2,80})\"|(?<!\w)'([^\"'`]{2,80})'|`([^\"'`]{2,80})`")
_KEY = r"[\"'`‘]?(?P<key>[A-Za-z_][\w.-]*)[\"'`’]?"
_QUOTED_KEY = r"[\"'`‘](?P<key>[A-Za-z_][\w.-]*)[\"'`’]"
_KIND = r"(?:key|field|option|setting|property|parameter|attribute|directive|config(?:uration)?(?: (?:key|value))?)"
_LACKING = tuple(
    pattern(form, re.IGNORECASE)
    for form in (
        rf"^(?:[\w.]+\.)?KeyError: {_QUOTED_KEY}$",
        r"\bkey not found: [:\"']*(?P<key>[A-Za-z_][\w.-]*)",
        rf"\bNo option {_QUOTED_KEY} in section",
        rf"\b(?:missing|lacks|required|no)(?: (?:a|the))?(?: (?:required|mandatory))? {_KIND}:? {_QUOTED_KEY}",
        rf"\b{_KIND}:? {_QUOTED_KEY}:? (?:is |was )?(?:missing|required|not (?:found|set|defined|present|configured))",
        rf"\bmissing (?:field|key|property) {_KEY}",
        rf"{_QUOTED_KEY} is a required property",
        rf"\bUndefined (?:array key|index):? {_QUOTED_KEY}",
    )
)
_NO_NAME = pattern(
    r"\bgaierror\b|\bName or service not known\b|\bName does not resolve\b|\bnodename nor servname\b|\bENOTFOUND\b"
    r"|\bno such host\b|\bUnknownHostException\b|\bcould not (?:resolve|translate) host|\bTemporary failure in name res"
    r"|\bNo address associated with hostname\b|\bgetaddrinfo\b",
    re.IGNORECASE,
)


def speaks_of_syntax(line: str) -> bool:
    """Whether a line says that a text could not be parsed."""
    return _PARSES.search(line) is not None


def line_told(line: str) -> int:
    """The line of a text that a line of a log names; 0 where it names none."""
    found = _LINE.search(line)
    return int(next(one for one in found.groups() if one)) if found else 0


def refused_values(line: str) -> list[str]:
    """What a line quotes as a value that cannot be used."""
    if not says_unusable(line):
        return []
    return [next(one for one in parts if one) for parts in _QUOTED.findall(line)]


def missed_key(line: str) -> str:
    """The key that a line says is missing; empty where it says no such thing."""
    found = (each for one in _LACKING if (each := one.search(line)))
    return next((each["key"] for each in found), "")


def finds_no_host(line: str) -> bool:
    """Whether a line says that a host name could not be resolved."""
    return _NO_NAME.search(line) is not None
