"""The worker's side of Slack: from a job to a delivered answer, once, whatever dies in between."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial

from bot.observe.logs import logger, request_logged
from bot.observe.metrics import Metrics
from bot.slack.client import transient
from bot.slack.delivery import Delivery, Tools
from bot.slack.live import LiveRoot
from bot.slack.memory import Thread
from bot.slack.modals import CLOSED, EXPIRED, ON_ITS_WAY, Modals
from bot.slack.outbox import Outbox
from bot.slack.pace import Pace
from bot.slack.people import People, Person
from bot.slack.task import Task
from bot.slack.words import ALIASES, Understood, understand_command, understand_words
from commands.base.errors import Denied, TesseraError
from commands.base.ports import Audience, StateStore, unseen
from commands.base.pushes import newest
from commands.base.registry import commands
from commands.base.request import Actor, Approval, Reply, Request
from explainers.document import Document, Tone

DONE_SECONDS = 86_400
Answer = Callable[[Request, Audience], Reply]

_log = logger(__name__)


@dataclass(frozen=True)
class Parts:
    """What answering needs: the commands (`answer`), Slack (`tools`, `people`), state, the channel's namespace, the
    queue of long work, forms, `alone` (inside the block that it gives for a key, no other run with it works), and the
    `pace` of those who show progress."""

    answer: Answer
    tools: Tools
    people: People
    state: StateStore
    metrics: Metrics
    namespace_of: Callable[[Actor], str]
    enqueue_long: Callable[[str], None]
    modals: Modals
    alone: Callable[[str], AbstractContextManager[None]]
    pace: Pace


class Answering:
    """Handles jobs; give `handle` and `failed` to the queue."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def handle(self, job: str) -> None:
        """Answer one request. Raises what may heal (Slack, Redis, cluster away), for the queue to try again."""
        task = Task.from_json(job)
        with request_logged(task.id, user=task.user, channel=task.channel), self._alone(task):
            if not self._mine(task):
                _log.info("request already taken or answered")
                return
            try:
                actor = self._parts.people.complete(task.actor)
            except Denied as error:
                refused = Reply(Document(Tone.REFUSED, error.message), outcome="refused")
                self._finish(task, Delivery(task, self._outbox(task), self._parts.tools), refused, "")
                return
            self._answer(task, actor)

    def failed(self, job: str, error: BaseException, final: bool) -> None:
        """Tell the one who asked that a request failed, and whether it is tried again; not where another run, which
        took it over when this one was out of reach, has answered."""
        task = Task.from_json(job)
        with request_logged(task.id, user=task.user, channel=task.channel), self._alone(task):
            _log.error("request failed", final=final, error=repr(error), exc_info=error)
            self._parts.metrics.failed("answer")
            if self._parts.state.get(f"done:{task.id}"):
                return
            Delivery(task, self._outbox(task), self._parts.tools).notice(_sorry(error, final, task.long))
            if final:
                self._parts.state.put_new(f"done:{task.id}", "failed", DONE_SECONDS)

    def _answer(self, task: Task, actor: Actor) -> None:
        understood = self._understand(task)
        delivery = Delivery(task, self._outbox(task), self._parts.tools, self._name(task, actor))
        if understood is None:
            expired = Document(Tone.REFUSED, "This button has expired or was used.", facts=("type the command again",))
            self._finish(task, delivery, Reply(expired, outcome="refused"), "")
            return
        if self._overtaken(task):
            return
        if task.kind not in ("command", "form", "push") and not task.long and not task.view:
            delivery.receipt(str(understood))
        if _long(understood) and not task.long:
            self._parts.enqueue_long(replace(task, long=True).to_json())
            return
        root = self._root_to_renew(task, understood)
        if root:
            delivery.renew(root, at_once=understood.approval is not None, quiet=understood.command == "bind")
        known = understood.command if understood.command in commands() else "unknown"
        filled = self._parts.modals.filled(task)
        if task.kind == "form" and filled is None:
            self._finish(task, delivery, Reply(EXPIRED, outcome="refused"), known)
            return
        if filled is not None and task.long:  # nobody waits before a form for minutes
            self._parts.modals.end(task.view, ON_ITS_WAY)
            task = replace(task, view="")
        request = Request(
            understood.command,
            understood.text,
            actor,
            surface="slack",
            thread=task.thread,
            namespace=self._parts.namespace_of(actor),
            id=task.id,
            approval=understood.approval,
            filled=filled,
            pushed=task.pushed,
        )
        approved = f", approved by {self._name(task, actor)}" if understood.approval else ""
        with self._parts.metrics.timed(known):
            show = unseen if task.view else delivery.show_progress
            with LiveRoot(f"Working on `{understood}`{approved}", show, self._parts.pace) as live:
                reply = self._parts.answer(request, Audience(live.tell, live.show))
            self._conclude(task, delivery, reply, understood, known)

    def _conclude(self, task: Task, delivery: Delivery, reply: Reply, understood: Understood, known: str) -> None:
        """Show the form that the reply asks with, or the answer: in the view that waits, and as ever."""
        modals = self._parts.modals
        if reply.form:
            if task.view and modals.fill(task, understood.command, understood.text, reply.form):
                self._parts.state.put(f"done:{task.id}", "form", DONE_SECONDS)
            else:
                wrong = reply.document if reply.document.tone is Tone.REFUSED else CLOSED
                self._finish(task, delivery, Reply(wrong, outcome="refused"), known)
        else:
            seen = bool(task.view) and modals.end(task.view, reply.document)
            if seen and reply.document.tone is Tone.REFUSED:
                self._parts.state.put(f"done:{task.id}", "refused", DONE_SECONDS)
            else:
                self._finish(task, delivery, reply, known)
        modals.done(task)

    def _finish(self, task: Task, delivery: Delivery, reply: Reply, command: str) -> None:
        if task.kind == "push" and reply.document.tone is Tone.REFUSED:
            said = f"A push was not built (`{task.command} {task.text}`): {reply.document.headline}"
            reply = replace(reply, document=replace(reply.document, headline=said))
        delivery.answer(reply.document, reply.namespace, partial(self._remember, task, reply))
        outcome = reply.outcome or reply.document.tone.value
        if self._parts.state.put_new(f"done:{task.id}", outcome, DONE_SECONDS):
            self._parts.metrics.answered(command or "unknown", outcome)
            _log.info("answered", command=command, outcome=outcome, target=reply.target, namespace=reply.namespace)

    def _remember(self, task: Task, reply: Reply, root: str) -> None:
        """From now on the thread is about the reply's target, and so is what a person writes to the bot directly."""
        if reply.target:
            own = not task.thread or self._is_own(task)
            thread = Thread(reply.target, reply.namespace, own)
            self._parts.tools.memory.remember_thread(task.channel, task.thread or root, thread)
            if task.direct:
                self._parts.tools.memory.remember_thread(task.channel, "", replace(thread, own=False))

    def _understand(self, task: Task) -> Understood | None:
        memory = self._parts.tools.memory
        if task.kind in ("command", "form", "push"):
            return understand_command(task.command, task.text)
        if task.kind == "mention":
            return understand_words(task.text, memory.thread(task.channel, task.thread))
        offer = memory.take_offer(task.offer, task.id)
        if offer is None:
            return None
        approval = Approval(offer.approves, offer.at) if offer.approves else None
        return Understood(ALIASES.get(offer.action, offer.action), offer.argument, approval)

    def _root_to_renew(self, task: Task, understood: Understood) -> str:
        """A re-check renews the verdict where it stands instead of posting another; a yes, the plan it was said to; a
        skip, the proposals."""
        if understood.approval:
            return task.message
        if understood.command == "bind" and task.kind == "click" and "--skip" in understood.text.split():
            return task.message
        if understood.command != "diagnose":
            return ""
        if task.kind == "click":
            return task.message
        return task.thread if self._is_own(task) else ""

    def _is_own(self, task: Task) -> bool:
        thread = self._parts.tools.memory.thread(task.channel, task.thread) if task.thread else None
        return bool(thread and thread.own)

    def _alone(self, task: Task) -> AbstractContextManager[None]:
        """Of the runs of long work one at a time works and posts."""
        return self._parts.alone(f"at-work:{task.id}") if task.long else nullcontext()

    def _mine(self, task: Task) -> bool:
        """Whether this delivery is the one to answer: not done yet, and not taken by another delivery."""
        state = self._parts.state
        if state.get(f"done:{task.id}"):
            return False
        return self._parts.tools.memory.claim(f"claim:{task.id}", task.delivery, DONE_SECONDS)

    def _outbox(self, task: Task) -> Outbox:
        return Outbox(self._parts.tools.sender, self._parts.state, task.id, task.channel)

    def _overtaken(self, task: Task) -> bool:
        """Whether a newer push came to the same branch meanwhile: that one is built, and nobody waits for this one."""
        state = self._parts.state
        if task.kind != "push" or newest(state, task.about) == task.pushed:
            return False
        state.put(f"done:{task.id}", "overtaken", DONE_SECONDS)
        _log.info("a newer push is built instead", commit=task.pushed)
        return True

    def _name(self, task: Task, actor: Actor) -> str:
        person = Person("", False, True) if actor.bot else self._parts.people.person(actor.user, actor.team)
        return f"a push of {task.by or 'somebody'}, for {person.name}" if task.kind == "push" else person.name


def _long(understood: Understood) -> bool:
    found = commands().get(understood.command)
    return found is not None and found.long


def _sorry(error: BaseException, final: bool, long: bool) -> str:
    """What failed, whether something changed, what happens next; no word of the code."""
    reason = error.message if isinstance(error, TesseraError) else "Slack did not answer." if transient(error) else ""
    next_step = (
        "Ask again; if it fails again, give the id below to whoever runs me."
        if final
        else "I try again by myself in a minute."
    )
    reason = (reason or "a fault of mine.").replace(" Nothing was changed.", "")
    kept = "What was done before stays done, and is not done twice." if long else "Nothing was changed."
    return f"? I could not finish: {reason} {kept} {next_step}"
