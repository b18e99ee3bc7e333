"""``course doctor``: each kind of fault is planted, found, and named with what mends it."""

import base64
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest

import course
from course.start import doctor, lab

PIP = [sys.executable, "-m", "pip", "install"]
REPO = Path(course.__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="commands are spelled for POSIX")


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    """An empty folder of a student with a home of its own; pip is there (uv brings none)."""
    for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
        (tmp_path / name).mkdir()
    monkeypatch.delenv("COURSE_FOLDER", raising=False)
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: True)
    folder = tmp_path / "мои 课"
    folder.mkdir()
    return folder


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put packages before all others, with the records an installer makes."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(site)

    def put(name: str, version: str, *needs: str, **files: str) -> Path:
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        needs = [f"Requires-Dist: {need}\n" for need in needs]
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{''.join(needs)}"
        record = f"{info}/RECORD,,\n"
        for path, text in {f"{info}/METADATA": about, **files}.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text, encoding="utf-8")
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            record += f"{path},sha256={digest.decode().rstrip('=')},{len(text)}\n"
        (site / info / "RECORD").write_text(record, encoding="utf-8")
        return site

    return put


@pytest.fixture
def without(monkeypatch):
    """Pretend that a package is not installed."""

    def hide(hidden: str) -> None:
        def find(name: str, real=metadata.distribution):
            if name == hidden:
                raise metadata.PackageNotFoundError(name)
            return real(name)

        monkeypatch.setattr(metadata, "distribution", find)

    return hide


def told(findings) -> list[tuple[str, list[str]]]:
    """The faults: what is said, and the words of the command."""
    return [(f.text, shlex.split(f.mend)) for f in findings if f.status == "fault"]


# --- packages -----------------------------------------------------------------


def test_01_all_that_is_needed_is_known_and_in_step():
    packages = {}
    assert told(doctor.check_versions(packages)) == []
    assert {"amur-course", "folium", "xstatic-leaflet", "branca", "traitlets"} <= set(packages)
    assert "ruff" not in packages  # of the extra for tests


def test_02_a_package_is_too_old(install):
    install("ipywidgets", "7.7.0")
    [(text, mend)] = told(doctor.check_versions({}))
    assert text.startswith("ipywidgets 7.7.0 does not fit") and mend[:4] == PIP
    assert mend[4].startswith("ipywidgets>=") and ">=8.1.5" in mend[4]


def test_03_two_halves_of_different_age(install):
    install("jupyterlab_widgets", "1.1.11")  # the classic "Error displaying widget"
    [(text, mend)] = told(doctor.check_versions({}))
    assert "jupyterlab-widgets 1.1.11" in text and "jupyterlab-widgets~=3." in mend[4]


def test_04_what_a_package_needs_is_not_there(without):
    without("branca")
    [(text, mend)] = told(doctor.check_versions({}))
    assert text == "branca is not installed" and mend[4].startswith("branca>=")


def test_05_markers_and_extras_are_respected(install):
    needs = ["aa[x]>=1", "bb; python_version < '3'", "cc; extra == 'test'", "ff>=1"]
    install("amur-course", "1", *needs)
    install("ff", "2.0rc1")  # new, but it does
    install("aa", "1", "dd<2; extra == 'x'", "ee; extra == 'y'")
    install("dd", "2.0rc1")
    [(text, mend)] = told(doctor.check_versions({}))
    assert text.startswith("dd 2.0rc1 does not fit") and mend == [*PIP, "dd<2"]


def test_06_without_packaging_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    [(text, mend)] = told(doctor.check_versions({}))
    assert "packaging is not installed" in text and mend == [*PIP, "packaging"]


def test_07_the_course_itself_is_not_installed(without):
    without("amur-course")
    [(text, mend)] = told(doctor.check_versions({}))
    assert "course is not installed" in text and mend == [*PIP, "-e", str(REPO)]


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ({}, "thing==1.0"),
        ({"url": "file:///media/usb%20stick/a.whl"}, "/media/usb stick/a.whl"),
        ({"url": "https://example.org/a.whl"}, "https://example.org/a.whl"),
    ],
)
def test_08_files_are_not_as_installed(install, url, source):
    code = {"thing/a.py": "1", "thing/b.py": "2", "thing/c.py": "3"}
    made = {"thing/__pycache__/a.pyc": "4", "bin/thing": "5"}
    site = install("thing", "1.0", **code, **made)
    install("amur-course", "1", "thing")
    packages = {n: metadata.distribution(n) for n in ("thing", "amur-course")}
    assert told(doctor.check_files(packages)) == []
    (site / "thing-1.0.dist-info" / "direct_url.json").write_text(
        json.dumps(url), encoding="utf-8"
    )
    for file in ("thing/a.py", "thing/b.py", *made):
        (site / file).write_text("6", encoding="utf-8")
    [(text, mend)] = told(doctor.check_files(packages))
    assert text.endswith("copy first what you changed in thing/a.py, thing/b.py")
    assert mend == [*PIP, "--force-reinstall", "--no-deps", source]
    del packages["amur-course"]  # far from the course a change may be meant, a loss not
    assert told(doctor.check_files(packages)) == []
    assert "thing/b.py" in next(iter(doctor.check_files(packages))).text
    (site / "thing/b.py").unlink()
    assert [mend] == [mend for _text, mend in told(doctor.check_files(packages))]


