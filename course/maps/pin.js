// folium.Icon needs Leaflet.awesome-markers, which no package carries: a plain pin in the
// icon's colour takes its place.
L.AwesomeMarkers = { icon({ markerColor = "#2a81cb" } = {}) {
  const named = { lightred: "#ff8e7f", beige: "#ffcb92", darkpurple: "#5b396b",
    cadetblue: "#436978", lightgray: "#a3a3a3" };
  const shape = "M13 37C9 26 1 20 1 12a12 12 0 0 1 24 0c0 8-8 14-12 25z";
  return L.divIcon({ className: "course-pin", iconSize: [26, 38],
    iconAnchor: [13, 38], popupAnchor: [0, -34], tooltipAnchor: [12, -24],
    html: `<svg viewBox="0 0 26 38" width="26" height="38"><path d="${shape}"
      fill="${named[markerColor] || markerColor}" stroke="#fff" stroke-width="1.5"/>
      <circle cx="13" cy="12.500" r="4.500" fill="#fff"/></svg>` });
} };
