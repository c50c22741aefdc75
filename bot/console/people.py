"""Who is in the workspace and where they talk: people, channels and the team itself."""

from dataclasses import dataclass, field

from bot.console.schema import Json

TEAM_ID = "T0TESSERA"
TEAM_DOMAIN = "tessera-local"
TEAM_NAME = "Tessera workspace"
APP_ID = "A0TESSERA"
BOT_ID = "B0TESSERA"
BOT_USER = "U0TESSERA"
BOT_NAME = "tessera"


@dataclass(frozen=True)
class Person:
    """Someone who may type, or a bot; `name` is the handle people type after @."""

    id: str
    name: str
    real_name: str
    title: str = ""
    is_bot: bool = False
    is_guest: bool = False
    is_admin: bool = False
    bot_id: str | None = None

    def user(self) -> Json:
        """The `user` object of users.info (docs.slack.dev/reference/objects/user-object)."""
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "deleted": False,
            "real_name": self.real_name,
            "tz": "Etc/UTC",
            "tz_label": "Coordinated Universal Time",
            "tz_offset": 0,
            "profile": {
                "title": self.title,
                "real_name": self.real_name,
                "display_name": self.name,
                "team": TEAM_ID,
                **({"bot_id": self.bot_id} if self.bot_id else {}),
                **({"api_app_id": APP_ID} if self.bot_id == BOT_ID else {}),
                **({} if self.is_bot else {"email": f"{self.name}@{TEAM_DOMAIN}.example"}),
            },
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
        }


@dataclass
class Channel:
    """A public channel, a private one (`is_private`) or the direct messages of `user` with the bot."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    topic: str = ""
    is_private: bool = False
    user: str | None = None
    is_archived: bool = False

    @property
    def kind(self) -> str:
        """`channel_type` of the Events API: "im", "group" or "channel"."""
        if self.user is not None:
            return "im"
        return "group" if self.is_private else "channel"

    @property
    def command_name(self) -> str:
        """`channel_name` as slash commands carry it."""
        return {"im": "directmessage", "group": "privategroup"}.get(self.kind, self.name)

    def conversation(self) -> Json:
        """The `channel` object of conversations.info (docs.slack.dev/reference/objects/conversation-object)."""
        if self.user is not None:
            return {"id": self.id, "is_im": True, "user": self.user, "is_archived": False, "is_org_shared": False}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": False,
            "is_shared": False,
            "is_member": BOT_USER in self.members,
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.topic, "creator": "", "last_set": 0},
        }


ANA = Person("U0ANA", "ana", "Ana Ferreira", "Team lead, shop", is_admin=True)
BEN = Person("U0BEN", "ben", "Ben Okafor", "Developer, shop")
GUEST = Person("U0GUEST", "guest", "Gia Lindqvist", "Guest, agency", is_guest=True)
BOT = Person(BOT_USER, BOT_NAME, "Tessera", "Kubernetes copilot", is_bot=True, bot_id=BOT_ID)
OTHER_BOT = Person("U0DEPLOYS", "deploys", "Deploys", "Another bot", is_bot=True, bot_id="B0DEPLOYS")

PEOPLE = (ANA, BEN, GUEST, BOT, OTHER_BOT)


def seed_channels() -> list[Channel]:
    """The channels of a fresh workspace: #shop, #ops (without the guest) and one direct message a person."""
    shop = Channel("C0SHOP", "shop", {ANA.id, BEN.id, GUEST.id, BOT_USER, OTHER_BOT.id}, "The shop and its services")
    ops = Channel("C0OPS", "ops", {ANA.id, BEN.id, BOT_USER}, "Cluster and on-call")
    direct = [Channel(f"D{each.id[1:]}", "", {each.id, BOT_USER}, user=each.id) for each in (ANA, BEN, GUEST)]
    return [shop, ops, *direct]
