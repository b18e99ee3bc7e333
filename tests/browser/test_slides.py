"""Slides: every one fits, and a map lives on its slide, with no network and no kernel."""

import nbformat
import pytest
from lab import ARTEFACTS, until
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.teach import export as module
from course.teach.export import export

PROSE = "A paragraph that tells at some length what the next figure shows. " * 6
FILLS = "[...document.querySelectorAll('path.leaflet-interactive')].map(p => p.getAttribute('fill')).join()"
MAP = "window[document.querySelector('.folium-map').id]"


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Slides and handout of a lesson whose map comes late, between long cells."""
    place = tmp_path_factory.mktemp("papers")
    lesson = new_notebook(cells=[new_markdown_cell("# Long\n\n" + "\n\n".join([PROSE] * 9))])
    lesson.metadata["course"] = {"id": "03", "title": "Long"}
    lesson.cells += [new_markdown_cell(f"## Part {n}\n\n{PROSE}") for n in range(8)]
    lesson.cells += [
        new_code_cell(
            "import course\nclaims = course.load('claims')\ncourse.table(claims[['claim_id', 'claim', 'verdict', 'evidence', 'evidence_date']])"
        ),
        new_markdown_cell(f"## Map\n\n{PROSE}\n\n{PROSE}"),
        new_code_cell("course.LiveMap('population', area='far_east', height=520)"),
        new_markdown_cell("### Exercise\n\nSay it."),
        new_code_cell('x = ...\ncourse.check("03.1", x)', metadata={"exercise": "03.1"}),
    ]
    (place / "lessons").mkdir()
    nbformat.write(lesson, place / "lessons" / "03_long.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "lessons_dir", lambda: place / "lessons")
        made = export(["slides", "handout"], ["03"], place / "papers")
    return [file.read_text(encoding="utf-8") for file in made]


@pytest.fixture
def slides(show, papers):
    """The slides, on a projector's screen."""
    page = show("slides.html", papers[0])
    page.set_viewport_size({"width": 1280, "height": 720})
    until(page, "Reveal.isReady()")
    return page


def test_every_slide_fits_and_none_is_lost(slides):
    words, over = "", []
    for number in range(slides.evaluate("Reveal.getTotalSlides()")):
        text, height, room, right = slides.evaluate(
            """() => { const s = Reveal.getCurrentSlide();
              const right = [...s.querySelectorAll("p, pre, figure, table")].map(
                (part) => part.getBoundingClientRect().right);
              return [s.innerText, s.scrollHeight, s.clientHeight, Math.max(0, ...right)]; }"""
        )
        words += text
        if height > room + 1 or right > 1280:
            over.append((number, height, room, right, text[:60]))
        slides.evaluate("Reveal.next()")
    assert over == [] and slides.evaluate("Reveal.isLastSlide()")
    assert words.count(PROSE.strip()) == 9 + 8 + 2
    assert "Exercise" in words and "x = ..." in words


def test_a_map_far_behind_is_alive(slides):
    frame = slides.query_selector("iframe")
    slides.evaluate("Reveal.getCurrentSlide()")
    assert frame.get_attribute("srcdoc") is None, "a map starts before its slide is shown"
    slides.evaluate(
        "frame => Reveal.slide(...Object.values(Reveal.getIndices(frame.closest('section'))))",
        frame,
    )
    live = frame.content_frame()
    live.wait_for_selector("path.leaflet-interactive")
    box = frame.bounding_box()
    assert box["width"] > 800 and box["height"] > 400 and box["y"] + box["height"] < 720
    size = live.evaluate(f"(({{x, y}}) => [x, y])({MAP}.getSize())")
    assert min(size) > 300 and len(set(live.evaluate(FILLS).split(","))) > 3
    before, year = live.evaluate(FILLS), live.inner_text("#shown")
    live.focus("#year")
    slides.keyboard.press("Home")
    until(
        live, f"document.querySelector('#shown').value !== '{year}' && {FILLS} !== '{before}'"
    )
    centre = f"(({{lat, lng}}) => [lat, lng])({MAP}.getCenter())"
    was = live.evaluate(centre)
    slides.mouse.move(box["x"] + 200, box["y"] + 350)
    slides.mouse.down()
    slides.mouse.move(box["x"] + 320, box["y"] + 390, steps=4)
    slides.mouse.up()
    until(live, f"String({centre}) !== '{was[0]},{was[1]}'")
    slides.screenshot(path=ARTEFACTS / "slides-map.png")
    slides.evaluate("Reveal.next()")
    slides.evaluate("Reveal.prev()")
    assert live.evaluate(FILLS) != before, "the map was made anew"


def test_a_handout_shows_the_picture_and_cuts_no_table(show, papers):
    page = show("handout.html", papers[1])
    picture = page.query_selector(".course-map > img")
    assert picture.is_visible() and picture.evaluate("i => i.naturalWidth") > 300
    assert page.query_selector(".room").bounding_box()["height"] > 100
    table = page.query_selector(".course-table")
    assert table.evaluate("t => t.scrollHeight - t.clientHeight") <= 1
    assert table.evaluate("t => t.scrollWidth - t.clientWidth") <= 1
