// The controls of an explorer. Its cell has two outputs of plain HTML: a place, and the view.
// place.js fills the place.

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

// Choose a value of a control; false if the kernel has gone.
function choose(model, control, value) {
  try {
    model.set("chosen", model.get("chosen").with(control, value));
    model.save_changes();  // while the kernel draws, only the last of several moves waits
    return true;
  } catch { return false; }
}

// Fill a place with controls; return what empties it again.
function fill(model, place) {
  const { title, inputs } = model.get("controls"), asleep = [...place.childNodes];
  const form = document.createElement("div");
  const all = inputs.map((described, k) => input(described, (value) => {
    if (!choose(model, k, value)) empty();
  }));
  const show = () => model.get("chosen").forEach((value, k) => all[k].show(value));
  const empty = () => {
    model.off("change:chosen", show);
    place.replaceChildren(...asleep);
  };
  keepKeys(form);
  form.className = "course-controls";
  form.role = "group";
  form.ariaLabel = title;
  form.append(...all.map(({ box }) => box));
  model.on("change:chosen", show);
  show();
  place.replaceChildren(form);
  return empty;
}

export default {
  initialize({ model }) {
    const token = model.get("token"), { picks, names } = model.get("controls");
    const buttons = `[data-course-view="${token}"] [data-pick]`;
    let pressed = null;  // the button in the view that was pressed last
    const pick = ({ target }) => {
      const button = target.closest?.(buttons), k = names.indexOf(button?.dataset.pick);
      if (k < 0 || !places.size) return;
      pressed = button;
      choose(model, picks, k);
    };
    const keep = () => {  // the view was drawn anew: the same button has the focus again
      if (!pressed || pressed.isConnected || document.activeElement !== document.body) return;
      const { pick: name } = pressed.dataset;
      pressed = [...document.querySelectorAll(buttons)].find((b) => b.dataset.pick === name);
      pressed?.focus({ preventScroll: true });
    };
    document.addEventListener("click", pick);
    const { places, end } = inhabit(model, `[data-course-explorer="${token}"]`, fill, keep);
    return () => {
      document.removeEventListener("click", pick);
      end();
    };
  },
  render: ({ model, el }) => { el.textContent = model.get("controls").boxed; },
};
