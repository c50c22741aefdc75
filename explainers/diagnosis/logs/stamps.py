"""The times that the kubelet puts before the lines of a log, when it is asked for them.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (`timestamps`), RFC 3339
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from explainers.diagnosis.logs.lines import lines_of
from explainers.diagnosis.when import moment
from explainers.patterns import pattern

_STAMP = pattern(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?")
_LINE = pattern(r"[^\n]*\n|[^\n]+")
"""The kubelet stamps what a line feed ends; other ends of lines may stand within."""


@dataclass(frozen=True)
class Stamped:
    """A log without its stamps, and when each of its lines that say something was written, as lines_of counts them;
    no times where they are not known."""

    text: str
    times: tuple[datetime, ...] = ()


@lru_cache(maxsize=16)
def stamped(log: str) -> Stamped:
    """A log taken apart. One in which a line lacks its stamp stays as it is, without times."""
    lines = _LINE.findall(log)
    found = [_STAMP.search(line) for line in lines]
    whens = [moment(match[1]) if match else None for match in found]
    if not all(whens):
        return Stamped(log)
    bare = [line[match.end() :] for line, match in zip(lines, found, strict=True) if match]
    times = tuple(when for line, when in zip(bare, whens, strict=True) if when for _ in lines_of(line))
    return Stamped("".join(bare), times)
