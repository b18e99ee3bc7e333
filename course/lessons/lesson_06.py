"""Lesson 06, trade in numbers: its figures, exercises and explorer."""

import re
from collections.abc import Callable
from functools import cache
from html import escape
from random import Random
from typing import Any

import folium
import pandas as pd

from course.data import load
from course.exercises.exercise import Check, Exercise
from course.exercises.values import fold
from course.explore import Control, Explorer
from course.lessons.shared import by_id, growth
from course.maps.area import area_map
from course.maps.picture import Drawn, Picture
from course.words import _

RATE = "yoy_total_pct"
LATER, FIRST = "IMF DOTS", "China customs first release"

# --- one pair, many series ----------------------------------------------------


@cache
def _series(reporter: str = "CHN", series: str = LATER) -> pd.DataFrame:
    """Return what one of the pair counted, in one series, by year."""
    rows = load("bilateral_trade").sort_values("year")
    rows = rows[(rows["reporter"] == reporter) & (rows["series"] == series)]
    return rows[rows["partner"].isin(["CHN", "RUS"])].set_index("year")


def _total(reporter: str = "CHN", series: str = LATER) -> pd.Series:
    return _series(reporter, series)["total_usd_bn"]


@cache
def _known(column: str = "total_usd_bn", months: int = 5) -> float:
    """Return what China's customs had said of the first months of 2017."""
    rows = load("part_year_trade").set_index(["reporter", "partner", "year", "months"])
    return float(rows[column]["CHN", "RUS", 2017, months])


def _year_before(rate: str = RATE, months: int = 5) -> float:
    return _known(months=months) / (1 + _known(rate, months) / 100)


def _start_years(reporter: str = "CHN") -> pd.Series:
    total = _total(reporter)
    change = total[2017] / total.loc[2012:2016]
    return pd.Series({"impress": change.idxmax(), "sober": change.idxmin()})


_WHO = ["impress", "sober"]


def _cagr(start: float, end: float, years: float) -> float:
    return 100 * ((end / start) ** (1 / years) - 1)


def _samples(rng: Random) -> list[tuple[float, float, int]]:
    """Return a start, an end and the years between them, several times."""
    total = _total()
    drawn = [(rng.randint(40, 90), rng.randint(100, 150), years) for years in (4, 7)]
    return [(100, 200, 10), (50, 60, 2), (float(total[2014]), float(total[2017]), 3), *drawn]


SPANS = [(1998, 2003), (2003, 2008), (2009, 2014), (2015, 2020)]


def _span(measure: Callable[[float, float], float]) -> str:
    """Return the span whose first and last total have the largest measure."""
    total = _total()
    first, last = max(SPANS, key=lambda span: measure(total[span[0]], total[span[1]]))
    return f"{first} to {last}"


# --- first releases and later series, buyers and sellers ----------------------


def _both(year: int) -> pd.Series:
    """Return China's total of a year in both series."""
    named = {"first releases": FIRST, "later series": LATER}
    return pd.Series({name: _total(series=one)[year] for name, one in named.items()})


def _growth(year: int = 2016) -> pd.Series:
    return 100 * (_both(year) / _both(year - 1) - 1)


def _crossed() -> pd.Series:
    """Return the growth from 2015 in the one series to 2016 in the other."""
    return 100 * (_both(2016) / _both(2015).to_numpy()[::-1] - 1)


def _printed() -> float:
    return float(_series(series=FIRST)["yoy_pct"][2016])


def _flow(counted: str) -> pd.Series:
    """Return what one counted in three years, such as "RUS imports"."""
    reporter, direction = counted.split()
    return _series(reporter)[f"{direction}_usd_bn"].loc[[2000, 2010, 2020]]


def _mirror(above: str = "RUS imports", below: str = "CHN exports") -> pd.Series:
    return _flow(above) / _flow(below)


# --- targets ------------------------------------------------------------------


def _reached() -> pd.Series:
    later, first = _total(), _total(series=FIRST)
    return pd.Series({100: later.index[later >= 100][0], 200: first.index[first >= 200][0]})


@cache
def _set_for(year: int = 2020) -> pd.Series:
    """Return the years the targets were set for; that of 200 was set twice."""
    years = by_id("trade_targets")["target_year"]
    return pd.Series({100: years["chn_rus_100_2015"], 200: years[f"chn_rus_200_{year}"]})


# --- the crossings ------------------------------------------------------------

