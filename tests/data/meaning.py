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
BOUNDS = {  # unit -> smallest and largest value that can be
    "persons": (1, 1.6e9),
    "percent": (0, 100),
    "percent of GRP": (0, 100),
    "percent of population": (0, 100),
    "previous year = 100": (50, 200),
    "RUB": (1_000, 1e7),
    "million RUB": (0, 2e8),
    "billion CNY": (0, 2e5),
    "million USD": (0, 1e7),
    "patents": (0, 1e5),
}
AGREE = {  # what came of a claim -> the verdicts that go with it, as the descriptor says
    "yes": {"supported", "supported in part"},
    "in part": {"supported in part", "mixed", "contradicted in part"},
    "no": {"contradicted in part", "contradicted"},
    "cannot tell": {"cannot tell"},
}


def _groups(table: Table, keys: Any, words: str) -> Said:
    for key in keys:
        yield f"{table.file}: {' '.join(map(str, np.atleast_1d(key)))}: {words}"


def _wide(rows: pd.DataFrame, value: str, index: list[str], columns: str) -> pd.DataFrame:
    return rows.groupby([*index, columns])[value].sum(min_count=1).unstack(columns)


def _outside(rows: pd.Series, low: float, high: float) -> pd.Series:
    return (rows < low) | (rows > high)


def _no_sum(rows: pd.DataFrame, flow: str, currency: str, within: float) -> pd.Series:
    """Where exports and imports do not make the total, rounding apart."""
    out, into, both = (
        rows[f"{flow}{c}_{currency}_bn"] for c in ("exports", "imports", "total")
    )
    near = np.where(rows.note.str.contains("total is rounded").eq(True), 0.5, within)
    part = np.fmax(out, into) > both + near  # also where one of the flows is not known
    return ((out + into - both).abs() > near) | part


def _no_growth(rows: pd.DataFrame, by: list[str], value: str) -> pd.Series:
    """Where the published growth is not that of the values of two years in a row."""
    series = rows.sort_values("year").groupby(by)
    own = series[value].pct_change(fill_method=None) * 100
    return ((own - rows.yoy_pct).abs() >= 1) & (series.year.diff() == 1)


def _no_months(rows: pd.DataFrame) -> pd.Series:
    """Where a part of a year is not one of whole months from January on."""
    first, last = pd.to_datetime(rows.period_start), pd.to_datetime(rows.period_end)
    return (first.dt.day_of_year != 1) | ~last.dt.is_month_end | (last.dt.month != rows.months)


def _printed(text: str) -> float:
    number, _, unit = text.partition(" ")
    scale = {"10 thousand": 1e4, "thousand": 1e3, "million": 1e6, "billion": 1e9}
    return float(number) * next((n for word, n in scale.items() if unit.startswith(word)), 1)


