"""What a statistician, an archivist and a surveyor would ask of sound tables."""

import re
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry import box, shape

from tests.data.checks import Said, Table, Tables

OWN_WORDS = {"indicators", "vintages", "route_lines"}  # what the course itself says
SMALL = 20  # patents: a few more or less are no jump
BOUNDS = {  # unit -> smallest and largest value that can be
    "persons": (1, 1.6e9),
    "percent": (0, 100),
    "percent of GDP": (0, 100),
    "percent of population": (0, 100),
    "previous year = 100": (50, 200),
    "RUB": (1_000, 1e7),
    "million RUB": (0, 2e8),
    "billion CNY": (0, 2e5),
    "million USD": (0, 1e7),
    "patents": (0, 1e5),
}
SERIES = {  # table -> what makes a series, and its values
    "region_indicators": (["region_id", "indicator_id", "vintage"], ["value"]),
    "national_indicators": (["country", "indicator_id"], ["value"]),
    "bilateral_trade": (
        ["reporter", "partner", "series"],
        ["exports_usd_bn", "imports_usd_bn", "total_usd_bn"],
    ),
    "partner_shares": (["economy", "partner", "indicator", "source_id"], ["share_pct"]),
}
AGREE = {  # what came of a claim -> the verdicts that go with it, as the descriptor says
    "yes": {"supported", "supported in part"},
    "in part": {"supported in part", "mixed", "contradicted in part"},
    "no": {"contradicted in part", "contradicted"},
    "cannot tell": {"cannot tell"},
}

