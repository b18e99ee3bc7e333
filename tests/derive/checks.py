"""What must hold of a data package before anybody is shown a number from it.

Frictionless checks types, constraints, keys and checksums. The rest is what it
cannot know: which values a unit allows, which edition a source belongs to, and in
which country a point lies.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import shapely
from frictionless import validate
from shapely.geometry import shape

_BOUNDS = {  # unit -> smallest and largest value that can be
    "persons": (1, 1.6e9),
    "percent": (0, 100),
    "percent of GDP": (0, 100),
    "percent of population": (0, 100),
    "previous year = 100": (50, 200),
    "RUB": (1_000, 1e7),
    "million RUB": (0, 2e8),
    "billion CNY": (0, 2e5),
    "million USD": (0, 1e7),
    "patents": (0, 1e5),
}
_NEAR = 0.6  # degrees: ports and border points may stand a little off coarse shapes
_NO_ROW = pd.DataFrame()


def complaints(folder: Path) -> list[str]:
    """Say what is wrong with a data package.

    Args:
        folder: the folder of ``datapackage.json``.

    Returns:
        One sentence per fault, table first; empty if all is well.
    """
    said = list(_formal(folder))
    tables = {p.stem: _read(p) for p in sorted(folder.glob("*.csv"))}
    for check in (_units, _editions, _points, _seconds):
        said += check(tables, folder)
    return said


def _formal(folder: Path) -> Iterator[str]:
    report = validate(str(folder / "datapackage.json"))
    yield from (f"package: {error.message}" for error in report.errors)
    for task in report.tasks:
        yield from (f"{task.name}: {error.message}" for error in task.errors)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, encoding="utf-8", keep_default_na=False, na_values=[""])


def _units(tables: dict[str, pd.DataFrame], _: Path) -> Iterator[str]:
    rows = tables.get("region_indicators", _NO_ROW)
    if rows.empty:
        return
    units = tables["indicators"].set_index("indicator_id")["unit"]
    for name, group in rows.groupby("indicator_id"):
        unit = units.get(name)
        if unit not in _BOUNDS:
            yield f"region_indicators: the unit {unit!r} of {name} has no bounds"
            continue
        low, high = _BOUNDS[unit]
        values = pd.to_numeric(group["value"], errors="coerce")
        for row in group[~values.between(low, high)].itertuples():
            yield (
                f"region_indicators: {row.value} {unit} cannot be the {name} of "
                f"{row.region_id} in {row.year}"
            )


def _editions(tables: dict[str, pd.DataFrame], _: Path) -> Iterator[str]:
    rows = tables.get("region_indicators", _NO_ROW)
    if rows.empty:
        return
    by = ["indicator_id", "source_id"]
    for (name, source), group in rows.fillna({"vintage": ""}).groupby(by):
        editions = sorted(set(group["vintage"]))
        if len(editions) > 1:
            yield (
                f"region_indicators: mixed vintages {', '.join(map(repr, editions))} "
                f"of {name} from one source, {source}"
            )


def _points(tables: dict[str, pd.DataFrame], folder: Path) -> Iterator[str]:
    path = folder / "countries.geojson"
    if "places" not in tables or not path.exists():
        return
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    drawn = {f["properties"]["iso_a3"]: shape(f["geometry"]) for f in features}
    for row in tables["places"].dropna(subset=["lat", "lon"]).itertuples():
        if row.country not in drawn or (row.country == "RUS" and row.lon < 60):
            continue  # the shapes begin at 60 degrees east
        if drawn[row.country].distance(shapely.Point(row.lon, row.lat)) > _NEAR:
            yield (
                f"places: {row.place_id} at lat {row.lat}, lon {row.lon} does not lie "
                f"in {row.country}: are lat and lon swapped?"
            )


def _seconds(tables: dict[str, pd.DataFrame], _: Path) -> Iterator[str]:
    for name, rows in tables.items():
        if not {"check", "source2_id"} <= set(rows.columns):
            continue
        bare = rows["check"].eq("two sources") & rows["source2_id"].isna()
        if bare.any():
            yield f"{name}: {bare.sum()} rows say two sources but name only one"
