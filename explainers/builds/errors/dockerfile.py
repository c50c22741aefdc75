"""A Dockerfile that cannot be read, needs another builder, or names stages and images wrongly."""

from collections.abc import Mapping

from explainers.builds.dockerfile import read
from explainers.builds.errors.model import Kind, Sign
from explainers.builds.errors.output import Output, short
from explainers.diagnosis.near import nearest_one
from explainers.patterns import pattern

_REFERENCE = "https://docs.docker.com/reference/dockerfile/"
_STAGES = "https://docs.docker.com/build/building/multi-stage/"
_KEYWORDS = (
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER "
    "VOLUME WORKDIR"
)
_SHELL = (
    "APK APT APT-GET BASH CD CAT CHMOD CHOWN CP CURL ECHO EXIT EXPORT FOR FI DO DONE GIT GO IF INSTALL LN LS MAKE "
    "MKDIR MV NPM PIP PIP3 PNPM PYTHON PYTHON3 RM SED SET SH SOURCE TAR THEN TOUCH UNZIP WGET YARN YUM DNF &&"
)
"""Words that begin the lines of shell scripts and never an instruction."""

NEEDS_BUILDKIT = Kind(
    "needs_buildkit",
    "The classic builder of the Docker Engine knows only the older Dockerfile language. Mounts, COPY --chmod and "
    "--link and a few more are built by BuildKit alone.",
    "Set a BuildKit engine for this build (buildkitd), or take the option out of the Dockerfile.",
    "https://docs.docker.com/build/buildkit/",
)
HEREDOC = Kind(
    "heredoc_unsupported",
    "A heredoc (<<EOF) puts several lines into one instruction, and only BuildKit reads it so. The classic builder "
    "takes each of these lines for an instruction of its own.",
    "Set a BuildKit engine for this build, or join the lines with && \\ into one RUN and COPY files instead.",
    f"{_REFERENCE}#here-documents",
)
SYNTAX = Kind(
    "dockerfile_syntax",
    "A Dockerfile is a list of instructions, each beginning a line with its keyword. The builder reads all of it "
    "before "
    "it builds anything and stops at the first line that does not fit.",
    "Correct that line, commit, and build again.",
    _REFERENCE,
)
EMPTY = Kind(
    "dockerfile_empty",
    "The file is there, but has no instruction in it. An image needs at least a FROM.",
    "Commit the Dockerfile with its contents, or bind the service to another file.",
    f"{_REFERENCE}#from",
)
REFERENCE = Kind(
    "bad_image_reference",
    "An image name has the form registry/repository:tag, in lower case, without https://. An ARG that is not set "
    "before "
    "FROM becomes nothing and leaves a name that is not one.",
    "Correct the name; give an ARG that is used in FROM a default, above the first FROM (ARG VERSION=1).",
    f"{_REFERENCE}#understand-how-arg-and-from-interact",
)
TAG = Kind(
    "bad_tag",
    "The repository of an image must be in lower case, and a tag has at most 128 letters, digits, dots, dashes and "
    "underscores. Branch names often have slashes and capitals.",
    "Choose a tag without slashes (feature/login becomes feature-login) and a repository in lower case.",
    "https://docs.docker.com/reference/cli/docker/image/tag/",
)
STAGE = Kind(
    "stage_unknown",
    "COPY --from takes the name of a stage above it; a name that is no stage is taken for an image in a registry. "
    "Stages are counted from 0 and can only be used after they are defined.",
    "Write the name as it stands after AS in the FROM line of that stage.",
    _STAGES,
)
TARGET = Kind(
    "target_unknown",
    "A build target is the name of a stage, as it stands after AS in a FROM line. The Dockerfile of this commit has no "
    "such stage.",
    "Set the target to a stage of this Dockerfile, or to nothing for the last one.",
    f"{_STAGES}#stop-at-a-specific-build-stage",
)


