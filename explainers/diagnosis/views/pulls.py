"""Why an image could not be pulled, from the words of the kubelet and of the container runtime.

containerd, CRI-O and dockershim pass on what the registry says; the status code or the phrase in it decides.
Source: https://kubernetes.io/docs/concepts/containers/images/ and
https://distribution.github.io/distribution/spec/api/#errors
"""

import re
from enum import Enum

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.endings import events_about
from explainers.diagnosis.views.pods import Container, text
from explainers.patterns import Pattern, pattern

PULL_REASONS = frozenset({"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError"})


class Why(Enum):
    """What stood in the way; the value is the fault class."""

    ABSENT = 41
    REFUSED = 42
    UNREACHABLE = 44
    DISTRUSTED = 45
    PLATFORM = 48


def _any(*patterns: str) -> Pattern:
    return pattern("|".join(patterns), re.IGNORECASE)


_WHYS = (
    (Why.PLATFORM, _any(r"no match for platform", r"no matching manifest", r"no image found in .* for architecture")),
    (Why.DISTRUSTED, _any(r"x509", r"tls: ", r"certificate", r"toomanyrequests", r"\b429\b", r"rate limit",
                          r"server gave HTTP response to HTTPS client", r"signature")),
    (Why.ABSENT, _any(r"repository does not exist")),
    (Why.REFUSED, _any(r"\b401\b", r"\b403\b", r"unauthorized", r"authentication required", r"denied", r"forbidden",
                       r"no basic auth credentials", r"authorization failed", r"insufficient_scope")),
    (Why.ABSENT, _any(r"not found", r"manifest unknown", r"name unknown", r"notfound", r"\b404\b", r"does not exist")),
    (Why.UNREACHABLE, _any(r"no such host", r"timeout", r"timed out", r"refused", r"no route", r"unreachable",
                           r"temporary failure", r"misbehaving", r"deadline exceeded", r"reset by peer", r"\bEOF$",
                           r"\b50[0234]\b")),
)  # fmt: skip
_CHAIN = pattern(r"^.*?desc = |^Back-off pulling image \"[^\"]*\": |^ErrImagePull: ", re.DOTALL)


def told(case: Case, container: Container) -> str:
    """What the runtime says about the failed pull; older kubelets say it in an event only, which is read then."""
    if ": " in container.message.removeprefix("rpc error: "):
        return container.message
    for event in events_about(case, container):
        said = text(event, "message")
        if text(event, "reason") == "Failed" and container.image in said and ": " in said:
            return said
    return container.message


def why(message: str) -> Why | None:
    """The first cause whose words are in the message; None where it says nothing that is known."""
    return next((cause for cause, pattern in _WHYS if pattern.search(message)), None)


def short(message: str) -> str:
    """The message without the parts that repeat the image's name."""
    said = message
    while (less := _CHAIN.sub("", said, count=1)) != said:
        said = less
    parts = [part for part in said.split(": ") if not part.startswith(("failed to pull and", "failed to resolve ref"))]
    return ": ".join(parts) or message


def registry_of(image: str) -> str:
    """The host that an image name means: `docker.io` when it names none."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"


def repository_of(image: str) -> str:
    """The name without tag and digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]
