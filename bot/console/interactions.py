"""What people do, turned into payloads for the bot, and what its acknowledgement then changes.

The page and the tests use the same methods. An act that the bot does not acknowledge in three seconds ends as in
Slack: with a word to the person who acted, never in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.console import forms, limits, payloads
from bot.console.api.chat import show_ephemeral
from bot.console.api.views import checked_view
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.block_elements import OPTION
from bot.console.compose import Content, read_content
from bot.console.delivery import Ack, Delivery
from bot.console.errors import Refusal, SlackError
from bot.console.manifest import Installation
from bot.console.messages import Message
from bot.console.people import BOT_USER, Channel, Person
from bot.console.response_urls import publish
from bot.console.schema import Json, array
from bot.console.view_store import View
from bot.console.written import encode_mentions, encode_message

SUGGESTED = array(OPTION, limits.OPTIONS, 0)
TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True)
class Submission:
    """How a submitted modal ended: `errors` by block id keep it open, as does `trouble`."""

    ack: Ack | None = None
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""


class Interactions:
    """People's acts: commands, messages, clicks, forms."""

    def __init__(
        self,
        backend: Backend,
        delivery: Delivery,
        app: Installation,
    ) -> None:
        self._backend = backend
        self._delivery = delivery
        self._interactive = app.interactive
        self.commands = app.commands
        self.shortcuts = app.shortcuts
        self.home_tab = app.home

    def slash(self, person: Person, channel: Channel, command: str, text: str) -> Ack:
        """Send a slash command; an answer in the acknowledgement is shown as Slack shows it."""
        name = "/" + command.removeprefix("/")
        declared = next((each for each in self.commands if each.name == name), None)
        if self.commands and declared is None:
            self._tell(person, channel, f"`{name}` is not a valid command. It is not registered for this app.")
            return Ack(error="unknown_command")
        said = encode_mentions(self._backend.workspace, text) if declared and declared.should_escape else text
        ack = self._delivery.send(
            "slash_commands", payloads.slash_command(self._backend, person, channel, name, said.strip())
        )
        error = ack.error or self._show_answer(person, channel, ack.body)
        if error:
            self._tell(person, channel, f"`{name}` failed with the error “{error}”.")
        return ack

    def say(self, person: Person, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
        """Post as a person; the bot hears it as `app_mention` and `message` events."""
        workspace = self._backend.workspace
        parent = workspace.find(channel.id, thread_ts) if thread_ts else None
        encoded = encode_message(workspace, text)
        message = Message(channel.id, workspace.next_ts(), person.id, encoded, thread_ts=thread_ts)
        workspace.post(message)
        if BOT_USER in channel.members:
            if channel.kind != "im" and f"<@{BOT_USER}>" in encoded:
                self._backend.emit(payloads.user_message(person, message, channel, parent, "app_mention"))
            self._backend.emit(payloads.user_message(person, message, channel, parent))
        return message

    def act_on_message(self, person: Person, message: Message, name: str, value: Any, block_id: str = "") -> Ack:
        """Use an element of a message. Raises LookupError when there is no such element or option."""
        block, element = forms.find_element(message.blocks, name, block_id, value)
        action = forms.action(block, element, value, self._backend.workspace.next_ts())
        if element["type"] not in ("button", "overflow"):
            state = {**message.state, block["block_id"]: {element["action_id"]: forms.chosen(element, value)}}
            self._backend.workspace.touch(message, state=state)
        ack = self._interact(payloads.message_action(self._backend, person, message, action))
        if not ack.ok:
            channel = self._backend.workspace.channels[message.channel]
            self._tell(person, channel, f"This app did not answer the click ({ack.error}).", message.thread_ts)
        return ack

    def act_on_view(self, person: Person, view: View, name: str, value: Any, block_id: str = "") -> Ack:
        """Use an element of a modal or Home tab outside of its submission."""
        block, element = forms.find_element(view.content["blocks"], name, block_id)
        if element["type"] not in ("button", "overflow"):
            view.values.setdefault(block["block_id"], {})[element["action_id"]] = forms.chosen(element, value)
        action = forms.action(block, element, value, self._backend.workspace.next_ts())
        return self._interact(payloads.view_action(self._backend, person, view, action))

    def suggest(self, person: Person, source: View | Message, name: str, typed: str, block_id: str = "") -> list[Json]:
        """The options that the bot offers for what somebody typed into an `external_select`; kept with the source.

        Raises LookupError when there is no such element, SlackError when the bot's options are not acceptable.
        """
        blocks = source.content["blocks"] if isinstance(source, View) else source.blocks
        block, element = forms.find_element(blocks, name, block_id)
        payload = payloads.block_suggestion(person, source, block, element, typed)
        ack = self._interact(payload)
        answer = ack.body if ack.ok and isinstance(ack.body, dict) else {}
        options: list[Json] = answer.get("options") or []
        problems = list(SUGGESTED(options, "/options"))
        if problems:
            self._backend.refusals.append(Refusal("block_suggestion", "invalid_options", tuple(map(str, problems))))
            raise SlackError("invalid_options", problems)
        element["options"] = options
        return options

    def shortcut(self, person: Person, callback_id: str, message: Message | None = None) -> Ack:
        """Choose a shortcut, of a message or of the workspace."""
        now = self._backend.workspace.next_ts()
        return self._interact(payloads.shortcut(self._backend, person, callback_id, message, now))

    def submit(self, person: Person, given: Mapping[str, Any]) -> Submission:
        """Submit the modal that a person sees; required fields are checked before anything is sent."""
        view = self._open_view(person)
        blocks = view.content["blocks"]
        view.values = forms.state_values(blocks, given)
        incomplete = forms.incomplete(blocks, view.values)
        if incomplete:
            return Submission(errors=incomplete)
        ack = self._interact(payloads.view_submission(self._backend, person, view))
        if not ack.ok:
            return Submission(ack, trouble=TROUBLE)
        try:
            return Submission(ack, self._follow(person, view, ack.body))
        except SlackError as error:
            self._backend.refusals.append(Refusal("view_submission", error.code, tuple(error.messages)))
            return Submission(ack, trouble=TROUBLE)

    def close(self, person: Person, *, clear: bool = False) -> list[Ack]:
        """Close the modal that a person sees, or all; the bot hears of those with `notify_on_close`."""
        view = self._open_view(person)
        with self._backend.workspace.change():
            closed = self._backend.views.close(person.id, clear=clear or bool(view.content.get("clear_on_close")))
        return [
            self._interact(payloads.view_closed(person, each, cleared=clear))
            for each in closed
            if each.content.get("notify_on_close")
        ]

    def open_home(self, person: Person) -> View | None:
        """Open the Home tab: the bot hears `app_home_opened` and may publish."""
        channel = self._backend.workspace.direct(person.id)
        ts = self._backend.workspace.next_ts()
        self._backend.emit(
            {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": "home", "event_ts": ts}
        )
        return self._backend.views.homes.get(person.id)

    def _interact(self, payload: Json) -> Ack:
        if not self._interactive:
            return Ack(error="interactivity_disabled")
        return self._delivery.send("interactive", payload)

    def _follow(self, person: Person, view: View, answer: Any) -> dict[str, str]:
        act = answer.get("response_action") if isinstance(answer, dict) else None
        if act == "errors":
            return forms.check_error_response(view.content["blocks"], answer.get("errors"))
        with self._backend.workspace.change():
            if act in ("update", "push"):
                content = checked_view(answer.get("view"))
                if act == "push":
                    self._backend.views.push(person.id, content)
                else:
                    self._backend.views.update(view, content)
            elif act in (None, "clear"):
                self._backend.views.close(person.id, clear=act == "clear")
            else:
                raise SlackError("invalid_response_action", [f"[ERROR] unknown response_action: {act}"])
        return {}

    def _open_view(self, person: Person) -> View:
        view = self._backend.views.top(person.id)
        if view is None:
            raise LookupError(f"{person.real_name} has no modal open")
        return view

    def _show_answer(self, person: Person, channel: Channel, answer: Any) -> str | None:
        body: Json = {"text": answer} if isinstance(answer, str) else answer or {}
        if not body:
            return None
        try:
            arguments = Arguments(body)
            content = read_content(self._backend, "slash command answer", arguments)
            publish(self._backend, channel.id, person.id, content, arguments)
        except SlackError as error:
            self._backend.refusals.append(Refusal("slash command answer", error.code, tuple(error.messages)))
            return error.code
        return None

    def _tell(self, person: Person, channel: Channel, text: str, root: str | None = None) -> None:
        message = show_ephemeral(self._backend, channel.id, person.id, Content(text), root)
        self._backend.workspace.touch(message, user="USLACKBOT")
