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
    shape: item.kind === "region" ? regions[ids.indexOf(item.id)] : rivers[item.id] }));
  const names = showNames(map, items.sort((a, b) => a.rank - b.rank));
  function setLanguage(next) {
    language = next;
    map.attributionControl.setPrefix(`Leaflet | ${page.notes[language]}`);
    window.coursePage.setLanguage(language);
    names(language);
  }
  setTimeout(() => setLanguage(language));  // when all controls are there: names keep off them
  const { region_polygons, countries } = shapes;
  window.courseBasemap = { regions: region_polygons, countries, setLanguage };
}