def _line(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    """`at`: where it is, with the text of that line where the Dockerfile is known."""
    number = int(groups.get("number") or 0) if (groups.get("number") or "").isdecimal() else 0
    lines = output.dockerfile.splitlines()
    text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    shown = f"Line {number} of the Dockerfile" if number else "The Dockerfile"
    step = short(output.instruction, 60)
    return {"at": shown, "shown": f" ({short(text, 60)})" if text else f" ({step})" if step else "", "step": step}


def _unknown(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    word = groups["word"]
    near = nearest_one(word.upper(), _KEYWORDS.split())
    return {**_line(output, groups), "near": f"; the nearest is {near}" if near else ""}


def _inside_heredoc(output: Output) -> bool:
    """Whether the Dockerfile, where it is known, has a heredoc."""
    return any(instruction.heredocs for instruction in read(output.dockerfile).instructions)


def _from(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    """`image`: the one in the message, else that of the FROM or COPY --from that failed."""
    step = output.instruction
    words = step.split()
    image = groups.get("image") or next((word for word in words[1:] if not word.startswith("--")), "")
    shown = step if step.upper().startswith("FROM") else ""
    return {**_line(output, groups), "image": image or "the image", "from": f" ({short(shown)})" if shown else ""}


def _copies_from(output: Output) -> bool:
    return "--from=" in output.instruction


def _stages(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    stages = [
        words[2]
        for one in read(output.dockerfile).instructions
        if one.name == "FROM" and len(words := one.text.split()) == 3 and words[1].upper() == "AS"
    ]
    near = groups.get("near") or nearest_one(groups["stage"], stages)
    return {"hint": f"; the nearest is {near}" if near else ""}


_AT = r"parse error (?:on )?line (?P<number>\d+)"

SIGNS = (
    Sign(
        NEEDS_BUILDKIT,
        pattern(r"\bline (?P<number>\d+): (?P<what>.{1,200}?),? requires BuildKit"),
        "{at} uses {what}, which needs BuildKit.",
        names=_line,
    ),
    Sign(
        NEEDS_BUILDKIT,
        pattern(r"the (?P<option>--[\w-]+) option requires BuildKit"),
        "The Dockerfile uses {option}, which needs BuildKit{shown}.",
        names=_line,
    ),
    Sign(
        NEEDS_BUILDKIT,
        pattern(r"(?:the directive |FROM |the (?:heredoc|substitution) )?(?P<what>\S.{0,80}?),? requires BuildKit"),
        "The Dockerfile uses {what}, which needs BuildKit.",
        names=_line,
    ),
    Sign(
        NEEDS_BUILDKIT,
        pattern(
            rf"{_AT}: Unknown flag: (?P<option>checksum|link|network|security|parents|exclude"
            r"|keep-git-dir|mount|chmod|unpack)\b"
        ),
        "{at} uses --{option}, which this builder does not know: it needs BuildKit{shown}.",
        names=_line,
    ),
    Sign(
        HEREDOC,
        pattern(rf"{_AT}: unknown instruction: (?P<word>\S+)"),
        "{at} begins with {word} inside a heredoc, which the classic builder does not read.",
        names=_line,
        when=_inside_heredoc,
    ),
    Sign(
        SYNTAX,
        pattern(rf"{_AT}: unknown instruction: (?P<word><{{4,7}}|={{4,7}}|>{{4,7}})"),
        "{at} begins with {word}: a merge conflict was committed.",
        "Resolve the conflict in the Dockerfile, commit, and build again.",
        names=_line,
    ),
    Sign(
        SYNTAX,
        pattern(rf"{_AT}: unknown instruction: (?P<word>```\S*)"),
        "{at} begins with {word}, the mark of a code block in Markdown.",
        "Remove the lines with ``` from the Dockerfile, commit, and build again.",
        names=_line,
    ),
    Sign(
        SYNTAX,
        pattern(rf"(?i){_AT}: unknown instruction: (?P<word>{'|'.join(_SHELL.split())})(?!\S)"),
        "{at} begins with {word}, a shell command and no instruction{shown}.",
        "Put RUN before it, or end the line above with \\ where it belongs to it; if it stands in a heredoc (<<EOF), "
        "build with BuildKit.",
        names=_line,
    ),
    Sign(
        SYNTAX,
        pattern(rf"{_AT}: unknown instruction: (?P<word>\S+)"),
        "{at} begins with {word}, which is no instruction{near}.",
        names=_unknown,
    ),
    Sign(
        SYNTAX,
        pattern(rf"{_AT}: (?i:unknown flag): -*(?P<option>[\w-]+)(?: \(did you mean (?P<near>[\w-]+)\?\))?"),
        "{at} has an unknown option --{option}{shown}.",
        names=_line,
    ),
    Sign(SYNTAX, pattern(rf"{_AT}: (?P<what>.+)"), "{at} is not valid: {what}{shown}.", names=_line),
    Sign(
        SYNTAX,
        pattern(r"no build stage in current context"),
        "The Dockerfile has an instruction before its first FROM{shown}.",
        "Let the Dockerfile begin with FROM; only ARG may stand above it.",
        names=lambda output, _groups: {"shown": _before_from(output)},
    ),
    Sign(
        EMPTY,
        pattern(r"the Dockerfile(?: \((?P<file>[^)]*)\))? cannot be empty|file with no instructions"),
        "{file} has no instructions in it.",
        names=lambda _output, groups: {"file": groups["file"] or "The Dockerfile"},
    ),
    Sign(
        SYNTAX,
        pattern(
            r"(?P<what>ENV must have two arguments|(?i:invalid containerPort): \S+|(?i:invalid signal): \S+"
            r"|failed to process \".*|circular dependency detected .*|unexpected end of statement.*"
            r"|invalid hostPort: \S+|\w+ requires (?:at least|exactly|either) .*)"
        ),
        "The Dockerfile is not valid: {what}{shown}.",
        names=_line,
    ),
    Sign(
        TAG,
        pattern(
            r"invalid tag '(?P<tag>[^']+)': (?P<why>.+)"
            r"|failed to push (?P<pushed>\S+): (?P<reason>invalid reference format.*)"
        ),
        "{name} cannot be the name of an image.",
        names=lambda _output, groups: {"name": short(groups["tag"] or groups["pushed"], 80)},
    ),
    Sign(
        TAG, pattern(r"'(?P<tag>[^']+)' is not an image reference with a tag"), "{tag} cannot be the name of an image."
    ),
    Sign(
        REFERENCE,
        pattern(r"base name \((?P<image>.*?)\) should not be blank"),
        "The base image is {image}, and that is empty: the ARG has no value before FROM.",
        names=_from,
    ),
    Sign(
        REFERENCE,
        pattern(r"failed to parse stage name \"(?P<image>[^\"]*)\": (?P<why>.+)"),
        "{image} is not the name of an image{from}.",
        names=_from,
    ),
    Sign(
        REFERENCE,
        pattern(r"invalid from flag value (?P<image>\S+): invalid reference format"),
        "{image} is not the name of a stage or image{from}.",
        names=_from,
    ),
    Sign(REFERENCE, pattern(r"invalid reference format"), "{image} is not the name of an image.", names=_from),
    Sign(
        STAGE,
        pattern(r"invalid from flag value (?P<stage>\d+): (?:index out of bounds|refers to current build stage)"),
        "COPY --from={stage} names a stage that is not defined above it.",
    ),
    Sign(
        STAGE,
        pattern(r"invalid from flag value (?P<stage>[a-zA-Z][\w-]*): (?P<near>)"),
        "COPY --from={stage} names no stage of the Dockerfile, and no image of that name was found{hint}.",
        names=_stages,
    ),
    Sign(
        STAGE,
        pattern(
            r"(?P<stage>\b[a-zA-Z][\w-]*): failed to resolve source metadata for docker\.io/library/\S+:latest: "
            r"(?:.*\(did you mean (?P<near>[\w.-]+)\?\))?"
        ),
        "COPY --from={stage} names no stage of the Dockerfile, and no image of that name was found{hint}.",
        names=_stages,
        when=_copies_from,
    ),
    Sign(
        TARGET,
        pattern(r"failed to reach build target (?P<target>\S+)|target stage \"(?P<stage>[^\"]+)\" could not be found"),
        "The Dockerfile has no stage {name} to build.",
        names=lambda _output, groups: {"name": groups["target"] or groups["stage"]},
    ),
)


def _before_from(output: Output) -> str:
    """The instruction that stands before the first FROM, where the output or the Dockerfile shows it."""
    first = next((one for one in read(output.dockerfile).instructions if one.name != "ARG"), None)
    shown = output.instruction or (f"{first.name} {first.text}" if first else "")
    return f" ({short(shown, 60)})" if shown else ""
