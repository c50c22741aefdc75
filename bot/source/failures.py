"""What git says when it fails, in words: whose fault it is and what to do."""

import re

from bot.source.address import Address
from bot.source.process import Failed
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable

_DENIED = re.compile(
    r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied \("
    r"|returned error: 40[13]|HTTP 40[13]|Access denied|not allowed to (?:download|upload)|HTTP Basic: Access"
)
_UNKNOWN_KEY = re.compile(r"Host key verification failed")
_OWNER = re.compile(r"dubious ownership")
_NO_REPOSITORY = re.compile(
    r"does not appear to be a git repository|[Rr]epository .*not found|returned error: 404|not valid: is this a git"
    r"|Project not found|ERROR: Repository not found|not a git repository"
)
_MOVED = re.compile(r"returned error: 30[12378]|unable to update url base from redirection")
_NO_COMMIT = re.compile(
    r"not our ref|unadvertised object|couldn't find remote ref|remote error: .*not our|bad object"
    r"|not a valid object name|bad revision|expected commit type|[Nn]eeded a single revision"
)
_NO_NAME = re.compile(r"Could not resolve host(?:name)?:? \S+|Name or service not known|Temporary failure in name")
_UNTRUSTED = re.compile(r"certificate|SSL|TLS|gnutls", re.IGNORECASE)
_NO_PROGRAM = re.compile(r"^git cannot be run|cannot run ssh")
_LOGIN = re.compile(r"//[^/@\s]*@")


def explained(address: Address, failed: Failed) -> TesseraError:
    """The error for people. `failed.said` is git's own output, in English."""
    said, where = failed.said, address.host or "this machine"
    if failed.late:
        return Unavailable(f"{where} did not finish its answer about {address.shown} in time.", "try again later")
    if _NO_PROGRAM.search(said):
        return Unavailable(f"{_line(said)}.", "install git (and an ssh client for ssh addresses) where the bot runs")
    if _NO_COMMIT.search(said):
        return NotFound(f"{address.shown} has no such commit.", "it may have been replaced by a forced push")
    if _UNKNOWN_KEY.search(said):
        return Denied(f"The ssh key of {where} is not known.", "add it to the bot's known_hosts, or use https")
    if _OWNER.search(said):
        return Denied(
            f"The folder of {address.shown} belongs to another user.", "give it to the user that the bot runs as"
        )
    if _MOVED.search(said):
        return NotFound(f"{address.shown} has moved.", "write its new address; redirects are not followed")
    if _DENIED.search(said):
        return Denied(
            f"{where} does not let the bot read {address.shown}, or there is no such repository.",
            "check the name; for a private repository add a login with /connect",
        )
    if _NO_REPOSITORY.search(said):
        return NotFound(f"There is no repository {address.shown}.", "check the name, and that the bot may see it")
    return _unreachable(where, said)


def _unreachable(where: str, said: str) -> Unavailable:
    if _NO_NAME.search(said):
        return Unavailable(f"The name {where} cannot be resolved.", "check the repository's address, or DNS")
    if _UNTRUSTED.search(said):
        return Unavailable(
            f"{where} cannot be trusted: {_line(said)}.", "give the bot the certificate of its authority"
        )
    return Unavailable(f"git could not read from {where}: {_line(said)}.", "try again; nothing was changed")


def _line(said: str) -> str:
    """The line that says most: git's own last `fatal:`, else the last one."""
    lines = [line for line in said.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "git cannot"))]
    chosen = (fatal or lines or ["it said nothing"])[-1]
    return _LOGIN.sub("//…@", chosen.removeprefix("fatal: ").removeprefix("error: ")).rstrip(".")[:300]
