"""Passwords of both sides of a login, as far as the specs tell where they come from. None is ever told: two that can be
read are compared, and that is all."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from urllib.parse import unquote

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.addresses import Address
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, dig, table, text
from explainers.diagnosis.views.revisions import history
from explainers.diagnosis.when import moment
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.redaction import HIDDEN

_LOGIN = pattern(r"://(?P<user>[^\s/:@'\"]*):(?P<password>[^\s'\"]+)@")
_WHOLE = pattern(r"\$\(([A-Za-z_][\w.-]*)\)")
_SHOWN_AS_LENGTH = pattern(r"\(\d+ characters\)")
_OPTIONS = ("--requirepass",)
_INIT = "docker-entrypoint-initdb"
_USERS = {
    "POSTGRES_PASSWORD": ("POSTGRES_USER", "postgres"), "POSTGRESQL_PASSWORD": ("POSTGRESQL_USERNAME", "postgres"),
    "MYSQL_PASSWORD": ("MYSQL_USER", ""), "MARIADB_PASSWORD": ("MARIADB_USER", ""),
    "MONGO_INITDB_ROOT_PASSWORD": ("MONGO_INITDB_ROOT_USERNAME", ""),
    "RABBITMQ_DEFAULT_PASS": ("RABBITMQ_DEFAULT_USER", "guest"),
}  # fmt: skip
"""The variable that names the user whose password it is, and the usual user without it."""


@dataclass(frozen=True)
class Login:
    """The login in an address: its user, and the password as a variable; `within` is true where the address itself has
    it, and false where it only refers to another variable."""

    user: str
    password: Variable = field(repr=False)
    within: bool


def login_in(case: Case, pod: Pod, address: Address) -> Login | None:
    """The login that an address carries, with `$(NAME)` followed to where that comes from."""
    found = _LOGIN.search(address.value)
    container = next((one for one in pod.containers if one.name == address.container), None)
    if found is None or container is None:
        return None
    name, have = address.where, environment(case, container.spec)
    user = _text(found["user"], have)
    if whole := _WHOLE.fullmatch(found["password"]):
        return Login(user, have.get(whole[1], Variable(whole[1], None)), within=False)
    origin = f"ConfigMap {address.config_map}" if address.config_map else ""
    return Login(user, Variable(name, _text(found["password"], have), origin, address.key), within=True)


def _text(said: str, have: dict[str, Variable]) -> str:
    """The text with what is known of its references; `$(NAME)` stays where it is not."""
    return _WHOLE.sub(lambda match: (one.value if (one := have.get(match[1])) else None) or match[0], said)


def by_option(case: Case, service: Ref) -> Variable | None:
    """The password that the pods behind a Service are told to ask for by an option of their command."""
    called = case.follow(service)
    for pod in [*(one for one in called.pods if one.whole), Pod(called.template)][:1]:
        for container in pod.main_containers:
            words = [str(one) for part in ("command", "args") for one in dig(container.spec, part, default=[]) or []]
            for before, word in pairwise(words):
                if before in _OPTIONS:
                    return _named(called, container, before, word)
    return None


def _named(called: Case, container: Container, option: str, word: str) -> Variable:
    whole = _WHOLE.fullmatch(word)
    known = environment(called, container.spec).get(whole[1]) if whole else None
    return known or Variable(option, None if whole else word)


def differ(one: Variable, other: Variable) -> bool | None:
    """Whether two passwords differ; None where one of them cannot be read."""
    if one.origin and one.origin == other.origin and one.key == other.key:
        return False
    if not _readable(one.value) or not _readable(other.value):
        return None
    return other.value not in (one.value, unquote(one.value or ""))


def _readable(value: str | None) -> bool:
    return bool(value) and not (HIDDEN in str(value) or _SHOWN_AS_LENGTH.search(str(value)) or "$(" in str(value))


def user_of(called: Case, password: Variable) -> str:
    """The user that a server was made with; empty where that is not known, or scripts of its own may make others."""
    one = user_variable(called, password)
    return (one.value or "") if one else ""


def user_variable(called: Case, password: Variable) -> Variable | None:
    """The variable that names this user, or the usual user where none is set; None where scripts may make others."""
    variable, usual = _USERS.get(password.name.removesuffix("_FILE"), ("", ""))
    for pod in [*(one for one in called.pods if one.whole), Pod(called.template)][:1]:
        for container in pod.main_containers:
            have = environment(called, container.spec)
            mounts = [text(one, "mountPath") for one in dicts(container.spec, "volumeMounts")]
            if password.name in have and not any(_INIT in one for one in mounts):
                return have.get(variable, Variable(variable, usual))
    return None


def set_anew(called: Case, password: Variable) -> datetime | None:
    """When the literal value of a server's variable was changed, where its data is kept on a claim and so still has the
    password of before."""
    if password.origin or not _keeps(called):
        return None
    held = history(called)
    now = _value(held[0].template, password.name) if held else ""
    changed = [one for one in held if now and _value(one.template, password.name) not in ("", now)]
    since = [one for one in held if changed and one.number > changed[0].number]
    return moment(text(since[-1].holder, "metadata", "creationTimestamp")) if since else None


def _keeps(called: Case) -> bool:
    volumes = dicts(table(called.template, "spec"), "volumes")
    return bool(
        dicts(called.workload, "spec", "volumeClaimTemplates") or any("persistentVolumeClaim" in v for v in volumes)
    )


def _value(template: Json, name: str) -> str:
    entries = [one for box in dicts(template, "spec", "containers") for one in dicts(box, "env")]
    return next((text(one, "value") for one in entries if text(one, "name") == name), "")
