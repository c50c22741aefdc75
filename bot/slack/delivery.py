"""Brings an answer to where it belongs: root and thread, or to one person when it is a refusal or the channel is shut.

No request ends in silence: what the channel does not take goes through the response URL, then as a direct message.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from slack_sdk.errors import SlackApiError

from bot.observe.redact import redact_document, redact_shapes
from bot.slack.blocks import Rendered, render
from bot.slack.client import ChannelClosed, code, transient
from bot.slack.memory import Memory
from bot.slack.message import Message, context, section
from bot.slack.mrkdwn import mrkdwn, plain
from bot.slack.outbox import Outbox
from bot.slack.sender import Sender
from bot.slack.task import Task
from explainers.document import Attachment, Button, Document, Tone

ROOT = "root"
PRIVATE_PARTS = 4
NO_FILE_FOR = "All of the output would be here as a file, but Slack does not take it:"
NO_FILE = f"{NO_FILE_FOR} install the app anew from its manifest, which asks for `files:write`."
ALONE = "Only you see this: I cannot write in this channel. To let me: `/invite @tessera`."


@dataclass(frozen=True)
class Tools:
    """What delivering needs."""

    sender: Sender
    memory: Memory
    cluster: str


class Delivery:
    """Delivers one request's answer. Methods raise what Sender raises, but for ChannelClosed."""

    def __init__(self, task: Task, outbox: Outbox, tools: Tools, name: str = "") -> None:
        self._task = task
        self._outbox = outbox
        self._tools = tools
        self._name = name or task.user
        self._root = ""
        self._keeps = False
        self._quiet = False
        self._offered: tuple[tuple[Button, ...], list[str]] = ((), [])

    def renew(self, root: str, at_once: bool = False, quiet: bool = False) -> None:
        """Renew an older message of the bot instead of posting a root; it stays until there is a new verdict, or
        shows progress at once. Where it is `quiet`, its thread does not say so."""
        self._quiet = quiet
        self._outbox.adopt(ROOT, root)
        self._root = root
        self._keeps = not at_once

    @property
    def _renews(self) -> bool:
        return bool(self._root)

    def show_progress(self, document: Document) -> None:
        """Post or update the root while the work goes on."""
        if self._keeps:
            return
        document = redact_document(document)
        if document.buttons != self._offered[0]:
            self._offered = (document.buttons, self._tools.memory.offer(document.buttons))
        self._put_root(render(document, self._footer(""), self._offered[1]).root)

    def answer(self, document: Document, namespace: str, rooted: Callable[[str], None]) -> None:
        """Deliver the final answer.

        `rooted` hears the root's timestamp before the thread is filled, so that a reply finds its thread known; it
        is not called when the answer goes to one person only.
        """
        document = redact_document(document)
        if self._for_one(document) and (self._renews or not self._outbox.sent(ROOT)):
            self._whisper(render(document, self._footer(namespace), together=document.private))
            return
        values = self._tools.memory.offer(document.buttons)
        rendered = self._rendered(document, namespace, values)
        try:
            root = self._put_root(rendered.root)
            rooted(root)
            self._post_thread(root, rendered, _gist(document))
            self._attach(root, document.attachment)
        except ChannelClosed:
            self._privately(render(document, self._footer(namespace)))

    def _for_one(self, document: Document) -> bool:
        """Whether only the one who asked is told: what was refused, and what is private where others read along."""
        nobody_waits = self._task.kind == "push"
        return (document.tone is Tone.REFUSED and not nobody_waits) or (document.private and not self._task.direct)

    def _rendered(self, document: Document, namespace: str, values: Sequence[str]) -> Rendered:
        """One message inside a thread, root and thread for a verdict; the requester is named where nothing follows."""
        together = self._together(document)
        rendered = render(document, self._footer(namespace), values, together)
        if rendered.thread or self._renews:
            return rendered
        return render(document, self._footer(namespace, mention=True), values, together)

    def _together(self, document: Document) -> bool:
        """Whether all is said in one message: what only informs, and replies but for the bot's own verdict anew."""
        return document.tone is Tone.INFO or (bool(self._task.thread) and self._root != self._task.thread)

    def notice(self, text: str) -> None:
        """Say in the root, or to the one who asked, that something went wrong; kept simple, so that this works."""
        said = redact_shapes(text)
        message = Message(plain(said), (section(mrkdwn(said)), context(self._footer(""))))
        try:
            self._put_root(message)
        except ChannelClosed:
            self._privately(Rendered(message, ()))

    def receipt(self, understood: str) -> None:
        """Tell the one who asked what was understood; losing this loses nothing."""
        if self._task.bot:
            return
        url = self._tools.memory.url(self._task.id)  # of a click: what goes there is shown in the channel
        seen = "" if url else self._task.seen_thread
        message = receipt(understood, self._task.id, "here" if seen == self._task.thread else "in the thread")
        if url:
            self._tools.sender.respond(url, message)
            return
        try:
            self._tools.sender.whisper(self._task.channel, self._task.user, message, self._task.seen_thread)
        except (ChannelClosed, SlackApiError):
            return

    def _put_root(self, message: Message) -> str:
        return self._outbox.put(ROOT, message, self._task.thread)

    def _post_thread(self, root: str, rendered: Rendered, gist: str) -> None:
        """Fill the thread; after a re-check that found the same, one line says so."""
        parts, memory, channel = list(rendered.thread), self._tools.memory, self._task.channel
        if self._renews and not self._quiet and (not parts or memory.said(channel, root) == gist):
            parts = [Message("", (context(f"Checked again: {rendered.root.blocks[0]['text']['text']}"),))]
        if parts:
            parts[-1] = _mentioning(parts[-1], self._task.user, rendered.root.text)
        for number, part in enumerate(parts):
            self._outbox.post(f"thread-{number}", part, self._task.thread or root)
        memory.remember_said(channel, root, gist)

    def _attach(self, root: str, attachment: Attachment | None) -> None:
        """Put long output into the thread as a file, or say why it is not there: the answer is whole without it."""
        if attachment is None:
            return
        thread = self._task.thread or root
        try:
            self._outbox.attach(attachment.name, attachment.title, attachment.text, thread)
        except SlackApiError as error:
            if transient(error):
                raise
            said = NO_FILE if code(error) == "missing_scope" else f"{NO_FILE_FOR} `{code(error)}`."
            self._outbox.post("no-file", Message(said, (context(said),)), thread)

    def _whisper(self, rendered: Rendered) -> None:
        task = self._task
        if task.bot:
            self._direct(rendered)
            return
        if self._respond(rendered):
            return
        try:
            for part in (rendered.root, *rendered.thread):
                self._tools.sender.whisper(task.channel, task.user, part, task.seen_thread)
        except (ChannelClosed, SlackApiError):
            self._direct(rendered)

    def _privately(self, rendered: Rendered) -> None:
        noted = replace(rendered, root=_with(rendered.root, ALONE))
        if not self._respond(noted):
            self._direct(noted)

    def _respond(self, rendered: Rendered) -> bool:
        url = self._tools.memory.url(self._task.id)
        parts = (rendered.root, *rendered.thread)[:PRIVATE_PARTS]
        return bool(url) and all(self._tools.sender.respond(url, part) for part in parts)

    def _direct(self, rendered: Rendered) -> None:
        """A direct message; for another bot, which has none, a reply in the thread."""
        sender = self._tools.sender
        if self._task.bot:
            sender.post(self._task.channel, rendered.root, self._task.thread)
            return
        channel = sender.direct(self._task.user)
        root = sender.post(channel, rendered.root)
        for part in rendered.thread:
            sender.post(channel, part, root)

    def _footer(self, namespace: str, mention: bool = False) -> str:
        """Who asked, by name; a mention, which notifies, stands at the end."""
        notified = [f"<@{self._task.user}>"] if mention and not self._task.bot else []
        where = [f"cluster {mrkdwn(self._tools.cluster)}"] if self._tools.cluster else []
        where += [f"namespace {mrkdwn(namespace)}"] if namespace else []
        return " · ".join([f"asked by {mrkdwn(self._name)}", *where, self._task.id, *notified])


def receipt(understood: str, request: str, where: str = "here") -> Message:
    """The acknowledgement: what was read, and the id under which it is found again."""
    text = f"I read: {mrkdwn(f'`{understood}`')}. The answer follows {where} (request {request})."
    return Message(text, (context(text),))


def _gist(document: Document) -> str:
    """What a verdict says, ages left out: equal for two answers that tell a person the same."""
    evidence = [(item.source, item.text) for item in document.evidence]
    steps = [step.operation.line() for step in (*document.plan.steps, *document.plan.alternatives)]
    said = (document.headline, evidence, steps, document.fine, document.unchecked)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _mentioning(message: Message, user: str, headline: str) -> Message:
    return Message(f"<@{user}> {headline}", (*message.blocks, context(f"<@{user}> done.")))


def _with(message: Message, note: str) -> Message:
    return Message(f"{message.text} {note}", (*message.blocks, context(note)))
