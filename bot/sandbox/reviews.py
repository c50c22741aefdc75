"""Access reviews: the questions "may I" and "may they", answered by the authorizer.

Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/.
"""

from __future__ import annotations

from bot.sandbox.access import Attributes, Authorizer, Identity
from bot.sandbox.jsonish import Object, dig, timestamp
from bot.sandbox.refusals import bad_request


def answer_review(kind: str, body: Object, who: Identity, authorizer: Authorizer) -> Object:
    """Fill in the status of a review object.

    Raises RefusalError 400 for a kind or a body that cannot be answered.
    """
    spec = body.get("spec") or {}
    match kind:
        case "SelfSubjectAccessReview":
            status = _decision(spec, who, authorizer)
        case "SubjectAccessReview" | "LocalSubjectAccessReview":
            subject = Identity(spec.get("user") or "", tuple(spec.get("groups") or ()))
            status = _decision(spec, subject, authorizer)
        case "SelfSubjectRulesReview":
            rules = authorizer.rules_for(who, spec.get("namespace") or "")
            status = {"incomplete": False, "nonResourceRules": [], "resourceRules": rules}
        case "SelfSubjectReview":
            now = timestamp(authorizer.store.now())
            user = {"username": who.user, "groups": list(who.groups)}
            return body | {"metadata": {"creationTimestamp": now}, "status": {"userInfo": user}}
        case _:
            raise bad_request(f"no review of kind {kind}")
    return body | {"metadata": body.get("metadata") or {}, "status": status}


def _decision(spec: Object, who: Identity, authorizer: Authorizer) -> Object:
    wanted = spec.get("resourceAttributes")
    if wanted is None:
        return {"allowed": dig(spec, "nonResourceAttributes") is not None}
    resource = wanted.get("resource") or ""
    if wanted.get("subresource"):
        resource = f"{resource}/{wanted['subresource']}"
    attributes = Attributes(
        wanted.get("verb") or "",
        wanted.get("group") or "",
        resource,
        wanted.get("namespace") or "",
        wanted.get("name") or "",
    )
    decision = authorizer.decide(who, attributes)
    return {"allowed": decision.allowed} | ({"reason": decision.reason} if decision.reason else {})
