"""A cluster that does not know who asks: no right is missing, but the login."""

from collections.abc import Iterable

from commands.base.errors import Unavailable
from explainers.operations.base import Answer

_ANONYMOUS = 'User "system:anonymous"'
"""Whom the API takes a request without any login for.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
"""


def check_login(cluster: str, answers: Iterable[Answer]) -> None:
    """Raises Unavailable where the answers say that the login is not accepted, or that none was sent."""
    told = list(answers)
    if any(answer.ok or answer.absent for answer in told):
        return
    if any(answer.status == 401 for answer in told):
        raise Unavailable(f"`{cluster}` does not know who asks.", "renew the login of the kubeconfig")
    if any(answer.status == 403 and _ANONYMOUS in answer.problem for answer in told):
        raise Unavailable(
            f"No login was sent to `{cluster}`, and it answers nobody without one.",
            "log in: the kubeconfig's user has no token, no certificate and no command that gets one",
        )