# fmt: off
RULES = [  # table, which of its rows are wrong, what to say of them
    ("claims", lambda t: t.claim_type.eq("forecast") != t.happened.notna(),
     "happened is for forecasts, and every forecast needs it"),
    ("claims", lambda t: t.claim_type.eq("recommendation") != t.followed.notna(),
     "followed is for recommendations, and every recommendation needs it"),
    ("claims", lambda t: t.claim_type.eq("forecast") & t.cause.isna(), "a forecast needs a cause"),
    ("claims", lambda t: t.evidence.str.len().le(20) | t.would_change.str.len().le(20),
     "evidence or would_change says too little"),
    ("claims", lambda t: t.evidence_date.isna() & t.evidence_kind.ne("none")
     & (t.verdict.ne("cannot tell") | t.evidence_kind.eq("derived")),
     "this evidence needs evidence_date"),
    *((name, lambda t: _no_sum(t, "", "usd", 0.15),
       "exports {exports_usd_bn} and imports {imports_usd_bn} do not make {total_usd_bn}")
      for name in ("bilateral_trade", "part_year_trade")),
    *(("regional_trade", lambda t, f=f, c=c: _no_sum(t, f, c, 0.101),
       f"{f}exports and {f}imports ({c}) do not make their total")
      for f in ("", "russia_") for c in ("usd", "cny")),
    *(("regional_trade", lambda t, c=c: _outside(
        100 * t[f"russia_total_{c}_bn"] / t[f"total_{c}_bn"] - t.russia_share_pct, -0.6, 0.6),
       "russia_share_pct {russia_share_pct} does not follow from the values")
      for c in ("usd", "cny")),
    ("bilateral_trade", lambda t: t.check.eq("conflict")
     & (t.groupby(["reporter", "partner", "year"]).year.transform("size") < 2),
     "a conflict needs both figures, each as a row"),
    ("part_year_trade", _no_months, "it must run from 1 January over {months} whole months"),
    ("trade_targets", lambda t: t.status.eq("met") & (t.outcome_usd_bn < t.target_usd_bn),
     "status is met, but the outcome is below the target"),
    ("trade_targets", lambda t: t.status.eq("missed") & (t.outcome_usd_bn >= t.target_usd_bn),
     "status is missed, but the outcome reaches the target"),
    ("trade_targets", lambda t: t.kind.eq("forecast") & ~t.note.str.startswith("A fore").eq(True),
     "the note of a forecast begins with the words A forecast"),
    ("trade_targets", lambda t: (t.outcome_year.isna() != t.outcome_usd_bn.isna())
     | (t.outcome_year > t.target_year)
     | ((t.outcome_year < t.target_year) & (t.outcome_year != t.reached_year)),
     "outcome_year does not fit the outcome, the target year or the year reached"),
    ("trade_structure", lambda t: t.groupby("counted_by").classification.transform("nunique") > 1,
     "{counted_by}: one who counts uses one classification"),
    *(("energy_flows", lambda t, k=k, a=a, b=b: t.commodity.eq(k) & t.unit.eq("Mt")
       & t.measure.eq("flow") & _outside(1000 * t.value_usd_bn / t.volume, a, b),
       f"value by volume is no price of {k} ({a} to {b} USD a tonne)")
      for k, a, b in (("crude oil", 150, 900), ("coal", 30, 300), ("LNG", 300, 1200))),
    ("freight_trains", lambda t: (t.outbound_trains + t.inbound_trains - t.trains).fillna(0) != 0,
     "outbound and inbound trains do not make {trains}"),
    ("route_stops", lambda t: _outside(t.km_from_prev / t.drawn_km_from_prev, 0.7, 2.8)
     & t.place_id.ne("mohe"),  # that town lies off the pipeline
     "{km_from_prev} km do not fit the {drawn_km_from_prev} km of the drawn line"),
    ("border_delays", lambda t: t.hours.notna() != t.quantity.eq("time"),
     "hours are for times, and every time needs them"),
    *(("border_delays", lambda t, u=u, n=n, e=e: t.unit.eq(u)
       & _outside(t[f"hours{e}"] / t[f"value{e}"] / n, 0.99, 1.01),
       f"{{value{e}}} {u} are not {{hours{e}}} hours")
      for u, n in (("days", 24), ("hours", 1), ("minutes", 1 / 60)) for e in ("", "_high")),
    ("border_delays", lambda t: t.value_high <= t.value, "value_high must be above value"),
    ("border_delays", lambda t: t.hours > 24 * 120, "these are more than 120 days"),
    *(("border_delays", lambda t, c=c, k=k, a=a, b=b: t.value_kind.eq("survey average")
       & t[c].eq(k) & _outside(t.value, a, b),
       f"{{value}} {{unit}} is no average of a survey ({a} to {b})") for c, k, a, b in
      (("quantity", "time", 1, 100), ("quantity", "speed", 5, 80), ("unit", "USD", 1, 1500))),
    ("project_promises", lambda t: t.state.eq("done") != t.done_on.notna(),
     "done_on is for what is done, and all that is done needs it"),
    ("project_promises", lambda t: t.done_on > t.as_of, "it is done after as_of"),
    ("project_promises", lambda t: t.promised_on > t.as_of, "it is promised after as_of"),
    ("project_promises", lambda t: t.number != t.groupby("thing").cumcount() + 1,
     "the promises of a thing are numbered 1, 2, 3 ..., one below the other"),
    ("project_promises", lambda t: t.groupby("thing").promised_on.transform(
        lambda days: days.dropna().cummax()) > t.promised_on, "the one above was made later"),
    ("project_promises", lambda t: t.groupby("thing")[["milestone", "done_on", "as_of"]]
     .transform("nunique").gt(1).any(axis=1), "a thing has one milestone, done_on and as_of"),
    ("crossing_figures", lambda t: _outside(t.printed.map(_printed) / t.value, 0.999, 1.001),
     "printed {printed!r} is not the value {value}"),
]
# fmt: on


