"""Lesson 03: the Far East per head, by index and in real terms, and its free port."""

from math import prod
from typing import TYPE_CHECKING, Any

import folium
import pandas as pd

from course.data import load
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import by_id, far_eastern, growth, indicator_rows, wide
from course.maps.area import area_map
from course.maps.picture import Picture, rounded
from course.words import _

if TYPE_CHECKING:
    import altair as alt

ALL, NINE, RUSSIA, MEDIAN = "RU-FEFD", "RU-FEFD9", "RU-SUM", "RU-MED"

# each indicator with its vintage
PEOPLE = ("population_annual_average", "before_census_2021")
PRODUCT = ("grp_current_prices", "edition_2021")
PRODUCT_BEFORE = ("grp_current_prices", "edition_2019")
INVESTMENT = ("fixed_investment", "")
CENSUS = ("population_census", "")


# --- per head and by index ----------------------------------------------------


def _product(region: str = ALL) -> pd.Series:
    return wide(*PRODUCT)[region]


def _roubles_per_head(roubles: tuple[str, str] = PRODUCT) -> pd.DataFrame:
    return wide(*roubles) * 1e6 / wide(*PEOPLE)


def _per_head(region: str = "RU-CHU", year: int = 2017) -> float:
    return _roubles_per_head()[region][year]


def _against_russia(region: str = ALL, year: int = 2017) -> float:
    return _per_head(region, year) / _per_head(RUSSIA, year) * 100


def _middle(of: str = "mean") -> float:
    heads = _roubles_per_head().T[2017][far_eastern()]
    return heads.agg(of) / _per_head(RUSSIA) * 100


def _indexed(table: pd.DataFrame, base: int) -> pd.DataFrame:
    return table / table.loc[base] * 100


BASES = [2010, 2014]


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
    """Return the product in a year as the edition before had it, of the eleven or others."""
    return wide(*PRODUCT_BEFORE).T[year][regions or far_eastern()].sum()


def _jump(
    before: int = 2015, year: int = 2016, regions: list[str] | None = None, district: str = ALL
) -> dict[str, float]:
    table, old = _product(district), _old_method(year, regions)
    return {"growth": growth(table[before], old), "step": growth(old, table[year])}


def _in_the_table() -> float:
    return growth(_product()[2015], _product()[2016])


# --- the census, and wear -----------------------------------------------------


def _parts(of: tuple[str, str] = CENSUS, last: int = 2021) -> pd.Series:
    people = wide(*of)
    border = people[ALL][2010] - people[NINE][2010]
    return pd.Series({"border": border, "people": people[ALL][last] - people[ALL][2010]})


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


def _by_year(p: Picture) -> bool:
    wanted = [rounded(rows, 3) for _year, rows in _in_force().groupby("year")]
    groups = [n for n, layer in enumerate(p.layers) if layer["kind"] == "FeatureGroup"]
    found = [p.spots(3, group) for group in groups]
    return all(year in found for year in wanted)


def _port_map(
    rows: pd.DataFrame | None = None, by: str = "year", control: bool = True
) -> folium.Map:
    m = area_map("far_east")
    chosen = _in_force() if rows is None else rows
    for name, group in chosen.groupby(by, dropna=False):
        layer = folium.FeatureGroup(str(name)).add_to(m)
        for lat, lon, words in group[["lat", "lon", "name_en"]].to_numpy():
            folium.CircleMarker([lat, lon], tooltip=words).add_to(layer)
    if control:
        folium.LayerControl().add_to(m)
    return m


_SAYS = """The zones of Khabarovsk and Primorye had invested 77 and 22 percent of what
    was planned by 2025, so the chance was used in part. These rows count the roubles of
    all investors: how much of it came from China they do not say."""
_CHANGE = "A count of Chinese money spent after 2019."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    zones = load("zone_figures").query(
        "zone_id in ['tor_khabarovsk', 'tor_nadezhdinskaya'] and unit == 'RUB bn'"
    )
    money = zones.pivot(index="zone_id", columns="indicator", values="value")
    rows = [zones, 100 * money["invested"] / money["planned investment"]]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {"claim": "c33", "word": "mixed", "confidence": "medium", "because": rows} | texts


