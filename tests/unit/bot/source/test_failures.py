"""What git and the servers behind it say, in words; the lines are theirs."""

import pytest

from bot.source.address import parse_address
from bot.source.failures import explained
from bot.source.process import Failed
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable

URL = "https://git.example.com/org/shop.git"
AT = "https://git.example.com/org/shop.git/"


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (f"fatal: could not read Username for '{AT}': terminal prompts disabled", Denied, "does not let the bot read"),
        (f"fatal: Authentication failed for '{AT}'", Denied, "does not let the bot read"),
        ("remote: HTTP Basic: Access denied. If a pass…\nfatal: Authentication failed", Denied, "read"),
        ("git@git.example.com: Permission denied (publickey).\nfatal: Could not read from remote", Denied, "read"),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", Denied, "ssh key of"),
        ("fatal: detected dubious ownership in repository at '/srv/git/shop'", Denied, "belongs to another user"),
        ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", NotFound, "no repository"),
        (f"remote: Repository not found.\nfatal: repository '{AT}' not found", NotFound, "no repository"),
        ("remote: The project you were looking for could not be found or you don't have permission to view it.\n"
         f"fatal: repository '{AT}' not found", NotFound, "no repository"),
        ("fatal: '/srv/x' does not appear to be a git repository", NotFound, "no repository"),
        ("fatal: remote error: upload-pack: not our ref 1111111111111111111111111111111111111111", NotFound, "commit"),
        ("error: Server does not allow request for unadvertised object 1111", NotFound, "no such commit"),
        ("fatal: couldn't find remote ref refs/heads/x", NotFound, "no such commit"),
        (f"fatal: unable to access '{AT}': The requested URL returned error: 301", NotFound, "has moved"),
        (f"fatal: unable to access '{AT}': The requested URL returned error: 502", Unavailable, "502"),
        (f"fatal: unable to access '{AT}': Could not resolve host: git.example.com", Unavailable, "cannot be resolved"),
        ("ssh: Could not resolve hostname git.example.com: Name or service not known", Unavailable, "be resolved"),
        (f"fatal: unable to access '{AT}': server certificate verification failed.", Unavailable, "trusted"),
        ("ssh: connect to host git.example.com port 22: Connection timed out", Unavailable, "timed out"),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF", Unavailable, "early EOF"),
        ("error: cannot run ssh: No such file or directory\nfatal: unable to fork", Unavailable, "unable to fork"),
        ("git cannot be run: No such file or directory", Unavailable, "git cannot be run"),
        ("", Unavailable, "it said nothing"),
    ],
)  # fmt: skip
def test_what_git_says_in_words(said: str, kind: type[TesseraError], message: str) -> None:
    error = explained(parse_address(URL), Failed(said))
    assert type(error) is kind
    assert message in error.message
    assert error.hint


def test_a_login_in_what_git_says_is_not_repeated() -> None:
    said = "fatal: unable to access 'https://ana:hunter2@git.example.com/': something else"
    assert "hunter2" not in explained(parse_address(URL), Failed(said)).message


def test_lateness_is_said_first() -> None:
    error = explained(parse_address(URL), Failed("fatal: Authentication failed", late=True))
    assert "in time" in error.message