def rules(t: Tables) -> Said:
    """What can be told of each row by itself."""
    for name, wrong, words in RULES:
        yield from t[name].flag(wrong(t[name].frame), words)


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
    projects = t["projects"].frame
    begun = projects[["agreed_on", "started_on"]].fillna("9999").min(axis=1) <= "2017-06-15"
    then = projects[begun & (projects.completed_on.fillna("9999") > "2017-06-15")]
    now = [len(then), *(int(then.status.eq(s).sum()) for s in ("ended", "announced"))]
    told = claims.evidence[claims.claim_id == "c47"].str.extract(
        r"Of (\d+) .*? (\d+) had .*? (\d+) "
    )
    wrong = (told.astype(float) != now).any(axis=1)
    said = f"projects open in June 2017, and of them ended and announced, are now {now}"
    yield from table.flag(wrong, said)


def promises(t: Tables) -> Said:
    """A promise that bears the name of a project was kept when that project was finished."""
    table = t["project_promises"]
    ends = t["projects"].frame.set_index("project_id").completed_on
    both = table.frame.assign(end=table.frame.thing.map(ends)).dropna(subset=["done_on", "end"])
    odd = [not r.done_on.startswith(r.end) for r in both.itertuples()]
    said = "done_on {done_on} is not the completed_on of the project"
    yield from table.flag(pd.Series(odd, both.index, dtype=bool), said)


def trade(t: Tables) -> Said:
    """Growth, parts of a year, provinces and targets fit the totals of two countries."""
    table, parts, targets = (
        t[n] for n in ("bilateral_trade", "part_year_trade", "trade_targets")
    )
    pair = table.frame.query("reporter == 'CHN' and partner == 'RUS'")
    most = pair.groupby("year").total_usd_bn.max()
    later = pair[pair.series == "IMF DOTS"].set_index("year").total_usd_bn
    first = pair[(pair.vintage == "first release") & (pair.check != "conflict")]
    off = _outside(first.total_usd_bn / first.year.map(later), 0.985, 1.015)
    yield from table.flag(off, "it is over 1.5 % off the later series: is this a conflict?")
    customs = pair[pair.series == "China customs first release"]
    wrong = _no_growth(customs, ["series"], "total_usd_bn")
    # the 64.2 of 2015 is a yuan total at a later rate: +2.2 % in 2016 fits a level of 68
    wrong &= customs.year != 2016
    yield from table.flag(wrong, "yoy_pct {yoy_pct} does not follow from the two totals")
    rows = parts.frame.query("reporter == 'CHN' and partner == 'RUS'").sort_values("months")
    falls = rows.dropna(subset="total_usd_bn").groupby("year").total_usd_bn.diff() < 0
    yield from parts.flag(
        falls,
        "{total_usd_bn} is less than fewer months of {year} have: one of the two is wrong",
    )
    above = rows.total_usd_bn > rows.year.map(most)
    yield from parts.flag(above, "{total_usd_bn} is more than the whole of {year} has")
    local = t["regional_trade"]
    above = local.frame.russia_total_usd_bn >= local.frame.year.map(most)
    yield from local.flag(above, "a province cannot trade more with Russia than China does")
    ends = table.frame[["reporter", "partner"]]
    for line, row in targets.frame.dropna(subset="outcome_usd_bn").iterrows():
        both = ends.isin([row.country_a, row.country_b]).all(axis=1)
        if (table.frame.total_usd_bn[both] - row.outcome_usd_bn).abs().min() >= 0.06:
            yield targets.say(line, "no total in bilateral_trade.csv is this outcome")


