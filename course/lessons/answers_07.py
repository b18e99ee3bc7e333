"""The exercises of lesson 07, each with its answer and its usual mistakes."""

import folium
import numpy as np
import pandas as pd

from course.data import load, shapes
from course.exercises.verbs import Exercise, bounds, layers
from course.maps.area import area_map

TEXTILES = "Textiles and textile products"
MACHINERY = [
    "Machinery, not elsewhere classified",
    "Electrical and optical equipment",
    "Transport equipment",
]


def _structure(counted_by: str, exporter: str, year: int) -> pd.DataFrame:
    rows = load("trade_structure")
    rows = rows[
        (rows["counted_by"] == counted_by)
        & (rows["exporter"] == exporter)
        & (rows["year"] == year)
    ]
    return rows.set_index("group")


def _wiod(exporter: str, year: int) -> pd.Series:
    return _structure("WIOD 2013", exporter, year)["share_pct"]


def _textiles(exporter: str = "CHN", column: str = "share_pct") -> tuple[float, float]:
    first, last = (
        float(_structure("WIOD 2013", exporter, year).loc[TEXTILES, column])
        for year in (2000, 2011)
    )
    return first, last


def _points(exporter: str = "CHN", column: str = "share_pct") -> float:
    first, last = _textiles(exporter, column)
    return last - first


def _machinery(
    groups: list[str] | None = None, exporter: str = "CHN", scale: float = 1
) -> dict[str, float]:
    wiod = _wiod(exporter, 2008)[MACHINERY if groups is None else groups].sum()
    customs = _structure("Russian customs", exporter, 2008)["share_pct"]
    return {
        "WIOD 2013": float(wiod) * scale,
        "Russian customs": float(customs["Machinery, equipment and transport"]) * scale,
    }


def _swapped(pair: dict[str, float]) -> dict[str, float]:
    return dict(zip(pair, list(pair.values())[::-1], strict=True))


MONTHLY = "China customs, monthly series"


def _energy(year: int, *groups: str, doubled: bool = False) -> float:
    rows = _structure(MONTHLY, "RUS", year)
    if groups:
        return float(rows["share_pct"][list(groups)].sum())
    return float(rows["share_pct"][slice(None) if doubled else ~rows["is_sum"]].sum())


def _stated(counted_by: str, year: int) -> float:
    return float(_structure(counted_by, "RUS", year)["share_pct"].iloc[0])


def _basket(exporter: str = "CHN") -> tuple[pd.Series, float]:
    shares = _structure("Russian customs", exporter, 2008)["share_pct"] / 100
    return shares.drop("Other groups"), float(shares["Other groups"])


def _bounds(exporter: str = "CHN", scale: float = 1) -> dict[str, float]:
    named, other = _basket(exporter)
    low = float((named**2).sum())
    return {"low": low * scale, "high": (low + other**2) * scale}


def _rescaled() -> dict[str, float]:
    named, _ = _basket()
    return _bounds() | {"low": float(((named / named.sum()) ** 2).sum())}


def _overlap(year: int = 2008) -> float:
    return float(np.minimum(_wiod("RUS", year), _wiod("CHN", year)).sum() / 100)


def _customs_overlap() -> float:
    baskets = [_structure("Russian customs", exporter, 2008)["share_pct"]
               for exporter in ("RUS", "CHN")]  # fmt: skip
    return float(pd.concat(baskets, axis=1).dropna().min(axis=1).sum() / 100)


def _gap(half: bool) -> float:
    gap = (_wiod("RUS", 2008) - _wiod("CHN", 2008)).abs().sum() / 100
    return float(gap / 2 if half else 1 - gap)


def _oil() -> pd.DataFrame:
    flows = load("energy_flows")
    rows = flows[
        (flows["commodity"] == "crude oil")
        & flows["measured_by"].str.contains("monthly series")
    ]
    return rows.set_index("year").sort_index()[["volume", "value_usd_bn"]].diff()


def _years(less_oil: bool = True, more_money: bool = True) -> set[int]:
    change = _oil()
    volume, value = change["volume"], change["value_usd_bn"]
    chosen = (volume < 0 if less_oil else volume > 0) & (value > 0 if more_money else value < 0)
    return set(change.index[chosen])


def _gas() -> pd.Series:
    flows = load("energy_flows")
    rows = flows[(flows["measured_by"] == "Gazprom") & (flows["unit"] == "bcm")]
    return rows.set_index("year")["volume"]


