"""``course doctor``: what is wrong with this installation, and what mends it.

It must work where half of the packages are missing: at the top it imports
nothing beyond the standard library and its neighbours that do the same.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import course
from course import paths
from course.start import copies
from course.start import lab as start
from course.start.intact import (
    Finding,
    check_course_files,
    check_data,
    check_lessons,
    pip,
    shell,
)

PYTHON = (3, 11)
FREE_MB = 200
PROBE = Path(__file__).resolve().parent / "probe.py"
LAB_EXTENSIONS = {
    "@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets",
    "anywidget": "anywidget",
}
_SIGN = {"ok": "✓ ok   ", "fault": "✗ FAULT", "look": "! look "}
_IMPORT_NAMES = {"vl-convert-python": "vl_convert"}


def main(folder: Path | None = None) -> int:
    """Print the report on this installation.

    Args:
        folder: the folder of the student's copies; found as by ``course start``
            if None.

    Returns:
        The exit code: 0 if there is no fault, otherwise 1.
    """
    print(f"amur-course {course.__version__} in {sys.executable}\n")
    findings = examine(folder)
    for finding in findings:
        print(f"{_SIGN[finding.status]}  {finding.text}")
        if finding.mend:
            print(f"{'':9}mend it with:  {finding.mend}")
    faults = sum(f.status == "fault" for f in findings)
    if not faults:
        print("\nNo fault found. Open the lessons with: course start")
        return 0
    what = "1 fault" if faults == 1 else f"{faults} faults"
    print(f"\n{what}. Mend from the top down, then run course doctor again.")
    return 1


def examine(folder: Path | None = None) -> list[Finding]:
    """Check everything that can be checked, and change nothing.

    Args:
        folder: as for `main`.

    Returns:
        The findings, in the order in which faults should be mended.
    """
    if sys.version_info[:2] < PYTHON:
        return check_python()  # nothing else can be told, or mended, before
    folder = _student_folder(folder)
    floors = requirements()
    probe = _probe(folder, floors)
    return [
        *check_python(),
        *check_packages(floors),
        *check_imports(probe, floors),
        *check_extensions(probe),
        *check_kernel(probe),
        *check_course_files(),
        *check_data(),
        *check_lessons(),
        *check_folder(folder),
        *check_shadows(folder, floors),
        *check_disk(folder),
        *look_at_fonts(),
    ]


def requirements() -> dict[str, str]:
    """Return what the course needs to run: package name to lowest version."""
    try:
        lines = importlib.metadata.requires("amur-course") or []
    except importlib.metadata.PackageNotFoundError:
        lines = []
    if not lines:  # a clone that was never installed
        import tomllib

        project = Path(course.__file__).resolve().parent.parent / "pyproject.toml"
        try:
            text = project.read_text(encoding="utf-8")
            lines = tomllib.loads(text)["project"]["dependencies"]
        except (OSError, ValueError, LookupError):
            lines = []
    needs = [line for line in lines if ";" not in line]
    parsed = [re.match(r"([\w.-]+)\s*>=\s*([\d.]+)", line) for line in needs]
    return {_plain(m[1]): m[2] for m in parsed if m}


def check_python() -> list[Finding]:
    """The version of Python, and whether the course is installed in it."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON:
        needed = ".".join(map(str, PYTHON))
        return [
            Finding(
                "fault",
                f"Python {version} is too old; the course needs {needed} or newer",
                f"python{needed} -m venv .venv",
            )
        ]
    findings = [Finding("ok", f"Python {version}")]
    if _version("amur-course") is None:
        root = Path(course.__file__).resolve().parent.parent
        findings.append(
            Finding(
                "fault",
                "the course is not installed in this Python, so notebooks will not find it",
                pip("-e", str(root)),
            )
        )
    return findings


