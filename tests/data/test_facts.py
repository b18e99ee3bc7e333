"""What the lessons teach with is in the tables: their traps, conflicts and known figures."""

from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"


def table(name):
    frame = pd.read_csv(DATA / f"{name}.csv", encoding="utf-8")
    return frame.fillna({"vintage": "", "note": ""})


@pytest.fixture(scope="module")
def figures():
    return table("region_indicators")


@pytest.fixture(scope="module")
def trade():
    return table("bilateral_trade").query("reporter == 'CHN' and partner == 'RUS'")


def test_the_false_fall_of_the_mixed_vintage_is_there_and_only_there(figures):
    product = figures[figures["indicator_id"] == "gdp_current_prices"]
    wide = product.pivot(index=["region_id", "year"], columns="vintage", values="value")
    falls = wide.loc["CN-HL"].apply(lambda v: v.dropna().pct_change().min())
    assert falls["export_2020"] == pytest.approx(-0.19, abs=0.01)
    assert falls.drop("export_2020").min() > -0.1
    ratio = wide.div(wide["export_2025"], axis=0)
    assert ratio["export_2024"].max() < 1.05
    assert ratio.loc[("CN-HL", 2017), "export_2018"] == pytest.approx(1.256, abs=0.005)


def test_breaks_smaller_than_a_jump_are_named(figures):
    wear = figures[figures["indicator_id"] == "fixed_assets_wear"]
    years = wear.pivot(index="region_id", columns="year", values="value")
    said = wear[wear["note"].str.contains("break in the source")]
    assert set(said["region_id"]) == set(years.index[years[2003] < years[2002] * 2 / 3])
    assert set(said["year"]) == {2003}
    single = figures[figures["note"].str.contains("One year out of line")]
    places = set(zip(single["region_id"], single["year"], strict=True))
    assert places == {("RU-KHA", 2017), ("RU-CHU", 2005)}
    dollars = figures.loc[figures["indicator_id"] == "goods_trade_total_usd", "year"]
    assert 2006 not in set(dollars) >= {2005, 2007}  # the year the file has wrong


def test_mirror_figures_stay_within_known_bounds():
    imf = table("bilateral_trade").query("series == 'IMF DOTS'").set_index(["reporter", "year"])
    china, russia = imf.loc["CHN"], imf.loc["RUS"]
    sold = china["exports_usd_bn"] / russia["imports_usd_bn"]
    bought = china["imports_usd_bn"] / russia["exports_usd_bn"]
    assert sold.between(0.7, 2.4).all() and bought.between(1.0, 2.0).all()
    assert sold.loc[2011:].between(0.84, 1.07).all()
    assert sold.idxmax() == 2000  # the widest gap, which lesson 06 shows


@pytest.mark.parametrize(
    ("year", "low", "high"), [(2000, 8.0, 8.3), (2015, 64.2, 67.955), (2025, 228.105, 234)]
)
def test_conflicts_show_both_sides(trade, year, low, high):
    both = trade[(trade["year"] == year) & (trade["check"] == "conflict")]["total_usd_bn"]
    assert both.min() == pytest.approx(low, abs=0.01)
    assert both.max() == pytest.approx(high, abs=0.01)


def test_the_total_of_2015_is_a_sum_in_yuan(trade):
    first = trade[trade["series"] == "China customs first release"].set_index("year")
    assert pd.isna(first["yoy_pct"][2015]) and first["total_cny_bn"][2015] == 422.7
    parts = table("part_year_trade").query("period_end == '2017-05-31' and reporter == 'CHN'")
    assert parts["total_usd_bn"].item() == 32.39  # what a reader of June 2017 knew


def test_the_tables_hold_what_the_lessons_count_on():
    cut = table("tariffs").query("measure.str.contains('cut of 1 Nov 2018')")
    wide = cut.pivot(index="product_group", columns="measure", values="rate_pct")
    before, after = (wide.filter(like=w).squeeze() for w in ("before", "after"))
    assert len(wide) == 4 and (after < before).all()
    lines = table("agreements").query("event == 'coverage'")["product_lines"]
    assert sorted(lines) == [275, 367, 375]
    local = table("regional_trade").query("year == 2020 and period == 'full year'")
    assert 6 < local["total_cny_bn"].sum() / local["total_usd_bn"].sum() < 7.5
    stops = table("route_stops").dropna(subset=["km_from_prev", "drawn_km_from_prev"])
    ratio = (stops["km_from_prev"] / stops["drawn_km_from_prev"]).median()
    assert len(stops) > 50 and 1.1 < ratio < 1.4  # a real way is longer than its drawing
    targets = table("trade_targets")
    assert (targets["kind"] == "forecast").sum() == 2
    zones = table("zone_figures").query("scope == 'this zone'")
    wide = zones.pivot_table("value", "zone_id", "indicator")
    assert len(wide[["invested", "planned investment"]].dropna()) == 2
    assert set(table("claims")["lesson"].astype(int)) <= set(range(1, 13))