def shares(t: Tables) -> Said:
    """Complete sets add up, shares follow from values and lie between those they mix."""
    table, rows = t["trade_structure"], t["trade_structure"].frame
    by = ["exporter", "importer", "year", "period", "counted_by", "classification"]
    complete = rows[rows.coverage == "complete"]
    off = _outside(complete.groupby(by).share_pct.sum(), 99.5, 100.5)
    yield from _groups(
        table, off.index[off], "the shares of a complete set do not add up to 100"
    )
    values = complete.dropna(subset="value_usd_bn")
    own = 100 * values.value_usd_bn / values.groupby(by).value_usd_bn.transform("sum")
    said = "share_pct {share_pct} does not follow from the values of its set"
    yield from table.flag(_outside(own - values.share_pct, -0.05, 0.05), said)
    monthly = rows[rows.counted_by == "China customs, monthly series"]
    wide = _wide(monthly, "value_usd_bn", ["year"], "is_sum")
    off = _outside(wide[True] - wide[False], -0.002, 0.002)
    yield from _groups(table, off.index[off], "the sum is not that of its groups")
    table = t["partner_shares"]
    by = ["economy", "partner", "year", "period", "source_id"]
    wide = _wide(table.frame, "share_pct", by, "indicator").dropna()
    ends, total = wide[["share of exports", "share of imports"]], wide["share of total trade"]
    off = (total < ends.min(axis=1) - 0.1) | (total > ends.max(axis=1) + 0.1)
    said = "the share of all trade lies outside those of exports and imports"
    yield from _groups(table, off.index[off], said)
    table = t["settlement_currency"]
    wide = _wide(table.frame, "share_pct", ["year", "period", "scope"], "currency")
    over = wide.drop(columns="CNY and RUB").sum(axis=1) > 100.5
    yield from _groups(table, over.index[over], "the currencies make more than 100 %")
    off = _outside(wide["CNY"] + wide["RUB"] - wide["CNY and RUB"], -0.01, 0.01)
    yield from _groups(table, off.index[off], "yuan and roubles are not the row of both")


def flows(t: Tables) -> Said:
    """Energy, trains, stops and zones: parts and growth fit the amounts."""
    table = t["energy_flows"]
    year = table.frame.query("period == 'full year' and measure == 'flow'")
    by = ["commodity", "route", "exporter", "importer", "unit"]
    wrong = _no_growth(year, [*by, "measured_by"], "volume")
    yield from table.flag(wrong, "yoy_pct {yoy_pct} does not follow from the two volumes")
    for key, same in year.groupby([*by, "year"]):
        if same.volume.max() / same.volume.min() >= 1.03 and "conflict" not in set(same.check):
            yield from _groups(table, [key], "two counts differ by 3 %, and none says conflict")
    table = t["freight_trains"]
    period = table.frame[table.frame.measure == "in the period"]
    at_points = period[period.crossing_id.notna()]
    total = period[period.crossing_id.isna()].groupby("year").trains.max()
    said = "one border point cannot have as many trains as all together"
    yield from table.flag(at_points.trains >= at_points.year.map(total), said)
    table = t["route_stops"]
    for route, rows in table.frame.groupby("route_id"):
        start = rows.km_from_start.dropna()
        steps = (start.diff() - rows.km_from_prev[start.index]).iloc[1:].abs()
        if list(rows.seq) != list(range(1, len(rows) + 1)):
            yield f"{table.file}: {route}: seq must count 1, 2, 3 in the order of the lines"
        if start.iloc[0] != 0 or not start.is_monotonic_increasing or steps.max() >= 0.1:
            yield f"{table.file}: {route}: km_from_start must begin with 0, add up km_from_prev"
    table = t["zone_figures"]
    zones = table.frame[table.frame.scope == "this zone"]
    wide = _wide(zones, "value", ["zone_id"], "indicator")
    over = wide["invested"] >= wide["planned investment"]
    yield from _groups(table, over.index[over], "more is invested than was planned")


