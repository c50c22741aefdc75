"""`/catalog`: what the teams offer."""

from collections import Counter
from collections.abc import Mapping, Sequence

from commands.base.errors import UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.broker.broker import Broker
from commands.broker.desk import Asker, asker, need_broker, place, visible
from commands.broker.listing import WORDS
from commands.broker.ports import Place, Standing
from commands.broker.records import Instance
from explainers.catalog.lint import mistakes, teams_of
from explainers.catalog.model import Entry, ExistingService, Problem, Shelf
from explainers.document import Button, Document, Evidence, Tone, Unchecked

FORM = "/catalog [WORD…] [--mine] [-n NAMESPACE]"
MOST, OFFERED = 40, 5
"""Services that are listed, and those that get a button."""
UNSEEN = "not seen from here: TESSERA_REDIS_URL does not say where the bot remembers it"


@command(
    "catalog",
    "[WORD…] [--mine] [-n NAMESPACE]",
    "/catalog postgres",
    slash=True,
    flags=("--mine",),
    group=Group.CATALOG,
)
def catalog(request: Request, services: Services) -> Reply:
    """List what the teams offer to a namespace; words narrow it. `--mine` is what your own team offers.

    Each line has the plans, what they need, whether a service that they point to serves, and what you have of it.
    `/request TEAM/OFFERING` asks. With `--mine` you see who uses what, and every mistake in your entries.
    """
    arguments = parse(request.text, FORM, flags=("--mine",))
    broker, who = need_broker(services), asker(request, services)
    shelf = broker.shelf()
    if arguments.flags:
        if arguments.words:
            raise UsageError("`--mine` lists all that your team offers.", FORM)
        return _mine(services, broker, shelf, who)
    namespace = place(request, services, arguments)
    seen = visible(shelf, namespace, who)
    found = [one for one in seen if _fits(one, arguments.words)]
    instances = broker.parts.ledger.instances() if services.lasting else []
    titles = sorted({one.title for one in found})
    page = [one for one in found if one.title in set(titles[:MOST])]
    behind = broker.parts.standings.of(list(filter(None, map(_place, page))))
    document = Document(
        Tone.INFO,
        _headline(namespace, len(titles), len({one.title for one in seen}), arguments.words) + _down(behind),
        facts=(
            *([f"{len(titles) - MOST} more: add a word to narrow it"] if len(titles) > MOST else []),
            *([] if services.lasting else [f"what `{namespace}` has of it is {UNSEEN}"]),
        ),
        evidence=tuple(_rows(page, instances, namespace, behind)),
        unchecked=_unseen(behind),
        buttons=tuple(Button(f"Request {title}", "request", f"{title} -n {namespace}") for title in titles[:OFFERED]),
    )
    return Reply(
        document, namespace=namespace, data={"namespace": namespace, "plans": [_data(one, behind) for one in found]}
    )


def _fits(entry: Entry, words: Sequence[str]) -> bool:
    text = f"{entry.title} {entry.version} {entry.type} {entry.description}".lower()
    return all(word.lower() in text for word in words)


def _headline(namespace: str, found: int, seen: int, words: Sequence[str]) -> str:
    said = f" with `{' '.join(words)[:60]}`" if words else ""
    if found:
        return f"{found} service{'s' if found != 1 else ''}{said} for `{namespace}`."
    if seen:
        return f"None of the {seen} services for `{namespace}` has{said[5:]} in it."
    return f"No team offers anything to `{namespace}` yet."


def _place(entry: Entry) -> Place | None:
    """The Service that an entry points to; None where it makes its own, or points outside."""
    provision = entry.provision
    return (provision.namespace, provision.name) if isinstance(provision, ExistingService) else None


def _down(behind: Mapping[Place, Standing]) -> str:
    down = sum(one.serves is False for one in behind.values())
    return f" {down} of them do{'es' if down == 1 else ''} not serve now." if down else ""


def _unseen(behind: Mapping[Place, Standing]) -> tuple[Unchecked, ...]:
    return tuple(
        Unchecked(": ".join(filter(None, (f"whether `{namespace}/{name}` serves", one.told))), one.missing)
        for (namespace, name), one in behind.items()
        if one.serves is None and (one.told or one.missing)
    )


