"""The keys that stored credentials are encrypted with, from a mounted file that only the bot can read.

One key a line, each 32 bytes in URL-safe base64 (https://github.com/fernet/spec/blob/master/Spec.md). The first
encrypts, all decrypt: to change keys, put a new one first, run `tessera keys rotate`, then remove the old one.
"""

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from commands.base.errors import UsageError

HOW = "make a key: `tessera keys new > keys`, keep that file apart from Redis, and name it in TESSERA_SECRET_KEYS_FILE"


class Keys:
    """Seals and opens texts. The file is read anew each time: a new key counts at once. Without a file, nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def given(self) -> bool:
        return self._path is not None

    def seal(self, text: str) -> str:
        """A text, encrypted with the first key. Raises UsageError without usable keys."""
        return self._all().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What `seal` was given. Raises UsageError when no key opens it; neither text is repeated."""
        try:
            return self._all().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise _unopened() from None

    def renew(self, sealed: str) -> str:
        """The same, encrypted with the first key. Raises UsageError as `open` does."""
        try:
            return self._all().rotate(sealed.encode()).decode()
        except InvalidToken:
            raise _unopened() from None

    def _all(self) -> MultiFernet:
        if self._path is None:
            raise UsageError("Credentials cannot be stored here: there is no key to encrypt them with.", HOW)
        try:
            lines = self._path.read_text("ascii").split()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it holds more than base64"
            raise UsageError(f"The keys in {self._path} cannot be read: {why}.", HOW) from None
        try:
            return MultiFernet([Fernet(line) for line in lines])
        except ValueError:  # also for no line at all; its text may quote the key
            raise UsageError(f"{self._path} does not hold keys, one a line.", HOW) from None


class OwnKeys:
    """Keys of this process alone, for what ends with it."""

    def __init__(self) -> None:
        self._fernet = Fernet(Fernet.generate_key())

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        return self._fernet.decrypt(sealed.encode()).decode()


def new_key() -> str:
    """A random key, as a line of the file."""
    return Fernet.generate_key().decode()


def _unopened() -> UsageError:
    return UsageError(
        "A stored credential was encrypted with a key that is not in the keys file any more.",
        "put that key back as the last line, or `/connect remove` the connection and add it again",
    )
