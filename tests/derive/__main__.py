"""Builds ``data/`` from the collected facts: ``python -m tests.derive REFERENCE``.

The collected facts are not part of the project. Where they are at hand this makes
every file of ``data/`` anew; the same facts give the same bytes.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from tests.derive import (
    geometry,
    places,
    publishers,
    regions,
    second,
    texts,
    trade,
    transport,
)
from tests.derive.common import Sources
from tests.derive.tidy import whole

ROOT = Path(__file__).resolve().parents[2]
MODULES = [texts, regions, places, trade, transport, geometry]
VERSION = "2026.11.0"

PACKAGE: dict[str, Any] = {
    "profile": "data-package",
    "name": "claims-on-the-amur",
    "title": "Claims on the Amur: the data of the course",
    "description": "Trade, regions, borders, routes and projects of the Russian Far "
    "East, Heilongjiang and the Mongolia corridor, with the claims of a newspaper "
    "article of June 2017 and dated events. Every row names its source.",
    "version": VERSION,
    "licenses": [
        {
            "name": "CC-BY-4.0",
            "title": "Creative Commons Attribution 4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
        }
    ],
    "contributors": [{"title": "The Claims on the Amur authors", "role": "author"}],
    "keywords": ["Russia", "China", "Mongolia", "trade", "Far East", "Heilongjiang"],
}

THIN = [  # looked for again in November 2026, in stored pages and repositories
    "trade_structure: all goods between China and Russia by HS section for any year "
    "after 2011. There are complete baskets to 2011, Russian customs groups for "
    "2008, and after that single groups: crude oil, coal, gas, cars, fish, soya, "
    "machinery in parts of 2022 and 2023.",
    "trade_structure: Mongolian exports by group from 2008 to 2012 and for whole years "
    "after 2016; the goods that China sells to Mongolia.",
    "regional_trade: trade of Heilongjiang with Russia in the whole of 2006, 2007, "
    "2010, 2015, 2016, 2019, 2022, 2023 and 2024. 2017 and "
    "2020 are derived from a growth rate or a share.",
    "bilateral_trade: exports and imports of China and Russia in 2021; trade of Mongolia "
    "with Russia by direction after 2015.",
    "region_indicators: gross regional product of the Far East after 2019. There are "
    "single years of Yakutia, Primorye, Khabarovsk and the Jewish region, most of them "
    "statements of regional governments.",
    "region_indicators: a page of the statistics office with the census of the Far Eastern "
    "district as a whole. Its rows rest on copies of an encyclopaedia.",
    "region_indicators: patents and research of Chinese provinces, apart from applications "
    "for invention patents, which stand on one file.",
    "route_figures: traffic on the corridors Primorye-1 and Primorye-2 after April 2020.",
    "tariffs: most-favoured-nation averages by year from the WTO. After 2015 Russia has "
    "only the weighted averages of its ministry of finance and a projection of 2012 for "
    "2020; Mongolia has none.",
    "agreements: a legal text that names the day on which the agreement of the Eurasian "
    "Economic Union with China entered into force. The joint statement of 25 October "
    "2019 is the nearest.",
    "energy_flows: the value of the gas of Power of Siberia in the whole of 2025 (the "
    "volume, 38.8 bcm, is there, and the value of January to September).",
]


def derive(reference: Path) -> dict[str, pd.DataFrame | dict[str, Any]]:
    """Build all tables and shapes.

    Args:
        reference: folder of the collected facts.

    Returns:
        Tables as DataFrames and shapes as GeoJSON dicts, by name.
    """
    sources = Sources()
    made: dict[str, Any] = {}
    for module in MODULES:
        made |= module.derive(reference, sources)
    second.name(made, reference, sources)
    _drop_second_of_one_page(made)
    listed = sources.listed()
    made["sources"] = publishers.describe(listed[listed.source_id.isin(_used(made))])
    second.count_copies_once(made)
    _rename(made, publishers.telling_ids(made["sources"]))
    publishers.add_subjects(made["sources"])
    made["sources"] = made["sources"].sort_values("source_id", ignore_index=True)
    return made


def _rename(made: dict[str, Any], new: dict[str, str]) -> None:
    """Give sources other ids, wherever they stand."""
    for content in made.values():
        if isinstance(content, dict):
            for feature in content["features"]:
                said = feature["properties"]
                if said.get("source_id") in new:
                    said["source_id"] = new[said["source_id"]]
            continue
        for column in content.columns[
            content.columns.str.endswith(("source_id", "source2_id"))
        ]:
            content[column] = content[column].replace(new)


def _drop_second_of_one_page(made: dict[str, Any]) -> None:
    """Two titles of one page are one source: do not count it twice."""
    for content in made.values():
        if isinstance(content, dict) or "source2_id" not in content:
            continue
        same = content["source2_id"].eq(content["source_id"])
        content.loc[same, "source2_id"] = ""
        content.loc[same & content["check"].eq("two sources"), "check"] = "one source"


def _used(made: dict[str, Any]) -> set[str]:
    """The sources that rows rest on: a merged or dropped row may have had others."""
    used: set[str] = set()
    for content in made.values():
        if isinstance(content, dict):
            used |= {f["properties"].get("source_id", "") for f in content["features"]}
            continue
        for column in content.columns[
            content.columns.str.endswith(("source_id", "source2_id"))
        ]:
            used |= set(content[column])
    return used


def described() -> list[dict[str, Any]]:
    """Return the descriptor of every table, in the order of the package."""
    return [r for module in [*MODULES, publishers] for r in module.RESOURCES]


def write(made: dict[str, Any], folder: Path) -> None:
    """Write tables, shapes, descriptor and README of the data package.

    Args:
        made: what `derive` returned.
        folder: where to write; files of an earlier run are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resources = []
    for resource in described():
        name = resource["name"]
        content = made[name]
        shapes = isinstance(content, dict)
        path = folder / f"{name}.{'geojson' if shapes else 'csv'}"
        text = _geojson(content) if shapes else _csv(content, resource)
        path.write_text(text, encoding="utf-8", newline="\n")
        resources.append(_entry(resource, path, shapes))
    lost = set(made) - {r["name"] for r in resources}
    if lost:
        raise ValueError(f"tables without a descriptor: {sorted(lost)}")
    package = json.dumps(PACKAGE | {"resources": resources}, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(package + "\n", encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(_readme(resources, made), encoding="utf-8", newline="\n")


def _entry(resource: dict[str, Any], path: Path, shapes: bool) -> dict[str, Any]:
    content = path.read_bytes()
    kind = {
        "path": path.name,
        "profile": "data-resource" if shapes else "tabular-data-resource",
        "format": "geojson" if shapes else "csv",
        "mediatype": "application/geo+json" if shapes else "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    schema = resource["schema"]
    rest = {k: v for k, v in resource.items() if k != "schema"}
    return rest | kind | {"schema": schema}


def _geojson(content: dict[str, Any]) -> str:
    """One feature a line: small files, and changes that can be read."""
    features = [
        json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in content["features"]
    ]
    body = ",\n".join(features)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'


def _csv(frame: pd.DataFrame, resource: dict[str, Any]) -> str:
    fields = {f["name"]: f["type"] for f in resource["schema"]["fields"]}
    if list(fields) != list(frame.columns):
        raise ValueError(
            f"{resource['name']}: described {list(fields)}, made {list(frame.columns)}"
        )
    frame = frame.copy()
    for name, kind in fields.items():
        if kind == "integer":
            frame[name] = whole(frame[name].astype("string").fillna(""))
        elif kind == "number":
            frame[name] = [_plain(value) for value in frame[name]]
        elif kind == "boolean":
            frame[name] = frame[name].map({True: "true", False: "false"})
    return frame.to_csv(index=False, lineterminator="\n", encoding="utf-8")


def _plain(value: Any) -> str:
    """A number without a float's noise, and without an exponent."""
    if pd.isna(value):
        return ""
    short = f"{float(value):.10g}"
    return short if "e" not in short else f"{float(value):.0f}"


def _readme(resources: list[dict[str, Any]], made: dict[str, Any]) -> str:
    lines = [
        "# The data of Claims on the Amur",
        "",
        "One tidy file per table, UTF-8, described in `datapackage.json` (Frictionless",
        "Data Package): columns, units, keys, licences. Any program that reads CSV or",
        'GeoJSON can use them. In Python, `course.load("claims")` gives a DataFrame and',
        '`course.describe("claims")` a readable view.',
        "",
        "- An empty cell means that no source was found, never zero.",
        "- Every fact has a source: `source_id` leads to the table `sources`, which says",
        "  who published it and, in `strength`, how near that page is to the facts.",
        "- `source2_id` names a second page: it confirms the row, or has the other figure",
        "  of a conflict; the note says which.",
        "- `check` says how well a row is confirmed. Two sources: the second page has it",
        "  too. Both may go back to one office, so this is no second count. One source:",
        "  one page, or copies of one. Conflict: pages differ. A conflict is shown, not",
        "  solved: both figures stand in the table, or the other one in the note.",
        "- `value_kind` tells what a source reports from what was worked out here.",
        "- In `claims`, `happened` and `followed` say what came of a forecast or of advice,",
        "  and `verdict` weighs it: the rule stands in the description of that column.",
        "- Countries are ISO 3166-1 alpha-3 codes, regions ISO 3166-2; `WLD` is the world.",
        "- Revised series carry a vintage or a series name. Never chain two of them.",
        "- Money is nominal unless a column says otherwise.",
        "- Boundaries are de facto lines as drawn by Natural Earth. They are there to show",
        "  data and say nothing on any claim to territory.",
        "",
        "The files are made by `python -m tests.derive` from facts collected beforehand,",
        "which are not part of the project. Do not edit them by hand: their checksums",
        "stand in the descriptor, and `course doctor` compares them.",
        "",
        "## Tables",
        "",
        "| table | rows | what it holds |",
        "|---|---|---|",
    ]
    for resource in resources:
        content = made[resource["name"]]
        rows = len(content["features"] if isinstance(content, dict) else content)
        lines.append(f"| `{resource['name']}` | {rows:,} | {resource['title']} |")
    lines += [
        "",
        "## Left out, and why",
        "",
        "Seen by the collectors, but not in the tables:",
        "",
    ]
    lines += [f"- {text}" for module in [*MODULES, second] for text in module.LEFT_OUT]
    lines += ["", "## Still thin", "", "Looked for, and not found:", ""]
    lines += [f"- {text}" for text in THIN]
    lines += [
        "",
        "## Licence",
        "",
        "Tables: CC BY 4.0. Facts belong to nobody; the choice, the order and the words",
        "are ours. Shapes: Natural Earth, public domain. What a source asks for beyond",
        "that stands in the column `licence` of `sources`.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Build the package from the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.derive", description=__doc__)
    parser.add_argument("reference", type=Path, help="folder of the collected facts")
    parser.add_argument("--to", type=Path, default=ROOT / "data", help="where to write")
    chosen = parser.parse_args()
    if not chosen.reference.is_dir():
        sys.exit(f"There is no folder {chosen.reference}.")
    write(derive(chosen.reference), chosen.to)
    size = sum(p.stat().st_size for p in chosen.to.iterdir())
    print(f"{len(described())} tables, {size / 1e6:.1f} MB in {chosen.to}")


if __name__ == "__main__":
    main()
