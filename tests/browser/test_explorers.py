"""Explorers in JupyterLab: saved, opened again, run again, shown twice, and their keys."""

import nbformat
import pytest
from lab import soon, write
from nbconvert import HTMLExporter

from course.maps.stage import Stage

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden) "
CONTROLS, VIEW = f"{PANEL}.course-controls", f"{PANEL}.course-view"
ASLEEP = "Run this cell to use the controls."
MANY = """
from course.explore import Control, Explorer, Shell
def view(kind, year):
    if year == 3:
        raise CourseError("Nothing in 3.")
    return f"<p>{kind} in {year}</p>"
kinds = [("<b>bold</b>", 0), *range(1, 400)]
controls = {"kind": Control("Kind", kinds), "year": Control("Year", [1, 2, 3], slider=True)}
made = Explorer("Made & tried", controls, view)
"""
SETUP = f"import course\nfrom course import CourseError\n{MANY}"


@pytest.fixture
def opened(lab, server):
    """Open a notebook with these cells, run, and close it at the end."""

    def run(name, *cells):
        lab.open(write(server.folder, name, SETUP, *cells))
        assert lab.run_all() == []
        lab.page.wait_for_selector(CONTROLS)
        return lab.page

    yield run
    lab.close()


def shown(page, words):
    """Wait until every view says this."""
    page.wait_for_function(
        """([all, words]) => [...document.querySelectorAll(all)]
          .every(view => view.textContent === words)""",
        arg=[VIEW, words],
    )


def asks(page, code):
    """What the kernel says to an expression."""
    return page.evaluate(
        """async code => {
          const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          const asked = kernel.requestExecute({code: '', user_expressions: {it: code}});
          return (await asked.done).content.user_expressions.it.data['text/plain'];
        }""",
        code,
    )


def test_saved_it_shows_its_last_view_and_how_to_wake_it(lab, opened, server):
    page = opened("saved.ipynb", "Shell(made)")
    page.focus(f"{CONTROLS} select")
    page.keyboard.press("ArrowDown")
    shown(page, "1 in 1")
    lab.close()
    path = server.folder / "saved.ipynb"
    book = nbformat.read(path, 4)
    assert "widgets" not in book.metadata
    page_out = HTMLExporter().from_notebook_node(book)[0]
    assert "1 in 1" in page_out and ASLEEP in page_out and "html-manager" not in page_out
    for trusted in (True, False):
        if not trusted:  # as if it came from another machine
            book.cells[-1].source += "  # changed"
            nbformat.write(book, server.folder / "saved.ipynb")
        lab.open("saved.ipynb")
        shown(page, "1 in 1")
        words = page.inner_text(f"{PANEL}.jp-Notebook")
        assert ASLEEP in words and "Kind: 1; Year: 1" in words and "not found" not in words
        assert page.query_selector(CONTROLS) is None
        lab.close()


def test_a_cell_run_many_times_leaves_one_model(opened):
    page = opened("again.ipynb", "Shell(made)")
    known = "len(__import__('ipywidgets').widgets.widget._instances)"
    before = asks(page, known)
    for _ in range(50):
        page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    page.wait_for_selector(CONTROLS)
    assert asks(page, known) == before
    assert len(page.query_selector_all(CONTROLS)) == 1
    page.select_option(f"{CONTROLS} select", "7")
    shown(page, "7 in 1")


def test_two_views_of_one_output_both_answer(lab, opened, guard):
    page = opened("two.ipynb", "Shell(made)")
    page.evaluate("jupyterapp.commands.execute('notebook:create-output-view')")
    both = ":is(.jp-LinkedOutputView, .jp-Notebook) .course-controls select"
    page.wait_for_function("all => document.querySelectorAll(all).length === 2", arg=both)
    page.eval_on_selector(
        ".jp-LinkedOutputView select",
        "e => { e.value = 5; e.dispatchEvent(new Event('input', {bubbles: true})) }",
    )
    page.wait_for_function(
        """([all]) => { const views = [...document.querySelectorAll('.course-view')];
          return views.length === 2 && views.every(v => v.textContent === '5 in 1') &&
            [...document.querySelectorAll(all)].every(s => s.value === '5') }""",
        arg=[both],
    )
    assert guard.found() == {}
    page.evaluate(
        """() => { for (const made of jupyterapp.shell.widgets('main'))
          if (made.node.querySelector('.jp-LinkedOutputView')) made.close() }"""
    )
    lab.close()
    page.wait_for_timeout(500)
    guard.found()  # JupyterLab itself minds to have a second view closed


