"""One guard per mistake that courses like this one have made before."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
LESSONS = sorted(REPO.glob("lessons/*.ipynb"))
GLOSSARY = REPO / "lessons" / "glossary.ipynb"  # words only, in the folder of the lessons


def name(path: Path) -> str:
    """A file's path inside the project."""
    return path.relative_to(REPO).as_posix()


def tree(path: Path) -> ast.Module:
    """A Python file as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    """Our own files under version control; those of others stay as they came."""
    try:
        run = ["git", "-C", str(REPO), "ls-files", "-z"]
        listed = subprocess.run(run, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git clone")
    paths = [p for p in listed.split("\0") if p and not p.startswith("course/maps/others/")]
    return [REPO / p for p in paths if (REPO / p).is_file()]


# --- Python -----------------------------------------------------------------


def test_import_course_stays_cheap():
    heavy = {"folium", "ipywidgets", "altair", "anywidget", "IPython", "pandas"}
    ask = "import sys, course; print(' '.join(sys.modules))"
    run = [sys.executable, "-c", ask]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=REPO)
    assert "course" in done.stdout.split()
    assert heavy & set(done.stdout.split()) == set()


def test_doctor_imports_the_standard_library_only():
    ask = "import sys, course.cli, course.start.doctor; print(' '.join(sys.modules))"
    run = [sys.executable, "-c", ask]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=REPO)
    tops = {m.split(".")[0] for m in done.stdout.split()}
    before = subprocess.run(
        [sys.executable, "-c", "import sys; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    allowed = set(sys.stdlib_module_names) | {m.split(".")[0] for m in before}
    assert tops - allowed == {"course"}


# --- lessons ----------------------------------------------------------------


def notebook(path: Path) -> dict:
    """A lesson as a dict."""
    return json.loads(path.read_text(encoding="utf-8"))


def sources(path: Path, kind: str) -> list[str]:
    """The text of a lesson's cells of one kind."""
    cells = notebook(path)["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == kind]


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_lesson_is_clean(path):
    book = notebook(path)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"] == {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    assert "widgets" not in book["metadata"]
    code = [c for c in book["cells"] if c["cell_type"] == "code"]
    assert [c["id"] for c in code if c["outputs"] or c["execution_count"]] == []
    assert path == GLOSSARY or re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name)


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_cell_ids_are_stable_and_speak(path):
    ids = [cell["id"] for cell in notebook(path)["cells"]]
    assert len(ids) == len(set(ids))
    # an id that a program made (8 hex digits) would change with every rewrite
    bad = [i for i in ids if not re.fullmatch(r"[a-z0-9-]{3,40}", i)]
    assert bad + [i for i in ids if re.fullmatch(r"[0-9a-f]{8}(-.*)?", i)] == []


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_lesson_loads_nothing_from_the_network(path):
    text = "\n".join(sources(path, "code") + sources(path, "markdown"))
    assert re.findall(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//[^\s\"'>]+", text) == []
    assert re.findall(r"!\[[^]]*\]\((?:https?:)?//[^)]+\)", text) == []  # images
    code = "\n".join(sources(path, "code"))
    assert re.findall(r"https?://\S+|^\s*[!%]\s*pip", code, re.MULTILINE) == []


# --- the tree ---------------------------------------------------------------


def test_nothing_else_at_the_top():
    files = [p.relative_to(REPO) for p in tracked()]
    tops = {p.parts[0] for p in files if len(p.parts) > 1 and p.parts[0][0] != "."}
    assert tops <= {"lessons", "data", "course", "tests"}
    single = {p.name for p in files if len(p.parts) == 1 and p.name[0] != "."}
    assert single <= {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "LICENSE-content",
        "NOTICE",
        "CITATION.cff",
        "CHANGELOG.md",
    }


def test_no_path_of_one_machine():
    # spelled apart, so that this file does not contain what it looks for
    homes = r"/(?:root|home/\w+|Users/\w+|tmp|work)/"
    allowed = re.compile(r"/home/(?:student\d*|you|user)/|/tmp/hsperf")
    bad = []
    for path in tracked():
        if path.suffix not in {".py", ".md", ".toml", ".ipynb", ".json", ".csv", ".js", ""}:
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            text = allowed.sub("", line.decode("utf-8", errors="replace"))
            if re.search(r"(?<![\w.}:/~-])" + homes, text) and path.name != Path(__file__).name:
                bad.append(f"{name(path)}:{number}")
    assert bad == []


def test_text_files_are_utf8_with_plain_line_ends():
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".ipynb", ".json", ".csv", ".js", ".cff"}:
            content = path.read_bytes()
            content.decode("utf-8")
            assert b"\r" not in content, name(path)
            assert not content.startswith(b"\xef\xbb\xbf"), name(path)
            assert content.endswith(b"\n"), name(path)


def test_nothing_large_or_generated_is_committed():
    for path in tracked():
        assert path.stat().st_size < 2_000_000, name(path)
        assert path.suffix not in {".whl", ".pyc", ".png", ".html"}, name(path)
