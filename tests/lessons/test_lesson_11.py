"""What lesson 11 computes and shows, through its public doors."""

import json
import re

import numpy as np
import pytest

from course import explore
from course.data import load
from course.lessons import room
from course.lessons.lesson_11 import changes, draw, outcomes, record, span
from course.paths import lessons_dir


def exercise(name):
    (task,) = (task for task in room("11").EXERCISES if task.id == name)
    return task


def shown(**state):
    explorer = explore.explorer("shocks")
    return explorer.draw(**explorer.start() | state)


def filled(**state):
    return {one["region"]: one for one in shown(**state)[1]}


# --- shares -------------------------------------------------------------------------


def test_the_asymmetry_of_one_flow_is_the_quotient_of_two_totals():
    rows = load("trade_weights").query("exporter == 'RUS' and importer == 'CHN'")
    totals = (
        rows.set_index("year")["importer_total_usd_mn"]
        / rows.set_index("year")["exporter_total_usd_mn"]
    )
    for year, given in exercise("11.1").answer().items():
        assert given == pytest.approx(totals[year])


def test_one_part_of_2025_is_above_the_concentration_of_2020():
    found = exercise("11.2").answer()
    assert found["China alone, 2025"] > found["all partners, 2020"] > 1 / 77


def test_what_joins_the_payment_tables_is_refused():
    assert exercise("11.3").judge(99.1 - 0.5).status == "not yet"
    assert exercise("11.3").judge(40.3).status == "passed"


# --- drawing from the record -----------------------------------------------------------


def test_the_record_is_split_at_the_break_and_nothing_is_lost():
    before, after = record("before"), record("after")
    assert before.index[-1] == "2022-01" and after.index[0] == "2022-02"
    assert len(before) + len(after) == len(changes()) == 12 * 16 - 1
    assert record("to 2016").index[-1] == "2016-12"


def test_each_drawn_year_is_made_of_blocks_that_happened():
    part = record("after")
    blocks = part["roubles"].rolling(6).sum().dropna().to_numpy()
    sums = (blocks[:, None] + blocks).ravel()
    drawn = draw(part["roubles"], 6)
    assert all(np.isclose(sums, one).any() for one in drawn[:200])
    assert len(np.unique(drawn)) <= len(blocks) * (len(blocks) + 1) / 2


def test_oil_and_rate_are_drawn_together():
    part = record("before")
    pair = draw(part[["oil", "rate"]], 6)
    assert np.allclose(pair.sum(axis=1), draw(part["roubles"], 6))
    assert np.corrcoef(pair.T)[0, 1] < -0.4
    apart, together = span("before", "apart"), span("before")
    assert apart[0] < together[0] and together[1] < apart[1]


def test_the_cushion_of_the_rate_is_gone_after_the_break():
    before, after = record("before"), record("after")
    assert before["oil"].corr(before["rate"]) < -0.4 < 0 < after["oil"].corr(after["rate"])


def test_three_months_hide_the_momentum_but_not_that_the_cushion_is_gone():
    """What the lesson says of the record without the spring of 2022."""
    before, after, calm = record("before"), record("after"), record("after").loc["2022-05":]
    assert abs(calm["oil"].corr(calm["rate"])) < 0.1
    momentum = [part["rate"].autocorr() for part in (before, after, calm)]
    assert momentum[1] < 0.2 < 0.4 < min(momentum[0], momentum[2])
    low = [np.quantile(draw(part["roubles"], 6), 0.05) for part in (before, after, calm)]
    low = 100 * np.expm1(low)
    assert 0.4 < (low[2] - low[0]) / (low[1] - low[0]) < 0.6  # about half is left


def test_the_parts_of_the_first_chart_are_as_the_prose_has_them():
    rows = load("trade_weights").set_index(["exporter", "importer"])
    grew = {}
    for seller, buyer in (("RUS", "CHN"), ("CHN", "RUS")):
        one = rows.loc[(seller, buyer)].set_index("year")
        for whole, who in (("exporter", seller), ("importer", buyer)):
            part = 100 * one["value_usd_mn"] / one[f"{whole}_total_usd_mn"]
            grew[who, whole] = part[2020] / part[2000]
            assert (part.max() < 5) == (who == "CHN")
            assert who == "CHN" or part[2000] == pytest.approx(5, abs=0.1)
    assert grew["RUS", "exporter"] == pytest.approx(3, abs=0.1)
    assert grew["RUS", "importer"] > 4
    assert 2.6 < grew["CHN", "exporter"] < 3


def test_both_bridges_were_begun_before_the_article():
    begun = load("projects").set_index("project_id")["started_on"]
    assert (begun[["heihe_bridge", "tongjiang_bridge"]] < "2017-06-14").all()


def test_the_same_seed_draws_the_same_and_another_nearly_so():
    part = record("before")["roubles"]
    assert (draw(part, 6) == draw(part, 6)).all()
    ends = [np.quantile(draw(part, 6, seed=seed), [0.05, 0.95]) for seed in (1, 2, 3)]
    assert np.ptp(ends, axis=0).max() < 0.03


