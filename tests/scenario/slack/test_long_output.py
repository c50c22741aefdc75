"""Output that is too long for a message: a file in the thread, once, without its secrets."""

from collections.abc import Callable

import httpx

from bot.slack.manifest import SCOPES
from bot.state.connect import connect_redis
from commands.base.ports import Audience
from commands.base.request import Reply, Request
from explainers.document import Attachment, Document, Evidence, Tone
from tests.scenario.slack.stack import Asked, Stack, stack

LINES = [f"Step {number}: npm token=abcdefgh12345678 is used" for number in range(40)]
FAILED = Document(
    Tone.FAULT,
    "`shop` was not built.",
    evidence=(Evidence("the build's output", "exit code 1"),),
    code="\n".join(LINES[-15:]),
    attachment=Attachment("shop-1a2b3c4-r-1.log", "All 40 lines of the build's output", "\n".join(LINES)),
)


def failing(request: Request, audience: Audience) -> Reply:
    return Reply(FAILED, "deployment/shop", "shop", "fault")


def asked(parts: Stack, ready: Callable[[list[dict[str, object]]], bool]) -> list[dict[str, object]]:
    """The thread of a build that fails, once it is `ready`."""
    assert parts.slack.slash("ana", "shop", "/build", "shop").ok
    parts.wait(lambda: parts.roots() and ready(parts.replies(parts.roots()[0]["ts"])))
    parts.wait(lambda: parts.surface.jobs.depth() == 0)
    return parts.replies(parts.roots()[0]["ts"])


def test_the_whole_output_is_a_file_in_the_thread_without_its_secrets() -> None:
    with connect_redis() as redis, stack(redis, Asked(failing)) as parts:
        parts.slack.backend.scopes = frozenset(SCOPES)
        replies = asked(parts, lambda found: any(one.get("files") for one in found))
        [files] = [one["files"] for one in replies if one.get("files")]
        assert isinstance(files, list)
        assert (files[0]["name"], files[0]["title"]) == ("shop-1a2b3c4-r-1.log", "All 40 lines of the build's output")
        text = httpx.get(files[0]["url_private"]).text
        assert text.count("\n") == 39
        assert "Step 0: npm token=[redacted] is used" in text
        assert "abcdefgh" not in text
        assert parts.slack.refusals == []


def test_an_app_that_may_not_upload_says_how_it_may() -> None:
    with connect_redis() as redis, stack(redis, Asked(failing)) as parts:
        parts.slack.backend.scopes = frozenset(SCOPES) - {"files:write"}
        replies = asked(parts, lambda found: any("files:write" in str(one["text"]) for one in found))
        assert any("install the app anew from its manifest" in str(one["text"]) for one in replies)
        assert not [one for one in replies if one.get("files")]
