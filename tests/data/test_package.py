"""The data is sound, a good change is one line, and each kind of fault is named."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("shapely")
pytest.importorskip("pyproj")
from tests.data.checks import complaints, faults  # noqa: E402

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def real_faults():
    """What is wrong with the data as it is: nothing, on a good day."""
    return complaints(DATA)


@pytest.fixture
def folder(tmp_path, real_faults):
    """A copy of the data, to plant one fault in."""
    if real_faults:
        pytest.skip("first mend what test_the_data_is_sound names")
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def change(path, edit):
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


def rows(edit):
    """An edit of a CSV file by its rows, the header first."""

    def edited(text):
        table = list(csv.reader(io.StringIO(text)))
        edit(table)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(table)
        return out.getvalue()

    return edited


def cell(column, value, **where):
    """An edit that puts a value (or what a function makes of the old one) into one row."""

    def put(table):
        head = table[0]
        fits = (r for r in table[1:] if all(r[head.index(c)] == v for c, v in where.items()))
        row, at = next(fits), head.index(column)
        row[at] = value(row[at]) if callable(value) else value

    return rows(put)


def without(column):
    def drop(table):
        at = table[0].index(column)
        for row in table:
            del row[at]

    return rows(drop)


def times(factor):
    return lambda number: f"{float(number) * factor:.10g}"


def shapes(edit):
    """An edit of the features of a GeoJSON file."""

    def edited(text):
        collection = json.loads(text)
        edit(collection["features"])
        return json.dumps(collection) + "\n"

    return edited


def turn(features):
    """Latitude before longitude."""
    line = features[0]["geometry"]["coordinates"]
    features[0]["geometry"]["coordinates"] = [[lat, lon] for lon, lat in line]


def describe(**new):
    def put(text):
        package = json.loads(text)
        package["resources"][0] |= new
        return json.dumps(package)

    return put


HEILONGJIANG = {"region_id": "CN-HL", "year": "2017", "vintage": "export_2025"}
TRADE = {"reporter": "CHN", "partner": "RUS", "year": "2017"}
HEIHE, FORUM = {"place_id": "heihe"}, {"event_id": "brf_2017"}


def product(make):
    return cell("value", make, indicator_id="gdp_current_prices", **HEILONGJIANG)


# fmt: off
FORM = [  # file, edit, what is said of it
    ("events.csv", lambda s: s[:5000], "was the file cut?"),
    ("events.csv", lambda s: s.split("\n")[0] + "\n", "it has no rows"),
    ("claims.csv", lambda s: "\ufeff" + s, "without BOM"),
    ("claims.csv", lambda s: s.replace("\n", "\r\n"), "LF, not CRLF"),
    ("routes.csv", lambda s: s.replace(",", ";"), "save it with commas"),
    ("events.csv", lambda s: s.replace("\n", "\na,b\n", 1), "is a text not in quotes?"),
    ("events.csv", lambda s: s[:200] + s[200:].replace(",", ',"', 1), "quotes are not closed"),
    ("events.csv", without("check"), "the columns check are missing"),
    ("events.csv", rows(lambda t: [r.append("") for r in t]), "columns differ"),
    ("lakes.geojson", lambda s: s[:-9] + "\n", "it is no GeoJSON"),
    ("lakes.geojson", shapes(lambda f: f[0]["properties"].update(depth=1)), "not describe depth"),
    ("datapackage.json", describe(description=""), "it needs a title and a description"),
    ("datapackage.json", describe(hash="sha256:0"), "leave out bytes and hash"),
    ("claims.csv", cell("source_id", "", claim_id="c01"), "source_id must not be empty"),
    ("events.csv", cell("source2_id", "hearsay", **FORUM), "'hearsay' is not in sources.csv"),
    ("places.csv", cell("region_id", "RU-XX", **HEIHE), "'RU-XX' is not in regions.csv"),
    ("events.csv", rows(lambda t: t.append(t[1])), "this event_id stands in line 2 too"),
    ("events.csv", cell("date", "2017/06/15", **FORUM), "does not have the form"),
    ("events.csv", cell("date", "2017-02-30", **FORUM), "is not in the calendar"),
    ("part_year_trade.csv", cell("period_end", "31.05.2017"), "is not a date"),
    ("partner_shares.csv", cell("share_pct", "many"), "is not a number"),
    ("bilateral_trade.csv", cell("total_usd_bn", "1,234"), "is not a number"),
    ("places.csv", cell("population", "5.5"), "is not a whole number"),
    ("events.csv", cell("kind", "forum ", kind="forum"), "has a space"),
    ("partner_shares.csv", cell("share_pct", "117"), "is above 100"),
    ("bilateral_trade.csv", cell("total_usd_bn", "-1"), "is below 0"),
    ("tariffs.csv", cell("year", "20017"), "is above 2035"),
    ("claims.csv", cell("verdict", "true", claim_id="c04"), "is none of supported,"),
    ("places.csv", cell("lat", "127.5", **HEIHE), "is above 82"),
]
MEANING = [
    ("places.csv", cell("name_zh", "符拉迪沃斯托克（海参崴）", place_id="vladivostok"),
     "海参崴 is not the name of today: it belongs into the note"),
    ("places.csv", cell("note", "", place_id="blagoveshchensk"),
     "the note should have the other name 海兰泡"),
    ("places.csv", cell("name_ru", "Далянь (Дальний)", place_id="dalian"),
     "name_ru has two names: one of them is today's"),
    ("places.csv", lambda s: cell("lon", "50.2", **HEIHE)(cell("lat", "75", **HEIHE)(s)),
     "is not in CHN: are lat and lon swapped?"),
    ("route_lines.geojson", shapes(turn), "are lat and lon swapped?"),
    ("region_polygons.geojson", shapes(lambda f: f.pop(0)), "the region has no outline"),
    ("region_indicators.csv", lambda s: s[: s.index("\nRU-ZAB")] + "\n", "were rows lost?"),
    ("region_indicators.csv", cell("value", "-5", indicator_id="population_census"),
     "persons cannot be the population_census"),
    ("region_indicators.csv", product(times(1000)), "billion CNY cannot be"),
    ("region_indicators.csv", product(times(2)), "stands far from the years around it"),
    ("region_indicators.csv", product(times(1.1)), "CN-NE3 is not the sum of its parts"),
    ("national_indicators.csv", cell("value", times(2), country="RUS", year="2024"),
     "stands far from the years around it"),
    ("region_indicators.csv", cell("vintage", "export_2018", **HEILONGJIANG | {"year": "2024"}),
     "vintage is not that of the other rows"),
    ("bilateral_trade.csv", cell("total_usd_bn", times(1.1), **TRADE), "do not make"),
    ("bilateral_trade.csv", cell("yoy_pct", "2.1", series="China customs first release", **TRADE),
     "yoy_pct 2.1 does not follow"),
    ("part_year_trade.csv", rows(lambda t: [r.__setitem__(slice(6, 9), ["", "", "900"])
     for r in t if r[:3] == ["CHN", "RUS", "2017"]]), "is more than the whole of 2017 has"),
    ("trade_structure.csv", cell("share_pct", "60", coverage="complete"), "do not add up to 100"),
    ("trade_targets.csv", cell("status", "met", status="missed"), "is below the target"),
    ("gravity_flows.csv", cell("distance_km", "550.67", exporter="CHN", importer="RUS"),
     "distance_km 550.67 differs from the way back"),
    ("gravity_flows.csv", rows(lambda t: t.pop(5)), "78 economies make 6006 pairs"),
    ("gravity_flows.csv", cell("agreement", "0", exporter="DEU", importer="FRA"),
     "an agreement that is not in force has no name"),
    ("route_stops.csv", cell("km_from_prev", "120", place_id="karymskoye"), "add up km_from_prev"),
    ("network_edges.csv", cell("km", "560", from_place_id="ulan_ude", to_place_id="chita", mode="rail"),
     "is neither in rail_distances nor in route_stops"),
    ("network_edges.csv", cell("km", times(0.5), from_place_id="daqing", to_place_id="harbin"),
     "is shorter than the straight line"),
    ("network_edges.csv", cell("km", times(3), from_place_id="daqing", to_place_id="harbin"),
     "is a very long way round"),
    ("network_edges.csv", cell("crosses_border", "false", crossing_id="naushki_sukhbaatar_rail"),
     "crosses_border is False"),
    ("network_edges.csv", cell("crossing_id", "", crossing_id="naushki_sukhbaatar_rail"),
     "has a crossing_id"),
    ("network_edges.csv", cell("country", "RUS", from_place_id="zabaykalsk", mode="rail"),
     "country is for a stretch inside"),
    ("network_edges.csv", cell("gauge_mm", "1520", from_place_id="zabaykalsk", mode="rail"),
     "one gauge or a break"),
    ("border_closures.csv", cell("reopened_on", "2020-11-18", closed_on="2020-12-11"),
     "is before closed_on"),
    ("border_delays.csv", cell("hours", times(2), unit="days"), "days are not"),
    ("trade_weights.csv", cell("importer_total_usd_mn", "5", year="2010"), "cannot trade less in"),
    ("partner_flows.csv", cell("value_usd_mn", times(3), importer="CHN", year="2020"),
     "do not make all that it sells"),
    ("payment_currency.csv", cell("share_pct", "90", flow="exports", currency="RUB", month="12"),
     "the currencies make more than 100 %"),
    ("region_trade.csv", cell("exports_usd_mn", times(3), region_id="RU-SAK"),
     "exports_usd_mn is not the sum"),
    ("monthly_prices.csv", cell("value", times(10), series="brent", month="2014-06"),
     "more than double the month before"),
    ("monthly_prices.csv", rows(lambda t: t.pop(40)), "a month is missing"),
    ("events.csv", cell("source2_id", "", check="two sources"), "source2_id is empty"),
    ("events.csv", cell("source2_id", "sputnik_15_may_2017", source_id="sputnik_15_may_2017"),
     "source2_id repeats source_id"),
    ("sources.csv", rows(lambda t: t.append(["zz_idle", *t[1][1:]])), "no row of any table uses"),
    ("events.csv", cell("note", "See https://example.org/x"), "addresses belong into the table"),
    ("events.csv", cell("date_precision", "day", date_precision="month"), "date_precision day does"),
    ("claims.csv", cell("followed", "no", claim_id="c35"), "'supported' does not go with followed"),
    ("claims.csv", cell("happened", "", claim_id="c12"), "every forecast needs it"),
    ("claims.csv", cell("evidence", lambda s: s.replace("32", "33"), claim_id="c47"), "are now [32"),
    ("project_promises.csv", cell("state", "open", thing="yamal_lng"), "done_on is for what is done"),
    ("project_promises.csv", cell("as_of", "2016", thing="yamal_lng"), "it is done after as_of"),
    ("project_promises.csv", cell("promised_on", "2027", thing="tianwan_7"), "it is promised after"),
    ("project_promises.csv", cell("number", "2", thing="yamal_lng"), "are numbered 1, 2, 3"),
    ("project_promises.csv", cell("promised_on", "2018", promise_id="ahl_helicopter_1"), "made later"),
    ("project_promises.csv", cell("milestone", "opened", thing="heihe_bridge"), "has one milestone"),
    ("project_promises.csv", cell("done_on", "2017-12-09", thing="yamal_lng"), "not the completed_on"),
]
# fmt: on


def test_the_data_is_sound(real_faults):
    assert not real_faults, "\n".join(real_faults)


@pytest.mark.parametrize(("file", "edit", "words"), FORM + MEANING)
def test_every_kind_of_fault_is_named(folder, file, edit, words):
    change(folder / file, edit)
    found = any(line.startswith(file) and words in line for line in faults(folder))
    assert found, complaints(folder)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("events.csv", "Хабаровск".encode("cp1251"), "save it as UTF-8"),
        ("events.csv", None, "there is no such file"),
        ("extra.csv", b"a,b\n", "does not describe this file"),
        ("datapackage.json", b"{", "it cannot be read"),
    ],
)
def test_every_file_is_there_and_readable(folder, file, content, words):
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    [said] = complaints(folder)
    assert said.startswith(file) and words in said


def test_a_good_change_of_a_number_is_one_line(folder):
    change(folder / "places.csv", cell("population", "162001", place_id="heihe"))
    assert complaints(folder) == []
    old, new = ((d / "places.csv").read_text(encoding="utf-8") for d in (DATA, folder))
    pairs = zip(old.splitlines(), new.splitlines(), strict=True)
    assert sum(a != b for a, b in pairs) == 1


def test_other_programs_can_read_the_package():
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(DATA / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])


def test_the_package_stays_small():
    assert sum(path.stat().st_size for path in DATA.iterdir()) <= 6_000_000
