"""Lesson 07, what is traded: its figures, exercises and explorer."""

import re
from functools import cache
from html import escape
from random import Random
from typing import Any

import folium
import pandas as pd

from course.data import cite, load, shapes
from course.description import runs
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import growth
from course.maps.area import area_map
from course.maps.legible import apart, ink
from course.maps.picture import Drawn, Picture
from course.words import _, plural

WIOD, CUSTOMS, MONTHLY = "WIOD 2013", "Russian customs", "China customs, monthly series"
WITS = "WITS, Mongolia reporting"
MACHINERY = [
    "Machinery, not elsewhere classified",
    "Electrical and optical equipment",
    "Transport equipment",
]

# --- baskets ------------------------------------------------------------------


def _counted_by(*names: str) -> pd.DataFrame:
    rows = load("trade_structure")
    return rows[rows["counted_by"].isin(names)]


@cache
def _baskets(
    counted_by: str = WIOD, year: int = 2008, column: str = "share_pct"
) -> pd.DataFrame:
    """Return what the two sold each other by group, one column for each seller."""
    rows = _counted_by(counted_by)
    rows = rows[rows["year"] == year]
    return rows.pivot(index="group", columns="exporter", values=column)


def _textiles(year: int, seller: str = "CHN", column: str = "share_pct") -> float:
    return _baskets(WIOD, year, column)[seller]["Textiles and textile products"]


def _points(
    first: int = 2000, last: int = 2011, seller: str = "CHN", column: str = "share_pct"
) -> float:
    return _textiles(last, seller, column) - _textiles(first, seller, column)


def _machinery(groups: list[str] = MACHINERY, seller: str = "CHN") -> float:
    return _baskets()[seller][groups].sum()


def _monthly(year: int) -> pd.Series:
    return _baskets(MONTHLY, year)["RUS"]


def _energy(year: int) -> float:
    """Return the share of the three fuels, without the row that repeats them."""
    return _monthly(year).drop("Crude oil, coal and pipeline gas together").sum()


def _energy_change(first: int = 2016, last: int = 2020) -> float:
    return _energy(last) - _energy(first)


def _named(seller: str = "CHN") -> tuple[pd.Series, float]:
    """Return the shares of the named groups, and that of the others."""
    shares = _baskets(CUSTOMS)[seller].dropna()
    return shares.drop("Other groups"), float(shares["Other groups"])


def _hhi(shares: pd.Series) -> float:
    """Return the Herfindahl-Hirschman index of shares in percent."""
    return ((shares / 100) ** 2).sum()


def _bounds(seller: str = "CHN") -> pd.Series:
    named, other = _named(seller)
    return pd.Series({"low": _hhi(named), "high": _hhi(named) + (other / 100) ** 2})


def _overlap(year: int = 2008, counted_by: str = WIOD) -> float:
    return _baskets(counted_by, year).dropna().min(axis=1).sum() / 100


def _gap() -> pd.Series:
    """Return the shares of Russia minus those of China, in 2008, as fractions of one."""
    return (_baskets()["RUS"] - _baskets()["CHN"]) / 100


def _unadjusted() -> float:
    """Return the Grubel-Lloyd index of 2008 in dollars."""
    dollars = _baskets(column="value_usd_bn")
    return 1 - (dollars["RUS"] - dollars["CHN"]).abs().sum() / dollars.sum().sum()


def _rca(part: float, whole: float, world_part: float, world_whole: float) -> float:
    return (part / whole) / (world_part / world_whole)


def _exports(rng: Random) -> list[tuple[float, ...]]:
    """Return parts and wholes, of a country and of the world."""
    some = [(2.0, 10.0, 50.0, 1000.0), (3.0, 60.0, 8.0, 40.0), (7.0, 7.0, 1.0, 4.0)]
    small, large = ([rng.randint(a, b) for _n in range(4)] for a, b in ((2, 20), (21, 90)))
    return [*some, *zip(small[::2], large[::2], small[1::2], large[1::2], strict=True)]


# --- oil and gas --------------------------------------------------------------


