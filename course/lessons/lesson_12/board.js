// The form of the verdict board. Its cell has three outputs of plain HTML: a place, what is told
// of the chosen claim, and the table. place.js fills the place.

const PAUSE = 700, LATE = 8000;  // ms until a change is sent, and until its answer is late

function make(tag, more = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...inside);
  return made;
}

// Fill a place with the form; return what empties it again.
function fill(model, place) {
  const { title, most, shows, scales, words } = model.get("page");
  const asleep = [...place.childNodes];
  const options = (list) => list.map(([value, text]) => new Option(text, value));
  const scale = (kind) => options([["", words.choose], ...scales[kind].map((w) => [w, w])]);
  const labelled = (name, made) => make("label", {}, words[name], " ", made);
  const show = make("select", {}, ...options(shows)), claim = make("select", { className: "course-claim" });
  const before = make("button", { type: "button", textContent: words.before });
  const next = make("button", { type: "button", textContent: words.next });
  const fields = {
    word: make("select", {}, ...scale("verdict")),
    confidence: make("select", {}, ...scale("confidence")),
    says: make("textarea", { rows: 4, maxLength: most, dir: "auto" }),
    would_change: make("textarea", { rows: 2, maxLength: most, dir: "auto" }),
  };
  const text = make("p"), about = make("p"), saved = make("p", { role: "status" });
  const evidence = make("fieldset"), inputs = make("fieldset");
  text.style.fontWeight = "bold";
  inputs.append(
    text, about,
    make("div", { className: "course-line" },
      labelled("word", fields.word), labelled("confidence", fields.confidence)),
    labelled("says", fields.says), labelled("would_change", fields.would_change), evidence);
  const form = make("div", { className: "course-board", role: "group", ariaLabel: title },
    make("div", { className: "course-line" }, labelled("show", show),
      labelled("claim", claim), before, next), inputs, saved);

  // numbers of changes are their own in every view
  let shown = {}, ticks = [], number = Date.now() * 1000, heard = number, due = 0, late = 0;
  const send = (message) => {
    clearTimeout(late);
    late = setTimeout(() => { saved.textContent = words.late; }, LATE);
    try {
      model.send(message);
    } catch {
      saved.textContent = words.gone;
    }
  };
  const save = () => {
    clearTimeout(due);
    if (!due) return;
    due = 0;
    const ticked = ticks.flatMap((tick, k) => tick.checked ? [k] : []);
    const values = Object.entries(fields).map(([name, made]) => [name, made.value]);
    send({ number, claim: shown.claim, ticked, ...Object.fromEntries(values) });
  };
  const change = () => {
    saved.textContent = words.waiting;
    number += 1;
    clearTimeout(due);
    due = setTimeout(save, PAUSE);
  };
  const pick = (id) => {
    save();
    if (!id || id === shown.claim) return;
    inputs.disabled = true;  // until the kernel has sent the other claim
    send({ pick: id });
  };
  const step = (by) => pick(claim.options[claim.selectedIndex + by]?.value);

  const list = () => {
    claim.replaceChildren(...options(model.get("listed")));
    claim.value = shown.claim;
  };
  const piece = ({ words: about, html }, tick) => {
    const row = make("div", {}, tick ? make("label", {}, tick, " ", about)
      : make("span", {}, `${about} (${words.kept})`));
    if (html) {  // made and escaped by the kernel
      row.append(make("details", {}, make("summary", { textContent: words.look }),
        make("div", { innerHTML: html })));
    }
    return row;
  };
  const fit = () => {
    const now = model.get("form"), same = now.claim === shown.claim;
    clearTimeout(late);
    inputs.disabled = false;
    // what is being written here is newer than what the kernel knows
    if (same && (due || heard < number || form.contains(document.activeElement))) return;
    if (!same) saved.textContent = "";
    shown = now;
    claim.value = now.claim;
    text.textContent = now.text;
    about.textContent = now.about;
    for (const [name, made] of Object.entries(fields)) {
      made.value = now[name];
      if (made.value !== now[name]) {  // signed in code, with a word that is none
        made.add(new Option(now[name], now[name]));
        made.value = now[name];
      }
    }
    ticks = now.offers.map(({ ticked }) => make("input", { type: "checkbox", checked: ticked }));
    evidence.replaceChildren(make("legend", { textContent: words.evidence }),
      ...now.kept.map((one) => piece(one)), ...now.offers.map((one, k) => piece(one, ticks[k])));
    if (evidence.children.length === 1) evidence.append(words.none);
  };
  const hear = () => {
    const { number: of, words: said } = model.get("answer");
    clearTimeout(late);
    if (of === number) heard = of;
    if (of === null || of === number) saved.textContent = said;
  };
  const empty = () => {
    model.off("change:listed", list);
    model.off("change:form", fit);
    model.off("change:answer", hear);
    area?.removeEventListener("click", click);
    clearTimeout(due);
    clearTimeout(late);
    if (due || heard < number) saved.textContent = words.gone;  // the text stays to be copied
    else place.replaceChildren(...asleep);
  };
  const click = ({ target }) => {
    const id = target.closest?.(".course-board-table tbody tr")?.cells[0].textContent;
    if (!id) return;
    pick(id);
    form.scrollIntoView({ block: "nearest" });
  };
  const area = place.closest(".jp-OutputArea");
  area?.addEventListener("click", click);

  keepKeys(form);
  inputs.addEventListener("input", change);
  inputs.addEventListener("change", save);  // a field is left
  show.addEventListener("input", () => {
    save();
    send({ show: show.value });
    clearTimeout(late);  // the list may be the same, which is no answer
  });
  claim.addEventListener("change", () => pick(claim.value));
  before.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  model.on("change:listed", list);
  model.on("change:form", fit);
  model.on("change:answer", hear);
  fit();
  list();
  place.replaceChildren(form);
  return empty;
}

export default {
  initialize: ({ model }) => inhabit(model, `[data-course-board="${model.get("token")}"]`, fill).end,
  render: ({ model, el }) => { el.textContent = model.get("page").boxed; },
};
