"""Commands that cannot be started (classes 56, 59, and 54 for a mount in the way); used by rules/crashes.py."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import PurePosixPath

from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import Telling, clean, lines_of
from explainers.diagnosis.logs.start_errors import Unstartable, Why, from_log, from_runtime, likely_meant
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import commands, remedies
from explainers.diagnosis.rules import other_folders, scripts, subpaths
from explainers.diagnosis.views.endings import Ending, last_log
from explainers.diagnosis.views.mounted import files_in, sources, volume_of
from explainers.diagnosis.views.pods import Json, dicts, dig, text, words
from explainers.diagnosis.views.revisions import revisions
from explainers.diagnosis.views.tls_files import parts_as, same_part
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_MOUNT = pattern(r"error mounting .*? to rootfs at \"([^\"]+)\".*?: ([^:]+)(?:: unknown)?$", re.DOTALL)
_RUNTIME_CHAIN = pattern(r"^.*(?:unable to start container process|starting container process caused|error during "
                            r"container init): ", re.DOTALL)  # fmt: skip
_NOT_THERE = pattern(r"no such file|not found|cannot find|can't find|does(?: not|n't) exist|ENOENT|FileNotFound", re.I)
_NOT_READ = pattern(
    r"(?:can(?:not|'t)|could(?: not|n't)|unable to|fail(?:ed|ure)(?: to| in)?|error)\s+(?:open|read|load|access|stat)",
    re.I,
)
"""What a program may say of a file that is not there, and of others."""
_PATH = pattern(r"/[\w.-]+(?:/[\w.-]+)+")
_COMMAND = pattern(r"\w[\w.+-]*")
"""A command that is looked for in the folders of the variable `PATH`."""
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_BACKGROUND = ("--daemonize", "--daemon", "--background", "--detach", "-D", "--fork")

COMMANDS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where images have their commands, if nothing else is said."""
MOST_FILES = 8
"""Files of a volume that a plan mounts one by one."""


def words_of(spec: Json) -> list[str]:
    """The container's command and arguments as written."""
    return [*words(spec, "command"), *words(spec, "args")]


def goes_to_background(spec: Json) -> str:
    """The option by which a program leaves the foreground, or an empty string."""
    every = words_of(spec)
    for word, after in zip_longest(every, every[1:], fillvalue=""):
        if word.split("=")[0] in _BACKGROUND and after != "no" and not word.endswith(("=no", "=false")):
            return f"{word} {after}" if after in ("yes", "true") else word
    return ""


def not_started(ending: Ending) -> Iterator[Finding]:
    """The container runtime could not start the command."""
    message = ending.start_error
    found = from_runtime(message)
    mount = _MOUNT.search(message)
    if found:
        yield _unstartable(ending, found, Evidence(f"pod {ending.container.pod.name}", short(message)))
    elif mount:
        yield _mount_in_the_way(ending, mount[1], mount[2].strip())
    else:
        yield Finding(
            57,
            ending.blame,
            Layer.CONTAINER,
            f"container `{ending.container.name}` cannot be started: {clean(short(message))}",
            (*ending.evidence, Evidence(f"pod {ending.container.pod.name}", short(message))),
            remedies.go_back_or_look(ending, log=False),
            about=None if ending.container.last_end else cases.NOT_CREATED,
        )


def not_found(ending: Ending) -> Finding | None:
    """56 and 59 as a shell or an interpreter says it, with exit code 127, 126 or its own."""
    log = last_log(ending.case, ending.container)
    found = from_log(ending.code, reversed(lines_of(log.text)[-50:]), " ".join(words_of(ending.container.spec)))
    if found is None:
        return None
    said = next(line for line in reversed(lines_of(log.text)) if found.word in line)
    return _unstartable(ending, found, Evidence(ending.log_evidence[0].source, clean(said)))


