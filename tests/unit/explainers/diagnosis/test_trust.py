"""Certificates that a client does not trust, in the words of many languages and tools."""

import pytest

from explainers.diagnosis.logs.connections import Failure, failed_connections
from explainers.diagnosis.logs.trust import Doubt, doubt, ended, valid_for

EXPIRED, EARLY, OTHER_NAME, ISSUER = Doubt.EXPIRED, Doubt.EARLY, Doubt.OTHER_NAME, Doubt.ISSUER
GO = 'Get "https://api:8443/": tls: failed to verify certificate: x509: '

PYTHON = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
LIBPQ = 'connection to server at "pg" (198.19.0.5), port 5432 failed: '

LINES = (
    (GO + "certificate has expired or is not yet valid: current time 2026-11-29T07:00:00Z is after 2026-11-01",
     EXPIRED, "api"),
    (GO + "certificate has expired or is not yet valid: current time 2026-11-29T07:00:00Z is before 2027-01-01",
     EARLY, "api"),
    (GO + "certificate is valid for api.shop.svc, localhost, not api", OTHER_NAME, "api"),
    (GO + "certificate signed by unknown authority", ISSUER, "api"),
    ("curl: (60) SSL certificate problem: certificate has expired", EXPIRED, ""),
    ("curl: (60) SSL: no alternative certificate subject name matches target host name 'api'", OTHER_NAME, ""),
    ("curl: (60) SSL certificate problem: unable to get local issuer certificate", ISSUER, ""),
    ("ssl.SSLCertVerificationError: " + PYTHON + "certificate has expired",
     EXPIRED, ""),
    (PYTHON + "Hostname mismatch, certificate is not valid for 'api'.",
     OTHER_NAME, ""),
    ("requests.exceptions.SSLError: HTTPSConnectionPool(host='api', port=8443): Max retries exceeded (Caused by "
     f"SSLError(SSLCertVerificationError(1, '{PYTHON}self-signed certificate')))",
     ISSUER, "api"),
    ("Error: certificate has expired code: 'CERT_HAS_EXPIRED'", EXPIRED, ""),
    ("Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: x", OTHER_NAME, ""),
    ("Error: self-signed certificate in certificate chain", ISSUER, ""),
    ("javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to "
     "requested target", ISSUER, ""),
    ("java.security.cert.CertificateExpiredException: NotAfter: Sun Nov 01 00:00:00 UTC 2026", EXPIRED, ""),
    ("java.security.cert.CertificateException: No subject alternative DNS name matching api found.", OTHER_NAME, ""),
    ("Error: invalid peer certificate: Expired", EXPIRED, ""),
    ("error trying to connect: invalid peer certificate: UnknownIssuer", ISSUER, ""),
    ("The remote certificate is invalid because of errors in the certificate chain: NotTimeValid", EXPIRED, ""),
    (LIBPQ + 'server certificate for "db" does not match host name "pg"',
     OTHER_NAME, "pg"),
    (LIBPQ + "SSL error: certificate verify failed", ISSUER, "pg"),
)  # fmt: skip


@pytest.mark.parametrize(("line", "kind", "host"), LINES, ids=[line[:60] for line, _, _ in LINES])
def test_says_what_is_wrong_with_the_certificate(line: str, kind: Doubt, host: str) -> None:
    (found,) = failed_connections(f"starting\n{line}\nbye\n")
    assert (found.failure, doubt(line), found.host) == (Failure.TRUST, kind, host)


@pytest.mark.parametrize(
    "line",
    [
        "http: TLS handshake error from 10.0.0.4:51514: remote error: tls: bad certificate",
        "remote error: tls: unknown certificate authority",
        "SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca)",
        "generated a self-signed certificate for localhost",
        "certificate is valid until 2027-01-01",
        "loaded certificate /tls/tls.crt",
    ],
)
def test_a_server_and_its_clients_and_good_news_are_no_doubt(line: str) -> None:
    assert doubt(line) is None


def test_go_says_what_the_certificate_is_for() -> None:
    assert valid_for(GO + "certificate is valid for api.shop.svc, localhost, not api") == "api.shop.svc, localhost"


@pytest.mark.parametrize(
    ("line", "when"),
    [
        (LINES[0][0], "2026-11-01"),
        ("CertificateExpiredException: NotAfter: Sun Nov 01 00:00:00 UTC 2026", "Sun Nov 01 00:00:00 UTC 2026"),
        ("certificate verify failed: certificate has expired (_ssl.c:992)", ""),
    ],
)
def test_when_it_expired_where_the_line_says_so(line: str, when: str) -> None:
    assert ended(line) == when
