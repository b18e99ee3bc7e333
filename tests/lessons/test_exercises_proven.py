"""Every exercise proves itself: right answers pass, each mistake gets its own words."""

import ast
import functools
import unicodedata
from decimal import Decimal

import folium
import numpy as np
import pandas as pd
import pytest

from course.exercises.values import is_number, unwrap
from course.exercises.verbs import Exercise, exercises, layers, lessons, points
from course.lessons import contracts, room
from course.maps.area import area_map

LESSONS = lessons()


def _every() -> list[Exercise]:
    found: list[Exercise] = []
    for lesson in LESSONS:
        try:
            found += exercises(lesson).values()
        except Exception:  # test_ids_belong_to_their_lesson fails for this one
            continue
    return found


each = pytest.mark.parametrize("task", _every(), ids=lambda task: task.id)


# --- the same answer in other forms -------------------------------------------


def forms(task: Exercise) -> list:
    """At least four ways to hand in the right answer."""
    return _FORMS[task.kind](task.answer(), task)


def _number(value, task):
    value = unwrap(value)
    if not is_number(value):  # True or False
        return [value, np.bool_(value), pd.Series([value]), np.array(value)]
    value = float(value)
    whole = int(value) if value.is_integer() else np.float64(value)
    return [
        whole, value, np.float64(value), np.array(value), np.array([value]),
        pd.Series([value], index=["total"]), pd.DataFrame({"x": [value]}), Decimal(value),
    ]  # fmt: skip


def _text(value, task):
    value = unwrap(value)
    if not isinstance(value, str):
        return _number(value, task)
    return [
        value, value.upper(), f"  {value}\n", unicodedata.normalize("NFD", value),
        np.str_(value), pd.Series([value]), pd.Series([value], dtype=object),
    ]  # fmt: skip


def _set(value, task):
    items = list(value)
    many = [
        items, items[::-1], tuple(items), set(items), frozenset(items),
        pd.Series(items), pd.Index(items), dict.fromkeys(items).keys(),
        pd.DataFrame({"x": items}), np.array(items, dtype=object),
    ]  # fmt: skip
    return many if task.no_duplicates else [*many, items + items]


def _mapping(value, task):
    series = pd.Series(value)
    pairs = list(series.items())
    if series.index.nlevels > 1:
        return [series, series[::-1], dict(pairs), dict(pairs[::-1]), series.to_frame()]
    return [
        series, series[::-1], dict(pairs), dict(pairs[::-1]), series.astype(object),
        series.rename_axis("other"), series.to_frame("other"),
        pd.DataFrame({"key": [k for k, _ in pairs], "value": [v for _, v in pairs]}),
    ]  # fmt: skip


def _table(value, task):
    frame = value if isinstance(value, pd.DataFrame) else pd.DataFrame(value)
    plain = frame.index.equals(pd.RangeIndex(len(frame))) and frame.index.name is None
    flat = frame if plain else frame.reset_index()
    many = [
        frame, frame[::-1], frame[frame.columns[::-1]], flat, flat.sample(frac=1, random_state=1),
        flat.astype(object), flat.set_index(flat.columns[0]), flat.to_dict("records"),
        flat.rename(columns=str.upper),
    ]  # fmt: skip
    return many if task.exact_columns else [*many, flat.assign(helper=0)]


# layers are asked for: in another layer the right things would be wrong
LAYERED = {"02.3", "03.8", "04.8", "07.8"}
# a marker of any kind will do: no size, no filling is asked for
ANY_MARKER = {"01.8", "02.3", "03.8", "05.2"}


def _map(value, task):
    value.get_root().html.add_child(folium.Element("<p>A title</p>"))
    many = [
        value, _moved(task.answer(), area_map("borderland", "ru")),
        _moved(task.answer(), folium.Map([60, 100], zoom_start=2)), _more(task.answer()),
    ]  # fmt: skip
    many += [] if task.id in LAYERED else [_grouped(task.answer())]
    return [*many, _other_markers(task.answer())] if task.id in ANY_MARKER else many


