"""GitHub's refusals in words, and its limits kept: after a refusal for too many requests nothing is asked until then.

Statuses: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api; limits:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from commands.base.errors import Denied, NotFound, TesseraError, Unavailable

if TYPE_CHECKING:
    from github import GithubException

SECONDARY_WAIT = 60.0


@dataclass(frozen=True)
class Want:
    """What the login is used for, and what it must have been given for that, in GitHub's words."""

    what: str
    grant: str


READ = Want("read", "Contents and Pull requests, read")


class Patience:
    """Until when GitHub is not to be asked. Shared by all threads of one GitHub."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._until = 0.0

    def check(self) -> None:
        """Raises Unavailable while GitHub wants to be left alone."""
        if self._until > time.time():
            raise self._later()

    def refuse(self, headers: Mapping[str, str]) -> Unavailable:
        """Remember the time that a refusal names: `retry-after`, or the reset of a limit that is used up."""
        wait, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
        if wait.isdecimal():
            self._until = time.time() + int(wait)
        elif headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
            self._until = float(reset)
        else:
            self._until = time.time() + SECONDARY_WAIT
        return self._later()

    def _later(self) -> Unavailable:
        when = datetime.fromtimestamp(self._until, UTC)
        return Unavailable(
            f"{self._host} lets us ask no more until {when:%H:%M:%S} UTC.", "try again then; a login has a higher limit"
        )


@contextmanager
def in_words(host: str, repository: str, known: bool, patience: Patience, want: Want = READ) -> Iterator[None]:
    """Turn what PyGithub raises into errors for people."""
    from github import GithubException

    patience.check()
    try:
        yield
    except GithubException as error:
        raise _explained(host, repository, known, patience, error, want) from error
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; PyGithub's own for a redirect is not
        raise Unavailable(f"{host} cannot be reached: {_reason(error)}.", "try again; nothing was changed") from error


def limited(status: int, message: str, headers: Mapping[str, str]) -> bool:
    """Whether an answer is a refusal for too many requests."""
    spent = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers or "rate limit" in message.lower()
    return status == 429 or (status == 403 and spent)


def _explained(
    host: str, repository: str, known: bool, patience: Patience, error: "GithubException", want: Want
) -> TesseraError:
    status, message, headers = error.status, error.message or "", error.headers or {}
    if limited(status, message, headers):
        return patience.refuse(headers)
    said = f" ({message[:200]})" if message else ""
    match status:
        case 401:
            return Denied(f"{host} does not accept the login{said}.", "it may have ended: renew it with /connect")
        case 403:
            return Denied(
                f"{host} does not let the login {want.what} {repository}{said}.",
                f"give the token or App access to this repository ({want.grant}), then try again",
            )
        case 404 | 451:
            return NotFound(
                f"{host} has no repository {repository}, or does not show it to us.",
                "check the name, and that the login may see it"
                if known
                else "check the name, or add a login with /connect",
            )
        case 422:
            return Denied(
                f"{host} does not give the login what it needs{said}.",
                f"grant the App {want.grant}, and accept that in its installation",
            )
        case 409:
            return NotFound(f"{repository} has no commit yet.", "push one")
        case _:
            return Unavailable(f"{host} answers {status}{said}.", "try again; nothing was changed")


def _reason(error: BaseException) -> str:
    """The innermost reason: `Connection refused`."""
    while inner := next((each for each in _within(error) if isinstance(each, BaseException)), None):
        error = inner
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _within(error: BaseException) -> tuple[object, ...]:
    return getattr(error, "reason", None), *error.args[:1], error.__cause__
