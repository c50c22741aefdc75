"""`tessera catalog lint` on a cluster: the ConfigMaps of a namespace, and what is beside them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from explainers.kinds import CONFIG_MAP, SECRET, SERVICE
from tests.contract.brokers.rooms import Room, connected, room
from tests.unit.bot.terminal.test_app import tessera
from tests.unit.explainers.catalog.examples import as_yaml, form_a, plainly

ENTRY = {"mesitis/kind": "catalog-entry", "mesitis/enabled": "true"}


@pytest.fixture(params=["sandbox", pytest.param("cluster", marks=pytest.mark.cluster)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    where = str(request.param)
    with connected(where, tmp_path) as (clusters, kubeconfig), room(clusters, kubeconfig, where == "cluster") as made:
        yield made


def test_what_is_wrong_and_what_is_missing_is_named(place: Room) -> None:
    existing = ("ProvisionExistingClusterService", {"namespace": place.namespace, "name": "pg"})
    raw = form_a(existing, ("CredentialFromClusterSecret", {"secretname": "login"}))
    place.make(CONFIG_MAP, "db", ENTRY, data={"entry": as_yaml(raw)})
    place.make(CONFIG_MAP, "bad", ENTRY, data={"wrapped-resource": json.dumps(plainly(uuid="a b"))})
    place.make(CONFIG_MAP, "settings", data={"entry": "{"})

    def lint(*more: str) -> tuple[int, list[str]]:
        result = tessera("catalog", "lint", "-n", place.namespace, *more, KUBECONFIG=place.kubeconfig)
        return result.exit_code, result.output.splitlines()

    code, lines = lint()
    assert code == 1
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["bad:1", "uuid"],
        ["db:9", "provisiondata"],
        ["db:13", "credentialdata"],
    ]
    assert f"There is no Service `{place.namespace}/pg`" in lines[1]
    assert f"There is no Secret `{place.namespace}/login`" in lines[2]
    place.make(SERVICE, "pg", spec={"ports": [{"port": 5432}]})
    place.make(SECRET, "login", stringData={"username": "app"})
    place.delete(CONFIG_MAP, "bad")
    assert lint() == (0, ["✓ Nothing is wrong with 1 entry and 0 objects."])


def test_a_namespace_without_a_catalog_is_no_good_catalog(place: Room) -> None:
    result = tessera("catalog", "lint", "-n", place.namespace, KUBECONFIG=place.kubeconfig)
    assert result.exit_code == 2
    assert "There is no catalog in the namespace" in result.output
