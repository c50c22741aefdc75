"""The look at the node of a pod."""

from explainers import kinds
from explainers.diagnosis.views.pods import Pod
from explainers.operations.reads import Get
from explainers.plan import Plan, Step


def look_at_node(pod: Pod) -> Plan:
    """See whether the node that ended with a pod's containers is well again."""
    kind, name = (kinds.NODE, pod.node) if pod.node else (kinds.POD, pod.name)
    return Plan((Step(Get(kind, pod.namespace if kind == kinds.POD else "", name), "whether the node is well again"),))
