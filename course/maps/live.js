// Runs inside a live map's page: slider, legend, tooltips and colours; no kernel and no
// network is asked. What may be shown is decided in Python and stands in `data`: `choices`
// lists what each part of the state may be, `shown` of an indicator the year on the screen
// for each year of `choices`. Other scripts reach this as window.courseLive:
// {state, set(wishes), choices, onchange}.
function startLive(map, start, data) {
  const basemap = window.courseBasemap;
  const state = { ...start };
  const byId = Object.fromEntries(data.indicators.map((i) => [i.id, i]));
  const layers = {};
  const box = map.getContainer();
  box.insertAdjacentHTML("beforebegin", '<div class="live-bar">' +
    '<label><span data-word="indicator"></span> <select id="indicator"></select></label>' +
    '<label class="wide"><span data-word="year"></span>' +
    ' <input id="year" type="range" min="0" step="1"> <output id="shown" for="year"></output></label>' +
    '<button id="play" type="button"></button>' +
    '<label><span data-word="region"></span> <select id="selected"></select></label>' +
    '<label><span data-word="language"></span> <select id="language"></select></label>' +
    '<div id="legend"></div><div id="readout" role="status"></div></div>');
  box.insertAdjacentHTML("afterend",
    '<details id="table" class="live-table"><summary data-word="table"></summary><table></table></details>' +
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>' +
    '<pattern id="nodata" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<rect width="7" height="7" fill="#f2f2f2"/><rect width="2" height="7" fill="#b5b5b5"/></pattern></defs></svg>');
  const part = (id) => document.getElementById(id);
  const table = part("table");

  const features = data.regions.map((properties) => ({
    type: "Feature", properties, geometry: unpackShape(basemap.regions[properties.region_id]),
  }));
  L.geoJSON(features, {
    style: { weight: 1, color: "#55514a", fillOpacity: 0.85 },
    onEachFeature(feature, layer) {
      const id = feature.properties.region_id;
      layers[id] = layer;
      layer.bindTooltip(() => sentence(id), { sticky: true, className: "live-tip" });
      layer.on("click", () => set({ selected: id }));
    },
  }).addTo(map);

  const word = (id) => data.words[state.language][id];
  const text = (thing) => thing[state.language] || thing.en;
  const indicator = () => byId[state.indicator];
  const place = () => indicator().years.indexOf(state.year);
  const value = (id) => indicator().values[id]?.[place()] ?? null;
  const name = (id) => {
    const all = layers[id].feature.properties;
    return all["name_" + state.language] || all.name_en || id;
  };
  const number = (v) => v.toLocaleString(state.language === "mn" ? "en" : state.language,
    { maximumFractionDigits: Math.abs(v) < 10 ? 2 : Math.abs(v) < 1000 ? 1 : 0 });

  function colour(v) {
    const { bins, colours } = indicator();
    return v === null ? "url(#nodata)" : colours[bins.filter((edge) => v >= edge).length];
  }
  const make = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
  function sentence(id) {
    const v = value(id), source = data.sources[indicator().sources[id]?.[place()]];
    const body = make("div", "");
    body.append(make("b", `${name(id)}, ${state.year}: `),
      v === null ? word("none") : `${number(v)} ${text(indicator().unit)}`);
    if (v !== null && source) body.append(make("div", `${word("source")}: ${source}`));
    return body;
  }

  function paint() {
    for (const [id, layer] of Object.entries(layers)) {
      const fill = colour(value(id));
      if (layer.options.fillColor !== fill) layer.setStyle({ fillColor: fill });
    }
    part("year").value = place();
    part("year").setAttribute("aria-valuetext", state.year);
    part("shown").value = state.year;
    tell();
  }
  function tell() {
    part("readout").replaceChildren(state.selected ? sentence(state.selected) : word("hint"));
    if (table.open) fillTable();
  }
  function fillTable() {
    const ids = Object.keys(layers).sort((a, b) => (value(b) ?? -Infinity) - (value(a) ?? -Infinity));
    table.querySelector("table").replaceChildren(...ids.map((id) => {
      const row = document.createElement("tr");
      for (const cell of [name(id), value(id) === null ? word("none") : number(value(id))])
        row.insertCell().textContent = cell;
      return row;
    }));
  }
  function mark() {
    for (const [id, layer] of Object.entries(layers)) {
      const chosen = id === state.selected;
      layer.setStyle({ weight: chosen ? 3.5 : 1, color: chosen ? "#b3261e" : "#55514a" });
      if (chosen) layer.bringToFront();
    }
    part("selected").value = state.selected;
  }
  function write() {           // everything that depends on language or indicator
    const now = indicator();
    document.documentElement.lang = state.language;
    for (const spot of document.querySelectorAll("[data-word]")) spot.textContent = word(spot.dataset.word);
    const options = (id, pairs) => part(id).replaceChildren(
      ...pairs.map(([v, t]) => new Option(t, v, false, v === state[id])));
    options("indicator", data.indicators.map((i) => [i.id, text(i.label)]));
    options("language", data.choices.language.map((l) => [l, data.words[l].language_name]));
    const regions = Object.keys(layers).map((id) => [id, name(id)])
      .sort((a, b) => a[1].localeCompare(b[1], state.language));
    options("selected", [["", word("all")], ...regions]);
    sayPlay();
    part("year").max = now.years.length - 1;
    const classes = now.colours.map((c, k) => {
      const [low, high] = [now.bins[k - 1], now.bins[k]].map((edge) => edge === undefined ? "" : number(edge));
      return [c, low && high ? `${low}–${high}` : low ? `≥ ${low}` : high ? `< ${high}` : ""];
    });
    part("legend").replaceChildren(make("b", text(now.unit)));
    for (const [fill, label] of [...classes, [null, word("none")]]) {
      const item = make("span", ""), swatch = make("i", "");
      if (fill) swatch.style.background = fill; else swatch.className = "nodata";
      item.append(swatch, label);
      part("legend").append(item);
    }
    basemap.setLanguage(state.language);
  }

  function set(wishes) {
    const before = { ...state };
    for (const key of Object.keys(state))
      if (data.choices[key].includes(wishes[key])) state[key] = wishes[key];
    state.year = indicator().shown[data.choices.year.indexOf(state.year)];
    const changed = Object.keys(state).filter((k) => state[k] !== before[k]);
    if (changed.includes("indicator") || changed.includes("language")) write();
    if (changed.includes("selected")) mark();
    if (changed.length) paint();
    // who wished for something else hears what came of it
    const news = Object.keys(state).filter((k) => state[k] !== (k in wishes ? wishes[k] : before[k]));
    const told = new Set([...changed, ...news]);
    if (told.size) window.courseLive.onchange?.(Object.fromEntries([...told].map((k) => [k, state[k]])));
  }

  let timer = null;
  const sayPlay = () => { part("play").textContent = timer ? `⏸ ${word("pause")}` : `▶ ${word("play")}`; };
  function play() {
    const years = indicator().years;
    if (timer) timer = clearInterval(timer); else {
      if (state.year === years.at(-1)) set({ year: years[0] });
      timer = setInterval(() => {
        const next = indicator().years[place() + 1];
        if (next === undefined) play(); else set({ year: next });
      }, 700);
    }
    sayPlay();
  }

  part("year").addEventListener("input", (e) => set({ year: indicator().years[e.target.value] }));
  part("play").addEventListener("click", play);
  for (const key of ["indicator", "language", "selected"])
    part(key).addEventListener("change", (e) => set({ [key]: e.target.value }));
  table.addEventListener("toggle", tell);

  window.courseLive = { state, set, choices: data.choices, onchange: null };
  write();
  mark();
  paint();
  if (window.frameElement) window.frameElement.dispatchEvent(new Event("course-live"));
}