def covered(ending: Ending) -> Finding | None:
    """54: a program misses a file in a folder that a ConfigMap or Secret is mounted over, and that has no such file."""
    missed = (told for told in ending.tells if _NOT_THERE.search(told.english) or _NOT_READ.search(told.english))
    found = (_not_held(ending, told, path.rstrip(".")) for told in missed for path in _PATH.findall(told.line))
    return next((one for one in found if one), None)


def _not_held(ending: Ending, told: Telling, path: str) -> Finding | None:
    spec = ending.container.spec
    name = _hiding_mount(spec, path)
    mount = next((one for one in dicts(spec, "volumeMounts") if name and text(one, "name") == name), {})
    held = _held(ending, path) if mount and not text(mount, "subPath") else ()
    folder = text(mount, "mountPath").rstrip("/")
    inside = path.removeprefix(f"{folder}/")
    if not held or any(f"{one}/".startswith(f"{inside}/") for one in held):
        return None
    wanted = PurePosixPath(path).name
    meant = nearest_one(wanted, held) or same_part(wanted, held)
    clause = f"container `{ending.container.name}` {_told(Unstartable(path, Why.MISSING, opened=True), name, held)}"
    clause += f" (nearest: `{meant}`)" if meant else f"; what the image has in `{folder}` is out of sight"
    plan = _other_mounts(ending, mount, inside, held, meant)
    evidence = (*ending.evidence, *ending.saying(told.line))
    return Finding(54, ending.blame, Layer.NEEDS, clause, evidence, plan, Confidence.LIKELY, ending.since)


def _other_mounts(ending: Ending, mount: Json, wanted: str, held: Sequence[str], meant: str) -> Plan:
    """Each file of a volume mounted by itself: under the name that the program asks for, where one is meant."""
    if len(held) > MOST_FILES or (meant and "/" in wanted):
        return remedies.go_back_or_look(ending)
    if not meant:
        return remedies.files_beside(ending, mount, held)
    return remedies.files_as(ending, mount, {**{one: one for one in held}, **parts_as(wanted, meant, held)})


def _unstartable(ending: Ending, found: Unstartable, seen: Evidence) -> Finding:
    if found.why is Why.DENIED:
        return _not_executable(ending, found.word, seen)
    if told := scripts.without_interpreter(ending, found, seen) or other_folders.in_other_folder(ending, found, seen):
        return told
    word = found.word
    hidden = _hiding_mount(ending.container.spec, word)
    if found.opened and not hidden:
        return _not_opened(ending, word, seen)
    held = _held(ending, word) if hidden else ()
    there = found.why is Why.INTERPRETER or _is_held(ending.container.spec, word, held)
    meant, perhaps = "" if there else nearest_one(PurePosixPath(word).name, held), False
    if not meant and word and not found.opened and not there:
        known = _candidates(ending)
        meant = likely_meant(word, known, commands.image_name(ending))
        perhaps = meant not in known
    over = _over_commands(ending, word) if not meant else {}
    if over:
        return _out_of_sight(ending, word, over, seen)
    said = f"container `{ending.container.name}` {_told(found, hidden, held, there)}"
    other = remedies.other_command if there or word.endswith("\\r") else commands.other_command
    return Finding(
        54 if found.opened else 56,
        ending.blame,
        Layer.CONTAINER,
        said + (f" (perhaps `{meant}` is meant)" if meant and perhaps else f" (nearest: `{meant}`)" if meant else ""),
        (*ending.evidence, seen),
        other(ending, word, meant),
        since=ending.since,
        about=cases.NOT_IN_VOLUME if found.opened and hidden else None,
    )


def _not_opened(ending: Ending, path: str, seen: Evidence) -> Finding:
    """57: a program does not find a file that it was told to read, at a path where no volume is mounted."""
    said = f"container `{ending.container.name}` cannot open `{path}`: its log says that there is no such file"
    why = f"mount `{path}` from a ConfigMap, a Secret or a volume, or start the program with a file that is there"
    look = Step(remedies.read_spec(ending.blame).operation, why)
    plan = Plan((*remedies.back_step(ending.case, ending.blame), look))
    evidence = (*ending.evidence, seen)
    return Finding(57, ending.blame, Layer.CONTAINER, said, evidence, plan, since=ending.since)


