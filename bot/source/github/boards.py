"""How builds go, shown at GitHub: as deployments of a commit, and as its checks.

https://docs.github.com/en/rest/deployments, https://docs.github.com/en/rest/checks/runs. Only Apps may write check
runs; with a token a commit status stands in: https://docs.github.com/en/rest/commits/statuses.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.source.address import github_name
from bot.source.github.access import PUBLIC, SHOWING, Access, App, Clients
from bot.source.github.failures import Patience, Want, in_words
from explainers.builds.notice import Course, News, Notice
from explainers.redaction import redact_shapes

if TYPE_CHECKING:
    from github.Repository import Repository

LINE, TEXT = 140, 60_000
"""Characters that GitHub takes as a description, and as the summary of a check."""
TASK = "deploy"
STATUS = "status"
"""What `put_up` gives where there is nothing to find again."""
_DEPLOYMENT: Mapping[Course, str] = {
    Course.RUNNING: "in_progress",
    Course.SUCCEEDED: "success",
    Course.FAILED: "failure",
    Course.CANCELLED: "error",
    Course.LATE: "error",
    Course.KEPT: "inactive",
}
_CONCLUSION: Mapping[Course, str] = {
    Course.SUCCEEDED: "success",
    Course.FAILED: "failure",
    Course.CANCELLED: "cancelled",
    Course.LATE: "timed_out",
    Course.KEPT: "neutral",
}
_STATUS: Mapping[Course, str] = {
    Course.RUNNING: "pending",
    Course.SUCCEEDED: "success",
    Course.FAILED: "failure",
    Course.CANCELLED: "error",
    Course.LATE: "error",
    Course.KEPT: "success",
}


class GitHubWriter:
    """One GitHub, written to with a login that is asked for anew each time. Its limits count for all boards. What is
    `elsewhere` is not at GitHub, though it may be named alike."""

    def __init__(
        self, access: Callable[[], Access], base: str = PUBLIC, elsewhere: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._elsewhere = elsewhere
        self._clients = Clients(access, base, SHOWING)
        self._patience = Patience(self._clients.host)

    @property
    def host(self) -> str:
        return self._clients.host

    @property
    def app(self) -> bool:
        """Whether an App writes, not a person's token."""
        return isinstance(self._clients.access, App)

    def has(self, repository: str) -> bool:
        """Whether the repository is here and there is a login."""
        return bool(github_name(repository, self.host)) and not self._elsewhere(repository) and self._clients.known

    @contextmanager
    def repository(self, written: str, want: Want) -> Iterator["Repository"]:
        """The repository to write to; what PyGithub raises is said in words."""
        name = github_name(written, self.host)
        with in_words(self.host, name, True, self._patience, want):
            yield self._clients.client(name).get_repo(name)


class Deployments:
    """The Noticeboard of deployments: one a build, in an environment of its workload's own."""

    WANT = Want("write deployments of", "Deployments, write")

    def __init__(self, writer: GitHubWriter) -> None:
        self._writer = writer

    @property
    def name(self) -> str:
        return f"deployments at {self._writer.host}"

    def has(self, repository: str) -> bool:
        return self._writer.has(repository)

    def put_up(self, notice: Notice, again: bool) -> str:
        """See Noticeboard. No other check is waited for, and nothing is merged: the commit is built as it is."""
        with self._writer.repository(notice.repository, self.WANT) as repository:
            if again:
                for one in repository.get_deployments(sha=notice.sha, environment=notice.environment):
                    if _payload(one.payload).get("request") == notice.request:
                        return str(one.id)
            made = repository.create_deployment(
                notice.sha,
                task=TASK,
                auto_merge=False,
                required_contexts=[],
                payload={"request": notice.request},
                environment=notice.environment,
                description=_cut(f"Tessera builds and rolls out {notice.sha[:7]}"),
            )
            return str(made.id)

    def tell(self, notice: Notice, made: str, news: News) -> None:
        """See Noticeboard."""
        with self._writer.repository(notice.repository, self.WANT) as repository:
            state, said = _DEPLOYMENT[news.course], _cut(news.headline)
            repository.get_deployment(int(made)).create_status(state, description=said)


class Checks:
    """The Noticeboard of checks: a check run of an App, a commit status of a token."""

    def __init__(self, writer: GitHubWriter) -> None:
        self._writer = writer

    @property
    def name(self) -> str:
        return f"checks at {self._writer.host}"

    def has(self, repository: str) -> bool:
        return self._writer.has(repository)

    def put_up(self, notice: Notice, again: bool) -> str:
        """See Noticeboard. A check that has ended is left alone: a build that is run again has another."""
        if not self._writer.app:
            return STATUS
        with self._writer.repository(notice.repository, self._want) as repository:
            if again:
                for one in repository.get_commit(notice.sha).get_check_runs(check_name=notice.check):
                    if one.external_id == notice.request and one.status != "completed":
                        return str(one.id)
            made = repository.create_check_run(
                notice.check,
                notice.sha,
                external_id=notice.request,
                status="in_progress",
                started_at=datetime.now(UTC),
            )
            return str(made.id)

    def tell(self, notice: Notice, made: str, news: News) -> None:
        """See Noticeboard."""
        with self._writer.repository(notice.repository, self._want) as repository:
            if made == STATUS:
                commit = repository.get_commit(notice.sha)
                commit.create_status(_STATUS[news.course], description=_cut(news.headline), context=notice.check)
                return
            run = repository.get_check_run(int(made))
            title = _cut(news.headline)
            output: dict[str, Any] = {"title": title, "summary": _text(news)}
            if news.course is Course.RUNNING:
                run.edit(status="in_progress", output=output)
                return
            end = datetime.now(UTC)
            run.edit(status="completed", conclusion=_CONCLUSION[news.course], completed_at=end, output=output)

    @property
    def _want(self) -> Want:
        right = "Checks" if self._writer.app else "Commit statuses"
        return Want("write checks of", f"{right}, write")


def _payload(given: object) -> Mapping[str, object]:
    """What was given along with a deployment; others may have made theirs with anything."""
    return given if isinstance(given, Mapping) else {}


def _cut(said: str) -> str:
    plain = redact_shapes(said).replace("`", "")
    return plain if len(plain) <= LINE else f"{plain[: LINE - 1]}…"


def _text(news: News) -> str:
    lines = (f"- {redact_shapes(line)}" for line in news.lines)
    return "\n".join([redact_shapes(news.headline), "", *lines])[:TEXT]
