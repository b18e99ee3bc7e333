"""The order of the test files, the long ones first, and a small data package."""

import json
import os

import pytest

from course import data

# linear algebra of several kernels at once: more threads than cores make it ten times slower
os.environ.setdefault("OMP_NUM_THREADS", "1")
# IPython takes in the packages of whatever environment was active where the tests were started
os.environ.pop("VIRTUAL_ENV", None)

_LONG = [
    "test_lessons.py",
    "test_wheel.py",
    "test_solved.py",
    "test_explore.py",
    "test_pages.py",
]


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A data package of our own: two tables, one of them twice and hidden, and shapes."""
    (tmp_path / "t.csv").write_text(
        "code,name,day,n,source_id\n"
        "007,NA,2017-06-01,1.5,s1\n008,Хабаровск,,,s2\n009,哈尔滨,2017-06-03,3,s1\n",
        encoding="utf-8",
    )
    (tmp_path / "sources.csv").write_text(
        "source_id,title,publisher,published,url,kind,strength\n"
        "s1,First <b>,,2017,https://example.org/1,table,strong\n"
        's2,Second,P,,"a shelf",book,weak\n',
        encoding="utf-8",
    )
    shape = {"type": "Point", "coordinates": [1, 2]}
    feature = {"type": "Feature", "properties": {"k": "é"}, "geometry": shape}
    collection = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "g.geojson").write_text(json.dumps(collection), encoding="utf-8")
    columns = {"code": "string", "name": "string", "day": "date", "n": "number"}
    fields = [{"name": n, "type": t} for n, t in columns.items()]
    fields[-1] |= {"unit": "km", "description": "how far"}
    fields.append({"name": "source_id", "type": "string"})
    texts = ["source_id", "title", "publisher", "published", "url", "kind", "strength"]
    described = {
        "title": "A package",
        "description": "To try things on.",
        "resources": [
            {
                "name": "t",
                "path": "t.csv",
                "title": "T & co",
                "schema": {"fields": fields},
                "licenses": [{"name": "CC0-1.0"}, {"name": "ODbL-1.0"}],
            },
            {
                "name": "sources",
                "path": "sources.csv",
                "title": "Sources",
                "schema": {"fields": [{"name": n, "type": "string"} for n in texts]},
            },
            {
                "name": "own",
                "path": "sources.csv",
                "title": "For the course",
                "schema": {"fields": [{"name": n, "type": "string"} for n in texts]},
                "hidden": True,
            },
            {"name": "g", "path": "g.geojson", "title": "G", "format": "geojson"},
        ],
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    monkeypatch.setattr(data, "data_dir", lambda: tmp_path)
    return tmp_path
