"""Lesson 04, Heilongjiang and the Northeast: its figures, exercises and explorer."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import folium
import pandas as pd

from course.data import load, read
from course.description import to_html
from course.exercises.exercise import Check, Exercise
from course.exercises.values import fold
from course.explore import Control, Explorer
from course.lessons.shared import by_id, growth, indicator_rows, wide
from course.maps.area import area_map
from course.maps.legible import layers_named, opacity, silent
from course.maps.picture import Drawn, Picture, rounded
from course.words import _

HOME, THREE = "CN-HL", ["CN-HL", "CN-JL", "CN-LN"]
FOUR = [*THREE, "CN-NM"]
NORTHEAST, ALL_31 = "CN-NE3", "CN-31"
OLD, MIXED, FOURTH, NEWEST = "export_2018", "export_2020", "export_2024", "export_2025"


# --- the gross regional product, and its editions ------------------------------


def _grp(vintage: str = NEWEST) -> pd.DataFrame:
    return wide("gdp_current_prices", vintage)


def _four(table: pd.DataFrame, year: int = 2017) -> pd.Series:
    """Return one year of the four provinces."""
    return table.T[year][FOUR]


def _growth(
    year: int = 2018, region: str = HOME, before: str = NEWEST, after: str = NEWEST
) -> float:
    """Return the growth of a year in percent, from one edition into another."""
    return growth(_grp(before)[region][year - 1], _grp(after)[region][year])


def _revision(year: int = 2017, before: str = OLD, after: str = NEWEST) -> pd.Series:
    """Return what a later edition made of a year, in percent of an earlier one."""
    return 100 * (_four(_grp(after), year) / _four(_grp(before), year) - 1)


def _share(year: int, regions: list[str] = THREE, vintage: str = NEWEST) -> float:
    """Return the share of some regions in all 31, in percent."""
    some = _grp(vintage)[regions].sum(axis=1)
    return 100 * some[year] / _grp()[ALL_31][year]


def _points(first: int = 2016, last: int = 2024, regions: list[str] = THREE) -> float:
    return _share(last, regions) - _share(first, regions)


# --- openness -----------------------------------------------------------------


def _goods(year: int = 2017) -> pd.Series:
    return _four(wide("goods_trade_total"), year)


def _openness(year: int = 2017, vintage: str = NEWEST) -> pd.Series:
    return 100 * _goods(year) / _four(_grp(vintage), year)


def _of_grp(billion: float, year: int, vintage: str = NEWEST, region: str = HOME) -> float:
    """Return billions of yuan in percent of a region's GRP."""
    return 100 * billion / _grp(vintage)[region][year]


@cache
def _rate(year: int = 2014) -> float:
    rows = load("national_indicators")
    rows = rows[rows["indicator_id"] == "exchange_rate_cny_per_usd"]
    return rows.set_index("year")["value"][year]


def _in_yuan(rate: float, year: int = 2014, region: str = HOME) -> float:
    """Return the trade in billions of yuan, from millions of dollars."""
    return float(wide("goods_trade_total_usd")[region][year]) * rate / 1000


def _from_dollars(year: int = 2014, region: str = HOME) -> float:
    return _of_grp(_in_yuan(_rate(year), year, region), year, region=region)


@cache
def _regional(year: int = 2021, period: str = "full year") -> pd.Series:
    rows = load("regional_trade")
    here = (rows["region_id"] == HOME) & (rows["year"] == year)
    return rows[here & (rows["period"] == period)].iloc[0]


def _rest(year: int = 2021, period: str = "full year") -> float:
    row = _regional(year, period)
    return row["total_cny_bn"] - row["russia_total_cny_bn"]


def _without_russia(year: int = 2021) -> float:
    return _of_grp(_rest(year), year)


# --- the crossings ------------------------------------------------------------


@cache
def _crossings() -> pd.DataFrame:
    rows = load("crossings").dropna(subset=["lat"])
    return rows[rows["side_a_place_id"].map(by_id("places")["region_id"]) == HOME]


def _is_sure(quality: str) -> bool:
    return quality != "seat only"


_HOLLOW = "hollow: the point is the seat of the county, not the crossing"


