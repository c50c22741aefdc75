"""Workloads that a Service without pods does not mean, however near their labels are, and whether its own were there.

Who calls the Service is not what it leads to; what another Service selects has its Service; and a word with another one
behind it (`stock`, `stockdb`) is no slip. Moving the selector to such pods would hide that the right ones are gone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from explainers.diagnosis.views.pods import Json, dicts, dig, number, text
from explainers.diagnosis.views.serving import made_last, selects
from explainers.diagnosis.when import moment
from explainers.kinds import Ref

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

_MORE = 2
"""From so many letters on, what one word has more than the other is a word too."""
_AFTER_ITS_MAKING = timedelta(seconds=5)


def calls(case: Case, workload: Ref) -> bool:
    """Whether a workload is one of those on the way to here, each of which calls the next."""
    return workload in case.trail[:-1]


def spoken_for(case: Case, service: Json, labels: Json) -> bool:
    """Whether another Service has the pods with these labels."""
    name = text(service, "metadata", "name")
    return any(selects(one, labels) for one in case.namespace_services if text(one, "metadata", "name") != name)


def longer_word(one: str, other: str) -> bool:
    """Whether one of two words is the other with letters before or behind it that make another word of it."""
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) >= _MORE and (long.startswith(short) or long.endswith(short)) and "-" not in long


def leads_back(case: Case, service: Json) -> bool:
    """Whether a Service that is called selects the caller's own pods, and is none of its own by its name."""
    own, words = (case.workload_ref or case.target).name, text(service, "metadata", "name").split("-")
    governing = text(case.workload, "spec", "serviceName") == text(service, "metadata", "name")
    return selects(service, case.template_labels) and not governing and not set(own.split("-")) & set(words)


def lost_its_pods(case: Case, service: Json) -> datetime | None:
    """When the last endpoint of a Service went, if there was one, and the Service has not been written since; a slice
    without any is written only when it is made."""
    pieces = [piece for piece in case.slices(service) if number(piece, "metadata", "generation") > 1]
    gone = max((when for piece in pieces if (when := made_last(piece))), default=None)
    entries = [one for one in dicts(service, "metadata", "managedFields") if dig(one, "fieldsV1", "f:spec")]
    written = [when for one in entries if (when := moment(one.get("time")))]
    return gone if gone and all(when + _AFTER_ITS_MAKING < gone for when in written) else None
