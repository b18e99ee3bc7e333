"""Loading tables and shapes, what a damaged file does, and the sources behind rows."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from html import escape as html_escape
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import course
from course import data
from course.data import FeatureCollection
from course.errors import CourseError, nearest

REPO = Path(__file__).resolve().parent.parent.parent
NAMES = list(data.resources())
FRAMES = [n for n, r in data.resources().items() if r.get("format") != "geojson"]
SHAPES = [name for name in NAMES if name not in FRAMES]
SOURCED = [name for name in FRAMES if "source_id" in data.read(name) and name != "sources"]


def used(rows):
    """The source ids in some rows, in order of columns, then rows."""
    columns = rows.filter(regex=r"^source2?_id(_|$)").columns
    ids = pd.concat([rows[c] for c in columns]).dropna()
    return list(dict.fromkeys(ids[ids != ""]))


@pytest.fixture
def facts():
    """A large table whose rows rest on several sources."""
    return course.load("region_indicators")


# --- load ---------------------------------------------------------------------


@pytest.mark.parametrize("name", FRAMES)
def test_every_table_loads_with_its_units_title_and_licence(name):
    frame, fields = course.load(name), data.entry(name)["schema"]["fields"]
    assert len(frame)
    assert list(frame.columns) == [f["name"] for f in fields]
    assert frame.attrs["table"] == name
    assert frame.attrs["title"] == data.entry(name)["title"]
    assert frame.attrs["units"] == {f["name"]: f["unit"] for f in fields if f.get("unit")}
    assert frame.attrs["licence"]


@pytest.mark.parametrize("name", FRAMES)
def test_columns_have_the_type_that_is_declared(name):
    frame = course.load(name)
    for field in data.entry(name)["schema"]["fields"]:
        column = frame[field["name"]].dropna()
        if field["type"] in ("number", "integer", "year"):
            assert pd.api.types.is_numeric_dtype(column), field["name"]
        if field["type"] == "string":
            assert all(isinstance(v, str) for v in column), field["name"]
        if field["type"] == "date":
            assert pd.api.types.is_datetime64_any_dtype(column), field["name"]


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_a_feature_collection_with_a_table(name):
    shapes = course.shapes(name)
    assert isinstance(shapes, FeatureCollection)
    assert shapes["type"] == "FeatureCollection"
    assert len(shapes.table) == len(shapes["features"]) > 0
    assert json.dumps(shapes)  # folium writes it into the page
    assert shapes.attrs["title"] and shapes.table.attrs == shapes.attrs


def test_shapes_loaded_as_in_older_notebooks_still_come_with_a_word():
    with pytest.warns(UserWarning, match=r'write course\.shapes\("rivers"\)'):
        old = course.load("rivers")
    assert old == course.shapes("rivers") and len(old.table) > 5


def test_a_table_is_no_shapes():
    with pytest.raises(CourseError, match=r'Write course\.load\("claims"\)'):
        course.shapes("claims")


def test_hidden_tables_are_the_courses_own(package):
    assert list(course.tables().index) == ["t", "sources", "g"]
    for ask in (course.load, course.shapes, course.describe):
        with pytest.raises(CourseError, match="no table 'own'.* The tables are: g, sources, t"):
            ask("own")
    assert len(data.read("own")) == 2


def test_text_stays_text_and_gaps_are_gaps(package):
    frame = course.load("t")
    assert list(frame["code"]) == ["007", "008", "009"]
    assert list(frame["name"]) == ["NA", "Хабаровск", "哈尔滨"]  # NA is a word here
    assert frame["day"].dt.year.tolist()[0] == 2017
    assert frame[["day", "n"]].isna().sum().tolist() == [1, 1]
    assert frame.attrs["licence"] == "CC0-1.0, ODbL-1.0"


def test_what_a_student_changes_stays_theirs(package):
    first = course.load("t")
    first["n"] = 0
    first.attrs["units"]["n"] = "miles"
    again = course.load("t")
    assert len(again) == 3 and again["n"].sum() == 4.5
    assert again.attrs["units"] == {"n": "km"}
    shapes = course.shapes("g")
    shapes["features"].clear()
    assert len(course.shapes("g")["features"]) == 1


def test_attrs_survive_what_lessons_do(facts):
    views = {
        "filter": facts[facts["year"] > 2015],
        "columns": facts[["year", "value"]],
        "sort": facts.sort_values("value"),
        "head": facts.head(3),
        "query": facts.query("year == 2017"),
        "assign": facts.assign(double=facts["value"] * 2),
        "copy": facts.copy(),
        "dropna": facts.dropna(subset=["value"]),
        "rename": facts.rename(columns={"value": "amount"}),
    }
    for name, view in views.items():
        assert view.attrs["table"] == "region_indicators", name


def test_a_table_is_parsed_once(package, monkeypatch):
    parsed = []
    read_csv = pd.read_csv
    monkeypatch.setattr(pd, "read_csv", lambda *a, **k: parsed.append(a) or read_csv(*a, **k))
    frames = [course.load("t") for _ in range(5)]
    assert len(parsed) == 1 and len({id(f) for f in frames}) == 5


@pytest.mark.parametrize(
    ("word", "meant"),
    [("region_indicator", "region_indicators"), ("Places", "places"), ("river", "rivers")],
)
def test_unknown_table_names_the_nearest_and_all(word, meant):
    with pytest.raises(CourseError) as error:
        course.load(word)
    assert f"Did you mean '{meant}'?" in str(error.value)
    assert all(name in str(error.value) for name in NAMES)


@pytest.mark.parametrize("word", ["zzz", "", None, 3, ["places"]])
def test_what_is_no_name_at_all_gets_the_list(word):
    with pytest.raises(CourseError, match="The tables are: ") as error:
        course.load(word)
    assert "Did you mean" not in str(error.value)


# --- damage ---------------------------------------------------------------------

SPOILED = {
    "not csv": lambda b: b'code,"name\n1,2,"3',
    "not utf-8": lambda b: b.decode().encode("utf-16"),
    "empty": lambda b: b"",
    "semicolons": lambda b: b.replace(b",", b";"),
    "zeros": lambda b: b.replace(b"NA", bytes(2)),
    "a column less": lambda b: b.replace(b",n,", b","),
    "a cut row": lambda b: b[: -len(",3,s1\n")],
    "no number": lambda b: b.replace(b"1.5", b"1.5 km"),
    "no date": lambda b: b.replace(b"2017-06-01", b"2017-06-31"),
}


@pytest.mark.parametrize("way", SPOILED)
def test_a_spoiled_table_sends_to_the_doctor(package, way):
    path = package / "t.csv"
    path.write_bytes(SPOILED[way](path.read_bytes()))
    for ask in (course.load, course.describe):
        with pytest.raises(CourseError, match=r"data/t\.csv is damaged \(.+`course doctor`"):
            ask("t")


@pytest.mark.parametrize(
    "content", [None, b"[", b"[]", b"{}", b'{"features": [1]}', b"[" * 9**6]
)
@pytest.mark.parametrize("name", ["g.geojson", "datapackage.json"])
def test_spoiled_shapes_and_descriptor_send_to_the_doctor(package, name, content):
    (package / name).unlink()
    (package / name).mkdir() if content is None else (package / name).write_bytes(content)
    with pytest.raises(CourseError, match=rf"data/{name} is damaged \(.+`course doctor`"):
        course.shapes("g")


@pytest.mark.parametrize("fields", [3, [3], [{"type": "string"}], None])
def test_a_column_without_a_name_in_the_descriptor_sends_to_the_doctor(package, fields):
    path = package / "datapackage.json"
    content = json.loads(path.read_bytes())
    content["resources"][0]["schema"] = {"fields": fields}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CourseError, match=r"data/datapackage\.json is damaged \(.+`course d"):
        course.tables()


def test_a_mark_of_the_byte_order_is_no_damage(package):
    for path in package.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(course.load("t")["code"]) == ["007", "008", "009"]
    assert len(course.shapes("g").table) == 1


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The course as pip installs its wheel: its files, and a RECORD of their hashes."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(REPO / "course", site / "course", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("data", "lessons"):
        shutil.copytree(REPO / name, site / "course" / f"_{name}")
    rows = []
    for path in sorted(p for p in site.rglob("*") if p.is_file()):
        digest = urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
        rows.append(f"{path.relative_to(site).as_posix()},sha256={digest.rstrip('=')},0\n")
    info = site / "amur_course-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: amur-course\nVersion: 1\n", encoding="utf-8")
    (info / "RECORD").write_text("".join(rows), encoding="utf-8")
    return site


ALTERED = """
import codecs, json
import course
from course.paths import data_dir

