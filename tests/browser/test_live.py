"""The live map and its model: linked by messages, and by nothing else."""

import json
import os
from contextlib import suppress
from importlib.resources import files

import pytest
from lab import soon, until, write
from playwright.sync_api import Error

import course

WIDGET = files("course.maps").joinpath("widget.js").read_text(encoding="utf-8")
SHOWN = "document.querySelector('#shown').value"

# What ipywidgets' model does, as far as the bridge can see.
BRIDGE = """async ([script, state]) => {
  const blob = new Blob([script], {type: "text/javascript"});
  const {initialize} = (await import(URL.createObjectURL(blob))).default;
  const heard = {};
  window.model = {
    state, saved: [],
    get: key => state[key],
    set(wish) {
      const before = JSON.stringify(state);
      Object.assign(state, wish);
      if (JSON.stringify(state) !== before) [...heard.change ?? []].forEach(act => act());
    },
    save_changes() { this.saved.push({...state}); },
    on(name, act) { (heard[name] ??= []).push(act); },
    off(name, act) { heard[name] = heard[name].filter(other => other !== act); },
  };
  window.start = () => { window.end = initialize({model: window.model}); };
}"""
SETTLE = "() => new Promise(done => setTimeout(done, 150))"
STRANGER = '<iframe id="stranger" sandbox="allow-scripts" srcdoc="<p>stranger</p>"></iframe>'


@pytest.fixture
def made():
    """A map of two indicators; mining_output has no years before 2005."""
    return course.LiveMap(["population", "mining_output"], "far_east", year=2010)


@pytest.fixture
def page(show, made):
    """A page with the map twice, a frame of somebody else's, and a bridge not yet started."""
    figure = made._repr_mimebundle_()["text/html"]
    page = show("linked.html", f"<!doctype html><meta charset=utf-8>{figure * 2}{STRANGER}")
    page.evaluate(BRIDGE, [WIDGET, made.get_state()])
    for frame in page.query_selector_all("figure iframe"):
        frame.content_frame().wait_for_selector("#shown")
    return page


def frames(page):
    """The two frames of the map, and the stranger's."""
    return [frame.content_frame() for frame in page.query_selector_all("iframe")]


def years(page):
    """The year of the model and of each frame, once messages had time to come in."""
    page.evaluate(SETTLE)
    return [page.evaluate("model.state.year"), *(f.evaluate(SHOWN) for f in frames(page)[:2])]


def move_to(page, year):
    """Wait until the model and both frames have come to a year."""
    soon(page, lambda: years(page), [year, str(year), str(year)])


def kernel_has(lab, code, words):
    """Wait until the kernel of the notebook says this."""
    soon(lab.page, lambda: lab.python(f"print({code})").strip(), words)


def test_all_frames_and_the_model_move_together(page):
    page.evaluate("start()")
    page.evaluate("model.set({year: 2012})")
    move_to(page, 2012)
    frames(page)[0].focus("#year")
    page.keyboard.press("ArrowRight")
    move_to(page, 2013)
    saved = page.evaluate("model.saved.map(s => s.year)")
    assert saved[-1] == 2013 and saved.count(2013) == 1  # what was heard is not said again


def test_frames_follow_the_theme_of_the_page(page):
    for light, dark in (("false", True), ("true", False)):
        page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
        page.evaluate("window.end?.(); start()")
        page.evaluate(SETTLE)
        is_dark = "document.documentElement.matches('[data-dark]')"
        bars = lambda: [f.evaluate(is_dark) for f in frames(page)]  # noqa: E731
        soon(page, bars, [dark, dark, False])  # a stranger's is left alone


def test_frames_that_come_later_take_the_state_of_the_model(page):
    page.evaluate("model.set({year: 2012})")
    page.evaluate("start()")
    move_to(page, 2012)
    frames(page)[0].evaluate("window.old = 'still the old page'; 0")
    page.evaluate("f => { f.srcdoc = f.srcdoc }", page.query_selector("iframe"))

    def first():
        with suppress(Error):  # while its page comes
            return frames(page)[0].evaluate(f"window.old ?? {SHOWN}")

    soon(page, first, "2012")


