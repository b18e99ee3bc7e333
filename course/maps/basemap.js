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
// page: {language, notes, alt, regions: ids of the area's, ranks of the labels (see atlas.py)}
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
    shape: item.kind === "region" && regions[ids.indexOf(item.id)],
    line: item.kind === "water" && rivers[item.id] }));
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

// Names that thin out with zoom and keep off each other and off the controls; `items` are
// sorted, the most important first. Returns the function that writes them in a language.
function showNames(map, items) {
  map.createPane("names").style.zIndex = 450;
  map.getPane("names").style.pointerEvents = "none";
  const names = L.layerGroup().addTo(map), box = map.getContainer();
  const pen = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(box).fontFamily;
  const least = { country: 0, water: 4.2, region: 4.6, place: 0 };   // zoom, if of no area
  let language = "en";

  function linesOf({ kind, names }) {    // a long name of a region takes two lines
    // a Mongolian reader reads Russian names sooner than English ones
    const name = names[language] || (language === "mn" && names.ru) || names.en;
    const gaps = [...name.matchAll(/ /g)].map((gap) => gap.index);
    const far = (gap) => Math.abs(gap - name.length / 2);
    const gap = gaps.sort((a, b) => far(a) - far(b))[0];
    if (kind !== "region" || name.length < 14 || !gap) return [name];
    return [name.slice(0, gap), name.slice(gap + 1)];
  }
  function sizeOf(lines, kind) {
    pen.font = `${kind === "country" ? "600 15" : "12"}px ${family}`;
    const wide = Math.max(...lines.map((text) => pen.measureText(text).width));
    return [wide + 6, 14 * lines.length];
  }
  // where a name may stand, best first: [point of the map, shift of its middle in pixels]
  function* spotsOf({ kind, at, line, shape, size }) {
    const far = size[0] / 2 + 5;
    if (kind === "place") {
      for (const side of [far, -far]) yield [at, [side, 0]];
      for (const high of [9, -9]) for (const side of [far, -far]) yield [at, [side, high]];
      for (const high of [-13, 13]) yield [at, [0, high]];
    } else if (line) {                   // along what is in view of it, on both sides
      const view = map.getBounds();
      const points = line.getLatLngs().flat().filter((point) => view.contains(point));
      for (const part of points.length ? [5, 4, 6, 3, 7, 2, 8, 1, 9] : [])
        for (const side of [0, far, -far])
          yield [points[Math.floor(part / 10 * points.length)], [side, 0]];
    } else {
      yield [at, [0, 0]];
      if (shape) for (const point of inside(shape, at)) yield [point, [0, 0]];
    }
  }
  // points of a grid inside a shape's largest part, those near its own label point first
  function inside(shape, at) {
    if (!map.getBounds().intersects(shape.getBounds())) return [];
    const pixels = (p) => map.latLngToContainerPoint(p), frame = map.getSize(), found = [];
    const parts = shape.getLatLngs().map((part) => (L.LineUtil.isFlat(part) ? part : part[0]));
    const ring = parts.sort((a, b) => b.length - a.length)[0].map(pixels);
    const { min, max } = L.bounds(ring);
    const [left, right] = [Math.max(min.x, 0), Math.min(max.x, frame.x)];
    const [top, bottom] = [Math.max(min.y, 0), Math.min(max.y, frame.y)];
    const step = Math.max(7, (right - left) / 15, (bottom - top) / 15);
    for (let y = top + step / 2; y < bottom; y += step) {
      const ends = [];                   // where the ring crosses this height
      for (let k = 0, b = ring.at(-1); k < ring.length; b = ring[k++]) {
        const a = ring[k];
        if ((a.y > y) !== (b.y > y)) ends.push((b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x);
      }
      for (let x = left + step / 2; x < right; x += step)
        if (ends.filter((end) => end > x).length % 2) found.push(L.point(x, y));
    }
    const near = pixels(at), far = (point) => point.distanceTo(near);
    return found.sort((a, b) => far(a) - far(b)).map((p) => map.containerPointToLatLng(p));
  }
  function fits({ shape, lines }, zoom) {   // a region of the area that is not all too narrow
    if (!shape) return true;
    const corners = shape.getBounds(), degrees = corners.getEast() - corners.getWest();
    return degrees / 360 * 256 * 2 ** zoom > 2 * Math.max(...lines.map((text) => text.length));
  }

  function write() {
    names.clearLayers();
    const zoom = map.getZoom(), frame = map.getSize(), edge = box.getBoundingClientRect();
    const taken = [...box.querySelectorAll(".leaflet-control")].map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return [left - edge.left, top - edge.top, right - edge.left, bottom - edge.top];
    });
    const boxOf = (point, [right, down], [wide, high]) => {
      const { x, y } = map.latLngToContainerPoint(point).add([right, down]);
      return [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
    };
    const free = (a, others) => a[0] > 0 && a[1] > 0 && a[2] < frame.x && a[3] < frame.y &&
      !others.some((b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1]);
    const dotOf = ({ at }) => boxOf(at, [0, 0], [4, 4]);
    const place = ({ kind }) => kind === "place";

    const wanted = items.filter(({ kind, rank }) => rank < 5 || zoom >= least[kind])
      .map((item) => ({ ...item, lines: linesOf(item) })).filter((item) => fits(item, zoom));
    for (const item of wanted) item.size = sizeOf(item.lines, item.kind);
    const ours = wanted.filter((item) => item.rank < 5);
    const dots = ours.filter(place).map(dotOf);              // no name covers them
    const wishes = ours.filter(({ shape }) => shape)
      .map(({ at, size }) => boxOf(at, [0, 0], size));
    const done = new Set();
    let others = 8 * 2 ** (zoom - 3);                        // towns of less importance
    for (const item of wanted) {
      const id = item.kind + item.lines;
      if (done.has(id) || (place(item) && !free(dotOf(item), taken))) continue;
      if (place(item) && item.rank === 5 && others < 1) continue;
      const fit = (kept) => {
        for (const spot of spotsOf(item))
          if (free(boxOf(...spot, item.size), [...taken, ...dots, ...kept])) return spot;
      };
      // a town has eight places around it, and leaves a region its own if it can
      const spot = (place(item) && fit(wishes)) || fit([]);
      if (!spot) continue;
      done.add(id);
      taken.push(boxOf(...spot, item.size));
      if (place(item)) dots.push(dotOf(item));
      if (place(item) && item.rank === 5) others -= 1;
      show(item, ...spot);
    }
  }
  function show({ kind, rank, lines }, point, [right, down]) {
    const html = document.createElement("span");
    html.textContent = lines.join("\n");
    html.style.transform = `translate(calc(-50% + ${right}px), calc(-50% + ${down}px))`;
    const className = `name ${kind}${rank < 5 ? " first" : ""}`;
    L.marker(point, { pane: "names", interactive: false, keyboard: false,
      icon: L.divIcon({ className, html, iconSize: null }) }).addTo(names);
  }
  map.on("moveend resize", write);
  return (next) => { language = next; write(); };
}
