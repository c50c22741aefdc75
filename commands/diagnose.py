"""`/diagnose`: one verdict about one thing."""

from functools import partial

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import scene
from explainers.diagnosis.engine import diagnose as examine
from explainers.diagnosis.report import data, document
from explainers.diagnosis.rules import RULES

FORM = "/diagnose TARGET [-n NAMESPACE], for example `/diagnose web` or `/diagnose svc/web -n shop`"


@command("diagnose", "TARGET [-n NAMESPACE]", "/diagnose web -n shop", slash=True, follow_up=True)
def diagnose(request: Request, services: Services) -> Reply:
    """Say what is wrong with one workload, service or object, and how to fix it.

    TARGET is a name, or kind/name with kubectl's kinds and short forms: `web`, `deploy/web`, `svc/web`,
    `job/report`, `pvc/data`, `node/worker-1`.
    """
    at = scene(request, services, FORM)
    verdict = at.about(partial(examine, target=at.target, rules=RULES))
    return Reply(
        document(verdict), str(at.target), at.target.namespace, outcome=verdict.outcome.value, data=data(verdict)
    )
