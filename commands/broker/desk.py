"""What the catalog's commands share: the broker, who asks and what for, which entry or instance is meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from commands.base.errors import Ambiguous, Denied, NotFound, Unavailable, UsageError
from commands.base.parse import Arguments
from commands.base.ports import Services
from commands.base.request import Request
from commands.broker.broker import Broker
from commands.broker.records import Instance
from explainers.catalog.model import Entry, Shelf
from explainers.diagnosis.access import grant
from explainers.diagnosis.near import nearest
from explainers.operations.access import AccessReview, WhoAmI, allowed
from explainers.operations.base import Permission
from explainers.operations.objects import mapping


@dataclass(frozen=True)
class Asker:
    """Who asks: `user` and `team` as the chat knows them, `name` and `groups` as the cluster does."""

    user: str
    team: str
    name: str
    groups: tuple[str, ...]

    @property
    def told(self) -> str:
        """Who it was, for records that last."""
        return f"{self.name} ({self.user})" if self.name and self.user != self.name else self.name or self.user


def need_broker(services: Services) -> Broker:
    """The broker. Raises UsageError, with how to get one, where there is none."""
    if not isinstance(services.broker, Broker):
        raise UsageError("There is no catalog here.", "set `TESSERA_BROKER_NAMESPACE`, see manifests/broker/README.md")
    return services.broker


def need_ledger(services: Services) -> Broker:
    """The broker, where it remembers what was requested. Raises UsageError where nothing is kept: what was made would
    be forgotten, so nobody could find it, renew it or give it back, and its credentials would be good for ever."""
    broker = need_broker(services)
    if not services.lasting:
        raise UsageError(
            "What is requested is remembered in the bot's Redis, and I have none here.",
            "set TESSERA_REDIS_URL and TESSERA_SECRET_KEYS_FILE to those of the bot, or ask the bot in Slack",
        )
    return broker


def need_workers(broker: Broker) -> None:
    """Raises Unavailable where nobody would do what takes time: it would wait without an end."""
    if not broker.parts.worked():
        raise Unavailable(
            f"No worker of the broker `{broker.parts.name}` runs, so nobody would do this. Nothing was changed.",
            "start `tessera broker`, or the bot's `tessera worker`, then ask again",
        )


def asker(request: Request, services: Services) -> Asker:
    """Who asks, as the cluster knows them."""
    status = mapping(services.cluster.run(WhoAmI()).object, "status", "userInfo")
    groups = status.get("groups")
    known = tuple(map(str, groups)) if isinstance(groups, list) else ()
    return Asker(request.actor.user, request.actor.team, str(status.get("username") or ""), known)


def place(request: Request, services: Services, arguments: Arguments) -> str:
    """The consumer's namespace that is meant."""
    return arguments.namespace or request.namespace or services.cluster.default_namespace


def need_right(services: Services, namespace: str, who: Asker) -> None:
    """What a broker does for somebody in a namespace, that person must be allowed to do. Raises Denied."""
    needed = Permission("create", "secrets", namespace)
    if allowed(services.cluster.run(AccessReview(needed)).object) is False:
        lines = " && ".join(change.line() for change in grant(needed, who.name or "USER"))
        raise Denied(
            f"You may not do that in `{namespace}`: it needs {needed}.",
            f"an administrator can grant it: `{lines}`" if lines else "",
        )


def visible(shelf: Shelf, namespace: str, who: Asker) -> list[Entry]:
    """What somebody may use in a namespace. In the terminal, whose user no Slack list knows, the namespace decides."""
    chat = bool(who.team)
    return [one for one in shelf.entries if one.consumers.take(namespace, who.team, who.user, chat)]


def find_plan(shelf: Shelf, word: str, version: str, namespace: str, who: Asker) -> tuple[Entry, ...]:
    """The plans that `team/offering` (or the offering alone) means, one when a version is given.

    Raises NotFound with the nearest that this person may use, Ambiguous.
    """
    seen = visible(shelf, namespace, who)
    services: dict[str, list[Entry]] = {}
    for one in seen:
        if word in (one.title, one.offering, one.service):
            services.setdefault(one.title, []).append(one)
    if len(services) > 1:
        raise Ambiguous(f"`{word}` is offered by several teams.", f"say which: {_quoted(sorted(services))}")
    if not services:
        near = nearest(word, [name for one in seen for name in (one.title, one.offering)])
        titles = sorted({one.title for one in seen if one.title in near or one.offering in near})
        hint = f"did you mean {_quoted(titles)}?" if titles else f"`/catalog -n {namespace}` lists what there is"
        raise NotFound(f"The catalog has no `{word[:60]}` for `{namespace}`.", hint)
    plans = next(iter(services.values()))
    chosen = tuple(one for one in plans if not version or version in (one.version, one.plan))
    if not chosen:
        versions = _quoted([one.version for one in plans])
        raise NotFound(f"`{plans[0].title}` has no version `{version[:40]}`.", f"there is {versions}")
    return chosen


def find_instance(broker: Broker, word: str, namespace: str) -> Instance:
    """The instance called so in a namespace, or of that id (its first characters do). Raises NotFound, Ambiguous."""
    mine = [one for one in broker.parts.ledger.instances() if one.namespace == namespace]
    found = [one for one in mine if one.name == word or (len(word) >= 4 and one.id.startswith(word))]
    if len(found) > 1:
        raise Ambiguous(
            f"`{word}` means several things in `{namespace}`.", f"say its id: {_quoted([one.id for one in found])}"
        )
    if not found:
        near = nearest(word, [one.name for one in mine])
        hint = f"did you mean {_quoted(near)}?" if near else f"`/services --mine -n {namespace}` lists what you have"
        raise NotFound(f"`{namespace}` has nothing from the catalog called `{word[:60]}`.", hint)
    return broker.instances.there(found[0].id)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
