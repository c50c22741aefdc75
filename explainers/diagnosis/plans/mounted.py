"""Corrections of an address in the files that a ConfigMap gives to the pods."""

import re
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.views.addresses import Address
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Json, table
from explainers.diagnosis.views.references import references
from explainers.operations.patches import Patch
from explainers.patterns import pattern
from explainers.plan import Step
from explainers.redaction import HIDDEN, redact

MOST_FILES = 4
"""Mounted ConfigMaps that are searched for a host."""
LONGEST = 2000
"""Characters of a file that a step shows whole; a longer one is corrected by hand."""

_SET = (
    r"""^[ \t]*(?:export[ \t]+|-[ \t]+)?["']?(?P<stem>(?:[\w.-]*[_.-])?){}["']?"""
    r"""[ \t]*[=:][ \t]*["']?(?P<value>{})["']?[ \t]*,?[ \t]*$"""
)
_HOST_SET = pattern(_SET.format("(?:HOSTNAME|HOST|ADDRESS|ADDR|SERVER|ENDPOINT)", r"[\w.-]+"), re.I | re.M)
_PORT_SET = pattern(_SET.format("PORT", r"\d{2,5}"), re.I | re.M)


@dataclass(frozen=True)
class Files:
    """The one ConfigMap, mounted as files, in which a host stands, and the texts of those files by key."""

    config_map: str
    texts: dict[str, str]
    immutable: bool


def files_with(case: Case, host: str) -> Files | None:
    """Where a host stands that no variable and no argument names; None where no file has it, or those of several
    ConfigMaps do. Raises Missing until they are read."""
    mounted = [one for one in references(table(case.template, "spec")) if one.kind == "ConfigMap" and not one.container]
    found = []
    for (_, name), answer in configuration(case, mounted, MOST_FILES).items() if host else ():
        keys = {one.key for one in mounted if one.name == name}
        data = table(answer.object, "data")
        shown = {key: str(value) for key, value in data.items() if "" in keys or key in keys}
        texts = {key: value for key, value in shown.items() if _places(value, host)}
        if texts:
            found.append(Files(name, texts, answer.object.get("immutable") is True))
    return found[0] if len(found) == 1 else None


def rewritten(case: Case, address: Address, host: str, port: int) -> tuple[Step, ...]:
    """The other host or port where the old one stands in the files, and new pods, which read them at their start. None
    where a text holds a login, which is not written out, or the name stands for something else too."""
    found = files_with(case, address.host)
    if found is None or found.immutable:
        return ()
    texts = {key: _with(text, address, host, port) for key, text in found.texts.items()}
    changed: Json = {key: text for key, text in texts.items() if text is not None and text != found.texts[key]}
    unsure = None in texts.values() or any(HIDDEN in text or redact(text) != text for text in changed.values())
    if not changed or unsure or sum(map(len, changed.values())) > LONGEST:
        return ()
    back = {"data": {key: found.texts[key] for key in changed}}
    change = Patch(kinds.CONFIG_MAP, case.namespace, found.config_map, {"data": changed}, "merge", back)
    old = f"{address.host}:{address.port}" if port and address.port else address.host
    told = f"`{host or address.host}`" + (f" port {port}" if port else "")
    why = f"call {told} instead of `{old}`, in {' and '.join(f'`{key}`' for key in changed)}, which is mounted"
    again = read_anew(case, "make new pods, which read the corrected file", "new pods become ready")
    return (Step(change, why, "" if again else "the calls succeed after the next start"), *again)


def _places(text: str, host: str) -> list[re.Match[str]]:
    """Where a name stands by itself, and not as a part of another."""
    return list(re.finditer(rf"(?<![\w.-]){re.escape(host)}(?!\.?[\w-])", text, re.I))


def _with(text: str, address: Address, host: str, port: int) -> str | None:
    """The text with the other host or port; None where the name may stand for something else than the host."""
    said = text
    for place in reversed(_places(text, address.host)):
        old = re.match(r":(\d{2,5})\b", text[place.end() :])
        if not host:
            fits = old is not None and int(old[1]) == address.port
        else:
            if not _is_host(text, place) or (port and not old):
                return None
            fits = True
        if fits:
            end = place.end() + (old.end() if port and old else 0)
            said = said[: place.start()] + (host or place[0]) + (f":{port}" if port else "") + said[end:]
    return said if said != text or host or not port else _other_setting(text, address, port)


def _other_setting(text: str, address: Address, port: int) -> str:
    """The text with the other port where it stands in a setting of its own beside that of the host, such as `DB_PORT`
    beside `DB_HOST`; the same text where that is not the only one that can be meant."""
    stems = {found["stem"].lower() for found in _HOST_SET.finditer(text) if found["value"].lower() == address.host}
    of_it = [found for found in _PORT_SET.finditer(text) if found["stem"].lower() in stems]
    fitting = [found for found in of_it if int(found["value"]) == address.port]
    if len(fitting) != 1 or len(of_it) != 1:
        return text
    start, end = fitting[0].span("value")
    return text[:start] + str(port) + text[end:]


def _is_host(text: str, place: re.Match[str]) -> bool:
    """Whether a name is written as the host of a URL, before a port, or as a whole value."""
    before, after = text[: place.start()], text[place.end() :]
    if before.endswith(("//", "@")) or re.match(r":\d{2,5}\b", after):
        return True
    whole = re.match(r"(?!\s*[:={])[\s\"'\]),;]|$", after)
    return whole is not None and re.search(r"(?:^|[=:\s\"'\[(,])$", before) is not None