def check_packages(floors: dict[str, str]) -> list[Finding]:
    """Every package the course needs, in a version it works with."""
    findings = []
    for name, floor in floors.items():
        installed = _version(name)
        if installed is None:
            text = f"{name} is not installed"
        elif _release(installed) < _release(floor):
            text = f"{name} {installed} is too old; the course needs {floor} or newer"
        else:
            continue
        findings.append(Finding("fault", text, pip(f"{name}>={floor}")))
    # ipywidgets itself says which jupyterlab_widgets speaks its language
    partner = _partner()
    installed = _version("jupyterlab_widgets")
    if partner and installed is None:
        text = "jupyterlab_widgets is not installed, so no slider would show"
        findings.append(Finding("fault", text, pip(f"jupyterlab_widgets~={partner}")))
    elif partner and _release(installed)[:1] != _release(partner)[:1]:
        text = (
            f"jupyterlab_widgets {installed} does not match ipywidgets "
            f"{_version('ipywidgets')}, which needs {partner}"
        )
        findings.append(Finding("fault", text, pip(f"jupyterlab_widgets~={partner}")))
    if findings:
        return findings
    shown = ", ".join(f"{n} {_version(n)}" for n in ("jupyterlab", "ipywidgets"))
    return [Finding("ok", f"{len(floors)} packages, in step ({shown})")]


def check_imports(probe: dict[str, Any], floors: dict[str, str]) -> list[Finding]:
    """Every package can be imported, not only found."""
    if "failed" in probe:
        text = f"Python cannot run a second Python: {probe['failed']}"
        return [Finding("fault", text, shell(sys.executable, "-c", "print('works')"))]
    findings = []
    for name in floors:
        module = _module(name)
        why, lost = probe["broken"].get(module, ("", None))
        if not why or _version(name) is None:
            continue
        exact = f"{name}=={_version(name)}"
        again = [exact]  # brings a package that it needs and that is not there
        if not lost or lost.split(".")[0] == module.split(".")[0]:
            again = ["--force-reinstall", "--no-deps", exact]
        findings.append(Finding("fault", f"{name} is damaged ({why})", pip(*again)))
    return findings


def check_extensions(probe: dict[str, Any]) -> list[Finding]:
    """The parts of ipywidgets and anywidget that live in JupyterLab."""
    if probe.get("extensions") is None:
        return []  # without JupyterLab there is nothing to look at
    findings = []
    for extension, package in LAB_EXTENSIONS.items():
        installed = _version(package)
        disabled = probe["disabled"]  # whole extensions, or parts as NAME:PART
        off = [d for d in disabled if f"{d}:".startswith(f"{extension}:")]
        if installed is None:
            continue  # said before
        if extension not in probe["extensions"]:
            text = f"JupyterLab does not find {extension}, so widgets would not show"
            mend = pip("--force-reinstall", "--no-deps", f"{package}=={installed}")
            findings.append(Finding("fault", text, mend))
        elif off:
            text = f"{extension} is disabled in JupyterLab, so widgets would not show"
            words = [sys.executable, "-m", "jupyterlab.labextensions", "enable"]
            mend = shell(*words, f"--level={_level(off[0])}", off[0])
            findings.append(Finding("fault", text, mend))
    if findings:
        return findings
    return [Finding("ok", "JupyterLab shows widgets (ipywidgets, anywidget)")]


def check_kernel(probe: dict[str, Any]) -> list[Finding]:
    """Notebooks run in this Python, not in another one."""
    if _version("ipykernel") is None or not probe.get("kernel"):
        return []
    program = probe["kernel"][0]
    names = {"python", "python3", "python{}.{}".format(*sys.version_info[:2])}
    if program in names or _same(program, sys.executable):
        return [Finding("ok", "notebooks run in this Python")]
    words = [sys.executable, "-m", "ipykernel", "install", "--sys-prefix"]
    text = f"notebooks would run in another Python: {program}"
    return [Finding("fault", text, shell(*words))]


