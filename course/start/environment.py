"""The surroundings in which JupyterLab and its kernels run."""

import os
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent


def environment(folder: Path, *, alone: bool = True) -> dict[str, str]:
    """Return the environment JupyterLab runs in.

    Kernels and extensions of this Python come first, and our settings, whatever else
    is installed for the user or the machine.

    Args:
        folder: the student's absolute folder.
        alone: `course start` opens it, on this computer; False on a hub, which has an
            address and a guard of its own.
    """
    env = os.environ | {name: str(place) for name, place in stand_ins(folder).items()}
    config = [HERE / "config" / ("alone" if alone else "served"), HERE / "config"]
    ours = {"PATH": [Path(sys.prefix, "share", "jupyter")], "CONFIG_PATH": config}
    for name, first in ours.items():
        others = env.get(f"JUPYTER_{name}")
        env[f"JUPYTER_{name}"] = os.pathsep.join([*map(str, first), *filter(None, [others])])
    # a terminal of JupyterLab knows the word `course`, where nobody activated anything
    scripts = sysconfig.get_path("scripts")
    env["PATH"] = os.pathsep.join(filter(None, [scripts, env.get("PATH")]))
    env["JUPYTER_PREFER_ENV_PATH"] = "1"
    env["COURSE_FOLDER"] = str(folder)
    # open tabs belong to the folder, not to the user's other projects
    env["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / ".jupyter" / "workspaces")
    # the tables are small: cores that wait for each other cost more than they give, most of
    # all where many students share a machine (the PPML fit of lesson 08: 1 second, not 16)
    return {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"} | env


def stand_ins(folder: Path) -> dict[str, Path]:
    """Return what replaces the home and Jupyter's own folders where they take no files.

    Args:
        folder: the student's absolute folder.

    Returns:
        Environment variable to a folder below ``folder``; usually there is none.
    """
    from jupyter_core import paths

    usual: dict[str, Callable[[], str | Path]] = {
        "HOME": Path.home,
        "JUPYTER_CONFIG_DIR": paths.jupyter_config_dir,
        "JUPYTER_DATA_DIR": paths.jupyter_data_dir,
        "JUPYTER_RUNTIME_DIR": paths.jupyter_runtime_dir,
    }
    found = {}
    for name, find in usual.items():
        with suppress(RuntimeError):  # nobody knows a home
            if takes_files(Path(find())):
                continue
        found[name] = folder / ".jupyter" / name.lower()
    return found


def takes_files(place: Path) -> bool:
    """Tell whether files can be written to a folder, or to where it would be made."""
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False
