"""The exercises of lesson 03, each with its answer and its usual mistakes."""

import folium
import pandas as pd

from course.data import load
from course.exercises.verbs import Exercise, layers, rounded, spots
from course.lessons.shared import wide
from course.maps.area import area_map

OLD, NEW = "edition_2019", "edition_2021"
BEFORE_CENSUS = "before_census_2021"
ALL, NINE, RUSSIA, MEDIAN = "RU-FEFD", "RU-FEFD9", "RU-SUM", "RU-MED"


def _east() -> list[str]:
    regions = load("regions")
    east = regions["macro_region"] == "Far Eastern Federal District"
    return list(regions.loc[east, "region_id"])


def _product(vintage: str = NEW) -> pd.DataFrame:
    return wide("grp_current_prices", vintage)


def _people() -> pd.DataFrame:
    return wide("population_annual_average", BEFORE_CENSUS)


# --- per head -----------------------------------------------------------------


def _per_head(region: str, year: int = 2017) -> float:
    return float(_product().at[year, region] * 1e6 / _people().at[year, region])


def _against_russia(region: str = ALL) -> float:
    return _per_head(region) / _per_head(RUSSIA) * 100


def _middle(of: str = "mean") -> float:
    heads = pd.Series([_per_head(region) for region in _east()])
    return float(heads.agg(of) / _per_head(RUSSIA) * 100)


# --- index --------------------------------------------------------------------


def _index(region: str, base: int, year: int = 2020) -> float:
    investment = wide("fixed_investment")[region]
    return float(investment[year] / investment[base] * 100)


def _lead(region: str = ALL, sign: int = 1, year: int = 2020) -> dict[int, float]:
    bases = (2010, 2014)
    return {b: sign * (_index(region, b, year) - _index(RUSSIA, b, year)) for b in bases}


def _lead_in_percent() -> dict[int, float]:
    return {b: (_index(ALL, b) / _index(RUSSIA, b) - 1) * 100 for b in (2010, 2014)}


def _lead_in_shares() -> dict[int, float]:
    both = wide("fixed_investment")
    share = both[ALL] / both[RUSSIA] * 100
    return {base: float(share[2020] - share[base]) for base in (2010, 2014)}


# --- real growth --------------------------------------------------------------


def _steps(first: int = 2011) -> pd.Series:
    return wide("grp_volume_index").loc[first:2015, "RU-AMU"]


def _real(first: int = 2011) -> float:
    return float(((_steps(first) / 100).prod() - 1) * 100)


def _nominal() -> float:
    product = _product()["RU-AMU"]
    return float((product[2015] / product[2010] - 1) * 100)


# --- the new method -----------------------------------------------------------


def _one_method(regions: list[str] | None = None, year: int = 2016) -> float:
    columns = _east() if regions is None else regions
    return float(_product(OLD).loc[year, columns].sum())


def _growth(later: float, earlier: float) -> float:
    return (later / earlier - 1) * 100


def _jump(**other: float) -> dict[str, float]:
    table = _product()[ALL]
    right = {
        "growth": _growth(_one_method(), table[2015]),
        "step": _growth(table[2016], _one_method()),
    }
    return right | other


def _in_the_table() -> float:
    return _growth(_product().at[2016, ALL], _product().at[2015, ALL])


def _jump_of(regions: list[str], district: str) -> dict[str, float]:
    table, old = _product()[district], _one_method(regions)
    return {"growth": _growth(old, table[2015]), "step": _growth(table[2016], old)}


# --- the census ---------------------------------------------------------------


def _census() -> dict[tuple[str, int], float]:
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"].eq("population_census")]
    return rows.set_index(["region_id", "year"])["value"].to_dict()


def _parts(swap: bool = False) -> dict[str, float]:
    count = _census()
    border = count[ALL, 2010] - count[NINE, 2010]
    people = count[ALL, 2021] - count[ALL, 2010]
    if swap:
        border, people = people, border
    return {"border": border, "people": people}


