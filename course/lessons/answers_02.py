"""The exercises of lesson 02, each with its answer and its usual mistakes."""

from math import cos, radians

import folium
import numpy as np
import pandas as pd

from course.data import load, shapes
from course.exercises.verbs import Exercise, layers, points
from course.maps.area import area_map

PANEL, RECALCULATED = "before_census_2021", "after_census_2021"


# --- places and shapes --------------------------------------------------------


def _places() -> pd.DataFrame:
    return load("places").set_index("place_id")


def _map_of_places(
    country: str = "RUS", control: bool = True, group: bool = True, zeros: bool = False
) -> folium.Map:
    places = load("places")
    if country:
        places = places[places["country"] == country]
    at = places[["lat", "lon"]]
    m = area_map("heilongjiang")
    target = folium.FeatureGroup("places").add_to(m) if group else m
    for lat, lon in (at.fillna(0) if zeros else at.dropna()).to_numpy():
        folium.CircleMarker([lat, lon], radius=4).add_to(target)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _spots(pairs: list[tuple[float, float]]) -> set[tuple[float, float]]:
    return {(round(lat, 3), round(lon, 3)) for lat, lon in pairs}


def _wanted() -> set[tuple[float, float]]:
    places = load("places").query("country == 'RUS'").dropna(subset=["lat", "lon"])
    return _spots(list(zip(places["lat"], places["lon"], strict=True)))


def _without_shape() -> pd.DataFrame:
    regions, drawn = load("regions"), shapes("region_polygons").table
    return regions[~regions["region_id"].isin(drawn["region_id"])]


def _aggregates() -> set[str]:
    lost = _without_shape()
    return set(lost.loc[lost["kind"] == "aggregate", "region_id"])


def _lost() -> set[str]:
    return set(_without_shape()["region_id"]) - _aggregates()


# --- people -------------------------------------------------------------------


def _years_of_mongolia() -> set[int]:
    rows = load("region_indicators")
    rows = rows[rows["region_id"].str.startswith("MN")]
    return set(rows.loc[rows["indicator_id"].str.startswith("population"), "year"])


def _figure(region: str, year: int, indicator: str, vintage: str = "") -> float:
    rows = load("region_indicators")
    rows = rows[
        (rows["region_id"] == region)
        & (rows["year"] == year)
        & (rows["indicator_id"] == indicator)
    ]
    if vintage:
        rows = rows[rows["vintage"] == vintage]
    return float(rows["value"].iloc[0])


def _area(region: str) -> float:
    return float(load("regions").set_index("region_id").loc[region, "area_km2"])


def _amur(vintage: str = RECALCULATED) -> float:
    return _figure("RU-AMU", 2020, "population_annual_average", vintage)


def _dense_amur(vintage: str = RECALCULATED) -> float:
    return _amur(vintage) / _area("RU-AMU")


def _dense_heilongjiang() -> float:
    return _figure("CN-HL", 2020, "population_year_end") / _area("CN-HL")


def _two_banks(vintage: str = RECALCULATED) -> float:
    return _dense_heilongjiang() / _dense_amur(vintage)


def _people(region: str, year: int, vintage: str = PANEL) -> float:
    return _figure(region, year, "population_annual_average", vintage)


def _change(start: str, end: str, vintage: str = PANEL) -> float:
    return _people(end, 2019, vintage) - _people(start, 2017)


# --- the choropleth -----------------------------------------------------------


def _density() -> pd.DataFrame:
    rows, regions = load("region_indicators"), load("regions")
    regions = regions[regions["macro_region"] == "Far Eastern Federal District"]
    rows = rows[(rows["indicator_id"] == "population_annual_average") & (rows["year"] == 2017)]
    density = rows.merge(regions[["region_id", "area_km2"]], on="region_id")
    return density.assign(per_km2=density["value"] / density["area_km2"])


def _choropleth(
    key: str = "feature.properties.region_id",
    value: str = "per_km2",
    legend: str = "persons per square kilometre",
    no_data: str = "white",
) -> folium.Map:
    m = area_map("far_east")
    folium.Choropleth(
        shapes("region_polygons"),
        data=_density(),
        columns=["region_id", value],
        key_on=key,
        legend_name=legend,
        nan_fill_color=no_data,
    ).add_to(m)
    return m


def _choropleths(m: folium.Map) -> list[folium.Choropleth]:
    return layers(m, folium.Choropleth)


def _fills(m: folium.Map) -> dict[str, str]:
    """Return the colour of each region of the map's first choropleth."""
    shapes = _choropleths(m)[0].geojson
    return {
        feature["properties"]["region_id"]: shapes.style_function(feature)["fillColor"]
        for feature in shapes.data["features"]
    }


