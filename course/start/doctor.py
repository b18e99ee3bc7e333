"""``course doctor``: what is wrong with this installation, and what mends it.

It must work where half of the packages are missing: at the top it imports nothing
beyond the standard library and its neighbours that do the same.
"""

import argparse
import csv
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import course
from course import cli, paths
from course.errors import CourseError
from course.start import copies
from course.start.environment import HERE, environment, stand_ins, takes_files
from course.words import _, for_any_console, plural

options = cli.folder_option  # what ``course doctor`` takes
_OURS = "amur-course"
_ROOT = Path(course.__file__).resolve().parents[1]
_ELSEWHERE = f"course start {Path('~', copies.FOLDER)}"
_FREE_MB = 200
_SIGN = {"ok": "✓ ok   ", "fault": "✗ FAULT", "look": "! look "}
_Packages = dict[str, metadata.Distribution]


class Finding(NamedTuple):
    """One line of the report: what was found, and the one command that mends it."""

    text: str
    mend: str = ""
    status: str = "fault"  # or "ok", or "look" for what is good to know

    def __str__(self) -> str:
        line = f"{_SIGN[self.status]}  {self.text}"
        mend = _("mend it with:  {command}", command=self.mend)
        return f"{line}\n{' ' * 9}{mend}" if self.mend else line


def run(args: argparse.Namespace) -> int:
    """Carry out ``course doctor``."""
    return main(args.folder)


def main(folder: Path | None = None) -> int:
    """Check everything that can be checked, change nothing, and print the report.

    Args:
        folder: the folder of the student's copies; found as by ``course start``
            if None.

    Returns:
        The exit code: 0 if there is no fault, otherwise 1.
    """
    for_any_console()
    print(f"amur-course {course.__version__}, {sys.executable}\n")
    faults = 0
    for finding in examine(folder):
        print(finding)
        faults += finding.status == "fault"
    if faults:
        print("\n" + plural("{count} fault.", "{count} faults.", faults), end=" ")
        print(_("Mend from the top down, then run course doctor again."))
    else:
        print("\n" + _("No fault found. Open the lessons with: course start"))
    return bool(faults)


def examine(folder: Path | None) -> Iterator[Finding]:
    """Yield the findings in the order in which faults should be mended."""
    packages: _Packages = {}
    first = _checked(check_versions(packages), _("packages, in step"))
    first += _checked(check_files(packages), _("files, as installed"))
    yield from first
    try:
        named = os.environ.get("COURSE_FOLDER")
        folder = copies.find_folder(folder or (Path(named) if named else None))
    except CourseError as error:
        yield Finding(str(error), _ELSEWHERE)
        return
    if all(f.status != "fault" for f in first):  # or it would say the same in other words
        yield from _checked(check_notebooks(packages, folder), _("notebooks"))
        yield from _checked(check_extensions(), _("widgets in JupyterLab"))
        yield from check_settings()
    yield from _checked(check_folder(folder), str(folder))
    # what only the eye can check
    text = _(
        "letters: lesson 00 shows the words Русский, 中文 and Монгол. If you see empty boxes "
        "there, install the free fonts Noto Sans and Noto Sans CJK (Debian, Ubuntu: "
        "sudo apt install fonts-noto-core fonts-noto-cjk)."
    )
    yield Finding(text, status="look")


def check_versions(packages: _Packages) -> Iterator[Finding]:
    """Check all that the course needs, and all that this needs, as ``pip check`` does.

    Args:
        packages: gets what is installed of it, by name.
    """
    try:
        from packaging.requirements import Requirement
    except ImportError:
        text = _("packaging is not installed, and without it no version can be compared")
        yield Finding(text, pip("packaging"))
        return
    wanted: dict[str, Any] = {}
    todo = [(_OURS, "")]
    for name, extra in todo:  # it grows
        with suppress(metadata.PackageNotFoundError):
            packages[name] = metadata.distribution(name)
            for need in map(Requirement, packages[name].requires or []):
                if need.marker is None or need.marker.evaluate({"extra": extra}):
                    other = _plain(need.name)
                    wanted[other] = wanted.get(other, need.specifier) & need.specifier
                    todo += [(other, e) for e in ("", *need.extras) if (other, e) not in todo]
    if _OURS not in packages:
        text = _("the course is not installed in this Python, so notebooks will not find it")
        yield Finding(text, pip("-e", str(_ROOT)))
    for name, versions in wanted.items():
        mend = pip(f"{name}{versions}")
        if name not in packages:
            yield Finding(_("{name} is not installed", name=name), mend)
        elif not versions.contains(found := packages[name].version, prereleases=True):
            text = _("{name} {version} does not fit, {wanted} is needed")
            yield Finding(text.format(name=name, version=found, wanted=versions), mend)