@cache
def _oil() -> pd.DataFrame:
    flows = load("energy_flows")
    monthly = flows["measured_by"].str.contains("monthly series")
    rows = flows[(flows["commodity"] == "crude oil") & monthly]
    return rows.set_index("year").sort_index()[["volume", "value_usd_bn"]].diff()


def _years(condition: str = "volume < 0 and value_usd_bn > 0") -> set[int]:
    return set(_oil().query(condition).index)


@cache
def _gas(measured_by: str = "Gazprom") -> pd.Series:
    rows = load("energy_flows")
    rows = rows[(rows["commodity"] == "natural gas") & (rows["measured_by"] == measured_by)]
    return rows.set_index("year")["volume"]


def _gas_in_tonnes() -> float:
    return _gas("China customs, monthly series via Wind")[2020]


def _line(route_id: str = "power_of_siberia") -> list[list[float]]:
    for feature in shapes("route_lines")["features"]:
        if feature["properties"]["route_id"] == route_id:
            return [[lat, lon] for lon, lat in feature["geometry"]["coordinates"]]
    return []


def _gas_map(
    widths: dict[int, float] | None = None,
    control: bool = True,
    names: tuple[str, ...] = ("gas in 2024", "gas in 2020"),
    route_id: str = "power_of_siberia",
    colours: tuple[str, str] = ("#0072B2", "#E69F00"),
    words: str = "{volume} bcm in {year}",
    years: tuple[int, int] = (2024, 2020),
) -> folium.Map:
    """Return a map of two lines as wide as two volumes, in a layer each or both in one."""
    m = area_map("heilongjiang")
    groups = [folium.FeatureGroup(name).add_to(m) for name in names]
    volumes = _gas()
    for group, year, colour in zip((groups * 2)[:2], years, colours, strict=True):
        width = (widths or volumes / 3)[year]
        says = words.format(volume=volumes[year], year=year)
        line = folium.PolyLine(_line(route_id), weight=float(width), color=colour, tooltip=says)
        line.add_to(group)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _drawn(p: Picture) -> list[tuple[str, list[Drawn]]]:
    """Return the name and the lines of each group that has lines, from the bottom up."""
    groups = [
        (layer["name"], [line for line in p.lines if line.layer == n])
        for n, layer in enumerate(p.layers)
        if layer["kind"] == "FeatureGroup"
    ]
    return [(name, lines) for name, lines in groups if lines]


def _two_layers(p: Picture) -> bool:
    widths = [{line.style["weight"] for line in lines} for _name, lines in _drawn(p)]
    return [len(each) for each in widths] == [1, 1]


def _is_pipeline(lines: list[Drawn]) -> bool:
    whole = Drawn("", [line.points for line in lines])
    ends = zip(whole.bounds, Drawn("", [_line()]).bounds, strict=True)
    return all(abs(a - b) < 0.5 for a, b in ends)


def _of_years(p: Picture) -> dict[int, Drawn]:
    """Return the line of each year that one layer alone is named for, from the bottom up."""
    found: dict[int, Drawn] = {}
    for name, lines in _drawn(p):
        years = [year for year in (2020, 2024) if str(year) in name]
        if len(years) == 1 and years[0] not in found:
            found[years[0]] = lines[0]
    return found


def _widths(p: Picture) -> dict[int, float]:
    return {year: float(line.style["weight"]) for year, line in _of_years(p).items()}


def _grows(p: Picture, first: float, last: float) -> bool:
    """Tell whether the width grows like two volumes, to within three percent."""
    least, most = _widths(p)[2020] * last, _widths(p)[2024] * first
    return abs(most - least) < 0.03 * least


def _whole_pixels(p: Picture) -> bool:
    """Tell whether widths are the volumes divided by 3, rounded so far that one is off."""
    pairs = [(width, _gas()[year] / 3) for year, width in _widths(p).items()]
    rounded = all(width == int(width) and abs(width - right) < 1 for width, right in pairs)
    return rounded and any(abs(width / right - 1) > 0.03 for width, right in pairs)