# fmt: off
RULES = [  # table, which rows are wrong, and what to say of them
    ("claims", lambda t: t.claim_type.eq("forecast") != t.happened.notna(),
     "happened is for forecasts, and every forecast needs it"),
    ("claims", lambda t: t.claim_type.eq("recommendation") != t.followed.notna(),
     "followed is for recommendations, and every recommendation needs it"),
    ("claims", lambda t: t.claim_type.eq("forecast") & t.cause.isna(),
     "a forecast needs the column cause"),
    ("claims", lambda t: t[["evidence", "would_change"]].apply(lambda c: c.str.len() <= 20).any(axis=1),
     "evidence or would_change says too little"),
    ("claims", lambda t: t.evidence_date.isna() & t.evidence_kind.eq("derived"),
     "derived evidence needs evidence_date"),
    ("claims", lambda t: t.evidence_date.isna() & t.evidence_kind.ne("none") & t.verdict.ne("cannot tell"),
     "a verdict on evidence needs evidence_date"),
    ("bilateral_trade", lambda t: ~_makes(t, "", "usd", np.where(_has(t, "total is rounded"), 0.5, 0.15)),
     "exports {exports_usd_bn} and imports {imports_usd_bn} do not make the total {total_usd_bn}"),
    ("part_year_trade", lambda t: ~_makes(t, "", "usd", np.where(_has(t, "total is rounded"), 0.5, 0.15)),
     "exports {exports_usd_bn} and imports {imports_usd_bn} do not make the total {total_usd_bn}"),
    ("bilateral_trade", lambda t: t.check.eq("conflict")
     & (t.groupby(["reporter", "partner", "year"])["year"].transform("size") < 2),
     "a conflict needs both figures, each as a row"),
    ("part_year_trade", lambda t: ~_is_from_january(t),
     "the period must run from 1 January over {months} whole months"),
    ("trade_targets", lambda t: t.status.eq("met") & (t.outcome_usd_bn < t.target_usd_bn),
     "status is met, but the outcome is below the target"),
    ("trade_targets", lambda t: t.status.eq("missed") & (t.outcome_usd_bn >= t.target_usd_bn),
     "status is missed, but the outcome reaches the target"),
    ("trade_targets", lambda t: t.kind.eq("forecast") & ~t.note.str.startswith("A forecast").eq(True),
     "the note of a forecast begins with the words A forecast"),
    ("trade_targets", lambda t: (t.outcome_year.isna() != t.outcome_usd_bn.isna()) | (t.outcome_year > t.target_year)
     | ((t.outcome_year < t.target_year) & (t.outcome_year != t.reached_year)),
     "outcome_year does not fit the outcome, the target year or the year reached"),
    ("trade_structure", lambda t: t.groupby("counted_by").classification.transform("nunique") > 1,
     "{counted_by}: one who counts uses one classification"),
    *(("regional_trade", lambda t, f=flow, c=currency: ~_makes(t, f, c, 0.101),
       f"{flow}exports and {flow}imports ({currency}) do not make their total")
      for flow in ("", "russia_") for currency in ("usd", "cny")),
    *(("regional_trade", lambda t, c=currency:
       (100 * t[f"russia_total_{c}_bn"] / t[f"total_{c}_bn"] - t.russia_share_pct).abs() >= 0.6,
       "russia_share_pct {russia_share_pct} does not follow from the values") for currency in ("usd", "cny")),
    *(("energy_flows", lambda t, k=kind, a=low, b=high: t.commodity.eq(k) & t.unit.eq("Mt") & t.measure.eq("flow")
       & ((t.value_usd_bn * 1000 / t.volume < a) | (t.value_usd_bn * 1000 / t.volume > b)),
       f"value by volume is no price of {kind} ({low} to {high} USD a tonne)")
      for kind, low, high in (("crude oil", 150, 900), ("coal", 30, 300), ("LNG", 300, 1200))),
    ("freight_trains", lambda t: (t.outbound_trains + t.inbound_trains - t.trains).fillna(0) != 0,
     "outbound and inbound trains do not make {trains}"),
    ("route_stops", lambda t: t.place_id.ne("mohe")  # that town lies off the pipeline
     & ((t.km_from_prev / t.drawn_km_from_prev < 0.7) | (t.km_from_prev / t.drawn_km_from_prev > 2.8)),
     "{km_from_prev} km do not fit the {drawn_km_from_prev} km of the drawn line"),
    ("border_delays", lambda t: t.hours.notna() != t.quantity.eq("time"),
     "hours are for times, and every time needs them"),
    ("border_delays", lambda t: t.unit.eq("days") & (t.hours != t.value * 24),
     "{value} days are not {hours} hours"),
    ("border_delays", lambda t: t.value_high <= t.value, "value_high must be above value"),
    ("border_delays", lambda t: t.hours > 24 * 120, "these are more than 120 days"),
    *(("border_delays", lambda t, c=column, k=kind, a=low, b=high:
       t.value_kind.eq("survey average") & t[c].eq(k) & ~t.value.between(a, b),
       f"{{value}} {{unit}} is no average of a survey ({low} to {high})") for column, kind, low, high in
      (("quantity", "time", 1, 100), ("quantity", "speed", 5, 80), ("unit", "USD", 1, 1500))),
    ("crossing_figures", lambda t: ~np.isclose(t.printed.map(_read), t.value),
     "printed {printed!r} is not the value {value}"),
    ("sources", lambda t: t.source_id.str.startswith("page_at"), "the id should say what the page is"),
]
# fmt: on


def _has(rows: pd.DataFrame, words: str) -> Any:
    return rows.note.str.contains(words, case=False).eq(True)


def _makes(rows: pd.DataFrame, flow: str, currency: str, within: Any) -> Any:
    out, into, both = (
        rows[f"{flow}{c}_{currency}_bn"] for c in ("exports", "imports", "total")
    )
    return (out + into - both).abs().fillna(0) <= within


def _is_from_january(rows: pd.DataFrame) -> Any:
    first, last = pd.to_datetime(rows.period_start), pd.to_datetime(rows.period_end)
    return (first.dt.dayofyear == 1) & last.dt.is_month_end & (last.dt.month == rows.months)


def _read(printed: str) -> float:
    number, _, unit = printed.partition(" ")
    scale = {"10 thousand": 1e4, "thousand": 1e3, "million": 1e6, "billion": 1e9}
    return float(number) * next((n for word, n in scale.items() if unit.startswith(word)), 1)


def _groups(table: Table, keys: Any, words: str) -> Said:
    for key in keys:
        yield f"{table.file}: {' '.join(map(str, np.atleast_1d(key)))}: {words}"


