"""A broker's processes: the Open Service Broker API where settings name its users, and the work on its queue."""

from bot import wiring
from bot.brokering import Brokering, brokering
from bot.http.app import http_app
from bot.http.serving import HttpServer, asked_to_end
from bot.observe.logs import logger
from bot.observe.metrics import Metrics
from bot.settings import Settings, wrong_setting
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from commands.base.errors import TesseraError, UsageError
from commands.base.ports import Clusters
from commands.broker.broker import Broker
from commands.broker.records import Instance

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_log = logger(__name__)


def api_server(settings: Settings, broker: Broker) -> HttpServer | None:
    """The started server of the API, or None where no users may use it. Raises UsageError for settings that do not fit.

    Passwords go over plain HTTP on loopback only.
    """
    if settings.osb_users_file is None:
        return None
    from bot.http.tls import server_context
    from bot.osb.app import osb_app
    from bot.osb.users import Users

    if settings.osb_certificate is None and settings.osb_host not in LOOPBACK:
        raise wrong_setting("osb_certificate", f"passwords would cross the network in clear at {settings.osb_host}")
    tls = server_context(settings.osb_certificate, "TESSERA_OSB_CERTIFICATE") if settings.osb_certificate else None
    users = Users(settings.osb_users_file)
    server = HttpServer(settings.osb_host, settings.osb_port, tls, ("TESSERA_OSB_HOST", "TESSERA_OSB_PORT"))
    server.start(osb_app(broker, users))
    return server


class BrokerService:
    """One team's broker in one process, without a chat: API, work, health and metrics."""

    def __init__(self, settings: Settings, clusters: Clusters) -> None:
        """Raises UsageError for settings that are missing."""
        redis = connect_redis(settings.redis_url)
        made = brokering(settings, clusters, redis, wiring.SystemClock())
        if made is None:
            raise UsageError(
                "TESSERA_BROKER_NAMESPACE is not set, so there is no catalog.", "see manifests/broker/README.md"
            )
        self.brokering: Brokering = made
        self._state = RedisState(redis)
        self.api = api_server(settings, made.broker)
        self.http = HttpServer(settings.host, settings.port)

    def start(self) -> "BrokerService":
        self.brokering.watch()
        self.brokering.work(_unwarned)
        self.http.start(http_app(Metrics(), {"redis": self._state.ready, "catalog": self._readable}))
        return self

    def stop(self) -> None:
        """Finish what runs, then close."""
        if self.api:
            self.api.stop()
        self.http.stop()
        self.brokering.stop(works=True)

    def _readable(self) -> bool:
        try:
            self.brokering.broker.shelf()
        except TesseraError:
            return False
        return True


def _unwarned(record: Instance) -> bool:
    """There is no chat to warn in; the log has it."""
    _log.warning("an instance ends within a day", instance=record.id, by=record.by, expires=record.expires)
    return True


def run(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C. Raises TesseraError when it cannot start."""
    service = BrokerService(settings, wiring.live_clusters(settings.context)).start()
    asked_to_end().wait()
    service.stop()
