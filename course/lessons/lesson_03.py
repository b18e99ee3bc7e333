"""Lesson 03: the Far East per head, by index and in real terms, and its free port."""

from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import folium
import pandas as pd

from course.data import load
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import by_id, far_eastern, growth, indicator_rows, wide
from course.maps.area import area_map
from course.maps.legible import apart, ink, say_names
from course.maps.picture import Drawn, Picture, rounded
from course.words import _

if TYPE_CHECKING:
    import altair as alt

ALL, NINE, RUSSIA, MEDIAN = "RU-FEFD", "RU-FEFD9", "RU-SUM", "RU-MED"

# each indicator with its vintage
PEOPLE = ("population_annual_average", "before_census_2021")
GRP = ("grp_current_prices", "edition_2021")
GRP_BEFORE = ("grp_current_prices", "edition_2019")
INVESTMENT = ("fixed_investment", "")
CENSUS = ("population_census", "")


# --- per head and by index ----------------------------------------------------


def _grp(region: str = ALL) -> pd.Series:
    return wide(*GRP)[region]


def _roubles_per_head(roubles: tuple[str, str] = GRP) -> pd.DataFrame:
    return wide(*roubles) * 1e6 / wide(*PEOPLE)


def _per_head(region: str = "RU-CHU", year: int = 2017, people_of: int | None = None) -> float:
    people = wide(*PEOPLE)[region][people_of or year]
    return _grp(region)[year] * 1e6 / people


def _against_russia(region: str = ALL, year: int = 2017) -> float:
    return _per_head(region, year) / _per_head(RUSSIA, year) * 100


def _middle() -> float:
    return _roubles_per_head().T[2017][far_eastern()].mean() / _per_head(RUSSIA) * 100


def _indexed(table: pd.DataFrame, base: int) -> pd.DataFrame:
    return table / table.loc[base] * 100


BASES = [2014, 2019]  # within the years in which the sum has 82 regions


def _index(region: str, year: int = 2020, bases: list[int] = BASES) -> pd.Series:
    """Return the index of investment in a year, by its base year."""
    investment = wide(*INVESTMENT)
    return pd.Series([_indexed(investment, base)[region][year] for base in bases], BASES)


def _lead(
    region: str = ALL, year: int = 2020, early: int = BASES[0], late: int = BASES[1]
) -> pd.Series:
    bases = [early, late]  # other ones are a slip: the keys stay
    return _index(region, year, bases) - _index(RUSSIA, year, bases)


def _share() -> pd.Series:
    investment = wide(*INVESTMENT)
    return investment[ALL] / investment[RUSSIA] * 100


# --- real growth, and growth in a new method ----------------------------------


def _steps(start: int = 2010, last: int = 2015, region: str = "RU-AMU") -> pd.Series:
    """Return the volume index of the years after a start, each against the year before."""
    return wide("grp_volume_index")[region].loc[start + 1 : last]


def _real(start: int = 2010, last: int = 2015, region: str = "RU-AMU") -> float:
    return growth(1, prod(_steps(start, last, region) / 100))


def _old_method(year: int = 2016, regions: list[str] | None = None) -> float:
    """Return the GRP in a year as the edition before had it, of the eleven or others."""
    return wide(*GRP_BEFORE).T[year][regions or far_eastern()].sum()


def _jump(
    before: int = 2015, year: int = 2016, regions: list[str] | None = None, district: str = ALL
) -> dict[str, float]:
    return _jump_of(_old_method(year, regions), before, year, district)


def _jump_of(
    old: float, before: int = 2015, year: int = 2016, district: str = ALL
) -> dict[str, float]:
    """Return the parts of the jump, whatever was taken for the GRP by the old method."""
    table = _grp(district)
    return {"growth": growth(table[before], old), "step": growth(old, table[year])}


def _in_the_table() -> float:
    return growth(_grp()[2015], _grp()[2016])


# --- the census, and wear -----------------------------------------------------


def _parts(of: tuple[str, str] = CENSUS, last: int = 2021) -> pd.Series:
    people = wide(*of)
    border = people[ALL][2010] - people[NINE][2010]
    return pd.Series({"border": border, "people": people[ALL][last] - people[ALL][2010]})


def _joined(year: int) -> float:
    people = wide(*CENSUS)
    return people["RU-BU"][year] + people["RU-ZAB"][year]


def _headline_as(part: str) -> pd.Series:
    parts = _parts()
    parts[part] = parts.sum()
    return parts


def _wear(year: int = 2016) -> pd.Series:
    return wide("fixed_assets_wear").T[year]