def rules(t: Tables) -> Said:
    """What can be told of each row by itself, and of the stops of a route."""
    for name, wrong, words in RULES:
        yield from t[name].flag(wrong(t[name].frame), words)
    stops = t["route_stops"]
    for route, rows in stops.frame.groupby("route_id"):
        start = rows.km_from_start.dropna()
        steps = (start.diff() - rows.km_from_prev[start.index]).iloc[1:].abs()
        if list(rows.seq) != list(range(1, len(rows) + 1)):
            yield f"{stops.file}: {route}: seq must count 1, 2, 3 in the order of the lines"
        if start.iloc[0] != 0 or not start.is_monotonic_increasing or steps.max() >= 0.1:
            yield f"{stops.file}: {route}: km_from_start must begin with 0 and add up km_from_prev"


def sources(t: Tables) -> Said:
    """Facts name their sources, a second source is a second one, none is idle."""
    pages = t["sources"].frame.set_index("source_id")
    site = pages.url.str.extract(r"//(?:www\.)?([^/]+)")[0]
    wiki = pages.publisher.str.startswith("Wikipedia")
    used: dict[str, set[str]] = {}
    for name, table in t.items():
        if name == "sources" or table.described.get("hidden"):
            continue
        own = [c for c in table.columns if re.fullmatch(r"\w*source2?_id", c)]
        used[name] = {page for column in own for page in table.column(column).values()}
        if not own and name not in OWN_WORDS:
            yield f"{table.file}: a table of facts needs a column source_id"
        if "source2_id" in own:
            rows, two = table.frame, table.frame.check.eq("two sources")
            first, second = rows.source_id, rows.source2_id
            lacks = "check says two sources, but source2_id is empty"
            yield from table.flag(two & second.isna(), lacks)
            yield from table.flag(first == second, "source2_id repeats source_id")
            copies = two & first.map(wiki).eq(True) & second.map(wiki).eq(True)
            yield from table.flag(copies, "two copies of one encyclopaedia are one source")
            both = rows[second.notna() & rows.note.notna()] if "note" in rows else rows[:0]
            told = [str(site[r.source2_id]) in r.note for r in both.itertuples()]
            words = "leave the address of the second page to the table sources"
            yield from table.flag(pd.Series(told, both.index, dtype=bool), words)
    idle = ~pages.index.isin(set().union(*used.values()))
    yield from t["sources"].flag(idle, "no row of any table uses it: delete it here")
    cited = pages.index.isin(used["claims"] | used["events"] | used["projects"])
    date = r"(?!.*report on)[^:]*, (?:\d\d? )?(?:[A-Z][a-z]+ )?(?:19|20)\d\d"
    bare = cited & pages.title.str.fullmatch(date).to_numpy()
    yield from t["sources"].flag(bare, "the title should say what the page is about")


def words(t: Tables) -> Said:
    """Notes are short and without addresses; dates are as exact as they say."""
    stray = r"https?://|\[check|\bcorpus\b|this session|in checking"
    for name, table in t.items():
        rows = table.frame
        if "note" in rows:
            yield from table.flag(
                rows.note.str.len() > 350, "the note is over 350 letters long"
            )
        for column in (f["name"] for f in table.fields if f["type"] == "string"):
            if (name, column) != ("sources", "url"):
                bad = rows[column].astype("string").str.contains(stray)
                yield from table.flag(bad, f"{column}: addresses belong into the table sources")
        if "date_precision" in rows and "date" in rows:
            parts = rows.date.str.count("-").map({0: "year", 1: "month", 2: "day"})
            wrong = rows.date.notna() & (parts != rows.date_precision)
            yield from table.flag(wrong, "date_precision {date_precision} does not fit {date}")


def verdicts(t: Tables) -> Said:
    """A verdict goes with what came of the claim; the counts in c47 are those of the table."""
    table, claims = t["claims"], t["claims"].frame
    for column in ("happened", "followed"):
        pairs = zip(claims[column].fillna(""), claims.verdict, strict=True)
        odd = [verdict not in AGREE.get(came, {verdict}) for came, verdict in pairs]
        said = f"verdict {{verdict!r}} does not go with {column} = {{{column}!r}}"
        yield from table.flag(odd, said)
    dated = claims.source_id.map(t["sources"].frame.set_index("source_id").published).notna()
    lacks = claims.evidence_date.isna() & claims.evidence_kind.eq("reported") & dated
    yield from table.flag(lacks, "its page has a date: fill evidence_date")
    projects = t["projects"].frame.fillna({"completed_on": "9999"})
    begun = projects[["agreed_on", "started_on"]].fillna("9999").min(axis=1) <= "2017-06-15"
    then = projects[begun & (projects.completed_on > "2017-06-15")]
    now = [len(then), *(int(then.status.eq(s).sum()) for s in ("ended", "announced"))]
    evidence = claims.evidence.str.extract(r"Of (\d+) .* (\d+) had ended and (\d+) were only")
    wrong = claims.claim_id.eq("c47") & (evidence.fillna(-1).astype(int) != now).any(axis=1)
    yield from table.flag(wrong, f"projects open in June 2017, ended, announced are now {now}")