FREIGHT, COAL, PARTS = "freight", "freight|coal", "freight|coal|iron ore"


@cache
def _tonnes(kinds: str = FREIGHT) -> pd.DataFrame:
    """Return the figures of some kinds of goods, with the crossing of each."""
    rows = load("crossing_figures")
    rows = rows[(rows["unit"] == "t") & (rows["direction"] == "RUS->CHN")]
    rows = rows[rows["period"] == "2024-01/2024-10"]
    rows = rows[rows["indicator"].str.match(kinds)]
    columns = ["crossing_id", "name_en", "name_ru", "name_zh", "lat", "lon"]
    spots = load("crossings")[columns].fillna({"name_ru": "", "name_zh": ""})
    return rows.merge(spots, on="crossing_id").dropna(subset=["lat"])


@cache
def _summed(kinds: str) -> pd.DataFrame:
    """Return one row for each crossing, with all its tonnes."""
    rows = _tonnes(kinds)
    tonnes = rows.groupby("crossing_id")["value"].transform("sum")
    return rows.assign(value=tonnes).drop_duplicates("crossing_id")


def _circles_map(
    rows: pd.DataFrame | None = None,
    power: float = 0.5,
    tip: str = "{name}: {tonnes:.1f} million tonnes",
    kind: type[folium.Marker] = folium.CircleMarker,
    **style: Any,
) -> folium.Map:
    m = area_map("heilongjiang")
    rows = _tonnes() if rows is None else rows
    for name, tonnes, lat, lon in rows[["name_en", "value", "lat", "lon"]].to_numpy():
        words = tip.format(name=name, tonnes=tonnes / 1e6)
        size = 20 * (tonnes / 17e6) ** power
        kind([lat, lon], radius=size, tooltip=words, **style).add_to(m)
    return m


def _circles(p: Picture) -> list[Drawn]:
    return [mark for mark in p.marks if mark.kind in ("CircleMarker", "Circle")]


def _radius(circle: Drawn) -> float:
    """Return a radius in pixels of the map as it opens."""
    metres = 3000 if circle.kind == "Circle" else 1  # of a pixel
    return float(circle.style["radius"]) / metres


def _placed(p: Picture, kinds: str = FREIGHT) -> list[tuple[Any, Drawn]]:
    """Return the rows of the crossings, each with a circle at its place."""
    rows: Any = _summed(kinds)
    return [
        (row, circle)
        for row in rows.itertuples()
        for circle in _circles(p)
        if abs(circle.at[0] - row.lat) < 0.02 and abs(circle.at[1] - row.lon) < 0.02
    ]


def _even(p: Picture, power: float = 0.5, kinds: str = FREIGHT) -> float:
    """Return how well each radius follows a power of the tonnes: 1 is perfectly."""
    ratios = [_radius(circle) / row.value**power for row, circle in _placed(p, kinds)]
    return min(ratios) / max(ratios)


def _weighed(row: Any, circle: Drawn) -> bool:
    """Tell whether a circle says the tonnes of its crossing, or thousands or millions."""
    words = re.sub(r"(?<=\d)[\s,'’](?=\d{3})", "", circle.words)
    said = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", words)]
    said += [float(f"{whole}.{rest}") for whole, rest in re.findall(r"(\d+),(\d+)", words)]
    wanted = [row.value / unit for unit in (1, 1000, 1_000_000)]
    return any(abs(one / tonnes - 1) < 0.12 for one in said for tonnes in wanted)


def _named(row: Any, circle: Drawn) -> bool:
    """Tell whether a circle names a crossing, or one of the towns there, in any script."""
    names = fold(f"{row.name_en} {row.name_ru} {row.name_zh}")
    return any(town in fold(circle.words) for town in re.findall(r"\w+", names))


# --- the exercises ------------------------------------------------------------

_SAYS = """In the later series (IMF, China reporting) trade grew by 21.0 % in 2017,
    after 2.6 % in 2016. By the end of June readers had a first release: 26.1 % for
    January to May. But its 84.4 bn dollars of 2017 stayed below the 95.2 bn of 2014:
    the growth made up for a fall."""
_CHANGE = "A series on investment or services that did not speed up."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    first = load("part_year_trade").query("reporter == 'CHN' and year == 2017 and months <= 5")
    rows = [_series().loc[2014:2017], first, 100 * _total().pct_change().loc[2015:2017]]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {
        "claim": "c42",
        "word": "supported in part",
        "confidence": "medium",
        "because": rows,
    } | texts


