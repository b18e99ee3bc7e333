// What plugins of folium need in a map without tiles, and in a frame that opens no window.

// MiniMap is made for tiles: the land of the basemap takes their place.
if (L.Control.MiniMap) L.Control.MiniMap.addInitHook(function () {
  const add = this.onAdd;
  this.onAdd = function (map) {
    const land = [];
    map.eachLayer((l) => l instanceof L.Path && l.options.pane === "base" && land.push(l));
    if (land.length) this._layer = L.layerGroup(land.map((l) =>
      new l.constructor(l.getLatLngs(), { ...l.options, pane: "overlayPane" })));
    return add.call(this, map);
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

// The frame around a map allows no alert, by which Draw shows a shape: a box takes its place.
if (window !== window.parent) window.alert = (text) => {
  const box = document.body.appendChild(document.createElement("dialog"));
  box.innerHTML = '<form method="dialog"><textarea readonly rows="8" cols="40"></textarea>'
    + "<p><button>OK</button></form>";
  box.querySelector("textarea").value = text;
  box.onclose = () => box.remove();
  box.showModal();
  box.querySelector("textarea").select();
};