def test_another_indicator_comes_with_its_year(page):
    page.evaluate("start()")
    page.evaluate("model.set({year: 2002})")
    move_to(page, 2002)
    page.evaluate("window.seen = []; model.on('change', () => seen.push({...model.state}))")
    frames(page)[0].select_option("#indicator", "mining_output")
    move_to(page, 2005)
    # nobody saw the one without the other
    assert page.evaluate("seen.map(s => [s.indicator, s.year])") == [["mining_output", 2005]]


@pytest.mark.parametrize("order", ["frame first", "model first"])
def test_the_last_of_two_changes_at_once_wins_everywhere(page, order):
    page.evaluate("start()")
    years(page)
    wish = "courseLive.set({year: 2014})"
    if order == "frame first":  # the frame's message waits while the model changes
        page.evaluate(
            """() => { const until = performance.now() + 400;
              setTimeout(() => { while (performance.now() < until); model.set({year: 2018}) }) }"""
        )
        frames(page)[0].evaluate(wish)
    else:  # the model's message waits while the frame changes
        frames(page)[0].evaluate(
            f"""() => {{ const until = performance.now() + 400;
              setTimeout(() => {{ while (performance.now() < until); {wish} }}) }}"""
        )
        page.evaluate("model.set({year: 2018})")
    page.wait_for_timeout(500)
    soon(page, lambda: len(set(map(str, years(page)))), 1)


def test_a_fast_hand_is_never_thrown_back(page):
    page.evaluate(  # a slow page: its answers come when the hand is further on
        """addEventListener("message", () => {
          const until = performance.now() + 30; while (performance.now() < until); })"""
    )
    page.evaluate("start()")
    years(page)
    shown = frames(page)[0].evaluate(
        """async () => {
          const wait = () => new Promise(done => setTimeout(done, 5)), shown = [];
          for (let year = 2001; year < 2021; year++) {
            courseLive.set({year});
            for (let k = 0; k < 5; k++) { await wait(); shown.push(courseLive.state.year - year); }
          }
          return shown; }"""
    )
    assert set(shown) == {0}
    page.wait_for_timeout(700)
    move_to(page, 2020)


def test_a_bridge_that_ended_hears_nothing(page):
    page.evaluate("start()")
    years(page)
    page.evaluate("end()")
    frames(page)[0].evaluate("courseLive.set({year: 2014})")
    assert years(page) == [2010, "2014", "2010"]
    page.evaluate("model.set({year: 2018})")
    assert years(page) == [2018, "2014", "2010"]


# --- who is not heard ---------------------------------------------------------

GUESSES = """words => {
  const state = {year: 2001, indicator: "population", language: "zh", selected: ""};
  for (const courseLive of [...words, undefined, null, "", true, 0, {}, []])
    for (const rest of [{}, {told: 0}, {told: 0, changes: state}, {changes: state},
                        {set: state}, {told: 0, state}, {told: NaN, state}]) {
      const said = {courseLive, ...rest};
      parent.postMessage(said, "*");
      for (let k = 0; k < parent.length; k++) parent[k].postMessage(said, "*");
    }
  for (const odd of [null, undefined, 5, "who", [], new Map()]) parent.postMessage(odd, "*");
}"""
HOSTILE = """nonce => {
  const odd = [null, undefined, 1800, 2010.5, "2012", NaN, -0, 2n ** 80n, {}, [2012], true,
    "x".repeat(3e6), {__proto__: null}, new Date(), new Error("x"), "__proto__", "constructor"];
  const say = changes => parent.postMessage({courseLive: nonce, told: 0, changes}, "*");
  for (const value of odd) {
    say(value);
    for (const key of ["year", "indicator", "language", "selected", "_esm", "_nonce", "height"])
      say({[key]: value});
  }
  say(JSON.parse('{"__proto__": {"year": 2001}, "constructor": {"prototype": {"year": 2001}}}'));
  say({_choices: {year: [1]}, _esm: "alert(1)"});
}"""


