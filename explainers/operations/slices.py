"""The endpoints behind a Service, from its EndpointSlices.

Source: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ (conditions; the label with the name of
the Service; one slice for each family of addresses).
"""

from collections.abc import Sequence

from explainers.kinds import ENDPOINT_SLICE
from explainers.operations.base import Json
from explainers.operations.objects import listed, mapping
from explainers.operations.reads import List

SERVICE_NAME = "kubernetes.io/service-name"


def slices_of(namespace: str, *names: str) -> List:
    """What reads the EndpointSlices of these Services, all at once."""
    which = f"={names[0]}" if len(names) == 1 else f" in ({','.join(names)})"
    return List(ENDPOINT_SLICE, namespace, f"{SERVICE_NAME}{which}")


def endpoints(slices: Sequence[Json], service: str) -> tuple[int, int]:
    """Ready and all endpoints of a Service; a pod counts once, though it has an address in several slices."""
    seen: dict[str, bool] = {}
    for piece in slices:
        if mapping(piece, "metadata", "labels").get(SERVICE_NAME) != service:
            continue
        for one in listed(piece.get("endpoints")):
            addresses = one.get("addresses")
            first = addresses[0] if isinstance(addresses, list) and addresses else ""
            key = str(mapping(one, "targetRef").get("name") or first)
            ready = mapping(one, "conditions").get("ready") is not False  # not said means ready
            seen[key] = seen.get(key, False) or ready
    return sum(seen.values()), len(seen)
