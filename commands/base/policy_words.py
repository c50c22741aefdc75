"""What a decision of the policy says to a person: the refusal in chat and `tessera policy check`."""

from commands.base.errors import Denied
from commands.base.policy import Decision, Policy, decide
from commands.base.request import Actor
from explainers import kinds
from explainers.document import Document, Evidence, Tone
from explainers.operations.access import AccessReview
from explainers.operations.base import Permission


def refusal(decision: Decision) -> Denied:
    """The error that carries a refusal to the person, with the line an administrator would add."""
    hint = f"An administrator would add under `{decision.where}` of the policy file: `{decision.line}`"
    return Denied(f"I may not do this: {decision.reason}.", hint if decision.line else "")


def explain(policy: Policy, actor: Actor, command: str, namespace: str, target: str = "") -> Document:
    """Explain one decision: the verdict, the identity and its rights, or the line that would allow it."""
    decision = decide(policy, actor, command, namespace)
    what = f"`{command}{' ' + target if target else ''}`" + (f" in `{namespace}`" if namespace else "")
    asked = f"asked by {actor.user} of {actor.team or 'no workspace'}" + (
        f" in {actor.channel}" if actor.channel else ", outside of channels"
    )
    if not decision.allowed:
        return Document(
            Tone.REFUSED,
            f"{actor.user} may not run {what}: {decision.reason}.",
            facts=(asked,),
            explanation=f"An administrator would add this line under `{decision.where}` of the policy file."
            if decision.line
            else "No line of the policy file allows this.",
            code=decision.line,
        )
    groups = ", ".join(decision.identity.groups) or "no groups"
    return Document(
        Tone.INFO,
        f"{actor.user} may run {what} as the Kubernetes user `{decision.identity.user}`.",
        facts=(asked, f"groups: {groups}"),
        evidence=(Evidence("policy file", decision.reason),),
        explanation="What this user may see and change is then decided by the cluster's own access control (RBAC).",
        code=_can_i(decision, namespace),
    )


def _can_i(decision: Decision, namespace: str) -> str:
    """The line that asks the cluster what the identity may read."""
    asked = Permission("list", kinds.POD.resource, namespace)
    return AccessReview(asked, decision.identity.user, decision.identity.groups).line()
