"""What programs say in a RUN that failed: package managers, compilers, shells, and what to do about it.

The first saying whose words stand in the output explains it, so the precise ones come first.
"""

import re
from dataclasses import dataclass

from explainers.patterns import Pattern, pattern

EXECUTABLE = "Commit it as executable (git update-index --chmod=+x FILE), or RUN chmod +x before, or start it with sh."


def install(program: str) -> str:
    """The advice for a program that is not in the image."""
    return f"Install {program} in an earlier RUN, or begin with a base image that has it."


@dataclass(frozen=True)
class Saying:
    """`headline` and `advice` may hold `{name}` of the named groups of `words`."""

    words: Pattern
    headline: str
    advice: str
    retry: bool = False


_PATH = (
    "Check that a COPY brings {path} to this WORKDIR and that its first line names an interpreter that the image has; "
)
_PATH += "a script with Windows line ends (CR LF) looks as if it were missing."

SAYINGS = (
    # Python
    Saying(
        pattern(r"No matching distribution found for (?P<name>\S+(?: \(from [^)]*\))?)"),
        "PyPI has no {name} for this Python",
        "Check name and version of {name}, that it supports the Python of the base image, and the index that pip asks.",
    ),
    Saying(
        pattern(r"Could not open requirements file: .*'(?P<name>[^']+)'"),
        "there is no {name}",
        "COPY {name} into the image before this RUN.",
    ),
    Saying(
        pattern(r"Cannot install (?P<name>.+?) because these package versions have conflicting dependencies"),
        "{name} have conflicting dependencies",
        "Loosen or align the versions that the requirements ask for.",
    ),
    Saying(
        pattern(r"error: (?P<name>externally-managed-environment)"),
        "{name}: pip does not write into the system's Python",
        "Install into a virtual environment (python3 -m venv /venv), or use a python base image.",
    ),
    Saying(
        pattern(r"error: (?P<name>metadata-generation-failed|subprocess-exited-with-error|legacy-install-failure)"),
        "a package could not be built ({name})",
        "Read the lines above it; usually a compiler or header is missing (build-essential, python3-dev), or there "
        "is no "
        "wheel for this Python and platform.",
    ),
    # apt, apk
    Saying(
        pattern(
            r"E: Unable to locate package (?P<name>\S+)|Package '?(?P<other>[^\s']+)'? has no installation candidate"
        ),
        "apt knows no package {name}{other}",
        "Run apt-get update in the same RUN before it, and check the name for this release of the distribution.",
    ),
    Saying(
        pattern(r"ERROR: unable to select packages|(?<!\S)(?P<name>\S+) \(no such package\)"),
        "apk knows no package {name}",
        "Check the name for this release of Alpine (pkgs.alpinelinux.org).",
    ),
    Saying(
        pattern(r"(?P<name>Hash Sum mismatch|File has unexpected size)"),
        "a package mirror is in the middle of a change ({name})",
        "Try again in some minutes; run apt-get update and install in the same RUN.",
        retry=True,
    ),
    # Node.js
    Saying(
        pattern(
            r"npm (?:ERR!|error) (?:404\s+)+ ?'(?P<name>[^']+)' is not in (?:this|the npm) registry"
            r"|npm (?:ERR!|error) 404 Not Found - GET \S+/(?P<other>[^/\s]+) - Not found"
        ),
        "the npm registry has no {name}{other}",
        "Check the name in package.json; for a private package set registry and token.",
    ),
    Saying(
        pattern(r"No matching version found for (?P<name>\S+?)\.?$"),
        "the npm registry has no version {name}",
        "Choose a version that exists (npm view NAME versions).",
    ),
    Saying(
        pattern(
            r"(?P<name>The `?npm ci`? command can only install with an existing package-lock)"
            r"|(?P<sync>`?npm ci`? can only install packages when)"
        ),
        "npm ci needs a package-lock.json that fits package.json",
        "Run npm install once by hand, commit package-lock.json, and COPY it before this RUN.",
    ),
    Saying(
        pattern(r"[Mm]issing script: \"?(?P<name>[^\"\s]+)"),
        "package.json has no script {name}",
        "Add the script {name} to package.json, or run one that is there (npm run lists them).",
    ),
    Saying(
        pattern(r"ENOENT: no such file or directory, open '(?P<name>[^']*package\.json)'"),
        "there is no {name}",
        "COPY package.json to this WORKDIR before this RUN.",
    ),
    Saying(
        pattern(r"npm (?:ERR!|error) peer (?P<name>\S+ from \S+)"),
        "npm cannot resolve the peer dependency {name}",
        "Align the versions in package.json; --legacy-peer-deps ignores the conflict.",
    ),
    Saying(
        pattern(r"(?P<name>JavaScript heap out of memory)"),
        "Node.js: {name}",
        "Raise the heap (NODE_OPTIONS=--max-old-space-size=4096) within the memory of the engine.",
    ),
    Saying(
        pattern(r"Cannot find module '(?P<name>[^']+)'"),
        "Node.js finds no module {name}",
        "Install it (npm install {name}) so that package.json names it, and run npm ci before this step.",
    ),
    # Go
    Saying(
        pattern(r"(?P<name>missing go\.sum entry for .*?)(?: \(imported|;|$)"),
        "{name}",
        "Run go mod tidy by hand and commit go.sum; COPY go.mod and go.sum before this RUN.",
    ),
    Saying(
        pattern(r"go\.mod (?:file )?not found|does not contain main module|cannot find main module"),
        "there is no go.mod here",
        "COPY go.mod (and the sources) to this WORKDIR before this RUN.",
    ),
    Saying(
        pattern(r"package (?P<name>\S+) is not in (?:GOROOT|std)"),
        "the Go of the image has no package {name}",
        "Use a newer golang base image, one that fits the go line of go.mod.",
    ),
    Saying(
        pattern(
            r"go: (?P<name>.*(?:requires go >= \S+|invalid go version|403 Forbidden|404 Not Found|410 Gone"
            r"|unknown revision|terminal prompts disabled).*)"
        ),
        "{name}",
        "Check version and name of the module; for a private one set GOPRIVATE and give the build a login.",
    ),
    # Compilers and make
    Saying(
        pattern(r"^error\[E\d+\]: (?P<name>.+)"),
        "{name}",
        "Mend the source at the place that the next line names.",
    ),
    Saying(
        pattern(r"(?<!\S)(?P<place>[^\s:]+:\d+(?::\d+)?): (?:fatal )?error:? (?P<name>.+)"),
        "{place}: {name}",
        "Mend the source at {place}, or install what it misses (headers are in -dev packages).",
    ),
    Saying(
        pattern(r"^(?:\./)?(?P<place>[\w./-]+\.go:\d+:\d+): (?P<name>.+)"),
        "{place}: {name}",
        "Mend the source at {place}.",
    ),
    Saying(
        pattern(r"cannot find -(?P<name>l\S+?)(?:: .*)?$"),
        "the linker finds no library for -{name}",
        "Install the library's -dev package in an earlier RUN.",
    ),
    Saying(
        pattern(r"could not find `(?P<name>Cargo\.toml)`"),
        "there is no {name} here",
        "COPY {name} to this WORKDIR before this RUN.",
    ),
    Saying(
        pattern(r"there is no (?P<name>POM) in this directory"),
        "there is no {name} (pom.xml) here",
        "COPY pom.xml to this WORKDIR before this RUN.",
    ),
    Saying(
        pattern(r"No rule to make target '(?P<name>[^']+)'"),
        "make knows no target {name}",
        "Check the name of the target, and that COPY brought the Makefile and what {name} depends on.",
    ),
    # Downloads
    Saying(
        pattern(r"The requested URL returned error: (?P<name>\d+)|ERROR (?P<other>\d{3}): "),
        "the server answered {name}{other}",
        "Check the address: the file may have moved or want a login.",
        retry=False,
    ),
    # Shells, last: their words are the least special
    Saying(
        pattern(
            r"(?:^|: )(?P<path>(?:\.{0,2}/)[^\s:]+): (?:not found|No such file or directory)$"
            r"|exec (?P<exec>\S+): no such file or directory"
        ),
        "{path}{exec} is not there, or its interpreter is not",
        _PATH.replace("{path}", "{path}{exec}"),
    ),
    Saying(
        pattern(r"(?:^|: )(?P<name>[\w.+-]+): (?:command )?not found$"),
        "the image has no program {name}",
        install("{name}"),
    ),
    Saying(pattern(r"(?:^|: )(?P<name>(?:\.{0,2}/)\S+): Permission denied$"), "{name}: Permission denied", EXECUTABLE),
    Saying(
        pattern(r"^(?P<name>.*(?:Permission denied|Operation not permitted|EACCES).*)", re.IGNORECASE),
        "{name}",
        "The user of this step may not do that: put it before USER, or give the folder to that user (COPY --chown, "
        "RUN chown).",
    ),
)