def check_files(packages: _Packages) -> Iterator[Finding]:
    """Compare installed files with the hashes that the installer wrote down for them."""
    made = {"bin", "Scripts", "__pycache__"}  # by the installer itself, or by Python
    direct = _direct(packages)
    for name, package in packages.items():
        bad = []
        # not package.files: Python 3.12 leaves out what is gone, and so do others for it
        rows = csv.reader((package.read_text("RECORD") or "").splitlines())
        for file, record, *_size in (row for row in rows if len(row) > 1):
            place = Path(str(package.locate_file(file)))
            # far from the course a change may be meant: schools add certificates of their own
            spoilt = name in direct and paths.altered(place, record)
            if not made & {*Path(file).parts} and (spoilt or not os.path.lexists(place)):
                bad.append(file)
        if bad:
            text = _("{name}: not as installed; copy first what you changed in {files}")
            yield Finding(text.format(name=name, files=_some(bad)), _again(packages, name))
    if not paths.recorded():  # a clone: only people know whether a change was meant
        git = ["git", "-C", str(_ROOT)]
        diff = [*git, "diff", "HEAD", "--name-only", "-z", "--", "data", "lessons"]
        with suppress(OSError):
            done = subprocess.run(diff, capture_output=True, check=False)
            if changed := os.fsdecode(done.stdout).split("\0")[:-1]:
                text = _("changed since the last commit, meant or not: {files}")
                # these files and no others; git stash pop brings back what was in them
                mend = shell(*git, "stash", "push", "--", *changed)
                yield Finding(text.format(files=_some(changed)), mend, "look")


def check_notebooks(packages: _Packages, folder: Path) -> Iterator[Finding]:
    """Find out what would stop a notebook in the folder."""
    modules = metadata.packages_distributions().items()
    owners = {m: {_plain(o) for o in names} & packages.keys() for m, names in modules}
    kernel = _direct(packages) - {"jupyterlab"}  # which runs outside the folder
    found = _probe(folder, [m for m in owners if owners[m] & kernel])
    if "failed" in found:
        text = _("notebooks cannot run: {reason}", reason=found["failed"])
        yield Finding(text, _again(packages, "ipykernel"))
        return
    for file in map(Path, found["hide"]):
        thing = folder / (file.parent if file.stem == "__init__" else file)
        aside = str(thing.with_name(f"my_{thing.name}"))
        text = _("{name} in your folder hides the real {module}")
        mend = shell("move" if os.name == "nt" else "mv", str(thing), aside)
        yield Finding(text.format(name=thing.name, module=thing.stem), mend)
    if os.path.normcase(found["python"]) != os.path.normcase(sys.executable):
        text = _("notebooks would run in another Python: {path}", path=found["python"])
        yield Finding(text, python("-m", "ipykernel", "install", "--sys-prefix"))
    for module, file in found["origins"].items():
        names = owners.get(module, ())
        homes = {os.path.realpath(str(packages[name].locate_file(""))) for name in names}
        sites = Path(file or "").parents[:2]  # of site/module.py, or site/module/__init__.py
        if file and homes and homes.isdisjoint(map(os.path.realpath, sites)):
            text = _("{module} comes from {file}, not from the package of that name")
            windows = shell("Remove-Item", "Env:PYTHONPATH")
            mend = windows if os.name == "nt" else "unset PYTHONPATH"
            yield Finding(text.format(module=module, file=file), mend)
            found["broken"].pop(module, None)
    for module, why in found["broken"].items():
        text = _("{module} cannot be imported ({reason})", module=module, reason=why)
        yield Finding(text, _again(packages, min(owners.get(module) or {_OURS})))


def check_extensions() -> Iterator[Finding]:
    """Find what was disabled of the parts that show widgets inside JupyterLab."""
    try:
        from jupyter_core import paths as jupyter
    except ImportError:
        return  # its absence is told by the versions
    needed = {"@jupyter-widgets/jupyterlab-manager", "anywidget"}
    levels = {str(jupyter.jupyter_config_dir()): "user"}
    levels |= dict.fromkeys(jupyter.ENV_CONFIG_PATH, "sys_prefix")
    for place in jupyter.jupyter_config_path():
        with suppress(OSError, ValueError, AttributeError):  # another program's own trouble
            page = json.loads(Path(place, "labconfig", "page_config.json").read_text("utf-8"))
            for name, disabled in sorted(page.get("disabledExtensions", {}).items()):
                if disabled and name.split(":")[0] in needed:  # NAME, or a part as NAME:PART
                    level = f"--level={levels.get(place, 'system')}"
                    mend = python("-m", "jupyterlab.labextensions", "enable", level, name)
                    say = _("{name} is disabled in JupyterLab, so widgets would not show")
                    yield Finding(say.format(name=name), mend)


