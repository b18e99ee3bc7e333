"""``course doctor``: a sound installation, and many broken ones."""

import csv
import hashlib
import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import course
from course import paths
from course.start import copies, doctor, intact
from course.start import lab as start

PIP = [sys.executable, "-m", "pip", "install"]
REPO = Path(course.__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def probe_of_this_machine(tmp_path_factory):
    """What the second interpreter finds here: asked once, for it takes seconds."""
    return json.dumps(doctor._probe(tmp_path_factory.mktemp("x"), doctor.requirements()))


@pytest.fixture
def sound(tmp_path, monkeypatch, probe_of_this_machine):
    """A course with one table and one lesson, an empty folder, a home of its own."""
    data, lessons, mine = (tmp_path / n for n in ("data", "lessons", "mine"))
    for folder in (data, lessons, mine, tmp_path / "config"):
        folder.mkdir()
    # a comma, a quote, a line end and a line separator inside a value are no damage
    rows = [["region_id", "name"], ["RU-AMU", 'Амур, «область»\n"1"\u2028x']]
    with (data / "regions.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    shapes = {"type": "FeatureCollection", "features": []}
    (data / "areas.geojson").write_text(json.dumps(shapes), encoding="utf-8")
    fields = [{"name": "region_id", "type": "string"}, {"name": "name"}]
    describe(
        data,
        {"name": "regions", "path": "regions.csv", "schema": {"fields": fields}},
        {"name": "areas", "path": "areas.geojson", "format": "geojson"},
    )
    lesson = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (lessons / copies.FIRST).write_text(json.dumps(lesson), encoding="utf-8")
    monkeypatch.setattr(paths, "data_dir", lambda: data)
    monkeypatch.setattr(paths, "lessons_dir", lambda: lessons)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setattr(intact, "restore", lambda: "RESTORE")
    monkeypatch.setattr(doctor, "check_course_files", list)
    monkeypatch.setattr(doctor, "_probe", lambda *_: json.loads(probe_of_this_machine))
    return tmp_path


def describe(data: Path, *resources: dict) -> None:
    """Write a data package of these resources."""
    text = json.dumps({"resources": resources})
    (data / "datapackage.json").write_text(text, encoding="utf-8")


def versions(monkeypatch, **pretended: str | None) -> None:
    """Pretend that these packages have these versions, or none."""
    real = importlib.metadata.version

    def version(name):
        key = name.lower().replace("-", "_")
        if key not in pretended:
            return real(name)
        if pretended[key] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return pretended[key]

    monkeypatch.setattr(importlib.metadata, "version", version)


# --- broken environments: each returns what is said, and what mends it ------


def old_python(sound, monkeypatch):
    """An interpreter from before the course's time."""
    info = namedtuple("info", "major minor micro releaselevel serial")
    monkeypatch.setattr(doctor.sys, "version_info", info(3, 9, 2, "final", 0))
    return "Python 3.9.2 is too old", ["python3.11", "-m", "venv", ".venv"]


def course_not_installed(sound, monkeypatch):
    """Run from a clone that was never installed."""
    versions(monkeypatch, amur_course=None)
    return "not installed in this Python", [*PIP, "-e", str(REPO)]


def old_ipywidgets(sound, monkeypatch):
    """A package below its floor."""
    versions(monkeypatch, ipywidgets="7.7.0")
    floor = doctor.requirements()["ipywidgets"]
    return "ipywidgets 7.7.0 is too old", [*PIP, f"ipywidgets>={floor}"]


def no_leaflet(sound, monkeypatch):
    """A package that is not there."""
    versions(monkeypatch, xstatic_leaflet=None)
    floor = doctor.requirements()["xstatic-leaflet"]
    return "xstatic-leaflet is not installed", [*PIP, f"xstatic-leaflet>={floor}"]


def wrong_partner(sound, monkeypatch):
    """The classic "Error displaying widget": two halves of different majors."""
    versions(monkeypatch, jupyterlab_widgets="1.1.11")
    partner = doctor._partner()
    assert partner.startswith("3.")
    return "does not match ipywidgets", [*PIP, f"jupyterlab_widgets~={partner}"]


def no_partner(sound, monkeypatch):
    """The half of ipywidgets that lives in the browser was never installed."""
    versions(monkeypatch, jupyterlab_widgets=None)
    partner = doctor._partner()
    return "no slider would show", [*PIP, f"jupyterlab_widgets~={partner}"]


def damaged_package(sound, monkeypatch):
    """A package that is listed but cannot be imported (for real)."""
    monkeypatch.setattr(doctor, "_probe", PROBE)
    (sound / "broken").mkdir()
    text = "raise RuntimeError('half an install')"
    (sound / "broken" / "anywidget.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(sound / "broken"))
    version = importlib.metadata.version("anywidget")
    again = ["--force-reinstall", "--no-deps", f"anywidget=={version}"]
    # altair imports it too, and must not be blamed
    return "anywidget is damaged .*half an install", [*PIP, *again]


def lost_dependency(sound, monkeypatch):
    """A package that one of ours needs is not there."""
    found = doctor._probe()
    found["broken"]["pandas"] = ["ModuleNotFoundError: No module named 'numpy'", "numpy"]
    monkeypatch.setattr(doctor, "_probe", lambda *_: found)
    version = importlib.metadata.version("pandas")
    return "pandas is damaged .*numpy", [*PIP, f"pandas=={version}"]


def extension_gone(sound, monkeypatch):
    """The package is there, its lab extension is not."""
    found = doctor._probe()
    found["extensions"].remove("anywidget")
    monkeypatch.setattr(doctor, "_probe", lambda *_: found)
    version = importlib.metadata.version("anywidget")
    again = ["--force-reinstall", "--no-deps", f"anywidget=={version}"]
    return "JupyterLab does not find anywidget", [*PIP, *again]


def extension_disabled(sound, monkeypatch):
    """Somebody switched the widgets off (for real, in the user's settings)."""
    monkeypatch.setattr(doctor, "_probe", PROBE)
    name = "@jupyter-widgets/jupyterlab-manager"
    folder = sound / "config" / "labconfig"
    folder.mkdir()
    text = json.dumps({"disabledExtensions": {name: True}})
    (folder / "page_config.json").write_text(text, encoding="utf-8")
    enable = ["-m", "jupyterlab.labextensions", "enable", "--level=user", name]
    return f"{name} is disabled", [sys.executable, *enable]


def foreign_kernel(sound, monkeypatch):
    """Notebooks would run in another Python (a real kernel spec)."""
    monkeypatch.setattr(doctor, "_probe", PROBE)
    place = sound / "jupyter" / "kernels" / "python3"
    place.mkdir(parents=True)
    spec = {"argv": ["/other/python"], "display_name": "x", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setattr(start, "own_jupyter_dir", lambda: sound / "jupyter")
    install = ["-m", "ipykernel", "install", "--sys-prefix"]
    return "another Python: /other/python", [sys.executable, *install]


def table_gone(sound, monkeypatch):
    """A table's file is missing."""
    (sound / "data" / "regions.csv").unlink()
    return "regions.csv is missing", ["RESTORE"]


def table_with_other_columns(sound, monkeypatch):
    """A spreadsheet program has written over a table."""
    text = "region_id;name\nRU-AMU;Амур\n"
    (sound / "data" / "regions.csv").write_text(text, encoding="utf-8")
    return "regions.csv has other columns", ["RESTORE"]


def table_cut_off(sound, monkeypatch):
    """A download that stopped half way."""
    text = "region_id,name\nRU-AMU,Амур\nRU-"
    (sound / "data" / "regions.csv").write_text(text, encoding="utf-8")
    return "regions.csv has rows that are too short", ["RESTORE"]


def table_in_cp1251(sound, monkeypatch):
    """A table saved in a legacy encoding."""
    (sound / "data" / "regions.csv").write_bytes("region_id,name\nx,Амур\n".encode("cp1251"))
    return "regions.csv cannot be read", ["RESTORE"]


def shapes_cut_off(sound, monkeypatch):
    """Half a GeoJSON file."""
    (sound / "data" / "areas.geojson").write_text('{"features": [', encoding="utf-8")
    return "areas.geojson cannot be read", ["RESTORE"]


def hash_differs(sound, monkeypatch):
    """One figure was changed."""
    resource = {"path": "regions.csv", "hash": "sha256:" + "0" * 64}
    describe(sound / "data", resource)
    return "regions.csv is not the file the course came with", ["RESTORE"]


def size_differs(sound, monkeypatch):
    """One figure was changed; only the size is on record."""
    describe(sound / "data", {"path": "regions.csv", "bytes": 3})
    return "regions.csv has not the size", ["RESTORE"]


def no_descriptor(sound, monkeypatch):
    """The description of the data is gone."""
    (sound / "data" / "datapackage.json").unlink()
    return "datapackage.json cannot be read", ["RESTORE"]


def no_first_lesson(sound, monkeypatch):
    """Lesson 00 is gone."""
    (sound / "lessons" / copies.FIRST).unlink()
    return "lesson 00_start_here.ipynb is missing", ["RESTORE"]


def damaged_lesson(sound, monkeypatch):
    """A lesson is no notebook."""
    (sound / "lessons" / "01_x.ipynb").write_text("{", encoding="utf-8")
    return "damaged lessons: 01_x.ipynb", ["RESTORE"]


def file_installed_was_changed(sound, monkeypatch):
    """A file of an installed wheel is not what the wheel held."""
    (sound / "site" / "course").mkdir(parents=True)
    (sound / "site" / "course" / "a.py").write_text("x = 1\n", encoding="utf-8")
    file = importlib.metadata.PackagePath("course/a.py")
    file.hash = importlib.metadata.FileHash("sha256=" + "A" * 43)
    file.dist = importlib.metadata.PathDistribution(sound / "site" / "x.dist-info")
    real = importlib.metadata.files
    ours = {"amur-course": [file]}
    monkeypatch.setattr(importlib.metadata, "files", lambda n: ours.get(n) or real(n))
    monkeypatch.setattr(doctor, "check_course_files", CHECK_COURSE_FILES)
    return "changed or missing since .* course/a.py", ["RESTORE"]


def folder_is_a_file(sound, monkeypatch):
    """There is a file where the copies should go."""
    (sound / "mine").rmdir()
    (sound / "mine").write_text("essay", encoding="utf-8")
    home = str(Path.home() / "amur-course")
    return "mine is a file", ["course", "start", home]


def folder_takes_no_files(sound, monkeypatch):
    """A read-only disk."""

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    home = str(Path.home() / "amur-course")
    return "nothing can be written to .*mine", ["course", "start", home]


def shadowed_package(sound, monkeypatch):
    """The student named an exercise pandas.py."""
    (sound / "mine" / "pandas.py").write_text("", encoding="utf-8")
    move = ["mv", str(sound / "mine" / "pandas.py"), str(sound / "mine" / "my_pandas.py")]
    return "pandas.py in your folder hides", move


def disk_nearly_full(sound, monkeypatch):
    """No room for the next save."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 5 * 10**6))
    return "only 5 MB free", ["course", "start", "FOLDER-ON-ANOTHER-DISK"]


CHECK_COURSE_FILES = doctor.check_course_files
PROBE = doctor._probe
BROKEN = [
    old_python,
    course_not_installed,
    old_ipywidgets,
    no_leaflet,
    wrong_partner,
    no_partner,
    damaged_package,
    lost_dependency,
    extension_gone,
    extension_disabled,
    foreign_kernel,
    table_gone,
    table_with_other_columns,
    table_cut_off,
    table_in_cp1251,
    shapes_cut_off,
    hash_differs,
    size_differs,
    no_descriptor,
    no_first_lesson,
    damaged_lesson,
    file_installed_was_changed,
    folder_is_a_file,
    folder_takes_no_files,
    shadowed_package,
    disk_nearly_full,
]


@pytest.mark.skipif(os.name != "posix", reason="commands are spelled for POSIX")
@pytest.mark.parametrize("broken", BROKEN, ids=lambda f: f.__name__)
def test_broken_environment(broken, sound, monkeypatch, capsys):
    text, mend = broken(sound, monkeypatch)
    findings = doctor.examine(sound / "mine")
    faults = [f for f in findings if f.status == "fault"]
    assert [shlex.split(f.mend) for f in faults] == [mend], faults
    assert re.search(text, faults[0].text)
    monkeypatch.setattr(doctor, "examine", lambda folder: findings)
    assert doctor.main(sound / "mine") == 1
    said = capsys.readouterr().out
    assert "✗ FAULT" in said and f"mend it with:  {faults[0].mend}" in said
    assert "1 fault." in said


@pytest.mark.skipif(os.name != "posix", reason="commands are spelled for POSIX")
@pytest.mark.parametrize("broken", [extension_disabled, shadowed_package])
def test_the_command_mends(broken, sound, monkeypatch):
    """Run what the doctor says, for real, and ask again."""
    text, mend = broken(sound, monkeypatch)
    subprocess.run(mend, check=True, capture_output=True)
    assert "fault" not in [f.status for f in doctor.examine(sound / "mine")]


def test_sound_environment(sound, capsys):
    assert doctor.main(sound / "mine") == 0
    said = capsys.readouterr().out
    assert "No fault found" in said and "FAULT" not in said
    assert "Русский, 中文" in said and "! look" in said
    assert "2 tables whole" in said


def test_hash_and_size_that_agree(sound):
    content = (sound / "data" / "regions.csv").read_bytes()
    sha, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()
    base = {"path": "regions.csv", "bytes": len(content)}
    describe(sound / "data", {**base, "hash": f"sha256:{sha}"}, {**base, "hash": md5})
    assert [f.status for f in doctor.check_data()] == ["ok"]


def test_several_faults_are_counted(sound, monkeypatch, capsys):
    no_leaflet(sound, monkeypatch)
    no_first_lesson(sound, monkeypatch)
    assert doctor.main(sound / "mine") == 1
    assert "2 faults." in capsys.readouterr().out


def test_doctor_changes_nothing(sound):
    before = sorted(str(p) for p in sound.rglob("*"))
    doctor.examine(sound / "mine" / "not" / "made")
    assert sorted(str(p) for p in sound.rglob("*")) == before


def test_folder_is_found_as_course_start_finds_it(sound, monkeypatch):
    monkeypatch.delenv("COURSE_FOLDER", raising=False)
    monkeypatch.chdir(sound)
    assert doctor._student_folder(None) == sound / "amur-course"
    monkeypatch.chdir(sound / "lessons")
    assert doctor._student_folder(None) == sound / "lessons"
    monkeypatch.setenv("COURSE_FOLDER", str(sound / "mine"))
    assert doctor._student_folder(None) == sound / "mine"


def test_python_with_no_packages_at_all(sound):
    """The real command in an interpreter that finds nothing but the course."""
    run = [sys.executable, "-S", "-m", "course", "doctor", str(sound / "mine")]
    env = {**os.environ, "PYTHONPATH": str(REPO), "PYTHONUTF8": "1"}
    done = subprocess.run(
        run, env=env, cwd=sound, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    for name in doctor.requirements():
        assert f"{name} is not installed" in done.stdout


def test_every_floor_of_the_project_is_known():
    floors = doctor.requirements()
    assert {"jupyterlab", "ipywidgets", "anywidget", "folium"} <= set(floors)
    assert sum(name.startswith("xstatic") for name in floors) >= 4
    assert "pytest" not in floors


@pytest.mark.parametrize(
    ("older", "newer"), [("8.1.5", "8.1.10"), ("4.4", "4.4.1"), ("1.9.0.post1", "2.0a1")]
)
def test_versions_compare_as_numbers(older, newer):
    assert doctor._release(older) < doctor._release(newer)
    assert not doctor._release(newer) < doctor._release(older)


def test_commands_of_uv_and_of_windows(monkeypatch):
    monkeypatch.setattr(intact.importlib.util, "find_spec", lambda name: None)
    assert intact.pip("folium>=0.20").startswith("uv pip install --python ")
    with monkeypatch.context() as windows:  # pytest itself must not take it for Windows
        windows.setattr(intact.os, "name", "nt")
        plain = intact.shell("C:\\a\\py.exe", "x>=1")
        spaced = intact.shell("C:\\a b\\py.exe", "x>=1")
    assert plain == 'C:\\a\\py.exe "x>=1"'
    # PowerShell takes a line that begins with a quote as a text
    assert spaced == '& "C:\\a b\\py.exe" "x>=1"'


def test_what_brings_an_installed_course_back(monkeypatch, tmp_path):
    class Installed:
        def __init__(self, text):
            self.text = text

        def read_text(self, name):
            assert name == "direct_url.json"
            return self.text

    monkeypatch.setattr(intact.course, "__file__", str(tmp_path / "course" / "x.py"))
    again = [*PIP, "--force-reinstall", "--no-deps"]
    for text, source in [
        ('{"url": "file:///media/usb%20stick/a.whl"}', "/media/usb stick/a.whl"),
        ('{"url": "file:///media/a%2520b/a.whl"}', "/media/a%20b/a.whl"),
        (None, f"amur-course=={course.__version__}"),
    ]:
        monkeypatch.setattr(
            importlib.metadata, "distribution", lambda name, t=text: Installed(t)
        )
        assert shlex.split(intact.restore()) == [*again, source]