def _scale(m: folium.Map) -> list[str]:
    """Return the colours of the legend, palest class first."""
    colours = _choropleths(m)[0].color_scale.colors
    return ["#" + "".join(f"{round(255 * part):02x}" for part in c[:3]) for c in colours]


def _coloured(m: folium.Map) -> bool:
    fills, scale = _fills(m), _scale(m)
    return all(fills[region].lower() in scale for region in _density()["region_id"])


def _shows_density(m: folium.Map) -> bool:
    # any classes and palette will do, if each region has the colour of its class
    table = _density().set_index("region_id")["per_km2"]
    edges = np.asarray(_choropleths(m)[0].color_scale.index, dtype=float)
    numbers = np.digitize(table, edges) - 1
    scale, fills = _scale(m), _fills(m)
    classes = np.clip(numbers, 0, len(scale) - 1)
    # rounded values may lie just outside
    inside = edges[0] <= table.min() + 0.01 and table.max() - 0.01 <= edges[-1]
    right = (fills[r].lower() == scale[n] for r, n in zip(table.index, classes, strict=True))
    return bool(inside) and all(right)


def _gaps_stand_apart(m: folium.Map) -> bool:
    gaps = {colour.lower() for region, colour in _fills(m).items() if region[:2] != "RU"}
    return not gaps & {"black", "#000", "#000000", *_scale(m)}


def _legend(m: folium.Map) -> str:
    scale = _choropleths(m)[0].color_scale
    return str(getattr(scale, "caption", "") or "")


# --- the projection -----------------------------------------------------------


def _factor(latitude: float, power: int = 2) -> float:
    return 1 / cos(radians(latitude)) ** power


def _enlarged(power: int = 2) -> float:
    return _factor(62, power) / _factor(46, power)


