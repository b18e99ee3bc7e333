"""The data package as a whole: formally sound, and each kind of fault is refused."""

import hashlib
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from course.data import package, read
from course.paths import data_dir

pytest.importorskip("frictionless")
from tests.derive.checks import complaints  # noqa: E402

REPO = Path(__file__).resolve().parents[2]
ROWS = {  # a small package: enough of each table to plant a fault in
    "places": lambda t: t[t["place_id"].isin(["harbin", "heihe", "moscow", "blagoveshchensk"])],
    "regions": lambda t: t,
    "indicators": lambda t: t,
    "vintages": lambda t: t,
    "region_indicators": lambda t: t[t["region_id"].isin(["CN-HL", "RU-AMU"])],
    "partner_shares": lambda t: t.head(30),
    "events": lambda t: t.head(20),
    "agreements": lambda t: t.head(20),
}


def resource(name):
    """A table's entry in the descriptor."""
    return next(r for r in package()["resources"] if r["name"] == name)


def write(folder, name, frame, described):
    """Write a table with the checksum its description then needs."""
    text = frame.to_csv(index=False, lineterminator="\n", encoding="utf-8")
    (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    content = text.encode("utf-8")
    described["bytes"] = len(content)
    described["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def small(tmp_path):
    """A sound package of a few rows, and a way to write it again with a fault."""
    frames = {}
    for name, cut in ROWS.items():
        path = data_dir() / resource(name)["path"]
        frames[name] = cut(
            pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        )
    used = {i for f in frames.values() for c in f if c.endswith("source_id") for i in f[c]}
    used |= {i for f in frames.values() if "source2_id" in f for i in f["source2_id"]}
    sources = pd.read_csv(
        data_dir() / "sources.csv", dtype=str, keep_default_na=False, encoding="utf-8"
    )
    frames["sources"] = sources[sources["source_id"].isin(used)]
    shapes = (data_dir() / "countries.geojson").read_bytes()
    (tmp_path / "countries.geojson").write_bytes(shapes)

    def build(**changed):
        entries = []
        for name, frame in (frames | changed).items():
            entry = json.loads(json.dumps(resource(name)))
            write(tmp_path, name, frame, entry)
            entries.append(entry)
        text = json.dumps({"name": "small", "resources": entries})
        (tmp_path / "datapackage.json").write_text(text, encoding="utf-8")
        return complaints(tmp_path)

    build.frames = frames
    return build


def test_the_whole_package_is_sound():
    assert complaints(data_dir()) == []


def test_a_sound_small_package_is_accepted(small):
    assert small() == []


def put(frame, column, value, row=0):
    """A copy with one cell changed."""
    frame = frame.copy()
    frame.iloc[row, frame.columns.get_loc(column)] = value
    return frame


def of(frame, **wanted):
    """The number of the first row that has these values."""
    fits = pd.Series(True, index=frame.index)
    for column, value in wanted.items():
        fits &= frame[column] == value
    return frame.index.get_loc(frame.index[fits][0])


FAULTS = {
    "bad date": ("sources", lambda t: put(t, "published", "the 5th of May"), "pattern"),
    "bad date of an event": ("events", lambda t: put(t, "date", "2017/06/15"), "pattern"),
    "unknown source": ("events", lambda t: put(t, "source_id", "hearsay"), "foreign"),
    "unknown region": ("places", lambda t: put(t, "region_id", "RU-XX"), "foreign"),
    "duplicate key": ("events", lambda t: pd.concat([t, t.head(1)]), "primary"),
    "no source": ("events", lambda t: put(t, "source_id", ""), "required"),
    "negative population": (
        "region_indicators",
        lambda t: put(t, "value", "-5", of(t, indicator_id="population_year_end")),
        "persons cannot be",
    ),
    "share above 100": ("partner_shares", lambda t: put(t, "share_pct", "117"), "maximum"),
    "percentage above 100": (
        "region_indicators",
        lambda t: put(t, "value", "104", of(t, indicator_id="urban_share")),
        "percent of population cannot be",
    ),
    "lat and lon swapped": (
        "places",
        lambda t: t.rename(columns={"lat": "lon", "lon": "lat"})[t.columns],
        "maximum",
    ),
    "lat and lon swapped where both would do": (
        "places",
        lambda t: put(put(t, "lat", "48.5"), "lon", "65.0"),
        "swapped",
    ),
    "value out of range for its unit": (
        "region_indicators",
        lambda t: put(t, "value", "1590000000", of(t, indicator_id="gdp_current_prices")),
        "billion CNY cannot be",
    ),
    "mixed vintage": (
        "region_indicators",
        lambda t: put(t, "vintage", "export_2018", of(t, vintage="export_2025")),
        "mixed vintages",
    ),
    "unknown check": ("events", lambda t: put(t, "check", "surely"), "enum"),
    "two sources, one named": (
        "events",
        lambda t: put(t, "source2_id", "", of(t, check="two sources")),
        "name only one",
    ),
    "text for a number": ("partner_shares", lambda t: put(t, "share_pct", "many"), "number"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_fault_is_refused(small, fault):
    table, plant, words = FAULTS[fault]
    said = small(**{table: plant(small.frames[table])})
    assert any(line.startswith(f"{table}: ") and words in line for line in said), said


def test_a_changed_file_is_noticed(tmp_path, small):
    small()
    path = tmp_path / "events.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2", "3", 1), encoding="utf-8")
    assert any("hash" in line for line in complaints(tmp_path))


def test_the_package_stays_small():
    size = sum(p.stat().st_size for p in data_dir().iterdir())
    assert size <= 6_000_000


def test_every_file_has_a_description_and_every_description_a_file():
    files = {p.name for p in data_dir().iterdir()} - {"datapackage.json", "README.md"}
    assert files == {r["path"] for r in package()["resources"]}


def test_the_descriptor_is_complete():
    described = package()
    assert {"name", "title", "description", "version", "licenses", "contributors"} <= set(
        described
    )
    for entry in described["resources"]:
        assert entry["title"] and entry["description"], entry["name"]
        for field in entry["schema"]["fields"]:
            assert {"name", "type", "description"} <= set(field), (entry["name"], field)


def test_every_table_of_facts_names_its_sources():
    without = {r["name"] for r in package()["resources"]}
    for name in list(without):
        content = read(name)
        frame = content.table if isinstance(content, dict) else content
        if "source_id" in frame:
            without.discard(name)
            assert frame["source_id"].notna().all(), name
    assert without == {"indicators", "vintages", "route_lines"}  # words of our own


def test_every_source_is_used():
    used: set[str] = set()
    for entry in package()["resources"]:
        content = read(entry["name"])
        frame = content.table if isinstance(content, dict) else content
        for column in frame:
            if column.endswith(("source_id", "source2_id")) and entry["name"] != "sources":
                used |= set(frame[column].dropna())
    assert set(read("sources")["source_id"]) == used


def test_the_ids_of_sources_tell_what_they_are():
    ids = read("sources")["source_id"]
    assert not ids.str.startswith("page_at").any()


def reference():
    """The folder of the collected facts, if it is at hand."""
    named = os.environ.get("COURSE_REFERENCE")
    return Path(named) if named else REPO.parent / "shared" / "reference"


@pytest.mark.skipif(not reference().is_dir(), reason="the collected facts are not at hand")
def test_the_scripts_make_exactly_these_files(tmp_path):
    from tests.derive.__main__ import derive, write

    write(derive(reference()), tmp_path)
    made = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    kept = {p.name: p.read_bytes() for p in data_dir().iterdir()}
    assert set(made) == set(kept)
    assert [name for name in made if made[name] != kept[name]] == []


AGREE = {  # what came of it -> the verdicts that go with it, as the descriptor says
    "yes": {"supported", "supported in part"},
    "in part": {"supported in part", "mixed", "contradicted in part"},
    "no": {"contradicted in part", "contradicted"},
    "cannot tell": {"cannot tell"},
}
KINDS = {"happened": "forecast", "followed": "recommendation"}


@pytest.mark.parametrize("column", KINDS)
def test_a_verdict_agrees_with_what_came_of_the_claim(column):
    claims = read("claims")
    said = claims[claims[column].notna()]
    assert set(said["claim_type"]) == {KINDS[column]}
    assert set(claims["claim_id"][claims["claim_type"] == KINDS[column]]) == set(
        said["claim_id"]
    )
    odd = [r.claim_id for r in said.itertuples() if r.verdict not in AGREE[getattr(r, column)]]
    assert odd == []


def test_claims_without_a_date_of_evidence_have_none_or_an_undated_page():
    claims = read("claims")
    undated = claims[claims["evidence_date"].isna()]
    pages = read("sources").set_index("source_id")["published"]
    reported = undated[undated["evidence_kind"] == "reported"]
    assert pages[reported["source_id"]].isna().all()
    assert (undated["evidence_kind"] != "derived").all()


def test_copies_of_an_encyclopaedia_are_not_counted_twice():
    pages = read("sources").set_index("source_id")["publisher"]
    for entry in package()["resources"]:
        frame = read(entry["name"])
        if isinstance(frame, dict) or not {"source2_id", "check"} <= set(frame.columns):
            continue
        two = frame[frame["check"] == "two sources"]
        both = [
            pages[two[c]].str.startswith("Wikipedia").to_numpy()
            for c in ("source_id", "source2_id")
        ]
        assert not (both[0] & both[1]).any(), entry["name"]


def test_notes_leave_the_address_of_the_second_page_to_its_column():
    sites = read("sources").set_index("source_id")["url"].str.extract(r"//(?:www\.)?([^/]+)")[0]
    for entry in package()["resources"]:
        frame = read(entry["name"])
        if isinstance(frame, dict) or not {"source2_id", "note"} <= set(frame.columns):
            continue
        both = frame[frame["source2_id"].notna() & frame["note"].notna()]
        named = [
            row.note
            for row in both.itertuples()
            if isinstance(sites[row.source2_id], str) and sites[row.source2_id] in row.note
        ]
        assert named == [], entry["name"]


def test_titles_say_what_a_page_is_about():
    pages = read("sources").set_index("source_id")["title"]
    used: set[str] = set()
    for name in ("claims", "events", "projects"):
        frame = read(name)
        used |= set(frame["source_id"]) | set(frame["source2_id"].dropna())
    date = r"[^:]*, (?:\d\d? )?(?:[A-Z][a-z]+ )?(?:19|20)\d\d"
    bare = pages[sorted(used)]
    assert bare[bare.str.fullmatch(date) & ~bare.str.contains("report on")].tolist() == []