def sources(t: Tables) -> Said:
    """Facts name their sources, a second source is a second one, none is idle."""
    pages = t["sources"].frame.set_index("source_id")
    site = pages.url.str.extract(r"//(?:www\.)?([^/]+)")[0].fillna("no address kept")
    wiki = pages.index[pages.publisher.str.startswith("Wikipedia")]
    used: dict[str, set[str]] = {}
    for name, table in t.items():
        if name == "sources":
            continue
        own = [c for c in table.columns if re.fullmatch(r"\w*source2?_id(_\w+)?", c)]
        used[name] = {page for column in own for page in table.column(column).values()}
        if not own and name not in OWN_WORDS and not table.described.get("hidden"):
            yield f"{table.file}: a table of facts needs a column source_id"
        if "source2_id" in own:
            rows, two = table.frame, table.frame.check.eq("two sources")
            lacks = two & rows.source2_id.isna()
            yield from table.flag(lacks, "check says two sources, but source2_id is empty")
            same = rows.source_id == rows.source2_id
            yield from table.flag(same, "source2_id repeats source_id")
            copies = two & rows.source_id.isin(wiki) & rows.source2_id.isin(wiki)
            yield from table.flag(copies, "two copies of one encyclopaedia are one source")
            both = rows[rows.source2_id.notna() & rows.get("note", rows.source2_id).notna()]
            told = [site[r.source2_id] in getattr(r, "note", "") for r in both.itertuples()]
            said = "leave the address of the second page to the table sources"
            yield from table.flag(pd.Series(told, both.index, dtype=bool), said)
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
        if {"date", "date_precision"} <= set(rows):
            parts = rows.date.str.count("-").map({0: "year", 1: "month", 2: "day"})
            wrong = rows.date.notna() & (parts != rows.date_precision)
            yield from table.flag(wrong, "date_precision {date_precision} does not fit {date}")


OTHER = {  # names that are printed too; a place has one name in each language, today's
    "vladivostok": ["海参崴"],
    "khabarovsk": ["伯力"],
    "blagoveshchensk": ["海兰泡"],
    "ussuriysk": ["双城子"],
    "nikolayevsk_on_amur": ["庙街"],
    "manzhouli": ["Маньчжоули"],
    "ondorkhaan": ["Ondorkhaan", "Ундерхаан", "Өндөрхаан"],
}


def names(t: Tables) -> Said:
    """One rule for names with a history: today's in the columns, any other in the note."""
    table, rows = t["places"], t["places"].frame
    columns = [c for c in rows if re.fullmatch(r"name_(en|ru|zh|mn)", c)]
    for place, others in OTHER.items():
        for line, row in rows[rows.place_id == place].iterrows():
            for name in others:
                if any(name in str(row[c]) for c in columns):
                    yield table.say(
                        line, f"{name} is not the name of today: it belongs into the note"
                    )
                if name not in str(row.note):
                    yield table.say(line, f"the note should have the other name {name}")
    clear = rows.name_en.str.contains(r"\(")  # brackets that say which place is meant
    for column in columns[1:]:
        two = rows[column].str.contains(r"[(（/]").eq(True) & ~clear
        yield from table.flag(two, f"{column} has two names: one of them is today's")


