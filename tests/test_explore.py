"""Explorers: every state has a view, and the shell around them."""

import inspect
import itertools
import os
import random
import re
from html.parser import HTMLParser

import altair as alt
import ipywidgets
import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances

import course
from course import explore
from course.charts import chart
from course.errors import CourseError
from course.explore import Control, Explorer, Shell
from course.lessons import EXPLORERS


def made(view=None, **controls):
    """A small explorer."""
    controls = controls or {
        "kind": Control("Kind", ["a", ("bee", "b")]),
        "year": Control("Year", lambda: [2015, 2016, 2017], start=2016, slider=True),
    }
    return Explorer("Things & co", controls, view or (lambda **state: f"<p>{state}</p>"))


def gaps(html):
    """Words for a missing figure that a view shows by mistake, also inside its charts."""
    found = re.findall(r">\s*(nan|NaN|None|NaT)\s*<", html)
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        found += re.findall(r"NaN|undefined|Infinity|\b(?:nan|null|None|NaT)\b", svg)
    return found


def idle(views, controls):
    """Controls that never change the view, all others left alone.

    Args:
        views: state, as a tuple of values -> its view.
        controls: their names, in the order of the values.
    """
    moved = set()
    for (one, first), (two, second) in itertools.combinations(views.items(), 2):
        differ = [c for c, a, b in zip(controls, one, two, strict=True) if a != b]
        if len(differ) == 1 and first != second:
            moved.add(*differ)
    return set(controls) - moved


class Outline(HTMLParser):
    """Checks that tags close in order, and gathers what images say."""

    SINGLE = {"br", "hr", "img", "input", "meta", "link", "col", "wbr"}

    def __init__(self, text):
        super().__init__()
        self.open, self.alts, self.fetched = [], [], []
        self.feed(text)
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "img":
            self.alts.append(attrs.get("alt") or "")
        if tag in {"img", "script", "iframe", "link"}:
            self.fetched += [v for k, v in attrs.items() if k in {"src", "href"} and v]
        if tag not in self.SINGLE:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.SINGLE:
            assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"


# --- every explorer of the course -----------------------------------------------

ODD = ("display.float_format", "{:.0f} odd".format, "display.chop_threshold", 50)
ODD += ("display.precision", 0, "display.max_colwidth", 8, "display.max_rows", 2)


def sampled(explorer):
    """All states of an explorer in `.ci/run --all`; else the ends of each control, and some."""
    states = list(explorer.states())
    if os.environ.get("COURSE_TEST_ALL") == "1":
        return states
    ends = {
        name: [control.pairs()[k][1] for k in (0, -1)]
        for name, control in explorer.controls.items()
    }
    chosen = [explorer.start(), *(explorer.start() | {n: end} for n in ends for end in ends[n])]
    chosen += random.Random(explorer.title).sample(states, min(4, len(states)))
    return [state for state in states if state in chosen]


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_state_has_a_view(name):
    explorer = explore.explorer(name)
    views = {}
    for state in sampled(explorer):
        html = explorer.html(**state)
        assert isinstance(html, str), state
        assert len(re.sub(r"<[^>]*>|\s", "", html)) > 3 or "<img" in html, state
        outline = Outline(html)
        assert all(len(a) >= 40 for a in outline.alts), state
        assert [u[:60] for u in outline.fetched if not u.startswith("data:")] == [], state
        assert gaps(html) == [], state
        views[tuple(state.values())] = html
    assert len(views) >= 3
    assert idle(views, list(explorer.controls)) == set()
    # it depends on the state alone: not on what was drawn before, nor on a notebook's settings
    with pd.option_context(*ODD):
        for state in (explorer.start(), state):
            assert explorer.html(**state) == views[tuple(state.values())]


def said(words):
    """A chart with these words in it."""
    text = alt.Chart(pd.DataFrame({"words": [words]})).mark_text().encode(text="words:N")
    return chart(
        text, alt="A chart that was made for one test only.", sources="x"
    )._repr_html_()


def test_a_gap_inside_a_chart_is_found():
    assert gaps(said("5 km")) == []
    assert gaps(said("NaN km")) != []
    assert gaps("<td> nan </td>") == ["nan"]