def test_a_stranger_moves_neither_model_nor_frames(page):
    page.evaluate("start()")
    before = years(page)
    for words in (["who"], ["set"]):  # a greeting would be answered, and hide the other
        frames(page)[2].evaluate(GUESSES, words)
        assert years(page) == before
    assert page.evaluate("model.saved.every(s => s.year === 2010 && s.language === 'en')")


def test_a_stranger_is_told_nothing(page):
    stranger = frames(page)[2]
    stranger.evaluate(
        "() => { window.told = []; onmessage = e => told.push(JSON.stringify(e.data)) }"
    )
    page.evaluate("start()")
    page.evaluate("model.set({year: 2014})")
    frames(page)[0].evaluate("courseLive.set({year: 2015})")
    move_to(page, 2015)
    assert set(stranger.evaluate("told")) <= {'{"courseLive":"who"}'}


def test_what_a_page_of_its_own_forges_is_checked(page, made):
    page.evaluate("start()")
    years(page)
    before = page.evaluate("JSON.stringify(model.state)")
    frames(page)[0].evaluate(HOSTILE, made.get_state()["_nonce"])
    page.wait_for_timeout(300)
    assert page.evaluate("JSON.stringify(model.state)") == before
    assert page.evaluate("({}).year") is None
    for saved in page.evaluate("model.saved"):
        made.set_state(saved)  # the kernel never has to refuse
    frames(page)[1].evaluate("courseLive.set({year: 2012})")  # and the bridge still works
    soon(page, lambda: years(page)[::2], [2012, "2012"])


def test_a_frame_bears_odd_words_from_its_page(page):
    page.evaluate("start()")
    years(page)
    page.evaluate(
        """() => { for (const odd of [{}, {state: null}, {state: 5}, {state: {year: 1800}},
            {state: {year: "2012", language: 0, indicator: {}, selected: ["x".repeat(1e6)]}}])
          for (let k = 0; k < length; k++)
            window[k].postMessage({courseLive: "set", told: 0, ...odd}, "*") }"""
    )
    frames(page)[0].evaluate("courseLive.set({year: 2012})")
    move_to(page, 2012)


def test_a_nested_frame_and_the_page_itself_are_not_heard(page, made):
    page.evaluate("start()")
    before = years(page)
    words = {"courseLive": made.get_state()["_nonce"], "told": 0, "changes": {"year": 2001}}
    page.evaluate("words => postMessage(words, '*')", words)
    frames(page)[2].evaluate(
        """words => { const inner = document.createElement('iframe');
          inner.srcdoc = `<script>for (const w of [${words}, {...${words}, changes: undefined},
            ${words}]) top.postMessage(w, '*')</script>`;
          document.body.append(inner); }""",
        json.dumps(words),
    )
    page.wait_for_timeout(300)
    assert years(page) == before


# --- in JupyterLab ------------------------------------------------------------

LIVE = """import course
live = course.LiveMap("population", area="far_east", year=2010, height=420)
live"""
OUTPUTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output"


def shown(lab, selector=f"{OUTPUTS} figure iframe"):
    """The frame of the live map in an output, drawn."""
    frame = lab.page.wait_for_selector(selector, state="attached")
    frame.scroll_into_view_if_needed()
    inside = frame.content_frame()
    inside.wait_for_selector(".leaflet-container path", state="attached")
    return inside


def rerun(lab, cell=0):
    """Run one cell and wait for its end."""
    lab.page.evaluate(
        """async n => {
          jupyterapp.shell.currentWidget.content.activeCellIndex = n;
          await jupyterapp.commands.execute('notebook:run-cell');
        }""",
        cell,
    )


@pytest.fixture(scope="module")
def notebook(lab, server):
    """A notebook with one live map, run."""
    lab.open(write(server.folder, "live.ipynb", LIVE))
    assert lab.run_all() == []
    yield lab
    lab.close()


def test_a_strangers_frame_in_another_output_is_not_heard(notebook):
    notebook.page.evaluate(
        "html => document.querySelector('.jp-OutputArea').insertAdjacentHTML('afterend', html)",
        STRANGER,
    )
    stranger = notebook.page.wait_for_selector("#stranger").content_frame()
    stranger.evaluate(GUESSES, ["who", "set"])
    notebook.page.wait_for_timeout(500)
    notebook.page.evaluate("document.querySelector('#stranger').remove()")
    assert notebook.python("print(live.year, live.language)") == "2010 en\n"
    assert shown(notebook).evaluate(SHOWN) == "2010"


