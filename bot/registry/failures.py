"""What it means when a registry does not answer as hoped, in words.

Error codes: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes.
"""

import json
import ssl
from dataclasses import dataclass

from urllib3 import exceptions

from commands.base.errors import Denied, TesseraError, Unavailable

AGAIN = "try again; nothing was changed"


@dataclass(frozen=True)
class Refusal:
    """An answer that is not a success. `code` is the registry's own, such as `DENIED`; `wait` its Retry-After."""

    status: int
    code: str = ""
    message: str = ""
    wait: str = ""


def refusal(status: int, body: bytes, wait: str = "") -> Refusal:
    """The first error of an answer's body, if it has one."""
    try:
        first = json.loads(body)["errors"][0]
        return Refusal(status, str(first.get("code") or ""), str(first.get("message") or "")[:200], wait)
    except (ValueError, LookupError, TypeError, AttributeError):
        return Refusal(status, wait=wait)


def refused(host: str, path: str, what: Refusal, known: bool) -> TesseraError:
    """The error for a refusal. `known` is whether there is a login for the host."""
    said = f" ({what.code or what.message})" if what.code or what.message else ""
    match what.status:
        case 401 | 403 if known:
            return Denied(
                f"{host} does not let this login use {path}{said}.",
                "check the name and the login's rights; an expired token is renewed with /connect",
            )
        case 401 | 403:
            return Denied(
                f"{host} wants a login for {path}, or there is no such repository{said}.",
                f"check the name; add a login for {host} with /connect",
            )
        case 404 if what.code == "NAME_UNKNOWN" or "repository" in what.message.lower():
            return Denied(
                f"{host} has no repository {path}.", "create it there first; this registry does not by itself"
            )
        case 404:
            return Unavailable(f"{host} does not answer as an image registry.", "check the registry's address")
        case 405:
            return Denied(f"{host} takes no pushes{said}.", "it may be read-only or a mirror: name another registry")
        case 429:
            wait = f" for {what.wait} s" if what.wait.isdecimal() else ""
            return Unavailable(
                f"{host} lets us ask no more{wait}: too many requests.", "wait, or add a login with /connect"
            )
        case status:
            return Unavailable(f"{host} answers {status}{said}.", AGAIN)


def unreachable(host: str, error: Exception, seconds: float) -> TesseraError:
    """The error for no answer at all."""
    last = error.reason if isinstance(error, exceptions.MaxRetryError) and error.reason else error
    cause = _cause(last)
    if isinstance(last, exceptions.NameResolutionError):
        return Unavailable(f"The name {host} cannot be resolved.", "check the image's name, or DNS")
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = (cause.verify_message or str(cause.reason)).rstrip(".")
        return Unavailable(f"{host} cannot be trusted: {why}.", "give the bot the certificate of its authority")
    if speaks_plain(error):
        return Unavailable(
            f"{host} speaks plain HTTP, which shows logins to everybody on the way.",
            "give it a certificate, or allow plain HTTP for it in the bot's settings",
        )
    if isinstance(cause, ssl.SSLError):
        return Unavailable(
            f"{host} cannot be trusted: {cause.reason or cause}.", "check its certificate and TLS versions"
        )
    if isinstance(last, exceptions.TimeoutError) and not isinstance(last, exceptions.NewConnectionError):
        return Unavailable(f"{host} did not answer within {seconds:g} s.", AGAIN)
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause) or type(cause).__name__
    return Unavailable(f"{host} cannot be reached: {reason}.", AGAIN)


def speaks_plain(error: BaseException) -> bool:
    """Whether a TLS greeting was answered in plain HTTP."""
    cause = _cause(error)
    return isinstance(cause, ssl.SSLError) and cause.reason in (
        "WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG",
    )  # fmt: skip


def _cause(error: BaseException) -> BaseException:
    seen = error
    while inner := getattr(seen, "reason", None) or seen.__cause__ or seen.__context__:
        if not isinstance(inner, BaseException):
            break
        seen = inner
    return seen
