"""What a statistician would ask of the tables on regions, places, claims and events."""

import re

import pandas as pd
import pytest

from course.data import read

shapely = pytest.importorskip("shapely")
pyproj = pytest.importorskip("pyproj")
from shapely.geometry import shape  # noqa: E402

FLAT = "+proj=aea +lat_1=40 +lat_2=65 +lat_0=50 +lon_0=115 +datum=WGS84 +units=m"
COARSE = {"MN-035", "MN-037", "MN-1"}  # under 5,000 km2, drawn with few points


@pytest.fixture(scope="module")
def figures():
    """The figures of regions, without gaps in the edition."""
    return read("region_indicators").fillna({"vintage": "", "note": ""})


@pytest.fixture(scope="module")
def regions():
    """The regions by id."""
    return read("regions").set_index("region_id")


def far_east(regions):
    """The regions of the district in the borders of today."""
    return sorted(regions.index[regions["macro_region"] == "Far Eastern Federal District"])


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ("RU-FEFD", None),
        ("RU-FEFD9", {"RU-BU", "RU-ZAB"}),
        ("CN-NE3", ["CN-HL", "CN-JL", "CN-LN"]),
    ],
)
def test_sums_are_those_of_their_parts(figures, regions, total, parts):
    if not isinstance(parts, list):
        parts = [r for r in far_east(regions) if r not in (parts or ())]
    keys = ["indicator_id", "vintage", "year"]
    wide = figures.pivot(index=keys, columns="region_id", values="value")
    wide = wide.dropna(subset=[total, *parts])
    assert len(wide) > 25
    assert (wide[parts].sum(axis=1) / wide[total] - 1).abs().max() < 0.0005


def test_the_district_of_nine_is_that_of_eleven_without_two(figures):
    people = figures[figures["indicator_id"] == "population_annual_average"]
    wide = people.pivot(index=["vintage", "year"], columns="region_id", values="value")
    moved = wide["RU-FEFD"] - wide["RU-FEFD9"]
    both = wide["RU-BU"] + wide["RU-ZAB"]
    assert (moved - both).dropna().abs().max() < 1 and moved.notna().sum() == 21


def test_a_value_is_near_those_of_the_years_around_it_or_flagged(figures):
    rows = figures.sort_values("year")
    series = rows.groupby(["region_id", "indicator_id", "vintage"])
    ratio = rows["value"] / series["value"].shift()
    far = ~ratio.between(1 / 3, 3) & (series["year"].diff() == 1)
    patents = rows["indicator_id"] == "patents_granted_inventions"
    few = patents & (rows["value"].where(ratio > 1, series["value"].shift()) < 20)
    assert rows.loc[far & ~few, "note"].str.contains("jump").all()
    assert not rows.loc[~far | few, "note"].str.contains("jump").any()
    assert 5 <= (far & ~patents).sum() <= 12  # single large projects in small regions


def test_breaks_smaller_than_a_jump_are_named(figures):
    wear = figures[figures["indicator_id"] == "fixed_assets_wear"]
    years = wear.pivot(index="region_id", columns="year", values="value")
    fell = years.index[years[2003] < years[2002] * 2 / 3]
    said = wear[wear["note"].str.contains("break in the source")]
    assert set(said["region_id"]) == set(fell) and set(said["year"]) == {2003}
    single = figures[figures["note"].str.contains("One year out of line")]
    places = set(zip(single["region_id"], single["year"], strict=True))
    assert places == {("RU-KHA", 2017), ("RU-CHU", 2005)}


def test_dollars_of_provincial_trade_skip_the_year_the_file_has_wrong(figures):
    dollars = figures[figures["indicator_id"] == "goods_trade_total_usd"]
    assert 2006 not in set(dollars["year"]) and {2005, 2007} <= set(dollars["year"])


def test_the_false_fall_of_the_mixed_vintage_is_there_and_only_there(figures):
    product = figures[figures["indicator_id"] == "gdp_current_prices"]
    falls = {}
    for vintage, rows in product[product["region_id"] == "CN-HL"].groupby("vintage"):
        years = rows.set_index("year")["value"]
        falls[vintage] = years.pct_change().min()
    assert falls["export_2020"] == pytest.approx(-0.19, abs=0.01)
    assert min(v for k, v in falls.items() if k != "export_2020") > -0.1


def test_growth_of_the_product_fits_its_levels_per_head(figures):
    wide = figures.pivot_table(
        index=["region_id", "vintage", "year"], columns="indicator_id", values="value"
    )
    people = wide["population_annual_average"].groupby(["region_id", "year"]).max()
    rows = wide[["grp_current_prices", "grp_per_capita"]].groupby(["region_id", "year"]).min()
    own = rows["grp_current_prices"] * 1e6 / people
    gap = (own / rows["grp_per_capita"] - 1).dropna().abs()
    old = gap[gap.index.get_level_values("year") < 2016]
    assert len(old) > 300 and old.quantile(0.95) < 0.02 and old.max() < 0.12


def test_editions_agree_where_nothing_was_revised(figures):
    product = figures[figures["indicator_id"] == "gdp_current_prices"]
    wide = product.pivot(index=["region_id", "year"], columns="vintage", values="value")
    ratio = wide.div(wide["export_2025"], axis=0).dropna(how="all")
    revised = {k: round(v, 2) for k, v in ratio.max().items()}
    assert revised["export_2024"] < 1.05
    assert ratio.loc[("CN-HL", 2017), "export_2018"] == pytest.approx(1.256, abs=0.005)


