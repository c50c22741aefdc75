"""The table of fault classes: what each is called, why it happens, where to read about it."""

from explainers.diagnosis.classes import (
    admission,
    config,
    images,
    ingress,
    network,
    runtime,
    scheduling,
    services,
    storage,
    workloads,
)
from explainers.diagnosis.classes.base import FaultClass

_FAMILIES = (services, ingress, network, images, config, runtime, scheduling, storage, admission, workloads)

CLASSES: dict[int, FaultClass] = {row.number: row for family in _FAMILIES for row in family.CLASSES}
HEALTHY = 125