def neighbours(t: Tables) -> Said:
    """A value is near those of the years around it, or its note says why not."""
    for name, (by, values) in SERIES.items():
        rows = t[name].frame.sort_values("year").fillna({"vintage": "", "note": ""})
        series = rows.groupby(by)
        near, next_near = series.year.diff() <= 2, series.year.diff(-1) >= -2
        for column in values:
            before, after = series[column].shift(), series[column].shift(-1)
            few = by[0] == "region_id" and rows.indicator_id.str.startswith("patents")
            calm = near & next_near & (before / after).between(2 / 3, 1.5)
            last = near & after.isna() & (before / series[column].shift(2)).between(2 / 3, 1.5)
            around = np.sqrt((before * after).clip(lower=0)).where(after.notna(), before)
            ratio = rows[column] / around
            alone = (calm | last) & ((ratio > 1.8) | (ratio < 1 / 1.8)) & ~np.array(few)
            alone &= ~rows.note.str.contains("jump|out of line|far below", case=False)
            said = "stands far from the years around it: mend it, or explain it in the note"
            yield from t[name].flag(alone, f"{column} {{{column}}} {said}")
        if name == "region_indicators":
            before = series.value.shift()
            far = (series.year.diff() == 1) & ~(rows.value / before).between(1 / 3, 3)
            patents = rows.indicator_id.eq("patents_granted_inventions")
            far &= ~(patents & (np.maximum(rows.value, before) < SMALL))
            said = "{value} is a jump from the year before: mend it, or say so in the note"
            yield from t[name].flag(far & ~_has(rows, "jump"), said)
            yield from t[name].flag(
                ~far & _has(rows, "jump"), "there is no jump as in the note"
            )


def regions(t: Tables) -> Said:
    """Figures of regions keep to their unit and edition; parts add up to totals."""
    table = t["region_indicators"]
    rows = table.frame.fillna({"vintage": ""})
    rows["unit"] = rows.indicator_id.map(t["indicators"].frame.set_index("indicator_id").unit)
    for unit, group in rows.groupby("unit"):
        if unit not in BOUNDS:
            yield f"indicators.csv: the unit {unit!r} has no bounds in tests/data/meaning.py"
            continue
        wrong = ~group.value.between(*BOUNDS[unit])
        yield from table.flag(wrong, f"{{value}} {unit} cannot be the {{indicator_id}}")
    editions = rows.groupby(["indicator_id", "source_id"]).vintage
    mixed = rows.vintage != editions.transform(lambda v: v.mode()[0])
    yield from table.flag(mixed, "vintage is not that of the other rows of its source")
    wide = rows.pivot(
        index=["indicator_id", "vintage", "year"], columns="region_id", values="value"
    )
    home = t["regions"].frame.set_index("region_id").macro_region
    east = home.index[home == "Far Eastern Federal District"]
    nine = east.drop(["RU-BU", "RU-ZAB"])
    parts_of = {"RU-FEFD": east, "RU-FEFD9": nine, "CN-NE3": ["CN-HL", "CN-JL", "CN-LN"]}
    for total, parts in parts_of.items():
        whole = wide.dropna(subset=[total, *parts])
        off = (whole[parts].sum(axis=1) / whole[total] - 1).abs()
        yield from _groups(
            table, off.index[off >= 0.0005], f"{total} is not the sum of its parts"
        )
        if len(whole) <= 25:
            yield f"{table.file}: only {len(whole)} sums of {total} are left; were rows lost?"
    gap = wide["RU-FEFD"] - wide["RU-FEFD9"] - wide["RU-BU"] - wide["RU-ZAB"]
    gap = gap.loc[["population_annual_average"]].abs()
    said = "RU-FEFD less RU-FEFD9 is not RU-BU and RU-ZAB"
    yield from _groups(table, gap.index[gap >= 1], said)
    by = rows[rows.year < 2016].pivot_table(
        index=["region_id", "year"], columns="indicator_id", values="value", aggfunc="max"
    )
    own = by.grp_current_prices * 1e6 / by.population_annual_average
    off = (own / by.grp_per_capita - 1).abs()
    said = "grp_current_prices by population is not grp_per_capita"
    yield from _groups(table, off.index[off >= 0.12], said)