def _at_the_towns() -> float:
    lat = _places()["lat"]
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
        tolerance=0.0001,
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
        answer=lambda: _places().loc["blagoveshchensk", "name_zh"],
        mistakes={
            "That is the Russian name. The column you want is name_zh.": (
                lambda: _places().loc["blagoveshchensk", "name_ru"]
            ),
            "That is the English name. The column you want is name_zh.": (
                lambda: _places().loc["blagoveshchensk", "name_en"]
            ),
            "That is Heihe itself. The town on the other bank is wanted.": (
                lambda: _places().loc["heihe", "name_zh"]
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
        checks=[
            (
                "The markers are not in a FeatureGroup yet. Make one with "
                "folium.FeatureGroup('places').add_to(...) and add the markers to it.",
                lambda m: any(points(group) for group in layers(m, folium.FeatureGroup)),
            ),
            (
                "A marker stands at 0, 0, in the sea off West Africa. No data is not "
                "zero: leave out the places without coordinates.",
                lambda m: (0, 0) not in _spots(points(m)),
            ),
            (
                "Some Russian places have no marker yet. Draw all rows whose country is "
                "RUS and that have coordinates.",
                lambda m: _wanted() <= _spots(points(m)),
            ),
            (
                "There are markers for other countries too. Keep the rows whose "
                "country is RUS.",
                lambda m: _spots(points(m)) <= _wanted(),
            ),
            (
                "The layer is there, but no switch for it. Add folium.LayerControl().",
                lambda m: bool(layers(m, folium.LayerControl)),
            ),
        ],
        mistakes={
            "The markers are not in a FeatureGroup yet. Make one with "
            "folium.FeatureGroup('places').add_to(...) and add the markers to it.": (
                lambda: _map_of_places(group=False)
            ),
            "A marker stands at 0, 0, in the sea off West Africa. No data is not "
            "zero: leave out the places without coordinates.": (
                lambda: _map_of_places(zeros=True)
            ),
            "Some Russian places have no marker yet. Draw all rows whose country is "
            "RUS and that have coordinates.": lambda: _map_of_places(country="CHN"),
            "There are markers for other countries too. Keep the rows whose country "
            "is RUS.": lambda: _map_of_places(country=""),
            "The layer is there, but no switch for it. Add folium.LayerControl().": (
                lambda: _map_of_places(control=False)
            ),
        },
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
        answer=_lost,
        mistakes={
            "These include the aggregates: figures for several regions together never "
            "had a shape. Keep the rows whose kind is not aggregate.": lambda: set(
                _without_shape()["region_id"]
            ),
            "These are the aggregates only. Which row without a shape is not one of "
            "them?": _aggregates,
            "That is an aggregate, several regions together. Look for a row whose kind "
            "is not aggregate.": lambda: {"RU-FEFD"},
            "That is its name. Hand in the region_id.": lambda: set(
                load("regions").set_index("region_id").loc[sorted(_lost()), "name_en"]
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
        tolerance=0,
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
        kind="number",
        unit="times",
        answer=_two_banks,
        mistakes={
            "You compared heads. For a density divide each by its area first.": (
                lambda: _figure("CN-HL", 2020, "population_year_end") / _amur()
            ),
            "The wrong way round: you found how dense Amur Oblast is, measured by "
            "Heilongjiang.": lambda: 1 / _two_banks(),
            "You took the older figure for Amur Oblast. Use the recalculated vintage.": (
                lambda: _two_banks(PANEL)
            ),
            "You added the two vintages of Amur Oblast. They are two counts of the same "
            "people: take one.": lambda: (
                _dense_heilongjiang() / (_dense_amur() + _dense_amur(PANEL))
            ),
            "That is a difference. 'How many times' asks for a ratio: divide.": (
                lambda: _dense_heilongjiang() - _dense_amur()
            ),
            "That is the density of Heilongjiang alone. Now divide it by the density of "
            "Amur Oblast.": _dense_heilongjiang,
            "That is the density of Amur Oblast alone. Divide the density of "
            "Heilongjiang by it.": _dense_amur,
            "You took off 1: that says how much denser. 'How many times as dense' is "
            "the ratio itself.": lambda: _two_banks() - 1,
        },
        tolerance=0.002,
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
        checks=[
            (
                "There is no folium.Choropleth on the map yet.",
                lambda m: bool(_choropleths(m)),
            ),
            (
                "The colours did not find their regions: all are drawn as no data. "
                "Check data, columns and key_on. The key stands in "
                "feature.properties.region_id.",
                _coloured,
            ),
            (
                "The colours show something else than density. The second of the two "
                "columns should be per_km2.",
                _shows_density,
            ),
            (
                "Regions without a figure are black, or share a colour with the figures. "
                "A reader takes that for a value. Choose another nan_fill_color, such as "
                "'white'.",
                _gaps_stand_apart,
            ),
            (
                "Readers cannot tell what the colours mean. Name the unit in "
                "legend_name, for example 'persons per square kilometre'.",
                lambda m: any(
                    word in _legend(m).lower()
                    for word in ("km", "kilomet", "sq", "км", "кв", "公里")
                ),
            ),
        ],
        mistakes={
            "There is no folium.Choropleth on the map yet.": _map_of_places,
            "The colours did not find their regions: all are drawn as no data. "
            "Check data, columns and key_on. The key stands in "
            "feature.properties.region_id.": (
                lambda: _choropleth(key="feature.properties.name_en")
            ),
            "The colours show something else than density. The second of the two "
            "columns should be per_km2.": lambda: _choropleth(value="value"),
            "Regions without a figure are black, or share a colour with the figures. "
            "A reader takes that for a value. Choose another nan_fill_color, such as "
            "'white'.": lambda: _choropleth(no_data="black"),
            "Readers cannot tell what the colours mean. Name the unit in legend_name, "
            "for example 'persons per square kilometre'.": (
                lambda: _choropleth(legend="density")
            ),
        },
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
        kind="number",
        unit="times",
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
        kind="number",
        unit="persons",
        answer=lambda: _change("RU-FEFD", "RU-FEFD"),
        mistakes={
            "That is the headline: old borders in 2017, new ones in 2019. Use RU-FEFD "
            "for both years.": lambda: _change("RU-FEFD9", "RU-FEFD"),
            "Old borders in 2017, new ones in 2019, and two vintages as well. Stay in "
            "one column of the table.": lambda: _change("RU-FEFD9", "RU-FEFD", RECALCULATED),
            "These are the nine regions of the old district. Use RU-FEFD, the eleven, "
            "for both years.": lambda: _change("RU-FEFD9", "RU-FEFD9"),
            "The sign is turned round: later year minus earlier year. A loss is "
            "negative.": lambda: -_change("RU-FEFD", "RU-FEFD"),
            "These two years come from different vintages. The step between them is a "
            "recount, not people who left.": lambda: _change(
                "RU-FEFD", "RU-FEFD", RECALCULATED
            ),
            "That is the change from 2018 to 2019. The recalculated vintage does not "
            "reach back to 2017: take the other.": lambda: (
                _people("RU-FEFD", 2019, RECALCULATED) - _people("RU-FEFD", 2018, RECALCULATED)
            ),
            "That is the change from 2017 to 2018. Go on to 2019.": lambda: (
                _people("RU-FEFD", 2018) - _people("RU-FEFD", 2017)
            ),
            "That is the change in percent. Hand in persons.": lambda: (
                100 * (_people("RU-FEFD", 2019) / _people("RU-FEFD", 2017) - 1)
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
