"""Containers that end (classes 48, 52, 54, 56–61, 68, 69, 76, 98).

Each container that ends gets one cause: the first that its state, the kubelet's events and the log of that very run
support. Containers that the kubelet ends itself (probes, hooks) belong to rules/killed.py and rules/starting.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.plans.nodes import look_at_node
from explainers.diagnosis.rules import (
    absent_fields,
    absent_paths,
    arguments,
    capabilities,
    deadlines,
    expansions,
    files,
    formats,
    libraries,
    long_variables,
    low_ports,
    next_tries,
    options,
    profiles,
    programs,
    rewritten,
    scripts,
    shared_data,
    silent,
    spellings,
    stopping_hooks,
    tiny_limits,
    told_files,
    unquoted,
    unreadable,
    variables,
    written_files,
)
from explainers.diagnosis.views.endings import (
    Ending,
    coded,
    ended_with_its_node,
    endings,
    killed_for,
    kubelet_may_end,
    last_log,
    last_run,
    oom_stated,
    readable,
    restarts,
    restarts_always,
)
from explainers.diagnosis.views.memory import (
    given_by_range,
    limit_evidence,
    limit_of,
    own_limit,
    raised_in_vain,
    was_raised,
)
from explainers.diagnosis.views.pods import table, text
from explainers.diagnosis.views.probe_kills import presumed
from explainers.diagnosis.views.revisions import told_change
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence

KILLED = 137
ENDED_FROM_OUTSIDE = frozenset({0, KILLED, 143})
"""Exit codes of a program that is told to stop, and does or is killed."""
ASKED_TO_STOP = frozenset({130, 143})
"""Exit codes of a program that a signal tells to stop: that is no crash."""


def crashed(case: Case) -> Iterable[Finding]:
    """Every container of the target that ends when it should run."""
    for ending in endings(case, init=False):
        if ending.blame.kind != "Job":
            yield from (_as_it_is_now(ending, found) for found in explained(ending))


def _as_it_is_now(ending: Ending, found: Finding) -> Finding:
    """The cause of an end that a container may have got over: what it came from is mended, or it is ready and has run
    longer than before, or it has worked before and does so again."""
    told = next_tries.with_what_is_new(ending, found)
    runs = ending.container.running_since
    again = ending.outlasted or (ending.case.now - runs if runs and ending.container.ready and ending.worked else None)
    if told is not found or not again or found.confidence is Confidence.POSSIBLE:
        return told
    clause = f"{found.clause}; it runs again, for {span(again)}"
    return replace(found, clause=clause, confidence=Confidence.LIKELY)


def explained(ending: Ending) -> Iterator[Finding]:
    """The one cause of one ending."""
    if deadlines.out_of_time(ending.container.pod):
        yield deadlines.ended_late(ending.case, ending.container.pod, ending.blame)
        return
    if small := tiny_limits.too_small(ending.case, ending.container):
        yield small
        return
    if ending.start_error:
        wrong = formats.wrong_format(ending) or profiles.absent(ending) or long_variables.too_long(ending)
        yield from [wrong] if wrong else programs.not_started(ending)
        return
    if ended_with_its_node(ending.container):
        yield _with_its_node(ending)
        return
    if killed_for(ending.case, ending.container) or not ending.container.last_end:
        return
    outside = ending.code in ENDED_FROM_OUTSIDE and not oom_stated(ending.container)
    if outside and kubelet_may_end(ending.case, ending.container):
        yield _unwitnessed(ending)
        return
    if presumed(ending.case, ending.container):
        return
    for cause in CAUSES:
        found = cause(ending)
        if found:
            yield found
            return


def _with_its_node(ending: Ending) -> Finding:
    """61: not the program's fault, and its next run tells more."""
    container, node = ending.container, ending.container.pod.node
    said = (
        f"container `{container.name}` did not end by itself: its node{f' `{node}`' if node else ''} or the node's "
        f"container runtime was restarted or lost (exit code {ending.code}, reason "
        f"{text(container.last_end, 'reason')}), and it does not run yet"
    )
    plan = look_at_node(container.pod)
    return Finding(61, ending.blame, Layer.CONTAINER, said, ending.evidence, plan, Confidence.LIKELY)


def out_of_memory(ending: Ending) -> Finding | None:
    """60: the kernel ended it at its memory limit.

    The kubelet does not always learn the reason in time: then a SIGKILL that nothing else explains, below a memory
    limit, counts as likely.
    """
    container, stated = ending.container, oom_stated(ending.container)
    limit = limit_of(container.spec)
    if not stated and not (limit and ending.code == KILLED):
        return None
    given = ", which a LimitRange gives it," if limit and not own_limit(ending) and given_by_range(container) else ""
    over = f"more memory than its limit of {limit}{given}" if limit else "more memory than its node has left"
    how = "is killed (OOMKilled)" if stated else "is killed (exit code 137, SIGKILL, nothing else kills it)"
    return Finding(
        60,
        ending.blame,
        Layer.CONTAINER,
        f"container `{container.name}` needs {over} and {how}{_times(ending)}{_in_vain(ending, limit)}",
        _of_memory(ending, limit),
        remedies.more_memory(ending, limit),
        Confidence.SURE if stated else Confidence.LIKELY,
    )


def _in_vain(ending: Ending, limit: str) -> str:
    """That more memory did not help, where the last change gave it more."""
    before, ran = raised_in_vain(ending, limit), last_run(ending.container)
    after = f" after {span(ran)}" if ran else ""
    return f"; the limit was raised from {before} to {limit} already, and it was killed again{after}" if before else ""


