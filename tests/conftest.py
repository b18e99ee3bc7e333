"""Which tests share a worker where several run side by side (``--dist loadgroup``)."""

import pytest


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items):
    for item in items:
        # one file, one worker: fixtures of a module are made once; all browser tests
        # share one JupyterLab and one Chromium
        browser = item.path.parent.name == "browser"
        group = "browser" if browser else f"{item.path.parent.name}/{item.path.name}"
        item.add_marker(pytest.mark.xdist_group(group))
