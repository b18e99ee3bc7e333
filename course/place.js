// A place in the output of a cell, plain HTML, that is filled while a kernel answers; what is
// saved keeps the line that stands there. Stands before the script of a widget that uses it.

// Fill every place that is found, as long as the widget lives; `moved` hears of changes.
function inhabit(model, found, fill, moved = () => {}) {
  const places = new Map();  // each with what empties it
  let fresh = false;
  const look = () => {
    for (const place of document.querySelectorAll(found)) {
      // a page loaded again, or a notebook opened again, no longer hears of new views;
      // a second view of a cell does
      const heard = fresh || [...places.keys()].some((other) => other.isConnected);
      if (!heard || places.has(place)) continue;
      places.set(place, fill(model, place));
      fresh = false;
    }
  };
  const wake = () => {
    if (!model.get("awake")) return;
    fresh = true;
    model.set("awake", false);
    model.save_changes();
    look();
  };
  const watcher = new MutationObserver(() => { look(); moved(); });
  const end = () => {
    watcher.disconnect();
    places.forEach((empty) => empty());
    places.clear();
  };
  watcher.observe(document.body, { childList: true, subtree: true });
  model.on("change:awake", wake);
  model.on("comm_live_update", end);  // the kernel was started anew
  wake();
  return { places, end };
}

// JupyterLab's shortcuts ask the element that has the focus: arrows and Enter stay in the
// form, Ctrl+S, whose Ctrl comes first, does not.
function keepKeys(form) {
  const keys = ({ target, ctrlKey, metaKey }) => target.toggleAttribute(
    "data-lm-suppress-shortcuts", !ctrlKey && !metaKey);
  ["focusin", "keydown", "keyup"].forEach((kind) => form.addEventListener(kind, keys));
}

