"""The indexes of an Indexed Job: which have failed, and how many are done.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index
"""

from explainers.diagnosis.views.pods import Json, Pod, dig, number, text

_INDEX = "batch.kubernetes.io/job-completion-index"
_FAILED_BEFORE = "batch.kubernetes.io/job-index-failure-count"
"""How many pods of the same index had failed when a pod was made.

Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-job-index-failure-count
"""


def tries_of_index(job: Json, pod: Pod) -> tuple[int, int, str] | None:
    """How many tries of the index of a pod that failed have failed, how many may before the index is given up, and
    which index; None where a Job counts all its tries together."""
    most, notes = dig(job, "spec", "backoffLimitPerIndex"), dig(pod.object, "metadata", "annotations")
    index, before = text(notes, _INDEX), text(notes, _FAILED_BEFORE)
    if not isinstance(most, int) or not index:
        return None
    return 1 + (int(before) if before.isdecimal() else 0), most, index


def failed_indexes(job: Json) -> str:
    """`index 2 has failed, and 3 of 4 are done`; empty for a Job of another mode, or where that is not counted."""
    failed = text(job, "status", "failedIndexes")
    if text(job, "spec", "completionMode") != "Indexed" or not failed:
        return ""
    several = not failed.isdecimal()
    done, of = number(job, "status", "succeeded"), number(job, "spec", "completions")
    which = f"indexes {failed} have" if several else f"index {failed} has"
    return f"{which} failed, and {done} of {of} are done"


def runs_anew(job: Json) -> str:
    """What a Job that is made anew does again, as the end of a sentence; empty where nothing of it was done."""
    done = text(job, "status", "completedIndexes")
    several = done and not done.isdecimal()
    return f"; it then runs every index anew, also {done}, which {'are' if several else 'is'} done" if done else ""