def _over_commands(ending: Ending, word: str) -> Json:
    """The mount of a volume that lacks a command over a folder where the image may have it; else an empty object."""
    if not _COMMAND.fullmatch(word):
        return {}
    mounts = [(f"{text(one, 'mountPath').rstrip('/')}/", one) for one in dicts(ending.container.spec, "volumeMounts")]
    over = [one for path, one in mounts if any(f"{folder}/".startswith(path) for folder in COMMANDS) and path != "/"]
    held = {file for one in over for file in files_in(ending.case, volume_of(ending.container, one)) or ()}
    return over[0] if over and word not in held else {}


def _out_of_sight(ending: Ending, word: str, mount: Json, seen: Evidence) -> Finding:
    """56: a command is not found, and a mount hides what the image has in one of the folders of commands."""
    path, volume = text(mount, "mountPath"), volume_of(ending.container, mount)
    row = Evidence(str(ending.blame), f"mounts volume {text(volume, 'name')} over {path}")
    return Finding(
        56,
        ending.blame,
        Layer.CONTAINER,
        f"container `{ending.container.name}` does not find the command `{word}`: the volume `{text(volume, 'name')}` "
        f"is mounted over `{path}` and hides the commands that its image has there",
        (*ending.evidence, seen, row),
        _beside_or_elsewhere(ending, mount, volume),
        Confidence.LIKELY,
        ending.since,
    )


def _beside_or_elsewhere(ending: Ending, mount: Json, volume: Json) -> Plan:
    """The files of a volume one by one in the folder; what has others, or is shared, cannot be mounted so."""
    held = sorted(files_in(ending.case, volume) or ())
    if held and len(held) <= MOST_FILES and not text(mount, "subPath"):
        return remedies.files_beside(ending, mount, held)
    name = text(volume, "name")
    used = [one for each in ending.container.pod.containers for one in dicts(each.spec, "volumeMounts")]
    if sum(text(one, "name") == name for one in used) > 1:
        return remedies.other_command(ending, "", "")
    return remedies.elsewhere(ending, mount)


def _told(found: Unstartable, hidden: str, held: Sequence[str], there: bool = False) -> str:
    """What the container does with the word that is not there; `hidden` is the volume over its folder, with `held`;
    `there` where that is among them by now."""
    word, verb = found.word, "needs the file" if found.opened else "starts"
    if found.why is Why.INTERPRETER:
        return f"starts `{word}`, which is there, but its image lacks the interpreter that its first line names"
    if word.endswith("\\r"):
        return f"starts a script with Windows line ends: its first line asks for `{word}`, with the carriage return"
    if not word:
        return "has no command, neither in its image nor in its spec"
    if hidden and there:
        return f"{verb} `{word}`, which was not there yet; the volume `{hidden}` mounted there holds it by now"
    if hidden:
        holds = f": it holds {', '.join(f'`{key}`' for key in held[:6])}" if held else ""
        return f"{verb} `{word}`, which the volume `{hidden}` mounted there does not hold{holds}"
    if word.startswith("-"):
        return (
            f"takes `{word}` for its command: `args` stand in place of the image's own command, which must be written "
            "before them"
        )
    if " " in word.strip():
        return (
            f"starts `{word}` as if that were the name of one file; each word of a command must be an entry of its own"
        )
    if "/" in word:
        return f"starts `{word}`, a file that does not exist in it"
    return f"starts the command `{word}`, which its image does not have"


