"""What went wrong on the way, in words for people: no name of a Python module, no long fractions, one full stop."""

import ssl

import pytest
from urllib3 import exceptions

from bot.cluster.connection import Connection
from bot.cluster.failures import failure
from explainers import kinds
from explainers.operations.reads import Get

REQUEST = Get(kinds.DEPLOYMENT, "shop", "web").request()


def told(error: Exception, cause: Exception | None = None, read: float = 15.0) -> str:
    error.__cause__ = cause
    return failure(REQUEST, Connection("test", "https://api:6443"), error, 5.0, read)


def untrusted(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] {message} (_ssl.c:1006)")
    error.reason, error.verify_code, error.verify_message = "CERTIFICATE_VERIFY_FAILED", code, message
    return error


def broken(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] {reason.lower()} (_ssl.c:1006)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (untrusted(10, "certificate has expired"), "expired"),
        (untrusted(18, "self-signed certificate"), "signed by itself"),
        (untrusted(20, "unable to get local issuer certificate"), "certificate-authority"),
        (untrusted(62, "Hostname mismatch, certificate is not valid for 'api'."), "its certificate is not for `api`"),
        (untrusted(23, "certificate revoked"), "certificate revoked"),
        (broken("WRONG_VERSION_NUMBER"), "does not speak TLS"),
        (broken("TLSV1_ALERT_ACCESS_DENIED"), "tlsv1 alert access denied"),
    ],
)
def test_tls_is_told_in_words(cause: ssl.SSLError, said: str) -> None:
    whole = told(exceptions.SSLError(str(cause)), cause)
    assert said in whole
    assert "_ssl" not in whole
    assert whole.endswith(".")
    assert not whole.endswith("..")


@pytest.mark.parametrize(("seconds", "said"), [(13.669, "14 s."), (15.0, "15 s."), (0.5, "0.5 s.")])
def test_what_is_left_of_a_deadline_is_rounded(seconds: float, said: str) -> None:
    assert told(exceptions.TimeoutError("timed out"), read=seconds).endswith(f"within {said}")
