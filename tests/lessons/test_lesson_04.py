"""Lesson 04: start years, whose trade it is, what a solved lesson shows, the explorer."""

import ast
import json
import re
from functools import partial

import altair as alt
import folium
import pandas as pd
import pytest

import course
from course.data import read
from course.exercises.exercise import Exercise
from course.explore import explorer
from course.lessons import lesson_04 as room
from course.paths import lessons_dir
from tests.lessons.design import defined

TASKS = {task.id: task for task in room.EXERCISES}
CELLS = {
    cell["id"]: cell | {"source": "".join(cell["source"])}
    for cell in json.loads(
        (lessons_dir() / "04_heilongjiang_and_the_northeast.ipynb").read_text(encoding="utf-8")
    )["cells"]
}
CODE = {id_: c["source"] for id_, c in CELLS.items() if c["cell_type"] == "code"}
PROSE = {id_: c["source"] for id_, c in CELLS.items() if c["cell_type"] == "markdown"}
EVIDENCE = read("claims").set_index("claim_id")["evidence"]


@pytest.fixture(scope="module")
def ran():
    """What the cells define, run in order without the exercises; and the charts they draw."""
    charts, names, draw = {}, {}, course.chart
    with pytest.MonkeyPatch.context() as patch:
        for id_, source in CODE.items():
            if "exercise" in CELLS[id_]["metadata"] or id_ in ("l04-explorer", "l04-live"):
                continue
            keep = lambda drawing, id_=id_, **more: charts.update({id_: drawing})  # noqa: E731
            patch.setattr(course, "chart", keep, raising=False)
            exec(compile(source, id_, "exec"), names)  # noqa: S102
    assert course.chart is draw
    return names, charts


# --- solutions and sources -----------------------------------------------------------


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_solution_overwrites_nothing_that_other_cells_use(task: Exercise):
    others = set().union(
        *(
            defined(c)
            for id_, c in CELLS.items()
            if id_ in CODE and "exercise" not in c["metadata"]
        )
    )
    assert defined(task.solution) & others == set()


def test_a_solved_lesson_shows_the_sources_of_an_untouched_one():
    last = ast.parse(CODE["l04-src-code"])
    used = {n.id for n in ast.walk(last) if isinstance(n, ast.Name)} - {"course", "pd"}
    assert used
    for task in TASKS.values():
        assert used & defined(task.solution) == set(), task.id


# --- like with like ------------------------------------------------------------------


def test_a_year_is_drawn_inside_its_year(ran):
    _names, charts = ran
    spec = charts["l04-russia-chart"].to_dict()
    rows = pd.DataFrame(next(iter(r for r in spec["datasets"].values() if "middle" in r[0])))
    for column in ("start", "end", "middle"):
        assert (pd.to_datetime(rows[column]).dt.year == rows["year"]).all()
    fields = [
        part["encoding"]["x"]["field"]
        for part in spec["layer"]
        if part["mark"]["type"] in ("point", "circle")
    ]
    assert fields == ["middle"]
    whole = rows[rows["period"] == "full year"]
    assert {2008, 2009, 2020, 2021} == set(whole["year"])
    assert (pd.to_datetime(whole["middle"]).dt.month.isin([6, 7])).all()
    assert not rows["year"].duplicated().any()


def test_two_series_of_openness_are_two_lines_and_the_gap_stays(ran):
    names, charts = ran
    rows = names["curves"]
    assert set(rows["trade"]) == {"in yuan", "converted from dollars"}
    assert 2015 not in set(rows["year"])
    assert rows.groupby("trade")["year"].agg(["min", "max"]).to_numpy().tolist() == [
        [2007, 2014], [2016, 2024]
    ]  # fmt: skip
    assert "strokeDash" in charts["l04-long-chart"].to_dict()["encoding"]


def test_charts_fill_the_page(ran):
    for id_, drawing in ran[1].items():
        assert isinstance(drawing, alt.Chart | alt.LayerChart)
        assert drawing.to_dict()["width"] >= 760, id_


def test_several_start_years_are_shown_and_2016_is_justified(ran):
    names, _charts = ran
    starts = range(2013, 2018)
    for table in ("growth_to_2024", "patents_to_2024"):
        assert set(starts) <= set(names[table].index)
    patents = names["patents_to_2024"].loc[2013:2017, room.THREE]
    assert (patents > 0).all().all()
    assert "rose from each start year from 2013 to 2017" in EVIDENCE["c24"]
    grew = names["growth_to_2024"].loc[2013:2017]
    assert grew[room.THREE].lt(grew[room.ALL_31], axis=0).all().all()
    assert "last full year before the meeting" in PROSE["l04-ask-4"]
    steps = names["steps"]
    assert {b - a for a, b in zip(steps.index[:-1], steps.index[1:], strict=True)} == {4}
    loss = steps.diff().dropna()
    assert loss.idxmin() == 2016 and (loss < 0).all()  # "fastest from 2012 to 2016"


