"""Whose token it is: one question to Slack, for who checks an installation."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.client import code
from commands.base.errors import Denied, Unavailable

SECONDS = 10


def workspace(token: str, api_url: str) -> str:
    """The name of the workspace. Raises Denied when Slack does not take the token, Unavailable without an answer."""
    try:
        return str(WebClient(token=token, base_url=api_url, timeout=SECONDS).auth_test()["team"])
    except SlackApiError as error:
        said = f"Slack does not take the token: {code(error)}."
        raise Denied(
            said, "install the app again and set TESSERA_SLACK_BOT_TOKEN, see manifests/slack/README.md"
        ) from None
    except (SlackClientError, OSError) as error:
        raise Unavailable(f"Slack does not answer: {error}.", "check the way out to slack.com") from None