def _not_executable(ending: Ending, word: str, seen: Evidence) -> Finding:
    """59: with the mount that gives the file its mode, when one does."""
    name, volume = ending.container.name, _volume_at(ending, word)
    source = next((key for key in ("configMap", "secret", "projected", "downwardAPI") if key in volume), "")
    mode = dig(volume, source, "defaultMode") if source else None
    because = ""
    if source:
        octal = f"{mode:04o}" if isinstance(mode, int) else "0644"
        because = f": the volume `{text(volume, 'name')}` mounts it with mode {octal}, which lacks the right to execute"
    return Finding(
        59,
        ending.blame,
        Layer.CONTAINER,
        f"container `{name}` may not execute `{word}` (permission denied){because}",
        (*ending.evidence, seen),
        remedies.executable(ending, text(volume, "name"), source),
    )


def _mount_in_the_way(ending: Ending, path: str, why: str) -> Finding:
    """54: a mount that the image's file system does not admit; 51 for an empty folder in place of an absent file."""
    mounts = dicts(ending.container.spec, "volumeMounts")
    mount = next((one for one in mounts if text(one, "mountPath").rstrip("/") == path.rstrip("/")), {})
    key = text(mount, "subPath")
    if absent := subpaths.empty_folder(ending.case, ending.container, mount):
        return absent
    what = f"file `{key}` of volume `{text(mount, 'name')}`" if key else f"volume `{text(mount, 'name')}`"
    return Finding(
        54,
        ending.blame,
        Layer.NEEDS,
        f"container `{ending.container.name}` cannot be started because its mount puts the {what} at `{path}`, "
        f"which is {'a folder' if 'not a directory' in why and key else 'something else'} in its image ({why})",
        (*ending.evidence, Evidence(f"pod {ending.container.pod.name}", short(ending.start_error))),
        remedies.mount_at(ending, mount),
    )


def short(message: str) -> str:
    """A runtime's error without the chain of programs that passed it on."""
    return clean(_RUNTIME_CHAIN.sub("", message).removesuffix(": unknown"))


def _candidates(ending: Ending) -> list[str]:
    """Commands that its image is known to have, or is taken to: that of the revision before, and what other containers
    of the pod start from the same image or its own probes ask with."""
    before = revisions(ending.case)
    earlier = words_of(before.container_before(ending.container.name)) if before else []
    alike = [one.spec for one in ending.container.pod.containers if one.image == ending.container.image]
    others = [words_of(one) for one in alike if one is not ending.container.spec]
    asked = [words(ending.container.spec, probe, "exec", "command") for probe in _PROBES]
    started = [*earlier[:2], *(each[0] for each in (*others, *asked) if each)]
    return [PurePosixPath(word).name for word in started]


def _hiding_mount(spec: Json, word: str) -> str:
    """The volume mounted over the folder of a file, or an empty string."""
    mounts = [(text(one, "mountPath").rstrip("/"), text(one, "name")) for one in dicts(spec, "volumeMounts")]
    covering = [(path, name) for path, name in mounts if path and word.startswith(f"{path}/")]
    return max(covering)[1] if covering else ""


def _is_held(spec: Json, word: str, held: Sequence[str]) -> bool:
    """Whether the volume over a file's folder has that very file."""
    mounts = [text(one, "mountPath").rstrip("/") for one in dicts(spec, "volumeMounts")]
    return any(word == f"{folder}/{file}" for folder in mounts if folder for file in held)


def _held(ending: Ending, word: str) -> tuple[str, ...]:
    """The files of the ConfigMap or Secret that is mounted over a file's folder; empty for other volumes."""
    volume = _volume_at(ending, word)
    return tuple(sorted(files_in(ending.case, volume) or ())) if sources(volume) else ()


def _volume_at(ending: Ending, word: str) -> Json:
    spec = ending.container.spec
    mounts = [one for one in dicts(spec, "volumeMounts") if text(one, "mountPath")]
    exact = [one for one in mounts if text(one, "mountPath") == word]
    name = text(exact[0], "name") if exact else _hiding_mount(spec, word)
    volumes = dicts(ending.container.pod.spec, "volumes")
    return next((one for one in volumes if name and text(one, "name") == name), {})
