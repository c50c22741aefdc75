"""The console's page in a real Chromium: type, read, click, fill in, answer in the thread; nothing is mocked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from slack_sdk import WebClient

from bot.console.commands import Shortcut, SlashCommand
from bot.console.errors import Refusal
from bot.console.server import Console
from tests.browser import showcase
from tests.browser.opening import BROKEN_OFF, open_page
from tests.contract.console.example_app import BOT_TOKEN, ROOT_BLOCKS, http_bot

COMMANDS = [
    SlashCommand("/diagnose", "Say why a service is broken", "[kind/]name [-n namespace]"),
    SlashCommand("/pick", "Pick a service"),
    SlashCommand("/tessera", "Everything that Tessera can do", "help"),
]
SHORTCUTS = [Shortcut("diagnose_this", "Diagnose this")]
pytestmark = pytest.mark.browser


@pytest.fixture
def console() -> Iterator[Console]:
    with http_bot(commands=COMMANDS, shortcuts=SHORTCUTS) as (made, _):
        yield made


@pytest.fixture
def page(browser: Browser, console: Console) -> Iterator[Page]:
    """The page as Ana; any script error or blocked resource fails the test, but what Chromium broke off itself."""
    complaints: list[str] = []

    def complain(text: str) -> None:
        if BROKEN_OFF not in text:
            complaints.append(text)

    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(180_000)
    page.on("pageerror", lambda error: complain(str(error)))
    page.on("console", lambda message: complain(message.text) if message.type == "error" else None)
    open_page(page, f"{console.url}?as=ana")
    expect(page.get_by_role("combobox", name="Message #shop")).to_be_focused()
    yield page
    page.close()
    assert complaints == []


def client_of(console: Console) -> WebClient:
    return WebClient(token=BOT_TOKEN, base_url=console.api_url)


def test_command_verdict_recheck_and_thread(page: Page) -> None:
    composer = page.get_by_role("combobox", name="Message #shop")
    composer.fill("/diagnose web")
    composer.press("Enter")
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    expect(page.get_by_text("Looking at web")).to_be_visible()
    verdict = page.get_by_role("article").filter(has_text="is healthy")
    expect(verdict).to_be_visible()
    expect(page.get_by_text("The bot acknowledged in")).to_be_visible()

    verdict.get_by_role("button", name="Re-check").click()
    expect(page.get_by_text("web is still healthy")).to_be_visible()

    root = page.get_by_role("article").filter(has_text="web is still healthy")
    root.hover()
    root.get_by_role("button", name="Reply in thread").click()
    reply = page.get_by_role("combobox", name="Reply in the thread")
    expect(reply).to_be_focused()
    reply.fill("@tessera why")
    reply.press("Enter")
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_text("Because all pods are ready.")).to_be_visible()
    expect(thread.get_by_text("2 replies")).to_be_visible()


def test_modal_is_filled_in_with_the_keyboard(page: Page, console: Console) -> None:
    page.keyboard.type("/diagnose web")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ask").click()
    dialog = page.get_by_role("dialog", name="Ask Tessera")
    expect(dialog.get_by_label("Why")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Please complete this required field.")).to_be_visible()
    page.keyboard.type("no")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Say more than no.")).to_be_visible()
    dialog.get_by_label("Why").fill("slow since noon")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Tessera").click()
    expect(page.get_by_text("You asked: slow since noon")).to_be_visible()
    assert console.refusals == []


def test_what_is_sent_again_since_its_answer_was_lost_is_done_once(browser: Browser, console: Console) -> None:
    page = browser.new_page()
    page.set_default_timeout(180_000)
    lost: set[str] = set()

    def lose_the_first_answer(route: Route) -> None:
        if route.request.url in lost:
            route.continue_()
            return
        lost.add(route.request.url)
        route.fetch()
        route.abort("connectionreset")

    page.route(re.compile(r"/page/(say|act|submit)$"), lose_the_first_answer)
    open_page(page, f"{console.url}?as=ana")
    composer = page.get_by_role("combobox", name="Message #shop")
    composer.fill("/diagnose web")
    composer.press("Enter")
    page.get_by_role("button", name="Ask").click()
    dialog = page.get_by_role("dialog", name="Ask Tessera")
    dialog.get_by_label("Why").fill("slow since noon")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Tessera").click()
    expect(page.get_by_text("You asked: slow since noon")).to_be_visible()
    page.close()
    assert len(lost) == 3
    assert [len(console.messages(where)) for where in ("shop", "@ana")] == [1, 1]


def test_the_page_comes_though_its_first_look_is_lost(browser: Browser, console: Console) -> None:
    page = browser.new_page()
    page.set_default_timeout(180_000)
    looks: list[str] = []

    def lose_three(route: Route) -> None:
        looks.append(route.request.url)
        if len(looks) > 3:
            route.continue_()
        else:
            route.abort("connectionreset")

    page.route("**/page/state?*", lose_three)
    open_page(page, f"{console.url}?as=ana")
    expect(page.get_by_role("combobox", name="Message #shop")).to_be_focused()
    page.close()


def test_escape_closes_a_modal(page: Page, console: Console) -> None:
    client_of(console).views_open(trigger_id=console.backend.passes.trigger("U0ANA"), view=showcase.FORM)
    dialog = page.get_by_role("dialog", name="Request a database")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert console.view("ana") is None


def test_commands_are_offered_while_typing(page: Page) -> None:
    page.keyboard.type("/t")
    expect(page.get_by_role("option", name="/tessera")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="Message #shop")).to_have_value("/tessera ")


def test_command_in_a_thread_is_refused_in_words(page: Page, console: Console) -> None:
    showcase.tell(client_of(console), "C0SHOP", "U0ANA")
    page.get_by_role("button", name="2 replies").click()
    reply = page.get_by_role("combobox", name="Reply in the thread")
    reply.fill("/diagnose web")
    reply.press("Enter")
    expect(page.get_by_text("/diagnose is not supported in threads.")).to_be_visible()
    expect(reply).to_have_value("/diagnose web")
    reply.press("Escape")
    expect(page.get_by_role("complementary", name="Thread")).to_be_hidden()
    expect(page.get_by_role("combobox", name="Message #shop")).to_be_focused()


def test_people_see_what_is_theirs(page: Page, console: Console) -> None:
    client = client_of(console)
    client.chat_postEphemeral(channel="C0SHOP", user="U0ANA", text="for Ana alone")
    expect(page.get_by_text("for Ana alone")).to_be_visible()
    page.get_by_role("radio", name="Gia Lindqvist").click()
    expect(page.get_by_text("for Ana alone")).to_be_hidden()
    expect(page.get_by_role("button", name="ops")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Ben Okafor")).to_be_focused()
    expect(page.get_by_role("button", name="ops")).to_be_visible()


def test_confirmation_comes_before_a_risky_click(page: Page, console: Console) -> None:
    showcase.tell(client_of(console), "C0SHOP", "U0ANA")
    undo = page.get_by_role("button", name="Undo to revision 6")
    undo.click()
    question = page.get_by_role("dialog", name="Undo to revision 6")
    expect(question.get_by_role("button", name="Keep it")).to_be_focused()
    question.get_by_role("button", name="Keep it").click()
    expect(question).to_be_hidden()
    assert console.ephemerals("ana", "shop")[1:] == []
    undo.click()
    question.get_by_role("button", name="Undo the rollout").click()
    expect(page.get_by_text("This app did not answer the click")).to_be_visible()


def test_press_counts_though_the_message_changes_under_it(page: Page, console: Console) -> None:
    page.keyboard.type("/diagnose web")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Re-check")
    button.hover()
    page.mouse.down()
    ts = str(console.messages("shop")[0]["ts"])
    progress = [{"type": "section", "text": {"type": "mrkdwn", "text": "reading logs"}}]
    client_of(console).chat_update(channel="C0SHOP", ts=ts, text="web is healthy", blocks=[*progress, *ROOT_BLOCKS])
    page.wait_for_timeout(700)  # the page has drawn the change, if it does so under a press
    page.mouse.up()
    expect(page.get_by_text("checked again")).to_be_visible()


def test_marked_text_stays_while_other_messages_change(page: Page, console: Console) -> None:
    client = client_of(console)
    showcase.tell(client, "C0SHOP", "U0ANA")
    building = client.chat_postMessage(channel="C0SHOP", text="build running")
    expect(page.get_by_text("build running")).to_be_visible()  # the last: all that is to come has been drawn
    line = page.get_by_text("checkout is down")
    line.select_text()
    marked = page.evaluate("getSelection().toString()")
    client.chat_update(channel="C0SHOP", ts=str(building["ts"]), text="push running")
    expect(page.get_by_text("push running")).to_be_visible()
    assert marked == page.evaluate("getSelection().toString()") != ""


def test_messages_are_text_and_never_markup(page: Page, console: Console) -> None:
    nasty = (
        "&lt;img src=x onerror=alert(1)&gt; *bold `in` it* _it_ ~gone~ `<b>` <https://example.com|site> :unknown: a*b*c"
    )
    client_of(console).chat_postMessage(channel="C0SHOP", text=nasty)
    message = page.get_by_role("article").filter(has_text="onerror")
    expect(message.locator("strong", has_text="bold")).to_be_visible()
    expect(message.locator("strong code")).to_have_text("in")
    expect(message.locator("code").last).to_have_text("<b>")
    expect(message.get_by_role("link", name="site")).to_have_attribute("href", "https://example.com")
    expect(message).to_contain_text(":unknown: a*b*c")
    assert message.locator("img[src='x']").count() == 0


def test_waiting_is_told_apart_from_what_slack_refuses(page: Page, console: Console) -> None:
    console.backend.refusals.append(Refusal("chat.postMessage", "ratelimited", ()))
    client_of(console).chat_postMessage(channel="C0SHOP", text="at last")
    checks = page.locator("#checks")
    expect(checks.get_by_text("1 delayed", exact=True)).to_be_visible()
    console.backend.refusals.append(Refusal("chat.update", "message_not_found", ()))
    client_of(console).chat_postMessage(channel="C0SHOP", text="another")
    expect(checks.get_by_text("1 refused · 1 delayed")).to_be_visible()
    checks.get_by_text("1 refused").click()
    expect(checks.get_by_text("chat.update: message_not_found")).to_be_visible()
    page.get_by_role("combobox", name="Message #shop").click()
    expect(checks.get_by_text("chat.update: message_not_found")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 800, 420])
def test_nothing_is_cut_off_in_a_narrow_window(page: Page, console: Console, width: int) -> None:
    showcase.tell(client_of(console), "C0SHOP", "U0ANA")
    page.get_by_role("button", name="2 replies").click()
    expect(page.get_by_role("complementary", name="Thread")).to_be_visible()
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CUT_OFF) == []


def test_home_tab_and_unread_channels(page: Page, console: Console) -> None:
    client = client_of(console)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Welcome home"}}]
    client.chat_postMessage(channel="C0OPS", text="look here")
    expect(page.get_by_role("button", name="ops 1 new")).to_be_visible()
    client.views_publish(user_id="U0ANA", view={"type": "home", "blocks": blocks})
    page.get_by_role("button", name="Tessera").click()
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_text("Welcome home")).to_be_visible()


def test_menu_filled_by_the_bot_and_shortcut_of_a_message(page: Page, console: Console) -> None:
    composer = page.get_by_role("combobox", name="Message #shop")
    composer.fill("/pick")
    composer.press("Enter")
    page.get_by_placeholder("Service").fill("check")
    page.get_by_role("option", name="checkout-db").click()
    expect(page.get_by_text("You picked checkout-db")).to_be_visible()
    composer.fill("checkout is slow")
    composer.press("Enter")
    message = page.get_by_role("article").filter(has_text="checkout is slow")
    message.hover()
    message.get_by_role("button", name="Diagnose this").click()
    expect(message.get_by_role("button", name="1 reply")).to_be_visible()


def test_last_line_comes_back_with_the_arrow_key(page: Page) -> None:
    composer = page.get_by_role("combobox", name="Message #shop")
    composer.fill("hello there")
    composer.press("Enter")
    expect(composer).to_have_value("")
    composer.press("ArrowUp")
    expect(composer).to_have_value("hello there")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_picture_of_a_verdict(browser: Browser, console: Console, scheme: str, tmp_path: Path) -> None:
    showcase.tell(client_of(console), "C0SHOP", "U0ANA")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    open_page(page, f"{console.url}?as=ana")
    page.get_by_role("button", name="2 replies").click()
    expect(page.get_by_role("heading", name="checkout is down")).to_have_count(2)
    page.screenshot(path=tmp_path / f"{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(browser: Browser, console: Console, scheme: str) -> None:
    page = browser.new_page()
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    open_page(page, console.url)
    ratios = page.evaluate(CONTRASTS)
    page.close()
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}


CUT_OFF = """() => {
  const thread = document.getElementById("thread").getBoundingClientRect();
  return [...document.querySelectorAll("#thread .text, #thread pre, #thread button, #thread textarea")]
    .filter((each) => each.getBoundingClientRect().right > thread.right + 1).map((each) => each.textContent);
}"""
CONTRASTS = """() => {
  const style = getComputedStyle(document.documentElement);
  const light = (name) => {
    const box = document.createElement("i");
    box.style.color = style.getPropertyValue(name);
    document.body.append(box);
    const parts = getComputedStyle(box).color.match(/[0-9.]+/g).slice(0, 3).map(Number);
    box.remove();
    const linear = parts.map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const pairs = [
    ["--ink", "--paper"], ["--soft", "--paper"], ["--soft", "--side"], ["--soft", "--note"], ["--ink", "--note"],
    ["--accent-ink", "--accent"], ["--accent", "--accent-wash"], ["--danger", "--paper"], ["--link", "--paper"],
    ["--code-ink", "--code"], ["--mention-ink", "--mention"], ["--soft", "--hover"], ["--danger", "--danger-wash"],
  ];
  return Object.fromEntries(pairs.map(([front, back]) => {
    const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
    return [`${front} on ${back}`, (high + 0.05) / (low + 0.05)];
  }));
}"""
