"""Which image, host and instruction a failure is about, from whatever the output says of them."""

from collections.abc import Mapping
from itertools import chain

from explainers.builds.errors.output import Output, short
from explainers.builds.model import Phase
from explainers.diagnosis.views.pulls import registry_of, repository_of
from explainers.patterns import pattern

_PUSHED = (
    pattern(r"failed to push (\S+?): "),
    pattern(r"The push refers to repository \[([^\]]+)\]"),
    pattern(r"An image does not exist locally with the tag: (\S+)"),
)
_PULLED = (
    pattern(r"failed to resolve source metadata for (\S+?): "),
    pattern(r"pull access denied for ([^\s,]+),"),
    pattern(r"manifest for (\S+) not found"),
    pattern(r"failed to (?:copy|extract|load cache key|pull and unpack image \"?)[: ]*(\S+/\S+?:\S+?)\"?: "),
)
_FROM = pattern(r"^FROM (?:--\S+ )*(\S+)|--from=(\S+)")
_LOOKUP = pattern(r"lookup (?P<host>[\w.-]+)")
_URL = pattern(r"\b(?:https?|tcp|ssh|git)://(?:[^\s/@'\"]*@)?(?P<host>\[[^\]]+\](?::\d+)?|[^\s/'\"?,)]+)")
_ASKED = pattern(
    r"(?:\b(?:Get|Head|Put|Post|Patch) \"|request to |unable to access ')https?://(?:[^\s/@'\"]*@)?(?P<host>[^\s/'\"]+)"
)
_DIALLED = pattern(
    r"(?:dial|read|write) tcp (?:\S+->)?(?P<host>[\w.:\[\]-]+:\d+)|host='(?P<name>[^']+)', port=(?P<port>\d+)"
)


def pushing(output: Output) -> bool:
    """Whether it failed while pushing: by the phase, or by what is said."""
    return output.phase is Phase.PUSH or any(_PUSHED[0].search(line) for line in output.said)


def image_of(output: Output) -> str:
    """The image that is pushed, or the base image that is pulled; empty when nothing names it."""
    pushed = pushing(output)
    stage = None if pushed else _FROM.search(output.instruction)
    if stage and "$" not in stage[0]:
        return str(stage[1] or stage[2])
    patterns = _PUSHED if pushed else _PULLED
    for line in chain(output.said, reversed(output.tail)):
        if found := next(filter(None, (one.search(line) for one in patterns)), None):
            return str(found[1])
    return str(stage[1] or stage[2]) if stage else ""


def host_of(output: Output, line: str) -> str:
    """The host that the line is about; else the registry of the image; empty when nothing names one."""
    if found := _LOOKUP.search(line) or _ASKED.search(line):
        return str(found["host"])
    if image := image_of(output):
        return registry_of(image)
    if found := _URL.search(line):
        return str(found["host"])
    if found := _DIALLED.search(line):
        return found["host"] or f"{found['name']}:{found['port']}"
    return ""


def known(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    """`image`, `repository`, `host`, `what` (the push or the base image) and `verb` for headlines."""
    line = "\n".join(output.said[:20])
    image = image_of(output)
    host = groups.get("host") or host_of(output, line)
    pushed = pushing(output)
    what = (
        f" for the {'push of' if pushed else 'base image'} {image}" if image else " during the push" if pushed else ""
    )
    return {
        "image": image or ("the image" if pushed else "the base image"),
        "repository": repository_of(image) if image else "the repository",
        "host": host or "the registry",
        "for": what,
        "step": short(output.instruction),
    }
