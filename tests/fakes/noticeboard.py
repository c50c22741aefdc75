"""A Noticeboard of plain data: what was put up, and what was told about it."""

from dataclasses import dataclass, field

from commands.base.errors import TesseraError
from explainers.builds.notice import News, Notice


@dataclass
class FakeBoard:
    """Implements Noticeboard. `fails` are raised one after another, each for one question."""

    name: str = "deployments at github.test"
    repositories: tuple[str, ...] = ()
    fails: list[TesseraError] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    told: list[tuple[str, News]] = field(default_factory=list)

    def has(self, repository: str) -> bool:
        return repository in self.repositories

    def put_up(self, notice: Notice, again: bool) -> str:
        self._answer()
        if again and notice in self.notices:
            return str(self.notices.index(notice))
        self.notices.append(notice)
        return str(len(self.notices) - 1)

    def tell(self, notice: Notice, made: str, news: News) -> None:
        self._answer()
        assert self.notices[int(made)] == notice
        self.told.append((made, news))

    @property
    def courses(self) -> list[str]:
        return [news.course.name for _, news in self.told]

    def _answer(self) -> None:
        if self.fails:
            raise self.fails.pop(0)