said = {}
def tell(name, ask):
    try:
        said[name] = repr(ask())
    except course.CourseError as error:
        said[name] = str(error)

claims = data_dir() / "claims.csv"
whole = claims.read_bytes()
lines = whole.splitlines(keepends=True)
for name, content in {
    "a number changed": whole.replace(b"c01", b"c02", 1),
    "cut at the end of a row": b"".join(lines[:-3]),
    "a mark in front": codecs.BOM_UTF8 + whole,
}.items():
    claims.write_bytes(content)
    tell(name, lambda: course.load("claims"))
    tell(f"{name}, described", lambda: course.describe("claims"))
    tell(f"{name}, listed", course.tables)
claims.unlink()
claims.mkdir()
tell("a folder", lambda: course.load("claims"))
claims.rmdir()
claims.write_bytes(whole)
said["whole again"] = len(course.load("claims"))

trade = data_dir() / "region_indicators.csv"
whole = trade.read_bytes()
trade.write_bytes(whole.replace(b"2017,", b"2016,"))
tell("checked", lambda: course.check("03.1", 1.5).status)
trade.write_bytes(whole)
tell("checked again", lambda: course.check("03.1", 1.5).status)
shapes = data_dir() / "region_polygons.geojson"
shapes.write_bytes(shapes.read_bytes().replace(b"RU-AMU", b"RU-ZZZ"))
tell("shapes", lambda: course.shapes("region_polygons"))
tell("a map", lambda: course.area_map("far_east")._repr_html_())
print(json.dumps(said))
"""


def test_an_altered_file_of_an_installation_is_told_not_used(site, tmp_path):
    env = os.environ | {"PYTHONPATH": str(site), "COURSE_FOLDER": str(tmp_path)}
    run = [sys.executable, "-c", ALTERED]
    done = subprocess.run(run, capture_output=True, encoding="utf-8", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said.pop("whole again") == len(course.load("claims"))
    assert [said.pop("checked"), said.pop("checked again")] == ["'cannot tell'", "'not yet'"]
    assert len(said) == 12
    for way, words in said.items():
        assert "is damaged (it is not what was installed)" in words, (way, words[:300])
        assert "`course doctor`" in words, way


def test_tables_lists_all():
    listed = course.tables()
    assert list(listed.index) == NAMES
    assert listed["title"].str.len().min() > 3
    assert listed["rows"].min() > 0
    assert set(listed.index[listed["kind"] == "shapes"]) == set(SHAPES)


# --- cite -----------------------------------------------------------------------


@pytest.mark.parametrize("name", SOURCED)
def test_every_source_of_every_table_is_known(name):
    rows = course.load(name)
    cited = course.cite(rows)
    assert list(cited.table.index) == used(rows)
    assert cited.table["title"].str.len().min() > 0
    assert cited.table["rows"].min() >= 1


CUTS = {
    "filter and sort": lambda d: d[d["value"] > 100].sort_values("value"),
    "columns": lambda d: d[d["year"] == 2016][["value", "source2_id", "source_id"]],
    "list of rows": lambda d: d.iloc[[40, 3, 40]],
    "no rows": lambda d: d.head(0),
    "dropna": lambda d: d.dropna(subset=["value"]).assign(m=1),
    "gaps filled": lambda d: d.head(9).fillna({"source2_id": ""}),
    "renumbered": lambda d: d[d["year"] == 2017].reset_index(drop=True),
    "indexed": lambda d: d.set_index(["region_id", "year"]),
    "one column": lambda d: d.loc[d["year"] == 2017, "source_id"],
}


@pytest.mark.parametrize("cut", CUTS)
def test_cite_is_exact(facts, cut):
    rows = CUTS[cut](facts)
    cited = course.cite(rows)
    frame = rows.to_frame() if isinstance(rows, pd.Series) else rows
    counts = pd.concat([frame[c] for c in ("source_id", "source2_id") if c in frame])
    counts = counts[counts != ""].value_counts()
    assert cited.table["rows"].to_dict() == counts.to_dict()


def test_cite_counts_a_row_once_for_each_of_its_sources(facts):
    rows = facts.head(3).merge(facts.head(3), on=["region_id", "year", "indicator_id"])
    rows.loc[0, "source2_id_x"] = rows.loc[0, "source_id_x"]
    assert len(rows) == 3 and list(course.cite(rows).table["rows"]) == [3]


def test_cite_one_row(facts):
    assert list(course.cite(facts.iloc[5]).table.index) == used(facts.iloc[[5]])


@pytest.mark.parametrize("suffixes", [("_x", "_y"), ("", "_region")])
def test_cite_after_a_merge_names_both_tables(facts, suffixes):
    left, right = facts.head(4), course.load("regions")
    both = left.merge(right, on="region_id", suffixes=suffixes)
    behind = right[right["region_id"].isin(left["region_id"])]
    assert set(course.cite(both).table.index) == set(used(left)) | set(used(behind))


LOST = {
    "columns": lambda d: d[["region_id", "value"]],
    "one column": lambda d: d["value"],
    "grouped": lambda d: d.groupby("year")[["value"]].sum(),
    "pivoted": lambda d: d.pivot_table(index="year", columns="region_id", values="value"),
    "made by hand": lambda d: pd.DataFrame({1: [1.0, 2.0]}),
}


@pytest.mark.parametrize("way", LOST)
def test_cite_never_guesses(facts, way):
    with pytest.raises(CourseError, match="no column source_id. Keep it when you choose"):
        course.cite(LOST[way](facts))


@pytest.mark.parametrize("thing", [None, 3, "places", ["s1"], {"source_id": "s1"}])
def test_cite_wants_rows(thing):
    with pytest.raises(CourseError, match="needs rows of a course table"):
        course.cite(thing)


@pytest.mark.parametrize("strange", ["nope", 5, ["s1"]])
def test_unknown_source_is_named(package, strange):
    rows = course.load("t").head(1).assign(source_id=pd.Series([strange]))
    with pytest.raises(CourseError, match="no source ") as error:
        course.cite(rows)
    assert str(strange) in str(error.value)


def test_citation_reads_well(package):
    cited = course.cite(course.load("t"))
    assert len(cited) == 2
    assert repr(cited).splitlines() == [
        "1. First <b>. 2017 [table; strong] https://example.org/1",
        "2. Second. P [book; weak] a shelf",
    ]
    html = cited._repr_html_()
    assert html.count("<li>") == 2
    assert "First &lt;b&gt;" in html
    assert '<a href="https://example.org/1" rel="noreferrer">' in html
    assert "<a" not in html.split("Second")[1]


def test_citation_leaves_out_what_is_not_known(package):
    sources = package / "sources.csv"
    head = sources.read_text(encoding="utf-8").splitlines()[0]
    sources.write_text(f"{head}\ns1,First,,,,,\ns2,Second,,,x,,\n", encoding="utf-8")
    assert repr(course.cite(course.load("t"))).splitlines() == ["1. First ", "2. Second x"]


def test_many_sources_are_grouped_and_the_strong_ones_come_first():
    cited = course.cite(course.load("events"))
    html, kinds = cited._repr_html_(), cited.table["strength"].value_counts()
    assert html.count("<li>") == len(cited) and html.count("<details open>") == 1
    groups = html.split("<summary>")[1:]
    order = ["primary", "quotes a primary", "secondary", "weak"]
    assert [group.count("<li>") for group in groups] == [kinds[kind] for kind in order]
    assert all(
        f"({kinds[kind]})</summary>" in group for kind, group in zip(order, groups, strict=True)
    )
    first = repr(cited).splitlines()[: kinds["primary"]]
    assert all("; primary]" in line for line in first)
    few = course.cite(course.load("events").head(3))
    titles = [few._repr_html_().index(html_escape(one)) for one in few.table["title"]]
    assert "<details" not in few._repr_html_() and titles == sorted(titles)


def test_shapes_can_be_cited():
    shapes = course.shapes("region_polygons")
    assert len(course.cite(shapes)) == len(course.cite(shapes.table)) >= 1
    with pytest.raises(CourseError, match="no column source_id"):
        course.cite(course.shapes("route_lines"))


def test_no_rows_have_no_sources():
    none = course.cite(course.load("claims").head(0))
    assert repr(none) == "No rows, no sources." and "No rows" in none._repr_html_()


def test_a_notebook_shows_the_sentence_without_a_traceback():
    shell = InteractiveShell.instance()
    with capture_output() as said:
        shell.run_cell("import course; course.load('klaims')")
        shell.run_cell("course.LiveMap('population', area='far_east').year = 1700")
    shown = said.stdout + said.stderr
    assert "CourseError: There is no table 'klaims'. Did you mean 'claims'?" in shown
    assert "CourseError: " in shown.split("klaims")[-1] and "traitlets" not in shown
    assert "Traceback" not in shown and "data.py" not in shown


@pytest.mark.parametrize(
    ("word", "options", "meant"),
    [
        ("gdp", ["population", "gdp_current_prices"], "gdp_current_prices"),
        ("cn", ["en", "ru", "zh", "mn"], None),
        ("RU", ["en", "ru"], "ru"),
        ("mars", ["far_east", "heilongjiang"], None),
        ("fareast", ["far_east", "heilongjiang"], "far_east"),
    ],
)
def test_the_nearest_word_is_near(word, options, meant):
    assert nearest(word, options) == (f" Did you mean {meant!r}?" if meant else "")