def _crossings_map(
    rows: pd.DataFrame | None = None,
    layer: str = "status",
    filled: Callable[[str], bool] = _is_sure,
    control: bool = True,
    caption: str = _HOLLOW,
    tip: str = "{name}",
    title: str = "{name}",
    mark: Any = folium.CircleMarker,
    opacity: float = 0.8,
) -> folium.Map:
    m = area_map("heilongjiang", caption=caption)
    for name, part in (_crossings() if rows is None else rows).groupby(layer):
        group = folium.FeatureGroup(title.format(name=name)).add_to(m)
        for row in part.itertuples():
            words = tip.format(name=row.name_en) or None
            style = {
                "radius": 6,
                "fill": filled(str(row.coord_quality)),
                "fill_opacity": opacity,
            }
            style = style if mark is folium.CircleMarker else {}
            mark([row.lat, row.lon], tooltip=words, **style).add_to(group)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _groups(p: Picture) -> dict[str, list[tuple[float, float]]]:
    """Return the name of each group that holds a mark, with the places of its marks."""
    held = {n: p.spots(4, n) for n, one in enumerate(p.layers) if one["kind"] == "FeatureGroup"}
    return {p.layers[n]["name"]: spots for n, spots in held.items() if spots}


def _by_status(p: Picture) -> bool:
    wanted = [rounded(part, 4) for _status, part in _crossings().groupby("status")]
    held = [p.spots(4, n) for n, one in enumerate(p.layers) if one["kind"] == "FeatureGroup"]
    return sorted(filter(None, held)) == sorted(wanted)


def _says_status(p: Picture) -> bool:
    """Tell whether each layer has the status of what it holds in its name."""
    wanted = {status: rounded(part, 4) for status, part in _crossings().groupby("status")}
    names = _groups(p)
    said = (any(fold(str(status)) in fold(name) and spots == names[name] for name in names)
            for status, spots in wanted.items())  # fmt: skip
    return layers_named(p) and all(said)


def _say_names(p: Picture) -> bool:
    """Tell whether each crossing's name is in the words of a mark at its place."""
    said: dict[tuple[float, float], str] = {}
    for mark in p.marks:
        at = rounded([mark.at], 4)[0]
        said[at] = said.get(at, "") + " " + fold(mark.words)
    names = _crossings()
    places = [rounded([at], 4)[0] for at in names[["lat", "lon"]].to_numpy()]
    pairs = zip(names["name_en"], places, strict=True)
    return all(fold(name) in said.get(at, "") for name, at in pairs)


def _explains_hollow(p: Picture) -> bool:
    return all(word in fold(p.caption) for word in ("hollow", "seat"))


def _by_quality(p: Picture) -> dict[bool, list[Drawn]]:
    """Return the markers by whether their point is sure."""
    rows = _crossings()
    unsure = rounded(rows[~rows["coord_quality"].map(_is_sure)], 4)
    found: dict[bool, list[Drawn]] = {True: [], False: []}
    for mark in p.marks:
        found[rounded([mark.at], 4)[0] not in unsure].append(mark)
    return found


def _told_apart(p: Picture) -> bool:
    marks = _by_quality(p)
    sure = [mark.style for mark in marks[True]]
    return bool(marks[False]) and all(mark.style not in sure for mark in marks[False])


def _inked(p: Picture) -> bool:
    """Tell whether the inside of each filled circle is seen."""
    return all(opacity(mark) >= 0.5 for mark in _by_quality(p)[True])


def _turned_round(p: Picture) -> bool:
    marks = _by_quality(p)
    filled = {sure: [mark.style.get("fill") for mark in marks[sure]] for sure in marks}
    return all(filled[False]) and not any(filled[True])


# --- the exercises ------------------------------------------------------------

_SAYS = """In 2017 goods trade was 10.1 % of the gross regional product of Heilongjiang, in
    the edition of 2025, and 30.5 % of that of Liaoning. In 2014 it had been 19.4 %, and by
    2024 it was 18.9 %, so 2017 was near a low. Russia had 61.7 % of the trade in the first
    half of 2017: open, then, to one partner."""
