"""How programs say that an environment variable is missing or that they cannot use its value."""

import re

from explainers.patterns import pattern

_NAME = r"(?P<name>[A-Za-z_][A-Za-z0-9_]{2,})"
_QUOTE = "\\\\?[\"'`‘’]?"
_UPPER = r"(?P<name>[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])"
_LACKS = (
    r"(?:is|was|are|were)? ?(?:not (?:set|defined|specified|provided|given|found|configured|present)|missing|required"
    r"|undefined|unset|empty|mandatory|null|must be)"
)

_COMMAND = r"(?i:.*(?:not found|no such file|permission denied|cannot|is a directory|syntax error))"
_MISSING = tuple(
    pattern(form)
    for form in (
        rf"KeyError: '{_UPPER}'",
        r"KeyError: '(?P<name>[A-Z][A-Z0-9]{2,})'",
        rf"{_QUOTE}{_NAME}{_QUOTE} (?i:environment variable|env(?:ironment)? ?var(?:iable)?) {_LACKS}",
        rf"(?i:env(?:ironment)? ?var(?:iable)?s? (?:(?:is|are|was|were) )?(?:not found|not set|missing|undefined))"
        rf"\W{{1,3}}(?:name=)?{_QUOTE}{_NAME}",
        rf"(?i:missing (?:required )?env(?:ironment)? ?var(?:iable)?)\W{{1,3}}(?:name|key|var)={_QUOTE}{_NAME}",
        rf"(?:Umgebungsvariable|variable d['’]environnement|variable de entorno|variável de ambiente"
        rf"|variabile d'ambiente|[Пп]еременная окружения|环境变量|環境変数)\W{{0,3}}{_NAME}",
        rf"^\S*(?:sh|entrypoint)(?:\[\d+\])?: (?:\d+: |line \d+: )?{_UPPER}: (?!{_COMMAND})",
        rf"\b{_NAME}: (?:unbound variable|parameter (?:null or )?not set)",
        rf"(?i:env(?:ironment)?[ -]?var(?:iable)?s?|env)\W{{1,3}}(?i:named? )?{_QUOTE}{_NAME}{_QUOTE},? ?\W?{_LACKS}",
        rf"(?i:missing|required|undefined|unset|no|set the|set|define|provide|specify|need)(?i: the)?(?i: required)? "
        rf"(?i:env(?:ironment)?(?: ?var(?:iable)?s?)?)(?i: named)?[: ]+{_QUOTE}{_NAME}",
        r"key not found: \"(?P<name>[A-Z][A-Z0-9_]{2,})\"",
        rf"\b{_NAME}: getEnv: does not exist",
        rf"Undefined (?:array key|index):? {_QUOTE}{_UPPER}",
        rf"(?i:environment variable) {_QUOTE}{_NAME}{_QUOTE} because it is not set",
        rf"{_UPPER}{_QUOTE}: \[(?:redacted\])? ?[\"']Required[\"']",
        rf"(?i:required key) {_NAME} (?i:missing value)",
        rf"(?i:could not resolve placeholder) '{_NAME}'",
        rf"{_UPPER}{_QUOTE} {_LACKS}",
        rf"(?i:missing|must specify|must set|need to (?:set|specify)|please (?:set|provide|specify)|specify|required?|"
        rf"provide|set|no value for)(?i: the| a| either| one of)?:? {_QUOTE}{_UPPER}",
        rf"(?i:set the) {_NAME} (?i:environment variable)",
    )
)
_KNOWN = (
    (pattern(r"superuser password is not specified"), "POSTGRES_PASSWORD"),
    (
        pattern(r"database is uninitialized and password option is not specified", re.IGNORECASE),
        "MYSQL_ROOT_PASSWORD",
    ),
    (pattern(r"No application encryption key has been specified"), "APP_KEY"),
    (pattern(r"Missing `secret_key_base` for '\w+' environment"), "SECRET_KEY_BASE"),
)
_UNUSABLE = pattern(
    r"\b(?:invalid|illegal|malformed|unsupported|unrecogni[sz]ed|unknown|bad|wrong|parse|parsing|not a valid"
    r"|not a number|NaN|must be|expected|out of range|could not convert|cannot convert"
    r"|NumberFormatException|ParseInt|ParseFloat"
    r"|atoi|ValueError|not one of|not in)\b",
    re.IGNORECASE,
)
_QUOTED = pattern(r"(?<!\w)[\"'`‘“]([^\"'`’”]+)[\"'`’”]")
_WORDS = frozenset(
    {"variable", "variables", "the", "for", "and", "not", "set", "value", "named", "file", "line", "are", "was", "were"}
)
_PROPERTY = pattern(
    r"[Cc]ould not resolve placeholder '(?P<spring>[a-z][\w-]*(?:\.[\w-]+)+)'"
    r"|config property (?P<microprofile>[a-z][\w-]*(?:\.[\w-]+)+) is required"
)


def missing_name(line: str) -> str:
    """The variable that a line says is missing, or an empty string."""
    for known, name in _KNOWN:
        if known.search(line):
            return name
    for missing in _MISSING:
        for match in missing.finditer(line):
            if match["name"].lower() not in _WORDS:
                return match["name"]
    return _of_property(line)


def _of_property(line: str) -> str:
    """The variable that sets a missing property: `STRIPE_APIKEY` for Spring's `stripe.api-key`.

    Source: https://docs.spring.io/spring-boot/reference/features/external-config.html (binding from environment
    variables) and https://microprofile.io/specifications/config/ (environment variables mapping rules)
    """
    found = _PROPERTY.search(line)
    if found is None:
        return ""
    name = found["microprofile"].replace("-", "_") if found["microprofile"] else found["spring"].replace("-", "")
    return str(name.replace(".", "_").upper())


_FIELD = pattern(r"^(\w+)\n\s+[Ff]ield required\b", re.MULTILINE)
_SETTINGS = pattern(r"pydantic_settings|validation errors? for \w*(?:Settings|Config|Env)\b", re.IGNORECASE)


def missing_setting(log: str) -> str:
    """The variable of a required field that pydantic's settings miss, in capitals; an empty string if there is none.

    Source: https://docs.pydantic.dev/latest/concepts/pydantic_settings/
    """
    found = _FIELD.search(log) if _SETTINGS.search(log) else None
    return found[1].upper() if found else ""


def says_unusable(line: str) -> bool:
    """Whether a line complains about the form of a value."""
    return _UNUSABLE.search(line) is not None


def mentions(line: str, value: str) -> bool:
    """Whether a line quotes exactly this value."""
    if not value or len(value) > 200:
        return False
    quoted = any(f"{quote}{value}{quote}" in line for quote in "\"'`") or f"‘{value}’" in line
    return quoted or (len(value) > 3 and line.rstrip(". ").endswith((f": {value}", f"= {value}", f"={value}")))


def quotes_alike(line: str, value: str) -> bool:
    """Whether the first text that a line quotes is this value in other letters, as a program that does not care for
    capitals tells it: `Unknown level: 'VERBOSE'` of `verbose`."""
    found = _QUOTED.search(line)
    return found is not None and found[1] != value and found[1].casefold() == value.casefold()
