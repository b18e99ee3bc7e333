"""What the columns of the tables on transport and zones mean."""

from tests.derive.common import SOURCE_KEYS, TAIL, field, key, resource, text, value_kind

_MODES = ["rail", "road", "sea", "oil pipeline", "gas pipeline"]


def _amount(name: str, description: str, unit: str | None = None, **limits) -> dict:
    return field(name, "number", description, unit=unit, minimum=0, **limits)


def _year(description: str) -> dict:
    return field("year", "integer", description, minimum=1900, maximum=2035)


_DAYS = [
    field("period_start", "date", "First day of the period; blank if not given."),
    field("period_end", "date", "Last day of the period; blank if not given."),
]
_CROSSING = key("crossing_id", "crossings", "crossing_id")
_ROUTE = key("route_id", "routes", "route_id")

QUANTITIES = {  # unit -> what kind of quantity it measures
    "hours": "time",
    "days": "time",
    "minutes": "time",
    "USD": "cost",
    "USD per 500 km per 20 t": "cost",
    "USD per t": "cost",
    "km/h": "speed",
    "km per day": "speed",
    "km": "distance",
    "trucks per day": "throughput",
    "trains per day": "throughput",
    "containers": "queue",
    "trucks": "queue",
    "TEU": "queue",
}

RESOURCES = [
    resource(
        "crossing_figures",
        "Figures on border crossings",
        "Freight, vehicles, persons and other figures of single crossings. Whole "
        "years, parts of years and sums since the opening stand side by side: "
        "compare only equal periods. Trains between China and Europe are in "
        "freight_trains.",
        [
            text("crossing_id", "Crossing: crossings.crossing_id."),
            text("indicator", "What is counted, and by which side if stated."),
            text("period", "Year, span or words of the source.", required=False),
            *_DAYS,
            text("direction", "both, or seller->buyer in ISO 3166-1 alpha-3."),
            _amount("value", "The figure, scaled to the plain unit."),
            text("unit", "Plain unit: t, persons, vehicles, TEU, USD, CNY, m ..."),
            text("printed", "Figure and unit as the source prints them."),
            value_kind("reported", "derived", "lower bound", "cumulative"),
            *TAIL,
        ],
        ["crossing_id", "indicator", "period", "direction", "source_id"],
        [*SOURCE_KEYS, _CROSSING],
    ),
    resource(
        "routes",
        "Transport routes: railways, roads, pipelines, sea lines",
        "Corridors and lines of the region. Names in Russian and Chinese are usual "
        "descriptive forms, not legal titles.",
        [
            text("route_id", "Short name of the route."),
            text("name_en", "Name in English."),
            text("name_ru", "Name in Russian."),
            text("name_zh", "Name in Chinese."),
            text("mode", "Main kind of transport.", *_MODES),
            field("gauge_mm", "string", "Rail gauges met, joined by /.", unit="mm"),
            text("countries", "Countries in order, ISO 3166-1 alpha-3, joined by ;"),
            _amount(
                "total_km",
                "A published length, of what total_km_basis says: it can be a part of "
                "the route or reach beyond it. Other lengths are in route_figures.",
                "km",
            ),
            text(
                "total_km_basis",
                "What total_km measures, from where to where.",
                required=False,
            ),
            text(
                "transit",
                "Days under way with the service meant, as the source words it.",
                required=False,
            ),
            field("opened_year", "integer", "Year of opening or first through traffic."),
            text("opened", "Dates of opening in words.", required=False),
            text("status", "State of the route in the sources."),
            *TAIL,
        ],
        ["route_id"],
        SOURCE_KEYS,
    ),
    resource(
        "route_stops",
        "Stops of each route, in order",
        "One row per stop. Distances stand only where neighbouring stops have a "
        "sourced one; where a source gives a longer stretch, segment_from_place_id "
        "and segment_km hold it. The drawn distance is the length of the schematic "
        "line, mostly below the real way (Mohe is the exception: the town lies far "
        "from where the pipeline crosses).",
        [
            text("route_id", "Route: routes.route_id."),
            field("seq", "integer", "Order on the route, from 1.", minimum=1),
            text("place_id", "Stop: places.place_id."),
            text("mode", "Transport on the way to this stop.", *_MODES),
            field("gauge_mm", "integer", "Rail gauge at the stop.", unit="mm"),
            _amount("km_from_prev", "Sourced distance from the stop before.", "km"),
            _amount(
                "drawn_km_from_prev",
                "Length of the line drawn in route_lines from the stop before.",
                "km",
            ),
            _amount("km_from_start", "Sourced distance from the first stop.", "km"),
            text("segment_from_place_id", "Start of a longer stretch.", required=False),
            _amount("segment_km", "Length of that stretch, up to this stop.", "km"),
            text("km_basis", "What was measured.", required=False),
            text("value_kind", "How the distance came about.", required=False),
            text("crossing_id", "Border crossed on the way here.", required=False),
            *TAIL,
        ],
        ["route_id", "seq"],
        [
            *SOURCE_KEYS,
            _ROUTE,
            _CROSSING,
            key("place_id", "places", "place_id"),
            key("segment_from_place_id", "places", "place_id"),
        ],
    ),
    resource(
        "route_figures",
        "Figures on routes",
        "Lengths, traffic, capacity, targets and forecasts. Lengths that disagree "
        "stand side by side, marked as a conflict.",
        [
            text("route_id", "Route: routes.route_id."),
            text("indicator", "What the figure measures."),
            text("period", "Year, span or words of the source.", required=False),
            *_DAYS,
            _amount("value", "The figure, in the unit of the row."),
            text("unit", "Unit of the figure."),
            value_kind("reported", "derived", "cumulative", "target", "forecast"),
            *TAIL,
        ],
        ["route_id", "indicator", "period", "value"],
        [*SOURCE_KEYS, _ROUTE],
    ),
    resource(
        "rail_distances",
        "Rail distances between Russian transit points",
        "Tariff distance between two of 30 points; each pair stands once and holds "
        "both ways. The rule behind it is not the shortest way on the map: between "
        "some points the sum over Taishet or Tynda is up to 200 km less. A point "
        "marked (border) lies at the frontier, not in the station.",
        [
            text("from_point", "One end."),
            text("to_point", "Other end."),
            field("rail_km", "integer", "Tariff distance.", unit="km", minimum=1),
            text("from_place_id", "Place of the one end, if any.", required=False),
            text("to_place_id", "Place of the other end, if any.", required=False),
            text("from_point_ru", "One end in Russian."),
            text("to_point_ru", "Other end in Russian."),
            TAIL[0],
            TAIL[2],
        ],
        ["from_point", "to_point"],
        [
            SOURCE_KEYS[0],
            key("from_place_id", "places", "place_id"),
            key("to_place_id", "places", "place_id"),
        ],
    ),
    resource(
        "border_delays",
        "Time, cost and speed at borders and along corridors",
        "Surveys of the CAREC programme and single reports. Survey averages cover "
        "all crossings of a country; rows on Kazakhstan and western China are for "
        "comparison.",
        [
            text("delay_id", "Number of the row."),
            text("crossing_id", "Crossing, if one is meant.", required=False),
            text("point", "Point, stretch or group of crossings."),
            text("corridor", "Corridor, CAREC number or name.", required=False),
            text("mode", "Kind of transport."),
            text(
                "direction",
                "Direction, seen from the country in the point; blank where the page "
                "does not say.",
                required=False,
            ),
            text("indicator", "What was measured."),
            text("quantity", "Kind of quantity.", *sorted(set(QUANTITIES.values()))),
            _amount("value", "Figure, or lower end of a range."),
            _amount("value_high", "Upper end of a range."),
            text("unit", "Unit of the figure."),
            _amount("hours", "The same in hours where the quantity is a time.", "hours"),
            _amount("hours_high", "Upper end of a range in hours.", "hours"),
            text("period", "Year, span or words of the source."),
            _year("Year, where the period names one."),
            value_kind(
                "survey average",
                "reported",
                "derived",
                "range",
                "lower bound",
                "upper bound",
                "target",
            ),
            *TAIL,
        ],
        ["delay_id"],
        [*SOURCE_KEYS, _CROSSING],
    ),
    resource(
        "free_port_and_zones",
        "Free port, advanced development and free trade zones",
        "Municipalities of the Free Port of Vladivostok, territories of advanced "
        "development (ASEZ) of the Far East, pilot free trade zone areas and border "
        "cooperation zones in China. Not all zones founded after 2019 are listed.",
        [
            text("zone_id", "Short name of the zone."),
            text("zone_type", "Kind of zone."),
            text("name_en", "Name in English."),
            text("name_ru", "Name in Russian.", required=False),
            text("name_zh", "Name in Chinese, in its usual form.", required=False),
            text("countries", "ISO 3166-1 alpha-3, joined by ;"),
            text("region_id", "Region: regions.region_id."),
            text("region2_id", "Region on the other side.", required=False),
            text("place_id", "Town that stands for the zone.", required=False),
            field("lon", "number", "Longitude.", unit="degrees", minimum=60, maximum=180),
            field("lat", "number", "Latitude.", unit="degrees", minimum=-90, maximum=90),
            text("point_basis", "What the point shows.", required=False),
            _year("Year it was set up; blank if not found."),
            text(
                "date_established",
                "ISO date, shortened to what is known.",
                required=False,
            ),
            text(
                "date_precision",
                "How exact the date is.",
                "day",
                "month",
                "year",
                required=False,
            ),
            text(
                "legal_act",
                "Act it rests on. 473-FZ is the frame law of all territories of advanced "
                "development: each was set up by a decree of its own, not listed here.",
                required=False,
            ),
            text("specialisation", "What it is for.", required=False),
            _amount("area_km2", "Area.", "km2"),
            text("status", "State in one word.", "in force", "merged", "planned", "other"),
            text("status_text", "What the source says about its state."),
            *TAIL,
        ],
        ["zone_id"],
        [
            *SOURCE_KEYS,
            key("region_id", "regions", "region_id"),
            key("region2_id", "regions", "region_id"),
            key("place_id", "places", "place_id"),
        ],
    ),
    resource(
        "zone_figures",
        "Residents, investment and jobs in the zones",
        "Single figures with their date. Where the scope is wider than one zone the "
        "zone_id is blank. Planned and invested money are different things.",
        [
            text("zone_id", "Zone: free_port_and_zones.zone_id.", required=False),
            text("scope", "Which zones the figure covers."),
            text("indicator", "What the figure measures."),
            _year("Year of the figure."),
            text("period", "Date or span as the source has it."),
            _amount("value", "The figure, in the unit of the row."),
            text("unit", "Unit of the figure."),
            value_kind("reported", "planned"),
            *TAIL,
        ],
        ["zone_id", "scope", "indicator", "period", "value"],
        [*SOURCE_KEYS, key("zone_id", "free_port_and_zones", "zone_id")],
    ),
    resource(
        "route_lines",
        "Routes drawn as lines",
        "One line per route through its stops. Schematic: between stops the line "
        "runs through towns near the real way and, where no town helps, through "
        "points set by hand to keep it off the sea or a neighbouring country. Not "
        "for measuring.",
        [
            text("route_id", "Route: routes.route_id."),
            text("name_en", "Name in English."),
            text("name_ru", "Name in Russian."),
            text("name_zh", "Name in Chinese."),
            text("mode", "Main kind of transport.", *_MODES),
            _amount("drawn_km", "Length of the drawn line.", "km"),
            text("waypoints", "Towns between the stops, in order.", required=False),
            field(
                "schematic_points",
                "integer",
                "Points set by hand, without a source.",
                minimum=0,
            ),
        ],
        ["route_id"],
        [_ROUTE],
    ),
]