# --- claims ----------------------------------------------------------------------------


def test_what_the_course_says_comes_from_the_lesson(ran):
    names, _charts = ran
    yuan, dollars = names["in_yuan"]["CN-HL"], names["from_dollars"]
    trade, share, heads = names["trade"]["CN-HL"], names["steps"], names["residents"]
    russia, grew = (
        names["with_russia"]["russia_total_cny_bn"],
        names["growth_to_2024"].loc[2016],
    )
    patents, risen = names["patents"], names["patents_to_2024"].loc[2016]
    others = names["in_yuan"].loc[2017]
    shown = {
        "c14": [
            f"({trade[2017]:.1f} bn yuan) was {yuan[2017]:.1f}%", f"Jilin {others['CN-JL']:.1f}%",
            f"Liaoning {others['CN-LN']:.1f}%", f"Mongolia {others['CN-NM']:.1f}%",
            f"{dollars[2011]:.1f}% in 2011 and {dollars[2014]:.1f}% in 2014", f"{yuan[2024]:.1f}% in 2024",
        ],
        "c24": [
            f"from {patents[r][2016]:,.0f} to {patents[r][2024]:,.0f} ({risen[r]:.0f}%)" for r in room.THREE
        ],
        "c25": [
            f"{share[2012]:.1f}% (2012) to {share[2016]:.1f}% (2016) and {share[2024]:.1f}% (2024)",
            f"{heads['CN-NE3'][2016]:.1f} mn (2016) to {heads['CN-NE3'][2024]:.1f} mn (2024)",
        ],
        "c44": [
            f"{russia[2017]:.1f} bn yuan in 2017 to {russia[2021]:.1f} bn in 2021",
            f"grew by {grew['CN-HL']:.0f}%, that of 31 provinces by {grew['CN-31']:.0f}%",
            f"from {heads['CN-HL'][2016]:.1f} to {heads['CN-HL'][2024]:.1f} mn",
        ],
        "c46": [
            f"{trade[2016]:.1f} bn yuan in 2016 to {trade[2024]:.1f} bn in 2024",
            f"from {yuan[2016]:.1f}% to {yuan[2024]:.1f}%", f"{dollars[2014]:.1f}%", "16,539 new firms",
        ],
    }  # fmt: skip
    lacks = [
        (claim, say)
        for claim, says in shown.items()
        for say in says
        if say not in EVIDENCE[claim]
    ]
    assert lacks == []
    assert names["of_zone"]["value"].eq(16539).any()


def test_a_trend_is_no_cause():
    claims = read("claims").set_index("claim_id")
    assert claims.loc["c25", ["verdict", "happened", "cause"]].tolist() == [
        "cannot tell", "cannot tell", "not shown"
    ]  # fmt: skip
    assert "A trend shows no cause" in PROSE["l04-steps-say"]


def test_the_corridor_is_left_to_its_own_lesson():
    assert not any("c12" in c["metadata"].get("claims", []) for c in CELLS.values())
    assert "Lesson 05" in PROSE["l04-ask-8"]
    assert "Nothing we found" not in " ".join(PROSE.values())


def test_openness_has_a_source_and_limits():
    words = PROSE["l04-openness"]
    for part in (
        "TG.VAL.TOTL.GD.ZS",
        "value added",
        "where the trading firm is registered",
        "OECD",
    ):
        assert part in words


def test_product_alone_is_no_term():
    texts = [
        *PROSE.values(),
        EVIDENCE["c14"],
        EVIDENCE["c25"],
        EVIDENCE["c44"],
        EVIDENCE["c46"],
    ]
    for task in TASKS.values():
        texts += [task.ask, task.after, *task.hints, *task.mistakes]
    bare = r"(?<!gross regional )(?<!gross domestic )(?<!-)\bproducts?\b"
    assert [text for text in texts if re.search(bare, text)] == []


# --- answers ----------------------------------------------------------------------------


def said(name, given):
    found = TASKS[name].judge(given)
    return found.status, found.message


@pytest.mark.parametrize("given", [18.9, 19.0, 18.95])
def test_what_two_ways_lead_to_is_not_named(given):
    words = said("04.6", given)[1]  # 2014 by the GRP of 2017 is 18.94, the year 2024 is 18.95
    assert "You divided by the GRP of 2017" not in words


