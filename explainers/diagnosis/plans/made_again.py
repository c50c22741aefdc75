"""A Job that is made again: its template cannot be changed, and one that has failed for good does not try again.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""

import json

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.connections import Failure, failed_connections
from explainers.diagnosis.logs.lines import lines_of
from explainers.diagnosis.views.endings import Ending, last_log
from explainers.diagnosis.views.indexes import runs_anew
from explainers.diagnosis.views.merged import merged
from explainers.diagnosis.views.pods import Json, condition, dicts, number, table, text, words
from explainers.kinds import ref_of
from explainers.operations.apply import Create
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.plan import Plan, Step
from explainers.redaction import HIDDEN, is_credential, redact, redact_shapes, redact_words

UNCHANGEABLE = "the template of a Job cannot be changed, so it is made again"
NO_MORE_TRIES = "one that has failed for good does not try again"
_UNREACHED = frozenset(
    {Failure.NXDOMAIN, Failure.NO_DNS, Failure.REFUSED, Failure.TIMEOUT, Failure.UNREACHABLE, Failure.FAILED}
)
LAST = 10
"""Lines at the end of a log that tell why the program ended."""
LONGEST = 4000
"""Characters of a manifest that a step shows; of a longer one nobody could judge the change."""
_GIVEN = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
"""Labels that the controller gives to each Job anew."""
_NOTES = ("kubectl.kubernetes.io/last-applied-configuration", "batch.kubernetes.io/job-tracking")
_DEFAULTS: Json = {
    "parallelism": 1, "completions": 1, "completionMode": "NonIndexed", "suspend": False, "manualSelector": False,
    "podReplacementPolicy": "TerminatingOrFailed", "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
    "securityContext": {}, "resources": {}, "terminationGracePeriodSeconds": 30, "backoffLimit": 6,
    "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10,
    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
}  # fmt: skip
"""What the API server fills in, which a manifest need not say."""


def made_again(
    case: Case, patch: Json, why: str, expect: str, without: tuple[str, ...] = (), given: Json | None = None
) -> tuple[Step, ...]:  # fmt: skip
    """Make the target's Job again, with this strategic merge patch of its pod spec, with fields of its own that are
    `given`, and `without` others. A manifest that holds a credential is not written out: then that is done with one's
    own. No steps for other kinds, for a run of a CronJob, which makes the next one itself, and where a part of the work
    is done."""
    job, ref = case.workload, case.workload_ref
    if ref is None or ref.type != kinds.JOB or case.top_owner(job) is not None or number(job, "status", "succeeded"):
        return ()
    body, room = _manifest(job, patch, without, given or {}), "make room for it"
    gone = Delete(kinds.JOB, ref.namespace, ref.name)
    if not may_be_shown(body):
        look = Step(Get(ref.type, ref.namespace, ref.name), f"{why}; save its manifest, and create it again from that")
        return (look, Step(gone, f"{room}{runs_anew(job)}"))
    new = Step(Create(kinds.JOB, ref.namespace, body), "make the Job again from this manifest", expect)
    return (Step(gone, f"{why}; {room}{runs_anew(job)}"), new)


def then_again(case: Case, plan: Plan) -> Plan:
    """A plan that mends what the target, a Job, needs: one that has failed for good is made again then, unchanged."""
    own = [one for one in (*plan.steps, *plan.alternatives) if getattr(one.operation, "kind", None) == kinds.JOB]
    if not plan.changes or own or not _over(case.workload):
        return plan
    why = f"once that is mended, make the Job again, unchanged: {NO_MORE_TRIES}"
    return Plan((*plan.steps, *made_again(case, {}, why, "it completes")), plan.alternatives)


def once_it_answers(ending: Ending) -> tuple[Step, ...]:
    """The Job made again, unchanged, where the last that its program said is what it could not reach; else no steps."""
    last = "\n".join(lines_of(last_log(ending.case, ending.container).text)[-LAST:])
    missed = next((one.target for one in failed_connections(last) if one.failure in _UNREACHED and one.target), "")
    if not missed:
        return ()
    why = f"if `{missed}` can be reached now, make the Job again, unchanged: {NO_MORE_TRIES}"
    return made_again(ending.case, {}, why, "it completes")


def once_there(case: Case, service: str) -> tuple[Step, ...]:
    """The Job made again, unchanged, for when the Service that it calls is there; only where it has no try left."""
    if not _over(case.workload):
        return ()
    why = f"once there is a service `{service}`, make the Job again, unchanged: {NO_MORE_TRIES}"
    return made_again(case, {}, why, "it completes")


def once_mended(case: Case, news: str) -> tuple[Step, ...]:
    """The Job made again, unchanged, for what has been mended since; `news` says what."""
    return made_again(case, {}, f"since then {news}: make the Job again, unchanged: {NO_MORE_TRIES}", "it completes")


def _over(job: Json) -> bool:
    return any(condition(job, kind).get("status") == "True" for kind in ("Failed", "FailureTarget"))


def _manifest(job: Json, patch: Json, without: tuple[str, ...], given: Json) -> Json:
    ref = ref_of(job)
    template = table(job, "spec", "template")
    labelled = kept_metadata(table(template, "metadata"))
    made: Json = {"metadata": labelled} if labelled else {}
    made["spec"] = plain_spec(merged(table(template, "spec"), patch))
    own = table(job, "spec").get("manualSelector") is True
    left = {*without, *(() if own else ("selector",))}
    spec = {key: value for key, value in table(job, "spec").items() if key not in left}
    metadata = {"name": ref.name, "namespace": ref.namespace, **kept_metadata(table(job, "metadata"))}
    return {
        "apiVersion": kinds.JOB.api_version, "kind": kinds.JOB.name, "metadata": metadata,
        "spec": {**without_defaults(spec | given), "template": made},
    }  # fmt: skip


def kept_metadata(metadata: Json) -> Json:
    """Its labels and annotations, without those that the cluster has added."""
    kept = {
        "labels": {key: value for key, value in table(metadata, "labels").items() if key not in _GIVEN},
        "annotations": {key: value for key, value in table(metadata, "annotations").items() if key not in _NOTES},
    }
    return {key: value for key, value in kept.items() if value}


def plain_spec(spec: Json) -> Json:
    """A pod spec without what is so by default."""
    sides = [key for key in ("initContainers", "containers") if dicts(spec, key)]
    return without_defaults(spec) | {key: [without_defaults(one) for one in dicts(spec, key)] for key in sides}


def without_defaults(fields: Json) -> Json:
    return {key: value for key, value in fields.items() if key not in _DEFAULTS or value != _DEFAULTS[key]}


def may_be_shown(body: Json) -> bool:
    """Whether it is short enough, and no credential stands in it."""
    written = json.dumps(body)
    notes = [str(value) for value in table(body, "metadata", "annotations").values()]
    told = HIDDEN in written or redact_shapes(written) != written or any(redact(one) != one for one in notes)
    return len(written) <= LONGEST and not told and not any(map(_tells, _containers(body)))


def _containers(job: Json) -> list[Json]:
    spec = table(job, "spec", "template", "spec")
    return [*dicts(spec, "initContainers"), *dicts(spec, "containers")]


def _tells(container: Json) -> bool:
    said = [*words(container, "command"), *words(container, "args")]
    variables = dicts(container, "env")
    return redact_words(said) != said or any(is_credential(text(one, "name"), text(one, "value")) for one in variables)
