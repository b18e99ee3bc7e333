"""Lesson 02: places and regions on maps, their densities, what Mercator does, and borders."""

import re
from functools import partial
from math import cos, radians
from typing import Any

import folium
import pandas as pd

from course.data import load, shapes
from course.exercises.exercise import Check, Exercise
from course.lessons.shared import by_id, far_eastern, wide
from course.maps.area import area_map
from course.maps.legible import classed, fills, gaps_apart, layers_named, say_names, shows
from course.maps.picture import Drawn, Picture, rounded

PANEL, RECALCULATED = "before_census_2021", "after_census_2021"
ALL, NINE = "RU-FEFD", "RU-FEFD9"


# --- places and shapes --------------------------------------------------------


def _name(place: str, language: str) -> str:
    return by_id("places")[f"name_{language}"][place]


def _map_of_places(
    country: str = "RUS",
    group_by: str = "country",
    control: bool = True,
    zeros: bool = False,
    words: str = "name_en",
    title: str | None = "Russian places",
) -> folium.Map:
    rows = load("places")
    rows = rows[rows["country"].eq(country) | (not country)]
    rows = rows.fillna({"lat": 0, "lon": 0}) if zeros else rows.dropna(subset=["lat", "lon"])
    m = area_map("heilongjiang")
    for name, places in rows.groupby(group_by) if group_by else [("", rows)]:
        own = f"{title} {name!s}" if title else None
        target = folium.FeatureGroup(own).add_to(m) if name else m
        for place in places.to_dict("records"):
            folium.CircleMarker(
                [place["lat"], place["lon"]], radius=4, tooltip=place.get(words) or None
            ).add_to(target)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _russian() -> pd.DataFrame:
    """Return the Russian places that have coordinates."""
    places = load("places").query("country == 'RUS'")
    return places.dropna(subset=["lat", "lon"])


def _wanted() -> set[tuple[float, float]]:
    return set(rounded(_russian(), 3))


def _grouped(p: Picture, mark: Drawn) -> bool:
    return mark.layer is not None and p.layers[mark.layer]["kind"] == "FeatureGroup"


def _without_shape(aggregate: bool = False) -> set[str]:
    kinds = by_id("regions")["kind"].drop(shapes("region_polygons").table["region_id"])
    return set(kinds.index[(kinds == "aggregate") == aggregate])


# --- people -------------------------------------------------------------------


def _years_of_mongolia() -> set[int]:
    rows = load("region_indicators")
    rows = rows[rows["region_id"].str.startswith("MN")]
    return set(rows.loc[rows["indicator_id"].str.startswith("population"), "year"])


def _people(region: str, year: int, vintage: str) -> float:
    return wide("population_annual_average", vintage)[region][year]


def _change(
    first: int = 2017,
    last: int = 2019,
    *,
    borders: tuple[str, str] = (ALL, ALL),
    vintages: tuple[str, str] = (PANEL, PANEL),
) -> float:
    before, after = map(_people, borders, (first, last), vintages)
    return after - before


# --- the choropleth -----------------------------------------------------------


def _density() -> pd.DataFrame:
    """Return the people of each region in 2017, and how many there are per km2."""
    people = wide("population_annual_average", PANEL).loc[2017, far_eastern()]
    area = by_id("regions").loc[people.index, "area_km2"]
    return pd.DataFrame({"value": people, "per_km2": people / area})


def _choropleth(
    key: str = "feature.properties.region_id",
    value: str = "per_km2",
    legend: str = "persons per square kilometre",
    no_data: str = "grey",
    bins: int | list[float] = 6,
    rows: int = 11,
) -> folium.Map:
    m = area_map("far_east")
    folium.Choropleth(
        shapes("region_polygons"),
        data=_density().reset_index().head(rows),
        columns=["region_id", value],
        key_on=key,
        legend_name=legend,
        nan_fill_color=no_data,
        bins=bins,
    ).add_to(m)
    return m


def _no_choropleth() -> folium.Map:
    m = area_map("far_east")
    folium.GeoJson(shapes("region_polygons")).add_to(m)
    return m


def _quartiles() -> list[float]:
    return [float(edge) for edge in _density()["per_km2"].quantile([0, 0.25, 0.5, 0.75, 1])]


def _several_classes(p: Picture) -> bool:
    found = fills(p)
    return len({found[region] for region in far_eastern()}) >= 3