def _from_averages() -> dict[str, float]:
    people = _people()
    border = people.at[2010, ALL] - people.at[2010, NINE]
    return {"border": border, "people": people.at[2020, ALL] - people.at[2010, ALL]}


# --- wear ---------------------------------------------------------------------


def _above(limit: str | float = MEDIAN, year: int = 2016) -> set[str]:
    wear = wide("fixed_assets_wear").loc[year]
    bar = wear[limit] if isinstance(limit, str) else limit
    return set(wear[_east()][wear[_east()] > bar].index)


def _own_middle(of: str = "median") -> float:
    return float(wide("fixed_assets_wear").loc[2016, _east()].agg(of))


# --- the free port on the day of the meeting ------------------------------------

DAY = "2017-06-14"


def _zones(kind: str = "free_port_municipality") -> pd.DataFrame:
    return load("free_port_and_zones").query("zone_type == @kind")


def _in_force() -> pd.DataFrame:
    return _zones()[_zones()["date_established"] <= DAY]


def _by_year(m: folium.Map) -> bool:
    wanted = [rounded(rows, 3) for _, rows in _in_force().groupby("year")]
    groups = [spots(group, 3) for group in layers(m, folium.FeatureGroup)]
    return all(year in groups for year in wanted)


def _port_map(
    rows: pd.DataFrame | None = None, by: str = "year", control: bool = True
) -> folium.Map:
    m = area_map("far_east")
    chosen = _in_force() if rows is None else rows
    for name, group in chosen.groupby(by, dropna=False):
        layer = folium.FeatureGroup(str(name)).add_to(m)
        for zone in group.itertuples():
            folium.CircleMarker([zone.lat, zone.lon], tooltip=zone.name_en).add_to(layer)
    if control:
        folium.LayerControl().add_to(m)
    return m


_OTHERS = (
    "There are zones of other kinds too, or a marker drawn twice. Keep the rows whose "
    "zone_type is free_port_municipality."
)
_LATER = (
    "Some of these were not part of the free port on 14 June 2017: one joined weeks "
    "later, one is only planned. Use date_established."
)
_MISSING = (
    "Some municipalities are missing. A date may be a month only, such as 2016-07: "
    "compare the dates as text."
)
_LAYERS = (
    "The markers are the right ones, but not yet in one FeatureGroup per year of "
    "joining. groupby('year') makes the groups."
)
_SWITCH = "The layers are there, but no switch for them. Add folium.LayerControl()."


