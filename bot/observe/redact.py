"""The redactor for a reply as a whole; what it looks for is said in explainers/redaction.py."""

from dataclasses import replace

from explainers.document import Attachment, Document, Picture
from explainers.redaction import redact, redact_shapes

__all__ = ["redact_document", "redact_shapes"]


def redact_document(document: Document) -> Document:
    """A reply fit to leave: output (logs) is searched for names too, what explains for shapes only.

    Plans stay as they are: operations never hold a credential, and a command must be copied as it runs.
    """
    return replace(
        document,
        headline=redact_shapes(document.headline),
        facts=tuple(map(redact_shapes, document.facts)),
        evidence=tuple(replace(item, text=redact_shapes(item.text)) for item in document.evidence),
        consequences=tuple(map(redact_shapes, document.consequences)),
        fine=tuple(map(redact_shapes, document.fine)),
        stages=tuple(replace(stage, detail=redact_shapes(stage.detail)) for stage in document.stages),
        picture=_of_picture(document.picture),
        explanation=redact_shapes(document.explanation),
        code=redact(document.code),
        attachment=_of_file(document.attachment),
    )


def _of_file(attachment: Attachment | None) -> Attachment | None:
    return attachment and replace(attachment, text=redact(attachment.text))


def _of_picture(picture: Picture | None) -> Picture | None:
    return picture and replace(picture, svg=redact_shapes(picture.svg), alt=redact_shapes(picture.alt))