def _says_volume(line: Drawn, year: int) -> bool:
    """Tell whether a line says its volume, perhaps rounded, and the unit."""
    said = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", line.words)]
    near = any(abs(number - _gas()[year]) <= 0.5 for number in said)
    return near and bool(re.search(r"bcm\b|billion cubic|bn m", line.words, re.IGNORECASE))


# --- the exercises ------------------------------------------------------------

_SAYS = """By WIOD the overlap of the two baskets was 0.17 in 1995, 0.33 in 1999, the highest,
    and 0.12 in 2011, the last year: the two sold each other different things.
    Different is not perfect, and no index here says how well the baskets fit."""
_CHANGE = "A complete basket of a later year, or an index that weighs each side against others."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    overlap = pd.Series({year: _overlap(year) for year in (1995, 1999, 2011)})
    rows = [_counted_by(WIOD).query("year in (1995, 1999, 2011)"), overlap]
    return {
        "claim": "c32",
        "word": "supported in part",
        "confidence": "low",
        "because": rows,
        "says": _SAYS,
        "would_change": _CHANGE,
    }


EXERCISES = [
    Exercise(
        "07.1",
        ask="Find the change of a share in percentage points",
        objective=0,
        unit="percentage points",
        digits=1,
        minutes=4,
        answer=_points,
        named={"first": 2000, "last": 2011},
        mistakes={
            "You subtracted dollars. The value grew, yet the exercise asks for the "
            "share: use the column share_pct.": lambda: _points(column="value_usd_bn"),
            "That is the change in percent of the old share. Percentage points are a "
            "plain difference: later share minus earlier share.": (
                lambda: growth(_textiles(2000), _textiles(2011))
            ),
            "That is the growth of the value in percent. The exercise asks for the "
            "share: use the column share_pct.": (
                lambda: growth(*(_textiles(y, column="value_usd_bn") for y in (2000, 2011)))
            ),
            "The sign is turned round: later year minus earlier year. A share that "
            "falls gives a negative number.": lambda: -_points(),
            "That is the basket of Russia. Take the column of the exporter CHN.": (
                lambda: _points(seller="RUS")
            ),
            "That is the difference as a fraction of one. Shares in percent differ by "
            "percentage points: leave out the division by 100.": lambda: _points() / 100,
        },
        solution="""
textiles_change = textiles.loc[2011, "share_pct"] - textiles.loc[2000, "share_pct"]

course.check("07.1", textiles_change)
""",
        hints=[
            "Two columns of the table are numbers. One of them is a share.",
            "textiles.loc[year, column] is one number. Later year minus earlier year; the "
            "result is below zero.",
        ],
        after="In dollars textiles grew many times over. In the basket they weighed less "
        "than in 2000, and more than in 1995. Structure is about shares, and about years.",
    ),
    Exercise(
        "07.2",
        ask="Find the industries behind a group of customs",
        objective=1,
        unit="percent",
        digits=1,
        minutes=4,
        answer=_machinery,
        mistakes={
            "You took one industry only. Customs count electrical goods and vehicles as "
            "machinery too: add three industries.": lambda: _machinery(MACHINERY[:1]),
            "That is electrical and optical equipment alone. Machines and vehicles belong "
            "to the group as well.": lambda: _machinery(MACHINERY[1:2]),
            "Those are vehicles alone. Machines and electrical equipment belong to the "
            "group as well.": lambda: _machinery(MACHINERY[2:]),
            "You also took other manufacturing. Furniture and toys are in it, and no "
            "machines.": lambda: _machinery([*MACHINERY, "Other manufacturing; recycling"]),
            "Vehicles are still missing: the customs group says machinery, equipment and "
            "transport.": lambda: _machinery(MACHINERY[:2]),
            "Electrical goods are still missing. Customs count them as equipment.": lambda: (
                _machinery(MACHINERY[::2])
            ),
            "You left out machinery itself. 'Not elsewhere classified' only means: all "
            "machines without an industry of their own.": lambda: _machinery(MACHINERY[1:]),
            "You also took metals. Customs have a group of their own for them: look at "
            "customs_2008.": lambda: _machinery(
                [*MACHINERY, "Basic metals and fabricated metal"]
            ),
            "That is what Russian customs say. WIOD counted for itself: add up its "
            "industries in basket_2008.": lambda: _baskets(CUSTOMS)["CHN"][
                "Machinery, equipment and transport"
            ],
            "These are Russian exports to China. The question is what China sold to "
            "Russia: exporter CHN.": lambda: _machinery(seller="RUS"),
            "That is a fraction of one. The exercise asks for percent.": lambda: (
                _machinery() / 100
            ),
        },
        solution="""
machines = [
    "Machinery, not elsewhere classified",
    "Electrical and optical equipment",
    "Transport equipment",
]
machinery_share = basket_2008.loc[machines, "CHN"].sum()

course.check("07.2", machinery_share)
""",
        hints=[
            "Which industries of basket_2008 would customs call machinery, equipment "
            "and transport? There are three.",
            'Put their names into a list and take basket_2008.loc[list, "CHN"].sum().',
        ],
        after="Customs have more than half for the same year and direction. A report that "
        "takes WIOD for an early year and customs for a late one finds a rise that nobody "
        "counted. Never join two who count.",
    ),
    Exercise(
        "07.3",
        ask="Follow three fuels within one series",
        objective=2,
        unit="percentage points",
        digits=1,
        minutes=4,
        answer=_energy_change,
        named={"first": 2016, "last": 2020},
        mistakes={
            "You counted the fuels twice: the rows where is_sum is True repeat the "
            "others. Leave out either the sum or its parts.": lambda: (
                _monthly(2020).sum() - _monthly(2016).sum()
            ),
            "That is crude oil alone. The task asks for the three fuels together.": lambda: (
                _monthly(2020)["Crude oil"] - _monthly(2016)["Crude oil"]
            ),
            "That is up to 2022, which is measured against another total. The task names "
            "2020.": lambda: _energy_change(last=2022),
            "That is the change in percent of the old share. Percentage points are a "
            "plain difference.": lambda: growth(_energy(2016), _energy(2020)),
            "That is the share of 2020. The exercise asks how it changed since 2016.": lambda: (
                _energy(2020)
            ),
            "The sign is turned round: later year minus earlier year.": lambda: (
                -_energy_change()
            ),
        },
        solution="""
fuels = monthly[~monthly["is_sum"]]
by_year = fuels.groupby("year")["share_pct"].sum()
energy_change = by_year.loc[2020] - by_year.loc[2016]

course.check("07.3", energy_change)
""",
        hints=[
            'monthly[~monthly["is_sum"]] leaves out the rows that repeat others.',
            "Group by year, add share_pct, then subtract 2016 from 2020.",
        ],
        after="One series, one whole, three named fuels. The next chart shows all the years, "
        "and what another first or last year would have said.",
    ),
    Exercise(
        "07.4",
        ask="Bound the HHI of a basket with an 'other' group",
        objective=3,
        kind="mapping",
        digits=3,
        answer=_bounds,
        mistakes={
            "You stretched the named groups to 100. That says that 'other' looks like "
            "them, and lands above the upper bound. Do not rescale.": lambda: {
                **_bounds(),
                "low": _hhi(100 * _named()[0] / _named()[0].sum()),
            },
            "These are on the scale from 0 to 10,000, as some offices use it. Divide "
            "the shares by 100 before you square them.": lambda: 10_000 * _bounds(),
            "The two are exchanged: the HHI is highest if 'other' is one single "
            "group.": lambda: _bounds().set_axis(["high", "low"]),
            "That is the Russian basket. Take the column CHN.": lambda: _bounds("RUS"),
            "You added the shares. The HHI adds their squares.": lambda: {
                "low": _named()[0].sum() / 100,
                "high": 1,
            },
            "Both have all of 'other' as one group. For the low one leave it out.": (
                lambda: dict.fromkeys(["low", "high"], _bounds()["high"])
            ),
            "Both leave 'other' out. For the high one it counts as one group.": (
                lambda: dict.fromkeys(["low", "high"], _bounds()["low"])
            ),
            "For the high one you added 'other' without squaring it.": lambda: {
                **_bounds(),
                "high": _bounds()["low"] + _named()[1] / 100,
            },
        },
        solution="""
named = customs_china.drop("Other groups")
hhi_bounds = {"low": (named**2).sum(), "high": (customs_china**2).sum()}

course.check("07.4", hhi_bounds)
""",
        hints=[
            "High: 'Other groups' is one group like any other. Square and add all five.",
            "Low: 'other' is crumbs, and the square of a crumb is almost nothing. Leave "
            'the row out with customs_china.drop("Other groups"), then square and add.',
        ],
        after="The truth lies between the bounds. An HHI without the number of groups "
        "and the fate of 'other' says little.",
    ),
    Exercise(
        "07.5",
        ask="Write Balassa's index as a function",
        objective=4,
        kind="function",
        digits=2,
        minutes=6,
        answer=lambda: _rca,
        inputs=_exports,
        mistakes={
            "Upside down: your own share goes on top, the share of the world below.": (
                lambda: lambda a, b, c, d: (c / d) / (a / b)
            ),
            "That is your own share only. Divide it by the share of the world.": (
                lambda: lambda a, b, c, d: a / b
            ),
            "That is the share of the world market. Balassa also asks how large the "
            "country is: divide by whole / world_whole.": lambda: lambda a, b, c, d: a / c,
            "The brackets are missing: a / b / c / d divides three times. Put each of "
            "the two shares into brackets.": lambda: lambda a, b, c, d: a / b / c / d,
            "You multiplied the two shares. Balassa divides the one by the other.": (
                lambda: lambda a, b, c, d: (a / b) * (c / d)
            ),
            "That is a difference of shares. Balassa takes their ratio.": lambda: (
                lambda a, b, c, d: a / b - c / d
            ),
        },
        solution="""
def rca(part, whole, world_part, world_whole):
    return (part / whole) / (world_part / world_whole)

course.check("07.5", rca)
""",
        hints=[
            "First the own share: part / whole. Then the same for the world.",
            "Divide the one by the other, and mind the brackets: return (a / b) / (c / d).",
        ],
        after="Double the first two numbers, and the index stays: size drops out. But only as "
        "long as the two numbers of the world are held fixed. A country is a part of the "
        "world, so when it sells more the world does, too.",
    ),
    Exercise(
        "07.6",
        ask="Measure how much two baskets overlap",
        objective=4,
        unit="share between 0 and 1",
        digits=3,
        minutes=4,
        answer=_overlap,
        named={"year": 2008},
        mistakes={
            "That is in percent. The overlap runs from 0 to 1: divide by 100.": (
                lambda: 100 * _overlap()
            ),
            "You added the larger share of each group. The overlap is what both have: "
            "the smaller one.": lambda: _baskets().max(axis=1).sum() / 100,
            "The half is missing: each difference turns up in both baskets.": (
                lambda: 1 - _gap().abs().sum()
            ),
            "That is how far the baskets differ. The overlap is 1 minus that.": (
                lambda: _gap().abs().sum() / 2
            ),
            "You took one number for each country. min(axis=1) goes along the rows: "
            "the smaller share of each group.": lambda: _baskets().min().sum() / 100,
            "You put percent into a formula for shares. Divide the basket by 100 first.": (
                lambda: 1 - 50 * _gap().abs().sum()
            ),
            "That is the sum of all differences. Halve it, and take it from 1.": (
                lambda: _gap().abs().sum()
            ),
            "That is the Grubel-Lloyd index in dollars, without the adjustment: the surplus "
            "of one side counts as a difference. Use the shares.": _unadjusted,
            "Without abs() the differences cancel out. Take each as a positive number.": (
                lambda: 1 - _gap().sum() / 2
            ),
            "That is the customs basket. It has fewer and wider groups, so more seems to "
            "overlap. Take basket_2008.": lambda: _overlap(counted_by=CUSTOMS),
        },
        solution="""
overlap_2008 = basket_2008.min(axis=1).sum() / 100

course.check("07.6", overlap_2008)
""",
        hints=[
            "basket_2008.min(axis=1) takes the smaller share of each row.",
            "Add these and divide by 100.",
        ],
        after="Most of each basket has no counterpart in the other. In 2008, by WIOD, "
        "the two sold each other different things: one meaning of 'complementary'.",
    ),
    Exercise(
        "07.7",
        ask="Find the years with less oil and more money",
        objective=5,
        kind="set",
        unit="year",
        answer=_years,
        mistakes={
            "The other way round: in these years more oil came for less money.": (
                lambda: _years("volume > 0 and value_usd_bn < 0")
            ),
            "In these years less oil came. Keep only those in which its value rose.": (
                lambda: _years("volume < 0")
            ),
            "In these years the value rose. Keep only those in which less oil came.": (
                lambda: _years("value_usd_bn > 0")
            ),
            "One condition or the other is not enough. Both must hold: join them with &.": (
                lambda: _years("volume < 0 or value_usd_bn > 0")
            ),
            "In these years both fell. Look for years in which the value rose.": (
                lambda: _years("volume < 0 and value_usd_bn < 0")
            ),
            "These are the years before the change. diff() writes the change into the "
            "later year: hand in that one.": lambda: {year - 1 for year in _years()},
        },
        solution="""
both = (change["oil_change"] < 0) & (change["usd_change"] > 0)
less_oil_more_money = change.loc[both, "year"]

course.check("07.7", less_oil_more_money)
""",
        hints=[
            'Two conditions on the table change: change["oil_change"] < 0, and the other.',
            'Join them with & and brackets, and take change.loc[..., "year"] of that.',
        ],
        after="A share in dollars moves with the oil price, even when the goods do "
        "not. Look at volumes before you speak of structure.",
    ),
    Exercise(
        "07.8",
        ask="Draw gas with a width that means volume",
        objective=5,
        kind="map",
        answer=_gas_map,
        mistakes={},
        area="heilongjiang",
        checks=[
            Check(
                "There should be two layers: a FeatureGroup for 2020 and one for 2024, "
                "each with the line of the pipeline in it.",
                _two_layers,
                lambda: _gas_map(names=("gas in 2020 and 2024",)),
            ),
            Check(
                "That is another line than the gas pipeline. Draw "
                'lines["power_of_siberia"] in both layers.',
                lambda p: all(_is_pipeline(lines) for _name, lines in _drawn(p)),
                lambda: _gas_map(route_id="espo"),
            ),
            Check(
                "A reader cannot tell the layers apart. Put 2020 into the name of one, "
                "2024 into that of the other.",
                lambda p: len(_of_years(p)) == 2,
                lambda: _gas_map(names=("gas", "gas")),
            ),
            Check(
                "Both lines are equally wide. Let weight follow the volume of the year.",
                lambda p: not _grows(p, 1, 1),
                lambda: _gas_map({2020: 15, 2024: 15}),
            ),
            Check(
                "The widths are exchanged, or the names: more gas flowed in 2024.",
                lambda p: not _grows(p, _gas()[2024], _gas()[2020]),
                lambda: _gas_map({2020: _gas()[2024] / 3, 2024: _gas()[2020] / 3}),
            ),
            Check(
                "You mixed units: million tonnes for 2020, billion cubic metres for 2024. "
                "Take both from Gazprom.",
                lambda p: not _grows(p, _gas_in_tonnes(), _gas()[2024]),
                lambda: _gas_map({2020: _gas_in_tonnes() / 3, 2024: _gas()[2024] / 3}),
            ),
            Check(
                "You rounded the widths to whole pixels. The narrow line is too narrow for "
                "that: leave the volume divided by 3 as it is.",
                lambda p: not _whole_pixels(p),
                lambda: _gas_map({2020: 1, 2024: 10}),
            ),
            Check(
                "The two volumes were not divided by the same number: one width is too large "
                "for the other.",
                lambda p: _grows(p, _gas()[2020], _gas()[2024]),
                lambda: _gas_map({2020: _gas()[2020] / 2, 2024: _gas()[2024] / 3}),
            ),
            Check(
                "The widths follow the volumes, but they are not the volumes divided by 3.",
                lambda p: abs(_widths(p)[2020] * 3 / _gas()[2020] - 1) < 0.03,
                lambda: _gas_map({2020: _gas()[2020] / 2, 2024: _gas()[2024] / 2}),
            ),
            Check(
                "The wide line of 2024 covers the narrow one of 2020. Add the layer of 2024 "
                "first: what is added later lies above.",
                lambda p: [*_of_years(p)] == [2024, 2020],
                lambda: _gas_map(names=("gas in 2020", "gas in 2024"), years=(2020, 2024)),
            ),
            Check(
                "The two colours are too much alike: where one line lies on the other, nobody "
                "sees two.",
                lambda p: apart(map(ink, _of_years(p).values())),
                lambda: _gas_map(colours=("#0072B2", "#1f77b4")),
            ),
            Check(
                "Point at a line: its tooltip should say the volume of its own year, and the "
                "unit, bcm.",
                lambda p: all(_says_volume(line, year) for year, line in _of_years(p).items()),
                lambda: _gas_map(words="gas of {year}"),
            ),
            Check(
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _gas_map(control=False),
            ),
        ],
        minutes=15,
        solution="""
gas = flows[flows["measured_by"] == "Gazprom"].set_index("year")["volume"]
colours = {2024: "#0072B2", 2020: "#E69F00"}
gas_map = course.area_map("heilongjiang", alt="Gas to China by pipeline, 2020 and 2024.")
for year, colour in colours.items():
    layer = folium.FeatureGroup(f"gas in {year}").add_to(gas_map)
    folium.PolyLine(
        lines["power_of_siberia"],
        weight=gas.loc[year] / 3,
        color=colour,
        tooltip=f"{gas.loc[year]} bcm in {year}",
    ).add_to(layer)
folium.LayerControl(collapsed=False).add_to(gas_map)

course.check("07.8", gas_map)
""",
        hints=[
            'flows[flows["measured_by"] == "Gazprom"] has both years in one unit.',
            "Loop over 2024 and 2020, in this order: make a FeatureGroup, then add a "
            "folium.PolyLine to it, as in the small oil map. LayerControl comes last.",
        ],
        after="In 2017 nothing flowed here: the line opened in December 2019. Claim c18 "
        "names energy first, and energy came.",
    ),
    Exercise(
        "07.9",
        ask="Sign a verdict on the trade structure",
        objective=6,
        kind="verdict",
        claims=["c32", "c38"],
        answer=_example,
        mistakes={},
        minutes=6,
        solution=f'''
ends = wiod[wiod["year"].isin([1995, 1999, 2011])]
my_verdict = course.Verdict(
    "c32", "supported in part", confidence="low",
    because=[ends, overlap],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("07.9", my_verdict)
''',
        hints=[
            "Choose c32 or c38, and one measure. Which years would speak against you?",
            "Rows that you have: wiod, customs, monthly, later; the tables overlap and "
            "concentration were computed from wiod.",
            "The whole of wiod is too much to check: pick the years that you speak of.",
        ],
        after="You chose a measure before you judged. Another reader can now choose "
        "another one and say why.",
    ),
]