EXERCISES = [
    Exercise(
        "03.1",
        ask="Compute the product per head of an empty region",
        objective=0,
        unit="roubles per head",
        answer=lambda: _per_head("RU-CHU"),
        mistakes={
            "That is in millions of roubles. The table counts product in millions, the "
            "answer is wanted in roubles.": lambda: _per_head("RU-CHU") / 1e6,
            "That is the figure on the map: it rests on an older edition of the product. "
            "Divide the two tables above.": lambda: float(
                wide("grp_per_capita").at[2017, "RU-CHU"]
            ),
            "The wrong way round: persons per rouble. Divide the product by the "
            "people.": lambda: 1 / _per_head("RU-CHU"),
            "That is 2016. The question is about 2017.": lambda: _per_head("RU-CHU", 2016),
            "That is the product of the whole region. Divide it by its people.": (
                lambda: float(_product().at[2017, "RU-CHU"] * 1e6)
            ),
            "That is the whole Far East. The column you want is RU-CHU.": (
                lambda: _per_head(ALL)
            ),
        },
        tolerance=0.002,
        solution="""
chukotka_per_head = product.loc[2017, "RU-CHU"] * 1_000_000 / people.loc[2017, "RU-CHU"]

course.check("03.1", chukotka_per_head)
""",
        hints=[
            "Product divided by people. In which unit is each?",
            'product.loc[2017, "RU-CHU"] is in millions of roubles: times 1_000_000.',
        ],
        after="A fortune per head, on paper. It is what the region makes, divided by few "
        "people. It is not their income: profits and taxes may go elsewhere.",
    ),
    Exercise(
        "03.2",
        ask="Average over people, not over regions",
        objective=0,
        unit="percent of all Russia",
        answer=_against_russia,
        mistakes={
            "That is the mean of eleven regions, in which Chukotka weighs as much as "
            "Primorye. Divide all product by all people.": _middle,
            "That is the middle one of the eleven regions. Divide all product by all "
            "people.": lambda: _middle("median"),
            "Nine regions only. Take RU-FEFD, the eleven of today.": (
                lambda: _against_russia(NINE)
            ),
            "The wrong way round: that is Russia in percent of the Far East.": (
                lambda: 1e4 / _against_russia()
            ),
            "That is the share of the Far East in all product. Divide by the people "
            "first.": lambda: float(
                _product().at[2017, ALL] / _product().at[2017, RUSSIA] * 100
            ),
            "A ratio in place of percent: multiply by 100.": (lambda: _against_russia() / 100),
            "That is by how much it lies above Russia. The question takes Russia as 100.": (
                lambda: _against_russia() - 100
            ),
            "That is in roubles per head. Divide it by the same figure for Russia.": (
                lambda: _per_head(ALL)
            ),
        },
        tolerance=0.004,  # a whole percent will do
        solution="""
year = product.loc[2017] / people.loc[2017]
percent_of_russia = year["RU-FEFD"] / year["RU-SUM"] * 100

course.check("03.2", percent_of_russia)
""",
        hints=[
            "Both tables have the columns RU-FEFD and RU-SUM. You need four numbers.",
            "Product by people for RU-FEFD, the same for RU-SUM, then divide the two.",
        ],
        after="A little above the country, not a third. The rich regions are among the "
        "emptiest, and an average of averages forgets how empty.",
    ),
    Exercise(
        "03.3",
        ask="Move the base year of an index",
        objective=1,
        kind="mapping",
        unit="index points",
        answer=_lead,
        mistakes={
            "The signs are turned round. The lead is the Far East minus Russia.": (
                lambda: _lead(sign=-1)
            ),
            "You used the nine regions of the old district. Take RU-FEFD.": (
                lambda: _lead(NINE)
            ),
            "These are the index values of the Far East alone. Subtract Russia's.": (
                lambda: {base: _index(ALL, base) for base in (2010, 2014)}
            ),
            "That is the change of a share, in percentage points. Make the index first: "
            "2020 by the base year, times 100.": _lead_in_shares,
            "These are shares, not points: the index has 100 in the base year, not 1.": (
                lambda: {base: lead / 100 for base, lead in _lead().items()}
            ),
            "You divided the two. Points are a difference: subtract Russia's index.": (
                _lead_in_percent
            ),
            "That is 2019. The question is about 2020.": lambda: _lead(year=2019),
        },
        tolerance=0.011,  # whole points will do
        minutes=8,
        solution="""
lead = {}
for base in [2010, 2014]:
    index = investment.loc[2020] / investment.loc[base] * 100
    lead[base] = index["RU-FEFD"] - index["RU-SUM"]

course.check("03.3", lead)
""",
        hints=[
            "The cell above makes the index for the base 2000. Change the year.",
            "index = investment.loc[2020] / investment.loc[2010] * 100, then "
            'index["RU-FEFD"] - index["RU-SUM"].',
        ],
        after="One table, two opposite headlines. Ask for the base year before you "
        "believe a curve that begins at 100.",
    ),
    Exercise(
        "03.4",
        ask="Chain a volume index",
        objective=2,
        unit="percent",
        answer=_real,
        mistakes={
            "That is nominal growth: prices and things together. Chain the volume "
            "index.": _nominal,
            "You began a year early: the index of 2010 compares 2010 with 2009. Begin "
            "with 2011.": lambda: _real(2010),
            "You added the yearly rates. They have to be multiplied.": (
                lambda: float((_steps() - 100).sum())
            ),
            "That is the growth of the last year alone. Chain all five.": (
                lambda: float(_steps()[2015] - 100)
            ),
            "That is the index, where 2010 = 100. The growth is what lies above 100.": (
                lambda: 100 + _real()
            ),
            "You compared two steps, 2015 and 2010. Each of them starts from the year "
            "before it: multiply the five in between.": (
                lambda: float(_steps()[2015] / _steps(2010)[2010] - 1) * 100
            ),
            "You subtracted one step from another. Each starts from the year before it: "
            "multiply them.": lambda: float(_steps()[2015] - _steps(2010)[2010]),
        },
        absolute=0.06,
        minutes=7,
        solution="""
steps = volume.loc[2011:2015, "RU-AMU"] / 100
real_growth = (steps.prod() - 1) * 100

course.check("03.4", real_growth)
""",
        hints=[
            "108.1 means: times 1.081. What do you do with five such factors?",
            '(volume.loc[2011:2015, "RU-AMU"] / 100).prod() gives one factor for all '
            "five years.",
        ],
        after="In five years the roubles grew by more than half, the volume hardly at all. "
        "A claim on development needs the real figure.",
    ),
    Exercise(
        "03.5",
        ask="Split a jump into growth and a new method",
        objective=3,
        kind="mapping",
        unit="percent",
        answer=_jump,
        mistakes={
            "The growth is still the jump in the table: old method in 2015, new method in "
            "2016. Take 2016 from old_method.": lambda: _jump(growth=_in_the_table()),
            "For the step you subtracted two growth rates. Divide the two figures of 2016, "
            "new by old.": lambda: _jump(step=_in_the_table() - _jump()["growth"]),
            "You added all regions of the old edition, Siberian ones too. Keep the "
            "eleven in east.": lambda: _jump_of(list(_product(OLD)), ALL),
            "Nine regions against nine: RU-FEFD has eleven. Keep all of east.": (
                lambda: _jump_of([r for r in _east() if r not in ("RU-BU", "RU-ZAB")], NINE)
            ),
            "These are indices, where the old figure is 100. The rise is what lies above "
            "100.": lambda: {key: 100 + value for key, value in _jump().items()},
            "The growth is that of the year after. The years are 2015 and 2016.": (
                lambda: _jump(growth=_growth(_one_method(year=2017), _one_method()))
            ),
            "The step has the wrong base: how much more is the new figure than the old "
            "one? Divide by the old one.": lambda: _jump(
                step=-_growth(_one_method(), _product().at[2016, ALL])
            ),
        },
        absolute=0.06,  # one decimal will do
        minutes=7,
        solution="""
only_2016 = old_method[(old_method["year"] == 2016) & old_method["region_id"].isin(east)]
old_2016 = only_2016["value"].sum()
jump_2016 = {
    "growth": (old_2016 / product.loc[2015, "RU-FEFD"] - 1) * 100,
    "step": (product.loc[2016, "RU-FEFD"] / old_2016 - 1) * 100,
}

course.check("03.5", jump_2016)
""",
        hints=[
            "Three figures do: 2015 old, 2016 old, 2016 new. The old edition has no row "
            "for the district. Which regions add up to it?",
            'Keep the rows of 2016 with region_id.isin(east) and take .sum() of "value". '
            'Compare it with product.loc[2015, "RU-FEFD"] and product.loc[2016, "RU-FEFD"].',
        ],
        after="Most of the growth of 2016 was a new way of counting, and nothing in the curve "
        "gave it away. What is left is roubles: by volume more regions shrank than grew.",
    ),
    Exercise(
        "03.6",
        ask="Split growth into border and people",
        objective=3,
        kind="mapping",
        unit="persons",
        answer=_parts,
        mistakes={
            "The two are swapped: the border brought people in, the people became "
            "fewer.": lambda: _parts(swap=True),
            "You wrote both without a sign. One of the two is a loss.": lambda: {
                key: abs(value) for key, value in _parts().items()
            },
            "These come from yearly averages. Use the three rows of census.": (_from_averages),
            "The headline stands where the people should: it still contains the border. "
            "Compare 2010 and 2021 within the eleven regions.": lambda: {
                "border": _parts()["border"],
                "people": _census()[ALL, 2021] - _census()[NINE, 2010],
            },
            "The headline stands where the border should: it mixes border and years. "
            "Compare nine and eleven regions in 2010.": lambda: {
                "border": _census()[ALL, 2021] - _census()[NINE, 2010],
                "people": _parts()["people"],
            },
        },
        tolerance=0.002,  # thousands will do
        solution="""
border_and_people = {
    "border": count["RU-FEFD", 2010] - count["RU-FEFD9", 2010],
    "people": count["RU-FEFD", 2021] - count["RU-FEFD", 2010],
}

course.check("03.6", border_and_people)
""",
        hints=[
            "Border: one year, two borders. People: one border, two years.",
            "The three numbers stand in count: nine regions in 2010, eleven in 2010, "
            "eleven in 2021.",
        ],
        after="Two million people joined by decree, without packing a bag. Meanwhile the "
        "eleven regions lost about the number of a large city.",
    ),
    Exercise(
        "03.7",
        ask="Find the regions with plant older than the median",
        objective=4,
        kind="set",
        answer=_above,
        mistakes={
            "These lie below the median: less worn than half of Russia's regions. You "
            "want those above.": lambda: set(_east()) - _above(),
            "You measured against the mean of the eleven. Compare with RU-MED, the "
            "median of all regions.": lambda: _above(_own_middle("mean")),
            "That is 2020. The article appeared in 2017: take the figures of the end of "
            "2016.": lambda: _above(year=2020),
            "You measured against the middle of the eleven. Compare with RU-MED, the "
            "median of all regions.": lambda: _above(_own_middle()),
            "That is the wear itself. Hand in the region_id: it stands in the index.": (
                lambda: set(wide("fixed_assets_wear").loc[2016, list(_above())])
            ),
            "That is its name. Hand in the region_id.": lambda: set(
                load("regions").set_index("region_id").loc[list(_above()), "name_en"]
            ),
            "RU-MED itself and regions outside the Far East do not belong: use the "
            "columns in east.": lambda: {
                region
                for region, value in wide("fixed_assets_wear").loc[2016].items()
                if value > wide("fixed_assets_wear").at[2016, MEDIAN]
            },
        },
        solution="""
year = wear.loc[2016]
more_worn = [region for region in east if year[region] > year["RU-MED"]]

course.check("03.7", more_worn)
""",
        hints=[
            'wear.loc[2016, east] has the eleven, wear.loc[2016, "RU-MED"] the limit.',
            'Let year = wear.loc[2016]. Then year[east][year[east] > year["RU-MED"]].index '
            "lists them.",
        ],
        after="So by this measure the plant of the Far East was newer than elsewhere. "
        "Or the measure does not see what the experts saw. Read on.",
    ),
    Exercise(
        "03.8",
        ask="Map the free port as it stood on one day",
        objective=5,
        kind="map",
        answer=_port_map,
        checks=[
            (
                _OTHERS,
                lambda m: (
                    set(spots(m, 3)) <= set(rounded(_zones(), 3))
                    and len(spots(m, 3)) <= len(_zones())
                ),
            ),
            (_LATER, lambda m: set(spots(m, 3)) <= set(rounded(_in_force(), 3))),
            (_MISSING, lambda m: spots(m, 3) == rounded(_in_force(), 3)),
            (_LAYERS, _by_year),
            (_SWITCH, lambda m: bool(layers(m, folium.LayerControl))),
        ],
        mistakes={
            _OTHERS: lambda: _port_map(load("free_port_and_zones").dropna(subset=["lat"])),
            _LATER: lambda: _port_map(_zones()),
            _MISSING: lambda: _port_map(_in_force().query("year == 2015")),
            _LAYERS: lambda: _port_map(by="region_id"),
            _SWITCH: lambda: _port_map(control=False),
        },
        minutes=10,
        solution="""
port_map = course.area_map("far_east", alt="The free port on 14 June 2017, by year of joining.")
port = zones[zones["zone_type"] == "free_port_municipality"]
port = port[port["date_established"] <= "2017-06-14"]
for year, group in port.groupby("year"):
    layer = folium.FeatureGroup(f"since {year:.0f}").add_to(port_map)
    for zone in group.itertuples():
        folium.CircleMarker([zone.lat, zone.lon], radius=5, tooltip=zone.name_en).add_to(layer)
folium.LayerControl(collapsed=False).add_to(port_map)

course.check("03.8", port_map)
""",
        hints=[
            'Two filters first: zone_type == "free_port_municipality", then '
            'date_established <= "2017-06-14". Dates written as text sort like dates.',
            "Then for year, group in port.groupby('year'): one FeatureGroup each, as in "
            "the cell above. str(year) will do as its name.",
        ],
        after="The free port of Vladivostok reached from the Chinese border to the "
        "Arctic Ocean before the article appeared.",
    ),
    Exercise(
        "03.9",
        ask="Write a verdict on the free port",
        objective=5,
        kind="free",
        words=35,
        mentions=[
            "c33",
            ("planned", "plan", "plans"),
            ("spent", "invested"),
            ("percent", "per cent", "%", *(f"{n}%" for n in range(101))),
            ("change", "changed"),
        ],
        answer=lambda: (
            "Mixed for c33. The zones of Khabarovsk and Primorye had invested 77 and 22 "
            "percent of what was planned by 2025, and Chinese residents had spent only 4 "
            "percent of their plans by 2019. A count of Chinese money after 2019 would "
            "change my verdict."
        ),
        mistakes={
            "Name the claim by its id: c33.": lambda: (
                "Mixed. The zones of Khabarovsk and Primorye had invested 77 and 22 "
                "percent of what was planned by 2025, and Chinese residents had spent 4 "
                "percent of their plans by 2019. A count of Chinese money after 2019 "
                "would change my verdict."
            ),
            "Say what was only planned: use the word planned.": lambda: (
                "Mixed for c33. The zones of Khabarovsk and Primorye had invested 77 and "
                "22 percent by 2025, and Chinese residents had spent 4 percent by 2019, "
                "which is little. A count of Chinese money after 2019 would change my "
                "verdict on it."
            ),
            "Say what was really spent: use the word spent or invested.": lambda: (
                "Mixed for c33. The zones of Khabarovsk and Primorye had reached 77 and "
                "22 percent of what was planned by 2025, Chinese residents 4 percent of "
                "their plans by 2019. A count of Chinese money after 2019 would change "
                "my verdict on it."
            ),
            "Compare the two: give a share in percent.": lambda: (
                "Mixed for c33. In the zone of Khabarovsk most of the money planned was "
                "invested by 2025, in that of Primorye little, and Chinese residents had "
                "spent hardly anything by 2019. A count of Chinese money after 2019 "
                "would change my verdict."
            ),
            "Say what would change your verdict: use the word change.": lambda: (
                "Mixed for c33. The zones of Khabarovsk and Primorye had invested 77 and "
                "22 percent of what was planned by 2025, and Chinese residents had spent "
                "only 4 percent of their plans by 2019, which is far less than what the "
                "article hoped for."
            ),
        },
        minutes=8,
        solution='''
my_verdict = """Mixed for c33. The zones of Khabarovsk and Primorye had invested 77 and
22 percent of what was planned by 2025. Chinese residents had spent 4 percent of their
plans by September 2019. So the chance was open, and used in part. A count of Chinese money
after 2019 would change my verdict."""

course.check("03.9", my_verdict)
''',
        hints=[
            "The evidence of c33 stands above: divide the money spent by the money planned.",
            "Four sentences do: the verdict, two shares in percent, what would change it.",
        ],
        after="A plan is a promise, not a building. Say which of the two you count.",
    ),
]
