"""A RUN that failed: which command, how it ended, and the line of its output that tells why."""

from collections.abc import Iterator

from explainers.builds.errors import engine, network, programs
from explainers.builds.errors.model import Finding, Kind, named
from explainers.builds.errors.output import Output, sentence, short, unstamped, window
from explainers.diagnosis.logs.lines import telling
from explainers.patterns import pattern

RUN_FAILED = Kind(
    "run_failed",
    "RUN starts a command inside the image, and the build stops when it ends with an exit code other than 0. The lines "
    "that the command printed last say why.",
    "Run the same command in a container of the base image to see it by hand, mend it, and build again.",
    "https://docs.docker.com/reference/dockerfile/#run",
)
NO_SHELL = Kind(
    "no_shell",
    "RUN in its usual form starts a shell, /bin/sh if SHELL does not say otherwise. scratch and distroless images have "
    "none, so nothing can be run in them.",
    "Do this step in an earlier stage that has a shell, and copy its result with COPY --from; or use the form "
    'RUN ["program", "argument"] with a program that is in the image.',
    "https://docs.docker.com/reference/dockerfile/#shell-and-exec-form",
)
OOM = Kind(
    "oom_killed",
    "Exit code 137 and the word Killed mean that the process was ended by SIGKILL, nearly always by the kernel because "
    "the memory of the machine or of the build's limit was used up. Compilers and bundlers that work in parallel need "
    "the most.",
    "Give the engine more memory, or let the step use less: fewer parallel jobs (make -j2), smaller heaps "
    "(NODE_OPTIONS=--max-old-space-size=…).",
    "https://docs.docker.com/engine/containers/resource_constraints/",
)
EXEC_FORMAT = Kind(
    "exec_format",
    "The kernel cannot start the file: it is a program for another processor architecture, or a script whose first "
    "line "
    "does not name an interpreter. Scripts saved on Windows end each line with CR LF, and then the interpreter's name "
    "has an invisible character too many.",
    "Build or download the program for the platform of the image; save scripts with LF (*.sh text eol=lf in "
    ".gitattributes) and begin them with #!/bin/sh.",
    "https://docs.docker.com/build/building/multi-platform/",
)
NEAR_END = 15
"""Lines before the end in which a host that was not reached is taken for the cause; earlier ones were survived."""
_CLASSIC = pattern(r"The command '(?P<command>.*)' returned a non-zero code: (?P<code>\d+)")
_BUILDKIT = pattern(
    r"process \"(?P<command>.*)\" did not complete successfully: (?:exit code: (?P<code>\d+)(?P<more>.*)"
    r"|(?P<reason>.+))"
)
_EXECUTOR = pattern(r"executor failed running \[(?P<command>.*)\]: exit code: (?P<code>\d+)")
_RUNTIME = pattern(r"(?:OCI runtime create failed|unable to start container process|runc run failed).*")
_USER = pattern(r"unable to find (?:user|group) (?P<user>\S+): no matching entries in (?:passwd|group) file")
_NO_PROGRAM = pattern(
    r"exec: \"(?P<program>[^\"]+)\": (?:stat \S+: no such file or directory|executable file not found in \$PATH)"
)
_SHELLS = pattern(r"^/?(?:\S*/)?(?:ba|da|a|z|k|c|tc|fi)?sh$|powershell|pwsh|cmd(?:\.exe)?$")
_DENIED = pattern(r"exec: \"(?P<program>[^\"]+)\": permission denied")
_CR = "{file} has Windows line ends (CR LF), which the shell takes for part of the words"
_EXEC = (
    (
        pattern(r"(?i)(?:(?<![\w./-])(?P<file>[\w./-]+): )?exec format error"),
        "the kernel cannot start {file}",
    ),
    (pattern(r"(?<!\S)(?P<file>\S+): (?:/\S+)?\^M: bad interpreter|bad interpreter: .*\^M"), _CR),
    (
        pattern(r"[\u2018'\"](?P<file>\w[\w./-]*)\\r[\u2019'\"]|env: ['\u2018]?(?P<other>[\w./-]+)\\r"),
        "a script names {file} with an invisible carriage return: it has Windows line ends (CR LF)",
    ),
    (pattern(r"(?<![\w./-])(?P<file>[\w./-]+): (?:line )?\d+: .*\$'[^']*\\r'"), _CR),
    (
        pattern(
            r"(?<![\w./-])(?P<file>[\w./-]+): (?:line )?\d+: set: (?:Illegal option -|-: invalid option"
            r"|.*invalid option name)$"
        ),
        _CR,
    ),
    (
        pattern(r"(?<![\w./-])(?P<file>[\w./-]+): cannot execute: required file not found"),
        "the interpreter that the first line of {file} names is not there, often because of Windows line ends (CR LF)",
    ),
)
_MOST_LIKELY = "was killed{ended}: most likely it ran out of memory"
_KILLED = (
    (
        pattern(r"(?i)^(?:.*[: ])?Killed(?: +\(core dumped\))?\s*$|^\S+: line \d+: +\d+ Killed\b"),
        _MOST_LIKELY,
    ),
    (pattern(r"fatal error: Killed signal terminated program|signal: killed|\(signal: 9, SIGKILL"), _MOST_LIKELY),
    (pattern(r"(?i)exit code: 137|non-zero code: 137"), _MOST_LIKELY),
    (pattern(r"(?i)cannot allocate memory|MemoryError$|virtual memory exhausted"), "ran out of memory{ended}"),
)
_DISK = pattern(r"(?i)no space left on device|disk quota exceeded|ENOSPC")
_DNS = pattern(
    r"(?i)could not resolve (?:host: |')(?P<host>[\w.-]+)|unable to resolve host address [\u2018'](?P<wget>[^'\u2019]+)"
    r"|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<npm>\S+)|lookup (?P<go>[\w.-]+) on \S+: (?:no such host"
    r"|server misbehaving)"
    r"|host='(?P<pip>[^']+)'.*(?:Name or service not known|name resolution|NameResolutionError)"
    r"|Failed to resolve '(?P<new>[^']+)'|bad address '(?P<busybox>[^']+)'"
    r"|(?:NewConnectionError|Temporary failure in name resolution|Name or service not known)"
)
_TLS = pattern(
    r"(?i)SSL certificate problem|certificate verify failed|certificate verification failed"
    r"|x509: certificate signed by unknown"
    r"|UNABLE_TO_GET_ISSUER_CERT|SELF_SIGNED_CERT_IN_CHAIN|server certificate verification failed"
)
_RATE = pattern(r"(?i)\b429 Too Many Requests|HTTP Error 429|returned error: 429|code E429|toomanyrequests")
_URL_HOST = pattern(r"https?://(?:[^\s/@]*@)?(?P<host>[\w.-]+)")
_TLS_ADVICE = "Copy the CA that signed it into the image and install it (update-ca-certificates) in an earlier RUN."
_SHELL_FORM = pattern(r"^(?:\S*/)?(?:ba|da|a|z)?sh (?:-\S+ )*-\w*c ")


