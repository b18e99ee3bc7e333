"""Explorers: every state has a view, and the shell around them."""

import asyncio
import base64
import inspect
import json
import os
import random
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import altair as alt
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.capture import capture_output
from ipywidgets.widgets.widget import _instances

import course
from course import explore
from course.charts import chart
from course.data import read
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
    for n, name in enumerate(controls):
        seen = {}  # the other controls -> what was drawn
        for state, view in views.items():
            others = state[:n] + state[n + 1 :]
            moved |= {name} if seen.setdefault(others, view) != view else set()
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


MOST = (
    3000  # states that are all drawn: where each of many things can be picked, there are more
)


def sampled(explorer):
    """All states of an explorer in `.ci/run --all`; else the ends of each control, and some."""
    states = list(explorer.states())
    if os.environ.get("COURSE_TEST_ALL") == "1" and len(states) <= MOST:
        return states
    ends = {
        name: [control.pairs()[k][1] for k in (0, -1)]
        for name, control in explorer.controls.items()
    }
    chosen = [explorer.start(), *(explorer.start() | {n: end} for n in ends for end in ends[n])]
    some = 300 if os.environ.get("COURSE_TEST_ALL") == "1" else 4
    chosen += random.Random(explorer.title).sample(states, min(some, len(states)))
    return [state for state in states if state in chosen]


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_state_has_a_view(name):
    explorer = explore.explorer(name)
    views = {}
    for state in sampled(explorer):
        html, features = explorer.draw(**state)
        assert isinstance(html, str), state
        assert len(re.sub(r"<[^>]*>|\s", "", html)) > 3 or "<img" in html, state
        outline = Outline(html)
        assert all(len(a) >= 40 for a in outline.alts), state
        assert [u[:60] for u in outline.fetched if not u.startswith("data:")] == [], state
        assert gaps(html) == [], state
        assert unfit(features, explorer) == [], state
        views[tuple(state.values())] = html, features
    assert len(views) >= 3
    assert idle(views, list(explorer.controls)) == set()
    # it depends on the state alone: not on what was drawn before, nor on a notebook's settings
    with pd.option_context(*ODD):
        for state in (explorer.start(), state):
            assert explorer.draw(**state) == views[tuple(state.values())]


def unfit(features, explorer):
    """What is wrong with the features that a view draws on its map."""
    names = (
        {str(v) for _w, v in explorer.controls[explorer.picks].pairs()}
        if explorer.picks
        else ()
    )
    found = [] if json.loads(json.dumps(features)) == features else ["not as JSON has them"]
    found += ["too many"] if len(features) > 300 else []
    shapes = [
        s["properties"] for t in ("region_polygons", "countries") for s in read(t)["features"]
    ]
    known = {s.get("region_id") or s["iso_a3"] for s in shapes}
    for one in features:
        where = [one[kind] for kind in ("at", "line", "region", "country") if kind in one]
        if len(where) != 1:
            found.append(f"{len(where)} places: {one}")
        elif "region" in one or "country" in one:
            found += [] if where[0] in known else [f"no such shape: {one}"]
        else:
            points = [where[0]] if "at" in one else where[0]
            inside = all(-90 <= lat <= 90 and 0 < lon < 200 for lat, lon in points)
            found += [] if inside else [f"out of the world: {one}"]
        if "id" in one and (one["id"] not in names or not one.get("says")):
            found.append(f"cannot be picked: {one}")
    return found


def test_unfit_features_are_found():
    two = made(lambda kind, year: ("<p>x</p>", []))
    good = [
        {"at": [50, 120]},
        {"line": [[50, 120], [51, 121]]},
        {"region": "RU-AMU"},
        {"country": "CHN"},
    ]
    assert unfit(good, two) == []
    bad = [
        {"at": (50, 120)},
        {"at": [120, 50]},
        {"region": "CHN-1"},
        {"says": "x"},
        {"at": [1, 1], "id": "q"},
    ]
    assert len(unfit(bad, two)) == 5


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
    views = {tuple(s.values()): explorer.draw(**s) for s in explorer.states()}
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
def test_every_explorer_answers_its_controls(name):
    shell = getattr(course.explore, name)()
    assert shell.html == shell.explorer.draw(**shell.explorer.start())[0]
    for control, described in explore.explorer(name).controls.items():
        shell.set(**{control: described.pairs()[-1][1]})
    assert shell.html == shell.explorer.draw(**shell.state)[0]
    assert 'role="alert"' not in shell.html


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


