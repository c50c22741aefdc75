"""Forms in Slack: opened at once, filled by a job, submitted into a job that carries no secret.

A trigger id is good for 3 s and once (https://docs.slack.dev/interactivity/handling-user-interaction), so the intake
opens a view that says to wait, and the worker puts the form into it. What the form is about stays on the server; the
view carries an opaque id. Secrets go from the submission straight into the vault.

A submission is queued before it is answered, so that none is lost, and its job may be done before Slack shows the view
of the answer, which would then hide the result. That view has a name of ours (`external_id`); the job updates by it,
and Slack does not know it before it shows that view.
"""

import json
import secrets
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.observe.logs import logger
from bot.observe.redact import redact_document
from bot.secrets.vault import Vault
from bot.slack.client import code
from bot.slack.task import Task, request_id
from bot.slack.views import View, form_view, said_view, values_in, waiting_view
from commands.base.errors import TesseraError, Unavailable
from commands.base.ports import StateStore
from explainers.document import Document, Tone
from explainers.form import Form

OPEN_SECONDS = 2
FORM_SECONDS = 3_600
SHOWN_SECONDS = 3  # how long after a submission its answer may come (handling-user-interaction, above)
LOOK_SECONDS = 0.2
NAMED = "waiting-"
TITLE = "Tessera"
EXPIRED = Document(Tone.REFUSED, "This form has expired.", facts=("type the command again",))
ON_ITS_WAY = Document(Tone.INFO, "I am on it.", facts=("the answer comes in the channel; you may close this",))
CLOSED = Document(Tone.REFUSED, "The form was closed, or could not be opened.", facts=("type the command again",))

_log = logger(__name__)


@dataclass(frozen=True)
class Submission:
    """A submitted form: the `task` for the queue, or what is wrong by field, or the view that ends it."""

    answer: dict[str, Any]
    task: Task | None = None


class Modals:
    """Opens, fills, reads and ends views. Without a `vault`, forms with secrets are refused."""

    def __init__(self, client: WebClient, state: StateStore, vault: Vault | None) -> None:
        self._client = client
        self._quick = WebClient(token=client.token, base_url=client.base_url, timeout=OPEN_SECONDS)
        self._state = state
        self._vault = vault

    def open(self, trigger: str, said: str) -> str:
        """Open a view that says to wait; its id, or nothing where Slack does not take it in time."""
        try:
            answer = self._quick.views_open(trigger_id=trigger, view=waiting_view(TITLE, said))
            return str(answer["view"]["id"])
        except (SlackApiError, SlackClientError, OSError) as error:
            _log.warning("no view opened", error=type(error).__name__)
            return ""

    def fill(self, task: Task, command: str, text: str, form: Form) -> bool:
        """Put a form into the task's view; False when it is not open any more."""
        form_id = f"f-{secrets.token_urlsafe(16)}"
        about = replace(task, kind="form", command=command, text=text, offer=form_id, values={}, ticket="", long=False)
        kept = {"task": asdict(about), "form": form.to_json()}
        self._state.put(f"form:{form_id}", json.dumps(kept), FORM_SECONDS)
        return self._update(task.view, form_view(form, form_id))

    def end(self, view: str, document: Document) -> bool:
        """Show in the view what came of it; False when it is not open any more."""
        return self._update(view, said_view(TITLE, redact_document(document)))

    def submitted(self, body: dict[str, Any]) -> Submission:
        """What to answer a submission, within Slack's 3 s, and the task to put on the queue."""
        view = body["view"]
        kept = self._state.get(f"form:{view.get('private_metadata', '')}")
        held = json.loads(kept) if kept else None
        if held is None or held["task"]["user"] != body["user"]["id"]:
            return Submission({"response_action": "update", "view": said_view(TITLE, EXPIRED)})
        form, values = Form.from_json(held["form"]), values_in(view)
        problems = form.problems(values)
        try:
            ticket = "" if problems else self._park(form, values)
        except TesseraError as error:
            ticket, problems = "", {form.fields[-1].name: f"{error.message} {error.hint}"}
        if problems:
            return Submission({"response_action": "errors", "errors": problems})
        shown = {name: value for name, value in values.items() if name not in form.secrets}
        given = str(body.get("trigger_id") or f"{view['id']} {view.get('hash')}")
        name, known = f"{NAMED}{request_id(given)}-{view['id']}", Task(**held["task"])
        task = replace(known, id=request_id(given), view=name, values=shown, ticket=ticket, delivery="")
        waiting = {**waiting_view(TITLE, "Trying what you gave."), "external_id": name}
        return Submission({"response_action": "update", "view": waiting}, task)

    def filled(self, task: Task) -> dict[str, str] | None:
        """Everything that was filled in, secrets too. None when there is no form, or its time is over."""
        if task.kind != "form":
            return None
        if not task.ticket:
            return task.values
        hidden = self._vault.parked(task.ticket) if self._vault else None
        return None if hidden is None else {**task.values, **hidden}

    def done(self, task: Task) -> None:
        """Forget the secrets of a submission that has been dealt with."""
        if task.ticket and self._vault:
            self._vault.forget(task.ticket)

    def _park(self, form: Form, values: dict[str, str]) -> str:
        hidden = {name: value for name, value in values.items() if name in form.secrets}
        if not hidden:
            return ""
        if self._vault is None:
            raise Unavailable("Nothing secret can be taken here.", "ask whoever runs me")
        return self._vault.park(hidden)

    def _update(self, name: str, view: View) -> bool:
        """Change a view, by Slack's id or by our name, which Slack may get to know only in a moment."""
        if not name.startswith(NAMED):
            return self._updated(view, view_id=name)
        patience = time.monotonic() + SHOWN_SECONDS
        while not self._updated({**view, "external_id": name}, external_id=name):
            if time.monotonic() > patience:
                return False
            time.sleep(LOOK_SECONDS)
        return True

    def _updated(self, view: View, **which: str) -> bool:
        try:
            self._client.views_update(view=view, **which)
        except SlackApiError as error:
            if code(error) in ("not_found", "expired_trigger_id"):
                return False
            raise
        return True
