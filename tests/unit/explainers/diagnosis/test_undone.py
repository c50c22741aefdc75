"""What takes a strategic merge patch back."""

from typing import Any

import pytest

from explainers.diagnosis.views.undone import undone

Json = dict[str, Any]
NOW: Json = {
    "nodeSelector": {"disk": "ssd"},
    "containers": [
        {
            "name": "web",
            "command": ["run"],
            "env": [{"name": "URL", "value": "http://a"}, {"name": "TOKEN", "value": "s3cr3t-value"}],
            "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 3},
        }
    ],
    "tolerations": [{"key": "a"}],
}
DELETED = {"$patch": "delete"}


def web(**fields: Any) -> Json:
    return {"containers": [{"name": "web", **fields}]}


@pytest.mark.parametrize(
    ("patch", "back"),
    [
        ({"nodeSelector": {"disk": None}}, {"nodeSelector": {"disk": "ssd"}}),
        ({"nodeSelector": {"disk": None, "pool": "a"}}, {"nodeSelector": {"disk": "ssd", "pool": None}}),
        ({"enableServiceLinks": False}, {"enableServiceLinks": None}),
        ({"affinity": {"nodeAffinity": {"x": 1}}}, {"affinity": None}),
        (web(command=["sh"]), web(command=["run"])),
        (web(args=["x"]), web(args=None)),
        (web(readinessProbe=None), web(readinessProbe=NOW["containers"][0]["readinessProbe"])),
        (
            web(readinessProbe={"httpGet": None, "tcpSocket": {"port": 80}}),
            web(readinessProbe={"httpGet": {"path": "/", "port": 80}, "tcpSocket": None}),
        ),
        (
            web(env=[{"name": "URL", "value": None, "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]),
            web(env=[{"name": "URL", "value": "http://a", "valueFrom": None}]),
        ),
        (web(env=[{"name": "NEW", "value": "1"}]), web(env=[{"name": "NEW", **DELETED}])),
        ({"tolerations": [{"key": "a"}, {"key": "b"}]}, {"tolerations": [{"key": "a"}]}),
        (
            {"volumes": [{"name": "tmp", "emptyDir": {}}], **web(volumeMounts=[{"mountPath": "/tmp", "name": "tmp"}])},
            {"volumes": None, **web(volumeMounts=None)},
        ),
    ],
)
def test_the_way_back(patch: Json, back: Json) -> None:
    assert undone(patch, NOW) == back


@pytest.mark.parametrize(
    "patch",
    [
        web(env=[{"name": "TOKEN", "value": "other"}]),
        web(volumeMounts=[{"mountPath": "/x", "$patch": "delete"}]),
        {"topologySpreadConstraints": [{"$patch": "replace"}]},
        {"finalizers": ["x"]} | web(env=[{"value": "x"}]),
    ],
)
def test_a_way_back_that_is_not_known_or_would_tell_a_secret_is_none(patch: Json) -> None:
    assert undone(patch, NOW) is None
