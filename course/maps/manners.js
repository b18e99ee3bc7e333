// Manners of every map page: the wheel scrolls the notebook until the map is clicked, a
// button leads back to the first view, shortcuts reach JupyterLab, and the map fits its frame
// anew when it is first seen, resized or printed. `words` holds what it says by language,
// `extent` the corners of the built-in basemap (null with online tiles).
function keepManners(map, { language, words, extent }) {
  const box = map.getContainer(), ends = extent && L.latLngBounds(extent);
  let home = null, used = false, moved = false, mine = false, timer = 0;

  // The first view is the last one that a script asks for before somebody uses the map.
  const fit = map.fitBounds;
  map.fitBounds = (bounds, options) => {
    if (used) return fit.call(map, bounds, options);
    home = [bounds, { ...options, animate: false }];
    return goHome();
  };
  function goHome() {
    const { zoomSnap } = map.options;
    map.options.zoomSnap = 0;                          // the area fills its frame
    // a frame wider than the area shows what the basemap has, not the emptiness beyond it
    if (ends?.contains(home[0])) map.options.maxBounds = ends;
    fit.apply(map, home);
    Object.assign(map.options, { zoomSnap, maxBounds: null });
    moved = false;
    return map;
  }
  map.on("movestart", () => { moved = used; });
  function refit() {
    map.invalidateSize(false);
    const { x, y } = map.getSize();
    if (home && !moved && x && y) goHome();
  }
  new ResizeObserver(refit).observe(box);
  matchMedia("print").addEventListener("change", refit);

  const hint = L.DomUtil.create("div", "course-hint", box);
  hint.hidden = true;
  box.addEventListener("wheel", (event) => {
    const apart = event.target.closest(".leaflet-control, .leaflet-popup");  // it may scroll
    if (mine || event.ctrlKey || event.metaKey) used = true;
    else if (map.scrollWheelZoom.enabled() && !apart) {
      event.stopPropagation();             // Leaflet would keep the wheel from the notebook
      hint.hidden = false;
      clearTimeout(timer);
      timer = setTimeout(() => { hint.hidden = true; }, 1500);
    }
  }, { capture: true, passive: true });
  box.addEventListener("pointerdown", () => { used = mine = true; hint.hidden = true; }, true);
  box.addEventListener("pointerleave", () => { mine = false; });
  addEventListener("blur", () => { mine = false; });

  document.addEventListener("keydown", (event) => {
    used = true;
    if (event.key === "Escape") mine = false;
    // Ctrl or Cmd begins a shortcut of JupyterLab: its next key is heard where the focus is.
    // Somebody who writes or copies here needs the shortcuts of the page itself.
    const writes = event.target.matches("textarea, [contenteditable], input:not([type=range])");
    if (["Control", "Meta"].includes(event.key) && !writes && getSelection().isCollapsed)
      window.parent.focus();
  }, true);

  const button = L.DomUtil.create("button", "course-home", map.zoomControl.getContainer());
  button.type = "button";
  button.innerHTML = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">' +
    '<path d="M8 1 1 8h2v6h4v-4h2v4h4V8h2z"/></svg>';
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener("click", () => { if (home) goHome(); });
  const scale = L.control.scale({ imperial: false });
  const write = scale._updateScale;                    // Leaflet knows "m" and "km" only
  scale._updateScale = (line, length, ratio) => write.call(
    scale, line, length.replace(/k?m$/, (unit) => words[language][unit]), ratio);
  scale.addTo(map);

  function setLanguage(next) {
    language = next;
    document.documentElement.lang = language;
    hint.textContent = words[language].wheel;
    for (const [part, id] of [["in", "zoom_in"], ["out", "zoom_out"]])
      name(box.querySelector(`.leaflet-control-zoom-${part}`), words[language][id]);
    name(button, words[language].home);
    map.fire("move");                                  // the scale writes its unit anew
  }
  const name = (part, said) => { part.title = said; part.setAttribute("aria-label", said); };
  window.coursePage = { map, setLanguage };
  setLanguage(language);
}
