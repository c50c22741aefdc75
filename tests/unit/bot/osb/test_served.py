"""The API as settings serve it: HTTPS with the users of a file, and what is refused at the start."""

import ssl
from pathlib import Path

import httpx
import pytest

from bot.broker_service import api_server
from bot.settings import Settings
from commands.base.errors import UsageError
from tests.unit.bot.http.test_tls import write_certificate
from tests.unit.bot.osb.platforms import INSTANCE, PASSWORD, USER, users_file, wish
from tests.unit.bot.osb.shelves import FAST, configmaps
from tests.unit.commands.broker.bench import Bench


def test_it_is_served_over_https_with_the_real_broker(tmp_path: Path) -> None:
    write_certificate(tmp_path)
    settings = Settings(osb_users_file=users_file(tmp_path), osb_certificate=tmp_path, osb_host="0.0.0.0", osb_port=0)
    server = api_server(settings, Bench(*configmaps()).broker)
    assert server
    try:
        trusting = ssl.create_default_context(cafile=str(tmp_path / "tls.crt"))
        url, headers = f"https://localhost:{server.port}", {"X-Broker-API-Version": "2.17"}
        with httpx.Client(base_url=url, auth=(USER, PASSWORD), headers=headers, verify=trusting) as client:
            assert client.put(INSTANCE, json=wish(FAST)).status_code == 201
            assert client.get(INSTANCE).json()["plan_id"] == FAST.plan_id
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://localhost:{server.port}/v2/catalog", timeout=30)
    finally:
        server.stop()


def test_without_users_it_is_not_served() -> None:
    assert api_server(Settings(), Bench().broker) is None


def test_passwords_never_cross_a_network_in_clear(tmp_path: Path) -> None:
    settings = Settings(osb_users_file=users_file(tmp_path), osb_host="0.0.0.0")
    with pytest.raises(UsageError, match="OSB_CERTIFICATE"):
        api_server(settings, Bench().broker)
