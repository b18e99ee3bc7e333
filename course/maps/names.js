// Writes names, the most important first, each where it keeps off the others, off the dots of
// towns and off the controls. Boxes are in pixels of the map; rank 5 is what the area is not
// about. Returns the function that changes the language.
function showNames(map, labels) {
  map.createPane("names").style.zIndex = 450;
  map.getPane("names").style.pointerEvents = "none";
  const layer = L.layerGroup().addTo(map), box = map.getContainer();
  const pen = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(box).fontFamily;
  const boxOf = ({ x, y }, wide, high) => new DOMRect(x - wide / 2, y - high / 2, wide, high);
  const pixel = (at) => map.latLngToContainerPoint(at), dotOf = ({ at }) => boxOf(pixel(at), 4, 4);
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
    const ours = (wanted) => labels.filter(({ kind, rank }) => kind === wanted && rank < 5);
    const regions = ours("region").map(({ at }) => boxOf(pixel(at), 80, 14));
    taken.push(...ours("place").map(dotOf));
    const zoom = map.getZoom();
    let towns = 8 * 2 ** (zoom - 3);                   // that the area is not about
    for (const label of labels) {
      const { kind, rank } = label, name = nameOf(label, language), lines = name.split("\n");
      const hidden = { place: () => towns < 1 || !free(dotOf(label)), water: () => zoom < 4.2,
        region: () => zoom < 4.6 };
      if (done.has(kind + name) || (rank === 5 && hidden[kind]())) continue;
      pen.font = `${kind === "country" ? "600 15" : "12"}px ${family}`;
      const wide = Math.max(...lines.map((line) => pen.measureText(line).width)) + 6;
      const boxAt = (spot) => boxOf(spot, wide, 14 * lines.length);
      const fit = (kept) => {
        for (const spot of spotsOf(map, label, wide)) if (free(boxAt(spot), kept)) return spot;
      };
      // others leave a region of the area its own place if they can
      const spot = (kind !== "region" && fit(regions)) || fit();
      if (!spot) continue;
      done.add(kind + name);
      taken.push(boxAt(spot));
      if (kind === "place" && rank === 5) {
        taken.push(dotOf(label));
        towns -= 1;
      }
      showName(label, name, spot);
    }
  }
  function showName({ kind, at }, name, spot) {
    const point = kind === "place" ? L.latLng(at) : map.containerPointToLatLng(spot);
    const { x, y } = spot.subtract(pixel(point));
    const html = document.createElement("span");
    html.textContent = name;
    html.style.transform = `translate(calc(-50% + ${x}px), calc(-50% + ${y}px))`;
    const icon = L.divIcon({ className: `name ${kind}`, html, iconSize: null });
    L.marker(point, { pane: "names", interactive: false, keyboard: false, icon }).addTo(layer);
  }
  map.on("moveend", write);
  return (next) => { language = next; write(); };
}

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
  else yield* inside(path, map.latLngToLayerPoint(at)).map(seen);
}

// Points of a grid inside the largest part of a shape, those near its middle first.
function inside(path, middle) {
  const parts = path.getAttribute("d").split(/(?=M)/).sort((a, b) => b.length - a.length);
  const pen = document.createElement("canvas").getContext("2d"), part = new Path2D(parts[0]);
  const { x, y, width, height } = path.getBBox(), found = [];
  for (let right = width / 30; right < width; right += width / 15)
    for (let down = height / 30; down < height; down += height / 15)
      if (pen.isPointInPath(part, x + right, y + down)) found.push(L.point(x + right, y + down));
  return found.sort((a, b) => middle.distanceTo(a) - middle.distanceTo(b));
}
