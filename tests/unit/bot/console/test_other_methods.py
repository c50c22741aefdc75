"""conversations.*, users.*, reactions.*, views.* and files.*, each with its refusals."""

from typing import Any

import pytest

from bot.console.errors import SlackError
from tests.unit.bot.console.build import Slack, modal, plain, section, text_input


@pytest.fixture
def slack() -> Slack:
    return Slack(enforce_rates=False)


def refused(slack: Slack, name: str, /, **values: Any) -> str:
    with pytest.raises(SlackError) as caught:
        slack.call(name, **values)
    return caught.value.code


def trigger(slack: Slack, user: str = "U0ANA") -> str:
    return slack.backend.passes.trigger(user)


def test_history_is_paged_newest_first(slack: Slack) -> None:
    sent = [slack.call("chat.postMessage", channel="C0SHOP", text=str(n))["ts"] for n in range(5)]
    first = slack.call("conversations.history", channel="C0SHOP", limit="2")
    assert [each["text"] for each in first["messages"]] == ["4", "3"]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    rest = slack.call("conversations.history", channel="C0SHOP", limit="3", cursor=cursor)
    assert [each["text"] for each in rest["messages"]] == ["2", "1", "0"]
    assert not rest["has_more"]
    between = slack.call("conversations.history", channel="C0SHOP", oldest=sent[1], latest=sent[3])
    assert [each["text"] for each in between["messages"]] == ["2"]
    both = slack.call("conversations.history", channel="C0SHOP", oldest=sent[1], latest=sent[3], inclusive="true")
    assert [each["text"] for each in both["messages"]] == ["3", "2", "1"]
    assert refused(slack, "conversations.history", channel="C0SHOP", limit="1000") == "invalid_limit"
    assert refused(slack, "conversations.history", channel="C0SHOP", cursor="?") == "invalid_cursor"
    assert refused(slack, "conversations.replies", channel="C0SHOP", ts="1.1") == "thread_not_found"


def test_conversations(slack: Slack) -> None:
    assert slack.call("conversations.info", channel="C0SHOP")["channel"]["is_member"]
    assert [each["name"] for each in slack.call("conversations.list")["channels"]] == ["shop", "ops"]
    assert len(slack.call("conversations.list", types="im,public_channel")["channels"]) == 5
    assert "U0GUEST" not in slack.call("conversations.members", channel="C0OPS")["members"]
    assert slack.call("conversations.open", users="U0GUEST")["channel"] == {"id": "D0GUEST"}
    assert refused(slack, "conversations.open", users="U0DEPLOYS") == "cannot_dm_bot"
    assert refused(slack, "conversations.open", users="U404") == "user_not_found"
    assert refused(slack, "conversations.open") == "users_list_not_supplied"


def test_users_and_bots(slack: Slack) -> None:
    assert slack.call("users.info", user="U0GUEST")["user"]["is_restricted"]
    assert len(slack.call("users.list")["members"]) == 5
    assert slack.call("bots.info", bot="B0TESSERA")["bot"]["user_id"] == "U0TESSERA"
    assert refused(slack, "users.info", user="U404") == "user_not_found"
    assert refused(slack, "bots.info", bot="B404") == "bot_not_found"


def test_reactions(slack: Slack) -> None:
    where = {"channel": "C0SHOP", "timestamp": slack.call("chat.postMessage", channel="C0SHOP", text="x")["ts"]}
    slack.call("reactions.add", name="eyes", **where)
    assert refused(slack, "reactions.add", name="eyes", **where) == "already_reacted"
    assert refused(slack, "reactions.add", name="Not A Name", **where) == "invalid_name"
    assert refused(slack, "reactions.add", name="eyes") == "no_item_specified"
    slack.call("reactions.remove", name="eyes", **where)
    assert refused(slack, "reactions.remove", name="eyes", **where) == "no_reaction"


