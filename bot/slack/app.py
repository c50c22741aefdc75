"""The Bolt app: verifies, puts the request on the queue, acknowledges. It never does the work itself.

Listeners run in the calling thread (`process_before_response`), so that an acknowledgement means that the queue
has the request. Signature, timestamp, workspace and app id are checked before any listener is chosen.
"""

import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.observe.logs import logger
from bot.observe.metrics import Metrics
from bot.slack.delivery import receipt
from bot.slack.intake import click_task, command_task, mention_task
from bot.slack.limits import checked
from bot.slack.memory import Memory
from bot.slack.message import Message, context
from bot.slack.modals import Modals
from bot.slack.task import Task
from bot.slack.views import CALLBACK
from bot.slack.words import Understood, understand_command
from commands.base.errors import Unavailable
from commands.base.registry import commands

OPENED_SECONDS = 3_600
Enqueue = Callable[[str], None]

_log = logger(__name__)


@dataclass(frozen=True)
class Intake:
    """What taking requests needs. `teams` and `app_id` are checked when given."""

    client: WebClient
    signing_secret: str
    memory: Memory
    enqueue: Enqueue
    metrics: Metrics
    modals: Modals
    teams: frozenset[str] = frozenset()
    app_id: str = ""


class Myself:
    """The bot's own ids, asked of Slack once, when first needed."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {}

    def ids(self) -> dict[str, Any]:
        """`team_id`, `user_id`, `bot_id` of auth.test. Raises SlackApiError or URLError while Slack is away."""
        with self._lock:
            if not self._known:
                answer = self._client.auth_test()
                self._known = {key: answer.get(key) for key in ("team_id", "user_id", "bot_id", "enterprise_id")}
            return self._known

    def warm(self) -> None:
        """Ask now, so that the first request need not wait; while Slack is away, it asks again then."""
        try:
            self.ids()
        except (SlackClientError, OSError) as error:
            _log.warning("Slack does not answer yet", error=str(error))

    @property
    def user(self) -> str:
        return str(self.ids().get("user_id") or "")


def slack_app(intake: Intake) -> App:
    """The app with its listeners; give it to bot/slack/endpoint.py (HTTP) or bot/slack/socket.py (Socket Mode)."""
    myself = Myself(intake.client)
    myself.warm()

    def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        ids = myself.ids()
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=ids["user_id"],
            bot_id=ids["bot_id"],
            bot_token=intake.client.token,
        )

    app = App(
        name="tessera",
        signing_secret=intake.signing_secret,
        client=WebClient(base_url=intake.client.base_url),
        authorize=authorize,
        before_authorize=_checked_ids(intake, myself),
        process_before_response=True,
        token_verification_enabled=False,
        attaching_function_token_enabled=False,
    )
    _listen(app, intake, myself)
    return app


def _listen(app: App, intake: Intake, myself: Myself) -> None:
    def command(ack: Ack, body: dict[str, Any]) -> None:
        task = command_task(body)
        try:
            understood = understand_command(task.command, task.text)
            task = _with_view(intake, task, understood, str(body.get("trigger_id") or ""))
            _take(intake, task, str(body.get("response_url") or ""))
        except Unavailable as error:
            intake.metrics.failed("redis")
            text = f"I cannot take this now: {error.message} Type it again in a minute."
            _say(ack, Message(text, (context(text),)))
            return
        _say(ack, receipt(str(understood), task.id))

    def mention(body: dict[str, Any]) -> None:
        _take(intake, mention_task(body, myself.user), "")

    def direct_message(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("channel_type") == "im":
            _take(intake, mention_task(body, myself.user), "")

    def click(ack: Ack, body: dict[str, Any]) -> None:
        task = click_task(body)
        offer = intake.memory.offered(task.offer)
        if offer and not offer.approves:
            task = _with_view(intake, task, Understood(offer.action, offer.argument), str(body.get("trigger_id") or ""))
        _take(intake, task, str(body.get("response_url") or ""))
        ack()

    def submit(ack: Ack, body: dict[str, Any]) -> None:
        submission = intake.modals.submitted(body)
        if submission.task:
            _take(intake, submission.task, "")
        ack(**submission.answer)

    app.command(re.compile(".*"))(command)
    app.view(CALLBACK)(submit)
    app.event("app_mention")(mention)
    app.event({"type": "message", "subtype": None})(direct_message)
    app.event(re.compile(".*"))(_ignored)
    app.action(re.compile(r"^tessera\."))(click)


def _ignored(body: dict[str, Any]) -> None:
    """Other events: edits, joins. Acknowledged, so that Slack does not send them again."""
    _log.debug("event ignored", type=body.get("event", {}).get("type"))


def _take(intake: Intake, task: Task, response_url: str) -> None:
    """Put a task on the queue. Raises Unavailable when the queue does not take it.

    Of what Slack delivers twice, the worker takes one (bot/slack/answering.py); to look here as well would cost every
    acknowledgement two more trips to Redis.
    """
    intake.memory.remember_url(task.id, response_url)
    intake.enqueue(replace(task, delivery=uuid.uuid4().hex).to_json())
    _log.info("request taken", request_id=task.id, kind=task.kind, user=task.user, channel=task.channel)


def _with_view(intake: Intake, task: Task, understood: Understood, trigger: str) -> Task:
    """The task with a view that waits for its form, where its command asks with one; opened once for all deliveries."""
    found = commands().get(understood.command)
    if found is None or not found.asks(understood.text):
        return task
    if not intake.memory.claim(f"view:{task.id}", uuid.uuid4().hex, OPENED_SECONDS):
        return task
    return replace(task, view=intake.modals.open(trigger, f"Preparing the form of {understood.command}."))


def _say(ack: Ack, message: Message) -> None:
    said = checked(message)
    ack(text=said.text, blocks=list(said.blocks), response_type="ephemeral")


def _checked_ids(intake: Intake, myself: Myself) -> Callable[..., BoltResponse]:
    """Refuses requests of other workspaces and other apps, though signed with the right secret."""

    def check(body: dict[str, Any], context: Any, next: Callable[[], BoltResponse]) -> BoltResponse:  # Bolt's names
        if body.get("type") == "url_verification" or "ssl_check" in body:
            return next()
        teams = intake.teams or frozenset({str(myself.ids()["team_id"])})
        app_id = str(body.get("api_app_id") or "")
        if context.team_id not in teams or (intake.app_id and app_id != intake.app_id):
            intake.metrics.failed("foreign_request")
            _log.warning("request of another workspace or app refused", team=context.team_id, app=app_id)
            return BoltResponse(status=403, body="not an app of this workspace")
        return next()

    return check
