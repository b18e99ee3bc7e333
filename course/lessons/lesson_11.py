"""Lesson 11, risks and contradictions: its figures, exercises and explorer."""

from collections.abc import Sequence
from functools import cache
from html import escape
from itertools import pairwise
from typing import Any

import folium
import numpy as np
import pandas as pd

from course.data import cite, load, shapes
from course.description import runs
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import by_id, far_eastern, growth, indicator_rows
from course.maps.area import area_map
from course.maps.atlas import region_ids
from course.maps.legible import classed, fills, gaps_apart, shows
from course.maps.picture import Picture
from course.words import _

ARTICLE, BREAK, SEED, DRAWS = "2017-06-14", "2022-02", 2017, 10_000

# --- who weighs how much --------------------------------------------------------


def _part(year: int, of: str, seller: str = "RUS", buyer: str = "CHN") -> float:
    """Return a flow in percent of all that its exporter sells, or its importer buys."""
    rows = load("trade_weights").set_index(["exporter", "importer", "year"])
    share = 100 * rows["value_usd_mn"] / rows[f"{of}_total_usd_mn"]
    return float(share[seller, buyer, year])


def _asymmetry(first: int = 2000, last: int = 2020, **pair: str) -> dict[int, float]:
    return {
        y: _part(y, "exporter", **pair) / _part(y, "importer", **pair) for y in (first, last)
    }


def _parts(of: str) -> dict[int, float]:
    return {year: _part(year, of) for year in (2000, 2020)}


@cache
def _sold(seller: str, year: int) -> pd.Series:
    """Return what a seller sells to each partner as fractions of one; OTH is the rest."""
    rows = load("partner_flows").query("exporter == @seller and year == @year")
    values = rows.set_index("importer")["value_usd_mn"]
    if values.empty:
        raise KeyError(year)
    return values / values.sum()


def _partners(seller: str = "RUS", year: int = 2020) -> float:
    """Return the HHI of the partners by name: each of the others is taken as tiny."""
    return float((_sold(seller, year).drop("OTH") ** 2).sum())


def _floor(year: int = 2020) -> dict[str, float]:
    return {"all partners, 2020": _partners(year=year), "China alone, 2025": _gaidar() ** 2}


def _gaidar(flow: str = "exports", year: int = 2025) -> float:
    """Return China's part in Russian trade by one institute, as a fraction of one."""
    rows = load("partner_shares").query("economy == 'RUS' and year == @year")
    row = rows[
        rows["source_id"].str.contains("gaidar_institute") & (rows["period"] == "full year")
    ]
    return float(row.set_index("indicator")["share_pct"][f"share of {flow}"]) / 100


# --- which money, who announced what ----------------------------------------------


def _yuan(year: int, month: int, flow: str = "exports", currency: str = "CNY") -> float:
    rows = load("payment_currency").set_index(["flow", "currency", "year", "month"])
    return float(rows["share_pct"][flow, currency, year, month])


def _yuan_points(flow: str = "exports", last: tuple[int, int] = (2024, 1)) -> float:
    return _yuan(*last, flow) - _yuan(2022, 1, flow)


def _measures(*kinds: str, both: bool = True, start: str = ARTICLE) -> set[str]:
    """Return the events of some kinds, of any if none is named, that came after a date."""
    rows = load("events")
    rows = rows[rows["date"] > start]
    rows = rows[rows["kind"].isin(kinds)] if kinds else rows
    named = rows["countries"].fillna("")
    named_both = named.str.contains("CHN") & named.str.contains("RUS")
    return set(rows.loc[named_both if both else named.notna(), "event_id"])


# --- the small model ----------------------------------------------------------------


@cache
def _monthly() -> pd.DataFrame:
    return load("monthly_prices").pivot(index="month", columns="series", values="value")


def _oil_2024() -> pd.Series:
    rows = load("energy_flows").query(
        "commodity == 'crude oil' and exporter == 'RUS' and measured_by == 'China customs'"
        " and year == 2024 and period == 'full year'"
    )
    return rows.iloc[0]


def _base() -> float:
    """Return what the crude oil sold to China in 2024 was worth, in trillion roubles."""
    rate = _monthly().loc["2024-01":"2024-12", "rub_per_usd"].mean()
    return float(_oil_2024()["value_usd_bn"] * rate / 1000)


def _bar(
    series: str = "rub_per_usd", ends: tuple[float, float] = (0.1, 0.9), months: int = 12
) -> pd.Series:
    """Return the bar of one input of the tornado, in trillion roubles."""
    change = _monthly()[series].pct_change(months, fill_method=None)
    low, high = (_base() * (1 + change.quantile(end)) for end in ends)
    return pd.Series({"low": low, "high": high})


# --- drawing from the record -----------------------------------------------------------