_CHANGE = "Figures on foreign investment or services that put the province high in 2017."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    trade = load("regional_trade").query("region_id == @HOME")
    rows = [
        indicator_rows("goods_trade_total"),
        trade.dropna(subset=["russia_share_pct"]),
        pd.Series({year: _from_dollars(year) for year in range(2007, 2015)}),
        pd.DataFrame({year: _openness(year) for year in range(2016, 2025)}).T,
    ]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {
        "claim": "c14",
        "word": "contradicted in part",
        "confidence": "medium",
        "because": rows,
    } | texts


EXERCISES = [
    Exercise(
        "04.1",
        ask="Compute the growth of 2018",
        objective=0,
        unit="percent",
        minutes=4,
        digits=1,  # export_2024 and export_2025 are both right
        answer=_growth,
        named={"year": 2018, "region": (HOME, FOUR[1:])},
        mistakes={
            "That is what the download says, and it is wrong: welcome to the trap. "
            "Its figure for 2017 was never revised, its figure for 2018 was. Look in "
            "grp for an edition (column vintage) that revised both.": (
                lambda: _growth(before=MIXED, after=MIXED)
            ),
            "Your two years come from two editions, export_2024 and export_2025. Take "
            "both from one.": lambda: _growth(before=FOURTH),
            "Your 2017 is from an edition before the economic census, your 2018 from "
            "after it. Take both years from one edition.": lambda: _growth(before=OLD),
            "That is a share. Percent is a hundred times as much.": lambda: _growth() / 100,
            "That is 2018 in percent of 2017. Take off the 100 that was there before.": (
                lambda: _growth() + 100
            ),
            "You divided by the later year. Growth is measured by where it began.": (
                lambda: 100 * (1 - 1 / (1 + _growth() / 100))
            ),
            "That is the three provinces together (CN-NE3). Take CN-HL.": (
                lambda: _growth(region=NORTHEAST)
            ),
            "These are billions of yuan. Divide by the GRP of 2017, times 100.": (
                lambda: _grp()[HOME].diff()[2018]
            ),
        },
        solution="""
one_edition = grp[(grp["region_id"] == "CN-HL") & (grp["vintage"] == "export_2025")]
home = one_edition.set_index("year")["value"]
change_2018 = 100 * (home.loc[2018] / home.loc[2017] - 1)

course.check("04.1", change_2018)
""",
        hints=[
            "Divide the value of 2018 by the value of 2017, take off 1, times 100.",
            'grp[grp["region_id"] == "CN-HL"] has several rows for 2017. Look at the '
            "column vintage.",
            "Both years must come from export_2024, or both from export_2025.",
        ],
        after="No fall at all. The fifth that went missing between 2017 and 2018 is the "
        "work of a revision: in that download it had reached 2018 and 2019, but not the "
        "years before.",
    ),
    Exercise(
        "04.2",
        ask="Measure a revision",
        objective=1,
        kind="mapping",
        unit="percent",
        digits=1,
        answer=_revision,
        named={"year": 2017},
        mistakes={
            "These are shares. Percent is a hundred times as much.": lambda: _revision() / 100,
            "These are billions of yuan. Divide by the old figure to get percent.": (
                lambda: _four(_grp()) - _four(_grp(OLD))
            ),
            "You measured by the new figure. The change starts from the old one.": (
                lambda: -_revision(before=NEWEST, after=OLD)
            ),
            "That is the way from 2018 to 2024. The fifth census revised once more: go "
            "on to export_2025.": lambda: _revision(after=FOURTH),
            "Upside down: that is how much the old figure exceeds the new one.": (
                lambda: _revision(before=NEWEST, after=OLD)
            ),
            "That is the new figure in percent of the old one. Take off the 100.": (
                lambda: _revision() + 100
            ),
            "That is the last step alone, from export_2024 to export_2025. Start from "
            "export_2018.": lambda: _revision(before=FOURTH),
        },
        solution="""
revision = 100 * (by_edition["export_2025"] / by_edition["export_2018"] - 1)

course.check("04.2", revision)
""",
        hints=[
            "by_edition holds all you need: two of its columns, one division.",
            'The new column is by_edition["export_2025"]. Percent change: '
            "100 * (new / old - 1).",
        ],
        after="On paper Jilin lost a quarter of its GRP and Heilongjiang a fifth. The "
        "year 2017 was over by then: only the figures changed. Any sentence on the size "
        "of these economies needs the date of the figure.",
    ),
    Exercise(
        "04.3",
        ask="Find the other fall that later vanished",
        objective=1,
        kind="mapping",
        unit="year",
        answer=lambda: {"region_id": "CN-NM", "year": 2017},
        also=[{"region_id": "Inner Mongolia", "year": 2017}],
        mistakes={
            "That is Liaoning, the fall you know already. Look for another province.": (
                lambda: {"region_id": "CN-LN", "year": 2016}
            ),
            "That is the false fall of exercise 04.1. It comes from export_2020; here "
            "look inside export_2018.": lambda: {"region_id": "CN-HL", "year": 2018},
            "Jilin 2022 falls in export_2024 and export_2025, and export_2018 ends in 2017. "
            "Look for a fall inside it.": lambda: {"region_id": "CN-JL", "year": 2022},
            "Jilin 2018 falls in export_2020 only: the trap of exercise 04.1 once more. "
            "Look inside export_2018.": lambda: {"region_id": "CN-JL", "year": 2018},
            "Turned round: Heilongjiang 2015 falls in export_2024 and export_2025 only. Look "
            "for a fall that only the old one has.": (
                lambda: {"region_id": "CN-HL", "year": 2015}
            ),
            "The right province, but 2016 is the last year before the fall. Hand in "
            "the year in which the figure is lower.": (
                lambda: {"region_id": "CN-NM", "year": 2016}
            ),
        },
        solution="""
of_2018 = grp[grp["vintage"] == "export_2018"]
of_2018 = of_2018.pivot(index="year", columns="region_id", values="value")
rates_2018 = 100 * of_2018.pct_change()
print(rates_2018.loc[2006:].round(1))
false_fall = {"region_id": "CN-NM", "year": 2017}

course.check("04.3", false_fall)
""",
        hints=[
            "The explorer can do it: set it to 2018-12, choose a province, and look at "
            "its growth.",
            'Or pivot the rows of export_2018 (index="year", columns="region_id") and '
            "use .pct_change(), then look for a negative number.",
            "The fall is in the last year of that edition.",
        ],
        after="Inner Mongolia, 2017. On 3 January 2018 Xinhua reported its government as "
        "saying that the industrial output of 2016 had to be cut by 40 percent (as quoted by "
        "the South China Morning Post). The edition of 2025 shows no fall.",
    ),
    Exercise(
        "04.4",
        ask="Follow a share of the whole",
        objective=2,
        unit="percentage points",
        minutes=4,
        digits=1,
        answer=_points,
        named={"first": 2016, "last": 2024},
        mistakes={
            "That is how many percent the share lost of itself. Subtract the two shares "
            "instead: that gives points.": lambda: growth(_share(2016), _share(2024)),
            "You have a fraction. For percentage points take both shares in percent.": (
                lambda: _points() / 100
            ),
            "That is how the GRP grew, in percent. Divide by the GRP of all 31 "
            "provinces first.": lambda: growth(*_grp()[NORTHEAST][[2016, 2024]]),
            "Your three provinces of 2016 come from export_2018, the 31 from "
            "export_2025. Above and below the line it must be one edition.": (
                lambda: _share(2024) - _share(2016, vintage=OLD)
            ),
            "You counted Inner Mongolia too. That is another Northeast: the article "
            "names three provinces.": lambda: _points(regions=FOUR),
            "The sign is turned round: later minus earlier. A loss is negative.": (
                lambda: -_points()
            ),
            "The sign is turned round: 2024 minus 2016, and a loss is negative.": (
                lambda: -round(_points(), 1)  # 1.0 is one figure, too few for the line above
            ),
            "That is Heilongjiang alone. Take the three provinces: CN-NE3.": (
                lambda: _points(regions=[HOME])
            ),
            "That is the share of 2024. Take off the share of 2016.": lambda: _share(2024),
        },
        solution="""
ratio = 100 * recent["CN-NE3"] / recent["CN-31"]
change_in_points = ratio.loc[2024] - ratio.loc[2016]

course.check("04.4", change_in_points)
""",
        hints=[
            "First the share of each year in percent, then the difference of the two.",
            'recent["CN-NE3"] / recent["CN-31"] gives the share of every year at once.',
        ],
        after="An amount can grow while its share falls: the others grew faster. The three "
        "lost about one percentage point. For c25 mind two things: the share of the GRP is "
        "not that of industry, and a trend shows no cause.",
    ),
    Exercise(
        "04.5",
        ask="Compute the openness of four provinces",
        objective=3,
        kind="mapping",
        unit="percent",
        digits=1,
        answer=_openness,
        named={"year": 2017},
        mistakes={
            "The GRP is that of export_2018, before two revisions. Divide by "
            "the edition of 2025: recent.": lambda: _openness(2017, OLD),
            "The GRP is that of export_2024. Divide by the edition of 2025: recent.": lambda: (
                _openness(2017, FOURTH)
            ),
            "The four are right. The other regions have no trade in this table and stay "
            "empty (NaN). Keep the four: .loc[2017, four]": lambda: (
                100 * wide("goods_trade_total").loc[2017] / _grp().loc[2017]
            ),
            "These are fractions. Percent is a hundred times as much.": (
                lambda: _openness() / 100
            ),
            "Upside down: that is GRP by trade.": lambda: 1e4 / _openness(),
            "That is 2024. The article speaks in 2017.": lambda: _openness(2024),
            "These are shares in the trade of the four. Openness divides each "
            "province's trade by its own GRP.": lambda: 100 * _goods() / _goods().sum(),
        },
        solution="""
openness_2017 = 100 * trade.loc[2017, four] / recent.loc[2017, four]

course.check("04.5", openness_2017)
""",
        hints=[
            "Both tables have years as rows and provinces as columns: "
            "trade.loc[2017, four] is one row.",
            "Divide it by recent.loc[2017, four]. pandas matches the provinces.",
        ],
        after="By this measure Liaoning with its seaports is about three times as open as "
        "Heilongjiang, and Jilin too is ahead. For 2017 this speaks against c14.",
    ),
    Exercise(
        "04.6",
        ask="Bring dollars and yuan together",
        objective=3,
        unit="percent",
        minutes=4,
        digits=1,
        answer=_from_dollars,
        named={"year": 2014, "region": (HOME, FOUR[1:])},
        mistakes={
            "You divided dollars by yuan. Turn the dollars into yuan first.": (
                lambda: _of_grp(_in_yuan(1), 2014)
            ),
            "A million is not a billion: divide the trade by 1000.": (
                lambda: 1000 * _from_dollars()
            ),
            "Millions of dollars by billions of yuan: neither currency nor unit fits.": (
                lambda: 1000 * _of_grp(_in_yuan(1), 2014)
            ),
            "The rate says how many yuan make one dollar. Multiply by it, do not "
            "divide.": lambda: _of_grp(_in_yuan(1 / _rate()), 2014),
            "The GRP is that of export_2018. Divide by the edition of 2025, as "
            "for 2017.": lambda: _of_grp(_in_yuan(_rate()), 2014, OLD),
            "That is the rate of another year. Take the yuan per dollar of 2014.": (
                lambda: _of_grp(_in_yuan(_rate(2017)), 2014)
            ),
            "You divided by the GRP of 2017. Trade and GRP must be of one year.": (
                lambda: _of_grp(_in_yuan(_rate()), 2017)
            ),
            "That is the trade in billions of yuan. Divide by the GRP, times 100.": (
                lambda: _in_yuan(_rate())
            ),
            "That is 2024, from trade and recent. The task asks for 2014, from dollars.": (
                lambda: float(_openness(2024)[HOME])
            ),
        },
        solution="""
billion_yuan = dollars.loc[2014, "CN-HL"] * yuan.loc[2014] / 1000
openness_2014 = 100 * billion_yuan / recent.loc[2014, "CN-HL"]

course.check("04.6", openness_2014)
""",
        hints=[
            "Two steps: millions of dollars to millions of yuan, then to billions of yuan.",
            "Multiply by yuan.loc[2014], divide by 1000, then divide by the GRP.",
        ],
        after="Nearly twice the openness of 2017. The article praises the province near a "
        "low: with the figures of 2014 the claim would have looked better.",
    ),
    Exercise(
        "04.7",
        ask="Take one partner out",
        objective=4,
        unit="percent of the GRP",
        minutes=4,
        digits=1,
        answer=_without_russia,
        named={"year": 2021},
        mistakes={
            "That is the trade with Russia. What is asked is the rest.": lambda: _of_grp(
                _regional()["russia_total_cny_bn"], 2021
            ),
            "That is trade with everybody. Take off the trade with Russia.": (
                lambda: _of_grp(_regional()["total_cny_bn"], 2021)
            ),
            "That is the rest in percent of all trade. Divide by the GRP of the "
            "province.": lambda: 100 * _rest() / _regional()["total_cny_bn"],
            "Your row covers January to October, the GRP twelve months. Take the "
            "full year.": lambda: _of_grp(_rest(period="Jan-Oct"), 2021),
            "The GRP is that of export_2024. Take the edition of 2025, as before.": (
                lambda: _of_grp(_rest(), 2021, FOURTH)
            ),
            "You divided by the GRP of 2020. Trade and GRP must be of one year.": (
                lambda: _of_grp(_rest(), 2020)
            ),
            "That is the rest in billions of yuan. Divide by the GRP, times 100.": _rest,
        },
        solution="""
total = with_russia.loc[2021, "total_cny_bn"]
rest = total - with_russia.loc[2021, "russia_total_cny_bn"]
without_russia = 100 * rest / recent.loc[2021, "CN-HL"]

course.check("04.7", without_russia)
""",
        hints=[
            "with_russia.loc[2021, 'total_cny_bn'] is all trade of that year.",
            "Take off russia_total_cny_bn, then divide by the GRP of 2021 in recent.",
        ],
        after="Without its neighbour the trade of the province is worth less than a "
        "twentieth of its GRP. In 2021 one partner made up most of its openness.",
    ),
    Exercise(
        "04.8",
        ask="Map the crossings, and how well each is placed",
        objective=5,
        kind="map",
        area="heilongjiang",
        answer=_crossings_map,
        mistakes={},
        checks=[
            Check(
                "Some markers are not crossings of Heilongjiang. Draw the rows of "
                "placed, not of crossings.",
                lambda p: set(p.spots(4)) <= set(rounded(_crossings(), 4)),
                lambda: _crossings_map(load("crossings").dropna(subset=["lat"])),
            ),
            Check(
                "Not all crossings are drawn. Every row of placed needs a marker, also "
                "where two share a point.",
                lambda p: len(p.marks) >= len(_crossings()),
                lambda: _crossings_map(_crossings().head(1)),
            ),
            Check(
                "Pins cannot be hollow. Draw each crossing as a CircleMarker.",
                lambda p: all(mark.kind in ("CircleMarker", "Circle") for mark in p.marks),
                lambda: _crossings_map(mark=folium.Marker),
            ),
            Check(
                "A Circle has its radius in metres and grows as one zooms in. The task asks "
                "for a CircleMarker for each crossing.",
                lambda p: all(mark.kind == "CircleMarker" for mark in p.marks),
                lambda: _crossings_map(mark=partial(folium.Circle, radius=10_000)),
            ),
            Check(
                "The layers do not follow the status. Make one FeatureGroup for each "
                "status that occurs, and draw each crossing once.",
                _by_status,
                lambda: _crossings_map(layer="border"),
            ),
            Check(
                "The names of the layers do not say their status. Give it to each: "
                "folium.FeatureGroup(status).",
                _says_status,
                lambda: _crossings_map(title="layer of {name:.1}"),
            ),
            Check(
                "A reader cannot tell sure points from unsure ones. Draw those that are "
                "'seat only' hollow (fill=False), the others filled (fill=True). Mind: "
                "folium fills each circle that is given a fill_color.",
                _told_apart,
                lambda: _crossings_map(filled=lambda quality: True),
            ),
            Check(
                "Turned round: your 'seat only' points are filled and the sure ones hollow.",
                lambda p: not _turned_round(p),
                lambda: _crossings_map(filled=lambda quality: not _is_sure(quality)),
            ),
            Check(
                "Filled and hollow look alike: folium fills so palely that nobody sees it. "
                "Give the filled ones fill_opacity=0.8.",
                _inked,
                lambda: _crossings_map(opacity=0.2),
            ),
            Check(
                "Some circles say nothing when pointed at. Give each a tooltip with name_en.",
                lambda p: not silent(p.marks),
                lambda: _crossings_map(tip=""),
            ),
            Check(
                "A tooltip does not name its crossing. Put name_en of the row into it.",
                _say_names,
                lambda: _crossings_map(tip="a crossing"),
            ),
            Check(
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _crossings_map(control=False),
            ),
            Check(
                'The map has no caption. area_map takes caption="...": say what hollow means.',
                lambda p: p.caption.strip(),
                lambda: _crossings_map(caption=""),
            ),
            Check(
                "The caption does not say what hollow means. The task asks for the words "
                "hollow and seat in it.",
                _explains_hollow,
                lambda: _crossings_map(caption="crossings into Russia"),
            ),
        ],
        minutes=15,
        solution="""
crossings_map = course.area_map("heilongjiang", alt="Crossings of Heilongjiang by status.",
                                caption="Hollow: the point is only the seat of the county.")
for status, part in placed.groupby("status"):
    group = folium.FeatureGroup(status).add_to(crossings_map)
    for one in part.itertuples():
        sure = one.coord_quality != "seat only"
        dot = folium.CircleMarker([one.lat, one.lon], radius=6, fill=sure, fill_opacity=0.8,
                                  tooltip=one.name_en)
        dot.add_to(group)
folium.LayerControl(collapsed=False).add_to(crossings_map)

course.check("04.8", crossings_map)
""",
        hints=[
            "The map of layers in lesson 02 has the same two loops: there over kinds, here "
            "over the piles of groupby, and inside it over itertuples.",
            "Inside the first loop make a FeatureGroup(status), and add each CircleMarker "
            "of the second loop to it.",
            'fill=(one.coord_quality != "seat only") makes the unsure ones hollow.',
        ],
        after="Each row is drawn, yet you count fewer dots: some crossings share a "
        "point. A hollow ring is honest: the county seat is there, the crossing "
        "somewhere near. The one without a point is not on the map at all.",
    ),
    Exercise(
        "04.9",
        ask="Sign a verdict on openness",
        objective=4,
        kind="verdict",
        claims=["c14"],
        answer=_example,
        mistakes={},
        minutes=6,
        solution=f'''
my_verdict = course.Verdict(
    "c14", "contradicted in part", confidence="medium",
    because=[goods, with_share, from_dollars, in_yuan],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("04.9", my_verdict)
''',
        hints=[
            "Use the results of 04.5, 04.6 and 04.7: how open, compared with whom, open "
            "to whom?",
            "Rows that you have: goods and with_share. Computed: from_dollars and in_yuan.",
            "Name the edition and the start year you used, and what would change your mind.",
        ],
        after="Compare it with the verdict of the course below. Where they differ, which "
        "figure makes the difference?",
    ),
]


