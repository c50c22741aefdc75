"""The exceptions that reach a person, and what they say.

    TesseraError
    ├── UsageError        the person typed something that is not understood; says the right form
    ├── NotFound          the thing named does not exist; says the nearest names
    ├── Ambiguous         several things have that name; says how to name one
    ├── Denied            policy or the cluster refuses; says the line that would allow it
    └── Unavailable       a part did not answer; says which, and what is known of a change

Final errors are answered at once. `Unavailable` is retryable: a job that meets it is run again.
"""


class TesseraError(Exception):
    """Base of all errors meant for people. `hint` is the next thing to type or do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TesseraError):
    """The text is not a valid command."""


class NotFound(TesseraError):
    """The target does not exist."""


class Ambiguous(TesseraError):
    """The name fits several targets."""


class Denied(TesseraError):
    """Policy, or the cluster's own access control, says no."""


class Unavailable(TesseraError):
    """A part (cluster, Redis, Slack) did not answer."""