# --- the explorer: what is in the basket --------------------------------------

_BASKETS = {  # name -> words, exporter, importer, who counts
    "CHN-RUS-wiod": (_("China to Russia, by WIOD"), "CHN", "RUS", WIOD),
    "RUS-CHN-wiod": (_("Russia to China, by WIOD"), "RUS", "CHN", WIOD),
    "CHN-RUS-customs": (_("China to Russia, by Russian customs"), "CHN", "RUS", CUSTOMS),
    "RUS-CHN-customs": (_("Russia to China, by Russian customs"), "RUS", "CHN", CUSTOMS),
    "RUS-CHN-fuels": (_("Russia to China, fuels by China's customs"), "RUS", "CHN", MONTHLY),
    "MNG-WLD-wits": (_("Mongolia to the world, by WITS"), "MNG", "WLD", WITS),
}
# The first of these words found in a group's name gives its family.
_FAMILIES = {
    _("energy and ores"): ("Crude", "Coal", "Pipeline", "Mining", "Mineral products",
                           "refined", "Fuels", "Minerals"),
    _("machinery and transport"): ("Machinery", "Electrical", "Transport"),
    _("textiles and footwear"): ("Textiles", "eather", "ootwear", "Hides"),
    _("farm, forest, food"): ("Agri", "Food", "Wood", "Pulp", "Timber", "Animal",
                              "Vegetable"),
    _("metals"): ("etals", "gold"),
    _("chemicals"): ("Chemicals", "ubber"),
    _("other"): ("",),
}  # fmt: skip
_PIXELS = 5  # of a bar, for each percent