EXERCISES = [
    Exercise(
        "06.1",
        ask="Find the base behind a growth rate",
        objective=0,
        unit="USD bn",
        digits=1,
        minutes=4,
        answer=_year_before,
        mistakes={
            "You took the percentage off the new figure. It was put on the old one: "
            "divide by 1 plus the rate.": lambda: _known() * (1 - _known(RATE) / 100),
            "The wrong way round: trade rose, so the year before was smaller.": (
                lambda: _known() * (1 + _known(RATE) / 100)
            ),
            "That is the growth of the exports alone. The total has a rate of its own, "
            "yoy_total_pct.": lambda: _year_before("yoy_exports_pct"),
            "That is the growth of the imports alone. The total has a rate of its own, "
            "yoy_total_pct.": lambda: _year_before("yoy_imports_pct"),
            "You divided by the rate alone. The new figure is the old one plus its growth: "
            "divide by 1 plus the rate.": lambda: _known() / (_known(RATE) / 100),
            "That is the rise, not the level before it. Also, the rate is a percentage "
            "of the old figure, which you do not have yet.": lambda: (
                _known() * _known(RATE) / 100
            ),
            "That is January alone. Take the row of five months.": (
                lambda: _year_before(months=1)
            ),
            "You took percent off dollars. A rate of 10 percent is the factor 1.1: find "
            "the factor of this one, then divide.": lambda: _known() - _known(RATE),
            "A rate in percent is not a factor yet: divide it by 100 before you add "
            "1.": lambda: _known() / (1 + _known(RATE)),
        },
        solution="""
jan_may = known.set_index("months").loc[5]
year_before = jan_may["total_usd_bn"] / (1 + jan_may["yoy_total_pct"] / 100)

course.check("06.1", year_before)
""",
        hints=[
            "New figure = old figure × (1 + rate / 100). Turn it round.",
            'known.set_index("months").loc[5] is the row; it holds total_usd_bn and '
            "yoy_total_pct.",
        ],
        after="Every growth rate hides a second number: its base. Whether this base was "
        "an ordinary year or a bad one, the rate alone does not tell.",
    ),
    Exercise(
        "06.2",
        ask="Choose the start year that impresses, and the one that sobers",
        objective=0,
        kind="mapping",
        unit="year",
        answer=_start_years,
        mistakes={
            "The right years, the wrong speakers. A low start makes for high growth.": lambda: (
                _start_years().set_axis(["sober", "impress"])
            ),
            "Turn the pairs round: who speaks is the key, the year is the value.": lambda: {
                year: who for who, year in _start_years().items()
            },
            "These are the years by the Russian count. Here China counts: take the table "
            "later.": lambda: _start_years("RUS"),
            "Growth a year is highest from 2016. But the speakers name the growth in all: "
            "try the other start years.": lambda: {**_start_years(), "impress": 2016},
            "2009 lies outside the years that the task allows: 2012 to 2016.": lambda: {
                **_start_years(),
                "impress": 2009,
            },
            "1994 lies outside the years that the task allows: 2012 to 2016. Take the smallest "
            "total of these years.": lambda: {**_start_years(), "impress": _total().idxmin()},
            "These are rates of growth. Hand in the start years they belong to.": lambda: (
                100 * (_total()[2017] / _total()[_start_years()] - 1).set_axis(_WHO)
            ),
            "These are totals in billions of dollars. Hand in the years they belong to.": (
                lambda: _total()[_start_years()].set_axis(_WHO)
            ),
            "2016 gives the smaller of two rises. From some start years trade did not "
            "rise at all.": lambda: {**_start_years(), "sober": 2016},
        },
        solution="""
total = later["total_usd_bn"]
change = total[2017] / total.loc[2012:2016]
start_years = {"impress": change.idxmax(), "sober": change.idxmin()}

course.check("06.2", start_years)
""",
        hints=[
            "Divide the total of 2017 by the totals of 2012 to 2016, all at once.",
            "idxmax() and idxmin() give the label, here the year, of the largest and the "
            "smallest value.",
        ],
        after="Two neighbouring years, one a peak and one a trough. Both speakers quote "
        "correct figures. Only the start year differs. Counted per year, a third start "
        "year would impress still more.",
    ),
    Exercise(
        "06.3",
        ask="Write a function for growth per year",
        objective=0,
        kind="function",
        unit="percent",
        digits=1,
        answer=lambda: _cagr,
        inputs=_samples,
        mistakes={
            "You shared the whole growth out evenly. But each year grows on top of the "
            "last: take the root.": lambda: lambda a, b, years: 100 * (b / a - 1) / years,
            "That is a share. It should be in percent: times 100.": (
                lambda: lambda *given: _cagr(*given) / 100
            ),
            "That is the yearly factor in percent. Take off 1 before you multiply by "
            "100.": lambda: lambda *given: _cagr(*given) + 100,
            "That is the yearly factor. Take off 1, then multiply by 100.": (
                lambda: lambda *given: 1 + _cagr(*given) / 100
            ),
            "A square root fits two years only. Let the root follow years.": (
                lambda: lambda a, b, years: _cagr(a, b, 2)
            ),
            "You counted one year too many: years is the number of steps from start to end.": (
                lambda: lambda a, b, years: _cagr(a, b, years + 1)
            ),
            "You counted one year too few: years is the number of steps from start to end.": (
                lambda: lambda a, b, years: _cagr(a, b, years - 1)
            ),
            "You raised to the power of years. To undo many years of growth take the "
            "root: the power 1 / years.": (
                lambda: lambda a, b, years: 100 * ((b / a) ** years - 1)
            ),
            "That is the growth over the whole span. Bring it down to one year.": (
                lambda: lambda a, b, years: 100 * (b / a - 1)
            ),
            "Python takes the power ** before the division: ** 1 / years is (** 1) / "
            "years. Put 1 / years in brackets.": (
                lambda: lambda a, b, years: 100 * ((b / a) ** 1 / years - 1)
            ),
            "Start and end are exchanged: divide the end by the start.": (
                lambda: lambda a, b, years: _cagr(b, a, years)
            ),
        },
        minutes=6,
        solution="""
def cagr(start, end, years):
    return 100 * ((end / start) ** (1 / years) - 1)

course.check("06.3", cagr)
""",
        hints=[
            "If a value is multiplied by the same factor each year, then after some "
            "years: end = start * factor ** years.",
            "So factor = (end / start) ** (1 / years). From factor to percent: take "
            "off 1, times 100.",
        ],
        after="This is called the compound annual growth rate. It looks at two years "
        "only, so it depends wholly on which two.",
    ),
    Exercise(
        "06.4",
        ask="Find the fastest five years",
        objective=1,
        kind="choice",
        minutes=3,
        options=[f"{a} to {b}" for a, b in SPANS],
        answer=lambda: _span(lambda start, end: end / start),
        mistakes={
            "That is the steepest on the linear scale: it added the most dollars. Look "
            "at the logarithmic one, or divide.": lambda: _span(lambda start, end: end - start),
            "Trade grew fast there, from a very low level. One span was still faster: "
            "divide end by start.": lambda: "1998 to 2003",
            "That is the slowest of the four. Divide end by start for each.": lambda: _span(
                lambda start, end: -end / start
            ),
        },
        solution="""
total = later["total_usd_bn"]
for start in [1998, 2003, 2009, 2015]:
    print(start, "to", start + 5, total[start + 5] / total[start])
fastest = "2003 to 2008"

course.check("06.4", fastest)
""",
        hints=[
            "On a logarithmic scale the same distance upwards means the same ratio.",
            "Divide the total of the last year by that of the first, four times.",
        ],
        after="Of the four spans, the one around 2017 is the slowest. It begins after a "
        "fall and ends in two quiet years. Cut the span shorter, to 2016 to 2018, and it "
        "looks fast: try it with cagr.",
    ),
    Exercise(
        "06.5",
        ask="See what two editions say of one year's growth",
        objective=2,
        kind="mapping",
        unit="percent",
        digits=1,
        answer=_growth,
        named={"year": 2016},
        mistakes={
            "You crossed the two series: one year from the first releases, the other "
            "from the later series. Stay within one.": _crossed,
            "That is the rate customs published. Compute both yourself, from the totals "
            "of 2015 and 2016.": lambda: dict.fromkeys(_growth().index, _printed()),
            "The two are exchanged: the first releases leap, the later series does "
            "not.": lambda: _growth().set_axis(["later series", "first releases"]),
            "These are shares. It should be in percent: times 100.": lambda: _growth() / 100,
            "You divided by 2016. Growth is measured by the year before.": (
                lambda: 100 * (1 - _both(2015) / _both(2016))
            ),
            "For the first releases you took 2015 from later. Stay within one series, even "
            "where it looks odd.": lambda: {**_crossed(), "later series": _growth().iloc[1]},
            "For the first releases you handed in the rate that customs printed. Compute "
            "it from the totals of first.": lambda: {**_growth(), "first releases": _printed()},
            "For the later series you handed in the rate that customs printed. Compute "
            "it from the totals of later.": lambda: {**_growth(), "later series": _printed()},
            "These are billion dollars. Divide the rise by the total of 2015, times "
            "100.": lambda: _both(2016) - _both(2015),
            "These are factors in percent. Take off 100.": lambda: _growth() + 100,
            "These are factors. Take off 1, then multiply by 100.": lambda: 1 + _growth() / 100,
            "Upside down: divide the total of 2016 by that of 2015.": (
                lambda: 100 * (_both(2015) / _both(2016) - 1)
            ),
            "These are rounded too far. Give them to one decimal.": lambda: _growth().round(),
        },
        solution="""
growth_2016 = {
    "first releases": 100 * (first["total_usd_bn"][2016] / first["total_usd_bn"][2015] - 1),
    "later series": 100 * (later["total_usd_bn"][2016] / later["total_usd_bn"][2015] - 1),
}

course.check("06.5", growth_2016)
""",
        hints=[
            'first["total_usd_bn"][2015] is the first release for 2015.',
            "Divide 2016 by 2015 within each series, take off 1, times 100.",
        ],
        after="Customs printed a rate near the second one. So one of the two first "
        "releases must be odd: which, and why? Whoever divides one first release by another "
        "without such a look reports a boom that nobody measured.",
    ),
    Exercise(
        "06.6",
        ask="Compare what buyer and seller count",
        objective=3,
        kind="mapping",
        digits=2,
        answer=_mirror,
        mistakes={
            "These are goods from Russia to China. The task names goods from China "
            "to Russia: Russian imports by Chinese exports.": (
                lambda: _mirror("CHN imports", "RUS exports")
            ),
            "Upside down: divide what the buyer counts by what the seller counts.": (
                lambda: _mirror("CHN exports", "RUS imports")
            ),
            "You compared totals. In a total the two gaps can hide each other: take one "
            "direction.": lambda: _mirror("RUS total", "CHN total"),
            "Both figures are Russian. A mirror needs two who count.": (
                lambda: _mirror(below="RUS exports")
            ),
            "Imports by imports: these are two different flows. What Russia imports from "
            "China are exports of China.": lambda: _mirror(below="CHN imports"),
            "Exports by exports: these are two different flows. What China exports to "
            "Russia are imports of Russia.": lambda: _mirror(above="RUS exports"),
            "These are goods from Russia to China, and upside down. The task names goods from "
            "China to Russia: Russian imports by Chinese exports.": (
                lambda: _mirror("RUS exports", "CHN imports")
            ),
            "Both figures are Chinese. A mirror needs two who count.": (
                lambda: _mirror(above="CHN imports")
            ),
            "That is what the buyer counts. Divide it by what the seller counts.": (
                lambda: _flow("RUS imports")
            ),
            "These are gaps as a share. The ratio itself is asked for: leave out the minus "
            "1.": lambda: _mirror() - 1,
            "These are rounded too far. Give them to two decimals.": (
                lambda: _mirror().round(1)
            ),
            "These are differences in billions of dollars. Divide instead.": (
                lambda: _flow("RUS imports") - _flow("CHN exports")
            ),
        },
        solution="""
years = [2000, 2010, 2020]
ratio = russia["imports_usd_bn"] / later["exports_usd_bn"]
buyer_by_seller = ratio.loc[years]

course.check("06.6", buyer_by_seller)
""",
        hints=[
            "Goods from China to Russia are China's exports and Russia's imports.",
            'Divide russia["imports_usd_bn"] by later["exports_usd_bn"], then pick the '
            "three years with .loc[[2000, 2010, 2020]].",
        ],
        after="Freight and insurance should make the buyer's figure a little larger. In "
        "2000 it was less than half the seller's, in 2010 larger by about a third. No "
        "single rule explains both.",
    ),
    Exercise(
        "06.7",
        ask="Date the two targets",
        objective=4,
        kind="mapping",
        unit="year",
        answer=_reached,
        mistakes={
            "Turn the pairs round: the mark, 100 or 200, is the key, the year is the value.": (
                lambda: {year: mark for mark, year in _reached().items()}
            ),
            "These are the years the targets were set for. When did trade get there?": _set_for,
            "These are the last years below the mark. Take the first years at or above "
            "it.": lambda: _reached() - 1,
            "These are delays, or counts of years. Hand in the years themselves.": lambda: (
                _reached() - _set_for()
            ),
            "These are totals in billions of dollars. Hand in the years they belong to.": (
                lambda: {
                    100: _total()[_reached()[100]],
                    200: _total(series=FIRST)[_reached()[200]],
                }
            ),
            "2014 came near, but stayed below 100. Take the first year at or above it.": (
                lambda: {**_reached(), 100: 2014}
            ),
            "2017 stayed below 100. Take the first year at or above it.": (
                lambda: {**_reached(), 100: 2017}
            ),
            "2022 came near, but stayed below 200. Take the first year at or above it.": (
                lambda: {**_reached(), 200: 2022}
            ),
            "2024 is the year a later target was set for. Trade passed 200 earlier: look "
            "at the first releases.": lambda: {**_reached(), 200: _set_for(2024)[200]},
            "200 has no such year in later: the series ends before. idxmax() of "
            "False alone gives the first year of all. Turn to first.": (
                lambda: {**_reached(), 200: _total().index.min()}
            ),
            "200 has no such year in later: the series ends before. Turn to first.": (
                lambda: {**_reached(), 200: _total().index.max()}
            ),
            "Each is a year late: these are the years with the largest totals. Take the first "
            "years at or above the mark.": (
                lambda: {100: _total().idxmax(), 200: _total(series=FIRST).idxmax()}
            ),
        },
        solution="""
later_total, first_total = later["total_usd_bn"], first["total_usd_bn"]
reached = {
    100: min(later_total[later_total >= 100].index),
    200: min(first_total[first_total >= 200].index),
}

course.check("06.7", reached)
""",
        hints=[
            'later["total_usd_bn"] >= 100 is True for the years at or above the mark.',
            "Keep these years, and take the smallest label of their index: min(... .index).",
        ],
        after="Both marks were missed in the year they were first set for, and passed "
        "later. "
        "Compare the two delays. A renewed target can be met where the old one was missed: "
        "ask which one a report counts.",
    ),
    Exercise(
        "06.8",
        ask="Draw crossings by tonnes over one period",
        objective=5,
        kind="map",
        area="heilongjiang",
        answer=_circles_map,
        mistakes={},
        checks=[
            Check(
                "There are no circles on the map yet. Use folium.CircleMarker with a radius.",
                _circles,
                lambda: _circles_map(kind=folium.Marker),
            ),
            Check(
                "There are more circles than crossings with an equal period. Are other "
                "periods, or parts such as coal, among them? Keep the freight rows of the one "
                "period, and draw each once.",
                lambda p: len(_circles(p)) <= len(_tonnes()),
                lambda: _circles_map(_tonnes(PARTS)),
            ),
            Check(
                "A crossing of that period is missing, or its circle is elsewhere. Is it "
                "January to October 2024? One of its rows has a shorter indicator name than "
                "the others.",
                lambda p: {row.name_en for row, _c in _placed(p)} == set(_tonnes()["name_en"]),
                lambda: _circles_map(_tonnes()[_tonnes()["indicator"] != "freight"]),
            ),
            Check(
                "All circles have the same size. Let the radius follow the tonnes of the row.",
                lambda p: len({round(radius, 3) for radius in map(_radius, _circles(p))}) > 1,
                lambda: _circles_map(power=0),
            ),
            Check(
                "You added coal or ore to the freight, which holds them already: so they count "
                "twice. Keep the rows whose indicator begins with freight.",
                lambda p: max(_even(p, kinds=kinds) for kinds in (COAL, PARTS)) < 0.975,
                lambda: _circles_map(_summed(COAL)),
            ),
            Check(
                "The areas do not follow the tonnes. With a radius that grows like the tonnes, "
                "the area grows like their square: take the root, value ** 0.5.",
                lambda p: _even(p, power=1) < 0.95,
                lambda: _circles_map(power=1),
            ),
            Check(
                "The areas do not follow the tonnes.",
                lambda p: _even(p) > 0.9,
                lambda: _circles_map(power=0.25),
            ),
            Check(
                "A circle does not say the tonnes of its crossing. Give each a tooltip with "
                "name and tonnes, both from its row.",
                lambda p: all(_weighed(*pair) for pair in _placed(p)),
                lambda: _circles_map(tip="{name}"),
            ),
            Check(
                "A circle does not say which crossing it is. Take the name from its row.",
                lambda p: all(_named(*pair) for pair in _placed(p)),
                lambda: _circles_map(tip="{tonnes:.1f} million tonnes"),
            ),
        ],
        minutes=15,
        solution="""
same = figures[figures["period"] == "2024-01/2024-10"]
same = same[same["indicator"].str.startswith("freight")]
spots = same.merge(crossings[["crossing_id", "name_en", "lat", "lon"]], on="crossing_id")
tonnes_map = course.area_map("heilongjiang", alt="Freight to China at four crossings.")
for row in spots.itertuples():
    tip = f"{row.name_en}: {row.value / 1_000_000:.1f} million tonnes"
    size = (row.value / 20_000) ** 0.5
    spot = folium.CircleMarker([row.lat, row.lon], radius=size, fill=True, tooltip=tip)
    spot.add_to(tonnes_map)

course.check("06.8", tonnes_map)
""",
        hints=[
            'figures[figures["period"] == "2024-01/2024-10"] shows the candidates. Which '
            "rows are parts of others?",
            'Keep the indicators that begin with "freight", and merge with crossings on '
            "crossing_id to get lat and lon.",
            "folium.CircleMarker([lat, lon], radius=(tonnes / 50_000) ** 0.5, "
            "tooltip=...) draws a circle whose area follows the tonnes.",
        ],
        after="One direction, one period, one railway counting. That is little, and it "
        "can be compared. The rows rest on one weak source; a second count could move "
        "the circles.",
    ),
    Exercise(
        "06.9",
        ask="Sign a verdict on ties that gather speed",
        objective=6,
        kind="verdict",
        claims=["c42"],
        answer=_example,
        mistakes={},
        minutes=6,
        solution=f'''
growth = 100 * later["total_usd_bn"].pct_change().loc[2015:2017]
my_verdict = course.Verdict(
    "c42", "supported in part", confidence="medium",
    because=[later.loc[2014:2017], known, growth],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("06.9", my_verdict)
''',
        hints=[
            "Three questions help: did growth speed up, from which level, and who could "
            "know it in June 2017?",
            "Rows that you have: later, first and known; speed is what was computed from "
            "later.",
            "Name the year 2014, and the series your figures come from.",
        ],
        after="Two readers can sign different words here and both be honest, as long as "
        "they name start year and series.",
    ),
]


