"""Schemathesis: requests made from bot/osb/openapi.yaml, right ones and wrong ones, and every answer held against it.

Half of the requests name what there is, so that not all of them end at ids that nobody knows.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode

from bot.http.serving import HttpServer
from bot.osb.app import osb_app
from bot.osb.users import Users
from tests.unit.bot.osb import platforms
from tests.unit.bot.osb.platforms import PASSWORD, USER, users_file
from tests.unit.bot.osb.shelves import FAST, FAST_2, SLOW

RIGHT_ID = re.compile("[A-Za-z0-9]+")
DESCRIPTION = Path("bot/osb/openapi.yaml")
KNOWN = (FAST, FAST_2, SLOW)
schema = schemathesis.openapi.from_path(DESCRIPTION)
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
REFUSED = [400, 401, 404, 405, 409, 410, 412, 413, 422]
"""How what breaks the description may be answered. Ids that nobody knows are right requests with the same answers."""
schema.config.checks.negative_data_rejection.expected_statuses = list(map(str, REFUSED))
schema.config.checks.positive_data_acceptance.expected_statuses = ["2xx", "304", *map(str, REFUSED)]
schema.config.checks.missing_required_header.expected_statuses = ["401", "412"]
schema.config.auth.update(basic=(USER, PASSWORD))


@schema.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """A handful of ids, so that requests meet."""
    given = path_parameters or {}
    return {name: _few(value) for name, value in given.items()} if path_parameters else path_parameters


@schema.hook
def map_query(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    return _with_ids(query) if isinstance(query, dict) else query


@schema.hook
def map_body(_context: Any, body: Any) -> Any:
    return _with_ids(body) if isinstance(body, dict) else body


def _few(value: Any) -> Any:
    right = isinstance(value, str) and len(value) % 2 == 0 and RIGHT_ID.fullmatch(value)
    return f"id{len(value) % 4}" if right else value


def _with_ids(held: dict[str, Any]) -> dict[str, Any]:
    """Ids of the catalog in place of some texts."""
    changed = dict(held)
    service, plan = changed.get("service_id"), changed.get("plan_id")
    if isinstance(service, str) and isinstance(plan, str) and service and len(service + plan) % 2 == 0:
        entry = KNOWN[len(plan) % len(KNOWN)]
        changed |= {"service_id": entry.service_id, "plan_id": entry.plan_id}
    return changed


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = HttpServer("127.0.0.1", 0)
    with TemporaryDirectory() as folder:
        server.start(osb_app(platforms.fake(), Users(users_file(Path(folder)))))
        yield f"http://127.0.0.1:{server.port}"
        server.stop()


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url)
