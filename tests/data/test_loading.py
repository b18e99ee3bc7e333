"""Loading tables, describing them, and finding the sources behind rows."""

import json

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import course
from course import data
from course.data import FeatureCollection
from course.errors import CourseError, nearest

NAMES = [r["name"] for r in data.package()["resources"]]
FRAMES = [r["name"] for r in data.package()["resources"] if r.get("format") != "geojson"]
SHAPES = [name for name in NAMES if name not in FRAMES]
SOURCED = [name for name in FRAMES if "source_id" in data.read(name) and name != "sources"]


def resource(name):
    """A table's entry in the descriptor."""
    return next(r for r in data.package()["resources"] if r["name"] == name)


def used(rows):
    """The source ids in some rows, in order of columns, then rows."""
    columns = [c for c in ("source_id", "source2_id") if c in rows]
    ids = pd.concat([rows[c] for c in columns]).dropna()
    return list(dict.fromkeys(ids[ids != ""]))


@pytest.fixture
def facts():
    """A large table whose rows rest on several sources."""
    return course.load("region_indicators")


# --- load ---------------------------------------------------------------------


@pytest.mark.parametrize("name", FRAMES)
def test_every_table_loads_with_its_units_title_and_licence(name):
    frame, fields = course.load(name), resource(name)["schema"]["fields"]
    assert len(frame)
    assert list(frame.columns) == [f["name"] for f in fields]
    assert frame.attrs["table"] == name
    assert frame.attrs["title"] == resource(name)["title"]
    assert frame.attrs["units"] == {f["name"]: f["unit"] for f in fields if f.get("unit")}
    assert frame.attrs["licence"]


@pytest.mark.parametrize("name", FRAMES)
def test_columns_have_the_type_that_is_declared(name):
    frame = course.load(name)
    for field in resource(name)["schema"]["fields"]:
        column = frame[field["name"]].dropna()
        if field["type"] in ("number", "integer", "year"):
            assert pd.api.types.is_numeric_dtype(column), field["name"]
        if field["type"] == "string":
            assert all(isinstance(v, str) for v in column), field["name"]
        if field["type"] == "date":
            assert pd.api.types.is_datetime64_any_dtype(column), field["name"]


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_a_feature_collection_with_a_table(name):
    shapes = course.load(name)
    assert isinstance(shapes, FeatureCollection)
    assert shapes["type"] == "FeatureCollection"
    assert len(shapes.table) == len(shapes["features"]) > 0
    assert json.dumps(shapes)  # folium writes it into the page


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
    shapes = course.load("g")
    shapes["features"].clear()
    assert len(course.load("g")["features"]) == 1


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


def test_the_largest_table_is_parsed_once(monkeypatch):
    largest = course.tables().query("kind == 'table'")["rows"].idxmax()
    data._frame.cache_clear()
    parsed = []
    read_csv = pd.read_csv
    monkeypatch.setattr(pd, "read_csv", lambda *a, **k: parsed.append(a) or read_csv(*a, **k))
    frames = [course.load(largest) for _ in range(5)]
    assert len(parsed) == 1
    assert len({id(f) for f in frames}) == 5
    data._frame.cache_clear()


def test_loading_leaves_a_trace_and_reading_does_not(package):
    data.loaded.clear()
    data.read("t")
    assert data.loaded == set()
    course.load("t")
    course.load("g")
    assert data.loaded == {"t", "g"}


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


@pytest.mark.parametrize("damage", ["missing", "not csv", "not utf-8", "empty"])
def test_damaged_table_sends_to_the_doctor(package, damage):
    path = package / "t.csv"
    path.write_bytes(
        {"not csv": b'a,"b\n1,2,"3', "not utf-8": b"code\n\xff\xfe\x00", "empty": b""}.get(
            damage, b""
        )
    )
    if damage == "missing":
        path.unlink()
    with pytest.raises(CourseError, match=r"data/t\.csv .*`course doctor`"):
        course.load("t")


def test_damaged_shapes_and_descriptor_send_to_the_doctor(package):
    (package / "g.geojson").write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match=r"data/g\.geojson"):
        course.load("g")
    (package / "datapackage.json").write_text("[", encoding="utf-8")
    data.package.cache_clear()
    with pytest.raises(CourseError, match=r"data/datapackage\.json"):
        course.load("t")


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
    "filter": lambda d: d[d["year"] == 2017],
    "filter and sort": lambda d: d[d["value"] > 100].sort_values("value"),
    "columns": lambda d: d[d["year"] == 2016][["region_id", "value"]],
    "one column": lambda d: d[d["year"] == 2016][["value"]],
    "head": lambda d: d.head(7),
    "head and columns": lambda d: d.head(7)[["region_id", "year", "indicator_id", "value"]],
    "tail and columns": lambda d: d.tail(5)[["year"]],
    "sample": lambda d: d.sample(9, random_state=1)[["region_id", "value"]],
    "list of rows": lambda d: d.iloc[[40, 3, 40]],
    "step": lambda d: d.iloc[::50][["value"]],
    "everything": lambda d: d[["year"]],
    "dropna": lambda d: d.dropna()[["region_id", "value"]],
    "new column": lambda d: d[d["year"] == 2017].assign(m=1)[["value", "m"]],
}


