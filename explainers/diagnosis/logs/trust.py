"""Why a client does not trust the certificate that it was shown, in the words of OpenSSL, Go, Node, Java, Rust, .NET,
curl and libpq."""

import re
from enum import Enum

from explainers.patterns import Pattern, pattern


class Doubt(Enum):
    """What is wrong with a certificate in the eyes of the client."""

    EXPIRED = "expired"
    EARLY = "early"  # not valid yet
    OTHER_NAME = "other-name"  # it is for another host
    ISSUER = "issuer"  # the client does not know who issued it


def doubt(line: str) -> Doubt | None:
    """The doubt that a log line tells of; None where it tells of none, or of a client's that a server noted."""
    if _OF_A_CLIENT.search(line):
        return None
    return next((kind for kind, said in _DOUBTS if said.search(line)), None)


def valid_for(line: str) -> str:
    """The names that a certificate is for, where the line says so (Go does); else empty."""
    found = _VALID_FOR.search(line)
    return found[1] if found else ""


def ended(line: str) -> str:
    """The last moment of a certificate, where the line says so (Go and Java do); else empty."""
    found = _ENDED.search(line)
    return (found[1] or found[2]).strip() if found else ""


def _any(*patterns: str) -> Pattern:
    return pattern("|".join(patterns), re.IGNORECASE)


_OF_A_CLIENT = _any(r"remote error: tls", r"TLS handshake error from", r"\balert\b")
_ENDED = pattern(r"current time \S+ is after (\S+\d\w*)|NotAfter: ([\w:, ]*\w)")
_VALID_FOR = pattern(r"certificate is valid for (.+?), not ")
_DOUBTS = (
    (Doubt.EARLY, _any(
        r"certificate is not yet valid", r"x509: certificate has expired or is not yet valid: .* is before",
        r"CERT_NOT_YET_VALID", r"CertificateNotYetValidException", r"invalid peer certificate: NotValidYet",
    )),
    (Doubt.EXPIRED, _any(
        r"certificate has expired", r"certificate (?:is )?expired\b", r"\bCERT_HAS_EXPIRED\b",
        r"CertificateExpiredException", r"invalid peer certificate:? (?:certificate )?expired", r"\bNotTimeValid\b",
    )),
    (Doubt.OTHER_NAME, _any(
        r"x509: certificate is (?:valid for|not valid for)", r"x509: certificate is not valid for any names",
        r"subject name matches target", r"ERR_TLS_CERT_ALTNAME_INVALID", r"does not match certificate's altnames",
        r"certificate is not valid for ['\"]", r"hostname mismatch", r"CertificateException: No (?:subject|name)",
        r"(?:no subject alternative|no name matching) .*(?:matching|found)", r"NotValidForName",
        r"CertificateNameMismatch", r"server certificate for \".*\" does not match host ?name",
        r"certificate does not match \"",
    )),
    (Doubt.ISSUER, _any(
        r"certificate signed by unknown authority", r"unable to get local issuer certificate",
        r"certificate verify failed", r"certificate problem: ", r"\bDEPTH_ZERO_SELF_SIGNED_CERT\b",
        r"\bSELF_SIGNED_CERT_IN_CHAIN\b", r"\bUNABLE_TO_VERIFY_LEAF_SIGNATURE\b", r"unable to verify the first cert",
        r"PKIX path (?:building|validation) failed", r"valid certification path to requested target",
        r"invalid peer certificate: UnknownIssuer", r"\bUntrustedRoot\b", r"RemoteCertificateChainErrors",
        r"Error: self[- ]signed certificate",
    )),
)  # fmt: skip
