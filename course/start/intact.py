"""Whether the files of the course are still what they were when it came.

Like the rest of ``course doctor``, this imports the standard library only.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import re
import shlex
import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import course
from course import paths
from course.start import copies


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        status: ``ok``, ``fault``, or ``look`` for what only a person can see.
        text: what was found.
        mend: the one command that mends a fault.
    """

    status: str
    text: str
    mend: str = ""


def check_course_files() -> list[Finding]:
    """The files of the course are those that were installed (wheels only)."""
    try:
        files = importlib.metadata.files("amur-course") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    listed = [f for f in files if f.parts[0] == "course" and f.hash]
    bad = []
    for file in listed:
        try:
            content = Path(file.locate()).read_bytes()
        except OSError:
            bad.append(str(file))
            continue
        digest = urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest())
        if digest.decode("ascii").rstrip("=") != file.hash.value:
            bad.append(str(file))
    if bad:
        text = f"changed or missing since the course was installed: {_some(bad)}"
        return [Finding("fault", text, restore())]
    return [Finding("ok", f"{len(listed)} files as installed")] if listed else []


def check_data() -> list[Finding]:
    """Every table is there, and is what its description says."""
    try:
        text = (paths.data_dir() / "datapackage.json").read_text(encoding="utf-8")
        resources = json.loads(text)["resources"]
        bad = [f"{r['path']} {why}" for r in resources if (why := _damage(r))]
    except (OSError, ValueError, LookupError, TypeError) as error:
        text = f"data/datapackage.json cannot be read ({error})"
        return [Finding("fault", text, restore())]
    if bad:
        return [Finding("fault", f"data: {_some(bad)}", restore())]
    return [Finding("ok", f"{len(resources)} tables whole")]


def check_lessons() -> list[Finding]:
    """The untouched lessons are there and are notebooks."""
    lessons = sorted(paths.lessons_dir().glob("[0-9][0-9]_*.ipynb"))
    if copies.FIRST not in [p.name for p in lessons]:
        return [Finding("fault", f"the lesson {copies.FIRST} is missing", restore())]
    bad = [p.name for p in lessons if copies.read_notebook(p) is None]
    if bad:
        return [Finding("fault", f"damaged lessons: {_some(bad)}", restore())]
    return [Finding("ok", f"{len(lessons)} lessons")]


def restore() -> str:
    """Return the command that brings the course's own files back."""
    root = Path(course.__file__).resolve().parent.parent
    if (root / ".git").exists():
        # not checkout: what somebody changed on purpose must stay retrievable
        return shell("git", "-C", str(root), "stash", "push", "--", "data", "lessons")
    try:
        distribution = importlib.metadata.distribution("amur-course")
        url = json.loads(distribution.read_text("direct_url.json") or "{}")["url"]
        parts = urlsplit(url)
        source = url2pathname(parts.path) if parts.scheme == "file" else url
    except (importlib.metadata.PackageNotFoundError, LookupError, ValueError):
        source = f"amur-course=={course.__version__}"
    return pip("--force-reinstall", "--no-deps", source)


def pip(*words: str) -> str:
    """Return the command that installs ``words`` into this Python."""
    if importlib.util.find_spec("pip") is None:  # environments made by uv
        return shell("uv", "pip", "install", "--python", sys.executable, *words)
    return shell(sys.executable, "-m", "pip", "install", *words)


def shell(*words: str) -> str:
    """Return a command as one line that the shell of this system understands."""
    if os.name != "nt":
        return shlex.join(words)
    line = " ".join(f'"{w}"' if re.search(r"[\s<>&|^~]", w) else w for w in words)
    # PowerShell only repeats a line that begins with a quote, and runs it after an &
    return f"& {line}" if line.startswith('"') else line


def _damage(resource: dict[str, Any]) -> str:
    """Say what is wrong with a table's file; "" if nothing is."""
    path = paths.data_dir() / resource["path"]
    if not path.is_file():
        return "is missing"
    content = path.read_bytes()
    expected = resource.get("hash", "")
    if expected:
        kind, _, value = expected.rpartition(":")
        actual = hashlib.new(kind or "md5", content, usedforsecurity=False).hexdigest()
        return "" if actual == value else "is not the file the course came with"
    if content and resource.get("bytes", len(content)) != len(content):
        return "has not the size the course came with"
    try:
        text = content.decode("utf-8")
        if resource.get("format") == "geojson" or path.suffix in (".geojson", ".json"):
            return "" if "features" in json.loads(text) else "holds no shapes"
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (ValueError, csv.Error) as error:
        return f"cannot be read ({error})"
    header = [f["name"] for f in resource.get("schema", {}).get("fields", [])]
    if not rows or rows[0] != header:
        return "has other columns than its description"
    if any(len(row) != len(header) for row in rows[1:]):
        return "has rows that are too short or too long"
    return ""


def _some(items: list[str]) -> str:
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return ", ".join(items[:3]) + more
