"""The indexes of an Indexed Job: which have failed, and how many are done.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index
"""

from explainers.diagnosis.views.pods import Json, number, text


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
