// A shape holds steps in hundredths of a degree instead of coordinates (see area.py).
function unpackShape(shape) {
  const open = (part) => {
    if (typeof part[0] !== "number") return part.map(open);
    const line = [];
    for (let k = 0, x = 0, y = 0; k < part.length; k += 2)
      line.push([(x += part[k]) / 100, (y += part[k + 1]) / 100]);
    return line;
  };
  return { type: shape.type, coordinates: open(shape.steps) };
}

// Land, rivers and names that thin out with zoom; `page` holds language, notes and words;
// basemap: {shapes: {countries, region_polygons, rivers, lakes}, labels: [{at, kind, names}]}
function drawBasemap(map, basemap, page) {
  let { language, notes, alt } = page;
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", alt);
  map.createPane("base").style.zIndex = 250;
  map.createPane("names").style.zIndex = 450;
  map.getPane("names").style.pointerEvents = "none";
  const style = {
    countries: { fillColor: "#f4f1ea", fillOpacity: 1, color: "#8c8577", weight: 1.2 },
    region_polygons: { fill: false, color: "#b9b1a2", weight: 0.8, dashArray: "3 3" },
    rivers: { fill: false, color: "#7fa9c9", weight: 1 },
    lakes: { fillColor: "#dbe7ee", fillOpacity: 1, color: "#7fa9c9", weight: 0.6 },
  };
  for (const [kind, shapes] of Object.entries(basemap.shapes)) {
    L.geoJSON(Object.values(shapes).map(unpackShape), {
      pane: "base", interactive: false, style: style[kind],
    }).addTo(map);
  }
  // the shapes end at 60 degrees east: what lies beyond is no sea
  L.rectangle([[-85, -180], [85, 60]], {
    pane: "base", interactive: false, stroke: false, fillColor: "#e6e5e2", fillOpacity: 1,
  }).addTo(map);

  const say = () => map.attributionControl.setPrefix(`Leaflet | ${notes[language]}`);
  say();

  const words = L.layerGroup().addTo(map);
  const least = { country: 0, water: 4.2, region: 4.6, place: 0 };
  function label() {
    words.clearLayers();
    const zoom = map.getZoom(), taken = [], view = map.getBounds().pad(0.05);
    let places = 22 * 2 ** (zoom - 3);
    for (const item of basemap.labels) {           // most important first
      if (zoom < least[item.kind] || !view.contains(item.at)) continue;
      if (item.kind === "place" && places < 1) continue;
      const name = item.names[language] || item.names.en;
      const at = map.latLngToContainerPoint(item.at);
      const wide = name.length * (/[\u4e00-\u9fff]/.test(name) ? 13 : 7) + 12;
      const [low, high] = [at.y - 9, at.y + 9];
      const boxes = item.kind === "place"            // a name stands right of its dot, or left
        ? { right: [at.x - 4, low, at.x + wide, high], left: [at.x - wide, low, at.x + 4, high] }
        : { middle: [at.x - wide / 2, low, at.x + wide / 2, high] };
      const side = Object.keys(boxes).find((s) => !taken.some((t) =>
        boxes[s][0] < t[2] && boxes[s][2] > t[0] && boxes[s][1] < t[3] && boxes[s][3] > t[1]));
      if (!side) continue;
      taken.push(boxes[side]);
      if (item.kind === "place") places--;
      const text = Object.assign(document.createElement("span"), { textContent: name });
      L.marker(item.at, {
        pane: "names", interactive: false, keyboard: false,
        icon: L.divIcon({ className: `name ${item.kind} ${side}`, html: text, iconSize: null }),
      }).addTo(words);
    }
  }
  map.on("zoomend moveend", label);
  map.whenReady(label);
  window.courseBasemap = {
    regions: basemap.shapes.region_polygons,
    setLanguage(next) { language = next; label(); say(); },
  };
}
