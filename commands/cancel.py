"""`cancel`: stop long work."""

from commands.base.cancelling import cancel as stop
from commands.base.cancelling import running
from commands.base.errors import NotFound, UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from explainers.document import Document, Tone

FORM = "cancel REQUEST, for example `/tessera cancel r-8f2c1a`; or press Cancel under the work"


@command("cancel", "REQUEST [-n NAMESPACE]", "/tessera cancel r-8f2c1a")
def cancel(request: Request, services: Services) -> Reply:
    """Stop a build that is under way; nothing is rolled out then."""
    arguments = parse(request.text, FORM)
    if len(arguments.words) != 1:
        raise UsageError("Which request? Its id stands under its message.", FORM)
    found = running(services.state, arguments.words[0])
    namespace = arguments.namespace or request.namespace
    if found is None or (namespace and found.namespace != namespace):
        raise NotFound(f"Nothing with the id `{arguments.words[0][:40]}` is under way.", "it may have ended already")
    stop(services.state, found.request, request.actor.user)
    return Reply(Document(Tone.INFO, f"I stop {found.what} (request {found.request})."), namespace=found.namespace)