# --- the explorer: who counts, and since when ---------------------------------

# key -> words, who reports, which series; never joined into one line
_COUNTS = {
    "china": (_("China, later series (IMF)"), "CHN", LATER),
    "russia": (_("Russia, later series (IMF)"), "RUS", LATER),
    "first": (_("China, first releases"), "CHN", FIRST),
}
_STARTS = [1992, 2000, 2003, 2008, 2009, *range(2012, 2017), 2018]
_SCALES = {
    "linear": _("a linear scale"),
    "log": _("a logarithmic scale"),
    "index": _("an index, first year = 100"),
}
_ARTICLE = 2017
WHO = "who counts"  # a column of what is drawn


def _since(key: str, start: int) -> pd.DataFrame:
    """Return one series of the pair from a year on, with its index."""
    words, reporter, series = _COUNTS[key]
    rows = _series(reporter, series).loc[start:].reset_index()
    index = 100 * rows["total_usd_bn"] / rows["total_usd_bn"].iloc[0]
    return rows.assign(index=index, **{WHO: words})


def _in_year(rows: pd.DataFrame, year: int) -> str:
    total = rows.set_index("year")["total_usd_bn"][year]
    return _("{total:.1f} bn in {year}", total=total, year=year)


def _grown(rows: pd.DataFrame) -> str:
    """Return a series' growth from its first year, as an HTML list item."""
    total = rows.set_index("year")["total_usd_bn"]
    first, last = total.index[0], total.index[-1]
    said = [_in_year(rows, first)]
    for year in dict.fromkeys([_ARTICLE, last]):
        if year > first:
            text = _(
                "{total}, which is <b>{grown:+.0f} %</b> in all and {rate:+.1f} % a year",
                total=_in_year(rows, year),
                grown=growth(total[first], total[year]),
                rate=_cagr(total[first], total[year], year - first),
            )
            said.append(text.replace("-", "−"))
    return f"<li>{escape(rows[WHO][0])}: {'; '.join(said)}.</li>"