def trade(t: Tables) -> Said:
    """Growth, parts of a year, provinces and targets fit the totals of two countries."""
    table, parts, targets = (
        t[n] for n in ("bilateral_trade", "part_year_trade", "trade_targets")
    )
    pair = table.frame.query("reporter == 'CHN' and partner == 'RUS'").sort_values("year")
    most = pair.groupby("year").total_usd_bn.max()
    later = pair[pair.series == "IMF DOTS"].set_index("year").total_usd_bn
    first = pair[pair.vintage == "first release"]
    revised = (first.total_usd_bn / first.year.map(later) - 1).abs() > 0.015
    said = "it is over 1.5 % off the later series: is this a conflict?"
    yield from table.flag(revised & (first.check != "conflict"), said)
    customs = pair[pair.series == "China customs first release"]
    own = customs.total_usd_bn.pct_change(fill_method=None) * 100
    # the 64.2 of 2015 is a yuan total at a later rate: +2.2 % in 2016 fits a level of 68
    wrong = ((own - customs.yoy_pct).abs() > 1) & (customs.year != 2016)
    yield from table.flag(wrong, "yoy_pct {yoy_pct} does not follow from the two totals")
    rows = parts.frame.query("reporter == 'CHN' and partner == 'RUS'")
    rows = rows.dropna(subset="total_usd_bn").sort_values(["year", "months"])
    falls = rows.groupby("year").total_usd_bn.diff() < 0
    yield from parts.flag(falls, "{total_usd_bn} is less than fewer months of {year} have")
    above = rows.total_usd_bn > rows.year.map(most)
    yield from parts.flag(above, "{total_usd_bn} is more than the whole of {year} has")
    local = t["regional_trade"]
    above = local.frame.russia_total_usd_bn >= local.frame.year.map(most)
    yield from local.flag(above, "a province cannot trade more with Russia than China does")
    for row in targets.frame.dropna(subset="outcome_usd_bn").itertuples():
        ends = {row.country_a, row.country_b}
        both = table.frame.reporter.isin(ends) & table.frame.partner.isin(ends)
        if (table.frame.total_usd_bn[both] - row.outcome_usd_bn).abs().min() >= 0.06:
            yield targets.say(row.Index, "no total in bilateral_trade.csv is this outcome")


def shares(t: Tables) -> Said:
    """Complete sets add up, shares follow from values and lie between those they mix."""
    table, rows = t["trade_structure"], t["trade_structure"].frame
    by = ["exporter", "importer", "year", "period", "counted_by", "classification"]
    complete = rows[rows.coverage == "complete"]
    sums = complete.groupby(by).share_pct.sum()
    said = "the shares of a complete set do not add up to 100"
    yield from _groups(table, sums.index[~sums.between(99.5, 100.5)], said)
    values = complete.dropna(subset="value_usd_bn")
    own = 100 * values.value_usd_bn / values.groupby(by).value_usd_bn.transform("sum")
    said = "share_pct {share_pct} does not follow from the values of its set"
    yield from table.flag((own - values.share_pct).abs() >= 0.05, said)
    monthly = rows[rows.counted_by == "China customs, monthly series"]
    wide = monthly.pivot_table("value_usd_bn", "year", "is_sum", aggfunc="sum")
    off = (wide[True] - wide[False]).abs() >= 0.002
    yield from _groups(table, wide.index[off], "the sum is not that of its groups")
    table, kinds = t["partner_shares"], ["share of exports", "share of imports"]
    keys = ["economy", "partner", "year", "period", "source_id"]
    wide = table.frame.pivot_table("share_pct", keys, "indicator").dropna(subset=kinds)
    low, high = wide[kinds].min(axis=1) - 0.1, wide[kinds].max(axis=1) + 0.1
    total = wide["share of total trade"].fillna(low)
    said = "the share of all trade lies outside those of exports and imports"
    yield from _groups(table, wide.index[~total.between(low, high)], said)
    table = t["settlement_currency"]
    wide = table.frame.pivot_table("share_pct", ["year", "period", "scope"], "currency")
    over = wide.drop(columns="CNY and RUB").sum(axis=1) > 100.5
    yield from _groups(table, wide.index[over], "the currencies make more than 100 %")
    off = (wide["CNY"] + wide["RUB"] - wide["CNY and RUB"]).abs() > 0.01
    yield from _groups(table, wide.index[off], "yuan and roubles are not the row of both")