@cache
def changes() -> pd.DataFrame:
    """Return the monthly changes as natural logarithms: oil, rate, and oil in roubles."""
    logs = {"oil": np.log(_monthly()["brent"]), "rate": np.log(_monthly()["rub_per_usd"])}
    pair = pd.DataFrame(logs).diff().dropna()
    return pair.assign(roubles=pair["oil"] + pair["rate"])


def record(name: str) -> pd.DataFrame:
    """Return a part of the record: ``to 2016``, ``before`` or ``after`` the break, ``all``."""
    every = changes()
    ends = {"to 2016": ("", "2016-12"), "before": ("", "2022-01"), "after": (BREAK, "9999")}
    first, last = ends.get(name, ("", "9999"))
    return every[(every.index >= first) & (every.index <= last)]


def draw(part: Any, block: int, months: int = 12, seed: int = SEED) -> Any:
    """Draw many years from a record: blocks of months in a row, added up."""
    blocks = part.rolling(block).sum().dropna()
    rng = np.random.default_rng(seed)
    return rng.choice(blocks, size=(DRAWS, months // block)).sum(axis=1)


@cache
def span(
    name: str = "after", column: str = "roubles", block: int = 6, least: float = 0.05
) -> tuple[float, float]:
    """Return the range of a year drawn from a record, as logarithms."""
    if column == "apart":  # each column from months of its own
        both = draw(record(name)["oil"], block) + draw(record(name)["rate"], block, seed=1)
    else:
        both = draw(record(name)[column], block)
    low, high = np.quantile(both, [least, 1 - least])
    return float(low), float(high)


def _percent(low: float, high: float) -> dict[str, float]:
    return {"low": 100 * float(np.expm1(low)), "high": 100 * float(np.expm1(high))}


@cache
def outcomes() -> pd.Series:
    """Return what oil in roubles did from December to December, 2017 to 2025."""
    later = record("all")["roubles"].loc["2017-01":]
    return later.groupby(later.index.str[:4].astype(int)).sum()


def _outside(
    name: str = "to 2016", least: float = 0.05, low: bool = True, high: bool = True
) -> set[int]:
    """Return the years outside of a range, below it, above it, or either."""
    bottom, top = span(name, least=least)
    came = outcomes()
    return set(came.index[((came < bottom) & low) | ((came > top) & high)])


# --- the map of exposure ------------------------------------------------------------------


@cache
def _mined(year: int = 2016, indicator: str = "mining_output") -> pd.DataFrame:
    """Return output and product of the Far East in a year, in million roubles."""
    rows = indicator_rows(indicator)
    output = rows[rows["year"] == year].set_index("region_id")["value"]
    product = indicator_rows("grp_current_prices", "edition_2021").query("year == @year")
    table = pd.DataFrame({"output": output, "product": product.set_index("region_id")["value"]})
    return table.loc[far_eastern()]


def _loss(size: float = 0.2, **other: Any) -> pd.Series:
    """Return the fall of sales in percent of the product."""
    table = _mined(**other)
    return (100 * size * table["output"] / table["product"]).rename("loss")


def _exposure_map(
    values: pd.Series | None = None,
    bins: Sequence[float] = (0, 1, 3, 6, 15, 25),
    legend: str = "loss of sales, percent of regional product, 2016",
    key: str = "feature.properties.region_id",
    no_data: str = "grey",
) -> folium.Map:
    m = area_map("far_east")
    values = _loss() if values is None else values
    folium.Choropleth(
        shapes("region_polygons"),
        data=values.rename("value").reset_index(),
        columns=["region_id", "value"],
        key_on=key,
        bins=list(bins),
        legend_name=legend,
        nan_fill_color=no_data,
    ).add_to(m)
    return m


def _fair_classes(p: Picture) -> bool:
    edges = p.legends[0]["edges"]
    counts = np.histogram(_loss(), edges)[0]
    whole = all(float(edge).is_integer() for edge in edges)
    return edges[0] == 0 and whole and len(counts) >= 4 and counts.max() <= 4


def _unit_is_named(p: Picture) -> bool:
    caption = p.legends[0]["caption"].lower()
    percent = any(sign in caption for sign in ("percent", "per cent", "%", "процент", "百分"))
    whole = (
        "product",
        "grp",
        "gdp",
        "gross",
        "value added",
        "продукт",
        "врп",
        "产",
        "бүтээгдэхүүн",
    )
    return percent and any(word in caption for word in whole)


# --- the exercises --------------------------------------------------------------------------

_SAYS = """The United States, the European Union and the G7 announced measures, and newspapers
    report that banks of China refused payments after them. The share of the yuan in payments
    for Russian exports rose from 0.5 % in January 2022 to 40.8 % in January 2024. That new
    problems came is shown, and that the two changed how they pay; how large the problems were
    for China is not."""
_CHANGE = "A bank's own word that it refused payments for reasons of its own."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    payments = load("payment_currency").query("flow == 'exports' and currency == 'CNY'")
    named = load("events")
    rows = [named[named["event_id"].isin(_measures("sanctions"))], payments]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {
        "claim": "c40",
        "word": "supported",
        "confidence": "medium",
        "because": rows,
    } | texts


EXERCISES = [
    Exercise(
        "11.1",
        ask="Compare what one flow weighs for both sides",
        objective=0,
        kind="mapping",
        unit="times",
        digits=1,
        answer=_asymmetry,
        named={"first": 2000, "last": 2020},
        mistakes={
            "Upside down: the share in Russia's exports goes on top, that of China's "
            "imports below.": lambda: {y: 1 / one for y, one in _asymmetry().items()},
            "That is China's sale to Russia. The exercise asks for what Russia sells: the "
            "rows in russia_sells.": lambda: _asymmetry(seller="CHN", buyer="RUS"),
            "That is a difference of two shares. 'How many times' asks for a ratio.": (
                lambda: {y: _part(y, "exporter") - _part(y, "importer") for y in (2000, 2020)}
            ),
            "That is only the share in Russia's exports, in percent. Divide it by that of "
            "China's imports.": lambda: _parts("exporter"),
            "That is only the share in China's imports, in percent. The exercise asks how many "
            "times as large the other share is.": lambda: _parts("importer"),
        },
        solution="""
in_exports = russia_sells["value_usd_mn"] / russia_sells["exporter_total_usd_mn"]
in_imports = russia_sells["value_usd_mn"] / russia_sells["importer_total_usd_mn"]
times_as_large = (in_exports / in_imports).loc[[2000, 2020]]

course.check("11.1", times_as_large)
""",
        hints=[
            "Two shares of one flow: value_usd_mn by exporter_total_usd_mn, and by "
            "importer_total_usd_mn.",
            "Divide the first share by the second, then take .loc[[2000, 2020]].",
        ],
        after="Write the ratio out, and the flow itself cancels. What is left is all that "
        "China buys by all that Russia sells. This asymmetry says who is larger. It says "
        "nothing about whether the goods could be sold or bought elsewhere.",
    ),
    Exercise(
        "11.2",
        ask="Find the least that a concentration can be",
        objective=1,
        kind="mapping",
        digits=3,
        answer=_floor,
        named={"year": 2020},
        mistakes={
            "You took OTH as one partner. It is many: leave it out, as the task says.": (
                lambda: (
                    _floor() | {"all partners, 2020": float((_sold("RUS", 2020) ** 2).sum())}
                )
            ),
            "Those shares are in percent, so both numbers run to 10,000. Divide by 100 before "
            "you square.": lambda: {name: 1e4 * one for name, one in _floor().items()},
            "China's share of 2025 is there, but not squared.": (
                lambda: _floor() | {"China alone, 2025": _gaidar()}
            ),
            "39 is China's share in what Russia buys. Take the share in exports.": (
                lambda: _floor() | {"China alone, 2025": _gaidar("imports") ** 2}
            ),
            "You divided by the sum without OTH. The whole is all that Russia sells.": lambda: (
                _floor()
                | {
                    "all partners, 2020": _partners()
                    / (1 - float(_sold("RUS", 2020)["OTH"])) ** 2
                }
            ),
            "That is Mongolia. Take the exporter RUS.": lambda: (
                _floor() | {"all partners, 2020": _partners("MNG")}
            ),
        },
        solution="""
russia = flows[(flows["exporter"] == "RUS") & (flows["year"] == 2020)].set_index("importer")
part = russia["value_usd_mn"] / russia["value_usd_mn"].sum()
known = part[part.index != "OTH"]
concentration = {
    "all partners, 2020": (known ** 2).sum(),
    "China alone, 2025": 0.27 ** 2,
}

course.check("11.2", concentration)
""",
        hints=[
            "First divide each flow by the sum of all, OTH included. Then drop OTH, "
            "square, add.",
            "For 2025 there is one share, 27 percent. As a fraction, squared, it is the least "
            "that the HHI can be.",
        ],
        after="One partner alone now makes more than all partners together did in 2020. So it "
        "rose, whatever the other shares are, if the estimate of the institute is right. The "
        "estimate is not BACI: two sources meet here.",
    ),
    Exercise(
        "11.3",
        ask="Measure a change in how payments are made",
        objective=2,
        unit="percentage points",
        digits=1,
        minutes=4,
        answer=_yuan_points,
        mistakes={
            "That is the yuan in payments for imports. The exercise asks for exports.": (
                lambda: _yuan_points("imports")
            ),
            "That is the change up to December 2022. Go on to January 2024.": (
                lambda: _yuan_points(last=(2022, 12))
            ),
            "That is the change up to June 2023. Go on to January 2024.": (
                lambda: _yuan_points(last=(2023, 6))
            ),
            "That is the growth in percent. Percentage points are a plain difference.": (
                lambda: growth(_yuan(2022, 1), _yuan(2024, 1))
            ),
            "That is the share of January 2024. The exercise asks how far it rose.": (
                lambda: _yuan(2024, 1)
            ),
            "That is the difference as a fraction of one. Leave out the division by 100.": (
                lambda: _yuan_points() / 100
            ),
            "The sign is turned round: later month minus earlier month.": (
                lambda: -_yuan_points()
            ),
        },
        solution="""
yuan = payments[(payments["flow"] == "exports") & (payments["currency"] == "CNY")]
share = yuan.set_index(["year", "month"])["share_pct"]
yuan_rise = share[2024, 1] - share[2022, 1]

course.check("11.3", yuan_rise)
""",
        hints=[
            "Filter payments twice: flow is exports, currency is CNY.",
            "The row of January 2024 minus the row of January 2022, in share_pct.",
        ],
        after="The two payment tables cannot be joined: one counts trade with everybody, the "
        "other trade with China, and most of its rows are what an official said.",
    ),
    Exercise(
        "11.4",
        ask="Find the sanctions that name both countries",
        objective=2,
        kind="set",
        answer=lambda: _measures("sanctions"),
        mistakes={
            "Those are all sanctions since the article. c40 speaks of problems for both "
            "countries: keep the rows that name CHN and RUS.": (
                lambda: _measures("sanctions", both=False)
            ),
            "Price caps are in it, too. Keep the kind sanctions.": (
                lambda: _measures("sanctions", "price cap", both=False)
            ),
            "Trade barriers are in it, too: the two countries put them up themselves. Keep the "
            "kind sanctions.": lambda: _measures("sanctions", "trade barrier"),
            "Those are events of every kind. Keep the kind sanctions.": lambda: _measures(),
            'You compared the whole text with "CHN;RUS". The US order names a third country: '
            "ask whether the text contains CHN, and whether it contains RUS.": (
                lambda: _measures("sanctions") - {"secondary_sanctions_2023"}
            ),
            "Those are price caps. Keep the kind sanctions.": (
                lambda: _measures("price cap", both=False)
            ),
            "The row of the European list is missing. Its countries are CHN and RUS, too.": (
                lambda: _measures("sanctions") - {"eu_banks_2025"}
            ),
        },
        solution="""
sanctions = measures[measures["kind"] == "sanctions"]
both = sanctions["countries"].str.contains("CHN") & sanctions["countries"].str.contains("RUS")
name_both = sanctions[both]["event_id"]

course.check("11.4", name_both)
""",
        hints=[
            "First keep the rows of measures whose kind is sanctions.",
            'Then two conditions on countries with str.contains, "CHN" and "RUS", joined by &.',
        ],
        after="All of them came after 2022, and all are about banks. Who announces, and who "
        "reports, differ: two rest on newspapers, and in the one on Chouzhou the bank said "
        "nothing.",
    ),
    Exercise(
        "11.5",
        ask="Compute one bar of a tornado",
        objective=3,
        kind="mapping",
        unit="trillion roubles",
        digits=2,
        answer=_bar,
        mistakes={
            "Those are the ends for the oil price. Take the column rub_per_usd.": (
                lambda: _bar("brent")
            ),
            "Those are the ends for the yuan. Take the column rub_per_usd.": (
                lambda: _bar("cny_per_usd")
            ),
            "Those are the ends of a change over one month. Take the one over twelve: the "
            "table year_on_year.": lambda: _bar(months=1),
            "Those are the 5th and the 95th percentile. Take 0.1 and 0.9.": (
                lambda: _bar(ends=(0.05, 0.95))
            ),
            "Those are the quartiles. Take 0.1 and 0.9.": lambda: _bar(ends=(0.25, 0.75)),
            "Those are the lowest and the highest change of all. Take the percentiles 0.1 and "
            "0.9.": lambda: _bar(ends=(0.0, 1.0)),
            "year_on_year is in percent: divide by 100 before you apply it to base.": (
                lambda: _base() + 100 * (_bar() - _base())
            ),
            "Those are the changes themselves, in trillions of roubles. Add them to base.": (
                lambda: _bar() - _base()
            ),
            "The two ends are exchanged: low belongs to the percentile 0.1.": (
                lambda: _bar()[::-1].set_axis(["low", "high"])
            ),
            "Those are the changes in percent. Apply them to base.": (
                lambda: 100 * (_bar() / _base() - 1)
            ),
        },
        solution="""
low, high = year_on_year["rub_per_usd"].quantile([0.1, 0.9])
rate_bar = {"low": base * (1 + low / 100), "high": base * (1 + high / 100)}

course.check("11.5", rate_bar)
""",
        hints=[
            'year_on_year["rub_per_usd"].quantile(0.1) is the lower change, in percent.',
            "A change of -10 percent makes base * (1 - 10 / 100) of base.",
        ],
        after="The bar reaches further to the right: in this record the dollar rose against "
        "the rouble more steeply than it ever fell.",
    ),
    Exercise(
        "11.6",
        ask="Give a range, drawn from the months after the break",
        objective=4,
        kind="mapping",
        unit="percent",
        digits=0,
        answer=lambda: _percent(*span()),
        mistakes={
            "Those are natural logarithms times 100. np.exp leads back: "
            "100 * (np.exp(x) - 1).": lambda: {
                name: 100 * one for name, one in zip(("low", "high"), span(), strict=True)
            },
            "Those are natural logarithms. np.exp leads back, and times 100 makes percent: "
            "100 * (np.exp(x) - 1).": lambda: dict(zip(("low", "high"), span(), strict=True)),
            "That is 1 plus the change. Take 1 off, then times 100: 100 * (np.exp(x) - "
            "1).": lambda: {name: 1 + one / 100 for name, one in _percent(*span()).items()},
            "Those are the percentiles 2.5 and 97.5. Take 0.05 and 0.95.": (
                lambda: _percent(*span(least=0.025))
            ),
            "That is the record before the break. Take after.": (
                lambda: _percent(*span("before"))
            ),
            "That is the whole record, both sides of the break in one. Take after.": (
                lambda: _percent(*span("all"))
            ),
            "That is the record up to 2016. Take after.": lambda: _percent(*span("to 2016")),
            "Those are months drawn one by one. Draw blocks of six.": (
                lambda: _percent(*span(block=1))
            ),
            "Those are blocks of three months. Draw blocks of six.": (
                lambda: _percent(*span(block=3))
            ),
            "Those are whole years as one block. Draw blocks of six.": (
                lambda: _percent(*span(block=12))
            ),
            "That is the oil price in dollars. Take the column roubles.": (
                lambda: _percent(*span(column="oil"))
            ),
            "That is the exchange rate alone. Take the column roubles.": (
                lambda: _percent(*span(column="rate"))
            ),
            "Those are the 10th and the 90th percentile. Take 0.05 and 0.95.": (
                lambda: _percent(*span(least=0.1))
            ),
            "That is 1 plus the change, in percent. Take 1 off: 100 * (np.exp(x) - "
            "1).": lambda: {name: one + 100 for name, one in _percent(*span()).items()},
        },
        solution="""
ends = np.quantile(draw(after["roubles"], 6), [0.05, 0.95])
low, high = 100 * (np.exp(ends) - 1)
after_range = {"low": low, "high": high}

course.check("11.6", after_range)
""",
        hints=[
            'draw(after["roubles"], 6) gives 10,000 years, as logarithms.',
            "np.quantile(..., [0.05, 0.95]) gives both ends, and np.exp leads back to percent.",
        ],
        after="A range, no forecast: it says what a year could do if it were made of "
        "half-years such as these. There are fewer than four years of them.",
    ),
    Exercise(
        "11.7",
        ask="Test a range on the years that came",
        objective=5,
        kind="set",
        unit="year",
        answer=_outside,
        mistakes={
            "Those are the years inside the range. Hand in the ones it missed.": (
                lambda: set(outcomes().index) - _outside()
            ),
            "A year below is missing. Did you ask for both sides, below low or above high? And "
            "is the range drawn from to_2016, not from months that nobody had then?": (
                lambda: _outside(low=False)
            ),
            "A year above is missing. Did you ask for both sides, below low or above high? And "
            "is the range drawn from to_2016, not from months that nobody had then?": (
                lambda: _outside(high=False)
            ),
            "No year is left. Joined by &, a year would have to lie below and above at once: "
            "take |. If you have it, your range is too wide: draw "
            'to_2016["roubles"] in blocks of six.': lambda: _outside("to 2016", least=0.0),
            "Those are all nine years. Keep the ones outside the range, and leave the range in "
            "logarithms, as outcome is.": lambda: set(outcomes().index),
            "Those are the changes. Hand in the years: they are in the index.": (
                lambda: set(outcomes()[sorted(_outside())])
            ),
            "Those are the years outside of the 10th to the 90th percentile. Take 0.05 and "
            "0.95.": lambda: _outside(least=0.1),
        },
        solution="""
low, high = np.quantile(draw(to_2016["roubles"], 6), [0.05, 0.95])
missed = outcome.index[(outcome < low) | (outcome > high)]

course.check("11.7", missed)
""",
        hints=[
            "The range first: np.quantile of draw(to_2016[...], 6), as logarithms "
            "like outcome.",
            "outcome.index[(outcome < low) | (outcome > high)]: the sign | means or.",
        ],
        after="One miss above, one below, in nine years. A range that leaves out one year in "
        "ten lets us expect about one. Nine years are too few to call it wrong, but look at "
        "the reason before you trust it.",
    ),
    Exercise(
        "11.8",
        ask="Map who is exposed, in fair classes",
        objective=6,
        kind="map",
        area="far_east",
        answer=_exposure_map,
        mistakes={},
        checks=[
            Check(
                "There is no folium.Choropleth on the map yet.",
                fills,
                lambda: _only_a_marker(),
            ),
            Check(
                "The colours did not find their regions. Check data, columns and key_on. The "
                "key is in feature.properties.region_id.",
                lambda p: any(classed(p, far_eastern())),
                lambda: _exposure_map(key="feature.properties.name_en"),
            ),
            Check(
                "Not all eleven regions have a colour of the classes. Which row is missing in "
                "the data of the map?",
                lambda p: all(classed(p, far_eastern())),
                lambda: _exposure_map(_loss().drop("RU-CHU")),
            ),
            Check(
                "The map shows output by gross regional product, without the shock. Multiply "
                "by 0.20.",
                lambda p: not shows(p, _loss(1.0)),
                lambda: _exposure_map(_loss(1.0), (0, 10, 20, 50, 100, 120)),
            ),
            Check(
                "The map shows fractions of one. Make them percent: times 100.",
                lambda p: not shows(p, _loss() / 100),
                lambda: _exposure_map(_loss() / 100, (0, 0.05, 0.1, 0.2, 0.25)),
            ),
            Check(
                "The map shows million roubles. Divide by grp: a large region is not "
                "yet an exposed one.",
                lambda p: not shows(p, 0.2 * _mined()["output"]),
                lambda: _exposure_map(0.2 * _mined()["output"], (0, 1e4, 5e4, 1e5, 1.5e5)),
            ),
            Check(
                "The colours show something else than the loss of sales in percent of gross "
                "regional product, for a fall of 20 percent.",
                lambda p: shows(p, _loss()),
                lambda: _exposure_map(_loss(0.3), (0, 1, 3, 10, 20, 40)),
            ),
            Check(
                "Look at the classes again: four or more, edges that are whole numbers and "
                "begin at 0, and no class with more than four of the eleven regions.",
                _fair_classes,
                lambda: _exposure_map(bins=(0, 6, 12, 18, 24)),
            ),
            Check(
                "Regions without a figure are black, or hardly differ from a class of the "
                "legend. Choose another nan_fill_color, such as 'grey'.",
                lambda p: gaps_apart(p, far_eastern()),
                lambda: _exposure_map(no_data="white"),
            ),
            Check(
                "Readers cannot tell what the colours mean. Say in legend_name that they are "
                "percent, and of what: gross regional product.",
                _unit_is_named,
                lambda: _exposure_map(legend="exposure"),
            ),
        ],
        minutes=15,
        solution="""
exposed = mined_2016.reset_index()
exposed["loss"] = 100 * 0.20 * exposed["mining_output"] / exposed["grp"]
exposure_map = course.area_map("far_east", alt="Loss of sales if mined goods fall by a fifth.")
folium.Choropleth(
    course.shapes("region_polygons"), data=exposed, columns=["region_id", "loss"],
    key_on="feature.properties.region_id", bins=[0, 1, 3, 6, 15, 25],
    legend_name="loss of sales, percent of regional product, 2016", nan_fill_color="grey",
).add_to(exposure_map)

course.check("11.8", exposure_map)
""",
        hints=[
            "First a column: 100 * 0.20 * output / grp. Print it sorted and look where the "
            "gaps between the regions are.",
            "Then as in exercise 02.6, with bins=[0, ...]: set the edges into the gaps. The "
            "last edge must be above the largest loss.",
        ],
        after="Chukotka, Sakhalin, Yakutia and Magadan lose most in this count, each region "
        "on the Chinese border less than half as much as any of them. That is what they sold "
        "in 2016 times one fall of prices: an account, no forecast.",
    ),
    Exercise(
        "11.9",
        ask="Sign a verdict on the warning, the advice or the contradictions",
        objective=7,
        kind="verdict",
        claims=["c40", "c41", "c43"],
        answer=_example,
        mistakes={},
        minutes=6,
        solution=f'''
payments_in_yuan = payments[(payments["flow"] == "exports") & (payments["currency"] == "CNY")]
named = measures[measures["event_id"].isin(
    ["secondary_sanctions_2023", "chinese_banks_2024", "chouzhou_2024", "eu_banks_2025"])]
my_verdict = course.Verdict(
    "c40", "supported", confidence="medium",
    because=[named, payments_in_yuan],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("11.9", my_verdict)
''',
        hints=[
            "Choose c40, c41 or c43. A warning, advice and a judgement ask for "
            "different tests.",
            "Rows that you have: measures, payments, settled, frictions, deeper; ranges and "
            "misses you computed.",
            "For c41 ask: were steps taken? Whether they were the reason for what trade did, "
            "no series here can show.",
        ],
        after="You judged a warning by dated events and not by how the story went on. Another "
        "reader can now check each date.",
    ),
]


def _only_a_marker() -> folium.Map:
    m = area_map("far_east")
    folium.Marker([48.5, 135.1]).add_to(m)
    return m


# --- the explorer: a shock, region by region -----------------------------------------------

_SHOCKS = {
    "mined": _("Prices of all that is mined fall"),
    "made": _("Factories sell less"),
    "exports": _("Exports are lost"),
    "dollar": _("The dollar costs more: imports are dearer"),
    "trade": _("Trade of Chinese provinces is lost"),
}
_TITLES = {
    "mined": _("Prices of all that is mined fall by {size} %, counted on {year}"),
    "made": _("Factories sell {size} % less, counted on {year}"),
    "exports": _("{size} % of exports are lost, counted on {year}"),
    "dollar": _("The dollar costs {size} % more: imports are dearer, counted on {year}"),
    "trade": _("{size} % of the trade of Chinese provinces is lost, counted on {year}"),
}
_BASES = {
    "mined": _("shipped output of mining"),
    "made": _("shipped output of factories"),
    "exports": _("exports to all countries"),
    "dollar": _("imports from all countries"),
    "trade": _("exports and imports with all countries"),
}
_MEASURES = {
    "product": _("percent of gross regional product"),
    "money": _("billion of its money"),
    "head": _("thousand of its money per head"),
}
_EDGES = {
    "product": (2, 5, 10, 25),
    "money": (1, 10, 50, 150),
    "head": (1, 5, 20, 100),
}
_YEARS = [2005, 2008, 2010, 2012, 2014, 2016, 2018, 2021, 2024]
_TINTS = ["#F9E3D3", "#F0BE99", "#E69A63", "#D55E00", "#8A3D00"]  # of one hue, light to dark


@cache
def _exposed(shock: str) -> pd.DataFrame:
    """Return base, product and people by region and year, with the source of the base."""
    if shock in ("mined", "made"):
        name = {"mined": "mining_output", "made": "manufacturing_output"}[shock]
        rows = indicator_rows(name)
        product = indicator_rows("grp_current_prices", "edition_2021")
        people = indicator_rows("population_annual_average", "before_census_2021")
        scale = 1000.0  # million to billion roubles
    elif shock == "trade":
        rows, scale = indicator_rows("goods_trade_total"), 1.0  # billion yuan
        product = indicator_rows("gdp_current_prices", "export_2025")
        people = indicator_rows("population_year_end")
    else:
        flow = {"exports": "exports_usd_mn", "dollar": "imports_usd_mn"}[shock]
        table = load("region_trade")
        rate = _monthly().loc["2021-01":"2021-12", "rub_per_usd"].mean()
        rows = table.assign(value=table[flow] * rate)
        product = table.assign(value=table["grp_mn_rub"])
        people = indicator_rows("population_annual_average", "after_census_2021")
        scale = 1000.0
    keys = ["region_id", "year"]
    joined = rows[[*keys, "value", "source_id"]].rename(columns={"value": "base"})
    for name, other in (("product", product), ("people", people)):
        joined = joined.merge(other[[*keys, "value"]].rename(columns={"value": name}), on=keys)
    joined[["base", "product"]] /= scale
    shown = set(region_ids("borderland"))
    return joined[joined["region_id"].isin(shown)].set_index(["year", "region_id"]).sort_index()


def _regions() -> list[tuple[str, str]]:
    names = by_id("regions")["name_en"]
    every = [region for region in region_ids("borderland") if region[:2] in ("RU", "CN")]
    return [(_("all of them"), ""), *sorted((str(names[one]), one) for one in every)]


@cache
def _hit(shock: str, size: int, year: int, measure: str) -> tuple[int, pd.Series]:
    """Return the year that has figures, and what the shock comes to by region."""
    rows = _exposed(shock)
    years = rows.index.unique("year")
    nearest = int(min(years, key=lambda one: abs(one - year)))
    now = rows.loc[nearest]
    lost = now["base"] * size / 100
    by = {
        "product": 100 * lost / now["product"],
        "money": lost,
        "head": 1e6 * lost / now["people"],
    }
    return nearest, by[measure].sort_values(ascending=False)


def _written(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def _shock(
    shock: str, size: int, year: int, measure: str, region: str
) -> tuple[str, list[dict[str, Any]]]:
    nearest, hit = _hit(shock, size, year, measure)
    names = by_id("regions")["name_en"]
    money = _("yuan") if shock == "trade" else _("roubles")
    unit = {
        "product": _("% of GRP"),
        "money": _("billion {money}", money=money),
        "head": _("thousand {money} per head", money=money),
    }[measure]
    colours = dict(
        zip(map(str, hit.index), np.digitize(hit, _EDGES[measure]).tolist(), strict=True)
    )
    lines, features, most = "", [], max(float(hit.max()), 1e-9)
    for place, value in zip(map(str, hit.index), hit.tolist(), strict=True):
        name, said = str(names[place]), f"{_written(value)} {unit}"
        picked = place == region
        features.append({
            "region": place, "id": place, "fill": _TINTS[colours[place]],
            "color": "#000000" if picked else "#55514a", "width": 3 if picked else 1,
            "says": f"{name}: {said}",
        })  # fmt: skip
        bar = (
            '<span style="display:inline-block;height:12px;'
            f"vertical-align:middle;background:{_TINTS[colours[place]]};outline:1px solid "
            f'#8888;width:{240 * value / most:.0f}px"></span>'
        )
        shown = f"<b>{escape(name)}</b>" if picked else escape(name)
        lines += (
            f'<tr><td style="text-align:left;padding:1px 4px"><button data-pick="{place}">'
            f'{shown}</button></td><td style="text-align:left;padding:1px 4px">{bar} '
            f"{_written(value)}</td></tr>"
        )
    head = (
        f'<tr><th style="text-align:left">{_("region")}</th>'
        f'<th style="text-align:left">{escape(unit)}</th></tr>'
    )
    text = _told(shock, size, year, nearest, hit, unit, region)
    rows = _exposed(shock).loc[nearest]
    source = _("Source: {titles}.", titles="; ".join(cite(rows).table["title"]))
    table = f"<table>{head}{lines}</table><p>{_key(measure)}</p>"
    html = f"{text}{table}<p><small>{escape(source)}</small></p>"
    return html, features


def _key(measure: str) -> str:
    """Say which colour stands for which class."""
    edges = _EDGES[measure]
    names = [
        _("below {edge}", edge=edges[0]),
        *(_("{low} to {high}", low=low, high=high) for low, high in pairwise(edges)),
        _("{edge} and more", edge=edges[-1]),
    ]
    tints = [*_TINTS, "#FDFCF7"]  # the last is the ground of the map
    return "".join(
        '<span style="margin-right:14px;white-space:nowrap"><span style="display:inline-block;'
        f'width:12px;height:12px;outline:1px solid #8888;background:{tint}"></span> '
        f"{name}</span>"
        for tint, name in zip(tints, [*names, _("no figure")], strict=True)
    )


def _told(
    shock: str, size: int, year: int, nearest: int, hit: pd.Series, unit: str, region: str
) -> str:
    """Say what is seen, what it rests on and what it is not."""
    names = by_id("regions")["name_en"]
    title = _TITLES[shock].format(size=size, year=nearest)
    said = [f"<b>{escape(title)}.</b>"]
    if nearest != year:
        has = runs(sorted(int(one) for one in _exposed(shock).index.unique("year")))
        said.append(_("{year} has no figures: they cover {years}.", year=year, years=has))
    top, low = hit.index[0], hit.index[-1]
    say = _("Most exposed is {top} with {most} {unit}, least {low} with {least}.")
    said.append(escape(say.format(
        top=names[top], most=_written(hit.iloc[0]), unit=unit, low=names[low],
        least=_written(hit.iloc[-1]),
    )))  # fmt: skip
    if region and region not in hit.index:
        say = _("For {name} these tables have no such figure.", name=names[region])
        said.append(escape(say))
    elif region:
        say = _(
            "{name}: for each 100 of gross regional product {share:.0f} of {what}; the shock "
            "is {size} % of that."
        )
        now = _exposed(shock).loc[nearest]
        share = 100 * float(now["base"][region] / now["product"][region])
        said.append(escape(say.format(
            name=names[region], share=share, what=_BASES[shock], size=size
        )))  # fmt: skip
    said.append(_(
        "A share times a shock: what accounts would show if nothing else moved. No forecast."
    ))  # fmt: skip
    return f"<p>{' '.join(said)}</p>"


shocks = Explorer(
    _("A shock, region by region"),
    {
        "shock": Control(_("What happens"), [(words, key) for key, words in _SHOCKS.items()]),
        "size": Control(_("By how many percent"), [10, 20, 30, 40, 50], start=30, slider=True),
        "year": Control(_("Counted on the year"), _YEARS, start=2016, slider=True),
        "measure": Control(_("Shown in"), [(words, key) for key, words in _MEASURES.items()]),
        "region": Control(_("Region"), _regions),
    },
    _shock,
    area="borderland",
    picks="region",
    alt=_("Map of the borderland: regions filled by what a shock comes to there."),
)
