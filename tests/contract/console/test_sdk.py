"""Slack's own SDK against the console: Web API errors, rate limits, response URLs, files, Socket Mode."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

from bot.console.server import Console

BOT = "xoxb-local"
APP = "xapp-local"


@pytest.fixture
def console() -> Iterator[Console]:
    with Console(None, "secret", BOT, APP) as made:
        yield made


@pytest.fixture
def client(console: Console) -> WebClient:
    return WebClient(token=BOT, base_url=console.api_url)


def test_errors_reach_the_sdk(console: Console, client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel="C404", text="x")
    with pytest.raises(SlackApiError, match="invalid_auth"):
        WebClient(token="xoxb-wrong", base_url=console.api_url).auth_test()
    assert client.auth_test()["user_id"] == "U0TESSERA"
    assert [each.error for each in console.refusals] == ["channel_not_found", "invalid_auth"]


def test_form_json_and_query_calls_are_alike(console: Console) -> None:
    header = {"Authorization": f"Bearer {BOT}"}
    values = {"channel": "C0SHOP", "text": "x"}
    url = f"{console.api_url}chat.postMessage"
    assert httpx.post(url, data=values, headers=header).json()["ok"]
    assert httpx.post(url, json=values, headers=header).json()["ok"]
    assert httpx.post(url, params=values, headers=header).json()["ok"]
    assert httpx.post(url, data={**values, "token": BOT}).json()["ok"]
    assert httpx.post(url, json={**values, "token": BOT}).json()["error"] == "not_authed"
    assert httpx.post(url, content="{", headers={**header, "Content-Type": "application/json"}).json() == {
        "ok": False,
        "error": "invalid_json",
    }


def test_rate_limit_tells_when_to_come_back(console: Console, client: WebClient) -> None:
    for _ in range(5):
        client.chat_postMessage(channel="C0SHOP", text="x")
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        client.chat_postMessage(channel="C0SHOP", text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    assert client.chat_postMessage(channel="C0SHOP", text="patient")["ok"]


def test_response_url_by_webhook_client(console: Console) -> None:
    name = console.backend.passes.response_url("U0ANA", "C0SHOP")
    webhook = WebhookClient(f"{console.url}commands/T0TESSERA/{name}")
    for _ in range(5):
        answer = webhook.send(text="hello")
        assert (answer.status_code, answer.body) == (200, "ok")
    assert webhook.send(text="six").status_code == 404
    assert len(console.ephemerals("ana", "shop")) == 5


def test_file_is_uploaded_to_a_thread_and_served(console: Console, client: WebClient) -> None:
    root = client.chat_postMessage(channel="C0SHOP", text="root")["ts"]
    done = client.files_upload_v2(
        content="line 1\nline 2", filename="web.log", title="Log of web", channel="C0SHOP", thread_ts=root
    )
    file = console.replies("shop", root)[0]["files"][0]
    assert done["file"]["id"] == file["id"]
    served = httpx.get(file["url_private"])
    assert served.text == "line 1\nline 2"
    assert served.headers["content-security-policy"].startswith("sandbox"), "a file must not act as the page"
    announced = client.files_getUploadURLExternal(filename="x.txt", length=3)
    assert httpx.post(announced["upload_url"], content=b"four").status_code == 400


def test_page_acts_for_its_own_origin_only(console: Console) -> None:
    said = {"user": "U0ANA", "channel": "C0SHOP", "text": "hello"}
    url = f"{console.url}page/say"
    assert httpx.post(url, json=said, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert httpx.post(url, json=said, headers={"Host": "elsewhere.example"}).status_code == 400
    assert httpx.post(url, json=said, headers={"Origin": console.url.rstrip("/")}).status_code == 200
    assert [each["text"] for each in console.messages("shop")] == ["hello"]


class Listener:
    """A Socket Mode client of the SDK that acknowledges and counts."""

    def __init__(self, console: Console, *, acknowledge: bool = True) -> None:
        self.got: list[SocketModeRequest] = []
        self.closed = threading.Event()
        self._acknowledge = acknowledge
        self.client = SocketModeClient(APP, web_client=WebClient(token=APP, base_url=console.api_url))
        self.client.socket_mode_request_listeners.append(self._heard)
        self.client.connect()

    def _heard(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        self.got.append(request)
        if self._acknowledge:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


def test_payloads_go_to_the_connections_in_turn(console: Console) -> None:
    listeners = [Listener(console) for _ in range(3)]
    assert console.sockets.wait_connected(3, 10)
    for _ in range(6):
        assert console.slash("ana", "shop", "/diagnose", "web").ok
    assert [len(each.got) for each in listeners] == [2, 2, 2]
    assert listeners[0].got[0].type == "slash_commands"
    assert listeners[0].got[0].accepts_response_payload
    for each in listeners:
        each.client.close()


def test_eleventh_connection_is_turned_away(console: Console) -> None:
    console.backend.rates.enforced = False
    listeners = [Listener(console) for _ in range(10)]
    assert console.sockets.wait_connected(10, 10)
    link = httpx.post(f"{console.api_url}apps.connections.open", headers={"Authorization": f"Bearer {APP}"}).json()
    from websockets.sync.client import connect

    with connect(link["url"]) as socket:
        assert "too_many_websockets" in str(socket.recv(5))
    for each in listeners:
        each.client.close()


def test_link_is_good_once(console: Console) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    link = console.backend.new_link()
    with connect(link) as socket:
        assert '"hello"' in str(socket.recv(5))
    with pytest.raises(InvalidStatus):
        connect(link)


def test_unacknowledged_event_comes_again_as_a_retry() -> None:
    with Console(None, "secret", BOT, APP, event_retries=(0,)) as console:
        listener = Listener(console, acknowledge=False)
        assert console.sockets.wait_connected(1, 10)
        console.mention("ana", "shop", "why")
        assert console.wait_for(lambda: len(listener.got) == 2, 60)
        assert (listener.got[0].retry_attempt, listener.got[1].retry_attempt) == (0, 1)
        assert listener.got[0].payload["event_id"] == listener.got[1].payload["event_id"]
        listener.client.close()


def test_client_comes_back_after_a_refresh(console: Console) -> None:
    listener = Listener(console)
    assert console.sockets.wait_connected(1, 10)
    console.sockets.refresh()
    assert console.wait_for(lambda: console.sockets.connected == 0 or listener.client.is_connected(), 60)
    assert console.wait_for(lambda: console.slash("ana", "shop", "/diagnose").ok, 60)
    listener.client.close()


def test_no_connection_ends_in_words(console: Console) -> None:
    assert console.slash("ana", "shop", "/diagnose").error == "dispatch_failed"
    assert "dispatch_failed" in console.ephemerals("ana", "shop")[0]["text"]
