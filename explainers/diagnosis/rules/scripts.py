"""Scripts that are there and cannot be started, since what their first line names is not (class 56).

The kernel says of such a script that there is no such file, and so do runtimes and shells; for a script with Windows
line ends it looks for an interpreter whose name ends with a carriage return. Used by rules/programs.py.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from explainers import kinds
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.logs.start_errors import Unstartable, Why
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import scripts as repairs
from explainers.diagnosis.plans.subpaths import renewed
from explainers.diagnosis.rules.stale import changed_at
from explainers.diagnosis.views.endings import Ending, last_log
from explainers.diagnosis.views.mounted import File, file_at, text_of
from explainers.diagnosis.views.pods import text, words
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan

_STAT = pattern(r"\bstat \S+: no such file")
"""The runtime has looked for the file itself."""
_PATH = pattern(r"(?<![\w.-])/[\w./-]+")
_SHELL_SAYS = pattern(r"^\S*sh: .*(?:\$'\\r'|\\r)|: [Ii]llegal option -\s*$|: not found\s*$|\$'\\r': command not found")
"""What a shell says of a word that ends in a carriage return."""
_LAST = 20
"""Lines at the end of a log that are looked at."""
_SHELL = "/bin/sh"
_NO_PROGRAM = 127


@dataclass(frozen=True)
class Script:
    """A file of a volume that a container starts: `path` in the container, where it is kept, and what it says."""

    path: str
    file: File
    said: str

    @property
    def first(self) -> str:
        """Its first line, with the carriage return that ends it."""
        return self.said.partition("\n")[0]

    @property
    def interpreter(self) -> str:
        """What its first line names: the program that `env` is to look for, or a path; empty where it is not known."""
        named = self.first[2:].split() if self.first.startswith("#!") else []
        if len(named) > 1 and PurePosixPath(named[0]).name == "env":
            return next((word for word in named[1:] if not word.startswith("-") and "=" not in word), named[0])
        return named[0] if named else ""

    @property
    def of_windows(self) -> bool:
        return self.first.endswith("\r")


def without_interpreter(ending: Ending, found: Unstartable, seen: Evidence) -> Finding | None:
    """56: the script that is started is among the files of its volume, so that its interpreter is what is missing."""
    script = _named_by(ending, found.word) if "/" in found.word else _that_asks_for(ending, found.word)
    if script is None or not _executed(ending, found, script):
        return None
    if changed := _changed_since(ending, script.file):
        return _next_time(ending, script, changed, seen)
    whose = f"the {script.file.kind} `{script.file.name}`"
    clause = f"container `{ending.container.name}` starts `{script.path}`, which {whose} holds, {_because(script)}"
    rows = [Evidence(f"{script.file.kind.lower()} {script.file.name}", _shown(script))] if script.said else []
    plan = repairs.for_script(ending, script.path, script.file, script.said, script.interpreter)
    evidence = (*ending.evidence, seen, *rows)
    return Finding(56, ending.blame, Layer.CONTAINER, clause, evidence, plan, since=ending.since)


def read_with_returns(ending: Ending) -> Finding | None:
    """56: a shell reads a script of a ConfigMap whose lines end as Windows ends lines, and takes the carriage returns
    for parts of its words."""
    every = [*words(ending.container.spec, "command"), *words(ending.container.spec, "args")]
    named = dict.fromkeys(path for word in every for path in _PATH.findall(word))
    if not named or ending.code == 0:
        return None
    lines = lines_of(last_log(ending.case, ending.container).text)[-_LAST:]
    for path in named:
        line = next((one for one in reversed(lines) if _complains(one, path)), "")
        script = _named_by(ending, path) if line else None
        if script and _for_shell(script) and "\r\n" in script.said and not _changed_since(ending, script.file):
            return _with_returns(ending, script, clean(line))
    return None


def _complains(line: str, path: str) -> bool:
    """Whether a shell speaks of a script that it reads, or of a word with a carriage return."""
    spoken = pattern(rf"(?:^|[\s:]){re.escape(path)}: (?:line )?\d+: ").search(line)
    return bool(spoken) or _SHELL_SAYS.search(line) is not None


def _for_shell(script: Script) -> bool:
    return PurePosixPath(script.interpreter or _SHELL).name.rstrip("\r") in repairs.SHELLS


def _with_returns(ending: Ending, script: Script, said: str) -> Finding:
    whose = f"the {script.file.kind} `{script.file.name}`"
    clause = (
        f"container `{ending.container.name}` lets a shell read `{script.path}`, which {whose} holds with Windows line "
        f"ends: the carriage return counts as a part of the last word of each line, and the shell says: {said}"
    )
    seen = Evidence(f"{script.file.kind.lower()} {script.file.name}", _shown(script))
    plan = repairs.for_script(ending, script.path, script.file, script.said, script.interpreter)
    evidence = (*ending.evidence, *ending.saying(said), seen)
    about = cases.CARRIAGE_RETURNS
    return Finding(56, ending.blame, Layer.CONTAINER, clause, evidence, plan, since=ending.since, about=about)


def _changed_since(ending: Ending, file: File) -> datetime | None:
    """When the file was written, if that was after the container had ended: the next start reads another one."""
    kind = kinds.kind_named(file.kind)
    written = changed_at(ending.case.get(kind, file.name).object, file.key) if kind else None
    done = moment(text(ending.container.last_end, "finishedAt"))
    return written if written and done and written > done else None


def _next_time(ending: Ending, script: Script, changed: datetime, seen: Evidence) -> Finding:
    told = ago(ending.case.now, changed)
    clause = (
        f"container `{ending.container.name}` could not start `{script.path}`; the {script.file.kind} "
        f"`{script.file.name}` that holds it was changed since, {told}, and the next start reads that"
    )
    row = Evidence(f"{script.file.kind.lower()} {script.file.name}", f"key {script.file.key} was written", told)
    plan = Plan(renewed(ending.case, ending.blame))
    rows = (*ending.evidence, seen, row)
    return Finding(56, ending.blame, Layer.CONTAINER, clause, rows, plan, Confidence.LIKELY, ending.since)


def _because(script: Script) -> str:
    named = script.interpreter
    if named and script.of_windows:
        return (
            f"with Windows line ends: its first line asks for the interpreter `{named}\\r`, with the carriage return, "
            "and no image has that"
        )
    if named:
        return f"but its image does not have the interpreter `{named}` that the first line names"
    if script.said:
        return "but its image does not have what runs such a file: it has no first line that names an interpreter"
    return (
        "but its image does not have the interpreter that the first line names, or the line ends as Windows ends lines"
    )


def _shown(script: Script) -> str:
    first = script.first.replace("\r", "\\r").replace("`", "'")
    return f"key {script.file.key} begins with: {first[:120]}"


def _named_by(ending: Ending, path: str) -> Script | None:
    file = file_at(ending.case, ending.container, path)
    return Script(path, file, text_of(ending.case, file)) if file else None


def _that_asks_for(ending: Ending, program: str) -> Script | None:
    """The script of the command whose first line lets `env` look for a program."""
    name = program.removesuffix("\\r")
    every = [*words(ending.container.spec, "command"), *words(ending.container.spec, "args")]
    found = [script for word in every if word.startswith("/") and (script := _named_by(ending, word))]
    return next((one for one in found if one.interpreter == name and one.first.startswith("#!")), None)


def _executed(ending: Ending, found: Unstartable, script: Script) -> bool:
    """Whether it was started as a program, and was there: neither read by one, nor put there since."""
    if found.why is Why.INTERPRETER or "/" not in found.word:
        return True
    if found.opened or _STAT.search(ending.start_error):
        return False
    if ending.code == _NO_PROGRAM and script.interpreter == _SHELL and not script.of_windows:
        return False
    first = words(ending.container.spec, "command") or words(ending.container.spec, "args")
    return bool(ending.start_error) or ending.code == _NO_PROGRAM or first[:1] == [found.word]
