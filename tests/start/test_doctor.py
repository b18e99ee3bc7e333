"""``course doctor``: each kind of fault is planted, found, and named with what mends it."""

import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

import course
from course.start import doctor
from course.start.environment import environment

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


def told(findings) -> list[tuple[str, list[str]]]:
    """The faults: what is said, and the words of the command."""
    return [(f.text, shlex.split(f.mend)) for f in findings if f.status == "fault"]


# --- packages -----------------------------------------------------------------


def test_01_all_that_is_needed_is_known_and_in_step():
    packages = {}
    assert told(doctor.check_versions(packages)) == []
    assert {"amur-course", "folium", "xstatic-leaflet", "branca", "traitlets"} <= set(packages)
    assert "ruff" not in packages  # of the extra for tests


@pytest.mark.parametrize(
    ("name", "version", "wanted"),
    [("ipywidgets", "7.7.0", ">=8.1.5"), ("jupyterlab_widgets", "1.1.11", "~=3.")],
)  # too old, and of another age than its other half: "Error displaying widget"
def test_02_a_package_does_not_fit(install, name, version, wanted):
    install(name, version)
    [(text, mend)] = told(doctor.check_versions({}))
    name = name.replace("_", "-")
    assert text.startswith(f"{name} {version} does not fit") and mend[:4] == PIP
    assert mend[4].startswith(name) and wanted in mend[4]


@pytest.mark.parametrize(
    ("name", "words", "wanted"),
    [
        ("branca", "branca is not installed", ["branca>="]),
        ("amur-course", "course is not installed", ["-e", str(REPO)]),
    ],
)
def test_03_what_is_needed_is_not_there(monkeypatch, name, words, wanted):
    def find(asked: str, real=metadata.distribution):
        if asked == name:
            raise metadata.PackageNotFoundError(name)
        return real(asked)

    monkeypatch.setattr(metadata, "distribution", find)
    [(text, mend)] = told(doctor.check_versions({}))
    assert words in text and mend[:4] == PIP
    assert [re.sub(r"(?<==)[\d.]+$", "", word) for word in mend[4:]] == wanted


def test_04_markers_and_extras_are_respected(install):
    install("amur-course", "1", "aa[x]>=1", "bb; python_version < '3'", "cc; extra == 'test'")
    install("aa", "1", "dd<2; extra == 'x'", "ee; extra == 'y'", "ff>=1")
    install("dd", "2.0")
    install("ff", "2.0rc1")  # new, but it does
    [(text, mend)] = told(doctor.check_versions({}))
    assert text.startswith("dd 2.0 does not fit") and mend == [*PIP, "dd<2"]


@pytest.mark.parametrize("source", ["thing==1.0", "file:///media/usb%20stick/a.whl"])
def test_05_files_are_not_as_installed(install, source):
    code = {"thing/a.py": "1", "thing/b.py": "2", "thing/c.py": "3"}
    made = {"thing/__pycache__/a.pyc": "4", "bin/thing": "5"}
    site = install("thing", "1.0", **code, **made)
    install("amur-course", "1", "thing")
    packages = {n: metadata.distribution(n) for n in ("thing", "amur-course")}
    assert told(doctor.check_files(packages)) == []
    if source.startswith("file"):
        text = json.dumps({"url": source})
        (site / "thing-1.0.dist-info" / "direct_url.json").write_text(text, encoding="utf-8")
    for file in ("thing/a.py", "thing/b.py", *made):
        (site / file).write_text("6", encoding="utf-8")
    [(text, mend)] = told(doctor.check_files(packages))
    assert text.endswith("copy first what you changed in thing/a.py, thing/b.py")
    assert mend == [*PIP, "--force-reinstall", "--no-deps", source]
    del packages["amur-course"]  # far from the course a change may be meant, a loss not
    assert told(doctor.check_files(packages)) == []
    (site / "thing/b.py").unlink()
    [(text, lost)] = told(doctor.check_files(packages))
    assert text.endswith("in thing/b.py") and lost == mend


# --- JupyterLab and a kernel, for real ------------------------------------------


@pytest.fixture(scope="module")
def packages():
    """What is really installed."""
    found = {}
    assert list(doctor.check_versions(found)) == []
    return found