def _ticks(totals: pd.Series) -> list[int]:
    """Return round numbers for a logarithmic scale; a short span needs closer ones."""
    low, high = totals.min(), totals.max()
    if high < 1.3 * low:
        return list(range(int(low), int(high) + 2))
    if high < 5 * low:
        return [50, 70, 100, 120, 150, 200, 250]
    return [1, 2, 5, 10, 20, 50, 100, 200]


def _drawing(rows: pd.DataFrame, scale: str, keys: list[str]) -> Any:
    import altair as alt

    from course.charts import COLOURS

    y = alt.Y("total_usd_bn:Q", title=_("USD bn"))
    if scale == "index":
        y = alt.Y("index:Q", title=_("first year of each line = 100"))
    elif scale == "log":
        y = y.scale(type="log", zero=False, nice=False, padding=8)
        y = y.title(_("USD bn, log scale")).axis(values=_ticks(rows["total_usd_bn"]))
    years = alt.Scale(zero=False, nice=False, padding=12)
    every = sorted(set(rows["year"]))  # few years: without this, halves of years are marked
    marked: dict[str, Any] = {"values": every} if len(every) < 12 else {}
    x = alt.X("year:Q", title=_("year"), scale=years).axis(format="d", tickMinStep=1, **marked)
    looks = zip(COLOURS, [[1, 0], [7, 3], [2, 3]], strict=False)
    look = dict(zip(_COUNTS, looks, strict=True))
    colours, dashes = zip(*(look[key] for key in keys), strict=True)
    names = [_COUNTS[key][0] for key in keys]
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=600)
    either: dict[str, Any] = {"legend": legend if len(keys) > 1 else None}
    lines = (
        alt.Chart(rows.filter(["year", WHO, "total_usd_bn", "index"]))  # few are quick
        .mark_line(point=True)
        .encode(
            x=x,
            y=y,
            color=alt.Color(f"{WHO}:N", scale=alt.Scale(domain=names, range=colours), **either),
            strokeDash=alt.StrokeDash(
                f"{WHO}:N", scale=alt.Scale(domain=names, range=dashes), **either
            ),
        )
    )
    here = alt.Chart(pd.DataFrame({"year": [_ARTICLE]})).encode(x=x)
    rule = here.mark_rule(color="#777", strokeDash=[4, 4])
    marks = [rule, lines] if rows["year"].min() <= _ARTICLE else [lines]
    return alt.layer(*marks).properties(height=260)


