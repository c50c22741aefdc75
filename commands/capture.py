"""`tessera capture`: write down what diagnosis would read, to be diagnosed elsewhere."""

from collections.abc import Sequence
from functools import partial

from commands.base.errors import Denied, NotFound, TesseraError
from commands.base.investigate import investigate
from commands.base.login import check_login
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.request import Reply, Request
from commands.base.targets import check_namespace
from explainers.capture import Capture, logs_to_read, objects_to_read, targets
from explainers.diagnosis.case import RUNNING_TAIL
from explainers.diagnosis.engine import diagnose
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.rules import RULES
from explainers.diagnosis.views.pods import text
from explainers.document import Document, Tone
from explainers.kinds import Ref
from explainers.operations.base import Answer

FORM = "tessera capture -n NAMESPACE > file.json"


def capture(request: Request, services: Services) -> Reply:
    """Write what diagnosis would read of a namespace as JSON, secrets reduced to key names and lengths."""
    arguments = parse(request.text, FORM)
    namespace = arguments.namespace or request.namespace or services.cluster.default_namespace
    made = take(services, namespace)
    told = f"captured {len(made.objects)} objects and {len(made.logs)} logs of `{namespace}`"
    return Reply(Document(Tone.INFO, told), namespace=namespace, data=made.as_json())


def take(services: Services, namespace: str) -> Capture:
    """The capture of a namespace. Raises Denied or NotFound when nothing of it can be read."""
    made = Capture(services.clock.now(), namespace)
    wanted = objects_to_read(namespace)
    services.progress(f"reading {namespace}")
    answers = services.cluster.read(wanted)
    for read, answer in zip(wanted, answers, strict=True):
        made.add_list(read, answer)
    check_login(services.cluster.name, answers)
    _check(made, services, answers)
    logs = logs_to_read(made.objects, RUNNING_TAIL)
    services.progress(f"reading {len(logs)} logs")
    for log, answer in zip(logs, services.cluster.read(logs), strict=True):
        made.add_log(log, answer)
    _ask_beyond(made, services)
    return made


def _check(made: Capture, services: Services, answers: Sequence[Answer]) -> None:
    namespace = made.namespace
    if not any(answer.ok for answer in answers):
        check_namespace(services, namespace)
        raise Denied(f"I may read nothing in `{namespace}`: {answers[0].reason}.", "ask for the role `view` there")
    named = (text(thing, "metadata", "name") for thing in made.objects if text(thing, "kind") == "Namespace")
    known = [name for name in named if name]
    if known and namespace not in known:
        raise NotFound(f"There is no namespace `{namespace}`.", f"there are: {', '.join(sorted(known)[:10])}")


def _ask_beyond(made: Capture, services: Services) -> None:
    """Diagnose everything once, so that reviews, probes and objects of other namespaces are kept too."""
    for kind, name in targets(made.objects, made.namespace):
        facts = Facts(services.clock.now())
        services.progress(f"following {kind.lower()}/{name}")
        target = Ref(kind, made.namespace, name)
        try:
            investigate(partial(diagnose, target=target, rules=RULES), facts, services.cluster, services.ask)
        except TesseraError as error:
            made.unread.append({"resource": str(target), "namespace": made.namespace, "problem": error.message})
        for fact, answer in facts.answers.items():
            made.add_answer(fact.line(), fact, answer)
