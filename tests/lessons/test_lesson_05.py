"""Lesson 05: the lines of the corridor, equal periods, bounds, and the explorer."""

import ast
import re

import folium
import pytest

from course.data import load
from course.explore import explorer
from course.lessons.lesson_05 import _LINES, EXERCISES
from course.maps.area import area_map
from course.paths import lessons_dir
from tests.lessons.design import Lesson, folded

TASKS = {task.id: task for task in EXERCISES}
LESSON = Lesson.read(lessons_dir() / "05_the_mongolia_corridor.ipynb")
CELLS = {cell["id"]: cell["source"] for cell in LESSON.cells}
PROSE = "\n".join(text for _n, text in LESSON.prose())


# --- the lines of the corridor -----------------------------------------------------


def test_it_shows_all_lines_and_says_which_it_draws():
    (shown,) = re.findall(r"^lines = (\[.*\])$", CELLS["l05-lines"], re.MULTILINE)
    assert ast.literal_eval(shown) == _LINES
    assert all(f'"{line}"' in CELLS["l05-lines-map"] for line in _LINES)
    assert "draws and measures **one** of the three, the Trans-Mongolian" in PROSE


def test_the_notes_say_who_counts_the_two_others_to_the_corridor():
    routes = load("routes").set_index("route_id")
    for line in _LINES[1:]:
        assert "China-Mongolia-Russia corridor" in routes.loc[line, "note"]
        assert "MNG" not in routes.loc[line, "countries"]


def test_the_verdict_looks_at_all_lines():
    assert "isin(lines)" in CELLS["l05-now-region"]
    stops = load("route_stops").merge(load("places"), on="place_id")
    touch = stops[(stops["region_id"] == "CN-HL") & stops["route_id"].isin(_LINES)]
    assert set(touch["route_id"]) == set(_LINES[1:])


def test_the_forums_before_and_after_name_the_corridor():
    events = load("events").set_index("event_id")
    for one in ("forum3_2016", "forum6_2019"):
        assert one in CELLS["l05-forums"]
        assert "China-Mongolia-Russia corridor" in events.loc[one, "note"]


def test_a_claim_of_another_lesson_is_not_promised():
    assert LESSON.contract["claims"] == ["c06", "c12"]


# --- like with like -----------------------------------------------------------------


def freight():
    """Freight of 2023 at the crossings of Mongolia, as the lesson takes it."""
    crossings = load("crossings")
    mongolian = crossings[crossings["border"].str.contains("MNG")]
    rows = load("crossing_figures").merge(mongolian[["crossing_id"]], on="crossing_id")
    rows = rows[(rows["indicator"] == "freight total") & rows["period"].str.startswith("2023")]
    return rows.sort_values("value")


def test_the_first_is_first_in_a_period_no_longer_than_any_whole_year():
    *others, first = freight().to_dict("records")
    assert first["crossing_id"] == "ganqimaodu_gashuunsukhait"
    assert first["value_kind"] == "reported"
    assert (first["period_end"] - first["period_start"]).days < 365
    assert all(first["value"] > 2 * one["value"] for one in others)


def test_the_bound_of_the_trains_is_asked_for_as_one():
    trains = load("freight_trains")
    row = trains[(trains["point"] == "Erenhot") & (trains["year"] == 2023)]
    assert row["value_kind"].tolist() == ["lower bound"]
    assert list(TASKS["05.8"].answer()) == ["limit", "at_least"]
    assert "at_least" in CELLS["l05-try-8"] and "lower bound" in CELLS["l05-ask-8"]


# --- within reach -------------------------------------------------------------------


def test_no_cell_shows_an_answer_that_is_not_there_yet():
    asked = {
        ast.unparse(node.targets[0])
        for cell in LESSON.cells
        if "exercise" in cell["metadata"]
        for node in ast.walk(ast.parse(cell["source"]))
        if isinstance(node, ast.Assign)
    }
    for _n, cell in LESSON.code():
        last = ast.parse(cell["source"]).body[-1]
        bare = ast.unparse(last) if isinstance(last, ast.Expr) else ""
        assert bare not in asked, cell["id"]


def test_drawing_is_folded_below_words_on_what_it_draws():
    hidden = [(n, cell["id"]) for n, cell in LESSON.code() if folded(cell)]
    assert {"l05-lines-map", "l05-live", "l05-crossings-map"} < {name for _n, name in hidden}
    for n, name in hidden[:-1]:  # the last gives the sources
        assert "draws" in LESSON.cells[n - 1]["source"], name