# --- the explorer: what was known when ----------------------------------------

_FIRST, _LAST = 2005, 2024  # one frame for all editions, so that lines can be compared


def _names() -> pd.Series:
    return read("regions").set_index("region_id")["name_en"][FOUR]


def _editions() -> pd.DataFrame:
    rows = by_id("vintages").sort_values("published")
    return rows[rows.index.str.startswith("export_")]


def _known_in() -> list[tuple[str, str]]:
    editions = _editions()
    return list(zip(editions["published"], editions.index, strict=True))


def _series(province: str) -> pd.DataFrame:
    """Return the GRP of a province, with its growth inside each edition."""
    rows = indicator_rows("gdp_current_prices").sort_values(["vintage", "year"])
    rows = rows[(rows["region_id"] == province) & (rows["year"] >= _FIRST)]
    return rows.assign(growth=rows.groupby("vintage")["value"].pct_change() * 100)


def _known_then(province: str, known: str, show: str) -> str:
    rows, editions = _series(province), _editions().loc[:known]
    newest = editions.T[known]
    limits = [float(min(0, rows[show].min())), float(rows[show].max())]
    drawn = rows[rows["vintage"].isin(editions.index)].dropna(subset=[show])
    words = _words(_names()[province], newest["published"], drawn[drawn["vintage"] == known])
    picture = _picture(drawn, known, newest["published"], show, limits, words)
    meaning = f"<p><b>{newest['title']}.</b> {newest['meaning']}</p>"
    return meaning + picture + to_html(_beside(rows, editions["published"]))


