"""The plan for a file of a volume that goes by another name than the program reads."""

from explainers.diagnosis.plans.expansions import STARTS, patched, pod_spec
from explainers.diagnosis.plans.remedies import CHANGEABLE, read_spec
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Json, dicts, text
from explainers.diagnosis.views.provided import Provided
from explainers.plan import Plan


def called(ending: Ending, volume: Json, file: Provided, path: str) -> Plan:
    """Give the file the path that the program asks for; what the template has no more is looked at."""
    blame, name = ending.blame, text(volume, "name")
    volumes = dicts(ending.case.template, "spec", "volumes")
    at = next((at for at, one in enumerate(volumes) if one == volume), None)
    if at is None or blame.kind not in CHANGEABLE or not file.at:
        return Plan((read_spec(blame),))
    where = "/".join([pod_spec(blame.type), "volumes", str(at), *(str(step) for step in file.at)])
    forth: list[Json] = [{"op": "replace", "path": where, "value": path}]
    back: list[Json] = [{"op": "replace", "path": where, "value": file.path}]
    why = f"let the volume `{name}` call it `{path}` instead of `{file.path}`, if that is what is meant"
    return patched(ending, (forth, back), why, STARTS)
