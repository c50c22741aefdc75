"""`/cheatsheet`: the command lines that matter for one workload, with its real names."""

from commands.base.parse import one_target, parse
from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.workloads import find_workload
from explainers.cheatsheet import lines
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.case import Case
from explainers.document import Document, Tone
from explainers.plan import plan

FORM = "/cheatsheet TARGET [-n NAMESPACE], for example `/cheatsheet web`"
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")


@command("cheatsheet", "TARGET [-n NAMESPACE]", "/cheatsheet web", slash=True)
def cheatsheet(request: Request, services: Services) -> Reply:
    """Give the dozen kubectl lines that matter for a workload, with its real names, the most used first.

    Lines that change something set what is set now: write what you want before you run them. Nothing is sent.
    """
    arguments = parse(request.text, FORM)
    workload = find_workload(request, services, arguments, one_target(arguments, FORM), KINDS)
    ref, now = workload.ref, services.clock.now()
    steps = workload.scene.about(lambda facts: lines(Case(facts, ref), now))
    hidden = unchecked(workload.scene.facts)
    document = Document(Tone.INFO, f"By hand with `{ref}`: {len(steps)} lines.", plan=plan(*steps), unchecked=hidden)
    data: dict[str, object] = {
        "lines": [{"kubectl": step.operation.line(), "changes": step.changes, "why": step.why} for step in steps]
    }
    return Reply(document, str(ref), ref.namespace, data=data)
