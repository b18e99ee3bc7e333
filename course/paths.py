"""Where the course keeps its data and lessons, and where a student's work goes."""

import os
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def data_dir() -> Path:
    """Return the folder of the data package (inside the wheel, or in a clone)."""
    return _bundled("data")


def lessons_dir() -> Path:
    """Return the folder of the untouched lessons (inside the wheel, or in a clone)."""
    return _bundled("lessons")


def student_dir() -> Path:
    """Return the folder that holds the student's own copies and progress.

    ``course start`` names it in the environment variable ``COURSE_FOLDER``;
    a notebook opened by other means uses its own working directory.
    """
    return Path(os.environ.get("COURSE_FOLDER") or Path.cwd())


def _bundled(name: str) -> Path:
    inside = _HERE / f"_{name}"
    return inside if inside.is_dir() else _HERE.parent / name
