"""Slack over HTTP, for bot/http: raw body and headers in, status, headers and body out."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest

from bot.http.app import HttpAnswer, SlackEndpoint


def slack_endpoint(app: App) -> SlackEndpoint:
    """The function that bot/http calls for POST /slack/events, in a thread of its own."""

    def handle(body: str, headers: Mapping[str, str]) -> HttpAnswer:
        try:
            request = _request(body, dict(headers))
        except (AttributeError, KeyError, TypeError, ValueError):
            return HttpAnswer(400, {}, "not a request of Slack's")  # Bolt reads ids before it checks the signature
        answer = app.dispatch(request)
        return HttpAnswer(answer.status, answer.first_headers(), answer.body or "")

    return handle


def _request(body: str, headers: dict[str, str | Sequence[str]]) -> BoltRequest:
    """The request as Bolt reads it. Of a form that holds the word `payload` anywhere, as `/diagnose payload-api` does,
    Bolt (1.30) looks for a field of that name and finds nothing: there the fields are read here."""
    request = BoltRequest(body=body, headers=headers)
    if request.body or not body or body.startswith("{") or request.content_type == "application/json":
        return request
    fields: dict[str, str] = dict(parse_qsl(body, keep_blank_values=True))
    read = BoltRequest(body=fields, headers=headers, mode="socket_mode")
    request.body, request.context = read.body, read.context
    return request