def test_openness_of_another_year_is_named():
    assert "That is 2024" in said("04.6", float(room._openness(2024)[room.HOME]))[1]
    by_2017 = room._of_grp(room._in_yuan(room._rate()), 2017)
    assert "You divided by the GRP of 2017" in said("04.6", by_2017)[1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"caption": ""}, "The map has no caption"),
        ({"caption": "Crossings, some of them hollow"}, "does not say what hollow means"),
        ({"caption": "Filled: a county SEAT. Hollow: unsure"}, ""),
        ({"opacity": 0.2}, "so palely that nobody sees it"),
        ({"opacity": None}, ""),  # not palely: browsers fill it
        ({"opacity": "0.8"}, ""),
        ({"tip": "{name} (crossing)"}, ""),
        ({"tip": "crossing"}, "does not name its crossing"),
        ({"title": "{name} crossings"}, ""),
        ({"title": "x{name:.2}"}, "do not say their status"),
        ({"mark": folium.Marker}, "Pins cannot be hollow"),
        ({"mark": partial(folium.Circle, radius=10_000)}, "A Circle has its radius in metres"),
    ],
)
def test_all_that_the_task_of_the_map_asks_for_is_looked_at(changes, words):
    status, message = said("04.8", TASKS["04.8"].answer(**changes))
    assert (status == "passed") == (words == "")
    assert words in message


def test_a_turned_sign_is_named_at_one_figure_too():
    for given in (1.0, 0.98, float(-TASKS["04.4"].answer())):
        assert "The sign is turned round" in said("04.4", given)[1]


def test_falls_of_other_editions_are_named_where_they_are():
    for region, year in (("CN-HL", 2015), ("CN-JL", 2018), ("CN-JL", 2022)):
        words = said("04.3", {"region_id": region, "year": year})[1]
        for edition in (room.OLD, room.MIXED, room.FOURTH, room.NEWEST):
            grp = room._grp(edition)[region].dropna()
            falls = year in grp.index and grp.diff()[year] < 0
            named = re.search(r"falls in (export_\d+(?: and export_\d+)?)", words)[1]
            assert (edition in named) == falls, (region, year, edition)


def test_the_trap_is_named_when_computed_by_hand_from_what_is_shown(ran):
    names = {"course": course}
    exec(CODE["l04-download"].rpartition("\n")[0], names)  # noqa: S102
    shown = eval(CODE["l04-download"].rpartition("\n")[2], names)  # noqa: S307
    figures = [
        float(re.search(rf"^{year} +([\d.,]+)", repr(shown), re.MULTILINE)[1].replace(",", ""))
        for year in (2017, 2018)
    ]
    assert "welcome to the trap" in said("04.1", room.growth(*figures))[1]


# --- what is said holds for all that is shown -------------------------------------------


def test_starts_that_are_not_shown_are_not_spoken_of(ran):
    grew = ran[0]["growth_to_2024"]
    assert grew["CN-LN"][2022] > grew["CN-31"][2022]  # so not "whichever start"
    assert "From each of these five starts" in PROSE["l04-starts-say"]


def test_most_of_the_trade_was_with_russia_since_2012_only(ran):
    shares = ran[0]["with_share"].set_index("year")["russia_share_pct"]
    assert shares.loc[2012:].gt(50).all() and shares.loc[:2010].lt(50).all()
    assert "In each figure from 2012 on, most of the trade" in PROSE["l04-weigh"]


def test_each_quality_of_a_point_is_explained(ran):
    for quality in ran[0]["own"]["coord_quality"].unique():
        assert f"`{quality}`" in PROSE["l04-ask-8"], quality
    assert "`listed` means that only a list names" in PROSE["l04-crossings"]


def test_patents_have_no_31_to_compare_with(ran):
    assert room.ALL_31 not in ran[0]["patents"].columns
    assert "Nor can we compare with the 31" in PROSE["l04-industry"]


def test_the_second_oil_line_is_in_the_row_of_the_first(ran):
    oil = ran[0]["pipes"].query("modes == 'oil pipeline'")
    assert len(oil) == 1 and "second line in China 2018" in oil["opened_note"].iloc[0]
    assert "counts the second oil line with the first" in PROSE["l04-full"]


def test_the_loop_over_piles_is_taught_before_it_is_needed():
    assert "for status, part in" in TASKS["04.8"].solution
    assert "for status, part in" in PROSE["l04-ask-8"]


# --- the explorer -------------------------------------------------------------------------


def test_figures_of_the_explorer_are_figures():
    html = explorer("vintages").draw(province="CN-LN", known="export_2020", show="growth")[0]
    row = re.search(r"<tr><td[^>]*>export_2020</td>.*?</tr>", html)[0]
    cells = re.findall(r'text-align:(\w+)">([^<]*)</td>', row)
    assert [side for side, _text in cells[2:]] == ["right"] * 4
    assert [text for _side, text in cells[2:]] == ["2,340.9", "-22.4", "5.2", "0.4"]
    assert "the GRP of 2017 is" in html