def check_folder(folder: Path) -> list[Finding]:
    """The student's folder, or the place where it will be made, takes files."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    elsewhere = shell("course", "start", str(Path.home() / copies.FOLDER))
    if not place.is_dir():
        return [Finding("fault", f"{place} is a file, not a folder", elsewhere)]
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        text = f"nothing can be written to {place} ({error.strerror or error})"
        return [Finding("fault", text, elsewhere)]
    made = "" if folder.exists() else " (not made yet)"
    return [Finding("ok", f"folder {folder} takes files{made}")]


def check_shadows(folder: Path, floors: dict[str, str]) -> list[Finding]:
    """No file of the student's hides a package: ``pandas.py`` hides pandas."""
    names = {_module(n).split(".")[0] for n in floors} | {"course"}
    names |= set(getattr(sys, "stdlib_module_names", ()))
    move = "move" if os.name == "nt" else "mv"
    findings = []
    for file in sorted(folder.glob("*.py")) if folder.is_dir() else []:
        if file.stem in names:
            text = f"{file.name} in your folder hides the real {file.stem}"
            mend = shell(move, str(file), str(file.with_name(f"my_{file.name}")))
            findings.append(Finding("fault", text, mend))
    return findings


def check_disk(folder: Path) -> list[Finding]:
    """There is room for work to be saved."""
    place = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(place).free // 10**6
    if free < FREE_MB:
        text = f"only {free} MB free on the disk of {place}; a save may fail"
        # which files may go, nobody but their owner can say
        other = shell("course", "start", "FOLDER-ON-ANOTHER-DISK")
        return [Finding("fault", text, other)]
    return [Finding("ok", f"{free / 1000:.1f} GB free")]


def look_at_fonts() -> list[Finding]:
    """What only the eye can check: whether the browser has the letters."""
    return [
        Finding(
            "look",
            "letters: a browser's fonts cannot be checked from here. Lesson 00 shows "
            "the words Русский, 中文 and Монгол. If you see empty boxes there, install "
            "the free fonts Noto Sans and Noto Sans CJK (Debian, Ubuntu: "
            "sudo apt install fonts-noto-core fonts-noto-cjk).",
        )
    ]


def _student_folder(folder: Path | None) -> Path:
    if folder is None and os.environ.get("COURSE_FOLDER"):
        folder = paths.student_dir()
    if folder is None:
        here = Path.cwd()
        folder = here if (here / copies.FIRST).is_file() else here / copies.FOLDER
    return Path(os.path.abspath(folder.expanduser()))


def _probe(folder: Path, floors: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-P", str(PROBE), *map(_module, floors)]
    try:
        done = subprocess.run(
            command,
            env=start.environment(folder),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return json.loads(done.stdout.decode("utf-8").strip().rsplit("\n", 1)[-1])
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return {"failed": str(error), "broken": {}}


def _level(extension: str) -> str:
    """Say where an extension was disabled: the command must undo it there."""
    try:
        from jupyterlab_server.config import get_static_page_config
    except ImportError:
        return "sys_prefix"
    for level in ("user", "sys_prefix", "system"):
        config = get_static_page_config(level=level) or {}
        disabled = config.get("disabledExtensions", {})
        if disabled.get(extension):
            return level
    return "sys_prefix"


def _partner() -> str:
    try:
        lines = importlib.metadata.requires("ipywidgets") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    for line in lines:
        match = re.match(r"jupyterlab[-_]widgets\s*[~><=!]+\s*([\d.]+)", line)
        if match and ";" not in line:
            return match[1]
    return ""


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _release(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(n) for n in match[0].split(".")) if match else ()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _module(name: str) -> str:
    module = _IMPORT_NAMES.get(name, name.replace("-", "_"))
    return re.sub(r"^xstatic_", "xstatic.pkg.", module)


def _same(one: str, other: str) -> bool:
    # a venv's python is a link to the system's: compare names, not targets
    return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))