def _rows(
    entries: Sequence[Entry], instances: Sequence[Instance], namespace: str, behind: Mapping[Place, Standing]
) -> list[Evidence]:
    """A line a service: description, plans, what it needs, how what is behind it is, what is there of it."""
    services: dict[str, list[Entry]] = {}
    for one in entries:
        services.setdefault(one.title, []).append(one)
    rows = []
    for title, plans in sorted(services.items()):
        first = plans[0]
        versions = ", ".join(one.version for one in plans)
        here = [one for one in instances if one.title == title and one.namespace == namespace]
        more = [f"version{'s' if len(plans) > 1 else ''} {versions}"]
        more += [f"the team {first.team} approves"] if any(one.approval for one in plans) else []
        more += [f"for {first.days} days"] if first.days else []
        more += _stands(plans, behind)
        more += [_health(here)] if here else []
        rows.append(Evidence(title, f"{first.description} · {' · '.join(more)}"))
    return rows


def _stands(plans: Sequence[Entry], behind: Mapping[Place, Standing]) -> list[str]:
    """How the Services behind the plans are; nothing about what was not looked at."""
    said = []
    for one in plans:
        standing = behind.get(_place(one) or ("", ""))
        if standing is None or standing.serves is None:
            continue
        version = f"version {one.version} " if len(plans) > 1 else ""
        said.append(f"{version}{'serves' if standing.serves else 'does not serve'}: {standing.told}")
    return said


def _health(instances: Sequence[Instance]) -> str:
    counts = Counter(one.state for one in instances)
    return "you have " + ", ".join(f"{counts[state]} {WORDS[state]}" for state in WORDS if counts[state])


def _mine(services: Services, broker: Broker, shelf: Shelf, who: Asker) -> Reply:
    mine = [one for one in shelf.entries if one.owners.hold(who.user, who.groups)]
    teams = teams_of(shelf, who.user, who.groups)
    problems = mistakes(shelf, teams)
    if not teams:
        names = f"users: {who.user}, groups: {', '.join(who.groups) or '(none)'}"
        document = Document(
            Tone.INFO,
            "No entry of the catalog names you among its owners.",
            facts=(f"an entry's `owners` name people by Slack user id or Kubernetes group; yours are {names}",),
        )
        return Reply(document, data={"entries": [], "problems": []})
    used = broker.parts.ledger.instances() if services.lasting else None
    rows = tuple(Evidence(f"{one.title} {one.version}", _usage(one, used)) for one in mine[:MOST])
    unseen = () if services.lasting else (f"who uses it is {UNSEEN}",)
    facts = (*(f"✗ {problem}" for problem in problems[:MOST]), *unseen)
    wrong = f" {len(problems)} mistake{'s' if len(problems) != 1 else ''} to mend." if problems else ""
    document = Document(
        Tone.FAULT if problems else Tone.INFO,
        f"Your team{'s' if len(teams) > 1 else ''} ({', '.join(sorted(teams))}) offer{'' if len(teams) > 1 else 's'} "
        f"{len(mine)} plan{'s' if len(mine) != 1 else ''}.{wrong}",
        facts=facts,
        evidence=rows,
    )
    data: dict[str, object] = {"entries": [_data(one) for one in mine], "problems": [_problem(one) for one in problems]}
    return Reply(document, outcome="fault" if problems else "", data=data)


def _usage(entry: Entry, instances: Sequence[Instance] | None) -> str:
    """Who uses a plan; with `instances` None it is not known."""
    if instances is None:
        return entry.description
    using = [one for one in instances if one.plan_id == entry.plan_id]
    if not using:
        return "nobody uses it"
    names = ", ".join(_user(one) for one in using[:5])
    more = f" and {len(using) - 5} more" if len(using) > 5 else ""
    return f"{len(using)} instance{'s' if len(using) != 1 else ''}: {names}{more}"


def _user(record: Instance) -> str:
    return f"`{record.namespace}/{record.name or record.id}` since {record.created[:10]} ({WORDS[record.state]})"


def _data(entry: Entry, behind: Mapping[Place, Standing] | None = None) -> dict[str, object]:
    """A plan for scripts; `serves` is null where it was not looked at."""
    standing = (behind or {}).get(_place(entry) or ("", ""))
    return {
        "serves": standing.serves if standing else None,
        "service": entry.title,
        "version": entry.version,
        "description": entry.description,
        "approval": entry.approval,
        "days": entry.days,
        "parameters": entry.schema,
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {"source": problem.source, "line": problem.line, "where": problem.where, "message": problem.message}
