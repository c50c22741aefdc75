"""The port Standings: one list of EndpointSlices a namespace, overlapped; Services only where that says nothing."""

from collections.abc import Mapping, Sequence

from commands.base.ports import Cluster
from commands.broker.ports import Place, Standing
from explainers.kinds import SERVICE
from explainers.operations.base import Answer, Operation
from explainers.operations.objects import mapping
from explainers.operations.reads import Get, List
from explainers.operations.slices import endpoints, slices_of

NO_ENDPOINTS, GONE = "it has no endpoints", "its Service is gone"


class Standings:
    """How Services are, as the broker sees them."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def of(self, places: Sequence[Place]) -> Mapping[Place, Standing]:
        homes: dict[str, list[str]] = {}
        for namespace, name in sorted(set(places)):
            homes.setdefault(namespace, []).append(name)
        looks = [slices_of(namespace, *names) for namespace, names in homes.items()]
        found: dict[Place, Standing] = {}
        for look, answer, (namespace, names) in zip(looks, self._cluster.read(looks), homes.items(), strict=True):
            for name in names:
                found[namespace, name] = _served(answer, look, name)
        bare = [place for place, standing in found.items() if standing.told == NO_ENDPOINTS]
        return found | self._without([(home, [name for at, name in bare if at == home]) for home in dict(bare)])

    def _without(self, homes: Sequence[tuple[str, Sequence[str]]]) -> dict[Place, Standing]:
        """What Services without endpoints are, by namespace."""
        looks = [Get(SERVICE, home, names[0]) if len(names) == 1 else List(SERVICE, home) for home, names in homes]
        found: dict[Place, Standing] = {}
        for look, answer, (home, names) in zip(looks, self._cluster.read(looks), homes, strict=True):
            for name in names:
                found[home, name] = _bare(answer, look, name)
        return found


def _served(answer: Answer, look: Operation, name: str) -> Standing:
    if not answer.ok:
        return _unknown(answer, look)
    ready, every = endpoints(answer.items, name)
    return Standing(ready > 0, f"{ready} of {every} endpoints ready" if every else NO_ENDPOINTS)


def _bare(answer: Answer, look: Operation, name: str) -> Standing:
    """What a Service without endpoints is. An ExternalName never has any: what it names is not looked at."""
    if not answer.ok and not answer.absent:
        return _unknown(answer, look)
    services = answer.items if isinstance(look, List) else [answer.object]
    service = next((one for one in services if mapping(one, "metadata").get("name") == name), None)
    if service is None:
        return Standing(False, GONE)
    outside = mapping(service, "spec").get("type") == "ExternalName"
    return Standing(None) if outside else Standing(False, NO_ENDPOINTS)


def _unknown(answer: Answer, look: Operation) -> Standing:
    return Standing(None, missing=str(look.permission())) if answer.forbidden else Standing(None, answer.problem)
