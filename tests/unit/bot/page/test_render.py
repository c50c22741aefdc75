"""HTML pages: complete, escaped, without anything that runs."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from bot.page.render import page
from explainers.document import Document, Evidence, Link, Picture, Stage, StageState, Tone, Unchecked
from explainers.kinds import DEPLOYMENT
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.operations.workloads import Scale
from explainers.plan import Plan, Step

STEP = Step(Get(DEPLOYMENT, "shop", "web"), "look at `web`", "it is there")


class Tags(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


def read(text: str) -> Tags:
    parser = Tags()
    parser.feed(text)
    return parser


def test_everything_that_a_document_says_is_on_the_page() -> None:
    document = Document(
        Tone.FAULT, "`web` is down: why.", ("sure",), (Evidence("pod web-1", "exit 1", "3 s ago"),), ("also this",),
        ("image pulled",), (Unchecked("logs", "get pods/log", "grant line"),), Plan((STEP,), (STEP,)),
        "Because.", (Link("Title", "https://kubernetes.io/"),), Picture("<svg/>", "a path"), "some code",
    )  # fmt: skip
    said, text = read(page(document)).said, page(document)
    expected = ("is down: why.", "sure", "pod web-1", "exit 1", "3 s ago", "also this", "image pulled", "get pods/log")
    for words in (*expected, "grant line", "kubectl -n shop get deployment web", "Because.", "some code"):
        assert words in said
    assert "<code>web</code>" in text
    assert 'alt="a path"' in text
    assert 'href="https://kubernetes.io/"' in text


@given(st.text(max_size=200))
def test_nothing_that_a_cluster_says_becomes_a_tag(text: str) -> None:
    document = Document(Tone.FAULT, text, (text,), (Evidence(text, text, text),), code=text, explanation=text)
    tags = read(page(document)).tags
    assert set(tags) <= {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "span", "p", "table",
                         "thead", "tbody", "tr", "th", "td", "pre", "code"}  # fmt: skip


def test_stages_and_undo_are_said() -> None:
    back, gone = Step(Scale(DEPLOYMENT, "shop", "web", 3, 1), "more"), Step(Delete(DEPLOYMENT, "shop", "web"), "remove")
    stages = (Stage("build", StageState.DONE, "took the cache", "12 s"),)
    said = read(page(Document(Tone.WORKING, "x", stages=stages, plan=Plan((back, gone))))).said
    assert "build done, 12 s: took the cache" in " ".join(said.split())
    assert back.inverse is not None
    assert back.inverse.line() in said
    assert said.count("No undo is offered") == 1


def test_a_script_in_the_text_stays_text() -> None:
    assert "<script>" not in page(Document(Tone.INFO, "<script>alert(1)</script>", code="</pre><script>"))
