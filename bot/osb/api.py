"""From a request to its answer, in this order: authentication, whether there is such an endpoint, version, parameters,
body, and only then the broker.

`admit` needs no body and asks nobody: whoever is not let in cannot make this process read megabytes. `carry_out` then
does the work, and may take as long as the broker does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bot.observe.logs import logger, request_logged
from bot.osb import answers, versions
from bot.osb.answers import Answer
from bot.osb.asked import Asked, bind_wish, provision_wish, read_ids, read_query, update_wish
from bot.osb.identity import HEADER as IDENTITY
from bot.osb.identity import read_identity
from bot.osb.offer import Offer
from bot.osb.ports import Broker
from bot.osb.refusals import Refused, refusal
from bot.osb.users import Users
from commands.base.errors import TesseraError
from commands.broker.errors import Absent, Gone, Malformed
from commands.broker.wishes import BindWish, Bound

REQUEST_ID = "x-broker-api-request-identity"

Work = Callable[[Asked, bytes], Answer]
Handlers = Mapping[str, Work]

_log = logger(__name__)


@dataclass(frozen=True)
class Head:
    """A request without its body. `path` and `query` are as they were sent, percent-encoded; header names are small."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, list[str]] = field(default_factory=dict)

    def header(self, name: str) -> str | None:
        """The first header of that name; None without one."""
        return next(iter(self.headers.get(name, ())), None)


@dataclass(frozen=True)
class Call:
    """A request that was let in, and what carries it out."""

    work: Work
    asked: Asked
    request_id: str = ""
    takes_body: bool = False


