"""Volumes that a provisioner makes for claims: how far it is by its events, and how long that may take.

A provisioner says itself that it begins (`Provisioning`); `ExternalProvisioning` is Kubernetes, which waits for it. One
that makes a volume after the other begins late where many claims are new.
"""

from datetime import datetime, timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.claims import Claim, claims_of
from explainers.diagnosis.views.pods import Json, Pod, text
from explainers.diagnosis.views.volumes import any_of_class
from explainers.diagnosis.when import moment

PATIENCE = timedelta(seconds=15)
"""So long a provisioner is given to begin, and a volume to be bound."""
UNTOLD = timedelta(seconds=60)
"""So long it may take where no event tells anything."""
BUSY = timedelta(minutes=2)
"""So long a provisioner may take to begin that has made other volumes of the class, so that it works or did."""
MAKING = timedelta(minutes=3)
"""So long one that has begun may take: it may have to pull an image, or to wait for a machine."""
BEGUN, ASKED, FAILED = "Provisioning", "ExternalProvisioning", "ProvisioningFailed"


def told_of(case: Case, claim: Claim) -> list[Json]:
    """The events about this claim, newest first, without those about an earlier one of its name."""
    uid = text(claim.object, "metadata", "uid")
    events = case.events(claim.ref(case.namespace))
    return [event for event in events if text(event, "involvedObject", "uid") in ("", uid)]


def begun(case: Case, claim: Claim) -> datetime | None:
    """When the provisioner said that it makes the volume; None where it has not."""
    return _first(told_of(case, claim), BEGUN)


def still_made(case: Case, claim: Claim) -> bool:
    """Whether the volume may only not be ready yet. A claim that waited for its pod is as old as the first asking."""
    events, made = told_of(case, claim), moment(text(claim.object, "metadata", "creationTimestamp"))
    if _first(events, FAILED):
        return False
    if since := _first(events, BEGUN):
        return case.now - since < MAKING
    if asked := _first(events, ASKED):
        waited = case.now - asked
        return waited < PATIENCE or (waited < BUSY and any_of_class(case, claim.storage_class))
    return made is not None and case.now - made < UNTOLD


def awaits_volume(case: Case, pod: Pod) -> bool:
    """Whether a pod has not begun because a volume of it is still being made."""
    if pod.phase != "Pending" or any(one.ran for one in pod.containers):
        return False
    waiting = [one for one in claims_of(case, pod) if one.phase == "Pending" and one.storage_class]
    return any(not one.volume_name and still_made(case, one) for one in waiting)


def _first(events: list[Json], reason: str) -> datetime | None:
    found = [
        moment(text(one, "firstTimestamp") or text(one, "eventTime")) for one in events if one.get("reason") == reason
    ]
    return min((one for one in found if one), default=None)