@cache
def _sold(basket: str) -> pd.DataFrame:
    """Return the rows of one basket: whole years, without the rows that repeat others."""
    _label, seller, buyer, counted_by = _BASKETS[basket]
    rows = _counted_by(counted_by)
    rows = rows[(rows["exporter"] == seller) & (rows["importer"] == buyer) & ~rows["is_sum"]]
    return rows[rows["period"] == "full year"]


def _basket(basket: str, year: int) -> str:
    rows = _sold(basket)
    years = sorted(int(one) for one in set(rows["year"]))
    nearest = min(years, key=lambda one: abs(one - year))
    shown, aside = rows[rows["year"] == nearest], ""
    if nearest != year:
        aside = _("No figures for {year}; there are some for {years}.", year=year,
                  years=runs(years))  # fmt: skip
        aside += " " + _("The nearest year is shown.")
    title = _("{basket}: {year}", basket=_BASKETS[basket][0], year=nearest)
    source = _("Source: {titles}.", titles="; ".join(cite(shown).table["title"]))
    text = f"<p><b>{title}</b> {aside}<br>{_summary(shown)}</p>"
    bars = _bars(shown.set_index("group")["share_pct"].dropna())
    return f"{text}{bars}<p><small>{escape(source)}</small></p>"


def _summary(shown: pd.DataFrame) -> str:
    total = shown["share_pct"].sum()
    groups = plural("{count} group", "{count} groups", len(shown))
    if (shown["coverage"] == "complete").all():
        return _(
            "A complete set: {groups}, together {total:.0f} %.", groups=groups, total=total
        )
    return _(
        "A partial set: {groups}, together {total:.1f} %. What the other {rest:.1f} % "
        "are, this source does not say.",
        groups=groups, total=total, rest=100 - total,
    )  # fmt: skip