def _picture(
    rows: pd.DataFrame, known: str, published: str, show: str, limits: list[float], words: str
) -> str:
    import altair as alt

    from course.charts import chart

    newest, before = _("known in {month}", month=published), _("known before")
    shown = (rows["vintage"] == known).map({True: newest, False: before})
    years = alt.Axis(format="d", values=list(range(_FIRST + 1, _LAST + 1, 2)))
    frame = alt.Scale(domain=[_FIRST, _LAST], nice=False, padding=12)
    colours = alt.Scale(domain=[newest, before], range=["#D55E00", "#8a8a8a"])
    dashes = alt.Scale(domain=[newest, before], range=[[1, 0], [5, 3]])
    legend = alt.Legend(orient="top", symbolType="stroke", symbolSize=300)
    title = (
        _("GRP, billion yuan, prices of the year")
        if show == "value"
        else _("growth in percent")
    )
    base = alt.Chart(rows.assign(shown=shown)).mark_line(point={"filled": True, "size": 36})
    drawing: alt.Chart | alt.LayerChart = base.encode(
        x=alt.X("year:Q", title=None, axis=years, scale=frame),
        y=alt.Y(f"{show}:Q", title=title, scale=alt.Scale(domain=limits)),
        color=alt.Color("shown:N", title=None, scale=colours, legend=legend),
        strokeDash=alt.StrokeDash("shown:N", scale=dashes),
        detail="vintage:N",
    )
    if show == "growth":
        drawing += (
            alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(aria=False).encode(y="zero:Q")
        )
    drawing = drawing.properties(height=260)
    return chart(drawing, alt=words, sources=rows)._repr_html_()


