"""How a build ended, as long as a code host has not taken it: kept with the request, for whichever process lives on.

The newest end alone is owed: a build that broke off and was run again is told as it came to be.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from commands.base.errors import TesseraError, Unavailable
from commands.base.journal import Journal
from commands.base.ports import Noticeboard, StateStore
from explainers.builds.notice import Course, News, Notice

TRIED = "tried"

Later = Callable[[str], None]
"""Keeps a job for `pay`, which is to be called again while it raises Unavailable. Raises Unavailable."""


@dataclass(frozen=True)
class Owing:
    """One board and the build that is shown there."""

    state: StateStore
    board: Noticeboard
    notice: Notice

    @property
    def begun(self) -> bool:
        """Whether something may have been put up already."""
        return bool(self._journal.noted(self._made))

    def tell(self, newest: News) -> None:
        """Put the build up unless it is, and tell the newest; then nothing older is owed. Raises what the board does.

        The attempt is noted before, so that nothing is put up twice.
        """
        made = self._journal.noted(self._made)
        if made in ("", TRIED):
            self._journal.note(self._made, TRIED)
            made = self.board.put_up(self.notice, again=made == TRIED)
            self._journal.note(self._made, made)
        self.board.tell(self.notice, made, newest)
        self.forget()

    def look_again(self) -> None:
        """Who goes on with this build is to look what is put up still: what has ended may be closed."""
        self._journal.note(self._made, TRIED)

    def keep(self, newest: News, later: Later) -> None:
        """Owe it: kept with the request, for as long as that is. Raises Unavailable."""
        kept = {"notice": asdict(self.notice), "news": {**asdict(newest), "course": newest.course.name}}
        self._journal.note(self._owed, json.dumps(kept))
        later(json.dumps({"board": self.board.name, "request": self.notice.request}))

    def forget(self) -> None:
        self._journal.forget(self._owed)

    @property
    def _journal(self) -> Journal:
        return Journal(self.state, self.notice.request)

    @property
    def _made(self) -> str:
        return f"notice:{self.board.name}"

    @property
    def _owed(self) -> str:
        return _owed(self.board.name)


def pay(state: StateStore, boards: Sequence[Noticeboard], job: str) -> str:
    """Tell what is owed by a job of `Owing.keep`; why the board refused it for good, empty when it did not.

    Raises Unavailable while the board does not answer.
    """
    said = json.loads(job)
    kept = Journal(state, said["request"]).noted(_owed(said["board"]))
    board = next((one for one in boards if one.name == said["board"]), None)
    if not kept or board is None:
        return ""
    told = json.loads(kept)
    news = News(Course[told["news"]["course"]], told["news"]["headline"], tuple(told["news"]["lines"]))
    owing = Owing(state, board, Notice(**told["notice"]))
    try:
        owing.tell(news)
    except Unavailable:
        raise
    except TesseraError as error:
        with suppress(Unavailable):  # then it is refused once more
            owing.forget()
        return error.message
    return ""


def _owed(board: str) -> str:
    return f"owed:{board}"
