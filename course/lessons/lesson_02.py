"""Lesson 02: places and regions on maps, their densities, and what Mercator does."""

from math import cos, radians

import folium
import numpy as np
import pandas as pd

from course.data import load, shapes
from course.exercises.exercise import Check, Exercise
from course.lessons.shared import by_id, far_eastern, wide
from course.maps.area import area_map
from course.maps.picture import Drawn, Picture, rounded

PANEL, RECALCULATED = "before_census_2021", "after_census_2021"
ALL, NINE = "RU-FEFD", "RU-FEFD9"


# --- places and shapes --------------------------------------------------------


def _name(place: str, language: str) -> str:
    return by_id("places")[f"name_{language}"][place]


def _map_of_places(
    country: str = "RUS", group_by: str = "country", control: bool = True, zeros: bool = False
) -> folium.Map:
    rows = load("places")
    rows = rows[rows["country"].eq(country) | (not country)]
    rows = rows.fillna({"lat": 0, "lon": 0}) if zeros else rows.dropna(subset=["lat", "lon"])
    m = area_map("heilongjiang")
    for name, places in rows.groupby(group_by) if group_by else [("", rows)]:
        target = folium.FeatureGroup(str(name)).add_to(m) if name else m
        for lat, lon in places[["lat", "lon"]].to_numpy():
            folium.CircleMarker([lat, lon], radius=4).add_to(target)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _wanted() -> set[tuple[float, float]]:
    places = load("places").query("country == 'RUS'")
    return set(rounded(places.dropna(subset=["lat", "lon"]), 3))


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
    if region == "CN-HL":  # counted at the end of the year, in one vintage
        return wide("population_year_end")[region][year]
    return wide("population_annual_average", vintage)[region][year]


def _dense(region: str, vintage: str = RECALCULATED, year: int = 2020) -> float:
    return _people(region, year, vintage) / by_id("regions")["area_km2"][region]


def _two_banks(vintage: str = RECALCULATED, year: int = 2020) -> float:
    return _dense("CN-HL", vintage, year) / _dense("RU-AMU", vintage, year)


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
    no_data: str = "white",
) -> folium.Map:
    m = area_map("far_east")
    folium.Choropleth(
        shapes("region_polygons"),
        data=_density().reset_index(),
        columns=["region_id", value],
        key_on=key,
        legend_name=legend,
        nan_fill_color=no_data,
    ).add_to(m)
    return m


def _fills(p: Picture) -> dict[str, str]:
    """Return the colour of each region of the map's first choropleth."""
    found = [n for n, layer in enumerate(p.layers) if layer["kind"] == "Choropleth"]
    shapes = [area for area in p.areas if area.layer in found[:1]]
    return {area.properties["region_id"]: area.style["fillColor"].lower() for area in shapes}


def _coloured(p: Picture) -> bool:
    fills = _fills(p)
    return all(fills[region] in p.legends[0]["colours"] for region in far_eastern())


def _shows_density(p: Picture) -> bool:
    # any classes and palette will do, if each region has the colour of its class
    fills, scale, edges = _fills(p), p.legends[0]["colours"], p.legends[0]["edges"]
    table = _density()["per_km2"]
    classes = np.clip(np.digitize(table, edges) - 1, 0, len(scale) - 1)
    # rounded values may lie just outside
    inside = edges[0] <= table.min() + 0.01 and table.max() - 0.01 <= edges[-1]
    return inside and [fills[region] for region in table.index] == [scale[n] for n in classes]


def _gaps_stand_apart(p: Picture) -> bool:
    gaps = {colour for region, colour in _fills(p).items() if region[:2] != "RU"}
    return not gaps & {"black", "#000", "#000000", *p.legends[0]["colours"]}


def _unit_is_named(p: Picture) -> bool:
    caption = p.legends[0]["caption"].lower()
    return any(word in caption for word in ("km", "kilomet", "sq", "км", "кв", "公里"))


# --- the projection -----------------------------------------------------------


def _factor(latitude: float, power: int = 2) -> float:
    return 1 / cos(radians(latitude)) ** power


def _enlarged(power: int = 2) -> float:
    return _factor(62, power) / _factor(46, power)


def _at_the_towns() -> float:
    lat = by_id("places")["lat"]
    return _factor(lat["yakutsk"]) / _factor(lat["harbin"])