def test_what_a_map_forges_leaves_the_kernel_quiet(notebook):
    inside, nonce = shown(notebook), notebook.python("print(live._nonce)").strip()
    notebook.page.evaluate(
        """() => { window.told = [];
          const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          kernel.iopubMessage.connect((_, m) => {
            if (['stream', 'error'].includes(m.header.msg_type)) told.push(m.content) }) }"""
    )
    inside.evaluate(HOSTILE, nonce)
    inside.evaluate("courseLive.set({year: 2012})")
    kernel_has(notebook, "live.year, live.language, live.height", "2012 en 420")
    said = notebook.page.evaluate("told.map(what => what.text ?? what.evalue)")
    assert [text for text in said if " en 420" not in text] == []  # but for what we asked
    notebook.python("live.year = 2010")


def test_a_wish_that_cannot_be_is_taken_back_from_what_is_linked(lab, server):
    cell = LIVE + "\nimport ipywidgets\nslider = ipywidgets.IntSlider(2010, 1900, 2020)\n"
    cell += "ipywidgets.jslink((slider, 'value'), (live, 'year'))\n"
    cell += "ipywidgets.VBox([slider, live])"
    lab.open(write(server.folder, "wish.ipynb", cell))
    assert lab.run_all() == []
    shown(lab)
    lab.page.focus(".noUi-handle")
    lab.page.keyboard.press("Home")
    lab.page.wait_for_function("document.querySelector('.widget-readout').innerText !== '1900'")
    assert lab.page.inner_text(".widget-readout") == lab.python("print(live.year)").strip()
    lab.close()


