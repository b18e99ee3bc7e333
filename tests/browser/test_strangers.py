"""Notebooks of strangers: what they hold does not run by being opened."""

import json

import nbformat
import pytest
from lab import notebook, soon
from nbformat.sign import NotebookNotary

SAYS = "export default { initialize() { window.ran = 'yes' }, render() { window.ran = 'yes' } }"


def hostile(folder, name):
    """Write a notebook whose saved widget is code; return its content."""
    content = notebook("1 + 1")
    traits = {
        "_anywidget_id": "stranger", "_esm": SAYS, "_dom_classes": [],
        "_model_module": "anywidget", "_model_name": "AnyModel",
        "_model_module_version": "~0.11.*", "_view_module": "anywidget",
        "_view_name": "AnyView", "_view_module_version": "~0.11.*",
    }  # fmt: skip
    version = "0.11.0"
    for key in ("_model_module_version", "_view_module_version"):
        traits[key] = f"~{version[:-2]}.*"
    model = {
        "model_module": "anywidget", "model_name": "AnyModel",
        "model_module_version": traits["_model_module_version"], "state": traits,
    }  # fmt: skip
    state = {"version_major": 2, "version_minor": 0, "state": {"a" * 32: model}}
    content["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return content


@pytest.mark.parametrize("trusted", [False, True])
def test_saved_widgets_come_back_in_trusted_notebooks_only(lab, server, guard, trusted):
    name = f"stranger_{trusted}.ipynb"
    content = hostile(server.folder, name)
    if trusted:  # else the test could not fail
        notary = NotebookNotary(data_dir=str(server.folder / ".jupyter" / "data"))
        notary.sign(nbformat.from_dict(content))
    lab.page.evaluate("delete window.ran")
    lab.open(name)
    if trusted:
        soon(lab.page, lambda: lab.page.evaluate("window.ran ?? 'no'"), "yes")
    else:
        lab.page.wait_for_timeout(3000)
        assert lab.page.evaluate("window.ran ?? 'no'") == "no"
    kept = json.loads((server.folder / name).read_text(encoding="utf-8"))
    assert "widgets" in kept["metadata"], "opening a file does not change it"
    lab.close()
    guard.found()