EXERCISES = [
    Exercise(
        "02.1",
        ask="Read a GeoJSON point",
        objective=0,
        kind="mapping",
        unit="degrees",
        answer=lambda: {"lat": 50.2666, "lon": 127.5333},
        mistakes={
            "Swapped. A latitude is never more than 90, so 127 must be the longitude: "
            "GeoJSON writes it first.": lambda: {"lat": 127.5333, "lon": 50.2666},
            "You rounded to whole degrees. That moves the town by tens of kilometres: "
            "keep all the digits.": lambda: {"lat": 50, "lon": 128},
            "That is the first corner of Beijing, from the cell above. Use the point on "
            "the Amur.": lambda: {"lat": 40.11, "lon": 117.312},
        },
        minutes=4,
        solution="""
point = {"lat": 50.2666, "lon": 127.5333}

course.check("02.1", point)
""",
        hints=[
            "Which of the two numbers can be a latitude at all?",
            "GeoJSON: [longitude, latitude].",
        ],
        after="The marker was there, but far beyond the edge of the map. With the two "
        "numbers turned round it falls on Blagoveshchensk.",
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
            "That is Heihe itself. The town on the other bank is wanted.": (
                lambda: _name("heihe", "zh")
            ),
            "That is another Chinese name of the same town. Hand in the one that our "
            "map and table use.": lambda: "海兰泡",
        },
        minutes=4,
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
                "A marker stands at 0, 0, in the sea off West Africa. No data is not "
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
                "The layer is there, but no switch for it. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _map_of_places(control=False),
            ),
        ],
        minutes=9,
        solution="""
russian_places = course.area_map("heilongjiang", alt="Russian places of the course.")
group = folium.FeatureGroup("Russian places").add_to(russian_places)
known = places[places["country"] == "RUS"].dropna(subset=["lat", "lon"])
for place in known.itertuples():
    folium.CircleMarker([place.lat, place.lon], radius=5, tooltip=place.name_en).add_to(group)
folium.LayerControl(collapsed=False).add_to(russian_places)

course.check("02.3", russian_places)
""",
        hints=[
            "The cell above does the same for Chinese places. What has to change?",
            "Does folium stop with 'Location values cannot contain NaNs'? A NaN is a gap: "
            "some rows have no coordinates.",
            '.dropna(subset=["lat", "lon"]) leaves out the rows with such a gap.',
        ],
        after="Two places have no coordinates in our sources. They stand in the table, "
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
            "That is an aggregate, several regions together. Look for a row whose kind "
            "is not aggregate.": lambda: {"RU-FEFD"},
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
        minutes=4,
        solution="""
seen = {y: set(live.values(y)["region_id"].str[:2]) for y in range(2000, 2025)}
years_with_figures = [y for y in seen if "MN" in seen[y]]

course.check("02.5", years_with_figures)
""",
        hints=[
            "Click on the slider, then press the arrow keys one year at a time.",
            "live.values(2017) lists the regions with a figure. Those of Mongolia begin "
            "with MN.",
        ],
        after="Those are two censuses; our sources have no Mongolian figures between "
        "them. sum() skips what is missing, and the sum of nothing is 0. "
        "sum(min_count=1) would have said NaN.",
    ),
    Exercise(
        "02.6",
        ask="Compare the density of two banks",
        objective=3,
        unit="times",
        digits=1,
        answer=_two_banks,
        named={"year": 2020},
        mistakes={
            "You compared heads. For a density divide each by its area first.": (
                lambda: _people("CN-HL", 2020, "") / _people("RU-AMU", 2020, RECALCULATED)
            ),
            "The wrong way round: you found how dense Amur Oblast is, measured by "
            "Heilongjiang.": lambda: 1 / _two_banks(),
            "You took the older figure for Amur Oblast. Use the recalculated vintage.": (
                lambda: _two_banks(PANEL)
            ),
            "You added the two vintages of Amur Oblast. They are two counts of the same "
            "people: take one.": lambda: (
                _dense("CN-HL") / (_dense("RU-AMU") + _dense("RU-AMU", PANEL))
            ),
            "That is a difference. 'How many times' asks for a ratio: divide.": (
                lambda: _dense("CN-HL") - _dense("RU-AMU")
            ),
            "That is the density of Heilongjiang alone. Now divide it by the density of "
            "Amur Oblast.": lambda: _dense("CN-HL"),
            "That is the density of Amur Oblast alone. Divide the density of "
            "Heilongjiang by it.": lambda: _dense("RU-AMU"),
            "You took off 1: that says how much denser. 'How many times as dense' is "
            "the ratio itself.": lambda: _two_banks() - 1,
        },
        minutes=6,
        solution="""
area = regions.set_index("region_id")["area_km2"]
recalculated = people[people["vintage"] != "before_census_2021"]
persons = recalculated.set_index("region_id")["value"]
times_as_dense = (persons["CN-HL"] / area["CN-HL"]) / (persons["RU-AMU"] / area["RU-AMU"])

course.check("02.6", times_as_dense)
""",
        hints=[
            "Density is persons divided by area_km2. You need two of them.",
            'regions.set_index("region_id").loc["CN-HL", "area_km2"] fetches one area.',
            "Then divide the density of Heilongjiang by that of Amur Oblast.",
        ],
        after="Same river, very different numbers of people beside it. The ratio does "
        "not say why.",
    ),
    Exercise(
        "02.7",
        ask="Draw a choropleth",
        objective=3,
        kind="map",
        answer=_choropleth,
        mistakes={},
        checks=[
            Check("There is no folium.Choropleth on the map yet.", _fills, _map_of_places),
            Check(
                "The colours did not find their regions: all are drawn as no data. "
                "Check data, columns and key_on. The key stands in "
                "feature.properties.region_id.",
                _coloured,
                lambda: _choropleth(key="feature.properties.name_en"),
            ),
            Check(
                "The colours show something else than density. The second of the two "
                "columns should be per_km2.",
                _shows_density,
                lambda: _choropleth(value="value"),
            ),
            Check(
                "Regions without a figure are black, or share a colour with the figures. "
                "A reader takes that for a value. Choose another nan_fill_color, such as "
                "'white'.",
                _gaps_stand_apart,
                lambda: _choropleth(no_data="black"),
            ),
            Check(
                "Readers cannot tell what the colours mean. Name the unit in "
                "legend_name, for example 'persons per square kilometre'.",
                _unit_is_named,
                lambda: _choropleth(legend="density"),
            ),
        ],
        minutes=9,
        solution="""
density_map = course.area_map("far_east", alt="Population density of the Far East in 2017.")
folium.Choropleth(
    shapes,
    data=density,
    columns=["region_id", "per_km2"],
    key_on="feature.properties.region_id",
    legend_name="persons per square kilometre, 2017",
    nan_fill_color="white",
).add_to(density_map)

course.check("02.7", density_map)
""",
        hints=[
            "folium.Choropleth(shapes, data=density, columns=[...], key_on=..., "
            "legend_name=...).add_to(density_map)",
            'columns=["region_id", "per_km2"] names the key first, then the value. The '
            "other way round, folium stops with an error about isnan.",
        ],
        after="In totals Sakha and Buryatia are almost equal. Per square kilometre they "
        "are far apart.",
    ),
    Exercise(
        "02.8",
        ask="Compute what Mercator adds",
        objective=4,
        unit="times",
        digits=2,
        answer=_enlarged,
        mistakes={
            "That is the factor for lengths. An area grows in both directions: square "
            "it.": lambda: _enlarged(1),
            "The wrong way round: Yakutsk is drawn larger, so the factor is above 1.": (
                lambda: 1 / _enlarged()
            ),
            "cos() wants radians. Use cos(radians(62)).": lambda: (cos(46) / cos(62)) ** 2,
            "That is how much Yakutsk is enlarged compared with the equator. Divide by "
            "the same factor for Harbin.": lambda: _factor(62),
            "That is the factor for Harbin. Divide the one for Yakutsk by it.": (
                lambda: _factor(46)
            ),
            "That is a difference. 'How many times' asks for a ratio: divide.": (
                lambda: _factor(62) - _factor(46)
            ),
            "You divided the degrees. Divide the factors that belong to them.": (
                lambda: 62 / 46
            ),
            "You rounded each factor before you divided. Round at the end, if at all.": (
                lambda: round(_factor(62), 1) / round(_factor(46), 1)
            ),
            "You took the latitudes from the table. Use the rounded ones, 62 and 46.": (
                _at_the_towns
            ),
        },
        minutes=4,
        solution="""
times_larger = (cos(radians(46)) / cos(radians(62))) ** 2

course.check("02.8", times_larger)
""",
        hints=[
            "Compute the factor of the cell above for 62 and for 46 degrees.",
            "Then divide the one by the other.",
        ],
        after="Magadan Oblast and Heilongjiang lie about as far apart in latitude. That "
        "is why one looks twice as large as the other.",
    ),
    Exercise(
        "02.9",
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
        solution="""
eleven = panel[(panel["region_id"] == "RU-FEFD") & (panel["vintage"] == "before_census_2021")]
by_year = eleven.set_index("year")["value"]
change_2017_2019 = by_year[2019] - by_year[2017]

course.check("02.9", change_2017_2019)
""",
        hints=[
            "Look at the columns of the table above: which one is the district of "
            "eleven regions, and has both years?",
            "Take its value for 2019 and subtract its value for 2017.",
        ],
        after="The headline had added two regions with everyone in them. In the same "
        "borders the number fell. A news page took a step like that; lesson 03 meets it.",
    ),
]
