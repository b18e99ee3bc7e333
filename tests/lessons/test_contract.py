"""The contract of a lesson: metadata and the cell that shows it."""

import json
from pathlib import Path

import pytest

from course.lessons import contract
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


def test_markdown_says_everything_that_is_promised():
    text = contract.markdown(PROMISE)
    assert "1. measure a route\n2. say what a border costs" in text
    assert "65 minutes: 40 to follow, 25 to practise" in text
    assert "lessons: 01, 02." in text
    assert "`routes`, `route_stops`" in text
    assert "`c07`" in text


@pytest.mark.parametrize("part", ["prerequisites", "tables", "claims"])
def test_what_is_empty_is_none(part):
    words = {"prerequisites": "lessons: none", "tables": "**Data** none"}
    text = contract.markdown(PROMISE | {part: []})
    assert words.get(part, "**Claims tested** none") in text


@pytest.mark.parametrize("part", sorted(PROMISE.keys() - {"id", "title"}))
def test_a_contract_with_a_part_missing_is_refused(part):
    with pytest.raises(KeyError, match=part):
        contract.markdown({k: v for k, v in PROMISE.items() if k != part})


def test_contracts_come_in_teaching_order(tmp_path, monkeypatch):
    for number in ("10", "02"):
        book = {"metadata": {"course": PROMISE | {"id": number}}}
        path = tmp_path / f"{number}_x.ipynb"
        path.write_text(json.dumps(book), encoding="utf-8")
    (tmp_path / "draft.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(contract, "lessons_dir", lambda: tmp_path)
    assert list(contract.contracts()) == ["02", "10"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem[:2])
def test_second_cell_is_the_contract(path: Path):
    promise = contract.read_contract(path)
    assert promise.keys() == PROMISE.keys()
    assert path.name.startswith(promise["id"])
    cell = json.loads(path.read_text(encoding="utf-8"))["cells"][1]
    assert cell["id"].endswith(f"{promise['id']}-contract")
    assert "".join(cell["source"]) == contract.markdown(promise)
