// Manners of every map page: the wheel scrolls the notebook until the map is clicked, a
// button leads back to the first view, shortcuts reach JupyterLab, and the map fits its frame
// anew when it is first seen, resized or printed. `words` holds what it says by language,
// `extent` the corners of the built-in basemap (null with online tiles).
function keepManners(map, { language, words, extent }) {
  const hint = L.DomUtil.create("div", "course-hint", map.getContainer());
  const buttons = map.zoomControl.getContainer().children;
  const home = L.DomUtil.create("button", "course-home", buttons[0].parentNode);
  const goHome = keepFirstView(map, extent);
  home.innerHTML = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">' +
    '<path d="M8 1 1 8h2v6h4v-4h2v4h4V8h2z"/></svg>';
  L.DomEvent.disableClickPropagation(home);
  home.addEventListener("click", goHome);
  shareWheel(map, hint);
  const scale = L.control.scale({ imperial: false }).addTo(map).getContainer().firstChild;
  map.on("move", () => {                               // Leaflet knows "m" and "km" only
    scale.textContent = scale.textContent.replace(/k?m$/, (unit) => words[language][unit]);
  });
  document.addEventListener("keydown", passShortcuts, true);

  function setLanguage(next) {
    const says = words[next];
    language = next;
    document.documentElement.lang = language;
    hint.textContent = says.wheel;
    ["zoom_in", "zoom_out", "home"].forEach((id, k) => {
      buttons[k].title = says[id];
      buttons[k].setAttribute("aria-label", says[id]);
    });
    map.fire("move");                                  // the scale writes its unit anew
  }
  window.coursePage = { map, setLanguage };
  setLanguage(language);
}

// The first view is the last one that a script asks for before somebody uses the map; it is
// fitted anew until somebody moves the map. Returns what leads back to it.
function keepFirstView(map, extent) {
  const fit = map.fitBounds, ends = extent && L.latLngBounds(extent);
  let first = null, used = false, moved = false;
  map.fitBounds = (bounds, options) => {
    if (used) return fit.call(map, bounds, options);
    first = [bounds, { ...options, animate: false }];
    return goHome();
  };
  function goHome() {
    const { zoomSnap } = map.options;
    map.options.zoomSnap = 0;                          // the area fills its frame
    // a frame wider than the area shows what the basemap has, not the emptiness beyond it
    if (ends?.contains(first[0])) map.options.maxBounds = ends;
    fit.apply(map, first);
    Object.assign(map.options, { zoomSnap, maxBounds: null });
    moved = false;
    return map;
  }
  function refit() {
    map.invalidateSize(false);
    const { x, y } = map.getSize();
    if (first && !moved && x && y) goHome();
  }
  for (const sign of ["pointerdown", "keydown", "wheel"])
    document.addEventListener(sign, () => { used = true; }, { capture: true, passive: true });
  map.on("movestart", () => { moved = used; });
  new ResizeObserver(refit).observe(map.getContainer());
  matchMedia("print").addEventListener("change", refit);
  return () => { if (first) goHome(); };
}

// The wheel zooms after a click in the map, or with Ctrl; or else it scrolls the notebook.
function shareWheel(map, hint) {
  const box = map.getContainer();
  let clicked = false;
  box.addEventListener("wheel", (event) => {
    const apart = event.target.closest(".leaflet-control, .leaflet-popup");  // it may scroll
    if (clicked || event.ctrlKey || event.metaKey || apart || !map.scrollWheelZoom.enabled())
      return;
    event.stopPropagation();               // Leaflet would keep the wheel from the notebook
    hint.animate({ visibility: ["visible", "visible"] }, 1500);
  }, { capture: true, passive: true });
  box.addEventListener("pointerdown", () => {
    clicked = true;
    hint.getAnimations().forEach((shown) => shown.cancel());
  }, true);
  const forget = () => { clicked = false; };
  box.addEventListener("pointerleave", forget);
  addEventListener("blur", forget);
  addEventListener("keydown", ({ key }) => { if (key === "Escape") forget(); }, true);
}

// Ctrl or Cmd begins a shortcut of JupyterLab: its next key is heard where the focus is.
// Somebody who writes or copies here needs the shortcuts of the page itself.
function passShortcuts({ key, target }) {
  const writes = target.matches("textarea, [contenteditable], input:not([type=range])");
  if (["Control", "Meta"].includes(key) && !writes && getSelection().isCollapsed)
    window.parent.focus();
}
