"""Everything that a Web API method may need, in one place that the server puts together."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.console.errors import Advice, Refusal, SlackError
from bot.console.file_store import Files
from bot.console.passes import Passes
from bot.console.rates import Rates
from bot.console.schema import Json
from bot.console.view_store import Views
from bot.console.workspace import Workspace


def _no_events(_event: Json) -> None:
    """Events of a workspace to which no bot is subscribed."""


def _no_links() -> str:
    """A backend without its server has no address to give."""
    raise SlackError("internal_error", ["[ERROR] Socket Mode is offered by a running Console only"])


@dataclass
class Backend:
    """The local Slack without its transports.

    `scopes` are the bot token's, None leaves them unchecked. `emit` sends an event to the bot, `new_link` gives a
    Socket Mode address; both are set by the server.
    """

    workspace: Workspace
    bot_token: str
    app_token: str | None
    rates: Rates
    passes: Passes
    scopes: frozenset[str] | None = None
    base_url: str = "http://127.0.0.1"
    views: Views = field(default_factory=Views)
    files: Files = field(default_factory=Files)
    emit: Callable[[Json], None] = _no_events
    new_link: Callable[[], str] = _no_links
    refusals: list[Refusal] = field(default_factory=list)
    advice: list[Advice] = field(default_factory=list)

    @classmethod
    def create(
        cls, workspace: Workspace, bot_token: str, app_token: str | None = None, *, enforce_rates: bool = True
    ) -> "Backend":
        """A backend whose clocks are the workspace's."""
        clock = workspace.clock
        return cls(workspace, bot_token, app_token, Rates(clock, enforce_rates), Passes(clock))

    def advise(self, method: str, text: str) -> None:
        """Note something that Slack accepts but that serves people badly."""
        self.advice.append(Advice(method, text))
