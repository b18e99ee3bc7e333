// Links the model of a live map, or of an explorer's map, with its frames. No view is needed:
// the map itself is plain HTML, which a saved notebook keeps, in a sandbox from which nothing
// reaches this page but messages.
//   frame to page: {courseLive: nonce, told, changes}; without changes it is a greeting
//   page to frame: {courseLive: "who"} asks for greetings; {courseLive: "set", told, state, dark}
// Only who knows the model's nonce is heard, and only from a frame of this page.
function initialize({ model }) {
  const shared = Object.keys(model.get("_choices"));
  const told = new WeakMap();  // frames that greeted -> how many changes each has told
  const each = (act) => Array.from(window.frames).forEach(act);
  const answer = (frame) => {  // `told` lets a frame drop what its later changes overtook
    const state = Object.fromEntries(shared.map((key) => [key, model.get(key)]));
    const dark = document.body.dataset.jpThemeLight === "false";
    frame.postMessage({ courseLive: "set", told: told.get(frame), state, dark }, "*");
  };
  const hear = ({ source, data }) => {
    if (data?.courseLive !== model.get("_nonce") || source?.parent !== window) return;
    if (data.changes && !told.has(source)) return;
    told.set(source, Number(data.told));
    const choices = model.get("_choices"), wish = data.changes ?? {};
    const right = shared.filter((key) => choices[key].includes(wish[key]));
    // all at once: nobody may see a new indicator with an old year
    model.set(Object.fromEntries(right.map((key) => [key, wish[key]])));
    answer(source);
    try { model.save_changes(); } catch { /* no kernel any more: the page goes on alone */ }
  };
  const spread = () => each((frame) => told.has(frame) && answer(frame));
  model.on("change", spread);
  window.addEventListener("message", hear);
  each((frame) => frame.postMessage({ courseLive: "who" }, "*"));
  return () => {
    model.off("change", spread);
    window.removeEventListener("message", hear);
  };
}

// Inside another widget, such as a VBox, the kernel is asked for the same HTML.
function render({ model, el }) {
  const ask = Math.random();  // an answer reaches all views
  el.textContent = model.get("_words");
  model.on("msg:custom", (said) => { if (said.ask === ask) el.innerHTML = said.html; });
  try { model.send({ ask }); } catch { /* no kernel any more: the words stay */ }
}
export default { initialize, render };
