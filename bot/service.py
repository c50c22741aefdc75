"""The long-running processes: `tessera serve` takes requests, `tessera worker` answers them; one may do both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot import wiring
from bot.broker_service import api_server
from bot.brokering import brokering
from bot.building import builds, vault
from bot.http.app import Check, http_app
from bot.http.serving import HttpServer, asked_to_end
from bot.noticing import Notices
from bot.observe.metrics import Metrics
from bot.policy_file import load_policy
from bot.pushes import PushEndpoint
from bot.settings import Settings, SlackMode
from bot.slack.surface import SlackConfig, SlackSurface
from bot.source.git import GitHost
from bot.source.github.access import host_of
from bot.source.github.webhook import Push
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from commands.base.errors import UsageError
from commands.base.policy import Policy, default_namespace
from commands.base.ports import Clusters
from commands.base.pushes import Sponsor
from commands.base.request import Identity
from commands.broker.finishing import asking, ending
from commands.broker.records import Instance
from explainers import kinds
from explainers.operations.reads import List


@dataclass(frozen=True)
class Roles:
    """What this process does: take requests from Slack, work on them, or both."""

    takes: bool
    works: bool


class Service:
    """Slack, jobs and HTTP of one process, started and stopped together."""

    def __init__(
        self,
        settings: Settings,
        roles: Roles,
        clusters: Clusters,
        policy: Policy,
        own_identity: bool = False,
        http: HttpServer | None = None,
    ) -> None:
        """Raises UsageError for settings that are missing; sends nothing yet. `http` is bound already, or None."""
        self._settings, self._roles, self._clusters = settings, roles, clusters
        self._metrics = Metrics()
        redis = connect_redis(settings.redis_url)
        self._state = state = RedisState(redis)
        self.brokering = brokering(settings, clusters, redis, wiring.SystemClock())
        broker = self.brokering.broker if self.brokering else None
        made = builds(settings, state)
        self._notices = Notices(redis, made.boards) if made and made.boards else None
        if made and self._notices:
            made = replace(made, later=self._notices.owe)
        self.slack = SlackSurface(
            _slack_config(settings),
            redis,
            wiring.answerer(clusters, policy, settings.probe_image, own_identity, state, made, broker),
            partial(default_namespace, policy),
            clusters.as_identity(Identity()).name,
            self._metrics,
            vault=vault(settings, state),
        )
        self.http = http or HttpServer(settings.host, settings.port)
        self.api: HttpServer | None = None
        socket = roles.takes and settings.slack_mode is SlackMode.SOCKET
        self._socket = self.slack.socket() if socket else None

    def start(self) -> "Service":
        takes_http = self._roles.takes and self._socket is None
        endpoint = self.slack.endpoint() if takes_http else None
        self.http.start(http_app(self._metrics, self._checks(), endpoint, self._pushes()))
        if self.brokering:
            self.brokering.watch()
        if self.brokering and self._roles.takes:
            self.api = api_server(self._settings, self.brokering.broker)
        if self._roles.works:
            self.slack.jobs.start(self._settings.workers)
            if self._notices:
                self._notices.start()
            if self.brokering:
                self.brokering.work(self._warn, self._ask)
        if self._socket:
            self._socket.start()
        return self

    def stop(self) -> None:
        """Finish what runs, then close."""
        if self._socket:
            self._socket.stop()
        self.http.stop()
        if self.api:
            self.api.stop()
        if self._roles.works:
            self.slack.jobs.stop()
            if self._notices:
                self._notices.stop()
        if self.brokering:
            self.brokering.stop(self._roles.works)

    def _warn(self, record: Instance) -> bool:
        """Tell whoever asked for something from the catalog that it ends within a day."""
        return bool(record.user) and self.slack.tell(record.user, ending(record))

    def _ask(self, user: str, record: Instance) -> bool:
        """Ask somebody of the team that owns an entry to decide about a request for it."""
        return self.slack.tell(user, asking(record))

    def _pushes(self) -> PushEndpoint | None:
        """What takes GitHub's pushes; None where no secret says that they are GitHub's."""
        secret = self._settings.github_webhook_secret.get_secret_value()
        if not secret or not self._roles.takes:
            return None
        elsewhere, host = GitHost(self._settings.git_root).has, host_of(self._settings.github_url)
        return PushEndpoint(secret, self._state, wiring.SystemClock(), self._metrics, host, self._take_push, elsewhere)

    def _take_push(self, sponsor: Sponsor, push: Push, delivery: str) -> None:
        self.slack.take_push(sponsor, push.branch, push.sha, push.by, delivery)

    def ready(self) -> dict[str, bool]:
        """Which parts answer now; `/readyz` says the same."""
        return {name: check() for name, check in self._checks().items()}

    def _checks(self) -> Mapping[str, Check]:
        connected = {"socket": self._socket.connected} if self._socket else {}
        return {**self.slack.checks, **connected, "cluster": self._cluster_answers}

    def _cluster_answers(self) -> bool:
        """Whether the API server answers at all; a refusal is an answer."""
        return self._clusters.as_identity(Identity()).run(List(kinds.NAMESPACE, "", limit=1)).status != 0


def _slack_config(settings: Settings) -> SlackConfig:
    needed = {"slack_bot_token": settings.slack_bot_token, "slack_signing_secret": settings.slack_signing_secret}
    if settings.slack_mode is SlackMode.SOCKET:
        needed = {"slack_bot_token": settings.slack_bot_token, "slack_app_token": settings.slack_app_token}
    for name, value in needed.items():
        if not value.get_secret_value():
            example = (Settings.model_fields[name].examples or [""])[0]
            raise UsageError(f"TESSERA_{name.upper()} is not set.", f"for example TESSERA_{name.upper()}={example}")
    return SlackConfig(
        settings.slack_bot_token.get_secret_value(),
        settings.slack_signing_secret.get_secret_value(),
        settings.slack_app_token.get_secret_value(),
        settings.slack_api_url,
    )


def policy_of(settings: Settings) -> Policy:
    """The policy file's policy. Raises UsageError without one: nobody would be answered."""
    if settings.policy_file is None:
        raise UsageError(
            "TESSERA_POLICY_FILE is not set, so nobody may ask anything.", "see manifests/base/policy.yaml"
        )
    return load_policy(settings.policy_file)


def run(settings: Settings, roles: Roles) -> None:
    """Run until SIGTERM or Ctrl-C. Raises TesseraError when it cannot start."""
    clusters = wiring.live_clusters(settings.context)
    service = Service(settings, roles, clusters, policy_of(settings)).start()
    asked_to_end().wait()
    service.stop()