class Api:
    """The API of one broker for the users of one file."""

    def __init__(self, broker: Broker, users: Users) -> None:
        self._broker = broker
        self._users = users
        self._offer = Offer()
        instance: Handlers = {
            "PUT": self._provision,
            "GET": self._fetch,
            "PATCH": self._update,
            "DELETE": self._deprovision,
        }
        binding: Handlers = {"PUT": self._bind, "GET": self._fetch_binding, "DELETE": self._unbind}
        self._routes: dict[tuple[str, ...], Handlers] = {
            ("service_instances",): instance,
            ("service_instances", "last_operation"): {"GET": self._poll},
            ("service_instances", "service_bindings"): binding,
            ("service_instances", "service_bindings", "last_operation"): {"GET": self._poll_binding},
        }

    def admit(self, head: Head) -> Call | Answer:
        """The call, or the answer of those who are not let in or ask for nothing that there is."""
        try:
            return self._admitted(head)
        except Refused as refused:
            return answers.refused(refused)
        except TesseraError as error:
            return answers.refused(refusal(error))

    def carry_out(self, call: Call, body: bytes = b"") -> Answer:
        """Never raises: what nobody foresaw is logged and answered without its words."""
        try:
            if not call.request_id:
                return call.work(call.asked, body)
            with request_logged(call.request_id):
                return call.work(call.asked, body)
        except Refused as refused:
            return answers.refused(refused)
        except TesseraError as error:
            return answers.refused(refusal(error))
        except Exception as error:  # noqa: BLE001 (no traceback leaves the process)
            _log.error("a request of the broker API failed", request_id=call.request_id, exc_info=error)
            return answers.refused(Refused(500, "InternalError", _unforeseen(call.request_id)))

    def _admitted(self, head: Head) -> Call:
        user = self._users.who(head.header("authorization") or "")
        if not user:
            raise Refused(
                401,
                "Unauthorized",
                "The user or the password is wrong, or HTTP basic authentication is missing.",
                {"WWW-Authenticate": 'Basic realm="Tessera broker", charset="UTF-8"'},
            )
        work, ids = self._found(head)
        version = versions.minor(head.headers.get(versions.HEADER, []))
        identity = read_identity(head.header(IDENTITY))
        instance, binding = read_ids(*ids) if ids else ("", "")
        known = head.header("if-none-match") or ""
        query, by = read_query(head.query), identity.told(user)
        asked = Asked(version, instance, binding, query, known=known, identity=identity, by=by)
        return Call(work, asked, head.header(REQUEST_ID) or "", head.method in ("PUT", "PATCH"))

    def _found(self, head: Head) -> tuple[Work, tuple[str, ...]]:
        """What carries a path out, and the ids in it: service_instances/ID[/service_bindings/ID][/last_operation]"""
        if head.path == "/v2/catalog":
            return _method(head, {"GET": self._catalog}), ()
        parts = head.path.removeprefix("/v2/").split("/")
        names, ids = tuple(parts[0::2]), tuple(parts[1::2])
        handlers = self._routes.get(names) if head.path.startswith("/v2/") else None
        if handlers is None or len(ids) != 1 + ("service_bindings" in names):
            raise Refused(404, "NotFound", "There is nothing at this path; the API begins at /v2/catalog.")
        return _method(head, handlers), ids

    def _catalog(self, asked: Asked, raw: bytes) -> Answer:
        return self._offer.answer(self._broker.shelf(), asked.version, asked.known)

    def _provision(self, asked: Asked, raw: bytes) -> Answer:
        return answers.provisioned(self._broker.provision(provision_wish(asked, raw)), asked.version)

    def _fetch(self, asked: Asked, raw: bytes) -> Answer:
        asked.hints()
        return answers.fetched_instance(self._broker.instance(asked.instance), asked.version)

    def _update(self, asked: Asked, raw: bytes) -> Answer:
        wish = update_wish(asked, raw)
        try:
            return answers.done(self._broker.update(wish))
        except (Absent, Gone) as error:
            raise _unknown(error) from error

    def _deprovision(self, asked: Asked, raw: bytes) -> Answer:
        service_id, plan_id = asked.removal()
        return answers.done(self._broker.deprovision(asked.instance, service_id, plan_id, asked.incomplete, asked.by))

    def _poll(self, asked: Asked, raw: bytes) -> Answer:
        operation = self._broker.last_operation(asked.instance, *asked.operation())
        return answers.polled(operation, asked.version)

    def _bind(self, asked: Asked, raw: bytes) -> Answer:
        wish = bind_wish(asked, raw)
        try:
            return answers.bound(self._broker.bind(self._succeeding(wish)), asked.version)
        except (Absent, Gone) as error:
            raise _unknown(error) from error

    def _fetch_binding(self, asked: Asked, raw: bytes) -> Answer:
        asked.hints()
        return answers.fetched_binding(self._broker.binding(asked.instance, asked.binding), asked.version)

    def _unbind(self, asked: Asked, raw: bytes) -> Answer:
        service_id, plan_id = asked.removal()
        return answers.done(
            self._broker.unbind(asked.instance, asked.binding, service_id, plan_id, asked.incomplete_binding, asked.by)
        )

    def _poll_binding(self, asked: Asked, raw: bytes) -> Answer:
        operation = self._broker.last_binding_operation(asked.instance, asked.binding, *asked.operation())
        return answers.polled(operation, asked.version)

    def _succeeding(self, wish: BindWish) -> BindWish:
        """A successor is for what its predecessor was for; platforms do not send that again ("Binding Rotation")."""
        if not wish.predecessor:
            return wish
        old = (self._bound(wish.instance, wish.id) or self._broker.binding(wish.instance, wish.predecessor)).binding
        return replace(
            wish,
            service_id=wish.service_id or old.service_id,
            plan_id=wish.plan_id or old.plan_id,
            app=wish.app or old.app,
            resource=wish.resource or old.resource,
            parameters=wish.parameters or old.hidden.get("parameters", {}),
        )

    def _bound(self, instance: str, id: str) -> Bound | None:
        try:
            return self._broker.binding(instance, id)
        except Absent:
            return None


def _method(head: Head, handlers: Handlers) -> Work:
    work = handlers.get(head.method)
    if work is None:
        allowed = ", ".join(handlers)
        raise Refused(405, "MethodNotAllowed", f"This path takes {allowed}.", {"Allow": allowed})
    return work


def _unknown(error: TesseraError) -> Malformed:
    """A change of, or a binding to, what is not there is a wrong request: 404 and 410 mean something else there."""
    return Malformed(error.message, error.hint)


def _unforeseen(request_id: str) -> str:
    where = f"the request {request_id}" if request_id else "this request"
    return f"Something went wrong inside the broker; its log has the details under {where}."
