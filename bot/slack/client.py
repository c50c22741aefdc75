"""The Web API client, and what its errors mean for a request."""

from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from commands.base.errors import Unavailable

ANSWER_SECONDS = 10
RATE_RETRIES = 20  # a busy channel takes one message a second from all workers together

CLOSED = frozenset(
    {
        "access_denied",
        "cannot_reply_to_message",
        "channel_not_found",
        "is_archived",
        "messages_tab_disabled",
        "no_permission",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
    }
)
PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)


class ChannelClosed(Exception):
    """The bot cannot write there: it is not a member, the channel is archived or closed to apps."""


def web_client(token: str, base_url: str = "") -> WebClient:
    """A client of Slack's Web API, or of a local one at `base_url`.

    429 is waited out as `Retry-After` says. A broken connection is not repeated here, because the message may have
    been posted: the job is repeated, and looks before it posts again.
    """
    handlers = [RateLimitErrorRetryHandler(max_retry_count=RATE_RETRIES)]
    if not base_url:
        return WebClient(token=token, timeout=ANSWER_SECONDS, retry_handlers=list(handlers))
    base = base_url.rstrip("/") + "/"
    return WebClient(token=token, base_url=base, timeout=ANSWER_SECONDS, retry_handlers=list(handlers))


def code(error: SlackApiError) -> str:
    """Slack's own word for an error, e.g. `not_in_channel`; the HTTP status where it gave none."""
    response = error.response
    found = response.get("error") if hasattr(response, "get") else None
    return str(found or getattr(response, "status_code", "no answer"))


def transient(error: BaseException) -> bool:
    """Whether a failure may heal by itself: a part was away, or Slack asked for patience."""
    if isinstance(error, SlackApiError):
        status = getattr(error.response, "status_code", 0)
        return code(error) in PASSING or status == 429 or status >= 500
    return isinstance(error, Unavailable | URLError | ConnectionError | TimeoutError | SlackClientError)