def _content(m):
    drawn = (folium.map.Layer, folium.Marker, folium.PolyLine, folium.LayerControl)
    return [c for c in m._children.values() if isinstance(c, drawn)]


def _moved(m, other):
    """The same things on another map: of another area, in another zoom."""
    for child in _content(m):
        child.add_to(other)
    return other


def _more(m):
    """The same map with two layers nobody asked for."""
    shape = {"type": "Polygon", "coordinates": [[[120, 50], [121, 50], [121, 51], [120, 50]]]}
    folium.GeoJson({"type": "Feature", "properties": {}, "geometry": shape}).add_to(m)
    folium.FeatureGroup("nothing yet").add_to(m)
    return m


def _grouped(m):
    """The same map with all things in a layer of their own."""
    group = folium.FeatureGroup("all of it")
    for child in _content(m):
        m._children.pop(child.get_name())
        child.add_to(group)
    group.add_to(m)
    return m


def _other_markers(m):
    """The same map with circles for pins, and pins for circles."""
    for old in layers(m, folium.Marker):
        kind = folium.CircleMarker if type(old) is folium.Marker else folium.Marker
        old._parent._children.pop(old.get_name())
        new = kind(old.location).add_to(old._parent)
        for child in old._children.values():
            child.add_to(new)
    return m


def _function(value, task):
    class Callable:
        def __call__(self, *values):
            return value(*values)

    def wrapped(*values):
        return value(*values)

    def boxed(*values):
        result = value(*values)
        return np.array([result]) if is_number(result) else result

    return [value, wrapped, functools.partial(wrapped), Callable(), boxed]


def _free(value, task):
    return [value, value.upper(), f"\n {value} \n", value.replace(" ", "\n"), value + " More."]


_FORMS = {
    "number": _number, "text": _text, "choice": _text, "set": _set, "mapping": _mapping,
    "table": _table, "map": _map, "function": _function, "free": _free,
}  # fmt: skip


# --- what is demanded of every exercise ---------------------------------------


def prove_right(task: Exercise) -> None:
    """The reference answer and its other forms pass."""
    right = task.judge(task.answer())
    assert right.status == "passed", right
    assert task.after in right.message
    several = forms(task)
    assert len(several) >= 4
    for number, form in enumerate(several):
        found = task.judge(form)
        assert found.passed, f"form {number} ({type(form).__name__}): {found}"
    for other in task.also:
        assert task.judge(other).passed, other


def prove_mistakes(task: Exercise) -> None:
    """Three mistakes or more, and each is told in its own words."""
    assert len(task.mistakes) >= 3
    assert [words for words, _ in task.checks if words not in task.mistakes] == []
    for words, value in task.mistakes.items():
        found = task.judge(value())
        assert found.status == "not yet", f"{words}\n-> {found}"
        if task.kind == "free":
            assert words in found.message, f"{words}\n-> {found}"
        else:
            assert found.message == words, f"{words}\n-> {found}"


def prove_starter(task: Exercise) -> None:
    """An untouched starter counts as not attempted, whatever its shape."""
    for untouched in (..., "...", {"a": ..., "b": ...}):
        assert task.judge(untouched).status == "not attempted"


def prove_words(task: Exercise) -> None:
    """Hints, solution and what comes after are there and fit together."""
    assert len(task.hints) >= 2 and all(len(h) > 10 for h in task.hints)
    assert len(set(task.hints)) == len(task.hints)
    assert len(task.after) >= 20
    assert 5 <= len(task.ask) <= 90 and task.minutes > 0
    tree = ast.parse(task.solution)
    assert check_calls(tree) == [task.id]
    assert checked_name(tree) == first_name(tree)
    if task.kind == "map":
        assert task.checks
    if task.kind == "function":
        assert task._samples()
    if task.kind == "choice":
        assert len(task.options) >= 2


