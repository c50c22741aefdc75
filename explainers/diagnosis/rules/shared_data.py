"""Two servers on the same data folder: one of them gives up for the lock of the other (class 95); used by
rules/crashes.py.

The words are those of PostgreSQL, MySQL, MongoDB, Elasticsearch, Prometheus, Kafka and of what keeps its data in
RocksDB, LevelDB or Lucene.
"""

from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.remedies import go_back_or_look
from explainers.diagnosis.plans.sandboxes import one_at_a_time
from explainers.diagnosis.views.endings import Ending, last_log, source_of
from explainers.diagnosis.views.mounted import volume_of
from explainers.diagnosis.views.pods import Json, dicts, number, text
from explainers.document import Evidence
from explainers.patterns import pattern

_LOCKED = pattern(
    r"data directory lock file is invalid|lock file \"postmaster\.pid\" already exists"
    r"|Unable to lock \./ibdata1|do not already have another mysqld process|Another mongod instance is already running"
    r"|failed to obtain node locks|LockObtainFailed|lock DB directory: resource temporarily unavailable"
    r"|While lock file: \S+: Resource temporarily unavailable|lock \S*/LOCK: (?:already held|Resource temporarily)"
    r"|A Kafka instance in another process or thread is using this directory",
)
_MAY_BE_LEFT = pattern(r"lock file \"postmaster\.pid\" already exists")
"""A lock that a server leaves behind as well that was killed."""
_LAST = 30
"""Lines at the end of a log that are looked at."""


def locked(ending: Ending) -> Finding | None:
    """95: it finds that another server has its data folder, on a claim that more than one of its pods mounts."""
    lines = lines_of(last_log(ending.case, ending.container).text)[-_LAST:]
    line = next((one for one in reversed(lines) if _LOCKED.search(one)), "")
    claim = _claim(ending) if line else ""
    if not claim:
        return None
    case, container = ending.case, ending.container
    pods, rolls = number(case.workload, "spec", "replicas"), _rolls_over(case.workload)
    if not (pods > 1 or rolls) or (_MAY_BE_LEFT.search(line) and len(case.pods) < 2):
        return None
    ref, said = case.workload_ref or ending.blame, clean(line)
    how = f"its {pods} pods" if pods > 1 else "its old and its new pod"
    clause = (
        f"container `{container.name}` gives up as the lock of its data folder is not its own: {how} use the same data "
        f"folder at the same time, on the claim `{claim}` of {ref.kind} `{ref.name}`"
    )
    clause += "" if pods > 1 else ", whose rolling update starts the new one first"
    evidence = (*ending.evidence, Evidence(source_of(case, container, said), said))
    plan = one_at_a_time(case)
    plan = plan if plan.steps else go_back_or_look(ending)
    about = cases.ONE_AT_A_TIME
    return Finding(95, ending.blame, Layer.NEEDS, clause, evidence, plan, Confidence.LIKELY, ending.since, about=about)


def _rolls_over(workload: Json) -> bool:
    return text(workload, "kind") == "Deployment" and text(workload, "spec", "strategy", "type") == "RollingUpdate"


def _claim(ending: Ending) -> str:
    """The claim by name that the container mounts, which all pods of its template share."""
    template = ending.case.template.get("spec") or {}
    named = {text(one, "persistentVolumeClaim", "claimName") for one in dicts(template, "volumes")}
    mounts = dicts(ending.container.spec, "volumeMounts")
    claims = [text(volume_of(ending.container, one), "persistentVolumeClaim", "claimName") for one in mounts]
    return next((one for one in claims if one and one in named), "")
