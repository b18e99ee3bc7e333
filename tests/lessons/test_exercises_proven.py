"""Every exercise proves itself: right answers pass, each mistake gets its own words."""

import ast
import functools
import inspect
import json
import unicodedata
from decimal import Decimal
from random import Random

import folium
import numpy as np
import pandas as pd
import pytest

from course.data import load
from course.exercises import values
from course.exercises.exercise import Check, Exercise
from course.exercises.read import read_value
from course.exercises.verdict import Verdict
from course.lessons import contracts, lessons, room
from course.maps.area import area_map

LESSONS = lessons()
VALUES = ("number", "text", "choice", "set", "mapping")
YEARS = range(1990, 2031)

# years in a solution that `named` need not know, each with the reason
UNNAMED = {
    "02.5": "the years are the answer",
    "03.4": "2011 is the step that begins in 2010",
    "03.6": "there is no other census of the district",
    "04.1": "2017 is the year before 2018",
    "04.3": "the years are the answer, and where the task begins",
    "06.2": "the years are the answer, and where the task begins and ends",
    "06.4": "the years are the options",
    "06.5": "2015 is the year before 2016",
    "06.6": "the years are the keys",
    "11.3": "months are named, and the other months are told as mistakes",
}


def _every() -> list[Exercise]:
    found: list[Exercise] = []
    for lesson in LESSONS:
        try:
            found += room(lesson).EXERCISES
        except Exception:  # test_ids_belong_to_their_lesson fails for this one
            continue
    return found


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))


each = pytest.mark.parametrize("task", _every(), ids=lambda task: task.id)


# --- the same answer in other forms -------------------------------------------


def forms(task: Exercise) -> list:
    """At least four ways to hand in the right answer."""
    return _FORMS[task.kind](right_answer(task), task)


def right_answer(task: Exercise):
    """What passes: the answer, or the verdict that it is the arguments of."""
    return Verdict(**task.answer()) if task.kind == "verdict" else task.answer()


def broken(task: Exercise) -> dict:
    """What a verdict may lack, and words for it."""
    changes = {
        "The verdict is one of: supported, ": {"word": "partly"},
        "Give evidence: ": {"because": [17]},
        "The evidence has no 9,876.5 %": {"says": task.answer()["says"] + " It was 9,876.5 %."},
        "Write two sentences of your own or more (says has 0)": {
            "says": "Blah blah blah blah."
        },
        "what would change your verdict": {"would_change": "..."},
        "This exercise asks for c": {"claim": "c02"},
    }
    return {
        words: lambda change=change: Verdict(**task.answer() | change)
        for words, change in changes.items()
    }


