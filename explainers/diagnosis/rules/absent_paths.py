"""Files that a program misses where a volume should have them (classes 49–51 and 54); used by rules/crashes.py.

A source that is `optional` may be absent, and what a volume is made of says itself by which names its files go: nobody
complains before the program does. Files that only come by their keys are told by rules/programs.py.
"""

import re

from explainers import kinds
from explainers.diagnosis.logs.lines import Telling
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest, nearest_one, sole
from explainers.diagnosis.plans.config import for_absent, for_key, keys_of
from explainers.diagnosis.plans.paths import called
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.mounted import innermost, sources, volume_of
from explainers.diagnosis.views.named import named, some_of
from explainers.diagnosis.views.pods import Json, text
from explainers.diagnosis.views.provided import Filled, Lacking, filled
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

_NOT_THERE = pattern(r"no such file|not found|cannot find|can't find|does(?: not|n't) exist|ENOENT|FileNotFound", re.I)
_PATH = pattern(r"(?<![\w./-])/[\w.-]+(?:/[\w.-]+)+")


def not_provided(ending: Ending) -> Finding | None:
    """A program misses a file under a mount, and what fills that volume gives none of this name."""
    for told in (one for one in ending.tells if _NOT_THERE.search(one.english)):
        for path in _PATH.findall(told.line):
            if found := _missed(ending, told, path.rstrip(".")):
                return found
    return None


def _missed(ending: Ending, told: Telling, path: str) -> Finding | None:
    mount = innermost(ending.container, path)
    inside = path.removeprefix(text(mount, "mountPath").rstrip("/")).lstrip("/")
    if not mount or not inside or text(mount, "subPath"):
        return None
    volume = volume_of(ending.container, mount)
    found = filled(ending.case, volume)
    if any(f"{one.path}/".startswith(f"{inside}/") for one in found.files):
        return None
    if lacking := next((one for one in found.lacks if one.path in (inside, "")), None):
        return _without(ending, told, path, volume, lacking)
    if not found.known or not found.files or sources(volume):
        return None
    return _otherwise(ending, told, path, inside, volume, found)


def _without(ending: Ending, told: Telling, path: str, volume: Json, one: Lacking) -> Finding:
    """49–51: the volume would have it from an object or a key that is not there."""
    use, name = one.use, text(volume, "name")
    if one.absent:
        near = _near(ending, one)
        lacks = f"the {use.kind} `{use.name}`, which does not exist"
        plan = for_absent(ending.case, [use], near, ran=True)
        state = "does not exist"
    else:
        near = nearest_one(use.key, one.keys)
        lacks = f"the key `{use.key}` of the {use.kind} `{use.name}`, which has no such key"
        plan = for_key(ending.case, use, near, ran=True)
        state = f"has no key {use.key}"
    hint = f" (nearest: `{near}`)" if near else ""
    clause = (
        f"container `{ending.container.name}` needs the file `{path}`, which the volume `{name}` there would have from "
        f"{lacks}{hint}; it is marked `optional`, so that nobody says so"
    )
    number = 51 if not one.absent else 49 if use.kind == kinds.CONFIG_MAP.name else 50
    rows = (*ending.evidence, *ending.saying(told.line), Evidence(f"{use.kind.lower()} {use.name}", state))
    sure = Confidence.SURE if one.path else Confidence.LIKELY
    subject = Ref(use.kind, ending.case.namespace, use.name)
    return Finding(number, subject, Layer.NEEDS, clause, rows, plan, sure, ending.since)


def _near(ending: Ending, one: Lacking) -> str:
    """The object that is probably meant: one that has the key, as far as that is known."""
    kind = kinds.CONFIG_MAP if one.use.kind == kinds.CONFIG_MAP.name else kinds.SECRET
    there = named(ending.case, kind) or {}
    near = nearest(one.use.name, there)
    return sole(one.use.name, [each for each in near if one.use.key in (keys_of(there[each]) or {one.use.key})])


def _otherwise(ending: Ending, told: Telling, path: str, inside: str, volume: Json, found: Filled) -> Finding:
    """54: the volume calls its files otherwise."""
    held = [one.path for one in found.files]
    near = nearest_one(inside, held)
    meant = near or (held[0] if len(held) == 1 else "")
    file = next((one for one in found.files if one.path == meant), None)
    hint = f" (nearest: `{near}`)" if near else ""
    clause = (
        f"container `{ending.container.name}` needs the file `{path}`, which the volume `{text(volume, 'name')}` "
        f"mounted there does not hold: it holds {some_of(f'`{one}`' for one in held)}{hint}"
    )
    rows = (*ending.evidence, *ending.saying(told.line))
    plan = called(ending, volume, file, inside) if file else Plan((read_spec(ending.blame),))
    return Finding(54, ending.blame, Layer.NEEDS, clause, rows, plan, Confidence.LIKELY, ending.since)
