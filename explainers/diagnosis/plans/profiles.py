"""Plans for a security profile that the node does not have: put it there, or be content with the runtime's own."""

from explainers.diagnosis.plans.remedies import back_step, change_container
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Json, table
from explainers.operations.reads import Get
from explainers.plan import Plan, Step


def usual_profile(ending: Ending, key: str, name: str) -> Plan:
    """Back to the revision before a recent change; who looks after the nodes puts the file there. `RuntimeDefault`,
    which each node has, may forbid more or less than the file, so it is only the other way."""
    blame, container = ending.blame, ending.container
    why = f"which profile it asks for; `{name}` must be put on each node that its pods may use, by who looks after them"
    default: Json = {"securityContext": {key: {"type": "RuntimeDefault", "localhostProfile": None}}}
    own = bool(table(container.spec, "securityContext", key))
    without = "use the profile that the container runtime has of its own, which may allow other calls than the file"
    other = change_container(
        ending.case, blame, container, default if own else {}, without, "the container starts", {} if own else default
    )
    look = Step(Get(blame.type, blame.namespace, blame.name), why)
    return Plan((*back_step(ending.case, blame), look), other)
