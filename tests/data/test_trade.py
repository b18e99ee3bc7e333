"""What a statistician would ask of the tables on trade and transport."""

from itertools import combinations

import pandas as pd
import pytest

import course
from course.data import package, read

shapely = pytest.importorskip("shapely.geometry")

TABLES = [
    "bilateral_trade",
    "part_year_trade",
    "trade_structure",
    "regional_trade",
    "energy_flows",
    "settlement_currency",
    "freight_trains",
    "agreements",
    "tariffs",
    "trade_targets",
    "partner_shares",
    "crossing_figures",
    "routes",
    "route_stops",
    "route_figures",
    "rail_distances",
    "border_delays",
    "free_port_and_zones",
    "zone_figures",
]


@pytest.fixture(scope="module")
def trade() -> pd.DataFrame:
    return read("bilateral_trade")


def resource(name: str) -> dict:
    return next(r for r in package()["resources"] if r["name"] == name)


# --- descriptors -------------------------------------------------------------
@pytest.mark.parametrize("name", TABLES)
def test_every_row_rests_on_a_source_and_the_key_is_unique(name):
    frame, schema = read(name), resource(name)["schema"]
    assert frame.source_id.notna().all()
    assert set(frame.check) <= {"two sources", "one source", "conflict"}
    assert not frame.duplicated(schema["primaryKey"]).any()
    assert [f["name"] for f in schema["fields"]] == list(frame.columns)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_described_and_measures_have_units(name):
    for field in resource(name)["schema"]["fields"]:
        assert len(field["description"]) > 4, field["name"]
        if field["name"].endswith(("_bn", "_pct", "_km", "_km2", "_mm")):
            assert field["unit"], field["name"]


@pytest.mark.parametrize("name", TABLES)
def test_shares_money_and_years_stay_in_bounds(name):
    frame = read(name)
    for column in frame.columns:
        values = frame[column].dropna()
        if column.endswith("share_pct") or column == "share_pct":
            assert values.between(0, 100).all(), column
        if column.endswith(("_usd_bn", "_cny_bn", "_km", "volume")):
            assert (values >= 0).all(), column
        if column in {"year", "target_year", "opened_year"}:
            assert values.between(1900, 2035).all(), column


@pytest.mark.parametrize("name", TABLES)
def test_notes_are_short_and_hold_no_addresses(name):
    frame = read(name)
    if "note" in frame:
        notes = frame.note.dropna().astype(str)
        assert not notes.str.contains("http|this session|in checking|corpus").any()
        assert notes.str.len().max() < 320


# --- trade -------------------------------------------------------------------
def test_exports_and_imports_add_up(trade):
    for frame in (trade, read("part_year_trade")):
        gap = frame.exports_usd_bn + frame.imports_usd_bn - frame.total_usd_bn
        # Press copies round each of the three figures to one decimal, some to none.
        rounded = frame.note.str.contains("total is rounded", na=False)
        assert gap[~rounded].abs().max() <= 0.15 and rounded.sum() <= 1
        assert gap.abs().max() <= 0.5


def test_mirror_figures_stay_within_known_bounds(trade):
    imf = trade[trade.series == "IMF DOTS"].set_index(["reporter", "year"])
    china, russia = imf.loc["CHN"], imf.loc["RUS"]
    sold = china.exports_usd_bn / russia.imports_usd_bn
    bought = china.imports_usd_bn / russia.exports_usd_bn
    assert sold.between(0.7, 2.4).all() and bought.between(1.0, 2.0).all()
    assert sold.loc[2011:].between(0.84, 1.07).all()
    assert sold.idxmax() == 2000  # the widest gap, which lesson 6 shows


def test_first_releases_differ_little_from_the_later_series_or_are_flagged(trade):
    pair = trade[(trade.reporter == "CHN") & (trade.partner == "RUS")]
    first = pair[pair.vintage == "first release"].set_index("year")
    later = pair[pair.series == "IMF DOTS"].set_index("year").total_usd_bn
    revised = (first.total_usd_bn / later - 1).abs().dropna()
    off = revised[revised > 0.015].index
    assert list(off) == [2015]
    assert (first.check.loc[off] == "conflict").all()