def _bars(shares: pd.Series) -> str:
    """Draw bars as a table: real text, and quick on a slow machine."""
    from course.charts import COLOURS

    # black is the colour of the text, so that it shows on a dark page
    seen = [colour.replace("#000000", "currentColor") for colour in COLOURS]
    colours = dict(zip(_FAMILIES, seen, strict=False))
    lines, used = "", set()
    for group, share in shares.sort_values(ascending=False).items():
        family = next(
            f for f, words in _FAMILIES.items() if any(w in str(group) for w in words)
        )
        used.add(family)
        bar = (
            '<span style="display:inline-block;height:14px;vertical-align:middle;'
            f'background:{colours[family]};width:{share * _PIXELS:.0f}px"></span>'
        )
        lines += (
            f'<tr><td style="text-align:right;padding:1px 4px">{group}</td>'
            f'<td style="text-align:left;padding:1px 4px">{bar} {share:.1f}</td></tr>'
        )
    key = "".join(
        f'<span style="margin-right:14px;white-space:nowrap"><span style="display:'
        f'inline-block;width:12px;height:12px;background:{colour}"></span> {family}</span>'
        for family, colour in colours.items()
        if family in used
    )
    head = (
        f'<tr><th style="text-align:right">{_("group")}</th>'
        f'<th style="text-align:left">{_("share, %")}</th></tr>'
    )
    return f"<table>{head}{lines}</table><p>{key}</p>"


basket = Explorer(
    _("What is in the basket"),
    {
        "basket": Control(_("Basket"), [(w[0], name) for name, w in _BASKETS.items()]),
        "year": Control(_("Year"), list(range(1995, 2023)), start=2008, slider=True),
    },
    _basket,
)
