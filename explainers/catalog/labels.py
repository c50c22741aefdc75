"""The labels that make a ConfigMap part of a catalog, under the historical prefix or Tessera's own."""

import difflib
import re
from collections.abc import Mapping

from explainers.catalog.tables import ENTRY_KIND, LABEL_PREFIXES

Labels = Mapping[str, str]
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


def values(labels: Labels, name: str) -> dict[str, str]:
    """What `mesitis/NAME`, `tessera/NAME` and `tessera.dev/NAME` say, by label."""
    return {prefix + name: labels[prefix + name] for prefix in LABEL_PREFIXES if prefix + name in labels}


def is_entry(labels: Labels) -> bool:
    return ENTRY_KIND in values(labels, "kind").values()


def kind_problem(labels: Labels) -> str:
    """What to say about a label that is nearly the one of an entry; empty when there is none."""
    for label, value in values(labels, "kind").items():
        words = value.lower().replace("_", "-").replace(".", "-")
        if value != ENTRY_KIND and difflib.SequenceMatcher(None, words, ENTRY_KIND).ratio() > 0.8:
            return f"The label `{label}` says `{value}`, so this is no entry. Write `{label}: {ENTRY_KIND}`."
    return ""


def is_enabled(labels: Labels) -> bool:
    """Whether it is switched on: exactly "true", and no other label that says something else."""
    return set(values(labels, "enabled").values()) == {"true"}


def enabled_problem(labels: Labels) -> str:
    """Why something is not switched on, unless that is plainly meant ("false")."""
    said = values(labels, "enabled")
    if not said:
        return f'Nothing switches this on, so it is not used: give it the label `{_prefix(labels)}enabled: "true"`.'
    for label, value in said.items():
        if value not in ("true", "false"):
            return f'`{label}` says "{value}", so this is not used: only exactly "true" switches it on.'
    if len(set(said.values())) > 1:
        return f"{' and '.join(f'`{label}`' for label in said)} say different things, so this is not used: keep one."
    return ""


def order(labels: Labels) -> tuple[float, str]:
    """The place among the objects of an instance, 0 without a label; and what is wrong with the label."""
    for label, value in values(labels, "order").items():
        if not _NUMBER.fullmatch(value):
            return 0, f'`{label}` says "{value}"; it must be a number, like "2".'
        return float(value), ""
    return 0, ""


def has_order(labels: Labels) -> bool:
    return bool(values(labels, "order"))


def _prefix(labels: Labels) -> str:
    """The prefix that the other labels have."""
    used = (prefix for prefix in LABEL_PREFIXES if any(label.startswith(prefix) for label in labels))
    return next(used, LABEL_PREFIXES[0])