def _more_worn(than: str = MEDIAN, year: int = 2016) -> set[str]:
    """Return which of the eleven exceed a region, or the mean or median of the eleven."""
    wear = _wear(year)
    east = wear[far_eastern()]
    return set(east.index[east > (wear[than] if than in wear else east.agg(than))])


# --- the free port on the day of the meeting ----------------------------------


def _port() -> pd.DataFrame:
    return load("free_port_and_zones").query("zone_type == 'free_port_municipality'")


def _in_force() -> pd.DataFrame:
    return _port().query("date_established <= '2017-06-14'")


def _late() -> pd.DataFrame:
    return _port().query("date_established > '2017-06-14'")


def _years(p: Picture) -> dict[int, tuple[str, list[Drawn]]]:
    """Return year of joining -> the name and the marks of the group that holds it."""
    found = {}
    zones = _in_force()
    for year in sorted({int(one) for one in zones["year"]}):
        wanted = rounded(zones[zones["year"] == year], 3)
        for n, layer in enumerate(p.layers):
            if layer["kind"] == "FeatureGroup" and p.spots(3, n) == wanted:
                found[year] = layer["name"], [m for m in p.marks if m.layer == n]
    return found


def _by_year(p: Picture) -> bool:
    return len(_years(p)) == _in_force()["year"].nunique()


def _years_named(p: Picture) -> bool:
    found = _years(p)
    return all(
        str(year) in name and not any(str(other) in name for other in found if other != year)
        for year, (name, _marks) in found.items()
    )


def _lacks_a_year(p: Picture) -> bool:
    """Tell whether what is missing is all that joined in 2016, of which a month is known."""
    of_2016 = rounded(_in_force().query("year == 2016"), 3)
    return set(rounded(_in_force(), 3)) - set(p.spots(3)) == set(of_2016)


def _colours_apart(p: Picture) -> bool:
    colours = [{ink(m) for m in marks} for _name, marks in _years(p).values()]
    return all(len(one) == 1 for one in colours) and apart([c for one in colours for c in one])


def _port_map(
    rows: pd.DataFrame | None = None,
    by: str = "year",
    control: bool = True,
    **looks: Any,
) -> folium.Map:
    """Make the map, or one that lacks something.

    Args:
        rows: the municipalities; those in force if None.
        by: the column that groups them.
        control: whether layers can be switched.
        looks: ``colours`` in turn, ``label`` of every marker and ``name`` of every layer,
            where they are others than they should be.
    """
    m = area_map("far_east")
    chosen = _in_force() if rows is None else rows
    colours = looks.get("colours", ["#0072B2", "#D55E00"])
    for n, (name, group) in enumerate(chosen.groupby(by, dropna=False)):
        words = f"{name:.0f}" if isinstance(name, float) else str(name)
        layer = folium.FeatureGroup(looks.get("name", words)).add_to(m)
        for lat, lon, name_en in group[["lat", "lon", "name_en"]].to_numpy():
            dot = {"radius": 5, "color": colours[n % len(colours)]}
            tip = looks.get("label", name_en)
            folium.CircleMarker([lat, lon], tooltip=tip, **dot).add_to(layer)
    if control:
        folium.LayerControl().add_to(m)
    return m


_SAYS = """By 2025 firms in the zones of Khabarovsk and Primorye had invested 77 and 22
    percent of what they planned, so the chance was used in part. Those roubles are of all
    investors. Chinese firms had invested 1.4 of the 33.6 billion they planned by 2019."""
_CHANGE = "A count of Chinese money spent after 2019."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    zones = load("zone_figures").query(
        "zone_id in ['tor_khabarovsk', 'tor_nadezhdinskaya'] and unit == 'RUB bn'"
    )
    money = zones.pivot(index="zone_id", columns="indicator", values="value")
    chinese = load("zone_figures").query("indicator.str.contains('Chinese')", engine="python")
    rows = [zones, chinese, 100 * money["invested"] / money["planned investment"]]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {"claim": "c33", "word": "mixed", "confidence": "medium", "because": rows} | texts


