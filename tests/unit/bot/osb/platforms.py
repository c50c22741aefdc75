"""A platform that speaks to the API in the process, without a network: what it sends and what it gets back."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bot.osb.api import Api, Call, Head
from bot.osb.users import Users
from explainers.catalog.model import Entry
from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb.shelves import FAST, SHELF

USER, PASSWORD = "platform", "long:and-random"
INSTANCE = "/v2/service_instances/i1"
BINDING = f"{INSTANCE}/service_bindings/b1"


def basic(user: str = USER, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def error(self) -> str:
        return str(self.body.get("error", "")) if self.body else ""


class Platform:
    """Asks as a platform of one version does; every header can be given, None leaves one out."""

    def __init__(self, api: Api, version: str = "2.17") -> None:
        self._api = api
        self.version = version

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
        **query: str,
    ) -> Got:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given: dict[str, str | None] = {
            "authorization": basic(),
            "x-broker-api-version": self.version,
            **(headers or {}),
        }
        held = {name: [value] for name, value in given.items() if value is not None}
        call = self._api.admit(Head(method, path, urlencode(query), held))
        answer = self._api.carry_out(call, raw) if isinstance(call, Call) else call
        return Got(answer.status, json.loads(answer.body) if answer.body else None, answer.headers)

    def provision(self, entry: Entry = FAST, path: str = INSTANCE, incomplete: str = "true", **more: Any) -> Got:
        return self.ask("PUT", path, wish(entry, **more), accepts_incomplete=incomplete)

    def bind(self, entry: Entry = FAST, path: str = BINDING, incomplete: str = "true", **more: Any) -> Got:
        return self.ask("PUT", path, ids(entry) | more, accepts_incomplete=incomplete)

    def update(self, entry: Entry = FAST, incomplete: str = "true", **more: Any) -> Got:
        body = {"service_id": entry.service_id} | more
        return self.ask("PATCH", INSTANCE, body, accepts_incomplete=incomplete)

    def delete(self, path: str = INSTANCE, entry: Entry = FAST, incomplete: str = "true") -> Got:
        return self.ask("DELETE", path, None, None, accepts_incomplete=incomplete, **ids(entry))

    def poll(self, path: str = INSTANCE, **query: str) -> Got:
        return self.ask("GET", f"{path}/last_operation", None, None, **query)


def ids(entry: Entry = FAST) -> dict[str, Any]:
    return {"service_id": entry.service_id, "plan_id": entry.plan_id}


def wish(entry: Entry = FAST, **more: Any) -> dict[str, Any]:
    """The body of a provision request."""
    context = {"platform": "kubernetes", "namespace": "shop", "instance_name": "index"}
    return ids(entry) | {"organization_guid": "org", "space_guid": "space", "context": context} | more


def users_file(folder: Path) -> Path:
    path = folder / "users"
    path.write_text(f"# who may ask\n\n{USER}:{PASSWORD}\nother:word\n", encoding="utf-8")
    return path


def fake(slow_bindings: bool = False) -> FakeBroker:
    return FakeBroker(SHELF, slow_bindings)


def platform(broker: FakeBroker, folder: Path, version: str = "2.17") -> Platform:
    return Platform(Api(broker, Users(users_file(folder))), version)