# --- shapes -------------------------------------------------------------------


def test_polygons_are_valid_and_each_study_region_has_one(regions):
    shapes = {f["properties"]["region_id"]: f for f in read("region_polygons")["features"]}
    assert all(shape(f["geometry"]).is_valid for f in shapes.values())
    real = regions[regions["kind"] != "aggregate"]
    assert set(real.index) - set(shapes) == {"MN-064"}
    assert set(shapes) == set(regions.index[regions["has_shape"]])


def test_drawn_areas_fit_the_table(regions):
    flat = pyproj.Transformer.from_crs("EPSG:4326", FLAT, always_xy=True)
    off = {}
    for feature in read("region_polygons")["features"]:
        region = feature["properties"]["region_id"]
        drawn = shapely.transform(shape(feature["geometry"]), flat.transform, interleaved=False)
        off[region] = drawn.area / 1e6 / regions["area_km2"][region] - 1
    off = pd.Series(off)
    assert off.notna().all()
    assert set(off.index[off.abs() > 0.1]) == COARSE


def test_labels_lie_in_their_regions(regions):
    for feature in read("region_polygons")["features"]:
        row = regions.loc[feature["properties"]["region_id"]]
        assert shape(feature["geometry"]).covers(shapely.Point(row.label_lon, row.label_lat))


def test_chukotka_is_in_one_piece():
    features = read("region_polygons")["features"]
    [chukotka] = [f for f in features if f["properties"]["region_id"] == "RU-CHU"]
    west, _, east, _ = shape(chukotka["geometry"]).bounds
    assert 155 < west < 160 and 185 < east < 191


def test_places_lie_in_the_region_they_name():
    shapes = {
        f["properties"]["region_id"]: shape(f["geometry"])
        for f in read("region_polygons")["features"]
    }
    places = read("places").dropna(subset=["lat", "region_id"])
    places = places[places["region_id"].isin(shapes)]
    far = {
        p.place_id: shapes[p.region_id].distance(shapely.Point(p.lon, p.lat))
        for p in places.itertuples()
    }
    assert len(far) > 90 and max(far.values()) < 0.35, max(far, key=far.get)


def test_crossings_lie_between_their_places():
    places = read("places").set_index("place_id")[["lat", "lon"]]
    for row in read("crossings").dropna(subset=["lat"]).itertuples():
        for place in (row.side_a_place_id, row.side_b_place_id):
            if isinstance(place, str) and row.coord_quality != "seat only":
                lat, lon = places.loc[place]
                if pd.isna(lat):
                    continue
                # a banner or district seat can lie far from its border post
                assert abs(lat - row.lat) < 1.5 and abs(lon - row.lon) < 2.5, row.crossing_id


# --- claims and events ----------------------------------------------------------


@pytest.fixture(scope="module")
def claims():
    """The claims."""
    return read("claims")


def test_each_kind_of_claim_answers_its_own_question(claims):
    for kind, column in (("forecast", "happened"), ("recommendation", "followed")):
        rows = claims[claims["claim_type"] == kind]
        assert rows[column].notna().all(), kind
        assert claims.loc[claims["claim_type"] != kind, column].isna().all(), kind
    assert claims.loc[claims["claim_type"] == "forecast", "cause"].notna().all()


def test_verdicts_fit_what_happened(claims):
    bad = claims[(claims["happened"] == "no") & claims["verdict"].str.startswith("supported")]
    bad = pd.concat(
        [
            bad,
            claims[
                (claims["followed"] == "no") & claims["verdict"].str.startswith("supported")
            ],
        ]
    )
    assert list(bad["claim_id"]) == []
    unsure = claims[claims["verdict"] == "cannot tell"]
    assert not unsure["happened"].isin(["yes", "no"]).any()


def test_every_verdict_says_what_would_change_it(claims):
    assert claims["would_change"].str.len().min() > 20
    assert claims["evidence"].str.len().min() > 20
    dated = claims[claims["evidence_kind"] != "none"]
    undated = dated[dated["evidence_date"].isna()]
    assert set(undated["verdict"]) <= {"cannot tell"}
    assert set(claims["lesson"]) <= {f"{n:02}" for n in range(1, 13)}


def test_claims_are_in_our_own_words(claims):
    text = " ".join(claims[["claim", "evidence", "would_change"]].to_numpy().ravel())
    assert not re.search(r"https?://|\[check|corpus|this session", text)


def test_the_count_of_projects_in_c47_is_that_of_the_table(claims):
    projects = read("projects").astype(object).fillna("")
    told = claims.set_index("claim_id").loc["c47", "evidence"]
    begun = (
        projects[["agreed_on", "started_on"]].replace("", "9999").min(axis=1) <= "2017-06-15"
    )
    finished = (projects["completed_on"] != "") & (projects["completed_on"] <= "2017-06-15")
    open_then = projects[begun & ~finished]
    total = int(re.search(r"Of (\d+) projects", told)[1])
    assert abs(len(open_then) - total) <= 4, len(open_then)


def test_events_are_dated_as_exactly_as_they_say():
    events = read("events")
    parts = events["date"].str.count("-").map({0: "year", 1: "month", 2: "day"})
    assert (parts == events["date_precision"]).all()
    assert (events["check"] != "two sources").to_numpy()[events["source2_id"].isna()].all()
