"""What a fresh interpreter of this Python finds: run by ``course doctor``.

It runs on its own, in the environment JupyterLab will run in: what it finds is what
the student gets, and a crash here does not stop the doctor.
"""

import importlib
import json
import os
import sys
from typing import Any


def blame(error: BaseException, name: str, names: list[str]) -> str:
    """Return the last of the packages ``names`` that an error came through."""
    trace = error.__traceback__
    while trace:
        where = trace.tb_frame.f_globals.get("__name__", "") + "."
        name = next((n for n in names if where.startswith(n + ".")), name)
        trace = trace.tb_next
    return name


def broken(names: list[str]) -> dict[str, Any]:
    """Import modules; return the error, and the module it missed, of each culprit."""
    found: dict[str, Any] = {}
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # an extension module may raise anything
            lost = error.name if isinstance(error, ImportError) else None
            why = f"{type(error).__name__}: {error}"
            found.setdefault(blame(error, name, names), [why, lost])
    return found


def kernel() -> list[str]:
    """Return the command of the kernel ``python3``, or what went wrong."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        return KernelSpecManager().get_kernel_spec("python3").argv
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def extensions() -> tuple[list[str] | None, list[str]]:
    """Return the extensions JupyterLab will load, and those that are disabled."""
    try:
        from jupyter_core.paths import jupyter_path
        from jupyterlab.commands import get_app_dir
        from jupyterlab_server.config import get_page_config

        folders = jupyter_path("labextensions")
        page = get_page_config(folders, os.path.join(get_app_dir(), "settings"))
    except Exception:
        return None, []
    whole = [
        extension["name"]
        for extension in page["federated_extensions"]
        if any(
            os.path.isfile(os.path.join(folder, extension["name"], extension["load"]))
            for folder in folders
        )
    ]
    return whole, page.get("disabledExtensions", [])


if __name__ == "__main__":
    present, disabled = extensions()
    report = {
        "broken": broken(sys.argv[1:]),
        "kernel": kernel(),
        "extensions": present,
        "disabled": disabled,
    }
    print(json.dumps(report))
