"""Lesson 07, what is traded: its figures, exercises and explorer."""

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
from course.maps.picture import Drawn, Picture
from course.words import _, plural

WIOD, CUSTOMS, MONTHLY = "WIOD 2013", "Russian customs", "China customs, monthly series"
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


def _machinery(groups: list[str] = MACHINERY, seller: str = "CHN") -> pd.Series:
    wiod, customs = _baskets()[seller], _baskets(CUSTOMS)[seller]
    one_group = customs["Machinery, equipment and transport"]
    return pd.Series({WIOD: wiod[groups].sum(), CUSTOMS: one_group})


def _monthly(year: int) -> pd.Series:
    return _baskets(MONTHLY, year)["RUS"]


def _energy(year: int) -> float:
    """Return the share of the fuels, without the row that repeats them."""
    return _monthly(year).drop("Crude oil, coal and pipeline gas together").sum()


def _energy_change(first: int = 2017, last: int = 2022) -> float:
    return _energy(last) - _energy(first)


def _stated(counted_by: str, year: int) -> float:
    """Return the share of energy as somebody else states it."""
    return _baskets(counted_by, year)["RUS"].max()


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
    first: float | None = None,
    last: float | None = None,
    control: bool = True,
    names: tuple[str, ...] = ("gas in 2020", "gas in 2024"),
    route_id: str = "power_of_siberia",
) -> folium.Map:
    """Return a map of two lines as wide as two volumes, in a layer each or both in one."""
    m = area_map("heilongjiang")
    groups = [folium.FeatureGroup(name).add_to(m) for name in names]
    volumes = first or _gas()[2020], last or _gas()[2024]
    for group, volume in zip((groups * 2)[:2], volumes, strict=True):
        folium.PolyLine(_line(route_id), weight=float(volume / 3)).add_to(group)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _drawn(p: Picture) -> list[tuple[str, list[Drawn]]]:
    """Return the name and the lines of each group that has lines."""
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


def _widths(p: Picture) -> dict[int, float]:
    """Return how wide the line of a year is, for each that one layer is named for."""
    found = {year: [d for name, d in _drawn(p) if str(year) in name] for year in (2020, 2024)}
    return {year: float(d[0][0].style["weight"]) for year, d in found.items() if len(d) == 1}


def _grows(p: Picture, first: float, last: float) -> bool:
    """Tell whether the width grows like two volumes, to within three percent."""
    least, most = _widths(p)[2020] * last, _widths(p)[2024] * first
    return abs(most - least) < 0.03 * least


# --- the exercises ------------------------------------------------------------

_SAYS = """By WIOD the overlap of the two baskets was 0.12 in 2011 and 0.33 in 1999, but
    0.17 in 1995: the two sold each other different things, and more so at the end.
    Different is not perfect, and no index here says how well the baskets fit."""
_CHANGE = "A complete basket of a later year, or an index that weighs each side against others."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    overlap = pd.Series({year: _overlap(year) for year in (1995, 1999, 2011)})
    rows = [_counted_by(WIOD).query("year in (1995, 1999, 2011)"), overlap]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {
        "claim": "c32",
        "word": "supported in part",
        "confidence": "low",
        "because": rows,
    } | texts