# --- JupyterLab and a kernel, for real ------------------------------------------


@pytest.fixture(scope="module")
def packages():
    """What is really installed."""
    found = {}
    assert list(doctor.check_versions(found)) == []
    return found


@pytest.mark.slow
def test_09_what_hides_packages_and_what_is_disabled(mine, packages, install, monkeypatch):
    for name in ("pandas/__init__.py", "narwhals.py", "folium/notes.txt", "json.py", "my.py"):
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_text("open('ran', 'w')", encoding="utf-8")
    elsewhere = mine.parent / "other project"
    elsewhere.mkdir()
    (elsewhere / "anywidget.py").write_text("raise RuntimeError('half')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{elsewhere}{os.pathsep}{REPO}")
    widgets = "@jupyter-widgets/jupyterlab-manager"
    config = Path(os.environ["JUPYTER_CONFIG_DIR"], "labconfig")
    config.mkdir()
    text = json.dumps({"disabledExtensions": {widgets: True}})
    (config / "page_config.json").write_text(text, encoding="utf-8")
    before = sorted(mine.rglob("*"))

    found = told(doctor.check_lab(packages, mine))
    assert sorted(mine.rglob("*")) == before  # nothing of it ran
    enable = ["-m", "jupyterlab.labextensions", "enable", "--level=user", widgets]
    assert [mend for _text, mend in found] == [
        ["mv", str(mine / "narwhals.py"), str(mine / "my_narwhals.py")],
        ["mv", str(mine / "pandas"), str(mine / "my_pandas")],
        ["unset", "PYTHONPATH"],
        [sys.executable, *enable],
    ]
    assert f"anywidget comes from {elsewhere}" in found[2][0]
    assert f"{widgets} is disabled" in found[3][0]
    for _text, mend in found:
        if mend[0] != "unset":
            subprocess.run(mend, check=True, capture_output=True)
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    assert told(doctor.check_lab(packages, mine)) == []


@pytest.mark.slow
def test_10_a_file_that_stops_every_kernel(mine, packages):
    for name in ("fnmatch.py", "calendar.py"):  # the second is met too late to harm
        (mine / name).write_text("", encoding="utf-8")
    [(text, mend)] = told(doctor.check_lab(packages, mine))
    assert "fnmatch.py in your folder hides" in text
    assert mend == ["mv", str(mine / "fnmatch.py"), str(mine / "my_fnmatch.py")]