def _legend_reads(p: Picture) -> bool:
    # the legend prints whole numbers
    edges = [round(edge) for edge in p.legends[0]["edges"]]
    return len(set(edges)) == len(edges)


def _unit_is_named(p: Picture) -> bool:
    caption = re.sub(r"\b(19|20)\d\d\b", "", p.legends[0]["caption"].lower())  # no years
    length = any(word in caption for word in ("km", "kilomet", "км", "килом", "公里"))
    area = length and any(word in caption for word in ("2", "²", "sq", "кв", "平方"))
    people = ("person", "people", "inhabitant", "resident", "population", "density", "чел",
              "жител", "насел", "плотн", "人")  # fmt: skip
    return area and any(word in caption for word in people)


# --- the projection -----------------------------------------------------------


def _factor(latitude: float, power: int = 2) -> float:
    return 1 / cos(radians(latitude)) ** power


def _enlarged(power: int = 2) -> float:
    return _factor(62, power) / _factor(46, power)


# --- a verdict ------------------------------------------------------------------

_SAYS = (
    "In the borders of today 8,234,200 people lived in the Far East in 2017 and 8,146,600 in "
    "2020. The newer edition falls as well, from 8,118,655 in 2018 to 7,863,306 in 2024. An "
    "envoy names 9 of 11 regions that gained people in 2024, so who counted what is open. "
    "Siberia is not in these rows."
)
_CHANGE = "Figures on arrivals, departures and money spent, region by region and year by year."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    rows, events = load("region_indicators"), load("events")
    heads = rows["indicator_id"] == "population_annual_average"
    eleven = rows[heads & (rows["region_id"] == ALL) & (rows["year"] >= 2014)]
    return {
        "claim": "c26",
        "word": "mixed",
        "confidence": "low",
        "because": [eleven, events[events["event_id"] == "fe_people_2025"]],
        "says": _SAYS,
        "would_change": _CHANGE,
    }