def test_shown_again_it_is_the_same_explorer_and_in_a_box_a_sentence(opened):
    box = "import ipywidgets\nipywidgets.VBox([x])"
    page = opened("box.ipynb", "x = Shell(made)", "x", "x", box)
    page.wait_for_function("all => document.querySelectorAll(all).length === 2", arg=CONTROLS)
    page.wait_for_selector(f"{PANEL} >> text=An explorer needs a cell of its own")
    page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 2")
    page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    page.wait_for_function("all => document.querySelectorAll(all).length === 2", arg=CONTROLS)
    page.select_option(f"{CONTROLS} select >> nth=1", "9")
    page.wait_for_function(
        "all => [...document.querySelectorAll(all)].every(v => v.innerText.includes('9 in 1'))",
        arg=f"{PANEL}.jp-OutputArea:has(.course-view)",
    )
    assert asks(page, "x.state") == "{'kind': 9, 'year': 1}"
    # by itself the kernel draws 18 and 10 and 8 in year 1, and 9 in year 2
    soon(page, lambda: asks(page, "x._drawn.cache_info().currsize"), "6")
    asks(page, "x.set(year=2)")
    page.wait_for_function(
        "all => [...document.querySelectorAll(all)].every(i => i.value === '1')",
        arg=f"{CONTROLS} input",
    )


@pytest.mark.parametrize("gone", ["restart", "reload"])
def test_controls_that_nobody_hears_give_way_to_a_line(lab, opened, gone):
    page = opened("gone.ipynb", "Shell(made)")
    if gone == "restart":
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    else:
        lab.save()
        page.reload()
        page.wait_for_function("!!window.jupyterapp?.shell?.currentWidget?.content?.widgets")
        page.wait_for_selector(VIEW)
        page.wait_for_timeout(1500)  # time for the models of the kernel to come back
    page.wait_for_function(
        "([all, line]) => document.querySelector(all).innerText.includes(line)",
        arg=[f"{PANEL}.jp-Notebook", ASLEEP],
    )
    assert page.query_selector(CONTROLS) is None


def test_keys_stay_and_shortcuts_with_ctrl_pass(lab, opened):
    page = opened("keys.ipynb", "Shell(made)", "1 + 1")
    page.focus(f"{CONTROLS} input")
    page.evaluate(
        """() => { window.done = [];
          jupyterapp.commands.commandExecuted.connect((_, what) => done.push(what.id)) }"""
    )
    for key in ("ArrowRight", "ArrowLeft", "Enter", "j", "d", "d", "ArrowRight"):
        page.keyboard.press(key)
    shown(page, "0 in 2")
    assert page.evaluate("document.activeElement.type") == "range"
    assert page.evaluate("done") == []
    assert page.get_attribute(f"{CONTROLS} input", "aria-valuetext") == "2"
    page.keyboard.press("Control+s")
    page.wait_for_function("done.includes('docmanager:save')")
    # a second save, when the notebook is closed, must not meet this one: JupyterLab would ask
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")


def test_words_of_options_are_words_and_errors_are_sentences(opened):
    page = opened("many.ipynb", "Shell(made)")
    options = page.eval_on_selector_all(f"{CONTROLS} option", "all => all.map(o => o.text)")
    assert len(options) == 400 and options[0] == "<b>bold</b>"
    page.focus(f"{CONTROLS} input")
    page.keyboard.press("End")
    shown(page, "⚠ Nothing in 3.")


# --- with a map ---------------------------------------------------------------------