def test_published_growth_fits_the_levels_except_around_2015(trade):
    first = trade[trade.series == "China customs first release"].set_index("year")
    own = (first.total_usd_bn / first.total_usd_bn.shift() - 1) * 100
    gap = (own - first.yoy_pct).abs().dropna()
    # The 64.2 of 2015 is a yuan total turned into dollars at a later rate: its own
    # growth was given in yuan, and the +2.2 % of 2016 fits a level of 68.
    assert list(gap[gap > 1].index) == [2016]
    assert pd.isna(first.yoy_pct[2015]) and first.total_cny_bn[2015] == 422.7
    assert first.check[2015] == "conflict"


def test_conflicts_show_both_sides(trade):
    pair = trade[(trade.reporter == "CHN") & (trade.partner == "RUS")]
    for year, low, high in (
        (2000, 8.0, 8.3),
        (2015, 64.2, 67.955),
        (2025, 228.105, 234),
    ):
        values = pair[(pair.year == year) & (pair.check == "conflict")].total_usd_bn
        assert values.min() == pytest.approx(low, abs=0.01)
        assert values.max() == pytest.approx(high, abs=0.01)
    alone = trade[trade.check == "conflict"].groupby(["reporter", "partner", "year"])
    assert (alone.size() >= 2).all()


def test_parts_of_a_year_grow_and_stay_below_the_year(trade):
    parts = read("part_year_trade")
    parts = parts[(parts.reporter == "CHN") & (parts.partner == "RUS")]
    whole = trade[(trade.reporter == "CHN") & (trade.partner == "RUS")]
    whole = whole.groupby("year").total_usd_bn.max()
    for year, group in parts.dropna(subset="total_usd_bn").groupby("year"):
        levels = group.sort_values("months").total_usd_bn
        assert levels.is_monotonic_increasing
        assert levels.max() <= whole[year]


def test_part_years_run_from_january_over_whole_months():
    parts = read("part_year_trade")
    first, last = pd.to_datetime(parts.period_start), pd.to_datetime(parts.period_end)
    assert (first.dt.month == 1).all() and (first.dt.day == 1).all()
    assert last.dt.is_month_end.all() and (last.dt.month == parts.months).all()
    known = parts[(parts.period_end == "2017-05-31") & (parts.reporter == "CHN")]
    assert known.total_usd_bn.item() == 32.39  # what a reader of June 2017 knew


def test_complete_sets_add_up_to_a_hundred():
    table = read("trade_structure")
    sets = ["exporter", "importer", "year", "period", "counted_by", "classification"]
    complete = table[table.coverage == "complete"]
    sums = complete.groupby(sets).share_pct.sum()
    assert len(sums) == 50 and sums.between(99.5, 100.5).all()
    values = complete.dropna(subset="value_usd_bn")
    share = values.value_usd_bn / values.groupby(sets).value_usd_bn.transform("sum")
    assert (share * 100 - values.share_pct).abs().max() < 0.05


def test_sums_of_groups_repeat_their_parts():
    table = read("trade_structure")
    series = table[table.counted_by == "China customs, monthly series"]
    parts = series[~series.is_sum].groupby("year").value_usd_bn.sum()
    sums = series[series.is_sum].set_index("year").value_usd_bn
    assert len(sums) == 14
    assert (parts[sums.index] - sums).abs().max() < 0.002


def test_who_counts_is_never_mixed_in_one_set():
    table = read("trade_structure")
    sets = table.groupby("counted_by").classification.nunique()
    assert (sets == 1).all()


