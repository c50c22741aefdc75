"""What looks like a credential, taken out of build output before anybody reads it.

Build output is the place where logins in addresses, `--build-arg` values and echoed variables turn up.
"""

import re

from explainers.patterns import pattern

HIDDEN = "***"
_NAME = r"[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signature|sig)"
_RULES = (
    (pattern(r"(?<=://)(?!git@)[^\s/@'\"]*(?=@)"), HIDDEN),
    (
        pattern(
            r"\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|xox[a-z]-[\w-]{8,}"
            r"|npm_\w{20,}|pypi-[\w-]{20,}|dckr_pat_[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
        ),
        HIDDEN,
    ),
    (pattern(r"(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (pattern(rf"(\b{_NAME}[\"']?\s*=\s*)(?:\"[^\"]+\"|'[^']+'|[^\s,;&\"'`]+)", re.IGNORECASE), rf"\1{HIDDEN}"),
    (
        pattern(rf"(\b{_NAME}[\"']?:\s*)(?:\"[^\"]+\"|'[^']+'|(?=\S*\d)[^\s,;&\"'`]{{6,}})", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
    (pattern(rf"(--{_NAME}\s+)(?!-)\S+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (pattern(r"(\bcurl\b[^|&;]*?\s(?:-u|--user)[ =]?)\S+"), rf"\1{HIDDEN}"),
)
_KEY = pattern(r"-----(?:BEGIN|END) [A-Z ]*PRIVATE KEY-----")
_KEY_LINE = pattern(r"^[A-Za-z0-9+/=]{40,76}$")


def masked(text: str) -> str:
    """The line without what has the shape of a credential; names stay. The same again changes nothing."""
    if _KEY.search(text) or _KEY_LINE.match(text.strip()):
        return HIDDEN
    for rule, instead in _RULES:
        text = rule.sub(instead, text)
    return text
