"""The exercises of lesson 02, each with its answer and its usual mistakes."""

from math import cos, radians

import folium
import pandas as pd

from course.data import load
from course.exercises import Exercise, layers, points
from course.maps import area_map


def _places() -> pd.DataFrame:
    return load("places").set_index("place_id")


def _map_of_towns(
    country: str = "CHN", swap: bool = False, control: bool = True, group: bool = True
) -> folium.Map:
    places = load("places").dropna(subset=["lat", "lon"])
    if country:
        places = places[places["country"] == country]
    m = area_map("heilongjiang")
    target = folium.FeatureGroup("towns").add_to(m) if group else m
    for place in places.itertuples():
        at = [place.lon, place.lat] if swap else [place.lat, place.lon]
        folium.CircleMarker(at, radius=4, tooltip=place.name_en).add_to(target)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _town_count() -> int:
    places = load("places").dropna(subset=["lat", "lon"])
    return int((places["country"] == "CHN").sum())


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


PANEL, RECALCULATED = "before_census_2021", "after_census_2021"


def _two_banks(vintage: str = RECALCULATED, per_area: bool = True) -> float:
    amur = _figure("RU-AMU", 2020, "population_annual_average", vintage)
    heilongjiang = _figure("CN-HL", 2020, "population_year_end")
    if not per_area:
        return heilongjiang / amur
    return (heilongjiang / _area("CN-HL")) / (amur / _area("RU-AMU"))


def _density() -> pd.DataFrame:
    rows, regions = load("region_indicators"), load("regions")
    regions = regions[regions["macro_region"] == "Far Eastern Federal District"]
    rows = rows[
        (rows["indicator_id"] == "population_annual_average") & (rows["year"] == 2017)
    ]
    density = rows.merge(regions[["region_id", "area_km2"]], on="region_id")
    return density.assign(per_km2=density["value"] / density["area_km2"])