def shown(do):
    """What a notebook shows while something is done."""
    InteractiveShell.instance()
    with capture_output() as captured:
        do()
    assert captured.stdout == captured.stderr == ""
    return captured.outputs


def test_a_move_redraws_and_adds_no_widget():
    shell = Shell(made())
    before = set(_instances)
    for year in (2015, 2017, 2016):
        for kind in ("b", "a"):
            shell.set(year=year)
            shell.set(kind=kind)
            assert shell.html == f"<p>{ {'kind': kind, 'year': year} }</p>"
            assert shell.state == {"kind": kind, "year": year}
    assert set(_instances) == before


def test_a_page_moves_it_by_numbers():
    shell = Shell(made())
    assert shell.get_state()["chosen"] == [0, 1]
    shell.set_state({"chosen": [1, 2]})
    assert shell.state == {"kind": "b", "year": 2017}
    assert shell.get_state()["controls"]["inputs"] == [
        {"label": "Kind", "slider": False, "words": ["a", "bee"]},
        {"label": "Year", "slider": True, "words": ["2015", "2016", "2017"]},
    ]


def run(moves):
    """Run what waits in a thread: Playwright leaves a loop running in the one of the tests."""
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, moves).result()


def test_each_state_is_drawn_once_and_before_it_is_asked_for():
    drawn = []
    shell = Shell(made(lambda **state: drawn.append(tuple(state.values())) or "<p>x</p>"))

    async def move(**changes):
        shell.set(**changes)
        await shell._ahead

    with capture_output():
        run(move(year=2017))
        assert drawn == [("a", 2017), ("b", 2017), ("a", 2016)]
        assert shell.state == {"kind": "a", "year": 2017}
        run(move(kind="b"))
    assert drawn[3:] == [("b", 2016)]


def test_a_move_breaks_off_what_the_last_one_had_drawn_ahead():
    drawn = []
    shell = Shell(made(lambda **state: drawn.append(tuple(state.values())) or "<p>x</p>"))

    async def moves():
        shell.set(year=2015)
        shell.set(year=2017)
        await shell._ahead

    with capture_output():
        run(moves())
    assert drawn == [("a", 2015), ("a", 2017), ("b", 2017), ("a", 2016)]


def test_what_cannot_be_chosen_is_explained():
    shell = Shell(made())
    with pytest.raises(CourseError, match="Did you mean 'year'"):
        shell.set(yaer=2017)
    with pytest.raises(CourseError, match=r"year cannot be 1999. Choose one of: 2015, 2016"):
        shell.set(year=1999)
    assert shell.state == {"kind": "a", "year": 2016}


def refuse(**state):
    """A view that cannot show some of its states."""
    if state["year"] == 2017:
        raise CourseError("Nothing <known> in 2017.")
    return "<p>fine</p>" if state["year"] == 2016 else 1 / 0


def test_a_view_that_fails_says_so():
    shell = Shell(made(refuse))
    shown(lambda: display(shell))
    shown(lambda: shell.set(year=2017))
    assert 'role="alert">⚠ Nothing &lt;known&gt; in 2017.' in shell.html
    (output,) = shown(lambda: shell.set(year=2015))
    assert "cannot be drawn (ZeroDivisionError: division by zero)" in output.data["text/html"]
    shell.set(year=2016)
    assert shell.html == "<p>fine</p>"
    with pytest.raises(ZeroDivisionError):
        [shell.explorer.draw(**state) for state in shell.explorer.states()]