MAPPED = """
import course
from course.explore import Control, Explorer, Shell
TOWNS = {"heihe": [50.2, 127.5], "harbin": [45.8, 126.5], "daqing": [46.6, 125.1]}
def view(size, town):
    seen = [{"at": at, "id": name, "says": f"{name} {size}", "radius": size, "label": name}
            for name, at in TOWNS.items()]
    seen += [{"line": list(TOWNS.values()), "color": "#D55E00", "says": "a line"}]
    seen += [{"region": "CN-HL", "fill": "#0072B2"}, {"country": "MNG", "fill": "#E69F00"}]
    rows = "".join(f'<button data-pick="{name}">{name}</button>' for name in TOWNS)
    return f"<p><b>{town} {size}</b></p>{rows}", seen
controls = {"size": Control("Size", [3, 9]), "town": Control("Town", list(TOWNS))}
alt = "Three towns of Heilongjiang, made for a test"
made = Explorer("Towns", controls, view, area="heilongjiang", picks="town", alt=alt)
"""


def circles(page):
    """The map of the explorer, and the outlines of the circles on it."""
    frame = page.wait_for_selector(f"{PANEL}figure.course-map iframe").content_frame()
    frame.wait_for_selector("path[role=button]", state="attached")
    return frame, frame.locator("path[role=button]")


def test_map_and_words_answer_each_other(lab, server, guard):
    lab.open(write(server.folder, "mapped.ipynb", MAPPED, "Shell(made)"))
    assert lab.run_all() == []
    page = lab.page
    page.wait_for_selector(CONTROLS)
    words = f"{VIEW} b"
    said = "([all, words]) => document.querySelector(all).textContent === words"
    frame, towns = circles(page)
    assert towns.evaluate_all("all => all.map(c => c.ariaLabel)") == [
        "heihe 3", "harbin 3", "daqing 3",
    ]  # fmt: skip
    assert frame.locator(".stage-label").all_inner_texts() == ["heihe", "harbin", "daqing"]
    assert frame.locator("path[aria-label='a line'][role=img]").count() == 1
    frame.evaluate("window.mark = 'the same page'; coursePage.map.setZoom(7)")
    # a control moves what is drawn, and leaves the page and its view as they were
    page.select_option(f"{CONTROLS} select >> nth=0", "1")
    frame.wait_for_selector("path[aria-label='harbin 9']", state="attached")
    assert frame.evaluate("[window.mark, coursePage.map.getZoom()]") == ["the same page", 7]
    frame.wait_for_timeout(3500)
    assert frame.locator(".stage-alone").count() == 0
    # a click on the map, a key on the map, and a button in the words choose a town
    frame.locator("path[aria-label='harbin 9']").dispatch_event("click")
    page.wait_for_function(said, arg=[words, "harbin 9"])
    assert page.eval_on_selector(f"{CONTROLS} select >> nth=1", "s => s.value") == "1"
    frame.locator("path[aria-label='harbin 9']").focus()
    frame.page.keyboard.press("ArrowRight")
    frame.page.keyboard.press("Enter")
    page.wait_for_function(said, arg=[words, "daqing 9"])
    assert frame.evaluate("document.activeElement.ariaLabel") == "daqing 9"
    page.focus(f"{VIEW} [data-pick=heihe]")
    page.keyboard.press("Enter")
    page.wait_for_function(said, arg=[words, "heihe 9"])
    page.wait_for_function("document.activeElement.dataset.pick === 'heihe'")
    frame.wait_for_selector("path[aria-label='heihe 9'][aria-current=true]", state="attached")
    assert guard.found() == {}
    lab.close()


def test_the_map_of_an_explorer_is_there_without_a_kernel(lab, server):
    lab.open(write(server.folder, "mapsaved.ipynb", MAPPED, "Shell(made)"))
    assert lab.run_all() == []
    lab.page.wait_for_selector(CONTROLS)
    circles(lab.page)
    lab.close()
    lab.open("mapsaved.ipynb")
    assert len(circles(lab.page)[1].all()) == 3
    assert lab.page.query_selector(CONTROLS) is None
    lab.close()


def test_a_map_that_nobody_moves_says_what_it_shows(show):
    made = Stage("heilongjiang", "A map for this test", 300, [{"at": [50.2, 127.5]}], [])
    figure = made._repr_mimebundle_()["text/html"]
    page = show("alone.html", f"<!doctype html><meta charset=utf-8>{figure}")
    frame = page.wait_for_selector("figure iframe").content_frame()
    note = frame.locator(".stage-alone")
    note.wait_for(timeout=30_000)
    assert "once you run its cell" in note.inner_text()
    frame.evaluate("courseLive.set({features: []})")  # a kernel speaks
    assert note.count() == 0