@pytest.mark.slow
def test_11_another_python_a_broken_package_a_lost_extension(
    mine, packages, install, monkeypatch, tmp_path
):
    other = tmp_path / "python"
    other.symlink_to(sys.executable)
    place = tmp_path / "share" / "kernels" / "python3"
    place.mkdir(parents=True)
    stop = tmp_path / "stop"
    stop.mkdir()
    text = "import sys; sys.modules['altair'] = None"
    (stop / "sitecustomize.py").write_text(text, encoding="utf-8")
    sites = os.pathsep.join([str(stop), *filter(None, sys.path)])
    spec = {"argv": [str(other), "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
    spec |= {"display_name": "x", "language": "python", "env": {"PYTHONPATH": sites}}
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    env = {**lab.environment(mine), "JUPYTER_PATH": str(tmp_path / "share")}
    monkeypatch.setattr(lab, "environment", lambda folder: env)
    extension = "share/jupyter/labextensions/lost/package.json"
    install("thing", "1.0", **{extension: "{}"})
    lost = {**packages, "thing": metadata.distribution("thing")}
    found = dict(told(doctor.check_lab(lost, mine)))
    install_kernel = ["-m", "ipykernel", "install", "--sys-prefix"]
    assert found.pop(f"notebooks would run in another Python: {other}") == [
        sys.executable,
        *install_kernel,
    ]
    again = [*PIP, "--force-reinstall", "--no-deps"]
    lost, broken = sorted(found, key=lambda text: "imported" in text)
    assert lost.startswith("JupyterLab does not find lost")
    assert found[lost] == [*again, "thing==1.0"]
    assert broken.startswith("altair cannot be imported (ModuleNotFoundError")
    assert found[broken] == [*again, f"altair=={metadata.version('altair')}"]


# --- the folder -----------------------------------------------------------------


def test_12_a_place_for_what_is_saved(mine):
    assert list(doctor.check_folder(mine)) == []
    assert list(doctor.check_folder(mine / "not" / "made")) == []
    assert list(mine.iterdir()) == []


def test_13_a_file_where_the_folder_should_be(mine):
    (mine / "essay").write_text("text", encoding="utf-8")
    [(text, mend)] = told(doctor.check_folder(mine / "essay"))
    assert "nothing can be written" in text and mend == ["course", "start", "~/amur-course"]


def test_14_a_copy_that_is_read_only(mine, monkeypatch):
    copy = mine / "00 x.ipynb"
    copy.write_text("{}", encoding="utf-8")
    copy.chmod(0o444)
    with monkeypatch.context() as patch:
        if os.geteuid() == 0:  # root may write to all
            patch.setattr(os, "access", lambda path, mode: False)
        [(text, mend)] = told(doctor.check_folder(mine))
    assert "read-only" in text and copy.name in text
    subprocess.run(mend, check=True)
    assert copy.stat().st_mode & 0o200 and told(doctor.check_folder(mine)) == []


def test_15_a_disk_that_is_nearly_full(mine, monkeypatch):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(5 * 10**6))
    [(text, mend)] = told(doctor.check_folder(mine))
    assert "only 5 MB free" in text and mend == "course start FOLDER-ON-ANOTHER-DISK".split()


def test_16_a_home_that_takes_no_files(mine, monkeypatch):
    (mine.parent / "HOME" / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("HOME", str(mine.parent / "HOME" / "file" / "me"))
    [finding] = doctor.check_folder(mine)
    assert finding.status == "look" and finding.text.startswith("HOME: no files")


# --- the report -----------------------------------------------------------------


def test_17_an_odd_folder_is_a_fault(mine, capsys):
    assert doctor.main(Path("~no-such-user")) == 1
    said = capsys.readouterr().out
    assert "~no-such-user cannot be used" in said and "1 fault." in said
    assert "mend it with:  course start ~/amur-course" in said


def test_18_no_package_at_all_and_a_console_in_gbk(mine):
    code = "from course import doctor; doctor.main()"
    env = {**os.environ, "PYTHONPATH": str(REPO), "PYTHONIOENCODING": "gbk"}
    run = [sys.executable, "-S", "-c", code]
    done = subprocess.run(run, env=env, cwd=mine.parent, capture_output=True, check=True)
    assert done.stderr == b""
    said = done.stdout.decode("gbk")
    assert "packaging is not installed" in said and "1 fault." in said


@pytest.mark.slow
def test_19_a_clone_with_a_table_that_somebody_changed(mine, tmp_path):
    """All of it, by the real command; the remedy puts away one file, and keeps it."""
    clone = tmp_path / "clone"
    git = ["git", "-C", str(clone)]
    made = subprocess.run(["git", "clone", "-q", str(REPO), str(clone)], check=False)
    if made.returncode:
        pytest.skip("not a git clone")
    table, lesson = clone / "data" / "sources.csv", clone / "lessons" / "00_start_here.ipynb"
    whole = table.read_bytes()
    table.write_bytes(whole[:1000])
    env = {**os.environ, "PYTHONPATH": str(clone)}
    command = [sys.executable, "-P", "-m", "course", "doctor", str(mine)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No fault found" in done.stdout and "Русский, 中文" in done.stdout
    assert "last commit, meant or not: data/sources.csv\n" in done.stdout
    mend = shlex.split(done.stdout.partition("mend it with:  ")[2].partition("\n")[0])
    lesson.write_text("mine", encoding="utf-8")
    config = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([mend[0], *config, *mend[1:]], check=True, capture_output=True)
    assert table.read_bytes() == whole and lesson.read_text(encoding="utf-8") == "mine"
    subprocess.run([*git, *config, "stash", "pop"], check=True, capture_output=True)
    assert table.read_bytes() == whole[:1000]
    assert list(mine.iterdir()) == []  # a doctor changes nothing


def test_20_commands_of_uv_and_of_windows(monkeypatch):
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    assert doctor.pip("folium>=0.20").startswith("uv pip install --python ")
    with monkeypatch.context() as windows:  # pytest itself must not take it for Windows
        windows.setattr(doctor.os, "name", "nt")
        plain = doctor.shell("C:\\a\\py.exe", "x>=1")
        spaced = doctor.shell("C:\\a b\\py.exe", "x>=1")
    assert plain == 'C:\\a\\py.exe "x>=1"'
    # PowerShell takes a line that begins with a quote as a text
    assert spaced == '& "C:\\a b\\py.exe" "x>=1"'
