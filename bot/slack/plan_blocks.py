"""The game plan in Slack: each step marked as reading or changing, its command a block that is copied whole."""

from bot.slack.message import SECTION, Block, context, fit_code, section
from bot.slack.mrkdwn import cut, mrkdwn
from explainers.plan import Plan, Step


def plan_blocks(plan: Plan, title: str = "Game plan") -> list[Block]:
    """The steps in order, then the alternatives, each introduced by "or"."""
    if not plan.steps and not plan.alternatives:
        return []
    blocks = [section(f"*{title}*")]
    for number, step in enumerate(plan.steps, 1):
        blocks += _step(step, f"{number}.")
    for step in plan.alternatives:
        blocks += _step(step, "or")
    return blocks


def plan_text(plan: Plan) -> str:
    """The same in one line of words, for the fallback text."""
    return "; ".join(f"{_mark(step)} {step.operation.line()}" for step in plan.steps)


def _step(step: Step, number: str) -> list[Block]:
    why = f" — {mrkdwn(step.why)}" if step.why else ""
    blocks = [
        section(cut(f"{number} *{_mark(step)}*{why}", SECTION)),
        section(fit_code(step.operation.line())),
    ]
    notes = [f"Expect: {mrkdwn(step.expect)}"] if step.expect else []
    if step.changes:
        notes.append(
            "No undo is offered for this step." if step.inverse is None else f"Undo: {mrkdwn(f'`{step.reversible}`')}"
        )
    return [*blocks, context(" · ".join(notes))] if notes else blocks


def _mark(step: Step) -> str:
    return "changes" if step.changes else "reads"
