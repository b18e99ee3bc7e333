// The widget around a live map: one iframe that stays, and two-way traits.
const SHARED = ["year", "indicator", "language", "selected"];

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.title = model.get("alt");
  frame.style.cssText = `width:100%;height:${model.get("height")}px;border:1px solid #c8c8c8`;
  let live = null, telling = false;

  const fromModel = () => {
    if (live && !telling) live.set(Object.fromEntries(SHARED.map((k) => [k, model.get(k)])));
  };
  frame.addEventListener("course-live", () => {
    live = frame.contentWindow.courseLive;
    live.onchange = (changes) => {
      telling = true;
      for (const [key, value] of Object.entries(changes)) model.set(key, value);
      telling = false;
      model.save_changes();
    };
    fromModel();
  });
  for (const key of SHARED) model.on(`change:${key}`, fromModel);
  const turn = () => { live = null; frame.srcdoc = model.get("page"); };
  model.on("change:page", turn);
  turn();
  model.send({ ask: "page" });  // inside a box nobody drew it yet, or layers came since
  const caption = document.createElement("div");
  caption.style.fontSize = "90%";
  caption.textContent = model.get("alt");
  el.append(frame, caption);
  return () => {
    for (const key of SHARED) model.off(`change:${key}`, fromModel);
    model.off("change:page", turn);
  };
}
export default { render };
