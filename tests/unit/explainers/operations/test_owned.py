"""Deleting by uid, and Secrets whose values are shown nowhere."""

from explainers.kinds import CONFIG_MAP
from explainers.operations.base import Json
from explainers.operations.owned import DeleteExactly, ReplaceSecret, SecretFromFile

MANIFEST: Json = {"metadata": {"name": "pg"}, "data": {"password": "Y2FuYXJ5"}, "stringData": {"token": "canary"}}


def test_only_that_uid_is_deleted() -> None:
    body = DeleteExactly(CONFIG_MAP, "shop", "web", "u-1").request().body
    assert body["preconditions"] == {"uid": "u-1"}
    assert '"uid": "u-1"' in DeleteExactly(CONFIG_MAP, "shop", "web", "u-1").line()


def test_no_form_shows_the_values_of_a_secret() -> None:
    for operation in (SecretFromFile("shop", MANIFEST), ReplaceSecret("shop", MANIFEST)):
        shown = operation.line() + operation.python() + repr(operation) + repr(operation.request()) + operation.stdin()
        assert "canary" not in shown
        assert "Y2FuYXJ5" not in shown
        assert operation.request().body == MANIFEST
