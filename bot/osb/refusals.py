"""Every error as the API answers it: status, one word, and a sentence that teaches ("Service Broker Errors")."""

from dataclasses import dataclass, field

from commands.base.errors import Ambiguous, Denied, NotFound, TesseraError, Unavailable, UsageError
from commands.broker.errors import Absent, Busy, Clash, Gone, MaintenanceConflict, Malformed, NeedsAsync, Unsupported
from explainers.redaction import redact_shapes

RETRY_SECONDS = 10

_STATUSES: tuple[tuple[type[TesseraError], int, str], ...] = (
    (Malformed, 400, "BadRequest"),
    (Absent, 404, "NotFound"),
    (Clash, 409, "Conflict"),
    (Gone, 410, "Gone"),
    (NeedsAsync, 422, "AsyncRequired"),
    (Busy, 422, "ConcurrencyError"),
    (MaintenanceConflict, 422, "MaintenanceInfoConflict"),
    (Unsupported, 422, "Unsupported"),
    (UsageError, 400, "BadRequest"),
    (NotFound, 400, "BadRequest"),
    (Ambiguous, 400, "BadRequest"),
    (Denied, 403, "Forbidden"),
    (Unavailable, 503, "Unavailable"),
)


@dataclass(frozen=True)
class Refused(Exception):
    """An answer that is an error."""

    status: int
    error: str
    description: str
    headers: dict[str, str] = field(default_factory=dict)


def refusal(error: TesseraError) -> Refused:
    """The answer for an error of the broker. One that it does not foresee is the broker's fault: 500."""
    status, word = next(
        ((status, word) for kind, status, word in _STATUSES if isinstance(error, kind)), (500, "InternalError")
    )
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    return Refused(status, word, redact_shapes(_sentences(error)), headers)


def _sentences(error: TesseraError) -> str:
    """What is wrong, and what to do about it."""
    if not error.hint:
        return error.message
    return f"{error.message.rstrip('.')}. {error.hint[:1].upper()}{error.hint[1:].rstrip('.')}."
