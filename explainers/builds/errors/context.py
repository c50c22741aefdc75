"""Files that a build needs and does not find."""

from collections.abc import Mapping

from explainers.builds.errors.model import Kind, Sign
from explainers.builds.errors.output import Output, short
from explainers.patterns import pattern

_CONTEXT = "https://docs.docker.com/build/concepts/context/"

MISSING = Kind(
    "dockerfile_missing",
    "The Dockerfile is looked for inside the build context of the commit that is built. There is none at that path: it "
    "has another name or folder, or is not committed on this branch.",
    "Bind the service to the path of its Dockerfile and the folder of its context, or commit the file on this branch.",
    f"{_CONTEXT}#filename",
)
SOURCE = Kind(
    "copy_source_missing",
    "COPY and ADD see only the files of the build context, which is the commit without what .dockerignore excludes. "
    "The "
    "path is not in it: misspelt, not committed, excluded, or above the context.",
    "Check the path from the top of the context, that the file is committed, and that .dockerignore does not exclude "
    "it; a file that another step makes is copied with COPY --from.",
    f"{_CONTEXT}#dockerignore-files",
)
_STAGE_ADVICE = "Check in the stage above where the file is written; its WORKDIR counts."
_ABOVE_ADVICE = "Set the build context to a folder that contains both, and write paths from there."


def _path(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    """`path`: the name in the message, or the sources of the instruction where the message has none; `step` with it."""
    step = output.instruction
    words = [word for word in step.split()[1:-1] if not word.startswith("--")]
    path = groups.get("path") or (", ".join(words) if words else "a file")
    return {"path": short(path, 80), "step": f" ({short(step)})" if step else ""}


def _of_stage(output: Output) -> bool:
    return "--from=" in output.instruction


SIGNS = (
    Sign(
        MISSING,
        pattern(r"Cannot locate specified Dockerfile: (?P<path>.+)"),
        "The build context of this commit has no file {path}.",
    ),
    Sign(
        MISSING,
        pattern(r"failed to read dockerfile: open (?:/\S*buildkit-mount\d+/)?(?P<path>.+?): no such file or directory"),
        "The build context of this commit has no file {path}.",
    ),
    Sign(
        MISSING,
        pattern(r"unable to (?:evaluate symlinks in Dockerfile path|prepare context): (?P<path>.+)"),
        "The build context of this commit has no such Dockerfile: {path}.",
    ),
    Sign(
        MISSING,
        pattern(
            r"(?:file|folder|path) '?(?P<path>\S*Dockerfile\S*?)'? (?:was )?not found in (?:the )?(?:context|commit"
            r"|archive)"
        ),
        "The build context of this commit has no file {path}.",
    ),
    Sign(
        SOURCE,
        pattern(r"(?:COPY|ADD) failed: forbidden path outside the build context: (?P<path>\S+)"),
        "{path} is outside the build context, where COPY and ADD cannot reach{step}.",
        _ABOVE_ADVICE,
        names=_path,
    ),
    Sign(
        MISSING,
        pattern(r"forbidden path outside the build context: (?P<path>\S+)"),
        "The Dockerfile {path} is outside the build context.",
        _ABOVE_ADVICE,
        names=_path,
    ),
    Sign(
        SOURCE,
        pattern(r"(?:COPY|ADD) failed: stat (?P<path>.+?): (?:file does not exist|no such file or directory)"),
        "The stage that {path} is copied from has no such file{step}.",
        _STAGE_ADVICE,
        names=_path,
        when=_of_stage,
    ),
    Sign(
        SOURCE,
        pattern(r"lstat (?P<path>/\S+?): no such file or directory"),
        "The stage that {path} is copied from has no such file{step}.",
        _STAGE_ADVICE,
        names=_path,
        when=_of_stage,
    ),
    Sign(
        SOURCE,
        pattern(
            r"(?:COPY|ADD) failed: (?:file not found in build context[^:]*: )?(?:lstat|stat) (?P<path>.+?): "
            r"(?:file does not exist|no such file or directory)"
        ),
        "The build context has no {path}{step}.",
        names=_path,
    ),
    Sign(
        SOURCE,
        pattern(r"(?:COPY|ADD) failed: no source files were specified"),
        "Nothing in the build context fits {path}{step}.",
        names=_path,
    ),
    Sign(
        SOURCE,
        pattern(r"failed to calculate checksum of ref \S+ \"/?(?P<path>[^\"]*)\": not found"),
        "The build context has no {path}{step}.",
        names=_path,
    ),
    Sign(
        SOURCE,
        pattern(r"lstat (?P<path>\S+?): no such file or directory"),
        "The build context has no {path}{step}.",
        names=_path,
        when=lambda output: output.instruction.upper().startswith(("COPY", "ADD")),
    ),
    Sign(
        SOURCE,
        pattern(r"failed to compute cache key: .*\"/?(?P<path>[^\"]+)\"(?:: | )not found"),
        "The build context has no {path}{step}.",
        names=_path,
    ),
)
