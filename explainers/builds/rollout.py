"""The plan that rolls an image out: by digest, with a note on the workload of what runs now and who wanted it."""

from datetime import datetime

from explainers.builds.binding import ASKED, AUTHOR, BRANCH, BUILT, COMMIT, SUBJECT, containers
from explainers.builds.model import Commit
from explainers.diagnosis.views.pods import Json, table
from explainers.kinds import Ref
from explainers.operations.patches import Annotate
from explainers.operations.workloads import SetImage
from explainers.plan import Plan, Step, plan

CAUSE = "kubernetes.io/change-cause"
"""What the rollout history shows of a revision."""
LONGEST = 200


def rollout_plan(
    workload: Json, ref: Ref, container: str, image: str, commit: Commit, asked: str, at: datetime, before: str = ""
) -> Plan:
    """Set the image of `container`, then note the commit. `before` is the image to go back to, by default the one in
    the workload.

    The note comes after: the controller copies a Deployment's annotations to the revision that is newest, and before
    the change that would be the old one.
    """
    notes = {
        COMMIT: commit.sha,
        SUBJECT: commit.subject[:LONGEST],
        BRANCH: commit.ref,
        AUTHOR: commit.author,
        BUILT: at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ASKED: asked,
        CAUSE: f"{commit.short} of {commit.ref or 'a commit'}: {commit.subject}"[:LONGEST],
    }
    values = tuple((key, value) for key, value in notes.items() if value)
    notes_now = table(workload, "metadata", "annotations")
    was = tuple((key, str(notes_now[key])) for key, _ in values if key in notes_now)
    before = before or containers(workload).get(container, "")
    return plan(
        Step(
            SetImage(ref.type, ref.namespace, ref.name, container, image, before),
            "Roll the image out by its digest, which no later push changes",
            "new pods become ready, old ones end",
        ),
        Step(
            Annotate(ref.type, ref.namespace, ref.name, values, (), was),
            "Note what runs: commit, branch, author",
            "the rollout history shows it as the cause of the revision",
        ),
    )
