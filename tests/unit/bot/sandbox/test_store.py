import threading
from typing import Any

import pytest

from bot.sandbox.store import AlreadyExistsError, ConflictError, NotFoundError, Query, Store


def config_map(name: str, namespace: str = "shop", **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}, "data": {}}


@pytest.fixture
def store() -> Store:
    store = Store()
    for name in ("b", "a"):
        store.create("", "configmaps", config_map(name, app=name))
    store.create("", "configmaps", config_map("a", "other"))
    return store


def test_objects_are_listed_in_order_and_selected(store: Store) -> None:
    names = [item["metadata"]["name"] for item in store.list("", "configmaps", "shop").items]
    assert names == ["a", "b"]
    assert len(store.list("", "configmaps").items) == 3
    assert len(store.list("", "configmaps", None, "app=a").items) == 1
    assert len(store.list("", "configmaps", None, "", "metadata.name=a").items) == 2


def test_what_is_given_out_is_a_copy(store: Store) -> None:
    store.get("", "configmaps", "shop", "a")["data"]["x"] = "y"
    assert store.get("", "configmaps", "shop", "a")["data"] == {}


def test_names_are_unique_and_versions_are_checked(store: Store) -> None:
    with pytest.raises(AlreadyExistsError):
        store.create("", "configmaps", config_map("a"))
    old = store.get("", "configmaps", "shop", "a")
    store.update("", "configmaps", {**old, "data": {"k": "1"}})
    with pytest.raises(ConflictError):
        store.update("", "configmaps", {**old, "data": {"k": "2"}})
    with pytest.raises(NotFoundError):
        store.update("", "configmaps", config_map("z"))


def test_an_equal_update_writes_nothing(store: Store) -> None:
    before = store.version
    store.update("", "configmaps", store.get("", "configmaps", "shop", "a"))
    assert store.version == before


def test_a_watch_sees_objects_enter_and_leave_its_selection(store: Store) -> None:
    since = store.version
    item = store.get("", "configmaps", "shop", "a")
    for labels in ({"app": "z"}, {"app": "a", "more": "1"}, {"app": "a"}):
        item["metadata"]["labels"] = labels
        item = store.update("", "configmaps", item)
    store.delete("", "configmaps", "shop", "a")
    query = Query("", "configmaps", "shop", "app=a")
    assert [kind for kind, _ in store.watch(query, since, 0.01)] == ["DELETED", "ADDED", "MODIFIED", "DELETED"]


def test_a_watch_waits_for_writes_of_other_threads(store: Store) -> None:
    writer = threading.Timer(0.05, store.create, ("", "configmaps", config_map("late")))
    writer.start()
    seen = next(store.watch(Query("", "configmaps", "shop"), None, 5.0))
    writer.join()
    assert (seen[0], seen[1]["metadata"]["name"]) == ("ADDED", "late")


def test_a_snapshot_keeps_versions_and_times() -> None:
    store = Store()
    item = config_map("a")
    item["metadata"] |= {"resourceVersion": "812", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z"}
    store.load("", "configmaps", [item])
    assert store.get("", "configmaps", "shop", "a") == item
    assert store.version == 812