def weights(t: Tables) -> Said:
    """Flows by partner make the totals beside which they are weighed; parts make the whole."""
    table, flow = t["trade_weights"], t["partner_flows"]
    rows = table.frame
    for whole, end in (
        ("exporter_total_usd_mn", "exporter"),
        ("importer_total_usd_mn", "importer"),
    ):
        below = rows[whole] <= rows.value_usd_mn
        yield from table.flag(below, f"the {end} cannot trade less in all than in this flow")
        several = rows.groupby([end, "year"])[whole].transform("nunique") > 1
        yield from table.flag(several, f"one {end} has two totals in {{year}}")
    total = rows.groupby(["exporter", "year"]).exporter_total_usd_mn.first()
    sold = flow.frame.groupby(["exporter", "year"]).value_usd_mn.sum()
    off = _outside(sold / total.reindex(sold.index), 0.999, 1.001)
    yield from _groups(flow, off.index[off], "the partners do not make all that it sells")
    keys = ["exporter", "importer", "year"]
    pairs = flow.frame.merge(rows, on=keys).set_index(keys)
    off = _outside(pairs.value_usd_mn_x / pairs.value_usd_mn_y, 0.999, 1.001)
    yield from _groups(flow, off.index[off], "trade_weights.csv has another figure")
    table = t["payment_currency"]
    wide = _wide(table.frame, "share_pct", ["flow", "year", "month"], "currency")
    over = wide[["CNY", "RUB", "USD and EUR"]].sum(axis=1) > 100.5
    yield from _groups(table, over.index[over], "the currencies make more than 100 %")
    table = t["region_trade"]
    home = t["regions"].frame.set_index("region_id").macro_region
    east = home.index[home == "Far Eastern Federal District"]
    named = table.frame.set_index("region_id")
    for column in ("grp_mn_rub", "exports_usd_mn", "imports_usd_mn"):
        if abs(named[column].reindex(east).sum() / named[column]["RU-FEFD"] - 1) >= 0.001:
            yield f"{table.file}: RU-FEFD: {column} is not the sum of its eleven regions"


def months(t: Tables) -> Said:
    """Series by month have every month once, and no value far from the one before."""
    table = t["monthly_prices"]
    for name, rows in table.frame.groupby("series"):
        found = pd.PeriodIndex(rows.month, freq="M")
        if list(found) != list(pd.period_range(found.min(), found.max(), freq="M")):
            yield f"{table.file}: {name}: a month is missing, or they are not in order"
        far = ~(rows.value / rows.value.shift()).fillna(1).between(0.5, 2)
        said = "{value} is less than half or more than double the month before"
        yield from table.flag(far.reindex(table.frame.index, fill_value=False), said)


SERIES = {  # table -> what makes a series of years
    "region_indicators": ["region_id", "indicator_id", "vintage"],
    "national_indicators": ["country", "indicator_id"],
    "bilateral_trade": ["reporter", "partner", "series"],
    "partner_shares": ["economy", "partner", "indicator", "source_id"],
}


def neighbours(t: Tables) -> Said:
    """A value is near those of the years around it, or its note says why not."""
    for name, by in SERIES.items():
        rows = t[name].frame.sort_values("year").fillna({"vintage": "", "note": ""})
        series, noted = rows.groupby(by), rows.note.str.contains
        near, next_near = series.year.diff() <= 2, series.year.diff(-1) >= -2
        few = rows.filter(["indicator_id"]).isin(["patents_granted_inventions"]).any(axis=1)
        for column in (c for c in rows if c == "value" or c.endswith(("usd_bn", "share_pct"))):
            value, before, after = (
                rows[column],
                series[column].shift(),
                series[column].shift(-1),
            )
            calm = near & next_near & (before / after).between(2 / 3, 1.5)
            calm |= near & after.isna() & (before / series[column].shift(2)).between(2 / 3, 1.5)
            ratio = value / np.sqrt(before * after).where(after.notna(), before)
            far = calm & ((ratio > 1.8) | (ratio < 1 / 1.8)) & ~few
            far &= ~noted("jump|out of line|far below", case=False)
            said = "stands far from the years around it: mend it, or let the note say jump"
            yield from t[name].flag(far, f"{column} {{{column}}} {said}")
            if name == "region_indicators":
                far = (series.year.diff() == 1) & ~(value / before).between(1 / 3, 3)
                far &= ~(few & (np.maximum(value, before) < 20))  # a few patents more or less
                said = "{value} is a jump from the year before: mend it, or say so in the note"
                yield from t[name].flag(far & ~noted("jump"), said)
                yield from t[name].flag(~far & noted("jump"), "there is no jump as in the note")