def test_trigger_opens_one_view_within_three_seconds(slack: Slack) -> None:
    name = trigger(slack)
    view = slack.call("views.open", trigger_id=name, view=modal())["view"]
    assert view["title"] == plain("Title")
    assert refused(slack, "views.open", trigger_id=name, view=modal()) == "exchanged_trigger_id"
    late = trigger(slack)
    slack.clock.now += 3.1
    assert refused(slack, "views.open", trigger_id=late, view=modal()) == "expired_trigger_id"
    assert refused(slack, "views.open", trigger_id="1.2.3", view=modal()) == "invalid_trigger_id"


def test_wrong_view_does_not_use_up_the_trigger(slack: Slack) -> None:
    name = trigger(slack)
    with pytest.raises(SlackError) as caught:
        slack.call("views.open", trigger_id=name, view=modal(title=plain("x" * 25)))
    assert caught.value.code == "invalid_arguments"
    assert caught.value.messages == ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"]
    assert slack.call("views.open", trigger_id=name, view=modal())["ok"]


def test_views_are_stacked_three_deep(slack: Slack) -> None:
    assert refused(slack, "views.push", trigger_id=trigger(slack), view=modal()) == "not_found"
    first = slack.call("views.open", trigger_id=trigger(slack), view=modal())["view"]
    second = slack.call("views.push", trigger_id=trigger(slack), view=modal())["view"]
    assert (second["root_view_id"], second["previous_view_id"]) == (first["id"], first["id"])
    slack.call("views.push", trigger_id=trigger(slack), view=modal())
    assert refused(slack, "views.push", trigger_id=trigger(slack), view=modal()) == "push_limit_reached"


def test_closed_view_cannot_be_updated(slack: Slack) -> None:
    view = slack.call("views.open", trigger_id=trigger(slack), view=modal(text_input()))["view"]
    changed = slack.call("views.update", view_id=view["id"], hash=view["hash"], view=modal(section("done")))["view"]
    assert changed["hash"] != view["hash"]
    assert refused(slack, "views.update", view_id=view["id"], hash=view["hash"], view=modal()) == "hash_conflict"
    slack.backend.views.close("U0ANA")
    assert refused(slack, "views.update", view_id=view["id"], view=modal()) == "not_found"
    assert refused(slack, "views.update", view=modal()) == "invalid_arguments"


def test_external_ids_are_unique(slack: Slack) -> None:
    slack.call("views.open", trigger_id=trigger(slack), view=modal(external_id="one"))
    other = trigger(slack, "U0BEN")
    assert refused(slack, "views.open", trigger_id=other, view=modal(external_id="one")) == "duplicate_external_id"
    assert slack.call("views.update", external_id="one", view=modal(external_id="one"))["ok"]


def test_home_is_published_to_a_person(slack: Slack) -> None:
    home = {"type": "home", "blocks": [section()]}
    assert slack.call("views.publish", user_id="U0ANA", view=home)["view"]["type"] == "home"
    assert refused(slack, "views.publish", user_id="U404", view=home) == "user_not_found"
    assert refused(slack, "views.publish", user_id="U0ANA", view=modal()) == "invalid_arguments"


def test_files_arrive_in_three_steps(slack: Slack) -> None:
    announced = slack.call("files.getUploadURLExternal", filename="web.log", length="5")
    done: dict[str, Any] = {"files": [{"id": announced["file_id"], "title": "Log"}], "channel_id": "C0SHOP"}
    assert refused(slack, "files.completeUploadExternal", **done) == "file_not_found"
    slack.backend.files.find(announced["file_id"]).data = b"hello"
    body = slack.call("files.completeUploadExternal", initial_comment="all of it", **done)["files"][0]
    assert (body["title"], body["size"], body["preview"]) == ("Log", 5, "hello")
    assert slack.workspace.messages("C0SHOP")[0].text == "all of it"
    assert refused(slack, "files.completeUploadExternal", **done) == "file_not_found"
    assert refused(slack, "files.getUploadURLExternal", filename="x", length="0") == "invalid_arguments"
    assert refused(slack, "files.info", file="F404") == "file_not_found"