EXERCISES = [
    Exercise(
        "07.1",
        ask="Find the change of a share in percentage points",
        objective=0,
        unit="percentage points",
        digits=1,
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
            "The table above has both columns. One of them is a share.",
            "Share of 2011 minus share of 2000. The result is below zero.",
        ],
        after="In dollars textiles grew many times over, and still lost weight in the "
        "basket. Structure is about shares, not levels.",
    ),
    Exercise(
        "07.2",
        ask="Compare machinery as two offices count it",
        objective=1,
        kind="mapping",
        unit="percent",
        digits=1,
        answer=_machinery,
        mistakes={
            "For WIOD you took one industry only. Customs count electrical goods and "
            "vehicles as machinery too: add three industries.": lambda: _machinery(
                MACHINERY[:1]
            ),
            "For WIOD vehicles are still missing: the customs group says machinery, "
            "equipment and transport.": lambda: _machinery(MACHINERY[:2]),
            "For WIOD electrical goods are still missing. Customs count them as "
            "equipment.": lambda: _machinery(MACHINERY[::2]),
            "For WIOD you left out machinery itself. 'Not elsewhere classified' only "
            "means: all machines without an industry of their own.": lambda: _machinery(
                MACHINERY[1:]
            ),
            "For WIOD you also took metals. Customs have a group of their own for "
            "them: look at customs_2008.": lambda: _machinery(
                [*MACHINERY, "Basic metals and fabricated metal"]
            ),
            "You took the customs figure for both. WIOD counted for itself: add up its "
            "industries in basket_2008.": lambda: dict.fromkeys(
                [WIOD, CUSTOMS], _machinery()[CUSTOMS]
            ),
            "These are Russian exports to China. The question is what China sold to "
            "Russia: exporter CHN.": lambda: _machinery(seller="RUS"),
            "These are fractions of one. The exercise asks for percent.": lambda: (
                _machinery() / 100
            ),
            "The two are exchanged: look again at who counted which.": lambda: (
                _machinery().set_axis([CUSTOMS, WIOD])
            ),
        },
        solution="""
machines = [
    "Machinery, not elsewhere classified",
    "Electrical and optical equipment",
    "Transport equipment",
]
machinery = {
    "WIOD 2013": basket_2008.loc[machines, "CHN"].sum(),
    "Russian customs": customs_2008.loc["Machinery, equipment and transport", "CHN"],
}

course.check("07.2", machinery)
""",
        hints=[
            "Which industries of basket_2008 would customs call machinery, equipment "
            "and transport? There are three.",
            'basket_2008.loc[[...], "CHN"].sum() adds them. The customs figure stands '
            "in customs_2008.",
        ],
        after="One year, one direction, two baskets. Who wants to show that machinery "
        "grew takes WIOD first and customs later. Never join two who count.",
    ),
    Exercise(
        "07.3",
        ask="Follow the share of energy within one statistic",
        objective=2,
        unit="percentage points",
        digits=1,
        answer=_energy_change,
        named={"first": 2017, "last": 2022},
        mistakes={
            "You counted the energy twice: the rows where is_sum is True repeat the "
            "others. Leave out either the sum or its parts.": lambda: (
                _monthly(2022).sum() - _monthly(2017).sum()
            ),
            "That is crude oil alone. It fell, but coal and gas took its place: take "
            "all three.": lambda: _monthly(2022)["Crude oil"] - _monthly(2017)["Crude oil"],
            "You joined two who count: the monthly series for 2017, TASS for 2022. "
            "TASS counts more kinds of energy. Stay in one.": lambda: (
                _stated("TASS", 2022) - _energy(2017)
            ),
            "Both figures are by TASS, and both say 'more than'. The difference of two "
            "lower bounds tells nothing. Use the monthly series.": lambda: (
                _stated("TASS", 2022) - _stated("TASS", 2017)
            ),
            "You joined two who count: a rating agency for 2017, TASS for 2022. They do "
            "not put the same goods into energy. Stay in monthly.": lambda: (
                _stated("TASS", 2022) - _stated("ACRA rating agency", 2017)
            ),
            "That is the change in percent of the old share. Percentage points are a "
            "plain difference.": lambda: growth(_energy(2017), _energy(2022)),
            "That is the share of 2022. The exercise asks how it changed since 2017.": lambda: (
                _energy(2022)
            ),
            "The sign is turned round: later year minus earlier year.": lambda: (
                -_energy_change()
            ),
        },
        solution="""
parts = monthly[~monthly["is_sum"]].groupby("year")["share_pct"].sum()
energy_change = parts[2022] - parts[2017]

course.check("07.3", energy_change)
""",
        hints=[
            "monthly[~monthly['is_sum']] leaves out the rows that repeat others.",
            "Group by year, add share_pct, then subtract 2017 from 2022.",
        ],
        after="In this one statistic the three weigh a little more in 2022 than in 2017. "
        "Crude oil alone weighs less: coal and gas took its place. The small print is in "
        "the column share_base: the whole comes from the IMF in 2017, from customs in 2022.",
    ),
    Exercise(
        "07.4",
        ask="Bound the HHI of a basket with an 'other' group",
        objective=3,
        kind="mapping",
        digits=3,
        answer=_bounds,
        minutes=10,
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
named = from_china.drop("Other groups")
hhi_bounds = {"low": (named**2).sum(), "high": (from_china**2).sum()}

course.check("07.4", hhi_bounds)
""",
        hints=[
            "High: 'Other groups' is one group like any other. Square and add all five.",
            "Low: 'other' is crumbs, and the square of a crumb is almost nothing. "
            "Square and add the four named ones.",
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
        answer=lambda: _rca,
        inputs=_exports,
        mistakes={
            "Upside down: your own share stands on top, the share of the world below.": (
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
        after="Twice as much of everything leaves the index as it is: size drops out. "
        "Four numbers are needed, and two of them are about the world.",
    ),
    Exercise(
        "07.6",
        ask="Measure how much two baskets overlap",
        objective=4,
        unit="share between 0 and 1",
        digits=3,
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
            "You read the last eight rows only. The table change goes back to 2001: let a "
            "filter find the years.": lambda: {year for year in _years() if year >= 2015},
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
less_oil_more_money = change.index[(change["volume"] < 0) & (change["value_usd_bn"] > 0)]

course.check("07.7", less_oil_more_money)
""",
        hints=[
            'Two conditions on the table change: change["volume"] < 0, and the other.',
            "Join them with & and brackets, and take change.index[...] of that.",
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
                lambda p: len(_widths(p)) == 2,
                lambda: _gas_map(names=("gas", "gas")),
            ),
            Check(
                "Both lines are equally wide. Let weight follow the volume of the year.",
                lambda p: not _grows(p, 1, 1),
                lambda: _gas_map(15, 15),
            ),
            Check(
                "The widths are exchanged, or the names: more gas flowed in 2024.",
                lambda p: not _grows(p, _gas()[2024], _gas()[2020]),
                lambda: _gas_map(_gas()[2024], _gas()[2020]),
            ),
            Check(
                "You mixed units: million tonnes for 2020, thousand million cubic "
                "metres for 2024. Take both from Gazprom.",
                lambda p: not _grows(p, _gas_in_tonnes(), _gas()[2024]),
                lambda: _gas_map(_gas_in_tonnes()),
            ),
            Check(
                "The widths do not stand to each other as the volumes do. Divide both "
                "volumes by the same number.",
                lambda p: _grows(p, _gas()[2020], _gas()[2024]),
                lambda: _gas_map(6, 24),
            ),
            Check(
                "The widths stand to each other as the volumes do, but they are not the "
                "volumes divided by 3.",
                lambda p: abs(_widths(p)[2020] * 3 / _gas()[2020] - 1) < 0.03,
                lambda: _gas_map(_gas()[2020] / 2, _gas()[2024] / 2),
            ),
            Check(
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _gas_map(control=False),
            ),
        ],
        minutes=10,
        solution="""
gas = flows[flows["measured_by"] == "Gazprom"].set_index("year")["volume"]
gas_map = course.area_map("heilongjiang", alt="Gas to China by pipeline, 2020 and 2024.")
for year in [2020, 2024]:
    layer = folium.FeatureGroup(f"gas in {year}").add_to(gas_map)
    line = lines["power_of_siberia"]
    folium.PolyLine(line, weight=gas[year] / 3, tooltip=f"{gas[year]} bcm").add_to(layer)
folium.LayerControl(collapsed=False).add_to(gas_map)

course.check("07.8", gas_map)
""",
        hints=[
            'flows[flows["measured_by"] == "Gazprom"] has both years in one unit.',
            "Inside a loop over the years: a FeatureGroup, then folium.PolyLine("
            'lines["power_of_siberia"], weight=volume / 3) into it.',
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
        minutes=10,
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
            "Choose c32 or c38, and one number you computed yourself.",
            "Rows that you have: wiod, customs, monthly; overlap and hhi you computed.",
            "The whole of wiod is too much to check: pick the years that matter.",
        ],
        after="You chose a measure before you judged. Another reader can now choose "
        "another one and say why.",
    ),
]


