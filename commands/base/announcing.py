"""Tells a code host how a build goes, beside it: a build neither waits for the host nor fails with it.

Only the newest state is told, from a thread of its own. What was put up is noted with the request, so that a worker
that goes on after a crash goes on with the same. How it ended is told until the host takes it: where there is a queue
whichever process lives then does that, else this one for as long as it lives and `PATIENCE` lasts.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType

from commands.base.cancelling import canceller
from commands.base.errors import TesseraError, Unavailable
from commands.base.owing import Later, Owing
from commands.base.ports import Audience, Builds, Noticeboard, Services
from commands.base.request import Reply, Request
from explainers.builds.binding import Binding
from explainers.builds.model import Commit
from explainers.builds.notice import Course, News, Notice, news, outcome, running
from explainers.document import Document
from explainers.kinds import Ref

TOO_LATE = frozenset({"verify"})
"""Stages that do not begin anything: a request that waited for another's build only looks at what came of it."""
GRACE = 8.0
"""Seconds that the answer waits for the host to take the end."""
AGAIN = 5.0
PATIENCE = 600.0
WARNED_SECONDS = 86_400
INTERRUPTED = "Interrupted: {}"


@dataclass(frozen=True)
class Pace:
    """Seconds: how long the answer waits for the end to be told, the pause between two tries of that, and all tries."""

    grace: float = GRACE
    again: float = AGAIN
    patience: float = PATIENCE


STANDARD = Pace()


class Announcer:
    """Use it as a context around the build; `beside` hears of the stages, `ended` of the reply."""

    def __init__(
        self,
        boards: Sequence[Noticeboard],
        notice: Notice,
        services: Services,
        pace: Pace = STANDARD,
        later: Later | None = None,
    ):
        self._boards = [Owing(services.state, board, notice) for board in boards if _shows(board, notice.repository)]
        self._notice = notice
        self._state = services.state
        self._pace = pace
        self._later = later
        self._problems: dict[str, str] = {}
        self._changed = threading.Condition()
        self._next: News | None = None
        self._last = self._done = False
        self._stage = ""
        self._thread: threading.Thread | None = None
        self._begun = any(board.begun for board in self._boards)

    def beside(self, audience: Audience) -> Audience:
        """The same audience, with the code host behind it."""

        def show(document: Document) -> None:
            audience.show(document)
            self._show(document)

        return replace(audience, show=show) if self._boards else audience

    def ended(self, reply: Reply) -> Reply:
        """Tell how it ended; the reply, with what the host was not told."""
        if not self._begun or not self._boards:
            return reply
        course = outcome(reply.outcome, reply.document, bool(canceller(self._state, self._notice.request)))
        self._finish(news(course, reply.document))
        facts = tuple(f"not shown by the {name}: {why}" for name, why in self._warnings())
        return replace(reply, document=replace(reply.document, facts=(*reply.document.facts, *facts)))

    def __enter__(self) -> "Announcer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A build that broke off says so; one that is run again goes on with what is put up."""
        if not self._begun or not self._boards:
            return
        if isinstance(error, KeyboardInterrupt):
            self._finish(News(Course.CANCELLED, "Cancelled."))
        elif isinstance(error, Exception):
            why = error.message if isinstance(error, TesseraError) else "a fault of mine."
            self._finish(News(Course.FAILED, INTERRUPTED.format(why)))
            for board in self._boards:
                board.look_again()

    def _show(self, document: Document) -> None:
        stage = running(document)
        if not stage or stage == self._stage or not (self._begun or stage not in TOO_LATE):
            return
        self._stage, self._begun = stage, True
        self._put(news(Course.RUNNING, document))

    def _put(self, newest: News, last: bool = False) -> None:
        with self._changed:
            self._next, self._last = newest, last
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
            self._thread.start()

    def _finish(self, newest: News) -> None:
        self._put(newest, last=True)
        with self._changed:
            done = self._changed.wait_for(lambda: self._done, self._pace.grace)
        if not done:
            self._unkept(self._boards, newest)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._next is not None)
                newest, last, self._next = self._next, self._last, None
            if newest is None:
                continue
            failed = [board for board in self._boards if not self._tell(board, newest)]
            if last:
                failed = self._unkept(failed, newest)
                with self._changed:
                    self._done = True
                    self._changed.notify_all()
                self._insist(failed, newest)
                return

    def _unkept(self, boards: list[Owing], newest: News) -> list[Owing]:
        """Leave the end to the queue; what it did not take."""
        left = []
        for board in boards:
            try:
                if self._later is None:
                    left.append(board)
                else:
                    board.keep(newest, self._later)
            except Unavailable:
                left.append(board)
        return left

    def _insist(self, boards: list[Owing], newest: News) -> None:
        """Tell the end again until the host takes it: what may never be taken is told once only."""
        until = time.monotonic() + self._pace.patience
        while boards and time.monotonic() < until:
            time.sleep(self._pace.again)
            boards = [board for board in boards if not self._tell(board, newest)]

    def _tell(self, board: Owing, newest: News) -> bool:
        """Whether the board has the news, or never will."""
        try:
            board.tell(newest)
        except TesseraError as error:
            self._problems[board.board.name] = " ".join(filter(None, (error.message, error.hint)))
            return not isinstance(error, Unavailable)
        self._problems.pop(board.board.name, None)
        return True

    def _warnings(self) -> list[tuple[str, str]]:
        """What went wrong, the same thing once a day: a missing right is not said with every build."""
        if not self._done:
            return [(board.board.name, "no answer yet; I go on trying") for board in self._boards]
        key = f"not-shown:{self._notice.repository}"
        found = list(self._problems.items())
        with suppress(Unavailable):  # then it is said once too often
            found = [one for one in found if self._state.put_new(f"{key}:{one[0]}:{one[1]}", "yes", WARNED_SECONDS)]
        return found


def announcer(
    builds: Builds, request: Request, services: Services, ref: Ref, binding: Binding, commit: Commit
) -> Announcer:
    """What tells the code host of one build of a workload."""
    place = f"{ref.namespace}/{ref.name}"
    environment = f"{place} ({services.cluster.name})"
    notice = Notice(binding.repository, commit.sha, environment, f"tessera {place}", request.id)
    return Announcer(builds.boards, notice, services, later=builds.later)


def _shows(board: Noticeboard, repository: str) -> bool:
    try:
        return board.has(repository)
    except TesseraError:  # a login that cannot be read: building says so, where it needs it
        return False
