"""How feedback, hints, solutions and progress look, in a notebook and on a terminal."""

import io
import sys

import pandas as pd
import pytest
from IPython.lib.pretty import pretty

from course.exercises.show import LOOKS, Feedback, Progress, Solution


def progress(*rows, notes=()):
    table = pd.DataFrame(rows, columns=["id", "ask", "status", "tries", "saved"])
    return Progress(table.set_index("id"), notes)


SHOWN = [
    Feedback("98.1", "passed", "Words.", ("A note.",)),
    Feedback("98.1", "not attempted", "Count.", title="Hint 1 of 2"),
    Solution("98.1", "x = 42", "So it is."),
    progress(("98.1", "Say it", "passed", 2, True), ("98.2", "Ask", "not yet", 1, False)),
]


@pytest.mark.parametrize("status", LOOKS)
def test_status_is_a_symbol_a_word_and_a_colour(status):
    symbol, word, colour = LOOKS[status]
    html = Feedback("98.1", status, "Words.")._repr_html_()
    assert f"<strong>{symbol} {word} · 98.1</strong>" in html and 'role="status"' in html
    assert f"background:{colour}29;" in html and f"solid {colour};" in html
    assert "color:" not in html.replace(
        f"background:{colour}", ""
    )  # the letters are the page's
    assert repr(Feedback("98.1", status, "")) == f"{symbol} {word} · 98.1"


def test_a_solution_is_folded_up():
    html = SHOWN[2]._repr_html_()
    assert "<details" in html and "<summary>" in html and 'role="status"' not in html


def test_progress_tells_saved_from_unsaved():
    shown = SHOWN[3]
    assert shown.summary == "1 of 2 exercises done. 1 is not saved yet."
    assert "✓ Passed</td>" in shown._repr_html_() and "✓ Passed  " in repr(shown)
    for text in (shown._repr_html_(), repr(shown)):
        assert text.count("✗ Not yet · not saved yet") == 1 and shown.summary in text
    assert progress(("98.1", "Ask", "passed", 2, True)).summary == "1 of 1 exercises done."
    assert shown._repr_html_().count("<th ") == 4


def test_what_is_shown_is_escaped():
    words = "<script>alert(1)</script>"
    for thing in (
        Feedback(words, "not yet", words, (words,)),
        Feedback(words, "passed", words, (words,), title=words),
        Solution(words, words, words),
        progress((words, words, "passed", words, True), notes=(words,)),
    ):
        assert "<script" not in thing._repr_html_() and "&lt;script" in thing._repr_html_()


@pytest.mark.parametrize("thing", SHOWN, ids=lambda thing: type(thing).__name__)
@pytest.mark.parametrize("encoding", ["gbk", "cp1251", "ascii", "utf-8"])
def test_any_console_shows_it(thing, encoding, monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    console.write(repr(thing))
    console.write(pretty(thing))  # as IPython does
    console.flush()
    monkeypatch.undo()
    text = console.buffer.getvalue().decode(encoding)
    assert "98.1" in text and "\n" in text and "\\n" not in text