EXERCISES = [
    Exercise(
        "03.1",
        ask="Compute the product per head of an empty region",
        objective=0,
        unit="roubles per head",
        digits=-3,
        answer=_per_head,
        named={
            "year": 2017,
            "region": ("RU-CHU", ["RU-MAG", "RU-KAM", "RU-SA", "RU-PRI", ALL, RUSSIA]),
        },
        mistakes={
            "That is in millions of roubles. The table counts product in millions, the "
            "answer is wanted in roubles.": lambda: _per_head() / 1e6,
            "That is the figure on the map: it rests on an older edition of the product. "
            "Divide the two tables above.": lambda: wide("grp_per_capita")["RU-CHU"][2017],
            "The wrong way round: persons per rouble. Divide the product by the "
            "people.": lambda: 1 / _per_head(),
            "That is the product of the whole region. Divide it by its people.": (
                lambda: _product("RU-CHU")[2017] * 1e6
            ),
        },
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
        digits=0,
        answer=_against_russia,
        named={"year": 2017},
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
            "That is the share of the Far East in all product. Divide by the people first.": (
                lambda: _product()[2017] / _product(RUSSIA)[2017] * 100
            ),
            "A ratio in place of percent: multiply by 100.": lambda: _against_russia() / 100,
            "That is by how much it lies above Russia. The question takes Russia as 100.": (
                lambda: _against_russia() - 100
            ),
            "That is in roubles per head. Divide it by the same figure for Russia.": (
                lambda: _per_head(ALL)
            ),
        },
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
        digits=0,
        answer=_lead,
        named={"year": 2020, "early": 2010, "late": 2014},
        mistakes={
            "The signs are turned round. The lead is the Far East minus Russia.": (
                lambda: -_lead()
            ),
            "You used the nine regions of the old district. Take RU-FEFD.": (
                lambda: _lead(NINE)
            ),
            "These are the index values of the Far East alone. Subtract Russia's.": (
                lambda: _index(ALL)
            ),
            "That is the change of a share, in percentage points. Make the index first: "
            "2020 by the base year, times 100.": lambda: _share()[2020] - _share()[BASES],
            "These are shares, not points: the index has 100 in the base year, not 1.": (
                lambda: _lead() / 100
            ),
            "You divided the two. Points are a difference: subtract Russia's index.": (
                lambda: (_index(ALL) / _index(RUSSIA) - 1) * 100
            ),
        },
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
        digits=1,
        answer=_real,
        named={"start": 2010, "last": 2015, "region": ("RU-AMU", ["RU-KHA", "RU-PRI"])},
        mistakes={
            "That is nominal growth: prices and things together. Chain the volume "
            "index.": lambda: growth(*_product("RU-AMU")[[2010, 2015]]),
            "You began a year early: the index of 2010 compares 2010 with 2009. Begin "
            "with 2011.": lambda: _real(2009),
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
        digits=1,
        answer=_jump,
        named={"before": 2015, "year": 2016},
        mistakes={
            "The growth is still the jump in the table: old method in 2015, new method in "
            "2016. Take 2016 from old_method.": lambda: _jump() | {"growth": _in_the_table()},
            "For the step you subtracted two growth rates. Divide the two figures of 2016, "
            "new by old.": lambda: _jump() | {"step": _in_the_table() - _jump()["growth"]},
            "You added all regions of the old edition, Siberian ones too. Keep the "
            "eleven in east.": lambda: _jump(regions=list(wide(*PRODUCT_BEFORE).columns)),
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
            "The step has the wrong base: how much more is the new figure than the old "
            "one? Divide by the old one.": (
                lambda: _jump() | {"step": -growth(_product()[2016], _old_method())}
            ),
        },
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
        digits=-3,
        answer=_parts,
        mistakes={
            "The two are swapped: the border brought people in, the people became "
            "fewer.": lambda: _parts().rename({"border": "people", "people": "border"}),
            "You wrote both without a sign. One of the two is a loss.": lambda: _parts().abs(),
            "These come from yearly averages. Use the three rows of census.": lambda: _parts(
                PEOPLE, 2020
            ),
            "The headline stands where the people should: it still contains the border. "
            "Compare 2010 and 2021 within the eleven regions.": lambda: _headline_as("people"),
            "The headline stands where the border should: it mixes border and years. "
            "Compare nine and eleven regions in 2010.": lambda: _headline_as("border"),
        },
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
        answer=_more_worn,
        named={"year": (2016, [2018])},
        mistakes={
            "These lie below the median: less worn than half of Russia's regions. You "
            "want those above.": lambda: set(far_eastern()) - _more_worn(),
            "You measured against the mean of the eleven. Compare with RU-MED, the "
            "median of all regions.": lambda: _more_worn("mean"),
            "That is 2020. The article appeared in 2017: take the figures of the end of "
            "2016.": lambda: _more_worn(year=2020),
            "You measured against the middle of the eleven. Compare with RU-MED, the "
            "median of all regions.": lambda: _more_worn("median"),
            "That is the wear itself. Hand in the region_id: it stands in the index.": (
                lambda: set(_wear()[list(_more_worn())])
            ),
            "That is its name. Hand in the region_id.": lambda: set(
                by_id("regions").loc[list(_more_worn()), "name_en"]
            ),
            "RU-MED itself and regions outside the Far East do not belong: use the "
            "columns in east.": lambda: set(_wear().index[_wear() > _wear()[MEDIAN]]),
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
        mistakes={},
        checks=[
            Check(
                "There are zones of other kinds too, or a marker drawn twice. Keep the rows "
                "whose zone_type is free_port_municipality.",
                lambda p: (
                    set(p.spots(3)) <= set(rounded(_port(), 3)) and len(p.marks) <= len(_port())
                ),
                lambda: _port_map(load("free_port_and_zones").dropna(subset=["lat"])),
            ),
            Check(
                "Some of these were not part of the free port on 14 June 2017: one joined "
                "weeks later, one is only planned. Use date_established.",
                lambda p: set(p.spots(3)) <= set(rounded(_in_force(), 3)),
                lambda: _port_map(_port()),
            ),
            Check(
                "Some municipalities are missing. A date may be a month only, such as "
                "2016-07: compare the dates as text.",
                lambda p: p.spots(3) == rounded(_in_force(), 3),
                lambda: _port_map(_in_force().query("year == 2015")),
            ),
            Check(
                "The markers are the right ones, but not yet in one FeatureGroup per year of "
                "joining. groupby('year') makes the groups.",
                _by_year,
                lambda: _port_map(by="region_id"),
            ),
            Check(
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _port_map(control=False),
            ),
        ],
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
        ask="Sign a verdict on the free port",
        objective=5,
        kind="verdict",
        claims=["c33"],
        answer=_example,
        mistakes={},
        minutes=8,
        solution=f'''
money = in_roubles.pivot(index="zone_id", columns="indicator", values="value")
share = 100 * money["invested"] / money["planned investment"]
my_verdict = course.Verdict(
    "c33", "mixed", confidence="medium",
    because=[in_roubles, share],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("03.9", my_verdict)
''',
        hints=[
            "The table above has what was planned and what was invested. Divide.",
            "Numbers you computed are evidence too: because=[in_roubles, share].",
            "Say what the rows count, and what they do not: whose money is it?",
        ],
        after="A plan is a promise, not a building. Say which of the two you count.",
    ),
]


# --- the explorer -------------------------------------------------------------

# of each measure: its words, its unit, its decimals, and the indicators it rests on
_MEASURES = {
    "population": (_("population"), _("million persons"), 2, [PEOPLE]),
    "product per head": (
        _("product per head"), _("thousand roubles"), 0, [PRODUCT, PEOPLE],
    ),
    "investment per head": (
        _("investment per head"), _("thousand roubles"), 0, [INVESTMENT, PEOPLE],
    ),
}  # fmt: skip


def _figures(measure: str, regions: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one column per region, one row per year, and the rows behind it."""
    of = _MEASURES[measure][-1]
    rows = pd.concat([indicator_rows(*indicator) for indicator in of])
    figures = wide(*PEOPLE) / 1e6 if of == [PEOPLE] else _roubles_per_head(of[0]) / 1e3
    return figures[regions].dropna(), rows[rows["region_id"].isin(regions)]


def _beside(region: str, beside: str, indicator: str, show: int) -> str:
    from course.charts import chart

    names = by_id("regions")["name_en"]
    names["RU-SUM"], names["RU-FEFD"] = _("all of Russia"), _("the Far East (11 regions)")
    names["RU-FEFD9"] = _("the Far East in its old borders (9 regions)")
    figures, rows = _figures(indicator, [region, beside])
    words, unit, digits, _of = _MEASURES[indicator]
    title = f"{words}, {unit}"
    if show:
        figures, digits = _indexed(figures, show), 0
        title = f"{words}, {show} = 100"
    figures = figures.rename(columns=names.to_dict())
    first, last = int(figures.index.min()), int(figures.index.max())
    ends = ", ".join(f"{name} {end:,.{digits}f}" for name, end in figures.loc[last].items())
    words = _("{title}, {first} to {last}. In {last}: {ends}.").format(
        title=title[0].upper() + title[1:], first=first, last=last, ends=ends
    )
    drawn = chart(_lines(figures, title, indicator, show), alt=words, sources=rows)
    return f"{drawn._repr_html_()}<p>{_remark(figures, indicator, show)}</p>"


def _lines(
    figures: pd.DataFrame, title: str, indicator: str, show: int
) -> "alt.LayerChart | alt.FacetChart":
    import altair as alt  # here, since it takes seconds and no check needs it

    either = alt.Scale(domain=list(figures.columns))
    legend = alt.Legend(orient="top", labelLimit=400)
    axis = alt.Axis(format="d", tickMinStep=1)
    lines = (
        alt.Chart(figures.reset_index().melt("year", var_name="region"))
        .mark_line()
        .encode(
            x=alt.X("year:Q", title=_("year"), axis=axis, scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=not show)),
            color=alt.Color("region:N", title=None, legend=legend, scale=either),
            strokeDash=alt.StrokeDash("region:N", title=None, legend=legend, scale=either),
        )
    )
    marks = [lines]
    if show:
        even = alt.Chart(pd.DataFrame({"y": [100]})).mark_rule(color="#777")
        marks.append(even.encode(y=alt.Y("y:Q", title=title)))
    if indicator.startswith("product"):
        step = alt.Chart(pd.DataFrame({"x": [2015.5], "t": [_("new method")]}))
        marks.append(
            step.mark_rule(color="#777", strokeDash=[2, 3], aria=False).encode(x="x:Q")
        )
        text = step.mark_text(align="right", dx=-4, y=10, color="#444", aria=False)
        marks.append(text.encode(x="x:Q", text="t:N"))
    return alt.layer(*marks).properties(height=270)


def _remark(figures: pd.DataFrame, indicator: str, show: int) -> str:
    last = figures.index[-1]
    (one, here), (other, there) = figures.loc[last].items()
    if show:
        gap = here - there
        if abs(gap) < 0.5:
            return _("Since {year} both have changed alike.").format(year=show)
        ahead, behind = (one, other) if gap > 0 else (other, one)
        said = _(
            "Since {year}, {ahead} is ahead of {behind} by {points} points. "
            "What does another base year say?"
        )
        return said.format(year=show, ahead=ahead, behind=behind, points=f"{abs(gap):,.0f}")
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
            _("Beside"), [(_("all of Russia"), RUSSIA), (_("the Far East"), ALL)]
        ),
        "indicator": Control(
            _("Measure"), [(words, measure) for measure, (words, *_rest) in _MEASURES.items()]
        ),
        "show": Control(
            _("Show"),
            [
                (_("level"), 0),
                (_("index, 2000 = 100"), 2000),
                (_("index, 2015 = 100"), 2015),
            ],
        ),
    },
    _beside,
)
