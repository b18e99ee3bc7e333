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

// Land, the outline of the area, rivers, and names.
// basemap: {shapes: {countries, region_polygons, rivers, lakes}, labels: [{kind, names, ...}]}
// page: {language, notes, alt, regions: ids of the area's, ranks of the labels (see area.py)}
function drawBasemap(map, { shapes, labels }, page) {
  let { language } = page;
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", page.alt);
  map.createPane("base").style.zIndex = 250;
  const draw = (list, style, pane = "base") => Object.values(list).map((shape) => L.geoJSON(
    unpackShape(shape), { pane, interactive: false, style }).addTo(map).getLayers()[0]);
  const land = { fillColor: "#ece8df", fillOpacity: 1, stroke: false };
  const border = { fill: false, color: "#8c8577", weight: 1.2 };
  const blue = { color: "#6d9dc2", fillColor: "#d3e3ec", fillOpacity: 1 };
  draw(shapes.countries, land);
  // a broad line around each region of the area, and the regions over it: its outer half stays
  const area = page.regions.map((id) => shapes.region_polygons[id]).filter(Boolean);
  draw(area, { fill: false, color: "#7a5c2e", weight: 5 });
  draw(area, { fillColor: "#fcfaf5", fillOpacity: 1, stroke: false });
  const ids = Object.keys(shapes.region_polygons);
  const regions = draw(shapes.region_polygons,
    { ...border, color: "#aaa193", weight: 0.8, dashArray: "3 3" });
  draw(shapes.countries, border);
  // the shapes end at 60 degrees east: what lies beyond is no sea
  const beyond = { ...land, pane: "base", interactive: false };
  L.rectangle([[-85, -180], [85, 60.1]], beyond).addTo(map);
  const rivers = shapes.rivers.map((river) => draw(
    [river], { ...blue, fill: false, weight: river.great ? 2.2 : 0.9 })[0]);
  draw(shapes.lakes, { ...blue, weight: 0.6 });

  const items = labels.map((item, k) => ({ ...item, rank: page.ranks[k],
    shape: item.kind === "region" ? regions[ids.indexOf(item.id)] : rivers[item.id] }));
  const names = showNames(map, items.sort((a, b) => a.rank - b.rank));
  function setLanguage(next) {
    language = next;
    map.attributionControl.setPrefix(`Leaflet | ${page.notes[language]}`);
    window.coursePage.setLanguage(language);
    names(language);
  }
  setTimeout(() => setLanguage(language));  // when all controls are there: names keep off them
  window.courseBasemap = { regions: shapes.region_polygons, setLanguage };
}

// Writes names, the most important first, each where it keeps off the others, off the dots of
// towns and off the controls. Boxes are in pixels of the map; rank 5 is what the area is not
// about. Returns the function that changes the language.
function showNames(map, labels) {
  map.createPane("names").style.zIndex = 450;
  map.getPane("names").style.pointerEvents = "none";
  const layer = L.layerGroup().addTo(map), box = map.getContainer();
  const pen = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(box).fontFamily;
  const dotOf = ({ at }, wide = 4, high = 4) =>
    around(map.latLngToContainerPoint(at), wide, high);
  let language = "en";

  function write() {
    layer.clearLayers();
    const edge = box.getBoundingClientRect(), done = new Set();
    const taken = [...box.querySelectorAll(".leaflet-control")].map((control) => {
      const { x, y, width, height } = control.getBoundingClientRect();
      return new DOMRect(x - edge.x, y - edge.y, width, height);
    });
    const free = (a, kept = []) => a.left > 0 && a.top > 0 && a.right < edge.width &&
      a.bottom < edge.height && ![...taken, ...kept].some((b) =>
        a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top);
    const ours = labels.filter(({ rank }) => rank < 5);
    const regions = ours.filter(({ kind }) => kind === "region").map((label) => dotOf(label, 80, 14));
    taken.push(...ours.filter(({ kind }) => kind === "place").map((label) => dotOf(label)));
    let towns = 8 * 2 ** (map.getZoom() - 3);          // that the area is not about
    for (const label of labels) {
      const { kind, rank } = label, name = nameOf(label, language), lines = name.split("\n");
      const thin = rank === 5 && (kind !== "place" ? map.getZoom() < (kind === "water" ? 4.2 : 4.6)
        : towns < 1 || !free(dotOf(label)));
      if (thin || done.has(kind + name)) continue;
      pen.font = `${kind === "country" ? "600 15" : "12"}px ${family}`;
      const wide = Math.max(...lines.map((line) => pen.measureText(line).width)) + 6;
      const boxAt = (spot) => around(spot, wide, 14 * lines.length);
      const fit = (kept) => {
        for (const spot of spotsOf(map, label, wide)) if (free(boxAt(spot), kept)) return spot;
      };
      // a town leaves a region its own place if it can
      const spot = (kind !== "region" && fit(regions)) || fit();
      if (!spot) continue;
      done.add(kind + name);
      taken.push(boxAt(spot));
      if (kind === "place") taken.push(dotOf(label));
      if (kind === "place" && rank === 5) towns -= 1;
      showName(label, name, spot);
    }
  }
  function showName({ kind, at, rank }, name, spot) {
    const point = kind === "place" ? L.latLng(at) : map.containerPointToLatLng(spot);
    const { x, y } = L.point(spot).subtract(map.latLngToContainerPoint(point));
    const html = document.createElement("span");
    html.textContent = name;
    html.style.transform = `translate(calc(-50% + ${x}px), calc(-50% + ${y}px))`;
    const icon = L.divIcon({ className: `name ${kind}`, html, iconSize: null });
    L.marker(point, { pane: "names", interactive: false, keyboard: false, icon }).addTo(layer);
  }
  map.on("moveend", write);
  return (next) => { language = next; write(); };
}

const around = ({ x, y }, wide, high) => new DOMRect(x - wide / 2, y - high / 2, wide, high);

function nameOf({ kind, names }, language) {
  // a Mongolian reader reads Russian names sooner than English ones
  const name = names[language] || (language === "mn" && names.ru) || names.en;
  return kind === "region" ? name.replace(/^(.{6,}?) /, "$1\n") : name;   // on two lines
}

// Where the middle of a name may stand, best first.
function* spotsOf(map, { kind, at, shape }, wide) {
  const middle = at && map.latLngToContainerPoint(at), far = wide / 2 + 5;
  if (kind === "place") {
    for (const [right, down] of [[far, 0], [-far, 0], [far, 9], [-far, 9], [far, -9],
      [-far, -9], [0, -13], [0, 13]]) yield middle.add([right, down]);
    return;
  }
  if (at) yield middle;
  const path = shape?.getElement(), long = path?.getTotalLength();   // of what is in view
  if (!long) return;
  const seen = ({ x, y }) => map.layerPointToContainerPoint([x, y]);
  if (!at) for (const tenth of [5, 4, 6, 3, 7, 2, 8, 1, 9])
    for (const side of [0, far, -far])
      yield seen(path.getPointAtLength(tenth / 10 * long)).add([side, 0]);
  else yield* inside(path).map(seen).sort((a, b) => middle.distanceTo(a) - middle.distanceTo(b));
}

// Points of a grid inside a shape.
function inside(path) {
  const { x, y, width, height } = path.getBBox(), found = [];
  for (let right = width / 30; right < width; right += width / 15)
    for (let down = height / 30; down < height; down += height / 15)
      found.push(new DOMPoint(x + right, y + down));
  return found.filter((point) => path.isPointInFill(point));
}
