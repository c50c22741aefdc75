"""The shapes of an explained failure, and of what recognises one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from re import Match

from explainers.builds.errors.output import Output, sentence, window
from explainers.patterns import Pattern


@dataclass(frozen=True)
class Trouble:
    """A failed build in plain words.

    `kind` is a key of the kinds; `headline` one sentence with the real names; `line` the line of the output that
    proves it, empty where nothing was printed. `retry` says whether trying again without a change can help.
    """

    kind: str
    headline: str
    line: str
    explanation: str
    advice: str
    retry: bool
    reading: str

    @classmethod
    def told(cls, message: str, hint: str) -> "Trouble":
        """A failure that its finder has put in words: source that cannot be had, or cannot be built."""
        advice = sentence(hint[0].upper() + hint[1:]) if hint else ""
        return cls("source", message, "", "", advice, False, "")


@dataclass(frozen=True)
class Kind:
    """A kind of failure: why it happens in two sentences, what to do, where to read on."""

    key: str
    explanation: str
    advice: str
    reading: str
    retry: bool = False


@dataclass(frozen=True)
class Finding:
    """What a family recognised. `explanation`, `advice` and `retry` replace those of the kind where they are given."""

    kind: Kind
    headline: str
    line: str
    advice: str = ""
    explanation: str = ""
    retry: bool | None = None

    def trouble(self) -> Trouble:
        kind = self.kind
        retry = kind.retry if self.retry is None else self.retry
        explanation, advice = self.explanation or kind.explanation, self.advice or kind.advice
        return Trouble(kind.key, self.headline, self.line, explanation, advice, retry, kind.reading)


Names = Callable[[Output, Mapping[str, str]], Mapping[str, str]]
"""More names for a headline, from the whole output and the named groups of the match."""


def no_names(_output: Output, _groups: Mapping[str, str]) -> Mapping[str, str]:
    """The groups of the match are enough."""
    return {}


@dataclass(frozen=True)
class Sign:
    """The wording of one failure in one program.

    `headline`, `advice` and `explanation` may hold `{name}` of the named groups of `words` and of `names`.
    """

    kind: Kind
    words: Pattern
    headline: str
    advice: str = ""
    explanation: str = ""
    names: Names = no_names
    retry: bool | None = None
    when: Callable[[Output], bool] = lambda _output: True

    def on(self, line: str, output: Output) -> Finding | None:
        """What it says of one line; None when the line does not have the wording."""
        found = self.words.search(line)
        if not found or not self.when(output):
            return None
        known = {**named(found)}
        known.update(self.names(output, known))
        advice, why = self.advice.format_map(known), self.explanation.format_map(known)
        headline = sentence(self.headline.format_map(known))
        return Finding(self.kind, headline, window(line, found.start()), advice, why, self.retry)


def named(found: "Match[str]") -> dict[str, str]:
    """The named groups; empty for those that are not there."""
    return {name: value or "" for name, value in found.groupdict().items()}