def flows(t: Tables) -> Said:
    """Energy, trains, distances and zones: parts and growth fit the amounts."""
    table = t["energy_flows"]
    year = table.frame.query("period == 'full year' and measure == 'flow'").sort_values("year")
    by = ["commodity", "route", "exporter", "importer", "unit"]
    series = year.groupby([*by, "measured_by"])
    own = series.volume.pct_change(fill_method=None) * 100
    wrong = ((own - year.yoy_pct).abs() >= 1) & (series.year.diff() == 1)
    yield from table.flag(wrong, "yoy_pct {yoy_pct} does not follow from the two volumes")
    same = year.groupby([*by, "year"])
    apart = same.volume.max() / same.volume.min() >= 1.03
    calm = ~same.check.agg(lambda c: c.eq("conflict").any()).astype(bool)
    said = "two counts differ by over 3 %, and none says conflict"
    yield from _groups(table, apart.index[apart & calm], said)
    table = t["freight_trains"]
    period = table.frame[table.frame.measure == "in the period"]
    points = period[period.crossing_id.notna()]
    total = period[period.crossing_id.isna()].groupby("year").trains.max()
    said = "one border point cannot have as many trains as all together"
    yield from table.flag(points.trains >= points.year.map(total), said)
    table, rail = t["rail_distances"], t["rail_distances"].frame
    ends = zip(rail.from_point, rail.to_point, strict=True)
    km = dict(zip(map(frozenset, ends), rail.rail_km, strict=True))
    points = sorted({*rail.from_point, *rail.to_point})
    if not len(km) == len(rail) == len(points) * (len(points) - 1) // 2:
        yield f"{table.file}: each pair of points must stand once, and no pair may be missing"
        return
    for three in combinations(points, 3):
        a, b, c = sorted(km[frozenset(pair)] for pair in combinations(three, 2))
        if c - a - b > 200:  # as the description says
            yield from _groups(table, [three], "one way is over 200 km longer than the others")
    table = t["zone_figures"]
    wide = table.frame[table.frame.scope == "this zone"].pivot_table(
        "value", "zone_id", "indicator"
    )
    over = wide["invested"] >= wide["planned investment"]
    yield from _groups(table, wide.index[over], "more is invested than was planned")


# --- shapes -------------------------------------------------------------------

FLAT = "+proj=aea +lat_1=40 +lat_2=65 +lat_0=50 +lon_0=115 +datum=WGS84 +units=m"
COARSE = {"MN-035", "MN-037", "MN-1"}  # under 5,000 km2, drawn with few points
SWAPPED = "are lat and lon swapped?"


def _drawn(table: Table, key: str) -> dict[str, Any]:
    return {f["properties"][key]: shape(f["geometry"]).buffer(0) for f in table.shapes}