def test_regional_shares_follow_from_the_values():
    table = read("regional_trade")
    for currency in ("usd", "cny"):
        russia = table[f"russia_total_{currency}_bn"] / table[f"total_{currency}_bn"]
        assert (russia * 100 - table.russia_share_pct).abs().max() < 0.6
        for flow in ("", "russia_"):
            exports = table[f"{flow}exports_{currency}_bn"]
            imports = table[f"{flow}imports_{currency}_bn"]
            total = table[f"{flow}total_{currency}_bn"]
            assert (exports + imports - total).abs().max() <= 0.101  # rounded
    year = table[(table.year == 2020) & (table.period == "full year")]
    assert 6 < year.total_cny_bn.sum() / year.total_usd_bn.sum() < 7.5


def test_a_province_trades_less_with_russia_than_china_does(trade):
    table = read("regional_trade")
    china = trade[(trade.reporter == "CHN") & (trade.partner == "RUS")]
    china = china.groupby("year").total_usd_bn.max()
    dollars = table.dropna(subset="russia_total_usd_bn")
    assert (dollars.russia_total_usd_bn < china[dollars.year].to_numpy()).all()


def test_energy_growth_fits_the_volumes():
    table = read("energy_flows")
    table = table[(table.period == "full year") & (table.measure == "flow")]
    by = ["commodity", "route", "exporter", "importer", "measured_by", "unit"]
    checked = 0
    for _, group in table.groupby(by):
        group = group.sort_values("year")
        own = (group.volume / group.volume.shift() - 1) * 100
        gap = (own - group.yoy_pct)[group.year.diff() == 1].abs().dropna()
        assert (gap < 1).all()
        checked += len(gap)
    assert checked >= 14


def test_energy_prices_are_plausible():
    table = read("energy_flows")
    table = table[(table.measure == "flow") & (table.unit == "Mt")]
    price = table.value_usd_bn * 1000 / table.volume
    bounds = {"crude oil": (150, 900), "coal": (30, 300), "LNG": (300, 1200)}
    for commodity, (low, high) in bounds.items():
        assert price[table.commodity == commodity].dropna().between(low, high).all()


def test_two_counts_of_the_same_flow_agree_or_are_flagged():
    table = read("energy_flows")
    table = table[(table.period == "full year") & (table.measure == "flow")]
    by = ["commodity", "route", "exporter", "importer", "year", "unit"]
    for key, group in table.dropna(subset="volume").groupby(by):
        spread = group.volume.max() / group.volume.min() - 1
        assert spread < 0.03 or (group.check == "conflict").any(), key


def test_currency_shares_add_up_to_at_most_a_hundred():
    table = read("settlement_currency")
    single = table[table.currency != "CNY and RUB"]
    assert single.groupby(["year", "period", "scope"]).share_pct.sum().max() <= 100.5
    first = table[(table.year == 2020) & (table.period == "Jan-Mar")]
    first = first.set_index("currency").share_pct
    assert first["CNY and RUB"] == first["CNY"] + first["RUB"]


def test_trains_split_by_direction_add_up_and_points_stay_below_the_total():
    table = read("freight_trains")
    both = table.outbound_trains + table.inbound_trains
    assert (both - table.trains).dropna().eq(0).all() and both.notna().sum() >= 4
    period = table[table.measure == "in the period"]
    total = period[period.crossing_id.isna()].groupby("year").trains.max()
    points = period[period.crossing_id.notna() & period.year.isin(total.index)]
    assert (points.trains.to_numpy() < total[points.year].to_numpy()).all()


def test_tariffs_fall_with_the_cut_of_2018():
    table = read("tariffs")
    cut = table[table.measure.str.contains("cut of 1 Nov 2018")]
    wide = cut.pivot(index="product_group", columns="measure", values="rate_pct")
    before = wide.filter(like="before").squeeze()
    assert len(wide) == 4 and (wide.filter(like="after").squeeze() < before).all()


