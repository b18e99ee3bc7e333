// Runs inside a live map's page: slider, legend, tooltips and colours.
// Everything it shows is in `data`; no kernel and no network is asked.
// Other scripts reach it as window.courseLive: {state, set(changes), onchange}.
function startLive(map, data, basemap) {
  const words = {
    en: { year: "Year", indicator: "Indicator", language: "Language", region: "Region",
      play: "Play", pause: "Pause", none: "no data", source: "Source",
      table: "Values as a table", all: "choose or click",
      hint: "Click a region, or choose it above, to read its value and source." },
    ru: { year: "Год", indicator: "Показатель", language: "Язык", region: "Регион",
      play: "Пуск", pause: "Пауза", none: "нет данных", source: "Источник",
      table: "Значения в таблице", all: "выберите или щёлкните",
      hint: "Щёлкните регион или выберите его выше: значение и источник появятся здесь." },
    zh: { year: "年份", indicator: "指标", language: "语言", region: "地区",
      play: "播放", pause: "暂停", none: "无数据", source: "来源",
      table: "数值表", all: "选择或点击",
      hint: "点击或在上方选择一个地区，即可查看数值和来源。" },
    mn: { year: "Он", indicator: "Үзүүлэлт", language: "Хэл", region: "Бүс нутаг",
      play: "Тоглуулах", pause: "Зогсоох", none: "мэдээлэлгүй", source: "Эх сурвалж",
      table: "Утгын хүснэгт", all: "сонгох эсвэл дарах",
      hint: "Утга, эх сурвалжийг харахын тулд бүс нутгийг дарах эсвэл дээрээс сонгоно уу." },
  };
  const state = { ...data.start };
  const byId = Object.fromEntries(data.indicators.map((i) => [i.id, i]));
  const layers = {};
  const box = map.getContainer();

  const bar = document.createElement("div");
  bar.className = "live-bar";
  bar.innerHTML =
    '<label><span data-word="indicator"></span> <select id="indicator"></select></label>' +
    '<label class="wide"><span data-word="year"></span> <input id="year" type="range" min="0" step="1">' +
    ' <output id="shown" for="year"></output></label>' +
    '<button id="play" type="button"></button>' +
    '<label><span data-word="region"></span> <select id="region"></select></label>' +
    '<label><span data-word="language"></span> <select id="language"></select></label>' +
    '<div id="legend"></div><div id="readout" role="status"></div>';
  box.before(bar);
  const table = document.createElement("details");
  table.className = "live-table";
  table.innerHTML = '<summary data-word="table"></summary><table></table>';
  box.after(table);
  const defs = document.createElement("div");
  defs.innerHTML =
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>' +
    '<pattern id="nodata" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<rect width="7" height="7" fill="#f2f2f2"/><rect width="2" height="7" fill="#b5b5b5"/></pattern></defs></svg>';
  document.body.append(defs);
  const part = (id) => document.getElementById(id);

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

  const indicator = () => byId[state.indicator];
  const name = (id) => {
    const all = layers[id].feature.properties;
    return all["name_" + state.language] || all.name_en || id;
  };
  const place = () => indicator().years.indexOf(state.year);
  const value = (id) => indicator().values[id]?.[place()] ?? null;
  const text = (thing) => thing[state.language] || thing.en;
  const number = (v) => v.toLocaleString(state.language === "mn" ? "en" : state.language,
    { maximumFractionDigits: Math.abs(v) < 10 ? 2 : Math.abs(v) < 1000 ? 1 : 0 });

  function colour(v) {
    if (v === null) return "url(#nodata)";
    const { bins, colours } = indicator();
    let k = 0;
    while (k < bins.length && v >= bins[k]) k++;
    return colours[k];
  }
  function sentence(id) {
    const v = value(id), w = words[state.language];
    const body = document.createElement("div");
    const head = document.createElement("b");
    head.textContent = `${name(id)}, ${state.year}: `;
    body.append(head, v === null ? w.none : `${number(v)} ${text(indicator().unit)}`);
    if (v !== null) {
      const source = document.createElement("div");
      const index = indicator().sources[id]?.[place()];
      if (index != null) source.textContent = `${w.source}: ${data.sources[index]}`;
      body.append(source);
    }
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
    part("readout").replaceChildren(
      state.selected ? sentence(state.selected) : words[state.language].hint);
    if (table.open) fillTable();
  }
  function fillTable() {
    const ids = Object.keys(layers).sort((a, b) => (value(b) ?? -1e99) - (value(a) ?? -1e99));
    const rows = ids.map((id) => {
      const row = document.createElement("tr");
      for (const cell of [name(id), value(id) === null ? words[state.language].none : number(value(id))])
        row.append(Object.assign(document.createElement("td"), { textContent: cell }));
      return row;
    });
    table.querySelector("table").replaceChildren(...rows);
  }
  function mark() {
    for (const [id, layer] of Object.entries(layers)) {
      const chosen = id === state.selected;
      layer.setStyle({ weight: chosen ? 3.5 : 1, color: chosen ? "#b3261e" : "#55514a" });
      if (chosen) layer.bringToFront();
    }
    part("region").value = state.selected || "";
  }
  function options(select, pairs, chosen) {
    select.replaceChildren(...pairs.map(([v, t]) => new Option(t, v, false, v === chosen)));
  }
  function write() {           // everything that depends on language or indicator
    const w = words[state.language], now = indicator();
    document.documentElement.lang = state.language;
    for (const spot of document.querySelectorAll("[data-word]")) spot.textContent = w[spot.dataset.word];
    options(part("indicator"), data.indicators.map((i) => [i.id, text(i.label)]), state.indicator);
    options(part("language"), Object.entries(data.languages), state.language);
    const regions = Object.keys(layers).map((id) => [id, name(id)]).sort((a, b) => a[1].localeCompare(b[1], state.language));
    options(part("region"), [["", w.all], ...regions], state.selected || "");
    part("play").textContent = timer ? `⏸ ${w.pause}` : `▶ ${w.play}`;
    part("year").max = now.years.length - 1;
    const edges = now.bins, items = [];
    now.colours.forEach((c, k) => {
      const words = k === 0 ? `< ${number(edges[0] ?? 0)}` : k === edges.length ? `≥ ${number(edges[k - 1])}` : `${number(edges[k - 1])}–${number(edges[k])}`;
      items.push([c, edges.length ? words : ""]);
    });
    const legend = part("legend");
    legend.replaceChildren(Object.assign(document.createElement("b"), { textContent: text(now.unit) }));
    for (const [fill, label] of [...items, ["nodata", w.none]]) {
      const item = document.createElement("span");
      const swatch = document.createElement("i");
      if (fill === "nodata") swatch.className = "nodata"; else swatch.style.background = fill;
      item.append(swatch, label);
      legend.append(item);
    }
    basemap.setLanguage(state.language);
  }

  function set(changes) {
    const before = { ...state };
    Object.assign(state, changes);
    if (!byId[state.indicator]) state.indicator = before.indicator;
    const years = indicator().years;
    if (!years.includes(state.year)) {   // the new indicator lacks this year
      state.year = years.filter((y) => y <= state.year).pop() ?? years[0];
    }
    if (!words[state.language]) state.language = before.language;
    if (state.selected && !layers[state.selected]) state.selected = before.selected;
    const changed = Object.keys(state).filter((k) => state[k] !== before[k]);
    if (!changed.length) return;
    if (changed.includes("indicator") || changed.includes("language")) write();
    if (changed.includes("selected")) mark();
    paint();
    if (window.courseLive.onchange)
      window.courseLive.onchange(Object.fromEntries(changed.map((k) => [k, state[k]])));
  }

  let timer = null;
  function play() {
    if (timer) { clearInterval(timer); timer = null; } else {
      const years = indicator().years;
      if (state.year === years[years.length - 1]) set({ year: years[0] });
      timer = setInterval(() => {
        const next = indicator().years[place() + 1];
        if (next === undefined) play(); else set({ year: next });
      }, 700);
    }
    write();
  }

  part("year").addEventListener("input", (e) => set({ year: indicator().years[e.target.value] }));
  part("play").addEventListener("click", play);
  part("indicator").addEventListener("change", (e) => set({ indicator: e.target.value }));
  part("language").addEventListener("change", (e) => set({ language: e.target.value }));
  part("region").addEventListener("change", (e) => set({ selected: e.target.value }));
  table.addEventListener("toggle", tell);

  window.courseLive = { state, set, onchange: null };
  write();
  mark();
  paint();
  // a page drawn out of sight has no size yet: fit the view once it has one
  const fit = () => {
    map.invalidateSize({ pan: false });
    const size = map.getSize();
    if (!size.x || !size.y) return false;
    map.fitBounds(data.bounds);
    return true;
  };
  if (!fit()) {
    const waiting = new ResizeObserver(() => fit() && waiting.disconnect());
    waiting.observe(map.getContainer());
  }
  if (window.frameElement) window.frameElement.dispatchEvent(new Event("course-live"));
}