def _of_memory(ending: Ending, limit: str) -> tuple[Evidence, ...]:
    """How it ended, and its limit. A change that raised the limit is not what the fault came with."""
    if not limit:
        return ending.evidence
    raised = was_raised(ending, limit)
    change = told_change(ending.case, ending.change) if raised and ending.change else None
    return (*(row for row in ending.evidence if row != change), limit_evidence(ending))


def _completed(ending: Ending) -> Finding | None:
    """58: the main process ends by itself, without an error."""
    if ending.code != 0 or not restarts_always(ending.container.pod):
        return None
    container = ending.container
    begun, done = (moment(text(container.last_end, key)) for key in ("startedAt", "finishedAt"))
    after = f" after {span(done - begun)}" if begun and done and done > begun else ""
    background = programs.goes_to_background(container.spec)
    why = f"; `{background}` sends the program to the background" if background else stopping_hooks.lead(ending)
    silent_run = ending.told is None and readable(last_log(ending.case, container))
    return Finding(
        58,
        ending.blame,
        Layer.CONTAINER,
        f"the main process of container `{container.name}` ends by itself with exit code 0{after}{why}, "
        f"and what ends is started again{_times(ending)}",
        (*ending.evidence, *ending.log_evidence),
        remedies.go_back_or_look(ending, log=not silent_run),
        since=ending.since,
    )


def _unwitnessed(ending: Ending) -> Finding:
    """62, perhaps: it ends as a program does that its liveness probe stops, and the events may not be read."""
    said = (
        f"container `{ending.container.name}` ends with exit code {ending.code}{_times(ending)}; whether its probe or "
        "hook makes the kubelet end it stands in events that may not be read"
    )
    plan = remedies.go_back_or_look(ending)
    return Finding(62, ending.blame, Layer.CONTAINER, said, ending.evidence, plan, Confidence.POSSIBLE)


def _killed(ending: Ending) -> Finding | None:
    """61: SIGKILL, and no memory limit to explain it."""
    if ending.code != KILLED:
        return None
    probed = any(table(ending.container.spec, probe) for probe in ("livenessProbe", "startupProbe"))
    who = "no event tells that its probe ended it" if probed else "no probe ended it"
    return Finding(
        61,
        ending.blame,
        Layer.CONTAINER,
        f"container `{ending.container.name}` is killed by SIGKILL (exit code 137){_times(ending)}; it has no memory "
        f"limit and {who}, so something in the container or on the node sends the signal",
        (*ending.evidence, *ending.log_evidence),
        remedies.go_back_or_look(ending),
        Confidence.LIKELY,
    )


def crash(ending: Ending) -> Finding | None:
    """57: it ends with an error; what its log says is the cause as far as the cluster can know it."""
    told, again, code = ending.told, ending.container.restarts > 1, coded(ending.code)
    name = f"container `{ending.container.name}`"
    past, stops = ending.outlasted, ending.code in ASKED_TO_STOP
    ends = "ended" if past else "ends"
    crashes = f"{name} {ends} with" if stops else f"{name} {'crashed' if past else 'crashes'} with"
    if ending.last_word:
        said = f"{name} {ends} with {code}; its termination message says: {ending.last_word}"
    elif told is None and readable(last_log(ending.case, ending.container)):
        said = f"{name} {ends} with {code} and {'wrote' if past else 'writes'} nothing to its log"
    elif told is None:
        said = f"{name} {ends} with {code}; its log of that run could not be read"
    elif told.weight:
        said = f"{crashes} {code}: {told.line}"
    else:
        said = f"{crashes} {code}; its log names no error and ends with: {told.line}"
    found = Finding(
        57,
        ending.blame,
        Layer.CONTAINER,
        said + _times(ending, past=past is not None),
        (*ending.evidence, *ending.log_evidence),
        remedies.go_back_or_look(ending),
        Confidence.SURE if again or not restarts_always(ending.container.pod) else Confidence.LIKELY,
        ending.since,
    )
    if told is None and not ending.last_word and readable(last_log(ending.case, ending.container)):
        found = silent.by_its_spec(ending, found)
    found = rewritten.with_what_changed(ending, options.with_refused_option(ending, found))
    placed = written_files.with_its_file(ending, found)
    placed = told_files.with_its_setting(ending, found) if placed is found else placed
    return unreadable.with_closed_volume(ending, placed)


def _times(ending: Ending, past: bool = False) -> str:
    """` (5 restarts)` and how many pods show it, when that says more; of what is past, when it was last."""
    parts = [restarts(ending.container)] if ending.container.restarts > 1 else []
    done = moment(text(ending.container.last_end, "finishedAt"))
    parts += [f"the last {ago(ending.case.now, done)}"] if past and parts and done else []
    parts += [f"{ending.alike} pods"] if ending.alike > 1 else []
    return f" ({', '.join(parts)})" if parts else ""


CAUSES = (
    out_of_memory, unquoted.ended, shared_data.locked, stopping_hooks.stopped, _completed, expansions.unexpanded,
    arguments.unexpanded, absent_fields.set_to_nothing, variables.cause, libraries.missing, long_variables.too_long,
    scripts.read_with_returns, absent_paths.not_provided, programs.not_found, programs.covered, formats.wrong_format,
    low_ports.refused, capabilities.refused, files.refused, files.full, files.too_many_files, files.port_in_use,
    _killed, spellings.other_spelling, crash,
)  # fmt: skip
"""The first that fits is the cause; the last always does."""

RULES: tuple[Rule, ...] = (crashed,)