@pytest.mark.parametrize("cut", CUTS)
def test_cite_is_exact(facts, cut):
    rows = CUTS[cut](facts)
    cited = course.cite(rows)
    full = facts.loc[rows.index]
    assert sorted(cited.table.index) == sorted(used(full))
    counts = pd.concat([full[c] for c in ("source_id", "source2_id") if c in full])
    counts = counts[counts != ""].value_counts()
    assert cited.table["rows"].to_dict() == counts.to_dict()


def test_cite_one_row_and_one_column(facts):
    assert list(course.cite(facts.iloc[5]).table.index) == used(facts.iloc[[5]])
    column = facts.loc[facts["year"] == 2017, "value"]
    assert sorted(course.cite(column).table.index) == sorted(used(facts.loc[column.index]))


def test_cite_after_a_merge_names_both_tables():
    left = course.load("region_indicators").head(4)
    right = course.load("regions")
    both = left.merge(right, on="region_id")
    assert set(course.cite(both).table.index) >= set(used(left))
    if "source_id" in right:
        expected = set(used(left)) | set(
            used(right[right["region_id"].isin(left["region_id"])])
        )
        assert set(course.cite(both).table.index) == expected


LOST = {
    "renumbered": lambda d: d[d["year"] == 2017][["region_id", "value"]].reset_index(drop=True),
    "renumbered, coarse": lambda d: d[d["region_id"] == d["region_id"].iloc[-1]][
        ["region_id"]
    ].reset_index(drop=True),
    "grouped": lambda d: d.groupby("year")[["value"]].sum(),
    "grouped by text": lambda d: d.groupby("region_id")[["value"]].mean(),
    "pivoted": lambda d: d.pivot_table(index="year", columns="region_id", values="value"),
    "reindexed": lambda d: d.set_index("year")[["value"]],
    "computed": lambda d: d[["value"]] * 1000,
    "only new columns": lambda d: d.assign(m=1)[["m"]],
    "made by hand": lambda d: pd.DataFrame({"value": [1.0, 2.0]}),
}


@pytest.mark.parametrize("way", LOST)
def test_cite_never_guesses(facts, way):
    with pytest.raises(CourseError, match="source_id"):
        course.cite(LOST[way](facts))


def test_coarse_columns_that_fit_other_rows_are_no_proof(package):
    # the last two rows, renumbered, look like the first two
    with (package / "t.csv").open("a", encoding="utf-8") as file:
        file.write("007,NA,,9,s2\n")
    data._frame.cache_clear()
    frame = course.load("t")
    other = frame[frame["n"] == 9][["code", "name"]].reset_index(drop=True)
    with pytest.raises(CourseError, match="no longer say"):
        course.cite(other)
    assert list(course.cite(frame[["code", "name"]].tail(1)).table.index) == ["s2"]


@pytest.mark.parametrize("thing", [None, 3, "places", ["s1"], {"source_id": "s1"}])
def test_cite_wants_rows(thing):
    with pytest.raises(CourseError, match="hand in a DataFrame"):
        course.cite(thing)


def test_unknown_source_is_named(package):
    with pytest.raises(CourseError, match="no source 'nope'"):
        course.cite(course.load("t").assign(source_id="nope"))


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
    (package / "sources.csv").write_text(
        "source_id,title,url\ns1,First,\ns2,Second,x\n", encoding="utf-8"
    )
    assert repr(course.cite(course.load("t"))).splitlines() == ["1. First ", "2. Second x"]


def test_no_rows_no_sources(package):
    assert len(course.cite(course.load("t").head(0))) == 0


def test_shapes_say_what_they_are_and_can_be_cited():
    shapes = course.load("region_polygons")
    assert shapes.attrs["title"] and shapes.table.attrs == shapes.attrs
    assert len(course.cite(shapes)) == len(course.cite(shapes.table)) >= 1
    with pytest.raises(CourseError, match="no longer say where"):
        course.cite(shapes.table[["name_en"]])


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
