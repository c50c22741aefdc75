"""What it means when nothing came back, in words: which part failed, and for a write what is known about it."""

from urllib.parse import urlsplit

from urllib3 import exceptions

from bot.cluster.connection import Connection
from explainers.operations.base import Request

UNKNOWN = "Whether the change happened is not known: read the object before repeating it."


def failure(request: Request, connection: Connection, error: Exception, connect: float, read: float) -> str:
    """The sentence for an error of the HTTP library; `connect` and `read` are the time-outs in seconds."""
    where = f"The cluster's API at {connection.host}"
    reason = _last_words(error)
    match error:
        case exceptions.NewConnectionError():  # a special ConnectTimeoutError
            return f"{where} cannot be reached: {reason}."
        case exceptions.ConnectTimeoutError():
            return f"{where} did not answer within {connect:g} s."
        case exceptions.ProxyError():
            proxy = urlsplit(connection.proxy)
            return f"The proxy {proxy.hostname}:{proxy.port} cannot be used: {reason}."
        case exceptions.SSLError():
            return f"{where} cannot be trusted: {reason}."
        case exceptions.TimeoutError():
            said = f"{where} did not answer within {read:g} s."
        case UnicodeError() | ValueError() if not isinstance(error, exceptions.HTTPError):
            return f"The request cannot be sent: {reason}."
        case _:
            said = f"{where} broke off its answer: {reason}."
    return said if request.method == "GET" else f"{said} {UNKNOWN}"


def _last_words(error: BaseException) -> str:
    """The innermost reason, without object addresses: `Connection refused`."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