def find(output: Output) -> Finding | None:
    """Why a RUN failed; None where it is no RUN that failed."""
    for line in output.said:
        if found := next(filter(None, (one.search(line) for one in (_CLASSIC, _BUILDKIT, _EXECUTOR))), None):
            groups = named(found)
            code = int(groups.get("code") or 0) or output.code
            return _Run(output, groups["command"], code, line, groups.get("reason", "")).finding()
        if _RUNTIME.search(line) or _USER.search(line):
            return _Run(output, "", output.code, line, line).finding()
    return None


class _Run:
    """One command that failed: as it was started, its exit code, and the engine's line that says so."""

    def __init__(self, output: Output, command: str, code: int, said: str, reason: str) -> None:
        self.output, self.code, self.said, self.reason = output, code, said, reason
        step = output.instruction
        shown = step[4:] if step.upper().startswith("RUN ") else _SHELL_FORM.sub("", command, count=1) or step
        self.name = f"RUN {short(shown, 70)}" if shown else "The RUN"
        self.lines = output.printed
        self.last = self.lines[-30:]

    def finding(self) -> Finding:
        """The first explanation whose words are there, the plain exit code last."""
        return next(self._explanations())

    def _explanations(self) -> Iterator[Finding]:
        yield from self._start()
        yield from self._resources()
        yield from self._format()
        yield from self._network()
        yield from self._program()
        yield self._plain()

    def _start(self) -> Iterator[Finding]:
        """What the container runtime could not start; it says so itself, or BuildKit prints it as output."""
        for line in (self.said, *reversed(self.last)):
            if found := _NO_PROGRAM.search(line):
                program = found["program"]
                if _SHELLS.search(program):
                    yield self._of(
                        NO_SHELL, f"{self.name} needs {program}, and the image has none.", line, found.start()
                    )
                else:
                    yield self._of(
                        RUN_FAILED,
                        f"{self.name} starts {program}, and the image has no such program.",
                        line,
                        found.start(),
                        programs.install(program),
                    )
            if found := _DENIED.search(line):
                yield self._of(
                    RUN_FAILED,
                    f"{self.name} starts {found['program']}, which is not executable.",
                    line,
                    found.start(),
                    programs.EXECUTABLE,
                )
            if found := _USER.search(line):
                yield self._of(
                    RUN_FAILED,
                    f"{self.name} is to run as {found['user']}, a user that the image does not have.",
                    line,
                    found.start(),
                    f"Create {found['user']} before USER (RUN useradd {found['user']}), or write a number.",
                )

    def _resources(self) -> Iterator[Finding]:
        for line in reversed(self.last):
            if found := _DISK.search(line):
                headline = f"No space was left for {self.name}: {short(unstamped(line), 100)}."
                yield self._of(engine.DISK, headline, line, found.start())
        lines = list(reversed(self.last))
        if self.code == 137 or self.reason:
            lines.append(self.said)
        ended = f" (exit code {self.code})" if self.code else ""
        for words, how in _KILLED:
            for line in lines:
                if found := words.search(unstamped(line)):
                    yield self._of(OOM, f"{self.name} {how.format(ended=ended)}.", line, found.start())

    def _format(self) -> Iterator[Finding]:
        for line in reversed(self.last):
            for words, says in _EXEC:
                if found := words.search(line):
                    groups = named(found)
                    file = groups.get("file") or groups.get("other") or "its program"
                    yield self._of(EXEC_FORMAT, f"{self.name}: {says.format(file=file)}.", line, found.start())

    def _network(self) -> Iterator[Finding]:
        for line in self.lines[-NEAR_END:]:
            if found := _DNS.search(line):
                host = next((value for value in named(found).values() if value), "") or self._host()
                yield self._of(network.DNS, f"{self.name} could not resolve {host}.", line, found.start())
        for line in self.lines[-NEAR_END:]:
            if found := _TLS.search(line):
                yield self._of(
                    network.TLS,
                    f"{self.name} does not trust the certificate of {self._host(line)}.",
                    line,
                    found.start(),
                    _TLS_ADVICE,
                )
            if found := _RATE.search(line):
                yield self._of(network.RATE, f"{self.name} asked {self._host(line)} too often.", line, found.start())

    def _program(self) -> Iterator[Finding]:
        for said in programs.SAYINGS:
            for line in self.lines:
                if found := said.words.search(unstamped(line)):
                    groups = {name: short(value, 120) for name, value in named(found).items()}
                    headline = f"{self._ended()}: {said.headline.format_map(groups)}."
                    yield self._of(
                        RUN_FAILED, headline, line, found.start(), said.advice.format_map(groups), said.retry
                    )

    def _plain(self) -> Finding:
        """The line that most likely tells why; the engine's own where nothing was printed."""
        if self.reason:
            return self._of(RUN_FAILED, f"{self.name} could not be started: {short(self.reason, 200)}.", self.said)
        lines = [line for line in self.lines if unstamped(line).strip()]
        told = telling("\n".join(unstamped(line) for line in lines)) if lines else None
        if told is None or told.index >= len(lines):
            return self._of(RUN_FAILED, f"{self._ended()} and printed nothing.", self.said)
        line = lines[told.index]
        return self._of(RUN_FAILED, f"{self._ended()}: {short(unstamped(line), 160)}.", line)

    def _ended(self) -> str:
        return f"{self.name} failed with exit code {self.code}" if self.code else f"{self.name} failed"

    def _host(self, line: str = "") -> str:
        """The host of an address in that line or in the command."""
        found = _URL_HOST.search(line) or _URL_HOST.search(self.name)
        return str(found["host"]) if found else "a host"

    def _of(
        self, kind: Kind, headline: str, line: str, at: int = 0, advice: str = "", retry: bool | None = None
    ) -> Finding:
        return Finding(kind, sentence(headline), window(line, at), advice, retry=retry)
