"""Who stands for it that a workload is built whenever its branch is pushed to.

A push has no Slack user, so it has no rights of its own: it is built only where a person of the policy said so, in the
channel where that was said, as the identity that this person is mapped to at the time of the push. Whoever may push to
the branch then decides what runs; nobody who only may change the workload's annotations does.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from commands.base.errors import Unavailable
from commands.base.ports import Clock, StateStore
from commands.base.request import Actor
from explainers.builds.binding import Binding
from explainers.kinds import Ref

KEPT, LOCK = "on-push", "on-push-lock"
LOCK_SECONDS, LOCK_TRIES, LOCK_PAUSE = 10, 100, 0.1
NEWEST_SECONDS = 7 * 86_400


@dataclass(frozen=True)
class Sponsor:
    """A workload that is built on push: what of, and for whom. `branch` empty is the default branch; `at` is when it
    was said (ISO 8601)."""

    cluster: str
    namespace: str
    kind: str
    name: str
    repository: str
    branch: str
    user: str
    team: str
    enterprise: str
    channel: str
    at: str

    @property
    def workload(self) -> str:
        """The workload as arguments of a command."""
        return f"{self.kind.lower()}/{self.name} -n {self.namespace}"

    @property
    def key(self) -> str:
        return f"{self.cluster}:{self.namespace}:{self.kind}:{self.name}"


def sponsored(cluster: str, ref: Ref, binding: Binding, actor: Actor, at: str) -> Sponsor:
    """What somebody stands for from now on."""
    what = (cluster, ref.namespace, ref.kind, ref.name, binding.repository, binding.branch)
    return Sponsor(*what, actor.user, actor.team, actor.enterprise, actor.channel, at)


def sponsors(state: StateStore) -> list[Sponsor]:
    """Everything that is built on push."""
    return [Sponsor(**one) for _, one in sorted(_read(state).items())]


def sponsor_of(state: StateStore, cluster: str, ref: Ref) -> Sponsor | None:
    found = _read(state).get(f"{cluster}:{ref.namespace}:{ref.kind}:{ref.name}")
    return Sponsor(**found) if found else None


def stand_for(state: StateStore, clock: Clock, sponsor: Sponsor) -> None:
    """Build it on push from now on. Raises Unavailable."""
    with _changing(state, clock) as kept:
        kept[sponsor.key] = asdict(sponsor)


def step_back(state: StateStore, clock: Clock, cluster: str, ref: Ref) -> bool:
    """Build it on push no longer; False when nobody stood for that. Raises Unavailable."""
    if sponsor_of(state, cluster, ref) is None:
        return False
    with _changing(state, clock) as kept:
        return kept.pop(f"{cluster}:{ref.namespace}:{ref.kind}:{ref.name}", None) is not None


def note_newest(state: StateStore, sponsor: Sponsor, sha: str) -> None:
    """Remember the newest push for a workload; an older one need not be built any more."""
    state.put(f"pushed:{sponsor.key}", sha, NEWEST_SECONDS)


def newest(state: StateStore, key: str) -> str:
    """The commit of the newest push for a workload, by its sponsor's key."""
    return state.get(f"pushed:{key}") or ""


def _read(state: StateStore) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = json.loads(state.get(KEPT) or "{}")
    return kept


@contextmanager
def _changing(state: StateStore, clock: Clock) -> Iterator[dict[str, dict[str, str]]]:
    """All of it, to change; one change at a time."""
    mine = secrets.token_hex(8)
    for _ in range(LOCK_TRIES):
        if state.put_new(LOCK, mine, LOCK_SECONDS) or state.get(LOCK) == mine:
            break
        clock.wait(LOCK_PAUSE)
    else:
        raise Unavailable("Somebody else changes what is built on push. Nothing was changed.", "try again in a minute")
    try:
        kept = _read(state)
        yield kept
        state.put(KEPT, json.dumps(kept, sort_keys=True), None)
    finally:
        if state.get(LOCK) == mine:
            state.delete(LOCK)
