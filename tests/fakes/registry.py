"""An ImageRegistry of plain data: digests by reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from commands.base.errors import Denied, TesseraError, UsageError
from explainers.builds.references import BadReference, Reference, parse_reference, parse_repository


@dataclass
class FakeRegistry:
    """Implements ImageRegistry. `denied` are hosts that want a login; `fails` raises for each question to a host."""

    images: dict[str, str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    fails: dict[str, TesseraError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    labelled: dict[str, dict[str, str]] = field(default_factory=dict)

    def push(self, reference: str, digest: str, labels: Mapping[str, str] | None = None) -> None:
        """Store an image under its tag and its digest."""
        image = parse_reference(reference)
        self.labelled[digest] = dict(labels or {})
        self.images[str(image)] = digest
        self.images[str(image.with_digest(digest))] = digest

    def digest(self, reference: str) -> str | None:
        image = self._of(reference)
        full = image if image.tag or image.digest else image.with_tag("latest")
        return self.images.get(str(full.with_digest(full.digest) if full.digest else full))

    def labels(self, reference: str) -> Mapping[str, str] | None:
        digest = self.digest(reference)
        return self.labelled.get(digest, {}) if digest else None

    def tags(self, repository: str) -> list[str]:
        image = self._of(repository, whole=True)
        return [parse_reference(each).tag for each in self.images if each.startswith(f"{image.repository}:")]

    def may_push(self, repository: str) -> None:
        self._of(repository, whole=True)

    def _of(self, written: str, whole: bool = False) -> Reference:
        try:
            image = parse_repository(written) if whole else parse_reference(written)
        except BadReference as error:
            raise UsageError(error.message, error.hint) from error
        self.asked.append(written)
        if image.host in self.fails:
            raise self.fails[image.host]
        if image.host in self.denied:
            raise Denied(f"{image.host} wants a login for {image.path}.", f"add a login for {image.host} with /connect")
        return image