def _counted(counts: str, scale: str, start: int) -> str:
    from course.charts import chart

    keys = list(_COUNTS) if counts == "all" else [counts]
    parts = {_COUNTS[key][0]: _since(key, start) for key in keys}
    rows = pd.concat(parts.values())
    first = {name: int(part["year"].min()) for name, part in parts.items()}
    ends = "; ".join(
        f"{name}: {_in_year(part, first[name])}, {_in_year(part, part['year'].max())}"
        for name, part in parts.items()
    )
    words = _(
        "Goods trade of China and Russia on {scale}. {ends}.", scale=_SCALES[scale], ends=ends
    )
    if start <= _ARTICLE:
        words += " " + _("The dashed upright line marks {year}.", year=_ARTICLE)
    drawn = chart(_drawing(rows, scale, keys), alt=words, sources=rows)
    notes = []
    for name, year in first.items():
        if year > start:
            notes.append(_("{name}: the table begins in {year}.", name=name, year=year))
            if scale == "index" and len(keys) > 1:
                say = _("Its 100 is {year}, not {start}: compare its slope, not its height.")
                notes[-1] += " " + say.format(year=year, start=start)
    guesses = rows[rows["value_kind"] == "estimate"][[WHO, "year"]]
    notes += [
        _("{name}: {year} is an estimate; other pages differ.", name=name, year=year)
        for name, year in guesses.to_numpy()
    ]
    grown = "".join(map(_grown, parts.values()))
    noted = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"{drawn._repr_html_()}<ul>{grown}</ul>{noted}"


trade = Explorer(
    _("Trade of China and Russia: who counts, and since when"),
    {
        "counts": Control(
            _("Who counts"),
            [
                *((words, key) for key, (words, *_rest) in _COUNTS.items()),
                (_("all three"), "all"),
            ],
        ),
        "scale": Control(
            _("Scale"), [(_("linear"), "linear"), (_("log"), "log"), (_("index"), "index")]
        ),
        "start": Control(_("Start year"), _STARTS, start=2008, slider=True),
    },
    _counted,
)