def _gas_in_tonnes() -> float:
    flows = load("energy_flows")
    rows = flows[
        (flows["commodity"] == "natural gas")
        & (flows["unit"] == "Mt")
        & (flows["year"] == 2020)
    ]
    return float(rows["volume"].iloc[0])


def _line(route_id: str = "power_of_siberia") -> list[tuple[float, float]]:
    for feature in shapes("route_lines")["features"]:
        if feature["properties"]["route_id"] == route_id:
            return [(lat, lon) for lon, lat in feature["geometry"]["coordinates"]]
    return []


def _gas_map(
    widths: tuple[float, ...] = (),
    control: bool = True,
    group: str = "gas in {}",
    route_id: str = "power_of_siberia",
) -> folium.Map:
    m = area_map("heilongjiang")
    pairs = zip((2020, 2024), widths or (_gas()[2020] / 3, _gas()[2024] / 3), strict=True)
    for year, width in pairs:
        target = folium.FeatureGroup(group.format(year)).add_to(m) if group else m
        folium.PolyLine(_line(route_id), weight=float(width)).add_to(target)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _one_layer() -> folium.Map:
    m = area_map("heilongjiang")
    layer = folium.FeatureGroup("gas in 2020 and 2024").add_to(m)
    for year in (2020, 2024):
        folium.PolyLine(_line(), weight=float(_gas()[year] / 3)).add_to(layer)
    folium.LayerControl().add_to(m)
    return m


def _drawn(m: folium.Map) -> list[tuple[str, set[float]]]:
    """Return the name of each layer that has lines, and how wide they are."""
    found = []
    for group in layers(m, folium.FeatureGroup):
        widths = {float(line.options["weight"]) for line in layers(group, folium.PolyLine)}
        for shape in layers(group, folium.GeoJson):
            for feature in shape.data.get("features", [shape.data]):
                widths.add(float(shape.style_function(feature)["weight"]))
        if widths:
            found.append((str(group.layer_name), widths))
    return found


def _two_layers(m: folium.Map) -> bool:
    drawn = _drawn(m)
    return len(drawn) == 2 and all(len(widths) == 1 for _, widths in drawn)


def _is_pipeline(m: folium.Map) -> bool:
    lats, lons = zip(*_line(), strict=True)
    wanted = (min(lats), min(lons), max(lats), max(lons))
    groups = [g for g in layers(m, folium.FeatureGroup) if bounds(g)]
    return all(abs(a - b) < 0.5 for g in groups for a, b in zip(bounds(g), wanted, strict=True))


def _width(m: folium.Map, year: int) -> float:
    found = [widths for name, widths in _drawn(m) if str(year) in name]
    if [len(widths) for widths in found] != [1]:
        raise LookupError(f"no layer of its own for {year}")
    return min(found[0])


def _ratio(m: folium.Map) -> float:
    return _width(m, 2024) / _width(m, 2020)


def _close(ratio: float, wanted: float) -> bool:
    return abs(ratio / wanted - 1) < 0.03


_VERDICT = (
    "c32: one half of it holds. By WIOD the overlap of the two baskets was smaller in "
    "2011 than in 1999, so the two sold each other more different things. Whether that "
    "is perfect no index says. A complete basket of a later year could change my verdict."
)

