"""What JupyterLab, and a kernel in the student's folder, find: run by ``course doctor``.

A program of its own: a crash here does not stop the doctor. ``look`` runs in the kernel.
"""

import ast
import importlib
import json
import os
import subprocess
import sys
import traceback
from importlib.machinery import PathFinder
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

_PYTHONS = {*sys.stdlib_module_names, "probe", "__main__"}


def look(names: list[str]) -> str:
    """Import modules with the kernel's folder out of sight, so that nothing of it runs.

    Args:
        names: the modules to import.

    Returns:
        JSON: the ``python`` this is, the ``origins`` of all that was imported (module to
        file), what is ``broken`` (module to error), and files that ``hide`` a module.
    """
    loaded, path, here = set(sys.modules), sys.path[:], os.path.realpath(".")
    sys.path[:] = [p for p in path if os.path.realpath(p or ".") != here]
    broken = {}
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # an extension module may raise anything
            broken[_culprit(error, name)] = f"{type(error).__name__}: {error}"
    came = {module.partition(".")[0] for module in set(sys.modules) - loaded} | set(names)
    origins = {name: _origin(name, sys.path) for name in sorted(came)}
    hide = _hiding(came, path)
    sys.path[:] = path
    found = {"python": sys.executable, "origins": origins, "broken": broken, "hide": hide}
    return json.dumps(found)


def _hiding(names: set[str], path: list[str]) -> list[str]:
    """Return the files of this folder that Python finds before the real modules."""
    here = os.path.realpath(".")
    firsts = [_origin(name, [p or here for p in path]) for name in sorted(names)]
    return [f for f in firsts if f and Path(os.path.realpath(f)).is_relative_to(here)]


def _origin(name: str, path: list[str]) -> str | None:
    spec = None if name in sys.builtin_module_names else PathFinder.find_spec(name, path)
    return spec.origin if spec else None


def _culprit(error: BaseException, name: str) -> str:
    """Return the last module an error came through that is not Python's own."""
    frames = [frame for frame, _line in traceback.walk_tb(error.__traceback__)]
    tops = [f.f_globals.get("__name__", "").partition(".")[0] for f in frames]
    others = [top for top in tops if top not in _PYTHONS]
    return others[-1] if others else name


def _ask_kernel(names: list[str]) -> dict[str, Any]:
    """Start a kernel as JupyterLab does, and let it look."""
    try:
        from jupyter_client.manager import start_new_kernel

        manager, client = start_new_kernel(startup_timeout=120, kernel_name="python3")
        try:
            code = (
                "_probe = {'__name__': 'probe'}\n"
                f"exec(open({__file__!r}, encoding='utf-8').read(), _probe)\n"
                f"_probe = _probe['look']({names!r})"
            )
            reply = client.execute_interactive(
                code,
                user_expressions={"found": "_probe"},
                output_hook=lambda message: None,
                timeout=120,
            )
            found = reply["content"]["user_expressions"]["found"]["data"]["text/plain"]
            return json.loads(ast.literal_eval(found))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}", "hide": _hiding_at_launch()}


def _hiding_at_launch() -> list[str]:
    """Return the files of this folder that Python takes before a kernel has begun."""
    command = [sys.executable, "-v", "-m", "ipykernel_launcher", "--version"]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=60, check=False
    )
    real = {module.name for module in iter_modules(["."]) if _origin(module.name, sys.path)}
    return [file for file in _hiding(real, ["", *sys.path]) if file in done.stderr]


def _extensions() -> dict[str, list[str]]:
    """Return the extensions JupyterLab will load, and those (or their parts) disabled."""
    from jupyter_core.paths import jupyter_path
    from jupyterlab.commands import get_app_dir  # type: ignore[import-untyped]
    from jupyterlab_server.config import get_page_config

    page = get_page_config(jupyter_path("labextensions"), str(Path(get_app_dir(), "settings")))
    names = [extension["name"] for extension in page["federated_extensions"]]
    return {"extensions": names, "disabled": page.get("disabledExtensions", [])}


def main(names: list[str]) -> dict[str, Any]:
    """Return what `look` found in a kernel, or how that ``failed``, and the extensions."""
    found = _ask_kernel(names)
    try:
        found |= _extensions()
    except Exception as error:
        broken = found.setdefault("broken", {})
        broken[_culprit(error, "jupyterlab")] = f"{type(error).__name__}: {error}"
    return found


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
