"""The work shared out by a Dask scheduler: a real one, two workers, one killed half-way."""

import json
import os
import shutil
import signal
import threading
import time

import pytest

from course.cli import main
from course.teach.grade import grade
from tests.submissions.corpus import dump, short

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("bwrap") and os.environ.get("CI") != "true", reason="no bubblewrap"
    ),
]
COUNT = 8


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """Notebooks that take a moment each, no two alike."""
    folder = tmp_path_factory.mktemp("submissions")
    for n in range(COUNT):
        book = short(f"import time\ntime.sleep(0.5)\nprint({n})")
        (folder / f"student_{n}.ipynb").write_bytes(dump(book))
    return folder


@pytest.fixture(scope="module")
def usual(submissions, tmp_path_factory):
    """What the usual pool of processes writes."""
    out = tmp_path_factory.mktemp("usual") / "grades.csv"
    grade(submissions, out)
    return out


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


def files(out):
    """Return all that a batch wrote, by name."""
    found = {path.relative_to(out.parent): path.read_bytes() for path in out.parent.rglob("*")
             if path.is_file()}  # fmt: skip
    assert len(found) > COUNT
    return found


def store(out):
    """Return when each result was kept."""
    kept = out.with_name(".grades_work").glob("*.json")
    return {path.name: path.stat().st_mtime_ns for path in kept}


def test_a_killed_worker_costs_nothing(submissions, usual, cluster, tmp_path, capsys):
    out, seen = tmp_path / "grades.csv", {}

    def kill():
        while not store(out):
            time.sleep(0.02)
        seen["before"] = store(out)
        with distributed.Client(cluster.scheduler_address) as client:
            seen["killed"] = min(client.run(os.getpid).values())
        os.kill(seen["killed"], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    code = main(["grade", str(submissions), "--out", str(out), "--json",
                 "--scheduler", cluster.scheduler_address])  # fmt: skip
    killer.join()
    assert code == 0 and 0 < len(seen["before"]) < COUNT
    rows = json.loads(capsys.readouterr().out)
    assert [row["student"] for row in rows] == [f"student_{n}" for n in range(COUNT)]
    assert files(out) == files(usual)  # nothing lost
    kept = store(out)
    assert len(kept) == COUNT
    assert {name: kept[name] for name in seen["before"]} == seen["before"]  # nothing twice


def test_an_address_without_a_scheduler_is_told(submissions, tmp_path, capsys):
    out = str(tmp_path / "grades.csv")
    command = ["grade", str(submissions), "--out", out, "--scheduler"]
    assert main([*command, "nonsense"]) == 2
    said = capsys.readouterr().err
    assert "Dask scheduler" in said and "Traceback" not in said