@pytest.mark.slow
def test_06_what_hides_packages(mine, packages, monkeypatch):
    # it stops a kernel that imports it from the folder, as those of ipykernel 7 do
    stops = ["fnmatch.py"] if int(metadata.version("ipykernel").split(".")[0]) >= 7 else []
    for name in ("pandas/__init__.py", "narwhals.py", *stops):
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_text("open('ran', 'w')", encoding="utf-8")
    for name in ("folium/notes.txt", "email.py", "calendar.py", "my.py"):  # do no harm
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_text("open('ran', 'w')", encoding="utf-8")
    elsewhere = mine.parent / "other project"
    elsewhere.mkdir()
    (elsewhere / "anywidget.py").write_text("raise RuntimeError('half')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{elsewhere}{os.pathsep}{REPO}{os.pathsep}")
    before = sorted(mine.rglob("*"))

    found = told(doctor.check_notebooks(packages, mine))
    assert sorted(mine.rglob("*")) == before  # nothing of it ran
    moves = [
        ["mv", str(mine / name), str(mine / f"my_{name}")]
        for name in (*stops, "narwhals.py", "pandas")
    ]
    assert [mend for _text, mend in found] == [*moves, ["unset", "PYTHONPATH"]]
    assert f"anywidget comes from {elsewhere}" in found[-1][0]
    for mend in moves:
        subprocess.run(mend, check=True, capture_output=True)
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    assert told(doctor.check_notebooks(packages, mine)) == []