def test_a_control_without_effect_is_found():
    explorer = made(lambda kind, year: f"<p>{year}</p>")
    views = {tuple(s.values()): explorer.html(**s) for s in explorer.states()}
    assert idle(views, list(explorer.controls)) == {"kind"}


@pytest.mark.parametrize("name", EXPLORERS)
def test_controls_fit_the_view(name):
    explorer = explore.explorer(name)
    assert explorer.title
    wanted = inspect.signature(explorer.view).parameters
    assert set(explorer.controls) == set(wanted)
    start = explorer.start()
    for key, control in explorer.controls.items():
        values = [value for _, value in control.pairs()]
        assert control.label.strip()
        assert len(values) == len(set(values)) >= 2, key
        assert len({words for words, _ in control.pairs()}) == len(values), key
        assert start[key] in values, key


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_explorer_becomes_a_widget(name):
    shell = getattr(course.explore, name)()
    assert shell.shown.value == explore.explorer(name).html()
    for control, box in shell.inputs.items():
        box.value = [v for _, v in explore.explorer(name).controls[control].pairs()][-1]
    assert 'role="alert"' not in shell.shown.value
    html = shell._repr_mimebundle_()["text/html"]
    assert shell.shown.value in html


# --- states ------------------------------------------------------------------------


def test_states_are_all_combinations():
    states = list(made().states())
    assert len(states) == 6
    assert {"kind": "b", "year": 2017} in states
    assert made().start() == {"kind": "a", "year": 2016}


def test_a_start_that_is_false_is_a_start():
    explorer = made(open=Control("Open", [("yes", True), ("no", False)], start=False))
    assert explorer.start() == {"open": False}


def test_unknown_explorer_is_explained():
    with pytest.raises(CourseError, match="Did you mean 'claims'"):
        explore.explorer("claim")
    with pytest.raises(AttributeError, match="It has: "):
        course.explore.nothing  # noqa: B018


def test_tab_shows_the_explorers():
    assert dir(course.explore) == sorted([*EXPLORERS, "explorer"])


# --- the shell ---------------------------------------------------------------------


def test_moving_a_control_redraws_and_adds_no_widget():
    shell = Shell(made())
    before = set(_instances)
    shown = shell.shown
    for year in (2015, 2017, 2016):
        for kind in ("b", "a"):
            shell.inputs["year"].value = year
            shell.inputs["kind"].value = kind
            assert shell.shown.value == f"<p>{ {'kind': kind, 'year': year} }</p>"
    assert set(_instances) == before
    assert shell.shown is shown


def test_each_move_draws_once():
    drawn = []
    shell = Shell(made(lambda **state: drawn.append(state) or "<p>x</p>"))
    shell.inputs["year"].value = 2017
    assert drawn == [{"kind": "a", "year": 2016}, {"kind": "a", "year": 2017}]


def test_controls_have_words_and_the_right_kind():
    shell = Shell(made())
    assert isinstance(shell.inputs["kind"], ipywidgets.Dropdown)
    assert isinstance(shell.inputs["year"], ipywidgets.SelectionSlider)
    assert [box.description for box in shell.inputs.values()] == ["Kind", "Year"]


def refuse(**state):
    """A view that cannot show one of its states."""
    if state["year"] == 2017:
        raise CourseError("Nothing <known> in 2017.")
    return "<p>fine</p>"


def test_a_mistake_a_student_can_mend_is_shown():
    shell = Shell(made(refuse))
    shell.inputs["year"].value = 2017
    assert 'role="alert">⚠ Nothing &lt;known&gt; in 2017.' in shell.shown.value
    shell.inputs["year"].value = 2015
    assert shell.shown.value == "<p>fine</p>"


def broken(**state):
    """A view with a mistake of the author's in one state."""
    return "<p>fine</p>" if state["year"] != 2017 else 1 / 0


def test_a_planted_broken_view_is_found():
    explorer = made(broken)
    with pytest.raises(ZeroDivisionError):
        [explorer.html(**state) for state in explorer.states()]
    shell = Shell(explorer)
    with pytest.raises(ZeroDivisionError):
        shell.inputs["year"].value = 2017


def test_export_shows_the_state_of_now():
    shell = Shell(made())
    shell.inputs["kind"].value = "b"
    bundle = shell._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].startswith("<h4>Things &amp; co</h4>")
    assert "'kind': 'b'" in bundle["text/html"]