EXERCISES = [
    Exercise(
        "07.1",
        ask="Find the change of a share in percentage points",
        objective=0,
        kind="number",
        unit="percentage points",
        answer=_points,
        mistakes={
            "You subtracted dollars. The value grew, yet the exercise asks for the "
            "share: use the column share_pct.": lambda: _points(column="value_usd_bn"),
            "That is the change in percent of the old share. Percentage points are a "
            "plain difference: later share minus earlier share.": lambda: (
                100 * _points() / _textiles()[0]
            ),
            "That is the growth of the value in percent. The exercise asks for the "
            "share: use the column share_pct.": lambda: (
                100 * _points(column="value_usd_bn") / _textiles(column="value_usd_bn")[0]
            ),
            "You rounded. Hand in the difference as the computer has it.": lambda: float(
                round(_points())
            ),
            "The sign is turned round: later year minus earlier year. A share that "
            "falls gives a negative number.": lambda: -_points(),
            "That is the basket of Russia. Take the column of the exporter CHN.": (
                lambda: _points("RUS")
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
                _machinery(), _machinery()["Russian customs"]
            ),
            "These are Russian exports to China. The question is what China sold to "
            "Russia: exporter CHN.": lambda: _machinery(exporter="RUS"),
            "These are fractions of one. The exercise asks for percent.": lambda: _machinery(
                scale=0.01
            ),
            "The two are exchanged: look again at who counted which.": lambda: _swapped(
                _machinery()
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
        kind="number",
        unit="percentage points",
        answer=lambda: _energy(2022) - _energy(2017),
        absolute=0.06,
        mistakes={
            "You counted the energy twice: the rows where is_sum is True repeat the "
            "others. Leave out either the sum or its parts.": lambda: (
                _energy(2022, doubled=True) - _energy(2017, doubled=True)
            ),
            "That is crude oil alone. It fell, but coal and gas took its place: take "
            "all three.": lambda: _energy(2022, "Crude oil") - _energy(2017, "Crude oil"),
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
            "plain difference.": lambda: 100 * (_energy(2022) / _energy(2017) - 1),
            "That is the share of 2022. The exercise asks how it changed since 2017.": (
                lambda: _energy(2022)
            ),
            "You began in 2016. The article appeared in 2017: begin there.": lambda: (
                _energy(2022) - _energy(2016)
            ),
            "The sign is turned round: later year minus earlier year.": lambda: (
                _energy(2017) - _energy(2022)
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
        answer=_bounds,
        minutes=10,
        mistakes={
            "You stretched the named groups to 100. That says that 'other' looks like "
            "them, and lands above the upper bound. Do not rescale.": _rescaled,
            "These are on the scale from 0 to 10,000, as some offices use it. Divide "
            "the shares by 100 before you square them.": lambda: _bounds(scale=10_000),
            "The two are exchanged: the HHI is highest if 'other' is one single "
            "group.": lambda: _swapped(_bounds()),
            "That is the Russian basket. Take the column CHN.": lambda: _bounds("RUS"),
            "You added the shares. The HHI adds their squares.": lambda: {
                "low": float(_basket()[0].sum()),
                "high": float(_basket()[0].sum() + _basket()[1]),
            },
            "Both have all of 'other' as one group. For the low one leave it out.": (
                lambda: dict.fromkeys(_bounds(), _bounds()["high"])
            ),
            "Both leave 'other' out. For the high one it counts as one group.": (
                lambda: dict.fromkeys(_bounds(), _bounds()["low"])
            ),
            "For the high one you added 'other' without squaring it.": lambda: (
                _bounds() | {"high": _bounds()["low"] + _basket()[1]}
            ),
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
        answer=lambda: (
            lambda part, whole, world_part, world_whole: (
                (part / whole) / (world_part / world_whole)
            )
        ),
        inputs=[(2.0, 10.0, 50.0, 1000.0), (3.0, 60.0, 8.0, 40.0), (7.0, 7.0, 1.0, 4.0)],
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
        kind="number",
        unit="share between 0 and 1",
        answer=_overlap,
        mistakes={
            "That is in percent. The overlap runs from 0 to 1: divide by 100.": (
                lambda: 100 * _overlap()
            ),
            "You added the larger share of each group. The overlap is what both have: "
            "the smaller one.": lambda: float(
                np.maximum(_wiod("RUS", 2008), _wiod("CHN", 2008)).sum() / 100
            ),
            "The half is missing: each difference turns up in both baskets.": (
                lambda: _gap(half=False)
            ),
            "That is how far the baskets differ. The overlap is 1 minus that.": (
                lambda: _gap(half=True)
            ),
            "You took one number for each country. min(axis=1) goes along the rows: "
            "the smaller share of each group.": lambda: (
                float(min(_wiod("RUS", 2008)) + min(_wiod("CHN", 2008))) / 100
            ),
            "You put percent into a formula for shares. Divide the basket by 100 first.": (
                lambda: 1 - 50 * (1 - _gap(half=False))
            ),
            "That is the sum of all differences. Halve it, and take it from 1.": (
                lambda: 1 - _gap(half=False)
            ),
            "Without abs() the differences cancel out. Take each as a positive number.": (
                lambda: 1 - float((_wiod("RUS", 2008) - _wiod("CHN", 2008)).sum()) / 200
            ),
            "That is the customs basket. It has fewer and wider groups, so more seems to "
            "overlap. Take basket_2008.": _customs_overlap,
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
                lambda: _years(less_oil=False, more_money=False)
            ),
            "In these years less oil came. Keep only those in which its value rose.": (
                lambda: set(_oil().index[_oil()["volume"] < 0])
            ),
            "In these years the value rose. Keep only those in which less oil came.": (
                lambda: set(_oil().index[_oil()["value_usd_bn"] > 0])
            ),
            "You read the last eight rows only. The table change goes back to 2001: let a "
            "filter find the years.": lambda: {y for y in _years() if y >= 2015},
            "One condition or the other is not enough. Both must hold: join them with &.": (
                lambda: {
                    y for y, c in _oil().iterrows() if c["volume"] < 0 or c["value_usd_bn"] > 0
                }
            ),
            "In these years both fell. Look for years in which the value rose.": (
                lambda: _years(more_money=False)
            ),
            "These are the years before the change. diff() writes the change into the "
            "later year: hand in that one.": lambda: {y - 1 for y in _years()},
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
        checks=[
            (
                "There should be two layers: a FeatureGroup for 2020 and one for 2024, "
                "each with the line of the pipeline in it.",
                _two_layers,
            ),
            (
                "That is another line than the gas pipeline. Draw "
                'lines["power_of_siberia"] in both layers.',
                _is_pipeline,
            ),
            (
                "A reader cannot tell the layers apart. Put 2020 into the name of one, "
                "2024 into that of the other.",
                lambda m: _width(m, 2020) and _width(m, 2024),
            ),
            (
                "Both lines are equally wide. Let weight follow the volume of the year.",
                lambda m: not _close(_ratio(m), 1),
            ),
            (
                "The widths are exchanged, or the names: more gas flowed in 2024.",
                lambda m: not _close(_ratio(m), _gas()[2020] / _gas()[2024]),
            ),
            (
                "You mixed units: million tonnes for 2020, thousand million cubic "
                "metres for 2024. Take both from Gazprom.",
                lambda m: not _close(_ratio(m), _gas()[2024] / _gas_in_tonnes()),
            ),
            (
                "The widths do not stand to each other as the volumes do. Divide both "
                "volumes by the same number.",
                lambda m: _close(_ratio(m), _gas()[2024] / _gas()[2020]),
            ),
            (
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda m: bool(layers(m, folium.LayerControl)),
            ),
        ],
        mistakes={
            "There should be two layers: a FeatureGroup for 2020 and one for 2024, "
            "each with the line of the pipeline in it.": _one_layer,
            "That is another line than the gas pipeline. Draw "
            'lines["power_of_siberia"] in both layers.': lambda: _gas_map(route_id="espo"),
            "A reader cannot tell the layers apart. Put 2020 into the name of one, 2024 "
            "into that of the other.": lambda: _gas_map(group="gas"),
            "Both lines are equally wide. Let weight follow the volume of the year.": (
                lambda: _gas_map((5, 5))
            ),
            "The widths are exchanged, or the names: more gas flowed in 2024.": lambda: (
                _gas_map((_gas()[2024] / 3, _gas()[2020] / 3))
            ),
            "You mixed units: million tonnes for 2020, thousand million cubic metres "
            "for 2024. Take both from Gazprom.": lambda: _gas_map(
                (_gas_in_tonnes() / 3, _gas()[2024] / 3)
            ),
            "The widths do not stand to each other as the volumes do. Divide both "
            "volumes by the same number.": lambda: _gas_map((2, 8)),
            "The layers are there, but no switch for them. Add folium.LayerControl().": (
                lambda: _gas_map(control=False)
            ),
        },
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
        ask="Write a verdict on the trade structure",
        objective=6,
        kind="free",
        words=40,
        minutes=10,
        mentions=[
            ("c32", "c38"),
            ("share", "overlap", "HHI", "доля", "доли", "долю", "пересечен", "份额", "重叠"),
            ("WIOD", "customs", "WITS", "таможн", "海关"),
            ("change", "измен", "改变"),
        ],
        answer=lambda: _VERDICT,
        mistakes={
            "Name the claim by its id: c32 or c38.": lambda: _VERDICT.replace("c32", "This"),
            "Say what you measured: a share, the overlap or the HHI.": lambda: _VERDICT.replace(
                "overlap", "number"
            ),
            "Say who counted: WIOD, WITS or one of the customs.": lambda: _VERDICT.replace(
                "WIOD", "the table"
            ),
            "Say what would change your verdict: use the word change.": lambda: (
                _VERDICT.replace("change", "be good for")
            ),
        },
        solution='''
my_verdict = """c32: one half of it holds. By WIOD the overlap of the two baskets was smaller in
2011 than in 1999, so the two sold each other more different things. Whether that is perfect no
index says. A complete basket of a later year could change my verdict."""

course.check("07.9", my_verdict)
''',
        hints=[
            "Choose c32 or c38, and one number you computed yourself.",
            "Four sentences do: the verdict, the number, who counted it, what would change it.",
        ],
        after="You chose a measure before you judged. Another reader can now choose "
        "another one and say why.",
    ),
]