# --- the map of the line ---------------------------------------------------------------


def corridor_map(*lines, area="mongolia_corridor", **style):
    stops = load("route_stops").query("route_id == 'trans_mongolian'").sort_values("seq")
    spots = stops.merge(load("places"), on="place_id").set_index("place_id")[["lat", "lon"]]
    m = area_map(area)
    for line in lines or (slice(None),):
        folium.PolyLine(spots.to_numpy()[line].tolist(), **style).add_to(m)
    folium.Marker(spots.loc["erenhot"].tolist(), tooltip="gauge").add_to(m)
    return m


@pytest.mark.parametrize(
    ("lines", "changes", "words"),
    [
        ([], {}, ""),
        ([slice(None, None, -1)], {"weight": 8, "color": "red"}, ""),
        ([slice(None), slice(None)], {}, "there is another line"),
        ([slice(None, None, -1), slice(3, 6)], {}, "there is another line"),
        ([slice(6), slice(5, None)], {}, "one PolyLine"),
        ([slice(n, n + 2) for n in range(14)], {}, "one PolyLine"),
        ([], {"area": "borderland"}, 'course.area_map("mongolia_corridor")'),
    ],
)
def test_one_line_that_can_be_seen_on_the_map_that_was_asked_for(lines, changes, words):
    found = TASKS["05.2"].judge(corridor_map(*lines, **changes))
    assert (found.status == "passed") == (not words)
    assert words in found.message


# --- the explorer ------------------------------------------------------------------------


def draw(**state):
    state = {"where": "Mongolia, all CPMM", "mode": "rail"} | state
    return explorer("hours").draw(**state)[0]


def test_all_directions_of_a_border_are_drawn_with_their_labels():
    html = draw(year=2022)
    for label in ("9.3", "20.1", "12.2", "$25", "$5", "$20"):
        assert re.search(rf">{re.escape(label)}<", html), label
    for name in ("into the country", "out of the country", "both directions"):
        assert f"</span> {name}" in html


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022, 2023])
@pytest.mark.parametrize("mode", ["rail", "road"])
@pytest.mark.parametrize(
    "where",
    ["Mongolia, all CPMM", "Zamyn-Uud|Erenhot", "China, all CPMM", "CAREC, all corridors"],
)
def test_it_speaks_of_bars_that_it_draws_and_of_no_other(where, mode, year):
    html = draw(where=where, mode=mode, year=year)
    drawn = sorted(set(re.findall(r"<title>Year: (\d{4});", html)))
    said = re.findall(r"There are bars for: ([\d, ]+)\.", html)
    assert all(years.split(", ") == drawn for years in said)
    assert bool(said) == (str(year) not in drawn and bool(drawn))
    assert ("No bar for" in html) == (str(year) not in drawn and "in no year" not in html)


def test_a_row_that_is_no_bar_is_not_told_as_one():
    html = draw(where="Zamyn-Uud|Erenhot", year=2022)
    words = "No bar for 2022. There are bars for: 2023. Rows that make no bar: 2020, 2021."
    assert words in html and "<table" not in html
    assert "<table" in draw(where="Zamyn-Uud|Erenhot", year=2021)


# --- what a student met who had not seen the answers ------------------------------------


def with_line(line, route="trans_mongolian", marks=(("erenhot", "gauge"),)):
    """A map with one line of any kind, and markers at places of the route."""
    stops = load("route_stops").merge(load("places"), on="place_id")
    spots = stops.set_index("place_id")[["lat", "lon"]]
    m = area_map("mongolia_corridor")
    line(
        stops[stops["route_id"].isin([*route] if isinstance(route, list) else [route])]
    ).add_to(m)
    for place, words in marks:
        spot = spots[~spots.index.duplicated()].loc[place].tolist()
        folium.Marker(spot, tooltip=words).add_to(m)
    return m


def poly(rows, kind=folium.PolyLine):
    return kind(rows[["lat", "lon"]].to_numpy().tolist())


def ready_made(rows):
    pairs = rows[["lon", "lat"]].to_numpy().tolist()
    return folium.GeoJson({"type": "LineString", "coordinates": pairs})


