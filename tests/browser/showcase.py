"""A conversation with every kind of block that a bot like ours uses, for the page's tests and pictures."""

from typing import Any

from slack_sdk import WebClient

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def button(label: str, action_id: str, **more: Any) -> Block:
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": f"id-{action_id}", **more}


UNDO = button(
    "Undo to revision 6",
    "undo",
    style="primary",
    confirm={
        "title": plain("Undo to revision 6"),
        "text": mrkdwn("This changes *deployment/checkout* in *shop* and restarts its 2 pods."),
        "confirm": plain("Undo the rollout"),
        "deny": plain("Keep it"),
    },
)
MORE: Block = {
    "type": "overflow",
    "action_id": "more",
    "options": [
        {"text": plain("Show the plan"), "value": "plan"},
        {"text": plain("Who may do this"), "value": "who"},
    ],
}
VERDICT: list[Block] = [
    {"type": "header", "text": plain("checkout is down")},
    {
        "type": "section",
        "text": mrkdwn(
            "Its pods crash because `DATABASE_URL` points to *pg-main*, a service that does not exist.\n"
            "Sure: 3 signals agree. Since 14:02 (18 min), right after revision 7."
        ),
    },
    {
        "type": "section",
        "fields": [
            mrkdwn("*Blast radius*\nnobody can reach shop/checkout"),
            mrkdwn("*Ready*\n0 of 2 endpoints"),
            mrkdwn("*Changed*\nrevision 7 at 14:01"),
            mrkdwn("*Asked by*\n<@U0ANA>"),
        ],
    },
    {
        "type": "actions",
        "block_id": "next",
        "elements": [UNDO, button("Re-check", "recheck"), button("Logs", "logs"), button("Timeline", "timeline"), MORE],
    },
    {"type": "context", "elements": [mrkdwn("cluster *prod-1* · namespace *shop* · request `r-8f2c`")]},
]
EVIDENCE: list[Block] = [
    {
        "type": "section",
        "text": mrkdwn(
            "*Evidence*\n"
            "• pod `checkout-7c9d-x2x` exits with 1, restarted 6 times _(read 14:20)_\n"
            '```could not translate host name "pg-main" to address: Name or service not known```\n'
            "• services in shop: `pg`, `checkout`, `web`; no `pg-main`"
        ),
    },
    {"type": "context", "elements": [mrkdwn("Fine: image pulled · config and secrets present · memory 41 of 256 MiB")]},
]
PLAN: list[Block] = [
    {"type": "section", "text": mrkdwn("*Game plan*\n1 · *changes* · back to revision 6, which ran 9 days")},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_preformatted",
                "elements": [{"type": "text", "text": "kubectl -n shop rollout undo deployment/checkout"}],
            },
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Expect: "},
                    {"type": "text", "text": "2 of 2 ready", "style": {"bold": True}},
                    {"type": "text", "text": " within a minute."},
                ],
            },
        ],
    },
    {"type": "divider"},
    {
        "type": "section",
        "text": mrkdwn(">A name inside the cluster resolves only if a Service of that name exists."),
        "accessory": {
            "type": "static_select",
            "action_id": "depth",
            "placeholder": plain("Explain"),
            "options": [{"text": plain("shortly"), "value": "short"}, {"text": plain("fully"), "value": "full"}],
        },
    },
]
FORM: Block = {
    "type": "modal",
    "callback_id": "request",
    "title": plain("Request a database"),
    "submit": plain("Request"),
    "close": plain("Cancel"),
    "blocks": [
        {"type": "section", "text": mrkdwn("The owning team *data* is asked to approve.")},
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Name"),
            "hint": plain("Lower case letters, digits and dashes."),
            "element": {"type": "plain_text_input", "action_id": "name", "placeholder": plain("shop-orders")},
        },
        {
            "type": "input",
            "block_id": "plan",
            "label": plain("Plan"),
            "element": {
                "type": "radio_buttons",
                "action_id": "plan",
                "options": [
                    {"text": plain("small"), "value": "small", "description": plain("1 GiB, one replica")},
                    {"text": plain("large"), "value": "large", "description": plain("20 GiB, three replicas")},
                ],
            },
        },
        {
            "type": "input",
            "block_id": "why",
            "optional": True,
            "label": plain("Why"),
            "element": {"type": "plain_text_input", "action_id": "why", "multiline": True},
        },
    ],
}


def tell(client: WebClient, channel: str, user: str) -> str:
    """Post a verdict with its thread and a receipt; returns the root's ts."""
    client.chat_postEphemeral(channel=channel, user=user, text="Looking at *checkout* in *shop* (request `r-8f2c`).")
    root = str(client.chat_postMessage(channel=channel, text="checkout is down", blocks=VERDICT)["ts"])
    client.chat_postMessage(channel=channel, thread_ts=root, text="Evidence", blocks=EVIDENCE)
    client.chat_postMessage(channel=channel, thread_ts=root, text="Game plan", blocks=PLAN)
    return root