def test_what_is_saved_is_plain_and_is_the_last_view():
    shell = Shell(made())
    place, wait, view = shown(lambda: display(shell))
    (moved,) = shown(lambda: shell.set(kind="b"))
    for output in (place, wait, view, moved):
        assert {*output.data} == {"text/html", "text/plain"}
        Outline(output.data["text/html"])
    assert "takes a few seconds" in wait.data["text/html"]  # as long as nothing is drawn
    assert moved.transient == view.transient == wait.transient == {"display_id": shell.token}
    assert (
        "<b>Things &amp; co.</b> Run this cell to use the controls." in place.data["text/html"]
    )
    assert f'data-course-explorer="{shell.token}"' in place.data["text/html"]
    assert "'kind': 'a'" in view.data["text/html"] and "'kind': 'b'" in moved.data["text/html"]
    assert "Kind: bee; Year: 2016" in moved.data["text/html"]
    assert moved.data["text/plain"] == repr(shell) == "Things & co. Kind: bee; Year: 2016."


@pytest.mark.parametrize("make", [lambda: Shell(made()), lambda: course.LiveMap()])
def test_a_cell_run_again_leaves_nothing_behind(make, monkeypatch):
    shell = InteractiveShell.instance()
    before = set(_instances)
    for run in range(3):
        message = {"metadata": {"cellId": "one"}, "header": {"msg_id": f"run {run}"}}
        monkeypatch.setattr(shell, "parent_header", message, raising=False)
        both = [make(), make()]
    assert len(set(_instances) - before) == 4  # each has a layout
    assert {one.model_id for one in both} <= set(_instances)
    message = {"metadata": {"cellId": "two"}, "header": {"msg_id": "another"}}
    monkeypatch.setattr(shell, "parent_header", message)
    make()
    assert len(set(_instances) - before) == 6


# --- an explorer with a map -----------------------------------------------------------


def mapped(view=None):
    """A small explorer with a map, on which its control can be picked."""
    towns = {"heihe": [50.2, 127.5], "harbin": [45.8, 126.5]}

    def draw(town, size):
        seen = [
            {"at": at, "id": name, "says": name, "radius": size} for name, at in towns.items()
        ]
        return f"<p>{town} {size}</p>", seen

    controls = {"size": Control("Size", [3, 9]), "town": Control("Town", list(towns))}
    return Explorer(
        "Towns", controls, view or draw, area="heilongjiang", picks="town", alt="Two towns"
    )


def test_features_follow_the_controls():
    shell = Shell(mapped())
    assert [f["radius"] for f in shell._stage.features] == [3, 3]
    shell.set(size=9)
    assert [f["radius"] for f in shell._stage.features] == [9, 9]
    assert shell.html == "<p>heihe 9</p>"


def test_what_is_picked_on_the_map_is_chosen_and_the_other_way_round():
    shell = Shell(mapped())
    assert shell._stage.picked == "heihe"
    shell._stage.picked = "harbin"
    assert shell.html == "<p>harbin 3</p>"
    shell.set(town="heihe")
    assert shell._stage.picked == "heihe"
    shell._stage.picked = "nowhere"  # a page may send anything
    assert shell.html == "<p>heihe 3</p>"


def test_a_view_that_fails_empties_the_map():
    shell = Shell(
        mapped(lambda town, size: 1 / (size - 9) and ("<p>x</p>", [{"country": "CHN"}]))
    )
    assert shell._stage.features == [{"country": "CHN"}]
    shell.set(size=9)
    assert shell._stage.features == [] and 'role="alert"' in shell.html


def test_the_map_of_an_explorer_is_saved_as_a_picture():
    features = [
        {"at": [50.2, 127.5], "fill": "#0072B2"}, {"line": [[50, 127], [45, 126]], "color": "#D55E00"},
        {"region": "CN-HL", "fill": "#CC79A7"}, {"country": "MNG", "fill": "#E69F00"},
    ]  # fmt: skip
    shell = Shell(mapped(lambda town, size: ("<p>x</p>", features)))
    html = shell._stage._repr_mimebundle_()["text/html"]
    (packed,) = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]*)"', html)
    svg = base64.b64decode(packed).decode("utf-8")
    for colour in ("#0072B2", "#D55E00", "#CC79A7", "#E69F00"):
        assert colour in svg
