"""The plans for a command that is not there and that nothing near is known for: what its image has of its own."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from explainers.diagnosis.plans import remedies
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.mounted import files_in, volume_of
from explainers.diagnosis.views.pods import Json, dicts, text, words
from explainers.plan import Plan, Step

MOST_FILES = 8
"""Files of a volume that a plan mounts one by one."""
_ONLY_TOOLS = frozenset({
    "alpine", "amazoncorretto", "bash", "busybox", "debian", "eclipse-temurin", "fedora", "golang", "node", "openjdk",
    "perl", "php", "python", "ruby", "rust", "ubuntu",
})  # fmt: skip
"""Images whose own command is a shell or an interpreter, which ends at once without a terminal."""
_PROGRAMS = {
    "haproxy": "haproxy", "memcached": "memcached", "nats": "nats-server", "redis": "redis-server",
    "valkey": "valkey-server",
}  # fmt: skip
"""What a container of such an image runs, which needs nothing done before it starts."""


def other_command(ending: Ending, word: str, meant: str) -> Plan:
    """Start what was meant; else look, and perhaps what the image has: behind a mount, or as its own command."""
    plan = remedies.other_command(ending, word, meant)
    if any(step.changes for step in plan.steps):
        return plan
    return Plan(plan.steps, _uncovered(ending, word) or _own_command(ending, word))


def image_name(ending: Ending) -> str:
    """The name of the container's image, without registry, folders and tag."""
    return ending.container.image.rsplit("/", 1)[-1].partition("@")[0].partition(":")[0]


def _own_command(ending: Ending, word: str) -> tuple[Step, ...]:
    """Without the command that stands in place of the image's own; not where arguments would go to another program."""
    spec, image = ending.container.spec, image_name(ending)
    written = [key for key in ("command", "args") if words(spec, key)]
    if ending.container.init or ending.blame.kind == "CronJob":  # a server of the image would never end
        return ()
    if len(written) != 1 or words(spec, written[0])[0] != word or image in _ONLY_TOOLS:
        return ()
    (key,) = written
    if word.startswith("-"):
        return _before_options(ending, image)
    why = f"if the image is meant to run as it is: without `{key}` it starts the command that it was built with"
    return remedies.change_container(
        ending.case, ending.blame, ending.container, {key: None}, why, "the container starts",
        back={key: words(spec, key)},
    )  # fmt: skip


def _before_options(ending: Ending, image: str) -> tuple[Step, ...]:
    """The program of an image before its options. They stay: without them it may run open to everybody."""
    program = _PROGRAMS.get(image, "")
    if not program:
        return ()
    why = f"write the program of the image before its options: `{program}`"
    return remedies.change_container(
        ending.case, ending.blame, ending.container, {"command": [program]}, why, "the container starts",
        back={"command": None},
    )  # fmt: skip


def _uncovered(ending: Ending, word: str) -> tuple[Step, ...]:
    """The image's own file at this path, if a mount over its folder hides it: known files of a volume put beside it one
    by one, or a volume that is this container's alone mounted elsewhere."""
    mount = _over(ending, word)
    volume = volume_of(ending.container, mount) if mount else {}
    held = sorted(files_in(ending.case, volume) or ()) if volume else []
    if not volume or text(mount, "subPath") or len(held) > MOST_FILES or word in _paths(mount, held):
        return ()
    if held:
        return _if_hidden(remedies.files_beside(ending, mount, held), word)
    used = [one for each in ending.container.pod.containers for one in dicts(each.spec, "volumeMounts")]
    alone = sum(text(one, "name") == text(volume, "name") for one in used) == 1
    return _if_hidden(remedies.elsewhere(ending, mount), word) if alone and "emptyDir" in volume else ()


def _paths(mount: Json, files: Sequence[str]) -> list[str]:
    return [f"{text(mount, 'mountPath').rstrip('/')}/{one}" for one in files]


def _if_hidden(plan: Plan, word: str) -> tuple[Step, ...]:
    """The steps that change something, with when they help."""
    first, *rest = plan.steps
    if not first.changes:
        return ()
    return (Step(first.operation, f"if the image has `{word}`: {first.why}", first.expect), *rest)


def _over(ending: Ending, word: str) -> Json:
    """The mount over the folder of a file, the innermost; else an empty object."""
    folders = {str(one) for one in PurePosixPath(word).parents} - {"/", "."} if word.startswith("/") else set()
    mounts = dicts(ending.container.spec, "volumeMounts")
    over = [one for one in mounts if text(one, "mountPath").rstrip("/") in folders]
    return max(over, key=lambda one: len(text(one, "mountPath")), default={})
