// Runs inside a live map's page: slider, legend, tooltip and colours; no kernel and no
// network is asked. What may be shown is decided in Python and stands in `data`: `choices`
// lists what each part of the state may be, `shown` of an indicator the year on the screen
// for each year of `choices`. Other scripts reach this as window.courseLive:
// {state, set(wishes), choices, onchange}.
function startLive(map, start, data) {
  const basemap = window.courseBasemap;
  const { nonce, ...state } = start;
  const byId = Object.fromEntries(data.indicators.map((i) => [i.id, i]));
  const layers = {};
  let lacking = null;   // a year that was wished for and that the indicator lacks
  let pointed = null;   // {id, at}: the region with the tooltip, and where, in pixels
  const box = map.getContainer();
  box.insertAdjacentHTML("beforebegin", `<div class="live-bar">
    <h2 id="title"></h2>
    <div class="line controls">
      <label><span data-word="indicator"></span> <select id="indicator"></select></label>
      <label class="wide"><span data-word="year"></span>
        <input id="year" type="range" min="0" step="1"> <output id="shown" for="year"></output>
      </label>
      <button id="play" type="button"></button>
      <label><span data-word="region"></span> <select id="selected"></select></label>
    </div>
    <div id="legend" role="img"></div>
    <div class="line">
      <div id="readout" role="status"></div>
      <label class="controls"><span data-word="language"></span>
        <select id="language"></select></label>
      <button id="open" class="controls" type="button" data-word="table"
        aria-controls="table" aria-expanded="false"></button>
    </div></div>`);
  box.insertAdjacentHTML("beforeend", `
    <div id="table" class="live-table" role="region" tabindex="0" hidden></div>
    <div id="tip" class="live-tip" aria-hidden="true" hidden></div>`);
  box.insertAdjacentHTML("afterend", `
    <svg width="0" height="0" style="position:absolute" aria-hidden="true">
      <pattern id="nodata" width="7" height="7" patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"><rect width="7" height="7" fill="#f2f2f2"/>
        <rect width="2" height="7" fill="#999"/></pattern></svg>`);
  const part = (id) => document.getElementById(id);
  const [table, tip] = [part("table"), part("tip")];
  L.DomEvent.disableClickPropagation(table).disableScrollPropagation(table);

  const features = data.regions.map((properties) => ({
    type: "Feature", properties, geometry: unpackShape(basemap.regions[properties.region_id]),
  }));
  L.geoJSON(features, {
    style: { weight: 1, color: "#55514a", fillOpacity: 0.85 },
    onEachFeature(feature, layer) {
      const id = feature.properties.region_id;
      layers[id] = layer;
      layer.on("click", () => set({ selected: id }));
      layer.on("mouseover mousemove", (event) => showTip({ id, at: event.containerPoint }));
      layer.on("mouseout", () => showTip(null));
    },
  }).addTo(map);
  // drawn above the regions: one brought to the front would lose the focus of the keyboard
  const outline = (style) =>
    L.geoJSON(null, { interactive: false, style: { fill: false, ...style } }).addTo(map);
  const chosen = outline({ color: "#b3261e", weight: 3.5 });
  const focused = outline({ color: "#000", weight: 3, dashArray: "6 4", className: "focused" });

  const path = (id) => layers[id].getElement();
  const middle = (id) => layers[id].getBounds().getCenter();
  const order = Object.keys(layers).sort((a, b) => middle(a).lng - middle(b).lng);
  const word = (id) => data.words[state.language][id];
  const text = (thing) => thing[state.language] || thing.en;
  const indicator = () => byId[state.indicator];
  const place = () => indicator().years.indexOf(state.year);
  const value = (id) => indicator().values[id]?.[place()] ?? null;
  const known = () => order.filter((id) => value(id) !== null);
  const rank = (id) => 1 + known().filter((other) => value(other) > value(id)).length;
  const source = (id) => data.sources[indicator().sources[id]?.[place()]];
  const join = (...words) => words.filter((w) => w !== undefined && w !== "").join(" · ");
  const title = () => join(text(indicator().label), text(indicator().unit), state.year);
  const name = (id) => {
    const all = layers[id].feature.properties;
    return all["name_" + state.language] || all.name_en || id;
  };

  const formats = {};           // to make one takes longer than to paint the map
  function written(v, usual) {
    // a browser without Mongolian would take the language of its own menus
    const locale = state.language === "mn" ? "en" : state.language;
    const size = Math.abs(v), odd = size >= 1e15 || (v !== 0 && size < 1e-4);
    const options = odd ? { notation: "scientific", maximumSignificantDigits: 3 } : usual;
    const key = locale + JSON.stringify(options);
    return (formats[key] ??= new Intl.NumberFormat(locale, options)).format(v);
  }
  function number(v) {
    const size = Math.abs(v);
    if (size < 0.1) return written(v, { maximumSignificantDigits: 2 });
    return written(v, { maximumFractionDigits: size < 10 ? 2 : size < 1000 ? 1 : 0 });
  }
  const said = (id) => value(id) === null ? word("none")
    : text(indicator().reads).replace("{value}", () => number(value(id)));

  function colour(v) {
    const { bins, colours } = indicator();
    return v === null ? "url(#nodata)" : colours[bins.filter((edge) => v >= edge).length];
  }
  const make = (tag, textContent) =>
    Object.assign(document.createElement(tag), { textContent });
  function put(id, words) {     // what is cut on the screen can be read by pointing at it
    if (part(id).textContent !== words) part(id).textContent = part(id).title = words;
  }

  function paint() {
    for (const [id, layer] of Object.entries(layers)) {
      const fill = colour(value(id));
      if (layer.options.fillColor !== fill) layer.setStyle({ fillColor: fill });
      path(id).setAttribute("aria-label", `${name(id)}: ${said(id)}`);
    }
    part("year").value = place();
    part("year").setAttribute("aria-valuetext", state.year);
    part("shown").value = state.year;
    put("title", title());
    tell();
  }
  function tell() {
    const id = state.selected, words = [];
    if (lacking !== null)
      words.push(word("lacks").replace("{year}", lacking).replace("{shown}", state.year));
    if (id) words.push(name(id), state.year, said(id));
    if (id && value(id) !== null) {
      words.push(`${word("rank")} ${rank(id)}/${known().length}`);
      if (source(id)) words.push(`${word("source")}: ${source(id).title}`);
    }
    part("readout").className = words.length ? "" : "hint";
    put("readout", join(...words) || word("hint"));
    if (!table.hidden) fillTable();
    showTip();
  }
  function fillTable() {
    const row = (tag, ...cells) => {
      const made = make("tr", "");
      made.append(...cells.map((cell) => make(tag, cell)));
      return made;
    };
    const ids = [...order].sort((a, b) => (value(b) ?? -Infinity) - (value(a) ?? -Infinity));
    const { unit, label } = indicator(), grid = make("table", "");
    grid.append(make("caption", title()),
      row("th", word("rank"), word("region"), text(unit) || text(label)),
      ...ids.map((id) => value(id) === null ? row("td", "", name(id), word("none"))
        : row("td", rank(id), name(id), number(value(id)))));
    table.replaceChildren(grid);
  }
  function openTable(wanted) {
    table.hidden = !wanted;
    part("open").setAttribute("aria-expanded", wanted);
    tell();
    (wanted ? table : part("open")).focus();
  }
  function showTip(spot = pointed) {   // beside the pointer, and always inside the map
    pointed = spot;
    tip.hidden = !spot;
    if (!spot) return;
    const { id, at } = spot, room = map.getSize();
    const from = value(id) === null ? "" : source(id)?.publisher;
    tip.replaceChildren(make("b", name(id)), make("span", said(id)),
      make("small", join(state.year, from)));
    const left = at.x + 14 + tip.offsetWidth > room.x ? at.x - 14 - tip.offsetWidth : at.x + 14;
    const top = Math.min(at.y - tip.offsetHeight / 2, room.y - tip.offsetHeight);
    tip.style.transform = `translate(${Math.max(left, 0)}px, ${Math.max(top, 0)}px)`;
  }
  function mark() {
    chosen.clearLayers();
    if (state.selected) chosen.addData(layers[state.selected].feature);
    for (const id of order) path(id).setAttribute("aria-current", id === state.selected);
    part("selected").value = state.selected;
  }
  function write() {           // everything that depends on language or indicator
    const now = indicator();
    document.documentElement.lang = state.language;
    for (const spot of document.querySelectorAll("[data-word]"))
      spot.textContent = word(spot.dataset.word);
    const options = (id, pairs) => part(id).replaceChildren(
      ...pairs.map(([v, t]) => new Option(t, v, false, v === state[id])));
    options("indicator", data.indicators.map((i) => [i.id, text(i.label)]));
    options("language", data.choices.language.map((l) => [l, data.words[l].language_name]));
    const regions = Object.keys(layers).map((id) => [id, name(id)])
      .sort((a, b) => a[1].localeCompare(b[1], state.language));
    options("selected", [["", word("all")], ...regions]);
    sayPlay();
    part("year").max = now.years.length - 1;
    table.setAttribute("aria-label", word("table"));
    // fifteen digits: limits of classes that lie close together still look different
    const limits = now.bins.map((edge) => written(edge, { maximumSignificantDigits: 15 }));
    const ranges = limits.map((limit, k) => `${limit}–${limits[k + 1]}`);
    ranges.splice(-1, 1, `≥ ${limits.at(-1)}`);
    part("legend").setAttribute("aria-label", join(`< ${limits[0]}`, ...ranges, word("none")));
    const below = (k) => k && now.bins[k - 1] === now.center ? `<b>${limits[k - 1]}</b>`
      : `<span>${limits[k - 1] ?? ""}</span>`;
    part("legend").innerHTML = now.colours.map((fill, k) =>
      `<span><i style="--fill: ${fill}"></i>${below(k)}</span>`).join("") +
      `<span><i class="nodata"></i><span>${word("none")}</span></span>`;
    basemap.setLanguage(state.language);
  }

  function set(wishes) {
    const before = { ...state };
    for (const key of Object.keys(state))
      if (data.choices[key].includes(wishes[key])) state[key] = wishes[key];
    const asked = state.year;
    state.year = indicator().shown[data.choices.year.indexOf(asked)];
    const changed = (...keys) => keys.some((key) => state[key] !== before[key]);
    if (asked !== state.year) lacking = asked;
    else if (changed("year", "indicator")) lacking = null;
    if (changed("indicator", "language")) write();
    if (changed("selected")) mark();
    paint();
    // who wished for something else hears what came of it
    const told = Object.entries(state).filter(([k, now]) =>
      now !== before[k] || (k in wishes && now !== wishes[k]));
    if (told.length) window.courseLive.onchange?.(Object.fromEntries(told));
  }

  let timer = null;
  function sayPlay() {
    part("play").textContent = timer ? `⏸ ${word("pause")}` : `▶ ${word("play")}`;
    part("readout").ariaLive = timer ? "off" : "polite";  // nobody wants each year read out
  }
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

  // Tab comes to one region; from there arrow keys lead on, from west to east and around
  function arrive(id) {
    for (const other of order) path(other).tabIndex = other === id ? 0 : -1;
    if (!path(id).matches(":focus-visible")) return;  // it was a click
    focused.addData(layers[id].feature);
    if (!map.getBounds().contains(middle(id))) map.panTo(middle(id), { animate: false });
    showTip({ id, at: map.latLngToContainerPoint(middle(id)) });
  }
  function press(event, id) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) path(order.at((order.indexOf(id) + step) % order.length)).focus();
    else if (event.key === "Enter" || event.key === " ") set({ selected: id });
    else return;
    event.preventDefault();
  }
  for (const id of order) {
    path(id).setAttribute("role", "button");
    path(id).tabIndex = id === order[0] ? 0 : -1;
    path(id).addEventListener("keydown", (event) => press(event, id));
    path(id).addEventListener("focus", () => arrive(id));
    path(id).addEventListener("blur", () => { focused.clearLayers(); showTip(null); });
  }
  map.on("movestart zoomstart", () => showTip(null));   // another region may lie there now

  part("year").addEventListener("input",
    (event) => set({ year: indicator().years[event.target.value] }));
  part("play").addEventListener("click", play);
  for (const key of ["indicator", "language", "selected"])
    part(key).addEventListener("change", (e) => set({ [key]: e.target.value }));
  part("open").addEventListener("click", () => openTable(table.hidden));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    showTip(null);
    if (!table.hidden) openTable(false);
  });
  part("indicator").parentElement.hidden = data.indicators.length < 2;

  window.courseLive = { state, set, choices: data.choices, onchange: null };
  write();
  mark();
  paint();
  if (nonce) linkLive(nonce);
}