def regions(t: Tables) -> Said:
    """Figures of regions keep to their unit and edition; parts add up to totals."""
    table = t["region_indicators"]
    rows = table.frame.fillna({"vintage": ""})
    units = rows.indicator_id.map(t["indicators"].frame.set_index("indicator_id").unit)
    for unit, group in rows.groupby(units):
        if unit not in BOUNDS:
            yield f"indicators.csv: the unit {unit!r} has no bounds in tests/data/meaning.py"
        wrong = ~group.value.between(*BOUNDS.get(unit, (0, np.inf)))
        yield from table.flag(wrong, f"{{value}} {unit} cannot be the {{indicator_id}}")
    editions = rows.groupby(["indicator_id", "source_id"]).vintage
    mixed = rows.vintage != editions.transform(lambda v: v.mode()[0])
    yield from table.flag(mixed, "vintage is not that of the other rows of its source")
    wide = _wide(rows, "value", ["indicator_id", "vintage", "year"], "region_id")
    home = t["regions"].frame.set_index("region_id").macro_region
    east = home.index[home == "Far Eastern Federal District"]
    nine = east.drop(["RU-BU", "RU-ZAB"])
    parts_of = {"RU-FEFD": east, "RU-FEFD9": nine, "CN-NE3": ["CN-HL", "CN-JL", "CN-LN"]}
    for total, parts in parts_of.items():
        whole = wide.reindex(columns=[total, *parts]).dropna()
        off = (whole[parts].sum(axis=1) / whole[total] - 1).abs()
        yield from _groups(
            table, off.index[off >= 0.0005], f"{total} is not the sum of its parts"
        )
        if len(whole) <= 25:
            yield f"{table.file}: only {len(whole)} sums of {total} are left; were rows lost?"
    by = _wide(rows[rows.year < 2016], "value", ["region_id", "year"], "indicator_id")
    own = by.grp_current_prices * 1e6 / by.population_annual_average
    off = (own / by.grp_per_capita - 1).abs() >= 0.12
    yield from _groups(table, off.index[off], "grp_per_capita is not the product by population")


def distances(t: Tables) -> Said:
    """Each pair of stations stands once, and no way is much longer than a detour."""
    table, rail = t["rail_distances"], t["rail_distances"].frame
    ends = zip(rail.from_point, rail.to_point, strict=True)
    km = dict(zip(map(frozenset, ends), rail.rail_km, strict=True))
    stations = sorted({*rail.from_point, *rail.to_point})
    if not len(km) == len(rail) == len(stations) * (len(stations) - 1) // 2:
        yield f"{table.file}: each pair of points must stand once, and no pair may be missing"
        return
    for three in combinations(stations, 3):
        a, b, c = sorted(km[frozenset(pair)] for pair in combinations(three, 2))
        if c - a - b > 200:  # as the description says
            yield from _groups(table, [three], "one way is over 200 km longer than the others")


