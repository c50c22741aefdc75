"""Which nodes a pod may run on, as the scheduler's filters decide it: selector, affinity, cordon, taints.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/ and
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.quantities import amount
from explainers.selectors import matches, query, subset

BLOCKING = ("NoSchedule", "NoExecute")
IN_QUERIES = ("In", "NotIn", "Exists", "DoesNotExist")
"""Operators that a label selector has too."""
MANY = 3
"""So many nodes are read whole at most, and of so many the labels: one is 4 to 20 kB long."""
ARCH, OS = "kubernetes.io/arch", "kubernetes.io/os"
KNOWN = {ARCH: ("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64"), OS: ("linux", "windows")}
"""What these labels may say: one of those words is no slip for another, however alike they are.

Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch
"""
OWN = "node.kubernetes.io/"
"""Taints of the cluster itself (not-ready, unschedulable, pressure) start like this."""


@dataclass(frozen=True)
class Placement:
    """What a pod spec demands of a node."""

    spec: Json

    @property
    def selector(self) -> Json:
        return table(self.spec, "nodeSelector")

    @property
    def terms(self) -> list[Json]:
        """The required node affinity: one of these terms must fit."""
        required = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
        return dicts(self.spec, *required)

    @property
    def narrowing(self) -> str:
        """A label selector that every node fits which selector and required affinity admit, and few others."""
        only = dicts(self.terms[0], "matchExpressions") if len(self.terms) == 1 else []
        told = [rule for rule in only if rule.get("operator") in IN_QUERIES]
        return query({"matchLabels": self.selector, "matchExpressions": told})

    def wants(self, node: Json) -> bool:
        """Whether selector and required affinity admit the node."""
        labels = table(node, "metadata", "labels")
        fits = not self.terms or any(_term(term, node) for term in self.terms)
        return subset(self.selector, labels) and fits

    def untolerated(self, node: Json) -> list[Json]:
        """The node's taints that keep the pod away, its own unschedulable mark left out."""
        tolerations = dicts(self.spec, "tolerations")
        return [
            taint
            for taint in dicts(node, "spec", "taints")
            if taint.get("effect") in BLOCKING
            and taint.get("key") != f"{OWN}unschedulable"
            and not any(_tolerates(one, taint) for one in tolerations)
        ]


def _term(term: Json, node: Json) -> bool:
    labels = table(node, "metadata", "labels")
    expressions, fields = dicts(term, "matchExpressions"), dicts(term, "matchFields")
    if not expressions and not fields:
        return False
    by_name = {"metadata.name": text(node, "metadata", "name")}
    return all(expression(rule, labels) for rule in expressions) and all(expression(rule, by_name) for rule in fields)


def expression(rule: Json, labels: Json) -> bool:
    """Whether one node selector requirement holds for these labels."""
    if rule.get("operator") not in ("Gt", "Lt"):
        return matches({"matchExpressions": [rule]}, labels)
    have, want = amount(labels.get(str(rule.get("key")))), amount(dig(rule, "values", 0))
    if have is None or want is None:
        return False
    return have > want if rule["operator"] == "Gt" else have < want


def _tolerates(toleration: Json, taint: Json) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    value = toleration.get("value") or ""
    return toleration.get("key") == taint.get("key") and value == (taint.get("value") or "")


def cordoned(node: Json) -> bool:
    return dig(node, "spec", "unschedulable") is True


def passing(node: Json, taint: Json) -> bool:
    """Whether the cluster is about to take this taint away: not-ready or unreachable on a node that is Ready again.

    Every new node starts with it, and the node controller follows the condition a moment later.
    """
    ready = any(
        one.get("type") == "Ready" and one.get("status") == "True" for one in dicts(node, "status", "conditions")
    )
    return ready and taint.get("key") in (f"{OWN}not-ready", f"{OWN}unreachable")


def allocatable(node: Json, resource: str) -> Fraction:
    return amount(table(node, "status", "allocatable").get(resource)) or Fraction(0)


def largest(nodes: Sequence[Json], resource: str) -> Json:
    """The node that can give most of a resource; an empty object without nodes."""
    return max(nodes, key=lambda node: (allocatable(node, resource), text(node, "metadata", "name")), default={})


def taint_text(taint: Json) -> str:
    """A taint as kubectl writes it: `dedicated=batch:NoSchedule`."""
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint.get('key', '')}{value}:{taint.get('effect', '')}"
