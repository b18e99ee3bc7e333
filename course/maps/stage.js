// Runs inside an explorer's map: draws the features of now in place of those before.
// Other scripts reach this as window.courseLive, see link.js.
function startStage(map, start, alone) {
  const { nonce, ...state } = start;     // features, and the id of the one picked
  const basemap = window.courseBasemap, drawn = L.featureGroup().addTo(map);
  const text = (words) => document.createTextNode(words);

  function shape({ at, line, region, country, ...looks }) {
    const style = { color: looks.color ?? "#55514a", weight: looks.width ?? 1.5,
      dashArray: looks.dash, fillColor: looks.fill ?? looks.color, fillOpacity: 0.8 };
    if (at) return L.circleMarker(at, { ...style, radius: looks.radius ?? 6 });
    if (line) return L.polyline(line, { ...style, weight: looks.width ?? 3 });
    const shapes = basemap.countries.filter(({ iso }) => iso === country);
    return L.geoJSON((region ? [basemap.regions[region]] : shapes).map(unpackShape), { style });
  }
  function draw() {
    const had = document.activeElement?.dataset?.id, picks = [];
    drawn.clearLayers();
    for (const feature of state.features) {
      const layer = shape(feature).addTo(drawn);
      if (feature.says) layer.bindTooltip(text(feature.says), { sticky: true });
      if (feature.label)
        L.tooltip(feature.at, { permanent: true, direction: "right", offset: [6, 0],
          className: "stage-label", content: text(feature.label) }).addTo(drawn);
      const path = layer.getElement?.();
      if (path && feature.says) {
        path.setAttribute("aria-label", feature.says);
        path.setAttribute("role", "id" in feature ? "button" : "img");
      }
      if (!("id" in feature)) continue;
      layer.on("click", () => pick(feature.id));
      if (path) picks.push(path);
      if (path) path.dataset.id = feature.id;
      path?.setAttribute("aria-current", feature.id === state.picked);
      path?.addEventListener("focus", () => layer.openTooltip());
      path?.addEventListener("blur", () => layer.closeTooltip());
      path?.addEventListener("keydown", (event) => press(event, picks, path));
    }
    // Tab comes to one of them; from there arrow keys lead on
    const first = picks.find((path) => path.dataset.id === (had ?? state.picked)) ?? picks[0];
    for (const path of picks) path.tabIndex = path === first ? 0 : -1;
    if (had !== undefined) first?.focus();
  }
  function press(event, picks, path) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) picks.at((picks.indexOf(path) + step) % picks.length).focus();
    else if (event.key === "Enter" || event.key === " ") pick(path.dataset.id);
    else return;
    event.preventDefault();
  }
  function pick(id) {
    set({ picked: id });
    window.courseLive.onchange?.({ picked: id });
  }
  function set(wishes) {
    clearTimeout(waiting);
    note?.remove();
    const before = JSON.stringify(state);
    Object.assign(state, wishes);
    if (JSON.stringify(state) !== before) draw();
  }
  window.courseLive = { state, set, onchange: null };
  draw();
  // saved, the words around it go on to the last choice, and the map cannot follow them
  let note = null;
  const waiting = setTimeout(() => {
    note = L.DomUtil.create("p", "stage-alone", map.getContainer());
    note.textContent = alone;
  }, 3000);
  if (nonce) linkLive(nonce);
}
