"""Whether a login is good at a registry: what `docker login` asks, `/v2/` with the login that is asked for there.

https://distribution.github.io/distribution/spec/api/#api-version-check
"""

from bot.registry.exchange import Exchange
from bot.registry.failures import refusal, refused
from bot.registry.wire import Limits, Wire
from commands.base.errors import Denied, UsageError
from explainers.builds.model import Credentials
from explainers.builds.references import BadReference, Reference, parse_repository

ROOT = "/v2/"


def check_login(host: str, login: Credentials | None) -> str:
    """Try it, and say nothing more; without a login, whether the registry answers those who have none.

    Raises Denied when the login is not taken or one is wanted, UsageError when none is wanted or the host can be none,
    Unavailable when it does not answer as a registry.
    """
    try:
        image = Reference(parse_repository(f"{host}/any").host, "")
    except BadReference as error:
        raise UsageError(error.message, "name the registry's host, for example `ghcr.io`") from error
    wire = Wire(frozenset(), None, Limits())
    try:
        answer = wire.send(image.host, "GET", ROOT, {})
        if answer.status == 401:
            if login is None:
                raise Denied(f"{host} wants a login.", f"add one: `/connect registry {host}`")
            answer = Exchange(lambda _: login, wire).ask(image, "GET", ROOT)
        elif answer.status == 200 and login is not None:
            raise UsageError(f"{host} asks nobody for a login: none is needed.", "use it as it is")
        if answer.status != 200:
            raise refused(image.host, "anything", refusal(answer.status, answer.body), login is not None)
        return ""
    finally:
        wire.close()
