"""Ready means that what people type arrives: over Socket Mode only while the connection stands."""

from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from bot.console.server import Console
from bot.demo import PROBE_IMAGE, sandbox_clusters
from bot.http.serving import HttpServer
from bot.service import Roles, Service
from bot.settings import Settings, SlackMode
from tests.scenario.slack.stack import APP_TOKEN, BOT_TOKEN, POLICY, SECRET


@pytest.fixture
def slack() -> Iterator[Console]:
    with Console(None, SECRET, BOT_TOKEN, APP_TOKEN) as console:
        yield console


def test_over_socket_mode_it_is_ready_while_it_is_connected(slack: Console) -> None:
    settings = Settings(
        slack_mode=SlackMode.SOCKET,
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_app_token=SecretStr(APP_TOKEN),
        slack_api_url=slack.api_url,
        probe_image=PROBE_IMAGE,
        redis_url="",
    )
    with sandbox_clusters("shop", ["shop"]) as clusters:
        http = HttpServer("127.0.0.1", 0)
        service = Service(settings, Roles(takes=True, works=False), clusters, POLICY, http=http)
        assert service.ready() == {"redis": True, "slack": True, "socket": False, "cluster": True}
        service.start()
        try:
            ready = httpx.get(f"http://127.0.0.1:{http.port}/readyz")
            assert (ready.status_code, ready.json()["parts"]) == (200, dict.fromkeys(service.ready(), True))
            assert slack.slash("ana", "shop", "/tessera", "help").ok
        finally:
            service.stop()
        assert service.ready()["socket"] is False