def test_outcomes_of_targets_are_figures_of_the_trade_table(trade):
    targets = read("trade_targets").dropna(subset=["outcome_usd_bn"])
    for target in targets.itertuples():
        pair = {target.country_a, target.country_b}
        rows = trade[trade.reporter.isin(pair) & trade.partner.isin(pair)]
        gap = (rows.total_usd_bn - target.outcome_usd_bn).abs().min()
        assert gap < 0.06, target.target_id
    met = targets[targets.status == "met"]
    assert (met.outcome_usd_bn >= met.target_usd_bn).all()
    missed = targets[targets.status == "missed"]
    assert (missed.outcome_usd_bn < missed.target_usd_bn).all()


def test_a_share_of_all_trade_lies_between_those_of_exports_and_imports():
    shares = read("partner_shares")
    keys = ["economy", "partner", "year", "period", "source_id"]
    wide = shares.pivot_table(index=keys, columns="indicator", values="share_pct")
    wide = wide.dropna(subset=[f"share of {x}" for x in ("exports", "imports")])
    wide = wide.dropna(subset="share of total trade")
    parts = wide[["share of exports", "share of imports"]]
    total = wide["share of total trade"]
    assert len(wide) > 30
    assert (total >= parts.min(axis=1) - 0.1).all()
    assert (total <= parts.max(axis=1) + 0.1).all()


def test_dated_events_carry_their_precision():
    table = read("agreements")
    parts = table.date.dropna().astype(str).str.count("-")
    words = table.date_precision[parts.index]
    assert (parts.map({0: "year", 1: "month", 2: "day"}) == words).all()
    lines = table[table.event == "coverage"].product_lines
    assert sorted(lines) == [275, 367, 375]


# --- transport ---------------------------------------------------------------
def test_stops_are_counted_from_one_without_gaps():
    for _, stops in read("route_stops").groupby("route_id"):
        assert list(stops.seq) == list(range(1, len(stops) + 1))


def test_kilometres_from_the_start_add_up_and_never_fall():
    for _, stops in read("route_stops").groupby("route_id"):
        start = stops.km_from_start.dropna()
        assert start.is_monotonic_increasing and start.iloc[0] == 0
        steps = stops.km_from_prev[start.index[1:]]
        assert (start.diff().iloc[1:] - steps).abs().max() < 0.1 or steps.empty


def test_real_distances_exceed_the_drawn_ones():
    stops = read("route_stops").dropna(subset=["km_from_prev", "drawn_km_from_prev"])
    stops = stops[stops.place_id != "mohe"]  # the town lies off the pipeline
    ratio = stops.km_from_prev / stops.drawn_km_from_prev
    assert len(stops) > 50
    assert ratio.between(0.7, 2.8).all()
    assert 1.1 < ratio.median() < 1.4


def test_rail_distances_are_complete_and_roughly_obey_the_triangle():
    table = read("rail_distances")
    points = set(table.from_point) | set(table.to_point)
    assert len(points) == 30 and len(table) == 30 * 29 // 2
    pairs = {
        frozenset(pair): km
        for *pair, km in zip(table.from_point, table.to_point, table.rail_km, strict=True)
    }
    assert len(pairs) == len(table)
    worst = 0
    for a, b, c in combinations(sorted(points), 3):
        sides = sorted(pairs[frozenset(pair)] for pair in ((a, b), (a, c), (b, c)))
        worst = max(worst, sides[2] - sides[0] - sides[1])
    assert worst == 200  # as the description says


def test_times_are_turned_into_hours():
    table = read("border_delays")
    assert table.hours.notna().equals(table.quantity == "time")
    days = table[table.unit == "days"]
    assert (days.hours == days.value * 24).all()
    ranged = table.dropna(subset="value_high")
    assert (ranged.value_high > ranged.value).all()
    assert table.hours.max() <= 24 * 120


def test_survey_times_and_costs_are_plausible():
    table = read("border_delays")
    survey = table[table.value_kind == "survey average"]
    assert survey[survey.quantity == "time"].value.between(1, 100).all()
    assert survey[survey.quantity == "speed"].value.between(5, 80).all()
    assert survey[survey.unit == "USD"].value.between(1, 1500).all()