def _rounded(value, task):
    """The value with exactly the digits that the task asks for."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return value if task.digits is None or not number else round(float(value), task.digits)


def _number(value, task):
    value = values.number(read_value(value))
    whole = int(value) if value.is_integer() else np.float64(value)
    return [
        whole, value, _rounded(value, task), np.float64(value), np.array([value]), [value],
        pd.Series([value], index=["total"]), pd.DataFrame({"x": [value]}), Decimal(value),
    ]  # fmt: skip


def _text(value, task):
    many = [
        value,
        [value],
        np.array(value),
        pd.Series([value]),
        pd.Series([value], dtype=object),
    ]
    if isinstance(value, str):
        many += [value.upper(), f"  {value}\n", unicodedata.normalize("NFD", value)]
    return many


def _set(value, task):
    items = list(value)
    return [
        items, items[::-1], tuple(items), set(items), frozenset(items), items + items,
        pd.Series(items), pd.Index(items), dict.fromkeys(items).keys(),
        pd.DataFrame({"x": items}), np.array(items, dtype=object),
        [_rounded(item, task) for item in items],
    ]  # fmt: skip


def _mapping(value, task):
    series = pd.Series(value)
    pairs = list(series.items())
    many = [
        series, series[::-1], dict(pairs), dict(pairs[::-1]), series.astype(object),
        series.to_frame(), {key: _rounded(one, task) for key, one in pairs},
    ]  # fmt: skip
    if series.index.nlevels > 1:
        return many
    keys, ours = zip(*pairs, strict=True)
    return [*many, series.rename_axis("other"), pd.DataFrame({"key": keys, "value": ours})]


# layers are asked for: in another layer the right things would be wrong
LAYERED = {"02.3", "03.8", "04.8", "07.8", "10.8", "12.8"}
# a marker of any kind will do: no size, no filling is asked for
ANY_MARKER = {"01.8", "02.3", "03.8", "05.2"}


def _map(value, task):
    value.get_root().html.add_child(folium.Element("<p>A title</p>"))
    area = task.area or "borderland"
    many = [
        value, _moved(task.answer(), area_map(area, "ru")), _more(task.answer()),
        _moved(task.answer(), area_map(area, tiles="OpenStreetMap", height=700)),
    ]  # fmt: skip
    # folium draws a choropleth on a map only, in no group
    apart = task.id in LAYERED or any(isinstance(c, folium.Choropleth) for c in _content(value))
    many += [] if apart else [_grouped(task.answer())]
    return [*many, _other_markers(task.answer())] if task.id in ANY_MARKER else many


def _content(m):
    drawn = (folium.map.Layer, folium.Marker, folium.PolyLine, folium.LayerControl)
    return [c for c in m._children.values() if isinstance(c, drawn)]


def _moved(m, other):
    """The same things on another map: of another area, in another zoom."""
    for child in _content(m):
        child.add_to(other)
    other.get_root().caption = getattr(m.get_root(), "caption", "")  # it may be asked for
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
    for old in list(m._children.values()):
        _other_markers(old)
        if isinstance(old, folium.Marker):
            kind = folium.CircleMarker if type(old) is folium.Marker else folium.Marker
            m._children.pop(old.get_name())
            new = kind(old.location).add_to(m)
            for child in old._children.values():
                child.add_to(new)
    return m


def _function(value, task):
    class Callable:
        def __call__(self, *given):
            return value(*given)

    def wrapped(*given):
        return value(*given)

    def boxed(*given):
        result = value(*given)
        return np.array([result]) if isinstance(result, int | float) else result

    return [value, wrapped, functools.partial(wrapped), Callable(), boxed]


def _verdict(value, task):
    changes = [
        {}, {"word": value.word.upper()}, {"confidence": "low"}, {"says": value.says + " More."}
    ]  # fmt: skip
    return [Verdict(**task.answer() | change) for change in changes]


_FORMS = {
    "number": _number, "text": _text, "choice": _text, "set": _set, "mapping": _mapping,
    "map": _map, "function": _function, "verdict": _verdict,
}  # fmt: skip


# --- what is demanded of every exercise ---------------------------------------


def prove_right(task: Exercise) -> None:
    """The reference answer and its other forms pass, judged here or in another process."""
    assert task.answer() is not None
    right, done = task.judge(right_answer(task)), "passed"
    if task.kind == "verdict":
        done = "written"
        assert task.answer()["claim"] in task.claims
    assert right.status == done, right
    assert task.after in right.message
    several = [*forms(task), *task.also]
    assert len(several) >= 4 + len(task.also)
    for seed, form in enumerate(several):  # which also draws other inputs for functions
        status, words = task.decide(json.loads(json.dumps(task.read(form, seed))))
        assert status == done, f"form {seed} ({type(form).__name__}): {words}"


def prove_mistakes(task: Exercise) -> None:
    """Three mistakes or more, and each is told in its own words."""
    known = task.mistakes | {check.words: check.example for check in task.checks}
    assert len(known) == len(task.mistakes) + len(task.checks)
    known = broken(task) if task.kind == "verdict" else known
    if task.area:
        known[f'The task asks for a map of course.area_map("{task.area}")'] = lambda: _moved(
            task.answer(), folium.Map([60, 100], zoom_start=2)
        )
    assert len(known) >= 3
    for words, make in known.items():
        for seed in range(3 if task.kind == "function" else 1):
            found = task.judge(make(), seed)
            assert found.status == "not yet", f"{words}\n-> {found}"
            own = words == found.message or (
                words in found.message
                and (task.kind == "verdict" or "The task asks for a" in words)
            )
            assert own, f"{words}\n-> {found}"


def prove_named(task: Exercise) -> None:
    """What the task names is known: the answer for its neighbours is told as such."""
    named = task.named or {}
    for parameter, entry in named.items():
        wanted, others = entry if isinstance(entry, tuple) else (entry, [entry - 1, entry + 1])
        assert inspect.signature(task.answer).parameters[parameter].default == wanted
        told = 0
        for other in others:
            try:
                given = task.answer(**{parameter: other})
            except LookupError:  # the data has no such year
                continue
            found = task.judge(given)
            words = f"That is the answer for {other}. The task names {wanted}."
            told += found.status != "passed"
            assert found.status == "passed" or found.message in (words, *task.mistakes), found
        assert told, f"no neighbour of {wanted} can be told"
    if task.kind in VALUES and task.id not in UNNAMED:
        known = [entry[0] if isinstance(entry, tuple) else entry for entry in named.values()]
        missing = years_in(task.solution) - set(known)
        assert not missing, (
            f"{task.id}: the solution names {missing}; put each into named={{...}}, as a "
            "parameter of answer, or list the exercise in UNNAMED with a reason"
        )


def years_in(code: str) -> set[int]:
    """The years that some code names as whole numbers."""
    numbers = [n.value for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Constant)]
    return {n for n in numbers if isinstance(n, int) and n in YEARS}


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
        assert task.checks and not task.mistakes
    if task.kind == "function":
        one, again, other = (list(task.inputs(Random(seed))) for seed in (1, 1, 2))
        assert one == again != other and one[:2] == other[:2]
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


PROOFS = [prove_right, prove_mistakes, prove_named, prove_starter, prove_words]
every_proof = pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)


@every_proof
@each
def test_every_exercise_is_proven(task, proof):
    proof(task)


@pytest.mark.parametrize("lesson", LESSONS)
def test_ids_belong_to_their_lesson(lesson):
    ids = [task.id for task in room(lesson).EXERCISES]
    assert ids == [f"{lesson}.{n}" for n in range(1, len(ids) + 1)]


@pytest.mark.parametrize("lesson", LESSONS)
def test_exercises_take_as_long_as_the_lesson_promises(lesson):
    promised = contracts()[lesson]["minutes"]["practise"]
    minutes = sum(task.minutes for task in room(lesson).EXERCISES)
    assert minutes == promised, (
        f"exercises take {minutes} minutes, the contract promises {promised}: mend it in the "
        "notebook's metadata and second cell, and in lessons/README.md"
    )


def test_no_exception_outlives_its_reason():
    kept = {task.id: years_in(task.solution) for task in _every()}
    assert [name for name in UNNAMED if not kept.get(name, True)] == []


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


def _trade(year=2017, country="RUS"):
    return {2016: 69.6, 2017: 84.2, 2018: 107.1}[year] * {"RUS": 1, "MNG": 0.07}[country]


def _marked(*spots):
    m = folium.Map(tiles=None)
    for spot in spots:
        folium.Marker(spot).add_to(m)
    return m


def _has(lat):
    return lambda picture: any(mark.at[0] == lat for mark in picture.marks)


HARBIN, HEIHE = (45.8, 126.5), (50.2, 127.5)
CHECKS = [
    Check("Harbin is missing on it.", _has(45.8), lambda: _marked(HEIHE)),
    Check("Heihe is missing on it.", _has(50.2), lambda: _marked(HARBIN)),
    Check(
        "There are too many markers on it.",
        lambda picture: len(picture.marks) < 3,
        lambda: _marked(HARBIN, HEIHE, (50, 128)),
    ),
]
NAMED = {"answer": _trade, "digits": 1, "named": {"year": 2017, "country": ("RUS", ["MNG"])}}
SOUND = {
    "number": fake(**NAMED, solution='rows = at[2017]\ncourse.check("98.1", rows)'),
    "text": fake(
        kind="text",
        answer=lambda: "Благовещёнск-2",
        mistakes={f"{n} is another town." * 2: lambda n=n: n for n in ("Heihe", "Чита", "x")},
    ),
    "choice": fake(
        kind="choice",
        options=[True, False, "east", "west"],
        answer=lambda: True,
        mistakes={f"Not {n}, look again.": lambda n=n: n for n in (False, "east", "west")},
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
        digits=1,
        answer=lambda: pd.Series({2017: 1.52, 2018: 2.54, 2019: -3.5}),
        mistakes={
            "These are per cent.": lambda: {2017: 152, 2018: 254, 2019: -350},
            "The years are off by one.": lambda: {2016: 1.5, 2017: 2.5, 2018: -3.5},
            "You took the amounts without sign.": lambda: {2017: 1.52, 2018: 2.54, 2019: 3.5},
        },
    ),
    "map": fake(
        kind="map", answer=lambda: _marked(HARBIN, HEIHE), checks=CHECKS, mistakes={}
    ),
    "function": fake(
        kind="function",
        answer=lambda: lambda old, new: new / old - 1,
        inputs=lambda rng: [(10, 12), (4, 3), (rng.uniform(1, 9), rng.uniform(1, 9))],
        mistakes={
            "That is the ratio. Take off 1.": lambda: lambda old, new: new / old,
            "You divided by the later year.": lambda: lambda old, new: (new - old) / new,
            "That is in percent, not a share.": lambda: lambda old, new: 100 * (new / old - 1),
        },
    ),
    "verdict": fake(
        kind="verdict",
        claims=["c42"],
        answer=lambda: {
            "claim": "c42",
            "word": "mixed",
            "confidence": "low",
            "because": [load("bilateral_trade").query("reporter == 'CHN' and year == 2017")],
            "says": "In 2017 trade came to 84.4 bn dollars. That is one year only.",
            "would_change": "A second year to compare it with.",
        },
        mistakes={},
    ),
}  # fmt: skip


@every_proof
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_exercise_is_proven(name, proof):
    proof(SOUND[name])


TWO = dict(list(fake().mistakes.items())[:2])


@pytest.mark.parametrize(
    ("proof", "changes"),
    [
        (prove_mistakes, {"mistakes": TWO}),
        (prove_mistakes, {"mistakes": TWO | {"Also right, alas.": lambda: 42.1}, "digits": 0}),
        (prove_mistakes, {"mistakes": fake().mistakes | {"Same as before.": lambda: 17.0}}),
        (prove_mistakes, {"kind": "map", "mistakes": {}, "checks": [*CHECKS[:2], CHECKS[0]]}),
        (
            prove_mistakes,
            {
                "kind": "map",
                "mistakes": {},
                "checks": [*CHECKS, Check("None fails this.", bool, _marked)],
            },
        ),
        (prove_right, {"answer": lambda: None}),
        (prove_right, {"also": ["a"]}),
        (prove_named, {"solution": 'count = at[2017]\ncourse.check("98.1", count)'}),
        (prove_named, NAMED | {"named": {"year": 2018}}),
        (prove_named, NAMED | {"named": {"country": ("RUS", ["CHN"])}}),
        (prove_named, {"named": {"year": 9}, "answer": lambda year=9: abs(year - 9) + 40}),
        (prove_words, {"hints": ["Only one hint."]}),
        (prove_words, {"after": ""}),
        (prove_words, {"solution": "count = 42"}),
        (prove_words, {"solution": 'count = 42\ncourse.check("98.2", count)'}),
        (prove_words, {"solution": 'total = 42\ncourse.check("98.1", count)'}),
        (prove_words, {"kind": "map"}),
        (prove_words, {"kind": "function", "inputs": lambda rng: [(1, 2), (3, 4)]}),
        (prove_words, {"solution": "count = = 42"}),
    ],
)
def test_an_unsound_exercise_is_found(proof, changes):
    with pytest.raises((AssertionError, SyntaxError)):
        proof(fake(**changes))
