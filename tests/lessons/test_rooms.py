"""The rooms of the lessons, their list, and the contract each lesson shows."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course import lessons
from course.explore import Explorer
from course.paths import lessons_dir

PROMISE = {
    "id": "05",
    "title": "The corridor",
    "objectives": ["measure a route", "say what a border costs"],
    "minutes": {"teach": 40, "practise": 25},
    "prerequisites": ["01", "02"],
    "tables": ["routes", "route_stops"],
    "claims": ["c07"],
}
LESSONS = sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb"))


# --- rooms ----------------------------------------------------------------------


def test_the_list_names_every_explorer():
    found = {
        name: lesson
        for lesson in lessons.lessons()
        for name, thing in vars(lessons.room(lesson)).items()
        if isinstance(thing, Explorer)
    }
    assert found == lessons.EXPLORERS


def test_every_lesson_with_a_notebook_has_a_room():
    assert lessons.lessons() == [path.stem[:2] for path in LESSONS]


def test_a_check_need_not_wait_for_the_library_of_charts():
    rooms = [path.stem[-2:] for path in Path(lessons.__file__).parent.glob("lesson_*")]
    ask = f"import sys, course.lessons; [course.lessons.room(n) for n in {rooms}]"
    run = [sys.executable, "-c", f"{ask}; print(*sys.modules)"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "folium" in done.stdout.split() and "altair" not in done.stdout.split()


# --- contracts ------------------------------------------------------------------


def test_markdown_says_everything_that_is_promised():
    text = lessons.markdown(PROMISE)
    assert "1. measure a route\n2. say what a border costs" in text
    assert "65 minutes: 40 to follow, 25 to practise" in text
    assert "[glossary](glossary.ipynb)" in text
    assert "lessons: 01, 02." in text
    assert "`routes`, `route_stops`" in text
    assert "`c07`" in text


@pytest.mark.parametrize("part", ["prerequisites", "tables", "claims"])
def test_what_is_empty_is_none(part):
    words = {"prerequisites": "lessons: none", "tables": "**Data** none"}
    text = lessons.markdown(PROMISE | {part: []})
    assert words.get(part, "**Claims tested** none") in text


@pytest.mark.parametrize("part", sorted(PROMISE.keys() - {"id", "title"}))
def test_a_contract_with_a_part_missing_is_refused(part):
    with pytest.raises(KeyError, match=part):
        lessons.markdown({k: v for k, v in PROMISE.items() if k != part})


def test_contracts_come_in_teaching_order(tmp_path, monkeypatch):
    for number in ("10", "02"):
        book = {"metadata": {"course": PROMISE | {"id": number}}}
        path = tmp_path / f"{number}_x.ipynb"
        path.write_text(json.dumps(book), encoding="utf-8")
    (tmp_path / "draft.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(lessons, "lessons_dir", lambda: tmp_path)
    assert list(lessons.contracts()) == ["02", "10"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem[:2])
def test_second_cell_is_the_contract(path: Path):
    promise = lessons.read_contract(path)
    assert promise.keys() == PROMISE.keys()
    assert path.name.startswith(promise["id"])
    cell = json.loads(path.read_text(encoding="utf-8"))["cells"][1]
    assert cell["id"].endswith(f"{promise['id']}-contract")
    assert "".join(cell["source"]) == lessons.markdown(promise)


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem[:2])
def test_each_objective_has_an_exercise(path: Path):
    promise = lessons.read_contract(path)
    used = {task.objective for task in lessons.room(promise["id"]).EXERCISES}
    assert used == set(range(len(promise["objectives"])))


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem[:2])
def test_the_tables_of_a_contract_are_those_loaded_and_exercises_stand_in_order(path: Path):
    promise = lessons.read_contract(path)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    loaded = set(re.findall(r'course\.(?:load|shapes)\("(\w+)"', code))
    loaded |= {"region_indicators"} if "course.LiveMap(" in code else set()
    assert set(promise["tables"]) == loaded
    order = [c["metadata"]["exercise"] for c in cells if "exercise" in c["metadata"]]
    assert order == [task.id for task in lessons.room(promise["id"]).EXERCISES]
