// The controls of an explorer. Its cell has two outputs of plain HTML: a place, and the view.
// The place is filled while a kernel answers; what is saved keeps the line that stands there.

// States that a next move may lead to, the likeliest first: one step at any control, on before
// back and the last control before the others; then further steps at the last.
function near(chosen, last, ways, sizes) {
  const steps = [last, ...sizes.keys()].flatMap((k) => [[k, 1], [k, -1]]);
  return [...steps, ...[2, 3, -2, 4, -3, -4].map((step) => [last, step])]
    .map(([k, step]) => [k, chosen[k] + step * ways[k]])
    .filter(([k, place]) => place >= 0 && place < sizes[k])
    .map(([k, place]) => chosen.with(k, place));
}

function input({ label, words, slider }, change) {
  const box = document.createElement("label"), shown = document.createElement("output");
  const made = document.createElement(slider ? "input" : "select");
  box.append(label, " ", made);
  if (slider) {
    Object.assign(made, { type: "range", min: 0, max: words.length - 1 });
    box.append(shown);
  } else made.append(...words.map((text, k) => new Option(text, k)));
  made.addEventListener("input", () => change(Number(made.value)));
  return { box, show: (k) => {
    made.value = k;
    if (slider) made.ariaValueText = shown.value = words[k];
  } };
}

// Fill a place with controls; return what empties it again.
function fill(model, place) {
  const { title, busy, inputs } = model.get("controls"), asleep = [...place.childNodes];
  const sizes = inputs.map(({ words }) => words.length), ways = sizes.map(() => 1);
  const form = document.createElement("div"), note = document.createElement("span");
  const asked = new Set();
  let last = 0, out = false, pause = 20, late, rest;

  const all = inputs.map((described, k) => input(described, (value) => {
    ways[k] = Math.sign(value - model.get("chosen")[k]) || 1;
    clearTimeout(late);
    late = setTimeout(() => { note.textContent = busy; }, 1500);
    tell(() => {
      model.set("chosen", model.get("chosen").with(k, value));
      model.save_changes();  // while the kernel draws, only the last of several moves waits
    });
  }));
  const show = () => model.get("chosen").forEach((value, k) => all[k].show(value));
  // who is at the controls waits for nothing: the next views are drawn one by one, in between
  const next = () => {
    const state = near(model.get("chosen"), last, ways, sizes).find((s) => !asked.has(`${s}`));
    if (!state || out || !form.matches(":hover, :focus-within")) return;
    asked.add(`${state}`);
    out = true;
    // what is drawn cannot be broken off: what is less likely leaves room for a move
    pause = model.get("chosen").some((place, k) => Math.abs(place - state[k]) > 1) ? 400 : 20;
    tell(() => model.send({ ahead: state }));
  };
  const drawn = () => {
    out = false;
    note.textContent = "";
    [late, rest].forEach(clearTimeout);
    rest = setTimeout(next, pause);
  };
  // JupyterLab's shortcuts ask the element that has the focus: arrows and Enter stay here,
  // Ctrl+S does not. It listens at the document, so this comes first.
  const keys = (event) => form.contains(event.target) && event.target.toggleAttribute(
    "data-lm-suppress-shortcuts", !event.ctrlKey && !event.metaKey);
  const empty = () => {
    [late, rest].forEach(clearTimeout);
    window.removeEventListener("keydown", keys, true);
    model.off("change:chosen", show);
    model.off("msg:custom", drawn);
    place.replaceChildren(...asleep);
  };
  const tell = (words) => { try { words(); } catch { empty(); } };  // the kernel has gone

  form.className = "course-controls";
  form.role = "group";
  form.ariaLabel = title;
  note.role = "status";
  form.append(...all.map(({ box }) => box), note);
  form.addEventListener("focusin", (event) => {
    last = all.findIndex(({ box }) => box.contains(event.target));
    next();
  });
  form.addEventListener("pointerenter", next);
  window.addEventListener("keydown", keys, true);
  model.on("change:chosen", show);
  model.on("msg:custom", drawn);
  show();
  place.replaceChildren(form);
  return empty;
}

export default {
  initialize({ model }) {
    const places = new Map(), found = `[data-course-explorer="${model.get("token")}"]`;
    let fresh = false;
    const look = () => {
      for (const place of document.querySelectorAll(found)) {
        // a page loaded again, or a notebook opened again, no longer hears of new views;
        // a second view of a cell does
        const heard = fresh || [...places.keys()].some((other) => other.isConnected);
        if (heard && !places.has(place)) places.set(place, fill(model, place));
        fresh &&= !places.size;
      }
    };
    const wake = () => {
      if (!model.get("awake")) return;
      fresh = true;
      model.set("awake", false);
      model.save_changes();
      look();
    };
    const watcher = new MutationObserver(look);
    const end = () => {
      watcher.disconnect();
      places.forEach((empty) => empty());
      places.clear();
    };
    watcher.observe(document.body, { childList: true, subtree: true });
    model.on("change:awake", wake);
    model.on("comm_live_update", end);  // the kernel was started anew
    wake();
    return end;
  },
  render({ model, el }) {  // inside a box, where no output holds the view
    const place = document.createElement("div"), view = document.createElement("div");
    el.append(place, view);
    model.on("msg:custom", ({ html }) => { if (html != null) view.innerHTML = html; });
    model.send({ boxed: true });
    return fill(model, place);
  },
};
