"""Every lesson in a real JupyterLab: run, looked at, and driven by keyboard."""

import pytest
from lab import ARTEFACTS, until

from course.paths import lessons_dir

LESSONS = sorted(p.name for p in lessons_dir().glob("[0-9][0-9]_*.ipynb"))
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden) "

SHOWN = """() => {
  const map = document.querySelector('.leaflet-container');
  const all = map.getBoundingClientRect();
  const seen = [...map.querySelectorAll('path')].filter(p => {
    const r = p.getBoundingClientRect();
    return p.getAttribute('d') !== 'M0 0' && r.width + r.height > 0 &&
      r.right > all.left && r.left < all.right && r.bottom > all.top && r.top < all.bottom;
  });
  return {width: all.width, height: all.height, paths: seen.length};
}"""
FILLS = "[...document.querySelectorAll('path.leaflet-interactive')].map(p => p.getAttribute('fill'))"
MAP = "window[document.querySelector('.folium-map').id]"
VIEW = f"""(() => {{
  const map = {MAP};
  return [map.getZoom(), map.getCenter().lat, map.getCenter().lng];
}})()"""


@pytest.fixture(scope="module", params=LESSONS, ids=lambda name: str(name)[:2])
def lesson(request, lab):
    """A lesson, opened and run from top to bottom."""
    lab.open(request.param)
    lab.broken = lab.run_all()
    lab.page.wait_for_timeout(300)
    lab.name = request.param
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def maps(lesson):
    """The lesson's maps."""
    return lesson.maps()


def test_runs_without_errors(lesson):
    assert lesson.broken == []
    assert lesson.page.query_selector_all(f"{PANEL}[data-mime-type*='stderr']") == []


def test_every_map_is_drawn(lesson, maps):
    assert maps
    for number, inside in enumerate(maps, 1):
        frame = inside.frame_element()
        frame.scroll_into_view_if_needed()
        for _ in range(100):  # a map draws once it has a size
            if (shown := inside.evaluate(SHOWN))["paths"]:
                break
            inside.wait_for_timeout(50)
        assert shown["paths"] > 0, number
        assert shown["width"] > 300 and shown["height"] > 150, shown
        assert len(frame.get_attribute("title")) >= 10  # in Chinese a sentence is short
        ARTEFACTS.mkdir(exist_ok=True)
        for _ in range(50):  # a process of its own paints it, some time after it came into view
            picture = frame.screenshot(path=ARTEFACTS / f"{lesson.name[:2]}-map-{number}.png")
            if len(picture) > 12_000:
                break
            inside.wait_for_timeout(100)
        assert len(picture) > 12_000, "an almost empty picture"


def test_live_maps_by_keyboard(lesson, maps):
    for number, inside in enumerate(maps, 1):
        slider = inside.query_selector("#year")
        if slider is None:
            continue
        view, fills = _dragged(lesson.page, inside), inside.evaluate(FILLS)
        year = inside.inner_text("#shown")
        slider.focus()
        first = slider.input_value() == slider.get_attribute("min")
        for _ in range(15):
            lesson.page.keyboard.press("ArrowRight" if first else "ArrowLeft")
            inside.wait_for_timeout(50)
            assert _other(inside, "document.getElementById('shown').textContent", year) != year
            if inside.evaluate(FILLS) != fills:
                break
        else:
            pytest.fail(f"map {number}: no region changed its colour")
        assert inside.evaluate(VIEW) == pytest.approx(view, abs=1e-6)
        for language in ("ru", "zh"):
            inside.select_option("#language", language)
            inside.wait_for_timeout(150)
            name = f"{lesson.name[:2]}-map-{number}-{language}.png"
            inside.frame_element().screenshot(path=ARTEFACTS / name)
        inside.select_option("#language", "en")


_AT_ITS_END = "e => e.options ? e.selectedIndex === e.options.length - 1 : e.value === e.max"


def test_explorers_by_keyboard(lesson):
    page = lesson.page
    shells = lesson.explorers()
    assert shells or lesson.name[:2] in {"00", "02"}
    for shell in shells:
        shell.scroll_into_view_if_needed()
        controls = shell.query_selector_all(".course-controls :is(select, input)")
        assert controls, "an explorer without controls"
        controls[0].focus()
        for key, path in [("Tab", controls[1:]), ("Shift+Tab", controls[-2::-1])]:
            for control in path:
                page.keyboard.press(key)
                assert control.evaluate("e => e === document.activeElement"), "not in Tab order"
        for control in controls:
            control.focus()
            slider = control.get_attribute("type") == "range"
            keys = ["ArrowRight", "ArrowLeft"] if slider else ["ArrowDown", "ArrowUp"]
            for key in keys[::-1] if control.evaluate(_AT_ITS_END) else keys:
                before = shell.query_selector(".course-view").inner_html()
                page.keyboard.press(key)
                if _changed(page, shell, before):
                    break
            else:
                label = control.evaluate("e => e.closest('label').innerText")
                pytest.fail(f"the control {label!r} changes nothing")
            assert control.evaluate("e => e === document.activeElement")


def _dragged(page, inside):
    """Drag a map with the mouse, and return where it looks then."""
    begin = inside.evaluate(VIEW)
    for _ in range(20):  # the notebook may still move under the mouse
        inside.frame_element().scroll_into_view_if_needed()
        inside.wait_for_timeout(300)
        box = inside.query_selector(".leaflet-container").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.93, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(
            box["x"] + box["width"] * 0.85, box["y"] + box["height"] * 0.55, steps=4
        )
        page.mouse.up()
        inside.wait_for_timeout(500)
        if inside.evaluate(VIEW) != begin:
            until(inside, f"!{MAP}._panAnim?._inProgress")  # the map glides on a little
            return inside.evaluate(VIEW)
    pytest.fail("the map did not follow the mouse")


def _other(inside, script, before):
    """What a script says, as soon as it says something else; machines can be slow."""
    for _ in range(100):
        if (now := inside.evaluate(script)) != before:
            break
        inside.wait_for_timeout(50)
    return now


def _changed(page, shell, before):
    for _ in range(300):  # a view is drawn by the kernel; machines can be slow
        if shell.query_selector(".course-view").inner_html() != before:
            page.wait_for_timeout(150)
            return True
        page.wait_for_timeout(50)
    return False


def test_every_picture_has_words(lesson):
    images = lesson.page.eval_on_selector_all(
        f"{PANEL}.jp-Notebook img", "all => all.map(i => [i.alt, i.naturalWidth])"
    )
    assert [alt for alt, wide in images if len(alt.strip()) < 10 or wide == 0] == []


def test_headings_do_not_skip_a_level(lesson):
    levels = lesson.page.eval_on_selector_all(
        f"{PANEL}.jp-Notebook :is(h1,h2,h3,h4,h5,h6)",
        "all => all.filter(h => h.offsetParent).map(h => Number(h.tagName[1]))",
    )
    assert levels[0] == 1 and levels.count(1) == 1
    pairs = zip(levels, levels[1:], strict=False)
    assert [(a, b) for a, b in pairs if b > a + 1] == []


def test_saved_with_outputs_it_stays_small(lesson):
    lesson.save()
    most = 2_000_000 if lesson.name.startswith("02") else 1_500_000  # the maps' lesson
    assert (lesson.server.folder / lesson.name).stat().st_size <= most


def test_picture_of_the_lesson(lesson):
    lesson.picture(lesson.name.removesuffix(".ipynb"))
