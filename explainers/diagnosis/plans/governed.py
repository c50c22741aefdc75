"""A StatefulSet that is made again under another Service: its `serviceName` cannot be changed.

Pods that serve stay meanwhile and belong to the new one, which then replaces them one after another: a pod learns its
name when it is made. Where none is ready a rollout would wait for ever for the first of them, so all go at once.
Sources: https://kubernetes.io/docs/tasks/run-application/delete-stateful-set/
https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
"""

from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.made_again import kept_metadata, may_be_shown, plain_spec, without_defaults
from explainers.diagnosis.views.pods import Json, dicts, number, table, text
from explainers.kinds import ref_of
from explainers.operations.apply import Create
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.operations.rollouts import Restart
from explainers.plan import Step

SET = kinds.STATEFUL_SET
_FIXED = "`serviceName` cannot be changed"


MANY = 5
"""Pods that are deleted one by one; more of them are left to a rollout."""


def governed_by(case: Case, workload: Json, service: str) -> tuple[Step, ...]:
    """Make it again with this `serviceName`. A manifest that holds a credential is not written out: then that is done
    with one's own."""
    ref, body, down = ref_of(workload, SET.name), _manifest(workload, service), _down(workload)
    whole = down and text(workload, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") != "Delete"
    why = f"delete `{ref.name}` alone, since {_FIXED}; its pods and claims stay, and belong to the next of its name"
    if whole:
        why = f"delete `{ref.name}` with its pods, of which none is ready, since {_FIXED}; its claims stay"
    gone = Step(Delete(SET, ref.namespace, ref.name, orphan=not whole), why)
    if not may_be_shown(body):
        save = f"save its manifest, and create it again from that with `serviceName: {service}`, once it is deleted"
        return (Step(Get(SET, ref.namespace, ref.name), save), gone)
    why = f"make it again with `serviceName: {service}`"
    if whole:
        why += ", which makes its pods anew, each with its name"
        return (gone, Step(Create(SET, ref.namespace, body), why, "the names of its pods resolve"))
    made = Step(Create(SET, ref.namespace, body), why, "it has its pods")
    return (gone, made, *renewed(case, workload))


def renewed(case: Case, workload: Json) -> tuple[Step, ...]:
    """Have the pods of a StatefulSet made anew: one after another, or all at once where none of them is ready, as a
    rollout would wait for the first one, and that perhaps for the others."""
    ref, why = ref_of(workload, SET.name), "a pod gets its name when it is made"
    first, count = number(workload, "spec", "ordinals", "start"), number(workload, "spec", "replicas")
    if _down(workload) and count <= MANY:
        names = [f"{ref.name}-{first + index}" for index in range(count)]
        each = [Step(Delete(kinds.POD, ref.namespace, one), f"have `{one}` made anew: {why}") for one in names]
        return (*each[:-1], replace(each[-1], expect="the names of its pods resolve"))
    again = Restart(SET, ref.namespace, ref.name, case.now)
    why = "replace its pods one after another, as each gets its name when it is made"
    return (Step(again, why, "their names resolve once they are ready"),)


def _down(workload: Json) -> bool:
    """Whether pods are wanted, and none is ready."""
    wanted, ready = number(workload, "spec", "replicas"), number(workload, "status", "readyReplicas")
    return wanted > 0 and not ready


def _manifest(workload: Json, service: str) -> Json:
    ref, spec, template = ref_of(workload, SET.name), table(workload, "spec"), table(workload, "spec", "template")
    claims = [_claim(one) for one in dicts(spec, "volumeClaimTemplates")]
    pods = {"metadata": kept_metadata(table(template, "metadata")), "spec": plain_spec(table(template, "spec"))}
    changed = {"serviceName": service, "template": pods, **({"volumeClaimTemplates": claims} if claims else {})}
    return {
        "apiVersion": SET.api_version, "kind": SET.name,
        "metadata": {"name": ref.name, "namespace": ref.namespace, **kept_metadata(table(workload, "metadata"))},
        "spec": {**without_defaults(spec), **changed},
    }  # fmt: skip


def _claim(template: Json) -> Json:
    metadata, spec = table(template, "metadata"), table(template, "spec")
    plain = {key: value for key, value in spec.items() if (key, value) != ("volumeMode", "Filesystem")}
    return {"metadata": {"name": text(metadata, "name"), **kept_metadata(metadata)}, "spec": plain}
