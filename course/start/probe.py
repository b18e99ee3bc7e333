"""What a kernel in the student's folder would find; ``course doctor`` runs it there.

A program of its own, so that a crash ends nothing else. What it loads, and when, is what
it tells: so it imports nothing before its time, and nothing that is in the folder.
"""

import sys


def look(names: list[str]) -> dict[str, object]:
    """Import modules as a kernel would that has the folder out of sight.

    Args:
        names: the modules to import.

    Returns:
        The ``python`` that kernels run in; the ``origins`` of all that was imported
        (module to file); what is ``broken`` (module to error); and the files of the
        folder that ``hide`` a module.
    """
    broken: dict[str, str] = {}
    launched = _load(["runpy", "ipykernel_launcher"], broken)
    _load(["ipykernel.kernelapp"], broken)  # before a kernel looks into its folder
    came = _load(names, broken) | {*names}
    origins = {name: _origin(name, sys.path) for name in sorted(came)}
    theirs = [_origin(name, ["."]) for name in sorted(came | launched)]
    hide = [file for file in theirs if file]
    return {"python": _python(), "origins": origins, "broken": broken, "hide": hide}


def _load(names: list[str], broken: dict[str, str]) -> set[str]:
    """Import modules; return the names of all that came with them."""
    before = set(sys.modules)
    for name in names:
        try:
            __import__(name)
        except BaseException as error:  # an extension module may raise anything
            broken[_culprit(error, name)] = f"{type(error).__name__}: {error}"
    came = {module.partition(".")[0] for module in set(sys.modules) - before}
    return came - before - {*sys.builtin_module_names}


def _culprit(error: BaseException, name: str) -> str:
    """Return the last module an error came through that is not Python's own."""
    from traceback import walk_tb

    frames = [frame for frame, _line in walk_tb(error.__traceback__)]
    tops = [name, *(f.f_globals.get("__name__", "").partition(".")[0] for f in frames)]
    return [top for top in tops if top not in {*sys.stdlib_module_names, "__main__"}][-1]


def _origin(name: str, path: list[str]) -> str | None:
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(name, path)
    return spec.origin if spec else None


def _python() -> str:
    from jupyter_client.manager import KernelManager

    try:
        return KernelManager(kernel_name="python3").format_kernel_cmd()[0]
    except Exception as error:  # no kernel of this name, or one not well described
        return repr(error)


if __name__ == "__main__":
    import os

    here = os.path.realpath(".")
    sys.path[:] = [place for place in sys.path if os.path.realpath(place or ".") != here]
    found = look(sys.argv[1:])
    import json

    print("\n" + json.dumps(found))