EXERCISES = [
    Exercise(
        "03.1",
        ask="Compute the gross regional product per head of Chukotka",
        objective=0,
        unit="roubles per head",
        digits=-3,
        answer=_per_head,
        named={
            "year": 2017,
            "region": (
                "RU-CHU",
                ["RU-SAK", "RU-MAG", "RU-KAM", "RU-SA", "RU-PRI", ALL, RUSSIA],
            ),
        },
        mistakes={
            "That is in millions of roubles, as the table has GRP. Give it in "
            "roubles.": lambda: _per_head() / 1e6,
            "That is in thousands of roubles. Give it in roubles: a million is "
            "1_000_000.": lambda: _per_head() / 1e3,
            "That is the figure on the map: it comes from an older edition of GRP. "
            "Divide the two tables above.": lambda: wide("grp_per_capita")["RU-CHU"][2017],
            "The wrong way round: persons per rouble. Divide GRP by the people.": lambda: (
                1 / _per_head()
            ),
            "The wrong way round: persons per million roubles. Divide GRP by the "
            "people.": lambda: 1e6 / _per_head(),
            "That is the GRP of the whole region. Divide it by its people.": (
                lambda: _grp("RU-CHU")[2017] * 1e6
            ),
            "That is the GRP of the whole region, in millions. Turn it into roubles, then "
            "divide by the people.": lambda: _grp("RU-CHU")[2017],
            "You divided the GRP of 2017 by the people of 2016. Take both from 2017.": lambda: (
                _per_head(people_of=2016)
            ),
            "You divided the GRP of 2016 by the people of 2017. Take both from 2017.": lambda: (
                _per_head(year=2016, people_of=2017)
            ),
            "You divided the GRP of 2017 by the people of 2018. Take both from 2017.": lambda: (
                _per_head(people_of=2018)
            ),
            "You divided the GRP of 2018 by the people of 2017. Take both from 2017.": lambda: (
                _per_head(year=2018, people_of=2017)
            ),
        },
        minutes=4,
        solution="""
chukotka_per_head = grp.loc[2017, "RU-CHU"] * 1_000_000 / people.loc[2017, "RU-CHU"]

course.check("03.1", chukotka_per_head)
""",
        hints=[
            "GRP divided by people. In which unit is each?",
            'grp.loc[2017, "RU-CHU"] is in millions of roubles: times 1_000_000.',
        ],
        after="A large sum per head. It is what the region adds, divided by few people. It "
        "is not their income: profits and taxes may go elsewhere. (The map shows less: its "
        "figure per head comes from an older edition.)",
    ),
    Exercise(
        "03.2",
        ask="Average over people, not over regions",
        objective=0,
        unit="percent of the sum of all regions",
        digits=0,
        answer=_against_russia,
        named={"year": 2017},
        mistakes={
            "That is the mean of eleven regions, in which Chukotka weighs as much as "
            "Primorye. Divide all GRP by all people.": _middle,
            "Nine regions only. Take RU-FEFD, the eleven of today.": (
                lambda: _against_russia(NINE)
            ),
            "The wrong way round: that is Russia in percent of the Far East.": (
                lambda: 1e4 / _against_russia()
            ),
            "That is the part of the Far East in all GRP. Divide both by their people "
            "first.": lambda: _grp()[2017] / _grp(RUSSIA)[2017] * 100,
            "That is the part of the Far East in all people. Divide GRP by people "
            "first.": lambda: wide(*PEOPLE)[ALL][2017] / wide(*PEOPLE)[RUSSIA][2017] * 100,
            "A ratio in place of percent: multiply by 100.": lambda: _against_russia() / 100,
            "That is by how much it lies above the sum of all regions, which counts as "
            "100 here.": lambda: _against_russia() - 100,
            "That is in roubles per head. Divide it by the same figure for Russia.": (
                lambda: _per_head(ALL)
            ),
        },
        minutes=4,
        solution="""
far_east = grp.loc[2017, "RU-FEFD"] / people.loc[2017, "RU-FEFD"]
all_regions = grp.loc[2017, "RU-SUM"] / people.loc[2017, "RU-SUM"]
percent_of_russia = far_east / all_regions * 100

course.check("03.2", percent_of_russia)
""",
        hints=[
            "Both tables have the columns RU-FEFD and RU-SUM. You need four numbers.",
            "GRP by people for RU-FEFD, the same for RU-SUM, then divide the two.",
        ],
        after="A little above, not a third. The regions with most roubles per head have few "
        "people, and a mean of regions forgets how few.",
    ),
    Exercise(
        "03.3",
        ask="Move the base year of an index",
        objective=1,
        kind="mapping",
        unit="index points",
        digits=0,
        answer=_lead,
        named={"year": 2020, "early": 2014, "late": 2019},
        mistakes={
            "The signs are turned round. The lead is the Far East minus all regions.": (
                lambda: -_lead()
            ),
            "Both signs are turned round: take the Far East minus all regions.": (
                lambda: -_lead().round()
            ),
            "You wrote both without a sign. With one base the Far East is behind: that is "
            "a negative number.": lambda: _lead().round().abs(),
            "You used the nine regions of the old district. Take RU-FEFD.": (
                lambda: _lead(NINE)
            ),
            "These are the indices of the Far East alone. Subtract those of all "
            "regions.": lambda: _index(ALL),
            "These are the indices of all regions. The lead is the Far East minus these.": (
                lambda: _index(RUSSIA)
            ),
            "You rounded each index, then subtracted. Subtract first, round last.": (
                lambda: _index(ALL).round() - _index(RUSSIA).round()
            ),
            "The first base is 2014. You took 2015.": lambda: _lead(early=2015).round(),
            "The second base is 2019. You took 2018.": lambda: _lead(late=2018).round(),
            "The index is that of 2019. The task asks for 2020.": (
                lambda: _lead(year=2019).round()
            ),
            "That is the change of a share, in percentage points. Make the index first: "
            "2020 by the base year, times 100.": lambda: _share()[2020] - _share()[BASES],
            "These are shares, not points: the index has 100 in the base year, not 1.": (
                lambda: _lead() / 100
            ),
            "You divided the two. Points are a difference: subtract one index from the "
            "other.": (lambda: (_index(ALL) / _index(RUSSIA) - 1) * 100),
        },
        minutes=5,
        solution="""
lead = {}
for base in [2014, 2019]:
    index = investment.loc[2020] / investment.loc[base] * 100
    lead[base] = index["RU-FEFD"] - index["RU-SUM"]

course.check("03.3", lead)
""",
        hints=[
            "As with the town: the figure of 2020 by that of the base year, times 100. Do it "
            "for both columns, then subtract.",
            "index = investment.loc[2020] / investment.loc[2014] * 100, then "
            'index["RU-FEFD"] - index["RU-SUM"].',
        ],
        after="One table, two opposite headlines. Ask for the base year, and why that one, "
        "before you believe a curve that begins at 100. A base before 2014 would be worse: "
        "it compares 80 regions with 82.",
    ),
    Exercise(
        "03.4",
        ask="Chain a volume index",
        objective=2,
        unit="percent",
        digits=1,
        answer=_real,
        named={"region": ("RU-AMU", ["RU-KHA", "RU-PRI"])},
        mistakes={
            "That is nominal growth: prices and things together. Chain the volume "
            "index.": lambda: growth(*_grp("RU-AMU")[[2010, 2015]]),
            "You stopped a year early: the last step is that of 2015.": (
                lambda: _real(last=2014)
            ),
            "You began a year early: the index of 2010 compares 2010 with 2009. Begin "
            "with 2011.": lambda: _real(2009),
            "You began a year late: the index of 2011 compares 2011 with 2010, and belongs "
            "to it.": lambda: _real(2011),
            "That is a factor, where 1 is no growth. Hand in percent.": (
                lambda: 1 + _real() / 100
            ),
            "You added the yearly rates. They have to be multiplied.": (
                lambda: (_steps() - 100).sum()
            ),
            "That is the growth of the last year alone. Chain all five.": (
                lambda: _steps()[2015] - 100
            ),
            "That is the index, where 2010 = 100. The growth is what lies above 100.": (
                lambda: 100 + _real()
            ),
            "You compared two steps, 2015 and 2010. Each of them starts from the year "
            "before it: multiply the five in between.": (
                lambda: growth(*_steps(2009)[[2010, 2015]])
            ),
            "You subtracted one step from another. Each starts from the year before it: "
            "multiply them.": lambda: _steps()[2015] - _steps(2009)[2010],
        },
        minutes=4,
        solution="""
factor = 1
for year in range(2011, 2016):
    factor = factor * volume.loc[year, "RU-AMU"] / 100
real_growth = (factor - 1) * 100

course.check("03.4", real_growth)
""",
        hints=[
            "108.1 means: times 1.081. Which five steps lead from 2010 to 2015, and what do "
            "you do with five such factors?",
            "Begin with factor = 1. In a loop over the years 2011 to 2015 multiply it by "
            "volume.loc[year, 'RU-AMU'] / 100.",
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
        digits=1,
        answer=_jump,
        named={"before": 2015, "year": 2016},
        mistakes={
            "The growth is still the jump in the table: old method in 2015, new method in "
            "2016. Take 2016 from old_method.": lambda: _jump() | {"growth": _in_the_table()},
            "For the step you subtracted two growth rates. Divide the two figures of 2016, "
            "new by old.": lambda: _jump() | {"step": _in_the_table() - _jump()["growth"]},
            "You added all regions of the old edition, Siberian ones too. Keep the "
            "eleven in east.": lambda: _jump(regions=list(wide(*GRP_BEFORE).columns)),
            "You added up two years of old_method. Keep the rows of 2016.": lambda: _jump_of(
                _old_method() + _old_method(2017)
            ),
            "You added up all of old_method. Keep the rows of 2016, and of them the eleven "
            "in east.": lambda: _jump_of(wide(*GRP_BEFORE).sum().sum()),
            "That is Amur Oblast alone. Add up the eleven in east.": lambda: _jump(
                regions=["RU-AMU"], district="RU-AMU"
            ),
            "The step still holds the growth: it starts from 2015. Compare two figures of "
            "2016.": lambda: _jump() | {"step": _in_the_table()},
            "Nine regions against nine: RU-FEFD has eleven. Keep all of east.": (
                lambda: _jump(
                    regions=[r for r in far_eastern() if r not in ("RU-BU", "RU-ZAB")],
                    district=NINE,
                )
            ),
            "These are indices, where the old figure is 100. The rise is what lies above "
            "100.": lambda: {key: 100 + value for key, value in _jump().items()},
            "The growth is that of the year after. The years are 2015 and 2016.": (
                lambda: _jump() | {"growth": growth(_old_method(), _old_method(2017))}
            ),
            "The two are swapped: growth is from 2015 to 2016 by the old method, step from "
            "the old to the new method in 2016.": (
                lambda: dict(zip(_jump(), [*_jump().values()][::-1], strict=True))
            ),
            "The step has the wrong base: how much more is the new figure than the old "
            "one? Divide by the old one.": (
                lambda: _jump() | {"step": -growth(_grp()[2016], _old_method())}
            ),
        },
        minutes=5,
        solution="""
only_2016 = old_method[(old_method["year"] == 2016) & old_method["region_id"].isin(east)]
old_2016 = only_2016["value"].sum()
jump_2016 = {
    "growth": (old_2016 / grp.loc[2015, "RU-FEFD"] - 1) * 100,
    "step": (grp.loc[2016, "RU-FEFD"] / old_2016 - 1) * 100,
}

course.check("03.5", jump_2016)
""",
        hints=[
            "Three figures do: 2015 old, 2016 old, 2016 new. The old edition has no row "
            "for the district. Which regions add up to it?",
            'Keep the rows of 2016 with region_id.isin(east) and take .sum() of "value". '
            'Compare it with grp.loc[2015, "RU-FEFD"] and grp.loc[2016, "RU-FEFD"].',
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
        digits=-3,
        answer=_parts,
        mistakes={
            "The two are swapped: the border brought people in, the people became "
            "fewer.": lambda: _parts().rename({"border": "people", "people": "border"}),
            "You wrote both without a sign. One of the two is a loss.": lambda: _parts().abs(),
            "The new border brought people in: take the eleven minus the nine.": lambda: (
                _parts() * [-1, 1]
            ),
            "You counted the people of the two new regions in 2021. The task counts them in "
            "2010.": lambda: pd.Series(_parts().to_dict() | {"border": _joined(2021)}),
            "These come from yearly averages. Use the three figures of count.": lambda: _parts(
                PEOPLE, 2020
            ),
            "The headline is where the people should be: it still contains the border. "
            "Compare 2010 and 2021 within the eleven regions.": lambda: _headline_as("people"),
            "The headline is where the border should be: it mixes border and years. "
            "Compare nine and eleven regions in 2010.": lambda: _headline_as("border"),
        },
        solution="""
border_and_people = {
    "border": count.loc[2010, "RU-FEFD"] - count.loc[2010, "RU-FEFD9"],
    "people": count.loc[2021, "RU-FEFD"] - count.loc[2010, "RU-FEFD"],
}

course.check("03.6", border_and_people)
""",
        hints=[
            "Border: one year, two borders. People: one border, two years.",
            "The three numbers are in count: nine regions in 2010, eleven in 2010, "
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
        answer=_more_worn,
        named={"year": (2016, [2018, 2019])},
        mistakes={
            "These lie below the median: less worn than half of Russia's regions. You "
            "want those above.": lambda: set(far_eastern()) - _more_worn(),
            "You measured against the mean of the eleven. Compare with RU-MED, the "
            "median of all regions.": lambda: _more_worn("mean"),
            "That is 2020. The article appeared in 2017: take the figures of the end of "
            "2016.": lambda: _more_worn(year=2020),
            "You measured against the middle of the eleven. Compare with RU-MED, the "
            "median of all regions.": lambda: _more_worn("median"),
            "That is the wear itself. Hand in the region_id.": (
                lambda: set(_wear()[list(_more_worn())])
            ),
            "That is its name. Hand in the region_id.": lambda: set(
                by_id("regions").loc[list(_more_worn()), "name_en"]
            ),
            "Some of these lie outside the Far East. Compare the eleven in east with "
            "RU-MED.": lambda: set(_wear().index[_wear() > _wear()[MEDIAN]]),
        },
        solution="""
more_worn = []
for region in east:
    if wear.loc[2016, region] > wear.loc[2016, "RU-MED"]:
        more_worn.append(region)

course.check("03.7", more_worn)
""",
        hints=[
            'wear.loc[2016, east] has the eleven, wear.loc[2016, "RU-MED"] the limit.',
            "Begin with an empty list. In a loop over east compare wear.loc[2016, region] with "
            "the limit, and append the region where it is larger.",
        ],
        after="So by this measure the assets of the Far East were newer than elsewhere. "
        "Or the measure does not see what the experts saw. Read on.",
    ),
    Exercise(
        "03.8",
        ask="Map the free port as it was on one day",
        objective=5,
        kind="map",
        area="far_east",
        answer=_port_map,
        mistakes={},
        checks=[
            Check(
                "A mark is where no municipality of the free port is, or one is drawn twice. "
                "Keep the rows whose zone_type is free_port_municipality, and leave lat and "
                "lon as they are.",
                lambda p: (
                    set(p.spots(3)) <= set(rounded(_port(), 3)) and len(p.marks) <= len(_port())
                ),
                lambda: _port_map(load("free_port_and_zones").dropna(subset=["lat"])),
            ),
            Check(
                "At least one of these joined after 14 June 2017. Use date_established.",
                lambda p: not set(p.spots(3)) & set(rounded(_late(), 3)),
                lambda: _port_map(_port()),
            ),
            Check(
                "At least one of these is only planned: it has no date_established.",
                lambda p: set(p.spots(3)) <= set(rounded(_in_force(), 3)),
                lambda: _port_map(_port().query("status == 'planned'"), by="status"),
            ),
            Check(
                "Those of 2016 are missing. Their date is a month, such as 2016-07: compare "
                "the dates as text.",
                lambda p: not _lacks_a_year(p),
                lambda: _port_map(_in_force().query("year == 2015")),
            ),
            Check(
                "Some municipalities are missing. Keep all that joined before the day.",
                lambda p: p.spots(3) == rounded(_in_force(), 3),
                lambda: _port_map(_in_force().query("year == 2016")),
            ),
            Check(
                "The markers are the right ones, but not yet in one FeatureGroup per year of "
                "joining. Make the groups as lesson 02 made one for each kind of place.",
                _by_year,
                lambda: _port_map(by="region_id"),
            ),
            Check(
                "The groups are right. Now put the year of joining into the name of each, its "
                "own and no other: a reader of the switch sees nothing else.",
                _years_named,
                lambda: _port_map(name="a group"),
            ),
            Check(
                "Not every marker says which municipality it is. Take the tooltip from the row "
                "that has the coordinates: name_en.",
                lambda p: say_names(p, _port()),
                lambda: _port_map(label="free port"),
            ),
            Check(
                "A reader cannot tell the years apart. Give all markers of a year one color, "
                "and each year another that differs clearly.",
                _colours_apart,
                lambda: _port_map(colours=["#0072B2", "#0070b8"]),
            ),
            Check(
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _port_map(control=False),
            ),
        ],
        minutes=15,
        solution="""
port_map = course.area_map("far_east", alt="The free port on 14 June 2017, by year of joining.")
port = zones[zones["zone_type"] == "free_port_municipality"]
port = port[port["date_established"] <= "2017-06-14"]
colours = {2015: "#0072B2", 2016: "#D55E00"}
for year, colour in colours.items():
    layer = folium.FeatureGroup(f"joined in {year}").add_to(port_map)
    for zone in port[port["year"] == year].itertuples():
        spot = [zone.lat, zone.lon]
        dot = folium.CircleMarker(spot, radius=5, color=colour, tooltip=zone.name_en)
        dot.add_to(layer)
folium.LayerControl(collapsed=False).add_to(port_map)

course.check("03.8", port_map)
""",
        hints=[
            'Two filters first: zone_type == "free_port_municipality", then '
            'date_established <= "2017-06-14". Dates written as text sort like dates.',
            "Which years are left? Write a dict from year to colour. As in lesson 02, go "
            "through its items: make a FeatureGroup, and keep the rows of that year for it. "
            'f"joined in {year}" will do as its name.',
        ],
        after="The free port of Vladivostok reached from the Chinese border to the "
        "Arctic Ocean before the article appeared.",
    ),
    Exercise(
        "03.9",
        ask="Sign a verdict on the free port",
        objective=5,
        kind="verdict",
        claims=["c33"],
        answer=_example,
        mistakes={},
        minutes=6,
        solution=f'''
money = in_roubles.pivot(index="zone_id", columns="indicator", values="value")
share = 100 * money["invested"] / money["planned investment"]
my_verdict = course.Verdict(
    "c33", "mixed", confidence="medium",
    because=[in_roubles, chinese, share],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("03.9", my_verdict)
''',
        hints=[
            "The tables above have what was planned and what was invested. Divide one by the "
            "other.",
            "percent = 1.4 / 33.6 * 100 is one such number. It goes into because beside its "
            "rows: because=[chinese, percent].",
            "Say what the rows count, and what they do not: whose money is it?",
        ],
        after="A plan is a promise, not a building. Say which of the two you count.",
    ),
]


# --- the explorer -------------------------------------------------------------

# of each measure: its words, its unit, its decimals, and the indicators it rests on
_MEASURES = {
    "population": (_("population"), _("million persons"), 2, [PEOPLE]),
    "grp per head": (_("GRP per head"), _("thousand roubles"), 0, [GRP, PEOPLE]),
    "investment per head": (
        _("investment per head"), _("thousand roubles"), 0, [INVESTMENT, PEOPLE],
    ),
}  # fmt: skip
NEW_METHOD = 2016  # the first year in which GRP is counted by it
BASE_YEARS = [2005, 2016]  # in each piece of the sum one that all measures have


def _figures(measure: str, regions: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one column per region, one row per year, and the rows behind it."""
    of = _MEASURES[measure][-1]
    rows = pd.concat([indicator_rows(*indicator) for indicator in of])
    figures = wide(*PEOPLE) / 1e6 if of == [PEOPLE] else _roubles_per_head(of[0]) / 1e3
    return figures[regions].dropna(), rows[rows["region_id"].isin(regions)]


def _added(indicator: tuple[str, str], region: str) -> pd.Series:
    """Return year -> how many regions were added up for a figure, as its note says; else 1."""
    rows = indicator_rows(*indicator)
    notes = rows[rows["region_id"] == region].set_index("year")["note"].astype(str)
    found = notes.str.extract(r"^Sum of (\d+)", expand=False)
    return pd.to_numeric(found).fillna(1).astype(int)


def _pieces(measure: str, regions: list[str]) -> pd.DataFrame:
    """Return, by year and region, what a figure counts; a line goes on while that is the same.

    Where roubles and people are not of the same regions there is nothing (NaN).
    """
    of = _MEASURES[measure][-1]
    found = {}
    for region in regions:
        first, last = _added(of[0], region), _added(of[-1], region)
        found[region] = first[first == last.reindex(first.index)]
    pieces = pd.DataFrame(found).astype(float)
    if GRP in of:  # a fraction tells the methods apart
        pieces += 0.5 * (pieces.index.to_numpy()[:, None] >= NEW_METHOD)
    return pieces


def _beside(region: str, beside: str, indicator: str, show: int) -> str:
    from course.charts import chart

    names = by_id("regions")["name_en"]
    names[RUSSIA], names[ALL] = _("the sum of Russia's regions"), _("the Far East (11 regions)")
    names[NINE] = _("the Far East in its old borders (9 regions)")
    figures, rows = _figures(indicator, [region, beside])
    pieces = _pieces(indicator, [region, beside]).reindex(figures.index)
    figures = figures.where(pieces.notna())
    words, unit, digits, _of = _MEASURES[indicator]
    title = f"{words}, {unit}"
    if show:
        alike = pieces == pieces.loc[show]
        figures, digits = _indexed(figures, show).where(alike), 1
        title = f"{words}, {show} = 100"
    names_of = names.to_dict()
    figures, pieces = figures.rename(columns=names_of), pieces.rename(columns=names_of)
    both = figures.dropna().index
    first, last = int(both.min()), int(both.max())
    ends = ", ".join(f"{name} {end:,.{digits}f}" for name, end in figures.loc[last].items())
    words = _("{title}, {first} to {last}. In {last}: {ends}.").format(
        title=title[0].upper() + title[1:], first=first, last=last, ends=ends
    )
    drawn = chart(_lines(figures, pieces, title, show), alt=words, sources=rows)
    said = [_remark(figures.loc[:last], indicator, show), *_breaks(pieces, show)]
    return f"{drawn._repr_html_()}<p>{' '.join(said)}</p>"


def _steps_of(pieces: pd.DataFrame) -> list[tuple[int, str]]:
    """Return the years with which a new piece begins, and words for what is new."""
    found = []
    for before, year in pairwise(pieces.dropna().index):
        old, new = pieces.loc[before], pieces.loc[year]
        if (old % 1 != new % 1).any():
            found.append((int(year), _("new method")))
        for was, now in zip(old // 1, new // 1, strict=True):
            if was != now:
                words = _("{was:.0f} regions, then {now:.0f}")
                found.append((int(year), words.format(was=was, now=now)))
    return found


def _breaks(pieces: pd.DataFrame, show: int) -> list[str]:
    """Say where a line breaks, and that an index does not go across."""
    steps = _steps_of(pieces)
    if not steps:
        return []
    what = _(" and ").join(f"{year} ({words})" for year, words in steps)
    said = [_("Lines break at {what}: years on both sides do not compare.").format(what=what)]
    if show:
        said.append(_("An index ends there."))
    return said


def _lines(
    figures: pd.DataFrame, pieces: pd.DataFrame, title: str, show: int
) -> "alt.LayerChart | alt.FacetChart":
    import altair as alt  # here, since it takes seconds and no check needs it

    either = alt.Scale(domain=list(figures.columns))
    legend = alt.Legend(orient="top", labelLimit=400)
    axis = alt.Axis(format="d", tickMinStep=1)
    drawn = figures.reset_index().melt("year", var_name="region")
    drawn["piece"] = pieces.reset_index().melt("year")["value"]
    years = alt.Scale(nice=False, domain=[int(pieces.index.min()), int(pieces.index.max())])
    lines = (
        alt.Chart(drawn.dropna())
        .mark_line()
        .encode(
            x=alt.X("year:Q", title=_("year"), axis=axis, scale=years),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=not show)),
            color=alt.Color("region:N", title=None, legend=legend, scale=either),
            strokeDash=alt.StrokeDash("region:N", title=None, legend=legend, scale=either),
            detail="piece:N",
        )
    )
    marks = [lines]
    if show:
        even = alt.Chart(pd.DataFrame({"y": [100]})).mark_rule(color="#777", aria=False)
        marks.append(even.encode(y=alt.Y("y:Q", title=title)))
    for n, (year, words) in enumerate(_steps_of(pieces)):
        step = alt.Chart(pd.DataFrame({"year": [year - 0.5], "t": [words]}))
        look: dict[str, Any] = {"color": "#777", "strokeDash": [2, 3], "aria": False}
        marks.append(step.mark_rule(**look).encode(x="year:Q"))
        side: dict[str, Any] = {"align": "left", "dx": 4} if n else {"align": "right", "dx": -4}
        text = step.mark_text(y=10, color="#444", aria=False, **side)
        marks.append(text.encode(x="year:Q", text="t:N"))
    return alt.layer(*marks).properties(height=270)


def _remark(figures: pd.DataFrame, indicator: str, show: int) -> str:
    last = figures.index[-1]
    (one, here), (other, there) = figures.loc[last].items()
    if show:
        gap = round(here, 1) - round(there, 1)  # of the two as they are shown
        if abs(gap) < 0.5:
            return _("From {show} to {last} both changed alike.").format(show=show, last=last)
        ahead, behind = (one, other) if gap > 0 else (other, one)
        said = _(
            "From {show} to {last}, {ahead} is ahead of {behind} by {points}. "
            "What does another base year say?"
        )
        size = f"{abs(gap):,.1f}"
        points = _("1 point") if size == "1.0" else _("{size} points").format(size=size)
        return said.format(show=show, last=last, ahead=ahead, behind=behind, points=points)
    if indicator.endswith("per head"):
        said = _(
            "Per head the sizes can be compared: {one} has {more} than {other} "
            "in {year}. Prices are those of each year."
        )
        more = _("more") if here > there else _("less")
        return said.format(one=one, more=more, other=other, year=last)
    said = _("In {year} {other} is {times} times as large.")
    if there / here > 5:
        said += _(" One line lies flat: which changed more? Take an index.")
    return said.format(year=last, other=other, times=f"{there / here:,.1f}")


def _regions() -> list[tuple[str, str]]:
    names = by_id("regions").loc[far_eastern(), "name_en"].sort_values()
    return [*zip(names, names.index, strict=True), (_("the Far East in its old borders"), NINE)]


far_east = Explorer(
    _("A region beside the whole"),
    {
        "region": Control(_("Region"), _regions, start="RU-PRI"),
        "beside": Control(
            _("Beside"), [(_("the sum of Russia's regions"), RUSSIA), (_("the Far East"), ALL)]
        ),
        "indicator": Control(
            _("Measure"), [(words, measure) for measure, (words, *_rest) in _MEASURES.items()]
        ),
        "show": Control(
            _("Show"),
            [
                (_("level"), 0),
                *((_("index, {year} = 100").format(year=year), year) for year in BASE_YEARS),
            ],
        ),
    },
    _beside,
)