# --- the explorer: what is in the basket --------------------------------------

_DIRECTIONS = {
    "CHN-RUS": _("China to Russia"),
    "RUS-CHN": _("Russia to China"),
    "MNG-WLD": _("Mongolia to the world"),
}
_COUNTERS = {
    "world": [WIOD, "WITS, Mongolia reporting"],
    "Russian customs": [CUSTOMS],
    "monthly": [MONTHLY],
}
_NAMES = {
    "world": _("World tables (WIOD, WITS)"),
    "Russian customs": _("Russian customs"),
    "monthly": _("China customs, monthly series"),
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


def _basket(direction: str, counted: str, year: int) -> str:
    rows = _counted_by(*_COUNTERS[counted])
    rows = rows[(rows["exporter"] + "-" + rows["importer"] == direction) & ~rows["is_sum"]]
    rows = rows[rows["period"] == "full year"]
    shown = rows[rows["year"] == year]
    named = {"direction": _DIRECTIONS[direction], "year": year}
    if shown.empty:
        nothing = _("{direction}, {year}: nothing by {who}.", who=_NAMES[counted], **named)
        has = _("It has no year in this direction.")
        if not rows.empty:
            has = _("It has: {years}.", years=runs(sorted(set(rows["year"]))))
        return f"<p><b>{nothing}</b> {has} {_('No figure is not a zero.')}</p>"
    who = shown["counted_by"].iloc[0]
    title = _("{direction}, {year}, counted by {who}", who=who, **named)
    order = rows.groupby("group")["share_pct"].mean().sort_values(ascending=False).index
    bars = _bars(shown.set_index("group")["share_pct"].reindex(order).dropna())
    source = _("Source: {titles}.", titles="; ".join(cite(shown).table["title"]))
    text = f"<p><b>{title}</b><br>{_summary(shown)}</p>{bars}"
    return f"{text}<p><small>{escape(source)}</small></p>"


def _summary(shown: pd.DataFrame) -> str:
    total = shown["share_pct"].sum()
    groups = plural("{count} group", "{count} groups", len(shown))
    if (shown["coverage"] == "complete").all():
        return _(
            "A complete set: {groups}, together {total:.0f} %. <b>HHI {hhi:.3f}</b> "
            "(1 = a single good), each group taken as one good.",
            groups=groups, total=total, hhi=_hhi(shown["share_pct"]),
        )  # fmt: skip
    return _(
        "A partial set: {groups}, together {total:.1f} %. What the other {rest:.1f} % "
        "are, this source does not say: no HHI.",
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
        "direction": Control(_("Direction"), [(n, d) for d, n in _DIRECTIONS.items()]),
        "counted": Control(_("Who counts"), [(n, c) for c, n in _NAMES.items()]),
        "year": Control(_("Year"), list(range(1995, 2023)), start=2008, slider=True),
    },
    _basket,
)