def _words(name: str, published: str, now: pd.DataFrame) -> str:
    grp, growth = now.set_index("year")["value"], now.set_index("year")["growth"]
    text = _(
        "{name} as known in {month}: the GRP of 2017 is {grp:,.0f} billion yuan, "
        "and the series runs to {year}.",
        name=name, month=published, grp=grp[2017], year=grp.index[-1],
    )  # fmt: skip
    falls = ", ".join(f"{year} ({fall:+.1f} %)" for year, fall in growth.items() if fall < 0)
    fell = _("It falls in {years}.", years=falls) if falls else _("It never falls.")
    return f"{text} {fell}"


def _beside(rows: pd.DataFrame, published: pd.Series) -> pd.DataFrame:
    """Set the editions known so far beside each other."""
    grp = rows[rows["year"] == 2017].set_index("vintage")["value"]
    told = rows.pivot(index="vintage", columns="year", values="growth")[[2016, 2017, 2018]]
    told = told.round(1)
    told.columns = [_("growth {year}, %", year=year) for year in told]
    told.insert(0, _("GRP of 2017, bn yuan"), grp.round(1))
    told.insert(0, _("known in"), published)
    return told.loc[published.index].rename_axis(_("edition")).reset_index()


vintages = Explorer(
    _("What was known when"),
    {
        "province": Control(_("Province"), lambda: list(zip(_names(), FOUR, strict=True))),
        "known": Control(_("Known in"), _known_in, slider=True),
        "show": Control(
            _("Show"),
            [(_("GRP, billion yuan"), "value"), (_("growth, percent"), "growth")],
        ),
    },
    _known_then,
)