def test_crossing_figures_print_what_they_scale():
    table = read("crossing_figures")
    scale = {"10 thousand": 1e4, "thousand": 1e3, "million": 1e6, "billion": 1e9}
    for row in table.itertuples():
        value, words = row.printed.split(" ", 1)
        factor = next((n for word, n in scale.items() if words.startswith(word)), 1)
        assert float(value) * factor == pytest.approx(row.value), row.printed


def test_invested_money_stays_below_the_plan():
    table = read("zone_figures")
    zones = table[table.scope == "this zone"]
    wide = zones.pivot_table(index="zone_id", columns="indicator", values="value")
    pair = wide[["invested", "planned investment"]].dropna()
    assert len(pair) == 2 and (pair["invested"] < pair["planned investment"]).all()


# --- lines -------------------------------------------------------------------
@pytest.fixture(scope="module")
def lines() -> dict:
    collection = read("route_lines")
    return {f["id"]: f for f in collection["features"]}


@pytest.fixture(scope="module")
def countries() -> dict:
    for item in package()["resources"]:
        if item.get("format") == "geojson" and "countr" in item["name"]:
            shapes = read(item["name"])["features"]
            break
    code = next(k for k in shapes[0]["properties"] if k in {"iso_a3", "country_id", "iso"})
    return {f["properties"][code]: shapely.shape(f["geometry"]).buffer(0) for f in shapes}


def test_every_route_has_a_line_through_plausible_country(lines):
    assert set(lines) == set(read("routes").route_id)
    for feature in lines.values():
        for lon, lat in feature["geometry"]["coordinates"]:
            assert 37 < lon < 141 and 29 < lat < 63


def test_no_line_jumps(lines):
    for name, feature in lines.items():
        points = feature["geometry"]["coordinates"]
        longest = max(
            abs(a[0] - b[0]) + abs(a[1] - b[1])
            for a, b in zip(points, points[1:], strict=False)
        )
        # West of the Urals the map ends; one straight leg leads to Moscow.
        assert longest < (25 if name == "trans_siberian" else 12), name


def test_land_routes_stay_on_land_and_in_their_countries(lines, countries):
    from shapely.geometry import box
    from shapely.ops import unary_union

    land, east = unary_union(list(countries.values())), box(61, 20, 180, 80)
    modes = read("routes").set_index("route_id")
    for name, feature in lines.items():
        line = shapely.shape(feature["geometry"]).intersection(east)
        if modes["mode"][name] == "sea":
            continue
        assert line.difference(land).length < 0.15, name  # degrees, coasts are coarse
        own = set(modes.countries[name].split(";"))
        for code, shape in countries.items():
            if code not in own:
                assert line.intersection(shape).length < 0.05, (name, code)


def test_sea_routes_keep_off_the_land_between_ports(lines, countries):
    modes = read("routes").set_index("route_id")["mode"]
    for name in modes[modes == "sea"].index:
        line = shapely.shape(lines[name]["geometry"])
        inland = sum(line.intersection(shape).length for shape in countries.values())
        assert inland < 1.2, name  # the ends in ports, and Hunchun to Zarubino


def test_loading_counts_for_lessons_and_reading_does_not():
    frame = course.load("routes")
    assert frame.attrs["units"]["total_km"] == "km"


def test_targets_and_forecasts_are_told_apart_and_outcomes_have_their_year():
    targets = read("trade_targets")
    forecasts = targets[targets["kind"] == "forecast"]
    assert forecasts["note"].str.startswith("A forecast").all() and len(forecasts) == 2
    assert (targets["outcome_year"].isna() == targets["outcome_usd_bn"].isna()).all()
    early = targets["outcome_year"] < targets["target_year"]
    assert (targets["outcome_year"][early] == targets["reached_year"][early]).all()
    aims = targets["target_year"].notna() & targets["outcome_year"].notna()
    assert (targets["outcome_year"][aims] <= targets["target_year"][aims]).all()