def kept(page):
    """Frames in the page, and documents that its memory holds."""
    session = page.context.new_cdp_session(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    documents = session.send("Memory.getDOMCounters")["documents"]
    session.detach()
    return len(page.frames), documents


CELLS = ["import ipywidgets\nipywidgets.VBox([live])", "live"]


@pytest.mark.parametrize("cell", CELLS if os.environ.get("COURSE_TEST_ALL") else CELLS[:1])
def test_a_cell_run_again_leaves_no_frame_behind(lab, server, cell):
    lab.open(write(server.folder, "again.ipynb", f"{LIVE.removesuffix('live')}{cell}"))
    assert lab.run_all() == []
    shown(lab)
    rerun(lab)
    shown(lab)
    frames, documents = kept(lab.page)
    for _ in range(10):
        rerun(lab)
        shown(lab)

    def few():
        frames_after, documents_after = kept(lab.page)
        return frames_after == frames == 2 and documents_after <= documents + 3

    soon(lab.page, few, True)
    lab.page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    soon(lab.page, lambda: len(lab.page.frames), 1)
    lab.close()


# --- saved is seen ------------------------------------------------------------


def reopened(lab, name):
    """Save the notebook, end its kernel, load JupyterLab anew and open it as it was saved."""
    lab.save()
    lab.close()
    lab.load()
    lab.open(name)
    return lab.page


def test_a_saved_map_is_alive_without_its_kernel(lab, server):
    name = write(server.folder, "saved.ipynb", LIVE)
    lab.open(name)
    assert lab.run_all() == []
    shown(lab).evaluate("courseLive.set({year: 2013})")
    page = reopened(lab, name)
    inside = shown(lab)
    assert "model not found" not in page.inner_text(".jp-NotebookPanel:not(.lm-mod-hidden)")
    assert inside.evaluate(SHOWN) == "2010"  # as it was when it was drawn
    fills = (
        "[...document.querySelectorAll('path[fill]')].map(p => p.getAttribute('fill')).join()"
    )
    before = inside.evaluate(fills)
    inside.focus("#year")
    page.keyboard.press("ArrowRight")
    until(inside, f"{SHOWN} === '2011'")
    assert inside.evaluate(fills) != before
    lab.close()


def test_not_trusted_it_is_words_and_a_picture(lab, server):
    name = write(server.folder, "distrusted.ipynb", LIVE)
    lab.open(name)
    assert lab.run_all() == []
    shown(lab)
    lab.save()
    lab.close()
    book = json.loads((server.folder / name).read_text(encoding="utf-8"))
    book["cells"].append(book["cells"][0] | {"id": "new", "source": "1"})  # no longer as signed
    (server.folder / name).write_text(json.dumps(book), encoding="utf-8")
    lab.open(name)
    words = lab.page.wait_for_selector(f"{OUTPUTS} figcaption").inner_text()
    assert "Live map: population by region" in words and "rust" in words
    assert lab.page.query_selector(f"{OUTPUTS} iframe") is None
    picture = lab.page.wait_for_selector(f"{OUTPUTS} figure img")
    assert picture.is_visible() and picture.evaluate("i => i.naturalWidth") > 500
    lab.close()


def test_inside_another_widget_words_stay_where_no_kernel_answers(page, made):
    said = page.evaluate(
        """async ([script, words]) => {
          const blob = new Blob([script], {type: "text/javascript"});
          const {render} = (await import(URL.createObjectURL(blob))).default;
          const el = document.createElement("div"), said = [];
          const send = () => { throw new Error("no kernel"); };
          render({el, model: {get: () => words, on: (_name, act) => { said.push(act) }, send}});
          const first = el.innerHTML;
          said[0]({ask: "another view's", html: "<b>not mine</b>"});
          return [first, el.innerHTML]; }""",
        [WIDGET, made.get_state()["_words"]],
    )
    assert said[0] == said[1] and made.alt in said[0] and "run this cell" in said[0]


def test_a_page_loaded_again_is_linked_again(lab, server):
    name = write(server.folder, "reload.ipynb", LIVE)
    lab.open(name)
    assert lab.run_all() == []
    lab.python("live.year = 2014")
    until(shown(lab), f"{SHOWN} === '2014'")
    lab.save()
    lab.page.reload()
    lab.page.wait_for_function("!!window.jupyterapp?.shell?.currentWidget?.context?.isReady")
    inside = shown(lab)
    until(inside, f"{SHOWN} === '2014'")
    inside.evaluate("courseLive.set({year: 2016})")
    kernel_has(lab, "live.year", "2016")
    lab.python("live.close()")  # from now on the map goes on alone
    inside.evaluate("courseLive.set({year: 2017})")
    lab.page.wait_for_timeout(500)
    assert lab.python("print(live.year)") == "2016\n" and inside.evaluate(SHOWN) == "2017"
    lab.close()


# --- last: the browser goes on about what it refused --------------------------

ATTACKS = {
    "parent's document": "() => parent.document.title",
    "cookie": "() => document.cookie",
    "localStorage": "() => localStorage.length",
    "sessionStorage": "() => sessionStorage.length",
    "indexedDB": "() => new Promise((yes, no) => { const r = indexedDB.open('x');"
    " r.onsuccess = yes; r.onerror = () => no(r.error) })",
    "frame element": "() => frameElement.ownerDocument.title",
    "top navigation": "() => { top.location.href = 'about:blank' }",
    "parent's storage": "() => parent.localStorage.length",
    "JupyterLab": "() => parent.jupyterapp.version",
    "contents": "url => fetch(url + 'api/contents', {credentials: 'include'})"
    ".then(r => r.json())",
    "contents by form": "url => { const x = new XMLHttpRequest(); x.open('GET', url +"
    " 'api/contents', false); x.withCredentials = true; x.send(); return x.responseText }",
}


def test_a_script_in_a_map_reaches_nothing(lab, server, guard):
    lab.open(write(server.folder, "attacked.ipynb", LIVE))
    assert lab.run_all() == []
    inside, address = shown(lab), lab.page.url
    for name, attack in ATTACKS.items():
        with pytest.raises(Error):
            pytest.fail(f"{name}: {inside.evaluate(attack, server.url)}")
        assert lab.page.url == address
    lab.close()
    lab.page.wait_for_timeout(500)
    found = guard.found()  # the browser reports what it refused
    assert not found.get("outside") and not found.get("errors")
