"""What it means when nothing came back, in words: which part failed, and for a write what is known about it."""

import ssl
from urllib.parse import urlsplit

from urllib3 import exceptions

from bot.cluster.connection import Connection
from explainers.operations.base import Request
from explainers.patterns import pattern

UNKNOWN = "Whether the change happened is not known: read the object before repeating it."
_STRANGE = "its certificate comes from an authority that is not the `certificate-authority` of the kubeconfig"
_UNTRUSTED = {
    10: "its certificate has expired",
    18: "its certificate is signed by itself, not by the `certificate-authority` of the kubeconfig",
    19: _STRANGE,
    20: _STRANGE,
    21: _STRANGE,
}
"""What the usual results of a verification mean; of one for another name OpenSSL says which was asked for.

Source: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes
"""
_NOT_FOR = pattern(r"certificate is not valid for '([^']+)'")
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
"""What OpenSSL calls an answer that is none in TLS."""


def failure(request: Request, connection: Connection, error: Exception, connect: float, read: float) -> str:
    """The sentence for an error of the HTTP library; `connect` and `read` are the time-outs in seconds."""
    where = f"The cluster's API at {connection.host}"
    reason = _last_words(error)
    match error:
        case exceptions.NewConnectionError():  # a special ConnectTimeoutError
            return f"{where} cannot be reached: {reason}."
        case exceptions.ConnectTimeoutError():
            return f"{where} did not answer within {_seconds(connect)}."
        case exceptions.ProxyError():
            proxy = urlsplit(connection.proxy)
            return f"The proxy {proxy.hostname}:{proxy.port} cannot be used: {reason}."
        case exceptions.SSLError():
            return f"{where} cannot be trusted: {reason}."
        case exceptions.TimeoutError():
            said = f"{where} did not answer within {_seconds(read)}."
        case UnicodeError() | ValueError() if not isinstance(error, exceptions.HTTPError):
            return f"The request cannot be sent: {reason}."
        case _:
            said = f"{where} broke off its answer: {reason}."
    return said if request.method == "GET" else f"{said} {UNKNOWN}"


def _last_words(error: BaseException) -> str:
    """The innermost reason, without object addresses: `Connection refused`."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    if isinstance(error, ssl.SSLError):
        return _tls(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.removesuffix(".")
    return str(error).removesuffix(".") or type(error).__name__


def _tls(error: ssl.SSLError) -> str:
    """What is wrong with TLS, without the names of OpenSSL and Python."""
    if isinstance(error, ssl.SSLCertVerificationError):
        asked = _NOT_FOR.search(error.verify_message)
        other = f"its certificate is not for `{asked[1]}`" if asked else error.verify_message.removesuffix(".")
        return _UNTRUSTED.get(error.verify_code, other)
    if error.reason in _NO_TLS:
        return "it does not speak TLS; perhaps its address begins with `http://`"
    return error.reason.replace("_", " ").lower() if error.reason else "TLS was broken off"


def _seconds(seconds: float) -> str:
    """Whole seconds where there are some: what is left of a deadline has many digits."""
    return f"{seconds:.0f} s" if seconds > 1 else f"{seconds:g} s"
