"""A long log is kept whole while it is small, and with its beginning and end when it is not."""

from hypothesis import given
from hypothesis import strategies as st

from commands.base.long_log import LongLog

_line = st.text(alphabet="ab ", max_size=12)


@given(st.lists(_line, max_size=60))
def test_a_short_log_is_whole(lines: list[str]) -> None:
    log = LongLog()
    for line in lines:
        log.add(f"{line}\n")
    assert log.text().split("\n") == (lines or [""])
    assert len(log) == len(lines)
    assert log.tail(15) == tuple(lines[-15:])


@given(st.lists(_line, min_size=1, max_size=200), st.integers(0, 60), st.integers(1, 60))
def test_a_long_one_has_its_beginning_its_end_and_the_number_between(lines: list[str], first: int, last: int) -> None:
    log = LongLog(first, last)
    log.add("\n".join(lines) + "\n")
    text = log.text().split("\n")
    gaps = [line for line in text if line.startswith("…")]
    assert len(log) == len(lines)
    if not gaps:
        assert text == lines
        return
    at = text.index(gaps[0])
    assert text[:at] == lines[:at]
    assert text[at + 1 :] == lines[-len(text[at + 1 :]) :]
    assert gaps == [f"… {len(lines) - len(text) + 1:,} lines left out …"]
    assert log.tail(len(text) - at - 1) == tuple(text[at + 1 :])


def test_its_memory_is_bounded() -> None:
    log = LongLog(1000, 1000)
    for number in range(10_000):
        log.add(f"line {number}")
    log.add("x" * 5000)  # one line alone may be longer
    assert len(log.text()) < 1000 + 5000 + 100
    assert len(log) == 10_001
