"""Fixtures: one JupyterLab and one browser for all tests in this folder."""

import os
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

import lab as lab_module  # noqa: E402

from course.start.copies import copy_lessons  # noqa: E402

expect.set_options(timeout=120_000)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # a real browser on busy cores: who fails twice is at fault; the summary names both
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def playwright():
    """Playwright with an installed Chromium; without one the tests are skipped."""
    if lab_module.find_chromium() is None:
        why = "no Chromium found (the environment variable COURSE_CHROMIUM can name one)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def server(playwright, tmp_path_factory):
    """JupyterLab on a student's folder with fresh copies of the lessons."""
    folder = tmp_path_factory.mktemp("student")
    copy_lessons(folder)
    running = lab_module.Server(folder)
    yield running
    running.close()


@pytest.fixture(scope="session")
def guard(playwright):
    """What the browser did that it should not have done."""
    return lab_module.Guard()


@pytest.fixture(scope="session")
def context(playwright, guard):
    """A browser window that can reach this machine only."""
    with lab_module.chromium(playwright) as window:
        guard.watch(window)
        yield window


@pytest.fixture(scope="module")
def show(context, guard, tmp_path_factory):
    """Open a page from disk, without any network."""
    folder = tmp_path_factory.mktemp("pages")
    page = context.new_page()

    def opened(name, html):
        path = folder / name
        path.write_text(html, encoding="utf-8")
        guard.pages.add(path.as_uri())
        page.goto(path.as_uri())
        return page

    yield opened
    page.close()


@pytest.fixture(scope="session")
def lab(server, context):
    """A browser tab with JupyterLab."""
    return lab_module.Lab(server, context)


@pytest.fixture(autouse=True)
def quiet(request):
    """Fail the test if the browser left this machine or reported an error."""
    yield
    if "guard" not in request.fixturenames:
        return
    guard, window = request.getfixturevalue("guard"), request.getfixturevalue("context")
    for page in window.pages:
        page.evaluate("0")  # hear what it still has to say
    assert guard.found() == {}
