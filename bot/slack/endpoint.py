"""Slack over HTTP, for bot/http: raw body and headers in, status, headers and body out."""

from collections.abc import Mapping

from slack_bolt import App, BoltRequest

from bot.http.app import HttpAnswer, SlackEndpoint


def slack_endpoint(app: App) -> SlackEndpoint:
    """The function that bot/http calls for POST /slack/events, in a thread of its own."""

    def handle(body: str, headers: Mapping[str, str]) -> HttpAnswer:
        try:
            request = BoltRequest(body=body, headers=dict(headers))
        except (AttributeError, KeyError, TypeError, ValueError):
            return HttpAnswer(400, {}, "not a request of Slack's")  # Bolt reads ids before it checks the signature
        answer = app.dispatch(request)
        return HttpAnswer(answer.status, answer.first_headers(), answer.body or "")

    return handle