def outlines(t: Tables) -> Said:
    """Regions are valid, as large as the table says, and hold their labels."""
    table, rows = t["region_polygons"], t["regions"].frame.set_index("region_id")
    for line, feature in enumerate(table.shapes, 2):
        if not shape(feature["geometry"]).is_valid:
            yield table.say(line, "the outline crosses itself")
    drawn = _drawn(table, "region_id")
    missing = set(rows.index[rows.kind != "aggregate"]) - {"MN-064"} - set(drawn)
    yield from _groups(table, sorted(missing), "the region has no outline")
    wrong = [shown != (region in drawn) for region, shown in rows.has_shape.items()]
    yield from t["regions"].flag(wrong, "has_shape does not say what region_polygons has")
    flat = pyproj.Transformer.from_crs("EPSG:4326", FLAT, always_xy=True)
    for region, polygon in drawn.items():
        area = shapely.transform(polygon, flat.transform, interleaved=False).area / 1e6
        row = rows.loc[region]
        if abs(area / row.area_km2 - 1) > 0.1 and region not in COARSE:
            yield f"regions.csv: {region}: area_km2 {row.area_km2}, but {area:.0f} are drawn"
        if not polygon.covers(shapely.Point(row.label_lon, row.label_lat)):
            yield f"regions.csv: {region}: its label lies outside it: {SWAPPED}"
    west, _, east, _ = drawn["RU-CHU"].bounds
    if not (155 < west < 160 and 185 < east < 191):
        yield f"{table.file}: RU-CHU: Chukotka is drawn in one piece, from 157 to 190 degrees"


def points(t: Tables) -> Said:
    """Places lie in their country and region, crossings between their places."""
    table, places = t["places"], t["places"].frame.set_index("place_id", drop=False)
    lands, regions = _drawn(t["countries"], "iso_a3"), _drawn(t["region_polygons"], "region_id")
    for line, row in table.frame.dropna(subset=["lat", "lon"]).iterrows():
        spot = shapely.Point(row.lon, row.lat)
        for home, shapes, near in ((row.country, lands, 0.6), (row.region_id, regions, 0.35)):
            # the shapes begin at 60 degrees east; ports stand a little off coarse coasts
            if home in shapes and row.lon >= 60 and shapes[home].distance(spot) > near:
                yield table.say(
                    line, f"lat {row.lat}, lon {row.lon} is not in {home}: {SWAPPED}"
                )
    table = t["crossings"]
    exact = table.frame[table.frame.coord_quality != "seat only"].dropna(subset=["lat"])
    for line, row in exact.iterrows():
        for place in {row.side_a_place_id, row.side_b_place_id} & set(places.index):
            # a banner or district seat can lie far from its border post
            at = places.loc[place]
            if abs(at.lat - row.lat) >= 1.5 or abs(at.lon - row.lon) >= 2.5:
                yield table.say(line, f"it lies far from {place}: {SWAPPED}")


def lines(t: Tables) -> Said:
    """Routes are drawn without jumps, on land in their countries, at sea off the land."""
    table, routes = t["route_lines"], t["routes"].frame.set_index("route_id")
    drawn = {f["id"]: shape(f["geometry"]) for f in table.shapes}
    odd = sorted(set(drawn) ^ set(routes.index))
    yield from _groups(table, odd, "routes.csv and this file must have the same routes")
    lands = _drawn(t["countries"], "iso_a3")
    land, map_ends = shapely.union_all(list(lands.values())), box(61, 20, 180, 80)
    for route in sorted(set(drawn) & set(routes.index)):
        at, line, row = f"{table.file}: {route}", drawn[route], routes.loc[route]
        west, south, east, north = line.bounds
        if west <= 37 or east >= 141 or south <= 29 or north >= 63:
            yield f"{at}: it leaves the region: {SWAPPED}"
        steps = np.abs(np.diff(np.array(line.coords), axis=0)).sum(axis=1)
        # west of the Urals the map ends; one straight leg leads to Moscow
        if steps.max() >= (25 if route == "trans_siberian" else 12):
            yield f"{at}: two points in a row are {steps.max():.0f} degrees apart"
        line = line if row["mode"] == "sea" else line.intersection(map_ends)
        across = {code: line.intersection(s).length for code, s in lands.items()}
        if row["mode"] == "sea" and sum(across.values()) >= 1.2:  # ends in ports, and Hunchun
            yield f"{at}: a sea line runs over land"
        elif row["mode"] != "sea":
            if line.difference(land).length >= 0.15:  # degrees, coasts are coarse
                yield f"{at}: it runs through the sea"
            abroad = [
                c for c in lands if across[c] >= 0.05 and c not in row.countries.split(";")
            ]
            yield from _groups(
                table, [(route, c) for c in abroad], "routes.csv has no such country"
            )


CHECKS = [
    rules, sources, words, verdicts, neighbours, regions, trade, shares, flows, outlines, points, lines,
]  # fmt: skip