ELSEWHERE = "a marker elsewhere speaks of the gauge, too"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: with_line(poly, _LINES), "places that are no stops of corridor"),
        (lambda: with_line(lambda rows: poly(rows, folium.Polygon)), "closes itself"),
        (lambda: with_line(ready_made), "The line is no folium.PolyLine"),
        (
            lambda: with_line(lambda rows: poly(rows.iloc[[*range(15), 0]])),
            "comes to its first stop a second time",
        ),
        (
            lambda: with_line(poly, marks=[("naushki", "gauge"), ("erenhot", "gauge")]),
            ELSEWHERE,
        ),
        (
            lambda: with_line(
                poly, marks=[("naushki", "gauge 1520"), ("erenhot", "gauge changes")]
            ),
            "",
        ),
        (
            lambda: with_line(poly, marks=[("naushki", "gauge"), ("erenhot", "new gauge")]),
            ELSEWHERE,
        ),
        (lambda: with_line(lambda rows: poly(rows.round(1))), "not rounded"),
        (lambda: with_line(lambda rows: poly(rows.round(2))), ""),
        (lambda: with_line(poly, marks=[("erenhot", "gauge"), ("zamyn_uud", "gauge")]), ""),
        (lambda: with_line(poly, "chinese_eastern_west"), "through the stops of corridor yet"),
    ],
)
def test_the_line_is_a_line_through_the_stops_and_through_nothing_else(made, words):
    found = TASKS["05.2"].judge(made())
    assert (found.status == "passed") == (not words), found.message
    assert words in found.message


@pytest.mark.parametrize(
    ("task", "answer", "words"),
    [
        ("05.1", {"CHN", "MNG", "RUS"}, "all who adopted it"),
        ("05.1", set(), "Your set is empty"),
        ("05.3", "Erenhot", "there is no sum there"),
        ("05.3", 2215, "the published length"),
        ("05.4", 374.4, "a difference"),
        ("05.4", 2215 / 1835.6, "the published length"),
        ("05.5", 0.0928, "The capital is missing"),
        ("05.5", 0.4401, "without a stop"),
        ("05.5", 0.5536, "both censuses together"),
        ("05.6", lambda rolling, overall: 500 / overall - 500 / rolling, "on 500 km"),
        ("05.7", {"road": 1.99, "rail": 22.39}, "the hours of 2023"),
        ("05.7", {"road": 0.4975, "rail": 0.4154}, "Rail is upside down"),
        ("05.7", {"road": 0.606, "rail": 0.721}, "the years 2021 and 2022"),
        ("05.8", {"limit": 7, "at_least": 332}, "a number of days"),
        ("05.8", {"limit": 7, "at_least": 3807 / 349}, "the answer for 2025"),
        ("05.8", {"limit": 7, "at_least": 3000 / 3271}, "those of the whole table"),
    ],
)
def test_a_wrong_answer_is_told_what_it_is(task, answer, words):
    found = TASKS[task].judge(answer)
    assert found.status == "not yet"
    assert words in found.message


@pytest.mark.parametrize("name", ["Beijing", "北京", "Пекин", "Бээжин"])
def test_the_stop_may_be_named_in_any_language_of_the_course(name):
    assert TASKS["05.3"].judge(name).status == "passed"


def test_a_row_that_nothing_is_known_of_is_not_surpassed():
    rows = load("crossing_figures")
    rows = rows[rows["crossing_id"].eq("erenhot_zamyn_uud_rail")]
    freight_2023 = rows["indicator"].eq("freight total") & rows["period"].str.startswith("2023")
    assert not freight_2023.any()
    assert "nobody can call the last row the busiest" in PROSE
    assert "the busiest crossing" not in PROSE


def test_the_years_without_trucks_out_of_mongolia_are_all_named():
    rows = load("border_delays")
    rows = rows[rows["point"].str.startswith("Mongolia, all") & rows["mode"].eq("road")]
    rows = rows[rows["indicator"].str.startswith("border-crossing time")].dropna(
        subset=["year"]
    )
    wide = rows.pivot(index="year", columns="direction", values="hours")
    odd = wide[wide["inbound"].notna() & wide["outbound"].isna()].astype(float)
    assert odd.index.tolist() == [2022, 2023]
    assert (odd["both"] == odd["inbound"]).all()
    assert "no outbound figure in 2022 and 2023" in PROSE


def test_what_is_asked_for_was_shown():
    assert "`notna` where it is filled" in PROSE
    assert "`pivot` lays the long table out" in PROSE
    assert "You know `values`" not in PROSE  # no lesson before this one has it


def test_the_sources_have_the_crossings_the_land_and_the_road():
    assert re.search(r"mongolian, lands, census", CELLS["l05-src-code"])
    assert '"ah3_mongolia"' in CELLS["l05-src-code"]
