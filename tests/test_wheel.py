"""The wheel, installed in an empty environment outside the clone, does all the same."""

import json
import os
import re
import subprocess
import sys
import urllib.request
import venv
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="paths are spelled for POSIX"),
]


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess:
    """Run a command away from the clone and from this environment's settings."""
    ours = ("PYTHONPATH", "COURSE_FOLDER", "JUPYTER")
    env = {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {"PYTHONUTF8": "1"}
    words = [str(word) for word in words]
    pipes = {"stdin": subprocess.DEVNULL, "capture_output": True, "encoding": "utf-8"}
    return subprocess.run(words, cwd=cwd, env=env, timeout=600, **pipes)


def must(what: str, *words: object, cwd: Path) -> None:
    """Run a command; outside of CI, skip the tests if it fails."""
    done = run(*words, cwd=cwd)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"{what}: {(done.stdout + done.stderr)[-300:]}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder outside the clone."""
    return tmp_path_factory.mktemp("wheel")


@pytest.fixture(scope="module")
def wheel(place):
    """The wheel, built from the clone."""
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        place,
        REPO,
    ]
    must("no wheel can be built here", *build, cwd=place)
    return next(place.glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(place, wheel):
    """The folder of commands of an empty environment that got the wheel."""
    venv.create(place / "env", with_pip=True)
    scripts = place / "env" / "bin"
    must("packages cannot be had", scripts / "pip", "install", "-q", wheel, cwd=place)
    return scripts


def test_wheel_holds_lessons_and_data_and_no_tests(wheel):
    from zipfile import ZipFile

    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert set(names) >= {
        "course/_lessons/00_start_here.ipynb",
        "course/_data/datapackage.json",
        "course/maps/others/leaflet-draw-1.0.2/leaflet.draw.js",
        "course/start/cells_2026_11_0.json",
        "course/start/cells_2026_11_1.json",
        "course/teach/templates/paper/index.html.j2",
        "course/start/config/jupyter_server_config.py",
        "course/start/config/labconfig/default_setting_overrides.json",
    }
    own = {n.split("/")[0] for n in names}
    assert {n for n in own if not n.endswith(".dist-info")} == {"course"}
    assert not [n for n in names if re.search(r"\.pyc$|checkpoint|/\.", n)]


def test_doctor_restores_what_was_damaged(scripts, place, wheel):
    """Spoil a table of the installed course; run the command the doctor names."""
    done = run(scripts / "course", "doctor", cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "files, as installed" in done.stdout and "last commit" not in done.stdout
    [table] = (place / "env").glob("lib/*/site-packages/course/_data/sources.csv")
    before = table.read_bytes()
    table.write_bytes(before[: len(before) // 2])
    done = run(scripts / "course", "doctor", cwd=place)
    assert done.returncode == 1
    mend = re.search(r"mend it with:  (.+)", done.stdout)[1]
    assert str(wheel) in mend
    assert run("bash", "-c", mend, cwd=place).returncode == 0
    assert table.read_bytes() == before
    assert run(scripts / "course", "doctor", cwd=place).returncode == 0


def test_data_and_maps_work(scripts, place):
    script = "import course; claims = course.load('claims'); print(course.__file__); "
    script += "page = course.area_map('far_east')._repr_html_(); "
    script += "assert len(claims) > 10 and len(course.cite(claims)) and '<iframe' in page"
    done = run(scripts / "python", "-c", script, cwd=place)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(place / "env")


def test_course_start_answers(scripts, place):
    """Start for real, open lesson 00 by HTTP, start a kernel, end it."""
    process = subprocess.Popen(
        [scripts / "course", "start", "--no-browser"],
        cwd=place,
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(place / "runtime")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        address = r"(http://127\S+?)/lab/tree/00\S+token=(\w+)"
        found = next(filter(None, (re.search(address, line) for line in process.stdout)))

        def ask(path: str, body: bytes | None = None) -> str:
            request = urllib.request.Request(f"{found[1]}{path}", data=body)
            request.add_header("Authorization", f"token {found[2]}")
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode("utf-8")

        assert "jupyter-config-data" in ask("/lab")
        lesson = json.loads(ask("/api/contents/00_start_here.ipynb"))
        assert lesson["content"]["metadata"]["course_copy"]["lesson"] == "00"
        assert json.loads(ask("/api/kernels", b'{"name": "python3"}'))["name"] == "python3"
    finally:
        process.terminate()
        process.communicate(timeout=60)
