"""The button that takes a roll-out back: offered only where the cluster keeps what ran before, and not for ever."""

from datetime import datetime, timedelta

from explainers.diagnosis.views.pods import dig, text
from explainers.document import Button
from explainers.kinds import Ref
from explainers.operations.base import Json

OFFERED = timedelta(hours=1)
"""Later, others may have built on the new version: whoever goes back then should look first, with `/rollback`."""
REVISION = "deployment.kubernetes.io/revision"


def revision_of(workload: Json) -> str:
    """The number of the revision that is in force; empty where it has none that one can go back to by number."""
    return text(workload, "metadata", "annotations", REVISION)


def undo_button(workload: Json, ref: Ref, revision: str, now: datetime) -> tuple[Button | None, str]:
    """The button back to a revision (empty: the one before), and what is to be said of it."""
    if dig(workload, "spec", "revisionHistoryLimit", default=None) == 0:
        return None, "it cannot be rolled back: the cluster keeps no earlier revision (`revisionHistoryLimit: 0`)"
    until = now + OFFERED
    argument = " ".join(filter(None, (str(ref), revision, f"-n {ref.namespace}")))
    button = Button("Roll back", "rollback", argument, "danger", until=until.isoformat())
    return button, f"`/rollback {ref.name}` takes it back; in Slack a button does, too, until {until:%H:%M} UTC"