def check_settings() -> Iterator[Finding]:
    """Find what of the user's own settings would let others into a JupyterLab."""
    # --show-config-json breaks off at a setting that is a class
    code = "import json; from jupyter_server.serverapp import ServerApp; app = ServerApp(); "
    code += "app.load_config_file(); print(chr(10) + json.dumps(app.config, default=repr))"
    program = [sys.executable, "-P", "-c", code]
    done = subprocess.run(program, capture_output=True, check=False)
    with suppress(ValueError, AttributeError):  # another program's own trouble
        said = done.stdout.decode("utf-8", "replace")
        config = json.loads(said.strip().rpartition("\n")[2])
        server, token = config.get("ServerApp", {}), config.get("IdentityProvider", {})
        own = config.get("PasswordIdentityProvider", {})
        open_to = {
            "ip": server.get("ip") not in {None, "localhost", "127.0.0.1", "::1"},
            "token": "" in {part.get("token") for part in (server, token, own)},
            "allow_origin": server.get("allow_origin") == "*",
            "disable_check_xsrf": server.get("disable_check_xsrf") is True,
            "identity_provider_class": "identity_provider_class" in server,
            "tornado_settings": "tornado_settings" in server,
        }
        if names := ", ".join(name for name in open_to if open_to[name]):
            text = _(
                "your own Jupyter settings may let others in ({names}). `course start` does "
                "not use these; `jupyter lab` does."
            )
            yield Finding(text.format(names=names), status="look")


def check_folder(folder: Path) -> Iterator[Finding]:
    """Check that all finds its place: in the folder, in its copies, and JupyterLab's own."""
    place = next(p for p in (folder, *folder.parents) if os.path.lexists(p))
    free = shutil.disk_usage(place).free // 10**6
    closed = [p for p in (folder, folder / "course_journal") if not takes_files(p)]
    if closed:
        text = _("nothing can be written to {folder}", folder=closed[0])
        yield Finding(text, _ELSEWHERE)
    elif free < _FREE_MB:
        # which files may go, nobody but their owner can say
        text = _("only {free} MB free on the disk of {folder}", free=free, folder=folder)
        yield Finding(text, "course start FOLDER-ON-ANOTHER-DISK")
    locked = [str(f) for f in sorted(folder.glob("*.ipynb")) if not os.access(f, os.W_OK)]
    if locked:
        text = _("read-only, so nothing can be saved in them: {files}", files=_some(locked))
        words = ["attrib", "-R"] if os.name == "nt" else ["chmod", "u+w"]
        yield Finding(text, shell(*words, *locked))
    with suppress(ImportError):
        if names := ", ".join(stand_ins(folder)):
            text = _("{names}: no files can be written there; {folder} stands in")
            where = folder / ".jupyter"
            yield Finding(text.format(names=names, folder=where), status="look")


def _checked(findings: Iterator[Finding], what: str) -> list[Finding]:
    return list(findings) or [Finding(what, status="ok")]


def pip(*words: str) -> str:
    """Return the command that installs ``words`` into this Python."""
    if importlib.util.find_spec("pip") is None:  # environments made by uv
        return shell("uv", "pip", "install", "--python", sys.executable, *words)
    return python("-m", "pip", "install", *words)


def python(*words: str) -> str:
    """Return the command that runs this Python."""
    return shell(sys.executable, *words)


def shell(*words: str) -> str:
    """Return a command as one line that the shell of this system understands."""
    if os.name != "nt":
        return shlex.join(words)
    line = " ".join(f'"{w}"' if re.search(r"[\s<>&|^~]", w) else w for w in words)
    # PowerShell only repeats a line that begins with a quote, and runs it after an &
    return f"& {line}" if line.startswith('"') else line


def _again(packages: _Packages, name: str) -> str:
    """Return the command that installs one package anew, and nothing else."""
    source = f"{name}=={packages[name].version}" if name in packages else name
    with suppress(LookupError, ValueError):  # this wheel is on no index
        source = json.loads(packages[name].read_text("direct_url.json") or "")["url"]
    return pip("--force-reinstall", "--no-deps", source)


def _probe(folder: Path, modules: list[str]) -> dict[str, Any]:
    """Run ``probe.py`` in the folder, in the environment that JupyterLab will run in."""
    program = [sys.executable, "-P", str(HERE / "probe.py"), *modules, "course"]
    place = folder if folder.is_dir() else paths.data_dir()  # where no module is
    env = environment(folder)
    done = subprocess.run(program, cwd=place, env=env, capture_output=True, check=False)
    if done.returncode in (-signal.SIGTERM, -signal.SIGINT):  # somebody stopped all of us
        raise SystemExit(128 - done.returncode)
    last = (done.stderr if done.returncode else done.stdout).decode("utf-8", "replace")
    last = last.strip().rpartition("\n")[2]  # a module may have printed before
    if done.returncode:
        return {"failed": last or _("exit code {code}", code=done.returncode)}
    return dict(json.loads(last))


def _direct(packages: _Packages) -> set[str]:
    """Return the names of the course and of what it needs itself."""
    needs = packages[_OURS].requires or [] if _OURS in packages else []
    return {_OURS, *(_plain(re.split(r"[^\w.-]", n)[0]) for n in needs if "extra" not in n)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _some(items: list[str]) -> str:
    more = f" (+ {len(items) - 3})" if len(items) > 3 else ""
    return ", ".join(items[:3]) + more
