"""A connection that failed once, long before the end of the log of a pod that is well, is overcome."""

import pytest

from explainers.diagnosis.views.calls import LATEST, suspected_calls
from tests.unit.clusters import Json
from tests.unit.explainers.diagnosis.reading import Reading, well

FAILED = "ERROR connection refused: cache:6379 (attempt 1)"
SERVES = '10.0.0.1 - - "GET / HTTP/1.1" 200 -'


@pytest.mark.parametrize(
    ("later", "ready", "suspected"), [(5, True, True), (LATEST, True, False), (LATEST, False, True)]
)
def test_what_a_pod_that_is_well_complained_of_before(later: int, ready: bool, suspected: bool) -> None:
    objects = well(1)
    spec: Json = {"containers": [{"name": "app", "env": [{"name": "CACHE_URL", "value": "redis://cache:6379"}]}]}
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = spec
    if not ready:
        objects[0]["status"]["readyReplicas"] = 0
        objects[1]["status"]["conditions"][0]["status"] = "False"
        objects[1]["status"]["containerStatuses"][0]["ready"] = False
    log = "\n".join([FAILED, "INFO connected to cache", *[SERVES] * (later - 1)])
    reading = Reading(*objects, logs={f"shop/{objects[1]['metadata']['name']}/app": log})
    assert any(call.complaint for call in reading.see(suspected_calls)) is suspected
