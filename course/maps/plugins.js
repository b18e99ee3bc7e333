// What plugins of folium need in a map without tiles, and in a frame that opens no window.

// MiniMap is made for tiles: the land of the basemap takes their place.
if (L.Control.MiniMap) L.Control.MiniMap.addInitHook(function () {
  const add = this.onAdd;
  this.onAdd = function (map) {
    const land = [];
    map.eachLayer((l) => l instanceof L.Path && l.options.pane === "base" && land.push(l));
    if (land.length) this._layer = L.layerGroup(land.map((l) =>
      new l.constructor(l.getLatLngs(), { ...l.options, pane: "overlayPane" })));
    const box = add.call(this, map);
    if (land.length) box.style.background = "#dbe7ee";
    return box;
  };
});

// SideBySideLayers cuts tiles: other layers get a pane of their own to be cut.
if (L.Control.SideBySide) L.LayerGroup.include({
  getContainer() {
    const map = this._map, pane = `side${L.stamp(this)}`;
    if (!map.getPane(pane)) {
      map.createPane(pane).style.zIndex = 400;
      const move = (layer) => {
        layer.options.pane = pane;
        if (layer.eachLayer) layer.eachLayer(move);
      };
      this.remove();
      move(this);
      this.addTo(map);
    }
    return map.getPane(pane);
  },
});

// Search opens the popup of what it found; a GeoJson layer has one popup for all its shapes.
if (L.Control.Search) L.Control.Search.addInitHook(function () {
  this.on("search:locationfound", ({ layer, latlng }) => {
    if (layer && !layer.getPopup()) layer.fire("click", { latlng }, true);
  });
});

// TagFilterButton draws its icon with a font that maps of the course do not carry.
if (L.control.tagFilterButton) document.head.insertAdjacentHTML("beforeend",
  '<style>.easy-button-button .fa-filter::before { content: "\\25bc" }</style>');

// The frame around a map allows neither alerts nor the clipboard, by which Draw shows a shape
// and ClickForLatLng a place: a box shows the text, to be copied by hand.
if (window !== window.parent) {
  window.alert = async (text) => {
    if (document.querySelector("dialog[open]")) return;
    const box = document.body.appendChild(document.createElement("dialog"));
    box.innerHTML = "<textarea readonly rows=8 cols=40></textarea><p><button>OK</button></p>";
    box.querySelector("textarea").value = text;
    box.querySelector("button").onclick = () => box.close();
    box.onclose = () => box.remove();
    box.showModal();
    box.querySelector("textarea").select();
  };
  Object.defineProperty(navigator, "clipboard", { value: { writeText: window.alert } });
}
