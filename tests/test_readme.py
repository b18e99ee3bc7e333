"""README and the other texts: the commands are those CI runs, the links lead somewhere."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

REPO = Path(__file__).resolve().parent.parent
README = (REPO / "README.md").read_text(encoding="utf-8")
TEXTS = [p for p in [*REPO.glob("*.md"), *REPO.glob("lessons/*.md")] if p.is_file()]


def command(name: str) -> str:
    """The one line below a marker in the README."""
    found = re.findall(rf"<!-- {name} -->\n```sh\n(.+)\n```", README)
    assert len(found) == 1, f"README needs one line below <!-- {name} -->"
    return found[0]


def test_ci_runs_the_test_command_of_the_readme():
    ci = (REPO / ".ci" / "run").read_text(encoding="utf-8")
    script = re.search(r"^command=\$\((.+)\)$", ci, re.MULTILINE)[1]
    done = subprocess.run(
        ["bash", "-c", script], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == command("test-command")
    usual = re.sub(r"(?ms)^on\(\).*?^}$", "", ci)  # other versions are tested for --all only
    assert "-m pytest" not in usual, "CI has a command of its own"
    assert (REPO / ".ci" / "run").stat().st_mode & 0o111


def test_both_commands_make_the_same_environment():
    for name in ("start-command", "test-command"):
        assert command(name).startswith("python3 -m venv .venv && .venv/bin/pip install")


def test_what_the_commands_name_exists():
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    assert "test" in project["project"]["optional-dependencies"]
    assert "course" in project["project"]["scripts"]
    ignored = (REPO / ".gitignore").read_text(encoding="utf-8").split()
    assert {".venv/", "amur-course/", "artefacts/"} <= set(ignored)


@pytest.mark.parametrize("text", TEXTS, ids=lambda p: p.name)
def test_links_lead_to_files(text):
    content = text.read_text(encoding="utf-8")
    content = re.sub(r"```.*?```", "", content, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", content):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (text.parent / unquote(path)).resolve() if path else text
        assert place.exists(), f"{text.name}: {target}"
        if anchor:
            lines = place.read_text(encoding="utf-8").splitlines()
            heads = [re.sub(r"[^\w\- ]", "", x.lstrip("# ")) for x in lines if x[:1] == "#"]
            assert anchor in [h.lower().replace(" ", "-") for h in heads], target


def test_every_lesson_has_a_row_in_both_tables():
    syllabus = (REPO / "lessons" / "README.md").read_text(encoding="utf-8")
    for lesson in sorted((REPO / "lessons").glob("[0-9][0-9]_*.ipynb")):
        number = lesson.name[:2]
        assert re.search(rf"^\| {number} .*\| ready \|$", README, re.MULTILINE), number
        assert lesson.name in syllabus, lesson.name
    for number in re.findall(r"^\| (\d\d) .*\| ready \|$", README, re.MULTILINE):
        assert list((REPO / "lessons").glob(f"{number}_*.ipynb")), number


def test_minutes_of_the_syllabus_are_those_of_the_contracts():
    syllabus = (REPO / "lessons" / "README.md").read_text(encoding="utf-8")
    for lesson in sorted((REPO / "lessons").glob("[0-9][0-9]_*.ipynb")):
        meta = json.loads(lesson.read_text(encoding="utf-8"))["metadata"]["course"]
        row = next(x for x in syllabus.splitlines() if f"({lesson.name})" in x)
        minutes = "{teach} + {practise}".format(**meta["minutes"])
        needs = ", ".join(meta["prerequisites"]) or "nothing"
        assert row.endswith(f"| {minutes} | {needs} |"), lesson.name
        assert f"[{meta['id']} {meta['title']}]" in row


def test_version_is_the_same_everywhere():
    from course import __version__

    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__
    citation = (REPO / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
    changes = (REPO / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{__version__}]" in changes