def test_the_lesson_draws_as_its_room_does():
    """The function in the notebook and that of the room give the same years."""
    (path,) = lessons_dir().glob("11_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (source,) = ("".join(c["source"]) for c in cells if c["id"] == "l11-draw")
    own: dict = {"np": np}
    exec(source.partition("\n\n")[0], own)  # noqa: S102
    part = record("after")["roubles"]
    assert (own["draw"](part, 6) == draw(part, 6)).all()


def test_the_backtest_uses_no_month_that_came_later():
    assert set(outcomes().index) == set(range(2017, 2026))
    low, high = span("to 2016")
    missed = {y for y, came in outcomes().items() if not low <= came <= high}
    assert missed == set(exercise("11.7").answer())
    assert exercise("11.7").judge(set(outcomes().index) - missed).status == "not yet"


@pytest.mark.parametrize(
    ("task", "given", "words"),
    [
        (
            "11.4",
            lambda: set(exercise("11.4").answer()) - {"secondary_sanctions_2023"},
            "whole",
        ),
        ("11.5", lambda: _ends(lambda one, base: base * (1 + one)), "divide by 100"),
        ("11.6", lambda: dict(zip(("low", "high"), span(), strict=True)), "np.exp leads back"),
        ("11.6", lambda: dict(zip(("low", "high"), np.exp(span()), strict=True)), "Take 1 off"),
        ("11.7", list, "take |"),
        ("11.7", lambda: outcomes().loc[[2021, 2025]], "in the index"),
        ("11.7", lambda: outcomes().index, "in logarithms"),
        ("11.7", lambda: [2021, 2023, 2025], "10th to the 90th"),
    ],
)
def test_a_likely_slip_is_named(task, given, words):
    found = exercise(task).judge(given())
    assert found.status == "not yet" and words in found.message


def _ends(bend):
    """Apply a change in percent to the base in some way."""
    bar, base = exercise("11.5").answer(), room("11")._base()
    return {end: bend(100 * (one / base - 1), base) for end, one in bar.items()}


# --- events ---------------------------------------------------------------------------


def test_every_measure_says_who_acts_or_who_reports():
    rows = load("events").query("kind in ('price cap', 'trade barrier', 'sanctions')")
    who = r"(Western states|G7|European Union|US |China |Russia |Vedomosti|ICBC)"
    assert rows["title"].str.match(who).all()


# --- the explorer ----------------------------------------------------------------------


def test_a_shock_is_a_share_times_its_size():
    rows = load("region_indicators").query("region_id == 'RU-AMU' and year == 2016")
    mined = rows.query("indicator_id == 'mining_output'")["value"].item()
    product = rows.query("indicator_id == 'grp_current_prices' and vintage == 'edition_2021'")
    share = 0.2 * 100 * mined / product["value"].item()
    assert f"Amur Oblast: {share:.1f} %" in filled(size=20)["RU-AMU"]["says"]


def test_twice_the_shock_is_twice_the_loss():
    def loss(size):
        said = filled(size=size, measure="money")["RU-SA"]["says"]
        return float(re.search(r": ([\d,.]+)", said)[1].replace(",", ""))

    assert loss(40) == pytest.approx(2 * loss(20), abs=0.6)


def test_regions_are_filled_by_how_hard_they_are_hit():
    fills = filled()
    assert fills["RU-CHU"]["fill"] != fills["RU-PRI"]["fill"]
    assert len({one["fill"] for one in fills.values()}) >= 4


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"year": 2024}, "2024 has no figures: they cover 2005 to 2016"),
        ({"shock": "trade", "region": "RU-AMU"}, "For Amur Oblast these tables have no such"),
        (
            {"region": "RU-CHU"},
            "for each 100 of gross regional product 116 of shipped output of mining",
        ),
        ({"shock": "dollar"}, "counted on 2021"),
        ({"shock": "exports", "size": 20}, "20 % of exports are lost"),
        ({"shock": "made", "size": 20}, "Factories sell 20 % less"),
        ({}, "No forecast"),
    ],
)
def test_a_view_says_what_it_lacks_and_what_it_is_not(state, words):
    assert words in shown(**state)[0]


def test_the_provinces_of_china_answer_in_yuan():
    html, features = shown(shock="trade", measure="money", year=2024)
    assert "billion yuan" in html and "roubles" not in html
    assert {one["region"] for one in features} == {"CN-HL", "CN-JL", "CN-LN", "CN-NM"}


def test_the_region_chosen_is_marked_on_the_map_and_in_the_list():
    html, features = shown(region="RU-SAK")
    assert "<b>Sakhalin Oblast</b>" in html
    assert [one["region"] for one in features if one["width"] == 3] == ["RU-SAK"]


# --- the map exercise --------------------------------------------------------------------


@pytest.mark.parametrize("bins", [(0, 1, 3, 5, 10, 20, 30), (0, 1, 2, 4, 6, 14, 24)])
def test_other_fair_classes_pass(bins):
    task = exercise("11.8")
    assert task.judge(task.answer(bins=bins)).status == "passed"


def test_a_class_too_full_is_told():
    task = exercise("11.8")
    found = task.judge(task.answer(bins=(0, 5, 10, 15, 25)))
    assert "no class with more than four" in found.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"legend": "loss in percent"}, "of what"),
        ({"key": "feature.properties.name_en"}, "did not find their regions"),
    ],
)
def test_what_the_map_task_asks_for_is_checked(change, words):
    task = exercise("11.8")
    assert words in task.judge(task.answer(**change)).message


def test_one_missing_region_is_no_wrong_key():
    task = exercise("11.8")
    loss = room("11")._loss().drop("RU-CHU")
    assert "Which row is missing" in task.judge(task.answer(loss)).message


def test_the_key_of_the_colours_has_regions_without_a_figure():
    html, features = shown(shock="trade")
    assert "no figure" in html and len(features) == 4


def test_the_regions_on_the_border_lose_less_than_half_of_the_four_that_lose_most():
    loss = room("11")._loss()
    most = ["RU-CHU", "RU-SAK", "RU-SA", "RU-MAG"]
    border = loss[["RU-PRI", "RU-YEV", "RU-KHA", "RU-AMU", "RU-ZAB"]]
    assert set(loss.nlargest(4).index) == set(most)
    assert border.max() < loss[most].min() / 2