def network(t: Tables) -> Said:
    """Edges are as long as their sources say, at least the straight line; closures end."""
    table, places = t["network_edges"], t["places"].frame.set_index("place_id")
    edges, land = table.frame, table.frame["mode"] != "sea"
    known: dict[frozenset[str], set[float]] = {}
    rail = t["rail_distances"].frame.dropna(subset=["from_place_id", "to_place_id"])
    for row in rail.itertuples():
        known.setdefault(frozenset((row.from_place_id, row.to_place_id)), set()).add(
            row.rail_km
        )
    for _route, stops in t["route_stops"].frame.groupby("route_id"):
        at = stops.reset_index(drop=True)
        for a, b in combinations(at.index, 2):
            km = at.km_from_prev[a + 1 : b + 1].sum(skipna=False)
            known.setdefault(frozenset(at.place_id[[a, b]]), set()).add(km)
        for row in at.dropna(subset=["segment_km"]).itertuples():
            ends = frozenset((row.segment_from_place_id, row.place_id))
            known.setdefault(ends, set()).add(row.segment_km)
    pairs = [*zip(edges.from_place_id, edges.to_place_id, strict=True)]
    lacks = [
        not any(abs(km - one) < 0.1 for one in known.get(frozenset(pair), ()))
        for pair, km in zip(pairs, edges.km, strict=True)
    ]
    wrong = edges.value_kind.eq("reported") & np.array(lacks)
    yield from table.flag(wrong, "{km} km is neither in rail_distances nor in route_stops")
    globe = pyproj.Geod(ellps="WGS84")
    ends = [places.loc[list(pair), ["lon", "lat"]].to_numpy().ravel() for pair in pairs]
    straight = np.array([globe.inv(*pair)[2] / 1000 for pair in ends])
    # the points of two towns near each other can lie farther apart than their stations
    short = (edges.km < 0.97 * straight) & (straight > 20)
    yield from table.flag(short, "{km} km is shorter than the straight line")
    yield from table.flag(edges.km > 2.6 * straight + 15, "{km} km is a very long way round")
    abroad = [places.country[a] != places.country[b] for a, b in pairs]
    said = "crosses_border is {crosses_border}, but see the countries of both ends"
    yield from table.flag(edges.crosses_border != np.array(abroad), said)
    no_id = land & (edges.crosses_border != edges.crossing_id.notna())
    yield from table.flag(no_id, "a border on land has a crossing_id, and only a border has")
    at_home = land & (edges.crosses_border == edges.country.notna())
    yield from table.flag(at_home, "country is for a stretch inside one country, and only that")
    odd = edges["mode"].eq("rail") & (edges.gauge_break == edges.gauge_mm.notna())
    yield from table.flag(odd, "a stretch of railway has one gauge or a break, not both")
    table = t["border_closures"]
    back = table.frame.reopened_on < table.frame.closed_on.fillna("")
    yield from table.flag(back, "reopened_on {reopened_on} is before closed_on {closed_on}")


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
    table, places = t["places"], t["places"].frame.set_index("place_id")
    lands, homes = _drawn(t["countries"], "iso_a3"), _drawn(t["region_polygons"], "region_id")
    for line, row in table.frame.dropna(subset=["lat", "lon"]).iterrows():
        spot = shapely.Point(row.lon, row.lat)
        for home, shapes, near in ((row.country, lands, 0.6), (row.region_id, homes, 0.35)):
            # the shapes begin at 60 degrees east; ports stand a little off coarse coasts
            drawn = home in shapes and (row.lon >= 60 or row.country != "RUS")
            if drawn and shapes[home].distance(spot) > near:
                said = f"lat {row.lat}, lon {row.lon} is not in {home}: {SWAPPED}"
                yield table.say(line, said)
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
        at_sea = row["mode"] == "sea"
        line = line if at_sea else line.intersection(map_ends)
        over = {code: line.intersection(s).length for code, s in lands.items()}
        if at_sea and sum(over.values()) >= 1.2:  # degrees: ends in ports, and Hunchun
            yield f"{at}: a sea line runs over land"
        if not at_sea and line.difference(land).length >= 0.15:  # coasts are coarse
            yield f"{at}: it runs through the sea"
        abroad = [c for c in lands if over[c] >= 0.05 and c not in row.countries.split(";")]
        yield from _groups(
            table, [] if at_sea else abroad, f"{route} runs here, says the drawing only"
        )


def gravity(t: Tables) -> Said:
    """Each economy with each other, and what separates two is the same from both sides."""
    table, listed = t["gravity_flows"], set(t["gravity_economies"].frame.economy)
    rows = table.frame
    yield from table.flag(rows.exporter == rows.importer, "no economy trades with itself here")
    if len(rows) != len(listed) * (len(listed) - 1):
        yield f"{table.file}: {len(listed)} economies make {len(listed) * (len(listed) - 1)} pairs"
    pairs = rows.set_index(["exporter", "importer"])
    for column in ("distance_km", "capital_distance_km", "shared_border", "shared_language"):
        other = pairs[column].swaplevel().reindex(pairs.index).to_numpy()
        differs = pd.Series(other, rows.index).notna() & (other != rows[column])
        yield from table.flag(differs, f"{column} {{{column}}} differs from the way back")
    named = rows.agreement_name.notna() & rows.agreement.ne(1)
    yield from table.flag(named, "an agreement that is not in force has no name here")


CHECKS = [
    rules, verdicts, trade, shares, flows, sources, words, neighbours, regions, distances,
    network, promises, outlines, points, lines, weights, months, gravity, names,
]  # fmt: skip