@pytest.mark.slow
def test_07_another_python_and_a_broken_package(mine, packages, monkeypatch, tmp_path):
    place = tmp_path / "kernels" / "python3"
    place.mkdir(parents=True)
    spec = {"argv": ["/other/python", "-m", "x"], "display_name": "x", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    text = "import sys; sys.modules['referencing'] = None"
    (tmp_path / "sitecustomize.py").write_text(text, encoding="utf-8")
    paths = {"JUPYTER_PATH": str(tmp_path), "PYTHONPATH": f"{tmp_path}{os.pathsep}{REPO}"}
    env = environment(mine) | paths
    monkeypatch.setattr(doctor, "environment", lambda folder: env)
    [python, broken] = told(doctor.check_notebooks(packages, mine))
    assert python[0] == "notebooks would run in another Python: /other/python"
    assert python[1] == [sys.executable, "-m", "ipykernel", "install", "--sys-prefix"]
    assert broken[0].startswith("jsonschema cannot be imported (ModuleNotFoundError")
    again = [*PIP, "--force-reinstall", "--no-deps"]
    assert broken[1] == [*again, f"jsonschema=={metadata.version('jsonschema')}"]
    text = "import os, sys; 'probe.py' in str(sys.orig_argv) and os._exit(3)"
    (tmp_path / "sitecustomize.py").write_text(text, encoding="utf-8")
    [(text, mend)] = told(doctor.check_notebooks(packages, mine))
    assert text == "notebooks cannot run: exit code 3"
    assert mend[:-1] == again and mend[-1].startswith("ipykernel==")


# --- the folder -----------------------------------------------------------------


def test_07a_stopped_from_outside_is_no_fault(mine, monkeypatch):
    stopped = doctor.subprocess.CompletedProcess([], -15, b"", b"")
    monkeypatch.setattr(doctor.subprocess, "run", lambda *a, **k: stopped)
    with pytest.raises(SystemExit) as error:
        doctor.main()
    assert error.value.code == 143


def test_07b_what_is_disabled_in_jupyterlab(monkeypatch):
    assert told(doctor.check_extensions()) == []
    name = "@jupyter-widgets/jupyterlab-manager"
    folder = Path(os.environ["JUPYTER_CONFIG_DIR"], "labconfig")
    folder.mkdir()
    page = {"disabledExtensions": {name: True, "another": True, "anywidget:plugin": False}}
    (folder / "page_config.json").write_text(json.dumps(page), encoding="utf-8")
    [(text, command)] = told(doctor.check_extensions())
    assert f"{name} is disabled" in text
    assert command[1:] == ["-m", "jupyterlab.labextensions", "enable", "--level=user", name]
    subprocess.run(command, check=True, capture_output=True)
    assert told(doctor.check_extensions()) == []


def test_08_a_place_for_what_is_saved(mine):
    assert list(doctor.check_folder(mine)) == []
    assert list(doctor.check_folder(mine / "not" / "made")) == []
    assert list(mine.iterdir()) == []
    (mine / "course_journal").write_text("", encoding="utf-8")
    [(text, _mend)] = told(doctor.check_folder(mine))
    assert f"nothing can be written to {mine / 'course_journal'}" in text
    (mine / "essay").write_text("text", encoding="utf-8")
    [(text, mend)] = told(doctor.check_folder(mine / "essay"))
    assert "nothing can be written" in text and mend == ["course", "start", "~/amur-course"]


def test_09_a_copy_that_is_read_only(mine, monkeypatch):
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


def test_10_a_full_disk_and_a_home_that_takes_no_files(mine, monkeypatch):
    (mine.parent / "HOME" / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("HOME", str(mine.parent / "HOME" / "file" / "me"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 10**6))
    full, home = doctor.check_folder(mine)
    assert "only 5 MB free" in full.text
    assert full.mend == "course start FOLDER-ON-ANOTHER-DISK"
    assert home.status == "look" and home.text.startswith("HOME: no files")


# --- the report -----------------------------------------------------------------


@pytest.mark.parametrize("odd", ["~no-such-user", "x" * 300])
def test_11_an_odd_folder_is_a_fault(mine, capsys, odd):
    assert doctor.main(Path(odd)) == 1
    said = capsys.readouterr().out
    assert f"{odd} cannot be used" in said and "1 fault." in said
    assert "mend it with:  course start ~/amur-course" in said


@pytest.mark.parametrize(
    "way",
    [
        ["-m", "course", "doctor"],
        ["-c", "from course import doctor; raise SystemExit(doctor.main())"],
    ],
)
def test_12_no_package_at_all_and_a_console_in_gbk(mine, way):
    env = {**os.environ, "PYTHONPATH": str(REPO), "PYTHONIOENCODING": "gbk"}
    run = [sys.executable, "-S", *way]
    done = subprocess.run(run, env=env, cwd=mine.parent, capture_output=True, check=False)
    assert done.stderr == b"" and done.returncode == 1
    said = done.stdout.decode("gbk")
    assert "packaging is not installed" in said and " packaging\n" in said
    assert "1 fault." in said
    # a lesson run as a script calls it like this
    run[2:] = ["-c", "import course; course.doctor.main()"]
    done = subprocess.run(run, env=env, cwd=mine.parent, capture_output=True, check=False)
    assert done.stderr == b"" and done.stdout.decode("gbk") == said


@pytest.mark.slow
def test_13_a_clone_with_a_table_that_somebody_changed(mine, tmp_path):
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
    done = subprocess.run(command, env=env, capture_output=True, encoding="utf-8")
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


def test_14_commands_of_uv_and_of_windows(monkeypatch):
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    assert doctor.pip("folium>=0.20").startswith("uv pip install --python ")
    with monkeypatch.context() as windows:  # pytest itself must not take it for Windows
        windows.setattr(doctor.os, "name", "nt")
        plain = doctor.shell("C:\\a\\py.exe", "x>=1")
        spaced = doctor.shell("C:\\a b\\py.exe", "x>=1")
    assert plain == 'C:\\a\\py.exe "x>=1"'
    # PowerShell takes a line that begins with a quote as a text
    assert spaced == '& "C:\\a b\\py.exe" "x>=1"'


def test_settings_of_the_user_that_let_others_in_are_told(tmp_path):
    assert list(doctor.check_settings()) == []
    config = tmp_path / "JUPYTER_CONFIG_DIR" / "jupyter_server_config.py"
    unsafe = "print(1)\nc.ServerApp.ip = '0.0.0.0'\nc.IdentityProvider.token = ''\n"
    config.write_text(unsafe, "utf-8")
    [found] = doctor.check_settings()
    assert found.status == "look" and "(ip, token)" in found.text
    config.write_text(f"from jupyter_server.auth.identity import *\n{unsafe}"
                      "c.ServerApp.identity_provider_class = IdentityProvider", "utf-8")  # fmt: skip
    [found] = doctor.check_settings()
    assert "(ip, token, identity_provider_class)" in found.text
    config.write_text("no Python", "utf-8")
    assert list(doctor.check_settings()) == []
