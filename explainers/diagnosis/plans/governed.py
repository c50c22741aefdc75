"""A StatefulSet that is made again under another Service: its `serviceName` cannot be changed.

Its pods stay meanwhile and belong to the new one, which then replaces them one after another: a pod learns its name
when it is made. Source: https://kubernetes.io/docs/tasks/run-application/delete-stateful-set/
"""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.made_again import kept_metadata, may_be_shown, plain_spec, without_defaults
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.kinds import ref_of
from explainers.operations.apply import Create
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.operations.rollouts import Restart
from explainers.plan import Step

SET = kinds.STATEFUL_SET
_FIXED = "`serviceName` cannot be changed"


def governed_by(case: Case, workload: Json, service: str) -> tuple[Step, ...]:
    """Make it again with this `serviceName`. A manifest that holds a credential is not written out: then that is done
    with one's own."""
    ref, body = ref_of(workload, SET.name), _manifest(workload, service)
    why = f"delete `{ref.name}` alone, since {_FIXED}; its pods and claims stay, and belong to the next of its name"
    gone = Step(Delete(SET, ref.namespace, ref.name, orphan=True), why)
    renew = Step(
        Restart(SET, ref.namespace, ref.name, case.now),
        "replace its pods one after another, as each gets its name when it is made",
        "their names resolve once they are ready",
    )
    if not may_be_shown(body):
        save = f"save its manifest, and create it again from that with `serviceName: {service}`, once it is deleted"
        return (Step(Get(SET, ref.namespace, ref.name), save), gone)
    made = Step(Create(SET, ref.namespace, body), f"make it again with `serviceName: {service}`", "it has its pods")
    return (gone, made, renew)


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