def _choropleth(
    key: str = "feature.properties.region_id",
    value: str = "per_km2",
    legend: str = "persons per square kilometre",
) -> folium.Map:
    m = area_map("far_east")
    folium.Choropleth(
        load("region_polygons"),
        data=_density(),
        columns=["region_id", value],
        key_on=key,
        legend_name=legend,
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


def _coloured(m: folium.Map) -> bool:
    wanted = _density().dropna(subset=["per_km2"])["region_id"]
    fills = _fills(m)
    return all(fills.get(region, "black") != "black" for region in wanted)


def _shows_density(m: folium.Map) -> bool:
    right, seen = _fills(_choropleth()), _fills(m)
    table = _density().dropna(subset=["per_km2"]).sort_values("per_km2")
    # any classes and palette will do, if denser regions never share a paler class
    order = [seen[region] for region in table["region_id"]]
    blocks = [c for n, c in enumerate(order) if n == 0 or c != order[n - 1]]
    return len(blocks) == len(set(blocks)) and len(right) == len(seen)


def _legend(m: folium.Map) -> str:
    scale = _choropleths(m)[0].color_scale
    return str(getattr(scale, "caption", "") or "")


def _change(start: str, end: str) -> float:
    def people(region: str, year: int) -> float:
        return _figure(region, year, "population_annual_average", PANEL)

    return people(end, 2019) - people(start, 2017)


def _enlarged(power: int = 2) -> float:
    return (cos(radians(46)) / cos(radians(62))) ** power


EXERCISES = [
    Exercise(
        "02.1",
        ask="Read a GeoJSON point",
        objective=0,
        kind="mapping",
        unit="degrees",
        answer=lambda: {"lat": 50.2666, "lon": 127.5333},
        mistakes={
            "Swapped: GeoJSON writes the longitude first. A latitude can never be more "
            "than 90.": lambda: {"lat": 127.5333, "lon": 50.2666},
            "You rounded to whole degrees. That can move a town by fifty kilometres: "
            "keep all the digits.": lambda: {"lat": 50, "lon": 128},
            "No minus sign: the place lies north of the equator and east of "
            "Greenwich.": lambda: {"lat": -50.2666, "lon": -127.5333},
        },
        tolerance=0.0001,
        solution="""
point = {"lat": 50.2666, "lon": 127.5333}

course.check("02.1", point)
""",
        hints=[
            "Which of the two numbers can be a latitude at all?",
            "GeoJSON: [longitude, latitude].",
        ],
        after="This is Blagoveshchensk, on the Amur, opposite Heihe.",
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
            "That is Heihe, the town on the Chinese bank. Blagoveshchensk lies "
            "opposite.": lambda: _places().loc["heihe", "name_zh"],
        },
        solution="""
name_across_the_river = places.loc["blagoveshchensk", "name_zh"]

course.check("02.2", name_across_the_river)
""",
        hints=[
            'places.loc["heihe", "name_en"] fetches one cell of the table.',
            "The row is blagoveshchensk, the column is name_zh.",
        ],
        after="A reader in Heihe would not find the town under its Russian name. That "
        "is why our maps speak three languages.",
    ),
    Exercise(
        "02.3",
        ask="Put a layer on a map",
        objective=1,
        kind="map",
        answer=_map_of_towns,
        checks=[
            (
                "The markers are not in a FeatureGroup yet. Make one with "
                "folium.FeatureGroup('towns').add_to(m) and add the markers to it.",
                lambda m: any(
                    layers(group, folium.CircleMarker)
                    for group in layers(m, folium.FeatureGroup)
                ),
            ),
            (
                "There are markers for other countries too. Keep the rows whose "
                "country is CHN.",
                lambda m: len(points(m)) <= _town_count(),
            ),
            (
                "Some Chinese places have no marker yet. Draw all rows whose country "
                "is CHN and that have coordinates.",
                lambda m: len(points(m)) == _town_count(),
            ),
            (
                "The layer is there, but no switch for it. Add folium.LayerControl().",
                lambda m: bool(layers(m, folium.LayerControl)),
            ),
        ],
        mistakes={
            "The markers are not in a FeatureGroup yet. Make one with "
            "folium.FeatureGroup('towns').add_to(m) and add the markers to it.": (
                lambda: _map_of_towns(group=False)
            ),
            "There are markers for other countries too. Keep the rows whose country "
            "is CHN.": lambda: _map_of_towns(country=""),
            "Some Chinese places have no marker yet. Draw all rows whose country is "
            "CHN and that have coordinates.": lambda: _map_of_towns(country="MNG"),
            "The layer is there, but no switch for it. Add folium.LayerControl().": (
                lambda: _map_of_towns(control=False)
            ),
        },
        minutes=10,
        solution="""
chinese_towns = course.area_map("heilongjiang", alt="Chinese places of the course.")
group = folium.FeatureGroup("Chinese towns").add_to(chinese_towns)
for town in places[places["country"] == "CHN"].dropna(subset=["lat"]).itertuples():
    folium.CircleMarker([town.lat, town.lon], radius=4, tooltip=town.name_en).add_to(group)
folium.LayerControl().add_to(chinese_towns)

course.check("02.3", chinese_towns)
""",
        hints=[
            "The cell above does the same for Russian towns. What has to change?",
            'places[places["country"] == "CHN"] keeps the Chinese rows.',
        ],
        after="Layers let a reader decide what to compare.",
    ),
    Exercise(
        "02.4",
        ask="Find the region a join loses",
        objective=2,
        kind="set",
        answer=lambda: {"MN-064"},
        mistakes={
            "These include the aggregates: sums over several regions never had a "
            "shape. Keep the rows whose kind is not aggregate.": lambda: set(
                load("regions")["region_id"]
            )
            - set(load("region_polygons").table["region_id"]),
            "That is its name. Hand in the region_id.": lambda: {
                load("regions").set_index("region_id").loc["MN-064", "name_en"]
            },
            "That is the difference the other way round: shapes without a row. There "
            "are none. Look for rows without a shape.": lambda: set(
                load("region_polygons").table["region_id"]
            )
            - set(load("regions")["region_id"]),
            "These rows found their shape: _merge says both. Look for left_only.": (
                lambda: set(load("region_polygons").table["region_id"])
            ),
        },
        solution="""
without_shape = joined[(joined["_merge"] == "left_only") & (joined["kind"] != "aggregate")]
lost_region = without_shape["region_id"]

course.check("02.4", lost_region)
""",
        hints=[
            'joined["_merge"] == "left_only" marks rows without a shape.',
            'Two conditions go together with &: ... & (joined["kind"] != "aggregate").',
        ],
        after="A small Mongolian unit, and the railway to China runs through it. A "
        "plain merge would have dropped it in silence.",
    ),
    Exercise(
        "02.5",
        ask="Tell no data from zero",
        objective=3,
        kind="choice",
        options=["Russia", "China", "Mongolia"],
        answer=lambda: "Mongolia",
        mistakes={
            "China publishes a figure for each of these years. Set the slider to 2017 "
            "and look for stripes.": lambda: "China",
            "Russia publishes a figure for 2017. Set the slider to 2017 and look for "
            "stripes.": lambda: "Russia",
            "Not all of them: some regions are coloured. Hand in the one country "
            "whose regions are striped.": lambda: "all",
        },
        solution="""
striped_country = "Mongolia"

course.check("02.5", striped_country)
""",
        hints=[
            "Click on the slider and press the arrow keys until it says 2017.",
            "live.values(2017) lists the regions that do have a value.",
        ],
        after="Our Mongolian figures come from censuses, and a census does not come "
        "every year. The people were there all the same.",
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
                lambda: _two_banks(per_area=False)
            ),
            "The wrong way round: you found how dense Amur Oblast is, measured by "
            "Heilongjiang.": lambda: 1 / _two_banks(),
            "You took the older figure for Amur Oblast. Use the recalculated vintage.": (
                lambda: _two_banks(PANEL)
            ),
            "That is a difference. 'How many times' asks for a ratio: divide.": (
                lambda: _figure("CN-HL", 2020, "population_year_end") / _area("CN-HL")
                - _figure(
                    "RU-AMU", 2020, "population_annual_average", RECALCULATED
                )
                / _area("RU-AMU")
            ),
        },
        tolerance=0.002,
        solution="""
area = regions.set_index("region_id")["area_km2"]
recalculated = people[people["vintage"] != "before_census_2021"]
persons = recalculated.set_index("region_id")["value"]
times_as_dense = (persons["CN-HL"] / area["CN-HL"]) / (persons["RU-AMU"] / area["RU-AMU"])

course.check("02.6", times_as_dense)
""",
        hints=[
            "Density is persons divided by area_km2. You need two of them.",
            "Then divide the density of Heilongjiang by that of Amur Oblast.",
        ],
        after="One river, two worlds. Any talk of developing the Far East begins with "
        "this ratio.",
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
                "Check key_on: the key stands in feature.properties.region_id.",
                _coloured,
            ),
            (
                "The colours show something else than density. The second of the two "
                "columns should be per_km2.",
                _shows_density,
            ),
            (
                "Readers cannot tell what the colours mean. Name the unit in "
                "legend_name, for example 'persons per square kilometre'.",
                lambda m: any(
                    word in _legend(m).lower()
                    for word in ("km", "kilomet", "км", "кв", "公里")
                ),
            ),
        ],
        mistakes={
            "There is no folium.Choropleth on the map yet.": lambda: _map_of_towns(),
            "The colours did not find their regions: all are drawn as no data. Check "
            "key_on: the key stands in feature.properties.region_id.": (
                lambda: _choropleth(key="feature.properties.name_en")
            ),
            "The colours show something else than density. The second of the two "
            "columns should be per_km2.": lambda: _choropleth(value="value"),
            "Readers cannot tell what the colours mean. Name the unit in legend_name, "
            "for example 'persons per square kilometre'.": (
                lambda: _choropleth(legend="density")
            ),
        },
        minutes=10,
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
            'columns=["region_id", "per_km2"] names the key first, then the value.',
        ],
        after="The south is settled, the north hardly. A count would have hidden it.",
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
            "cos() wants radians. Use cos(radians(62)).": lambda: (cos(46) / cos(62))
            ** 2,
            "That is how much Yakutsk is enlarged compared with the equator. Divide by "
            "the same factor for Harbin.": lambda: 1 / cos(radians(62)) ** 2,
        },
        solution="""
times_larger = (cos(radians(46)) / cos(radians(62))) ** 2

course.check("02.8", times_larger)
""",
        hints=[
            "Compute the factor of the table above for 62 and for 46 degrees.",
            "Then divide the one by the other.",
        ],
        after="Seen on a web map the north looks more than twice as big as it is. It "
        "is large enough without that.",
    ),
    Exercise(
        "02.9",
        ask="Compare years within the same borders",
        objective=5,
        kind="number",
        unit="persons",
        answer=lambda: _change("RU-FEFD", "RU-FEFD"),
        mistakes={
            "You went from the old borders to the new ones. That counts two regions "
            "that moved on paper. Use RU-FEFD for both years.": lambda: _change(
                "RU-FEFD9", "RU-FEFD"
            ),
            "These are the nine regions of the old district. Use RU-FEFD, the eleven, "
            "for both years.": lambda: _change("RU-FEFD9", "RU-FEFD9"),
            "The sign is turned round: later year minus earlier year. A loss is "
            "negative.": lambda: -_change("RU-FEFD", "RU-FEFD"),
            "These two years come from different vintages. The step between them is a "
            "recount, not people who left.": lambda: _figure(
                "RU-FEFD", 2019, "population_annual_average", RECALCULATED
            )
            - _figure("RU-FEFD", 2017, "population_annual_average", PANEL),
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
        after="The district grew by two regions and lost people at the same time. A "
        "news page read the same change of borders as growth; lesson 03 meets it.",
    ),
]