def _is_check(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "course.check"


def check_calls(tree: ast.AST) -> list[str]:
    """The exercise ids of the check calls in some code."""
    return [ast.literal_eval(n.args[0]) for n in ast.walk(tree) if _is_check(n)]


def checked_name(tree: ast.AST) -> str:
    """The variable that the first check call hands in."""
    return ast.unparse(next(n for n in ast.walk(tree) if _is_check(n)).args[1])


def first_name(tree: ast.Module) -> str:
    """The variable handed in, if the code assigns or defines it at all."""
    wanted = checked_name(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == wanted:
            return wanted
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == wanted:
            return wanted
    return f"{wanted} is never assigned"


@each
def test_right_answers_pass(task):
    prove_right(task)


@each
def test_each_mistake_has_its_words(task):
    prove_mistakes(task)


@each
def test_untouched_is_not_attempted(task):
    prove_starter(task)


@each
def test_words_fit_together(task):
    prove_words(task)


@pytest.mark.parametrize("lesson", LESSONS)
def test_ids_belong_to_their_lesson(lesson):
    ids = [task.id for task in room(lesson).EXERCISES]
    assert ids == [f"{lesson}.{n}" for n in range(1, len(ids) + 1)]


@pytest.mark.parametrize("lesson", LESSONS)
def test_exercises_take_as_long_as_the_lesson_promises(lesson):
    promised = contracts()[lesson]["minutes"]["practise"]
    assert sum(task.minutes for task in exercises(lesson).values()) == promised


# --- the proof itself is proven -----------------------------------------------


def fake(**changes) -> Exercise:
    """An exercise with nothing wrong, except for what is changed."""
    words = {
        "Twice too much: each row counts two times.": lambda: 84.0,
        "You added one, for the header line.": lambda: 43.5,
        "That is the other column.": lambda: 17,
    }
    fields = {
        "ask": "Say the answer",
        "objective": 0,
        "answer": lambda: 42.0,
        "mistakes": words,
        "hints": ["Count the rows.", "Count them again."],
        "after": "The answer says nothing about the claim.",
        "solution": 'count = 42\ncourse.check("98.1", count)',
    }
    return Exercise("98.1", **(fields | changes))


PROOFS = [prove_right, prove_mistakes, prove_starter, prove_words]
_TABLE = pd.DataFrame({"region": ["a", "b", "c"], "people": [1, 2, 3], "area": [0.5, 7, 9]})


def _marked(*spots):
    m = folium.Map(tiles=None)
    for spot in spots:
        folium.Marker(spot).add_to(m)
    return m


SOUND = {
    "number": fake(),
    "text": fake(
        kind="text",
        answer=lambda: "Благовещёнск-2",
        mistakes={f"{n} is another town." * 2: lambda n=n: n for n in ("Heihe", "Чита", "x")},
    ),
    "choice": fake(
        kind="choice",
        options=["north", "south", "east", "west"],
        answer=lambda: "north",
        mistakes={f"Not {n}, look again.": lambda n=n: n for n in ("south", "east", "west")},
    ),
    "set": fake(
        kind="set",
        answer=lambda: {"RU-AMU", "CN-HL"},
        mistakes={
            "These are names, not ids.": lambda: {"Amur", "Heilongjiang"},
            "One is missing, filter less.": lambda: ["RU-AMU"],
            "Nothing is left after your filter.": lambda: set(),
        },
    ),
    "mapping": fake(
        kind="mapping",
        answer=lambda: pd.Series({2017: 1.5, 2018: 2.5, 2019: -3.5}),
        mistakes={
            "These are per cent.": lambda: {2017: 150, 2018: 250, 2019: -350},
            "The years are off by one.": lambda: {2016: 1.5, 2017: 2.5, 2018: -3.5},
            "You took the amounts without sign.": lambda: {2017: 1.5, 2018: 2.5, 2019: 3.5},
        },
    ),
    "table": fake(
        kind="table",
        answer=lambda: _TABLE,
        mistakes={
            "The last row is lost in the join.": lambda: _TABLE.head(2),
            "You sorted one column alone.": lambda: _TABLE.assign(people=[3, 2, 1]),
            "The area is in other units.": lambda: _TABLE.assign(area=_TABLE["area"] * 100),
        },
    ),
    "table by index": fake(
        kind="table",
        answer=lambda: _TABLE.set_index("region"),
        mistakes={
            "The last row is lost in the join.": lambda: _TABLE.head(2),
            "You sorted one column alone.": lambda: _TABLE.assign(people=[3, 2, 1]),
            "The area is in other units.": lambda: _TABLE.assign(area=_TABLE["area"] * 100),
        },
    ),
    "map": fake(
        kind="map",
        answer=lambda: _marked((45.8, 126.5), (50.3, 127.5)),
        checks=[
            ("Harbin is missing on it.", lambda m: _has(m, 45.8)),
            ("Blagoveshchensk is missing on it.", lambda m: _has(m, 50.3)),
            ("There are too many markers on it.", lambda m: len(points(m)) <= 3),
        ],
        mistakes={
            "Harbin is missing on it.": lambda: _marked((50.3, 127.5)),
            "Blagoveshchensk is missing on it.": lambda: _marked((45.8, 126.5)),
            "There are too many markers on it.": lambda: _marked(
                (45.8, 126.5), (50.3, 127.5), (50.2, 127.4), (50.1, 127)
            ),
        },
    ),
    "function": fake(
        kind="function",
        answer=lambda: lambda old, new: new / old - 1,
        inputs=[(10, 12), (4, 3), (5, 5.5)],
        mistakes={
            "That is the ratio. Take off 1.": lambda: lambda old, new: new / old,
            "You divided by the later year.": lambda: lambda old, new: (new - old) / new,
            "That is in percent, not a share.": lambda: lambda old, new: 100 * (new / old - 1),
        },
    ),
    "free": fake(
        kind="free",
        words=8,
        mentions=["c01", ("source", "источник")],
        answer=lambda: "Claim c01 holds, since a second source says so too.",
        mistakes={
            "Name the claim by its id.": lambda: "It holds, since a second source says so too.",
            "Say what your source is.": lambda: "Claim c01 holds, since it is said elsewhere.",
            "Write a little more, please.": lambda: "c01 holds, source A.",
        },
    ),
}


def _has(m, lat):
    return any(spot[0] == lat for spot in points(m))


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_exercise_is_proven(name, proof):
    proof(SOUND[name])


@pytest.mark.parametrize(
    ("proof", "changes"),
    [
        (prove_mistakes, {"mistakes": dict(list(fake().mistakes.items())[:2])}),
        (prove_mistakes, {"mistakes": fake().mistakes | {"Also right, alas.": lambda: 42.1}}),
        (prove_mistakes, {"mistakes": fake().mistakes | {"Same as before.": lambda: 17.0}}),
        (prove_mistakes, {"checks": [("No example fails this.", lambda m: True)]}),
        (prove_right, {"answer": lambda: None}),
        (prove_right, {"also": ["a"]}),
        (prove_words, {"hints": ["Only one hint."]}),
        (prove_words, {"after": ""}),
        (prove_words, {"solution": "count = 42"}),
        (prove_words, {"solution": 'count = 42\ncourse.check("98.2", count)'}),
        (prove_words, {"solution": 'total = 42\ncourse.check("98.1", count)'}),
        (prove_words, {"kind": "map"}),
        (prove_words, {"solution": "count = = 42"}),
    ],
)
def test_an_unsound_exercise_is_found(proof, changes):
    with pytest.raises((AssertionError, SyntaxError)):
        proof(fake(**changes))
