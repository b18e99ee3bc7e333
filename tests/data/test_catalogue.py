"""The page that describes the data."""

import re

import pytest

from course import catalogue, cli
from course.data import package
from course.errors import CourseError


def test_every_table_and_every_column_is_on_the_page():
    page = catalogue.html()
    for resource in package()["resources"]:
        part = page.split(f'<section id="{resource["name"]}">')[1].split("</section>")[0]
        for field in resource["schema"]["fields"]:
            assert f">{field['name']}</td>" in part, (resource["name"], field["name"])
            if field.get("unit"):
                assert f">{field['unit']}</td>" in part
        assert "Licence: " in part
    assert page.count("<h1>") == 1 and '<html lang="en">' in page


def test_it_fetches_nothing():
    assert re.findall(r"<(?:script|link|img|iframe)\b", catalogue.html()) == []


def test_links_inside_lead_somewhere():
    page = catalogue.html()
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets == set(re.findall(r'<section id="([^"]+)">', page)) and len(targets) > 30


def test_the_command_writes_it(tmp_path, capsys):
    assert cli.main(["catalogue", str(tmp_path / "data.html")]) == 0
    assert "data.html" in capsys.readouterr().out
    assert (tmp_path / "data.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    assert cli.main(["catalogue", str(tmp_path / "folder")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("course catalogue: ") and said.count("\n") == 1
    with pytest.raises(CourseError):
        catalogue.write(tmp_path / "nowhere" / "x.html")