EXERCISES = [
    Exercise(
        "02.1",
        ask="Read a GeoJSON point",
        objective=0,
        kind="mapping",
        unit="degrees",
        answer=lambda: {"lat": 50.2666, "lon": 127.5333},
        mistakes={
            "Swapped. A latitude is never more than 90 degrees, so 127 must be the "
            "longitude.": lambda: {"lat": 127.5333, "lon": 50.2666},
            "You rounded to whole degrees. That moves the town by tens of kilometres: "
            "keep all the digits.": lambda: {"lat": 50, "lon": 128},
            "You cut the digits off. That moves the town by tens of kilometres: keep them "
            "all.": lambda: {"lat": 50, "lon": 127},
            "That is Blagoveshchensk as the table has it. Use the two numbers of the file.": (
                lambda: dict(by_id("places").loc["blagoveshchensk", ["lat", "lon"]])
            ),
            "That is the first corner of Beijing, from the cell above. Use the point on "
            "the Amur.": lambda: {"lat": 40.11, "lon": 117.312},
        },
        minutes=5,
        solution="""
point = {"lat": 50.2666, "lon": 127.5333}

course.check("02.1", point)
""",
        hints=[
            "Which of the two numbers can be a latitude at all?",
            "Compare with the table of three towns above: how large are their latitudes?",
        ],
        after="The marker was there, but far beyond the edge of the map: no place has a "
        "latitude of 127 degrees.",
    ),
    Exercise(
        "02.2",
        ask="Find a name in Chinese",
        objective=0,
        kind="text",
        answer=lambda: _name("blagoveshchensk", "zh"),
        mistakes={
            "That is the Russian name. The column you want is name_zh.": (
                lambda: _name("blagoveshchensk", "ru")
            ),
            "That is the English name. The column you want is name_zh.": (
                lambda: _name("blagoveshchensk", "en")
            ),
            "That is Heihe itself. Which town is on the other bank?": (
                lambda: _name("heihe", "zh")
            ),
            "That is an older Chinese name of the same town. Hand in the one that our "
            "map and table use.": lambda: "海兰泡",
        },
        minutes=3,
        solution="""
name_across_the_river = places.loc["blagoveshchensk", "name_zh"]

course.check("02.2", name_across_the_river)
""",
        hints=[
            'course.area_map("heilongjiang", language="zh") draws the map. With '
            'language="en" you see which town it is.',
            'places.loc["heihe", "name_en"] fetches one cell of the table. Change both '
            "the row and the column.",
        ],
        after="The Chinese name writes the sound of the Russian one. A reader who knows "
        "one script only would not find the town in the other.",
    ),
    Exercise(
        "02.3",
        ask="Put a layer on a map",
        objective=1,
        kind="map",
        area="heilongjiang",
        answer=_map_of_places,
        mistakes={},
        checks=[
            Check(
                "The markers are not in a FeatureGroup yet. Make one with "
                "folium.FeatureGroup('places').add_to(...) and add the markers to it.",
                lambda p: any(_grouped(p, mark) for mark in p.marks),
                lambda: _map_of_places(group_by=""),
            ),
            Check(
                "A marker is at 0, 0, in the sea off West Africa. No data is not "
                "zero: leave out the places without coordinates.",
                lambda p: (0, 0) not in p.spots(3),
                lambda: _map_of_places(zeros=True),
            ),
            Check(
                "Some Russian places have no marker yet. Draw all rows whose country is "
                "RUS and that have coordinates.",
                lambda p: _wanted() <= set(p.spots(3)),
                lambda: _map_of_places("CHN"),
            ),
            Check(
                "There are markers for other countries too. Keep the rows whose "
                "country is RUS.",
                lambda p: set(p.spots(3)) <= _wanted(),
                lambda: _map_of_places(""),
            ),
            Check(
                "The markers are the right ones, but not all in one FeatureGroup. Make it "
                "once, before the loop.",
                lambda p: (
                    len({mark.layer for mark in p.marks}) == 1 and _grouped(p, p.marks[0])
                ),
                lambda: _map_of_places(group_by="kind"),
            ),
            Check(
                "The layer has no name that tells readers what it holds. Put one in "
                "brackets: folium.FeatureGroup('Russian places').",
                layers_named,
                lambda: _map_of_places(title=None),
            ),
            Check(
                "Point at the circles: not each says the name of its own place. Give it as "
                "tooltip, for example tooltip=place.name_en.",
                lambda p: say_names(p, _russian()),
                lambda: _map_of_places(words="region_name"),
            ),
            Check(
                "The layer is there, but no switch for it. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _map_of_places(control=False),
            ),
        ],
        minutes=15,
        solution="""
russian_places = course.area_map("heilongjiang", alt="Russian places of the course.")
group = folium.FeatureGroup("Russian places").add_to(russian_places)
known = places[places["country"] == "RUS"].dropna(subset=["lat", "lon"])
for place in known.itertuples():
    spot = [place.lat, place.lon]
    folium.CircleMarker(spot, radius=5, tooltip=place.name_en).add_to(group)
folium.LayerControl(collapsed=False).add_to(russian_places)

course.check("02.3", russian_places)
""",
        hints=[
            "The cell above does the same for Chinese places. What has to change?",
            "Does folium stop with 'Location values cannot contain NaNs'? A NaN is a gap: "
            "some rows have no coordinates.",
            "You left out rows with a gap before, by dropna. The columns are lat and lon.",
        ],
        after="Two places have no coordinates in our sources. They are in the table, "
        "and on no map.",
    ),
    Exercise(
        "02.4",
        ask="Find the region a join loses",
        objective=2,
        kind="set",
        answer=_without_shape,
        mistakes={
            "These include the aggregates: figures for several regions together never "
            "had a shape. Keep the rows whose kind is not aggregate.": (
                lambda: _without_shape() | _without_shape(aggregate=True)
            ),
            "These are the aggregates only. Which row without a shape is not one of "
            "them?": lambda: _without_shape(aggregate=True),
            **{
                f"{one} is an aggregate, figures for several regions together. Look for a "
                "row whose kind is not aggregate.": partial(set, [one])
                for one in ("RU-FEFD", "RU-FEFD9", "RU-SUM", "RU-MED", "CN-NE3", "CN-31")
            },
            "That is its name. Hand in the region_id.": lambda: set(
                by_id("regions").loc[list(_without_shape()), "name_en"]
            ),
            "These rows found their shape: _merge says both. Look for left_only.": (
                lambda: set(shapes("region_polygons").table["region_id"])
            ),
        },
        solution="""
without_shape = joined[(joined["_merge"] == "left_only") & (joined["kind"] != "aggregate")]
lost_region = without_shape["region_id"]

course.check("02.4", lost_region)
""",
        hints=[
            'joined["_merge"] == "left_only" marks rows without a shape.',
            'Two conditions go together with &: (...) & (joined["kind"] != "aggregate").',
        ],
        after="Natural Earth has no shape for this one. The railway from Ulaanbaatar to "
        "China runs through it.",
    ),
    Exercise(
        "02.5",
        ask="Tell no data from zero",
        objective=3,
        kind="set",
        unit="year",
        answer=_years_of_mongolia,
        mistakes={
            "2017 is the year of the zero: there Mongolia is striped. In which years is "
            "it coloured?": lambda: {2017},
            "Not every year between them. Stop at each year, and look whether Mongolia "
            "is striped.": lambda: set(
                range(min(_years_of_mongolia()), max(_years_of_mongolia()) + 1)
            ),
            "Not in every year. Stop at each one, and look whether Mongolia is striped.": (
                lambda: set(range(2000, 2025))
            ),
            "You found the first of them. Move on to later years.": lambda: {
                min(_years_of_mongolia())
            },
            "You found the last of them. Move back to earlier years.": lambda: {
                max(_years_of_mongolia())
            },
            "Those are the years in which Mongolia is striped. Hand in the others.": (
                lambda: set(range(2000, 2025)) - _years_of_mongolia()
            ),
        },
        solution="""
regions_in = {}
for year in range(2000, 2025):
    regions_in[year] = list(live.values(year)["region_id"])
years_with_figures = [year for year in regions_in if "MN-1" in regions_in[year]]

course.check("02.5", years_with_figures)
""",
        hints=[
            "Click on the slider, then press the arrow keys one year at a time.",
            "live.values(2017) lists the regions with a figure. Those of Mongolia begin "
            "with MN: MN-1 is Ulaanbaatar.",
        ],
        after="Those are two censuses; our sources have no Mongolian figures between "
        "them. sum() skips what is missing, and the sum of nothing is 0. "
        "sum(min_count=1) would have said NaN.",
    ),
    Exercise(
        "02.6",
        ask="Draw a choropleth",
        objective=3,
        kind="map",
        area="far_east",
        answer=_choropleth,
        mistakes={},
        checks=[
            Check("There is no folium.Choropleth on the map yet.", fills, _no_choropleth),
            Check(
                "The colours did not find their regions: all are drawn as no data. "
                "Check data, columns and key_on. The key is in "
                "feature.properties.region_id.",
                lambda p: any(classed(p, far_eastern())),
                lambda: _choropleth(key="feature.properties.name_en"),
            ),
            Check(
                "Some of the eleven regions are drawn as no data. Hand in the whole table: "
                "data=density.",
                lambda p: all(classed(p, far_eastern())),
                lambda: _choropleth(rows=5),
            ),
            Check(
                "The colours show something else than density as the table has it. The "
                "second of the two columns should be per_km2.",
                lambda p: shows(p, _density()["per_km2"]),
                lambda: _choropleth(value="value"),
            ),
            Check(
                "The eleven regions show no more than two colours. Give more classes, by bins.",
                _several_classes,
                lambda: _choropleth(bins=[0, 10, 12, 14]),
            ),
            Check(
                "Look at the legend: two of its class limits read alike, because it prints "
                "whole numbers. Choose round limits, such as bins=[0, 1, 2, 4, 8, 12].",
                _legend_reads,
                lambda: _choropleth(bins=_quartiles()),
            ),
            Check(
                "Regions without a figure look like one of the classes, or darker than all "
                "of them. Choose another nan_fill_color, such as 'grey'.",
                lambda p: gaps_apart(p, far_eastern()),
                lambda: _choropleth(no_data="white"),
            ),
            Check(
                "Readers cannot tell what the colours mean. Name the unit in "
                "legend_name: who or what is counted, and per which area.",
                _unit_is_named,
                lambda: _choropleth(legend="per km2"),
            ),
        ],
        minutes=15,
        solution="""
density_map = course.area_map("far_east", alt="Population density of the Far East in 2017.")
folium.Choropleth(
    shapes,
    data=density,
    columns=["region_id", "per_km2"],
    key_on="feature.properties.region_id",
    legend_name="persons per square kilometre, 2017",
    nan_fill_color="grey",
).add_to(density_map)

course.check("02.6", density_map)
""",
        hints=[
            "folium.Choropleth(shapes, data=density, columns=[...], key_on=..., "
            "nan_fill_color=..., legend_name=...).add_to(density_map)",
            'columns=["region_id", "per_km2"] names the key first, then the value. The '
            "other way round, folium stops with an error about isnan.",
            "The palest class is almost white. What is neither a blue nor white?",
        ],
        after="In totals Sakha and Buryatia are almost equal. Per square kilometre they "
        "are far apart.",
    ),
    Exercise(
        "02.7",
        ask="Compute what Mercator adds",
        objective=4,
        unit="times",
        digits=1,
        answer=_enlarged,
        mistakes={
            "That is the factor for lengths. A square kilometre is stretched to the north "
            "and to the east.": lambda: _enlarged(1),
            "You doubled. Stretched in two directions means: the factor times itself.": (
                lambda: 2 * _enlarged(1)
            ),
            "The wrong way round: Yakutsk is drawn larger, so the factor is above 1.": (
                lambda: 1 / _enlarged()
            ),
            "cos() wants radians. Use cos(radians(62)).": lambda: (cos(46) / cos(62)) ** 2,
            "That is how much Yakutsk is enlarged compared with the equator. Divide by "
            "the same factor for Harbin.": lambda: _factor(62),
            "That is the factor for Harbin. Divide the one for Yakutsk by it. If you did: "
            "round the result, do not cut it off.": lambda: _factor(46),
            "You rounded too early. Keep all the digits until the end.": lambda: 1.5**2,
            "That is a difference. 'How many times' asks for a ratio: divide.": (
                lambda: _factor(62) - _factor(46)
            ),
            "You divided the degrees. Divide the factors that belong to them.": (
                lambda: 62 / 46
            ),
        },
        minutes=4,
        solution="""
times_larger = (cos(radians(46)) / cos(radians(62))) ** 2

course.check("02.7", times_larger)
""",
        hints=[
            "How much longer is a length drawn at 62 degrees, and at 46? Divide the one by "
            "the other.",
            "That was one side of the square. It has another.",
        ],
        after="Magadan Oblast and Heilongjiang lie about as far apart in latitude. That "
        "is why one looks twice as large as the other.",
    ),
    Exercise(
        "02.8",
        ask="Compare years within the same borders",
        objective=5,
        unit="persons",
        answer=_change,
        named={"first": 2017, "last": 2019},
        mistakes={
            "That is the headline: old borders in 2017, new ones in 2019. Use RU-FEFD "
            "for both years.": lambda: _change(borders=(NINE, ALL)),
            "Old borders in 2017, new ones in 2019, and two vintages as well. Stay in "
            "one column of the table.": lambda: _change(
                borders=(NINE, ALL), vintages=(PANEL, RECALCULATED)
            ),
            "These are the nine regions of the old district. Use RU-FEFD, the eleven, "
            "for both years.": lambda: _change(borders=(NINE, NINE)),
            "The sign is turned round: later year minus earlier year. A loss is "
            "negative.": lambda: -_change(),
            "These two years come from different vintages. The step between them is a "
            "recount, not people who left.": lambda: _change(vintages=(PANEL, RECALCULATED)),
            "That is the change from 2018 to 2019. The recalculated vintage does not "
            "reach back to 2017: take the other.": (
                lambda: _change(2018, vintages=(RECALCULATED, RECALCULATED))
            ),
            "That is the change in percent. Hand in persons.": (
                lambda: 100 * _change() / _people(ALL, 2017, PANEL)
            ),
        },
        minutes=4,
        solution="""
change_2017_2019 = wide.loc[2019, "RU-FEFD"] - wide.loc[2017, "RU-FEFD"]

course.check("02.8", change_2017_2019)
""",
        hints=[
            "Look at the columns of the table above: which one is the district of "
            "eleven regions, and has both years?",
            "Take its value for 2019 and subtract its value for 2017.",
        ],
        after="The headline had added two regions with everyone in them. In the same "
        "borders the number fell. A news page took a step like that; lesson 03 meets it.",
    ),
    Exercise(
        "02.9",
        ask="Sign a first verdict on the Far East",
        objective=5,
        kind="verdict",
        claims=["c26"],
        answer=_example,
        mistakes={},
        minutes=6,
        solution=f'''
my_verdict = course.Verdict(
    "c26", "mixed", confidence="low",
    because=[eleven, official],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("02.9", my_verdict)
''',
        hints=[
            "Is it advice or a forecast? What can a count of people say about advice?",
            "Evidence is rows: eleven, official, newer. Name the borders and the edition.",
            "Two editions and one official count do not agree on all. Say so.",
        ],
        after="You signed on one measure. Lesson 03 weighs gross regional product and "
        "investment too, and you may sign again.",
    ),
]
