"""Tables on transport: routes, their stops and lines, borders, special zones."""

import json
import math
from pathlib import Path

import pandas as pd

from tests.derive.common import Sources
from tests.derive.tidy import Evidence, add_days, collected, number, whole
from tests.derive.transport_columns import QUANTITIES

LEFT_OUT = [
    "crossing_figures: counts of China-Europe trains and their containers stand in "
    "freight_trains (four of them were there already)",
    "route_figures: the oil carried in January 2011 and in 2016 by the pipeline "
    "Skovorodino-Daqing stands in energy_flows as well",
    "zone_figures: figures of the whole free port or the whole Heilongjiang zone "
    "have a scope instead of one area's zone_id",
    "border_delays: about 20 days for the sea route, from a German page; the note of "
    "d144 has it",
    "places without coordinates (Kamyshovaya, Makhalino): the drawn lines pass "
    "through schematic points instead",
]
TAIL = ["source_id", "source2_id", "check", "note"]
ALPHA3 = {"RU": "RUS", "CN": "CHN", "MN": "MNG", "KR": "KOR"}
REGIONS = {
    "Primorsky Krai": "RU-PRI",
    "Khabarovsk Krai": "RU-KHA",
    "Sakhalin Oblast": "RU-SAK",
    "Kamchatka Krai": "RU-KAM",
    "Chukotka Autonomous Okrug": "RU-CHU",
    "Amur Oblast": "RU-AMU",
    "Sakha Republic (Yakutia)": "RU-SA",
    "Jewish Autonomous Oblast": "RU-YEV",
    "Republic of Buryatia": "RU-BU",
    "Zabaykalsky Krai": "RU-ZAB",
    "Heilongjiang": "CN-HL",
    "Jilin": "CN-JL",
    "Inner Mongolia": "CN-NM",
    "Dornogovi": "MN-063",
}


def derive(reference: Path, sources: Sources) -> dict[str, pd.DataFrame | dict]:
    """Build the transport tables and the route lines.

    Args:
        reference: folder of the collected facts.
        sources: registry that gives each source its id.

    Returns:
        Tables by name, and ``route_lines`` as a GeoJSON dict.
    """
    evidence = Evidence(reference, sources)
    routes = _routes(reference, evidence)
    stops = _stops(reference, evidence)
    lines = _lines(reference, routes, stops)
    return {
        "crossing_figures": _crossing_figures(reference, evidence),
        "routes": routes,
        "route_stops": stops,
        "route_figures": _route_figures(reference, evidence),
        "rail_distances": _rail_distances(reference, evidence),
        "border_delays": _delays(reference, evidence),
        "free_port_and_zones": _zones(reference, evidence),
        "zone_figures": _zone_figures(reference, evidence),
        "route_lines": lines,
    }


BOUNDS = {
    "reported lower bound": "lower bound",
    "reported upper bound": "upper bound",
    "reported range": "range",
    "survey average (about)": "survey average",
}
TRAINS = ("China-Europe freight trains", "China-Europe containers")


def _direction(column: pd.Series) -> pd.Series:
    """Country codes in a direction, as alpha-3."""
    for two, three in ALPHA3.items():
        column = column.str.replace(rf"\b{two}\b", three, regex=True)
    return column


def _crossing_figures(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/crossing_stats")
    frame = frame[~frame.indicator.isin(TRAINS)].reset_index(drop=True)
    evidence.add(
        frame,
        {"Rail and road together; second": "Rail and road together"},
    )
    frame["printed"] = frame.value + " " + frame.unit
    frame["value"], frame["unit"] = number(frame.value_norm), frame.unit_norm
    conflict = frame[frame.check == "conflict"].iloc[0]
    bridge = {
        "crossing_id": "heihe_blagoveshchensk_road_bridge",
        "indicator": "length of the bridge",
        "unit": "m",
        "period": "",
        "direction": "both",
        "value_kind": "reported",
        "check": "conflict",
        "source2_id": "",
    }
    long_page = "http://portuguese.people.cn/n3/2019/0821/c309810-9608015-3.html"
    short_page = (
        "https://delovoymir.biz/zapuschen-pervyy-avtomobilnyy-most-mezhdu-rossiey-i-kitaem.html"
    )
    extra = [
        conflict.to_dict()
        | {
            "indicator": "rail freight (China side)",
            "printed": "1000.42 10 thousand t",
            "value": 10004200.0,
            "period": "2017-01-01/2017-11-20",
            "source_id": conflict.source2_id,
            "source2_id": conflict.source_id,
            "note": "Imports and exports together, ten days short of eleven months; "
            "another report has 10.033 million t of imports alone for the year",
        },
        bridge
        | {
            "printed": "1080 m",
            "value": 1080.0,
            "source_id": evidence.second(short_page),
            "note": "Length in Russian texts; Chinese texts say 1,284 m",
        },
        bridge
        | {
            "printed": "1284 m",
            "value": 1284.0,
            "source_id": evidence.second(long_page),
            "note": "Length in Chinese texts; Russian texts say 1,080 m",
        },
    ]
    frame = pd.concat([frame, pd.DataFrame(extra)], ignore_index=True)
    _railway_against_news(frame)
    frame["value_kind"] = frame.value_kind.replace(BOUNDS)
    frame["direction"] = _direction(frame.direction.replace("", "both"))
    add_days(frame)
    keys = ["crossing_id", "indicator", "period", "period_start", "period_end"]
    frame = frame.sort_values(keys, kind="stable")
    return frame[[*keys, "direction", "value", "unit", "printed", "value_kind", *TAIL]]


def _railway_against_news(frame: pd.DataFrame) -> None:
    """Two counts of the Tongjiang bridge in 2025 that cannot both be right."""
    bridge = frame.crossing_id == "tongjiang_nizhneleninskoye_rail"
    news = bridge & (frame.period == "2025-01-01/2025-12-09")
    railway = bridge & (frame.period == "2025-01/2025-09")
    frame.loc[news, "check"] = "conflict"
    frame.loc[news, "note"] = (
        '"Exceeded"; the second page repeats it. The Far Eastern Railway has 6.6 million t '
        "up to September already"
    )
    frame.loc[railway, "source2_id"] = frame.source_id[news].iloc[0]


OPENED = {
    "trans_siberian": 1904,
    "chinese_eastern_west": 1902,
    "chinese_eastern_east": 1901,
    "trans_mongolian": 1949,
    "bam": 1989,
    "tongjiang_birobidzhan": 2022,
    "harbin_dalian": 2012,
    "heihe_blagoveshchensk": 2022,
    "espo": 2009,
    "skovorodino_daqing": 2011,
    "power_of_siberia": 2019,
    "sea_zarubino_ningbo": 2018,
}
ROUTE_NOTES = {
    "9,288.2 km also": "The tariff book gives 9,185 km for the shortest path; the "
    "stops add up to 9,246 km because each pair takes its own shortest path",
    "PortNews prints 4,234": "4,234 and 4,324 km elsewhere; tariff Taishet-Vanino "
    "4,309 km: see route_figures",
    "Travel times": "Travel times of 2013",
}
LENGTH_OF = {  # route -> what its total_km measures, where it is not what it seems
    "trans_siberian": "passenger main line Moscow (Yaroslavsky) - Vladivostok",
    "trans_mongolian": "Ulan-Ude - Jining (Ulanqab), as the source words it",
    "harbin_dalian": "high-speed line Harbin - Dalian",
    "ah3_mongolia": "in Mongolia: Altanbulag - Zamyn-Uud, data of 2005",
    "ah4_mongolia": "far more than the route: the whole AH4 from Novosibirsk to Karachi",
    "espo": "whole pipeline Taishet - Kozmino, both stages",
    "skovorodino_daqing": "whole first line, by one source; the parts that others give "
    "add up to 999 km",
    "power_of_siberia": "sum made here: 3,000 km in Russia (from Chayanda and Kovykta, "
    "so two branches) and 5,111 km in China",
    "belogorsk_blagoveshchensk": "whole branch line, sum of tariff sections (book 1)",
}


def _countries(column: pd.Series) -> pd.Series:
    """Lists of two-letter codes to lists of alpha-3 codes, joined by ;."""
    return column.map(lambda codes: ";".join(ALPHA3[c] for c in codes.split(";")))


def _routes(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/routes")
    evidence.add(frame, ROUTE_NOTES)
    frame["note"] = frame.note.str.replace("(see route_stats.csv)", "(route_figures)")
    _reread_routes(frame, evidence)
    frame["countries"] = _countries(frame.countries)
    frame["total_km"] = number(frame.total_km)
    frame["total_km_basis"] = frame.route_id.map(LENGTH_OF).fillna(frame.total_km_basis)
    frame["opened_year"] = frame.route_id.map(OPENED).astype("Int64")
    frame["opened"] = frame.opened.str.replace(
        " (year not printed in the stored text)", " of an unknown year"
    )
    frame = frame.rename(columns={"transit_days": "transit"})
    keys = ["route_id", "name_en", "name_ru", "name_zh", "mode", "gauge_mm"]
    rest = ["countries", "total_km", "total_km_basis", "transit"]
    return frame[[*keys, *rest, "opened_year", "opened", "status", *TAIL]]


AH_MONGOLIA = (
    "Ministry of Land of Japan: Asian Highways in Mongolia (Asian Highway database 2005)",
    "http://www.mlit.go.jp/kokusai/kokusai_tk3_000101.html",
)
AH3_ENDS = (
    "Wikipedia copy (Japanese): Asian Highway 3",
    "https://defzone.net/wiki/ja/%E3%82%A2%E3%82%B8%E3%82%A2%E3%83%8F%E3%82%A4"
    "%E3%82%A6%E3%82%A7%E3%82%A43%E5%8F%B7%E7%B7%9A",
)
AH3_NAMED = {  # stop -> page that names it; the others stand on the page of the project
    "ulan_ude": AH3_ENDS,
    "kyakhta": AH3_ENDS,
    "altanbulag": AH_MONGOLIA,
    "darkhan": AH_MONGOLIA,
    "ulaanbaatar": AH_MONGOLIA,
    "erenhot": AH3_ENDS,
}


def _reread_routes(frame: pd.DataFrame, evidence: Evidence) -> None:
    """Put in what was found when the routes were read again, in November 2026."""
    busan = frame.route_id == "sea_vostochny_busan"
    frame.loc[busan, "name_ru"] = "Морская линия Восточный / Владивосток - Пусан"
    frame.loc[busan, "name_zh"] = "东方港／符拉迪沃斯托克—釜山航线"
    frame.loc[busan, "status"] = (
        "two services announced for May 2019; Busan - Vladivostok in service in May 2023"
    )
    frame.loc[busan, "source2_id"] = evidence.second(BLOG_2023)
    frame.loc[busan, "note"] = (
        "Announced in April 2019: Busan - Vladivostok with a ship of 1,200 TEU, Busan - "
        "Vostochny with one of 1,000 TEU. The second page, of May 2023, is a blog. "
        "Transit days of the sea leg not found"
    )
    ah3 = frame.route_id == "ah3_mongolia"
    frame.loc[ah3, ["source_id", "total_km"]] = [evidence.id(*AH_MONGOLIA), "1041"]
    frame.loc[ah3, "note"] = "The second page has the paved state of 2013"


BLOG_2023 = (
    "https://shippingscmlogistics.blogspot.com/2023/05/"
    "south-korea-expands-container-shipping.html?m=1"
)


def _stops(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/route_stops")
    evidence.add(frame)
    for place, page in AH3_NAMED.items():
        stop = (frame.route_id == "ah3_mongolia") & (frame.place_id == place)
        frame.loc[stop, "source_id"] = evidence.id(*page)
    for column in ("km_from_prev", "km_from_start", "segment_km"):
        frame[column] = number(frame[column])
    for column in ("seq", "gauge_mm"):
        frame[column] = whole(frame[column])
    frame["value_kind"] = frame.value_kind.replace("official", "reported")
    keys = ["route_id", "seq", "place_id", "mode", "gauge_mm"]
    kms = ["km_from_prev", "km_from_start", "segment_from_place_id", "segment_km"]
    return frame[[*keys, *kms, "km_basis", "value_kind", "crossing_id", *TAIL]]


TARIFF_3 = (
    "Tariff Guide No. 4 (CIS rail council), book 3: distances between transit points, "
    "extract printed 25 September 2025",
    "GitHub kuzyivan/telegram-bot-container-tracker-2: zdtarif_bot/data/3-1 Рос.csv "
    "and 3-2 Рос.csv (commit 9850e3250c)",
)
TARIFF_1 = (
    "Tariff Guide No. 4 (CIS rail council), book 1: section distances, extract printed "
    "25 September 2025",
    "GitHub kuzyivan/telegram-bot-container-tracker-2: zdtarif_bot/data/1-*.csv "
    "(commit 9850e3250c)",
)
OTHER_LENGTHS = [  # route, what, km, page (or title and page), derived?, note
    (
        "trans_siberian",
        "length Moscow - Vladivostok",
        9288.2,
        "http://cds.perm.ru/press-centr/details_236.html",
        "Passenger main line",
    ),
    (
        "trans_siberian",
        "length Moscow - Vladivostok",
        9185,
        TARIFF_3,
        "Shortest tariff path",
    ),
    (
        "trans_siberian",
        "length Moscow - Vladivostok",
        9246,
        TARIFF_1,
        "Derived: sum of the tariff stretches between our stops",
    ),
    (
        "bam",
        "length Taishet - Sovetskaya Gavan",
        4287,
        "https://new-eng.nu.oooinex.ru/en/9619/page/103290?accessible=true&id=12199",
        "Russian Railways",
    ),
    (
        "bam",
        "length Taishet - Sovetskaya Gavan",
        4234,
        "https://www.en.portnews.ru/news/359422/",
        "",
    ),
    (
        "bam",
        "length Taishet - Sovetskaya Gavan",
        4324,
        "https://www.en.portnews.ru/news/354562/",
        "",
    ),
    ("bam", "length Taishet - Vanino", 4309, TARIFF_3, "Shortest tariff path"),
    (
        "trans_mongolian",
        "length main line in Mongolia",
        1400,
        "https://docslib.org/doc/7403152/"
        "chapter-2-2-physical-connectivity-between-asia-and-europe",
        "About",
    ),
    (
        "trans_mongolian",
        "length Beijing - Moscow",
        7818,
        "https://chinatravel.com/china-trains/beijing-moscow-trains",
        "The same page prints 7,826",
    ),
    (
        "trans_mongolian",
        "length Beijing - Moscow",
        7624,
        "http://kolejtranssyberyjska.pl/en/the-trans-mongolian-route",
        "",
    ),
    (
        "chinese_eastern_west",
        "length Chita - Zabaikalsk by rail",
        463,
        TARIFF_1,
        "Derived: sum of the tariff stretches",
    ),
    (
        "chinese_eastern_west",
        "length Moscow - Beijing via Manzhouli (train 19/20)",
        8803,
        "http://kolejtranssyberyjska.pl/en/the-trans-manchurian-trail",
        "",
    ),
    (
        "primorye_1_vostochny",
        "length Suifenhe - Vostochny",
        500,
        "https://rg.ru/amp/2014/08/14/reg-dfo/koridor-anons.html",
        "About; a newspaper",
    ),
    (
        "primorye_1_vostochny",
        "length border - Nakhodka-Vostochnaya",
        382,
        TARIFF_3,
        "Derived: 364 km to Nakhodka and 18 km to Nakhodka-Vostochnaya",
    ),
    (
        "ah4_mongolia",
        "length in Mongolia",
        725,
        AH_MONGOLIA,
        "Ulaanbaishint - Khovd - Yarant, data of 2005",
    ),
    (
        "skovorodino_daqing",
        "length of the whole line",
        1023,
        "http://www.osw.waw.pl/en/publikacje/analyses/2011-01-12/"
        "oil-pipeline-russia-to-china-turned",
        "",
    ),
    (
        "skovorodino_daqing",
        "length of the whole line",
        999,
        "https://eng.yidaiyilu.gov.cn/p/7669.html",
        "Derived: 72 km in Russia and 927.04 km in China, rounded",
    ),
    (
        "skovorodino_daqing",
        "length in Russia",
        63.4,
        "https://en.transneft.ru/about/projects/realized/10019/",
        "To the metering station at the border",
    ),
    (
        "skovorodino_daqing",
        "length in Russia",
        72,
        "https://eng.yidaiyilu.gov.cn/p/7669.html",
        "",
    ),
    (
        "skovorodino_daqing",
        "length in China",
        927.04,
        "https://eng.yidaiyilu.gov.cn/p/7669.html",
        "",
    ),
    (
        "skovorodino_daqing",
        "length in China",
        942,
        "https://nsenergybusiness.com/news/newsnew-line-of-russia-china-crude-oil-"
        "pipeline-commences-operations-040118-6018870",
        "First line",
    ),
    (
        "power_of_siberia",
        "length in Russia",
        3000,
        "https://news.laodong.vn/the-gioi/sieu-duong-ong-dan-khi-nga-trung-thong-suot-"
        "toan-tuyen-1429737.ldo",
        "Stages from Chayanda and Kovykta",
    ),
    (
        "power_of_siberia",
        "length in Russia",
        3968,
        "https://wikiwand.com/en/Power_of_Siberia",
        "Another count of the stages",
    ),
]
UNNAMED_WIKI = "wiki page gives 700 km"


def _route_figures(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/route_stats")
    evidence.add(frame)
    frame["value"] = number(frame.value)
    rows = []
    for route, what, km, page, note in OTHER_LENGTHS:
        both = isinstance(page, tuple)
        rows.append(
            {
                "route_id": route,
                "indicator": what,
                "value": km,
                "unit": "km",
                "period": "",
                "value_kind": "derived" if note.startswith("Derived") else "reported",
                "source_id": evidence.id(*page) if both else evidence.second(page),
                "source2_id": "",
                "check": "conflict",
                "note": note.removeprefix("Derived: "),
            }
        )
    frame = pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)
    pair = {(row["route_id"], row["indicator"]) for row in rows}
    other = [key in pair for key in zip(frame.route_id, frame.indicator, strict=True)]
    frame.loc[other, "check"] = "conflict"
    single = frame.indicator.isin(["length Taishet - Vanino", "length in Mongolia"])
    frame.loc[single, "check"] = "one source"
    add_days(frame)
    keys = ["route_id", "indicator", "period", "period_start", "period_end"]
    frame = frame.sort_values(["route_id", "indicator", "period"], kind="stable")
    return frame[[*keys, "value", "unit", "value_kind", *TAIL]]


POINTS = {
    "Belogorsk": "belogorsk",
    "Blagoveshchensk": "blagoveshchensk",
    "Borzya": "borzya",
    "Grodekovo (border)": "pogranichny",
    "Irkutsk-Passazhirsky": "irkutsk",
    "Karymskaya": "karymskoye",
    "Khabarovsk I": "khabarovsk",
    "Komsomolsk-Sortirovochny": "komsomolsk_on_amur",
    "Lena (Ust-Kut)": "ust_kut",
    "Moscow (Yaroslavskaya)": "moscow",
    "Nakhodka": "nakhodka",
    "Naushki (border)": "naushki",
    "Novosibirsk-Glavny": "novosibirsk",
    "Novy Urgal": "novy_urgal",
    "Taishet": "taishet",
    "Tynda": "tynda",
    "Ulan-Ude": "ulan_ude",
    "Vanino": "vanino",
    "Vladivostok": "vladivostok",
    "Yekaterinburg-Sortirovochny": "yekaterinburg",
    "Zabaikalsk (border)": "zabaykalsk",
}


def _rail_distances(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/rail_distance_pairs")
    evidence.add(frame)
    for side in ("from", "to"):
        frame = frame.rename(columns={f"{side}_point_en": f"{side}_point"})
        frame[f"{side}_place_id"] = frame[f"{side}_point"].map(POINTS).fillna("")
    frame["rail_km"] = whole(frame.rail_km)
    names = ["from_point", "to_point", "rail_km", "from_place_id", "to_place_id"]
    return frame[[*names, "from_point_ru", "to_point_ru", "source_id", "check"]]


NO_DIRECTION = ["d064", "d065", "d066"]  # the page does not say which
IN_HOURS = {"hours": 1, "days": 24, "minutes": 1 / 60}


def _delays(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/border_delays")
    evidence.add(frame)
    frame = frame.rename(columns={"point_or_route": "point"})
    for column in ("value", "value_high"):
        frame[column] = number(frame[column])
    printed_twice = frame[frame.delay_id == "d109"].iloc[0].to_dict()
    extra = printed_twice | {
        "delay_id": "d109b",
        "value": 35.9,
        "note": "The text of the page; its table says 35.4",
    }
    frame = pd.concat([frame, pd.DataFrame([extra])], ignore_index=True)
    yarant = frame.point.str.startswith("Yarant") & (frame.corridor == "CAREC 4a")
    frame.loc[yarant, "corridor"] = "CAREC 4"  # as the page prints it
    frame.loc[frame.delay_id.isin(NO_DIRECTION), "direction"] = ""
    frame["quantity"] = frame.unit.map(QUANTITIES)
    rate = frame.unit.map(IN_HOURS)
    frame["hours"] = (frame.value * rate).round(3)
    frame["hours_high"] = (frame.value_high * rate).round(3)
    frame["value_kind"] = frame.value_kind.replace(BOUNDS)
    frame["direction"] = _direction(frame.direction)
    frame["year"] = whole(frame.period.str.extract(r"^(\d{4})(?!-\d{4})")[0].fillna(""))
    keys = ["delay_id", "crossing_id", "point", "corridor", "mode", "direction"]
    what = ["indicator", "quantity", "value", "value_high", "unit"]
    when = ["hours", "hours_high", "period", "year", "value_kind"]
    return frame.sort_values("delay_id")[[*keys, *what, *when, *TAIL]]


ZONE_TYPES = {"tor": "asez", "international_tor": "international_asez"}
ZONE_NOTES = {
    "Same date": "The Komsomolsk and Nikolayevsk zones were merged into it: see the event "
    "tor_khabarovsk_2023",
    "Energy infrastructure 1.35": "Energy infrastructure 1.35 billion RUB. The second "
    "page has the merger",
    "Area 806 ha": "Area in the plan of March 2015",
    "Areas": "Start on 30 August 2019; the Chinese name is the usual form",
    "Created in one week": "Set up in one week with four others, between June 2015 "
    "and February 2016; the exact date was not found",
    "Kabansky and": "Kabansky and Kyakhtinsky districts at first; widened in 2020",
    "Both Buryatia": "Passed together with Buryatia; exact day not found",
    "Stored text has": "Date not found",
    "Corrected in checking": "Approval of the "
    "outline on 30 August 2009, announced in November. A text of 2013 rounds the area "
    "to 70,000 km2",
    "The stored text breaks": "The source names two such zones in Inner Mongolia",
    "Listed among": "Listed among planned ports in May 2016 too",
    "174 km2": "Area of the part handed over; about 170 km2 elsewhere, the whole "
    "island 327-350 km2",
}
MERGED = "(decree reported on 30 June 2023)"
PRECISION = {"day": "day", "month": "month", "year": "year", "announced": "month"}


def _zones(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/free_port_and_asez")
    frame["note"] = (
        frame.note.str.replace("name_zh is the usual form, not read in a source", "")
        .str.replace("number of 15 also", "also")
        .str.replace("the stored text shows no date", "no date")
    )
    evidence.add(frame, ZONE_NOTES)
    frame["note"] = frame.note.str.replace("; coordinates: a town of the municipality", "")
    frame["note"] = frame.note.str.replace("Coordinates: a town of the municipality", "")
    frame["status"] = frame.status.str.replace("(by 2025)", MERGED, regex=False)
    frame["zone_type"] = frame.zone_type.replace(ZONE_TYPES)
    for code, three in ALPHA3.items():
        frame["country_iso2"] = frame.country_iso2.str.replace(code, three)
    regions = frame.region.str.split(" / ", expand=True)
    frame["region_id"] = regions[0].map(REGIONS)
    frame["region2_id"] = regions[1].map(REGIONS).fillna("")
    frame["place_id"] = frame.coord_basis.str.extract(r"^place (\w+) in")[0].fillna("")
    frame["point_basis"] = "town of the zone"
    centre = frame.zone_id.str.startswith("itor_") | frame.note.str.contains("centre")
    frame.loc[centre, "point_basis"] = "regional centre, not the site"
    frame.loc[frame.lon == "", "point_basis"] = ""
    for column in ("lon", "lat", "area_km2"):
        frame[column] = number(frame[column])
    first = frame.date_precision.str.split().str[0]
    frame["date_precision"] = first.map(PRECISION).fillna("")
    announced = first == "announced"
    frame.loc[announced, "date_established"] = ""
    frame.loc[announced, "date_precision"] = ""
    frame["year"] = whole(frame.date_established.str[:4])
    frame = frame.rename(columns={"country_iso2": "countries", "status": "status_text"})
    frame["status"] = frame.status_text.map(_zone_status)
    frame["specialisation"] = frame.specialisation.replace({"(not given in the source)": ""})
    keys = ["zone_id", "zone_type", "name_en", "name_ru", "name_zh", "countries"]
    where = ["region_id", "region2_id", "place_id", "lon", "lat", "point_basis"]
    when = ["year", "date_established", "date_precision", "legal_act"]
    what = ["specialisation", "area_km2", "status", "status_text"]
    return frame[[*keys, *where, *when, *what, *TAIL]]


def _zone_status(text: str) -> str:
    """One word for what the source says about the state of a zone."""
    for start, word in {
        "in force": "in force",
        "merged": "merged",
        "created": "in force",
        "planned": "planned",
        "proposed": "planned",
        "approved": "in force",
    }.items():
        if text.startswith(start):
            return word
    return "other"


SCOPES = {
    "ALL_TOR": "all ASEZ in the Far East",
    "ALL_TOR_FPV": "all ASEZ and the free port",
}
WHOLE = ("of the whole free port", "visa-free stay", "duration of the regime")
HEIXIAZI = (
    "https://en.wikipedia.org/wiki/Bolshoy_Ussuriysky_Island",
    "https://www.chinadaily.com.cn/china/2008-10/15/content_7105825.htm",
)


def _zone_figures(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/zone_stats")
    evidence.add(frame)
    frame["value"] = number(frame.value)
    seventeen = frame[(frame.zone_id == "ALL_TOR") & (frame.check == "conflict")].iloc[0]
    island = {
        "zone_id": "heixiazi_island",
        "indicator": "area handed over",
        "unit": "km2",
        "date": "2008",
        "value_kind": "reported",
        "check": "conflict",
        "source2_id": "",
    }
    extra = [
        seventeen.to_dict()
        | {
            "value": 17.0,
            "date": "2017-03-24",
            "source_id": seventeen.source2_id,
            "source2_id": seventeen.source_id,
            "note": "Two months later another text counts 16",
        },
        island
        | {
            "value": 174.0,
            "source_id": evidence.second(HEIXIAZI[1]),
            "note": "On the day of the handover",
        },
        island | {"value": 170.0, "source_id": evidence.second(HEIXIAZI[0]), "note": "About"},
    ]
    frame = pd.concat([frame, pd.DataFrame(extra)], ignore_index=True)
    frame["scope"] = frame.zone_id.map(SCOPES).fillna("this zone")
    port = (frame.zone_id == "fpv_vladivostok") & (
        frame.indicator.str.contains("|".join(WHOLE))
    )
    frame.loc[port, "scope"] = "the whole free port"
    harbin = frame.zone_id == "ftz_hlj_harbin"
    frame.loc[harbin, "scope"] = "the whole Heilongjiang free trade zone"
    shortlist = frame.indicator.str.contains("all international zones")
    frame.loc[shortlist, "scope"] = "all international ASEZ"
    frame.loc[frame.scope != "this zone", "zone_id"] = ""
    frame["indicator"] = frame.indicator.str.replace(
        " of the whole (?:free port|zone)| for all international zones", "", regex=True
    )
    unsure = " (source wording leaves open whether the free port is included)"
    frame.loc[frame.indicator.str.startswith("short list"), "note"] = (
        '"Around ten", with investments of about 20 billion RUB'
    )
    loose = frame.indicator.str.contains(unsure, regex=False)
    frame.loc[loose, "note"] = '"More than"; the free port may be included'
    frame["indicator"] = frame.indicator.str.replace(unsure, "", regex=False)
    thousand = frame.unit == "thousand km2"
    frame.loc[thousand, "value"] *= 1000
    units = {"residents": "companies", "thousand km2": "km2"}
    units |= {"billion RUB": "RUB bn", "billion CNY": "CNY bn"}
    frame["unit"] = frame.unit.replace(units | {"million people": "million persons"})
    frame["indicator"] = frame.indicator.replace({"resident companies": "residents"})
    frame["period"] = frame.date
    frame["year"] = whole(frame.date.str.extract(r"(\d{4})")[0].fillna(""))
    frame["value_kind"] = frame.value_kind.replace({"plan": "planned"})
    keys = ["zone_id", "scope", "indicator", "year", "period"]
    frame = frame.sort_values(["scope", "zone_id", "indicator", "period"], kind="stable")
    return frame[[*keys, "value", "unit", "value_kind", *TAIL]]


# --- lines -------------------------------------------------------------------
# A waypoint is a place_id, a name of Natural Earth's populated places (ne:...),
# or a pair of degrees that only keeps the drawn line where the real one runs.
_WEST = [
    (131.2, 42.2),
    (131.0, 40.5),
    (130.3, 36.6),
    (129.5, 35.05),
    (128.7, 34.3),
    (127.3, 32.9),
]
_AMUR = ["ne:Magdagachi", "shimanovsk", "svobodny", "belogorsk", (130.1, 49.4)]
_POSYET = [(130.5747, 42.7907), "kraskino", (130.95, 42.75)]
WAYPOINTS: dict[tuple[str, str, str], list] = {
    ("rail", "yekaterinburg", "omsk"): [(65.5, 57.15), (69.5, 56.1)],
    ("rail", "omsk", "novosibirsk"): ["ne:Kargat"],
    ("rail", "novosibirsk", "krasnoyarsk"): ["ne:Yurga", "ne:Mariinsk", "ne:Achinsk"],
    ("rail", "krasnoyarsk", "taishet"): ["ne:Kansk"],
    ("rail", "taishet", "irkutsk"): [
        "ne:Nizhneudinsk",
        "ne:Tulun",
        "ne:Zima",
        "ne:Cheremkhovo",
        "ne:Angarsk",
    ],
    ("rail", "irkutsk", "ulan_ude"): [
        "slyudyanka",
        (104.3, 51.4),
        (105.2, 51.45),
        (105.9, 51.65),
        (106.6, 52.0),
    ],
    ("rail", "ulan_ude", "chita"): ["petrovsk_zabaykalsky", "ne:Khilok"],
    ("rail", "karymskoye", "skovorodino"): ["ne:Shilka", "mogocha"],
    ("rail", "karymskoye", "borzya"): ["ne:Olovyannaya"],
    ("rail", "skovorodino", "belogorsk"): ["ne:Magdagachi", "shimanovsk", "svobodny"],
    ("rail", "belogorsk", "birobidzhan"): [(130.1, 49.4), "obluchye"],
    ("rail", "khabarovsk", "ussuriysk"): [
        "ne:Vyazemskiy",
        "bikin",
        "ne:Dalnerechensk",
        "lesozavodsk",
        "spassk_dalny",
    ],
    ("rail", "ussuriysk", "vladivostok"): [(132.03, 43.37), (132.0, 43.26)],
    ("rail", "ussuriysk", "nakhodka"): [
        (132.03, 43.37),
        "artyom",
        (132.4, 43.4),
        "partizansk",
    ],
    ("rail", "nakhodka", "vostochny"): [(132.96, 42.85), (133.06, 42.81)],
    ("rail", "yakeshi", "zalantun"): ["ne:Bugt"],
    ("rail", "harbin", "mudanjiang"): ["ne:Shangzhi"],
    ("rail", "ulan_ude", "naushki"): ["ne:Gusinoozyorsk"],
    ("rail", "taishet", "ust_kut"): ["ne:Bratsk", "ne:Zheleznogorsk Ilimskiy"],
    ("rail", "ust_kut", "severobaykalsk"): ["ne:Ulkan"],
    ("rail", "severobaykalsk", "taksimo"): [(109.6, 55.85), "ne:Novyy Uoyin"],
    ("rail", "taksimo", "tynda"): [(118.3, 56.85), "ne:Nyukzha"],
    ("rail", "tynda", "novy_urgal"): [(127.5, 54.4), (130.9, 52.5)],
    ("rail", "jilin_city", "tumen"): ["ne:Dunhua", "yanji"],
    ("rail", "tumen", "hunchun"): [(129.95, 43.05), (130.15, 43.02)],
    ("rail", "hunchun", "zarubino"): _POSYET,
    ("rail", "hunchun", "slavyanka"): [*_POSYET, (131.15, 42.8)],
    ("rail", "jiamusi", "tongjiang"): ["fujin"],
    ("rail", "yingkou", "dalian"): [(122.45, 40.35), "ne:Wafangdian", (121.75, 39.1)],
    ("road", "harbin", "beian"): ["suihua"],
    ("road", "ulan_ude", "kyakhta"): ["ne:Gusinoozyorsk"],
    ("road", "novosibirsk", "tashanta"): [
        "ne:Barnaul",
        "ne:Biysk",
        "ne:Gorno Altaysk",
        (87.6, 50.3),
    ],
    ("road", "hunchun", "zarubino"): _POSYET,
    ("oil pipeline", "taishet", "skovorodino"): [
        "ne:Bratsk",
        "ust_kut",
        "ne:Kirensk",
        "lensk",
        "olyokminsk",
        "aldan",
        "tynda",
    ],
    ("oil pipeline", "skovorodino", "khabarovsk"): [*_AMUR, "obluchye", "birobidzhan"],
    ("oil pipeline", "khabarovsk", "vostochny"): [
        "ne:Vyazemskiy",
        "bikin",
        "ne:Dalnerechensk",
        "lesozavodsk",
        "spassk_dalny",
        (132.9, 43.9),
        "partizansk",
        (133.1, 42.85),
    ],
    ("oil pipeline", "mohe", "daqing"): ["ne:Orongen Zizhiqi", "ne:Nenjiang"],
    ("gas pipeline", "skovorodino", "svobodny"): ["ne:Magdagachi", "shimanovsk"],
    ("gas pipeline", "heihe", "nantong"): [
        "beian",
        "ne:Qinggang",
        "ne:Changling",
        "shenyang",
        "ne:Jinzhou",
        "ne:Jinxi",
        (119.95, 40.15),
        "qinhuangdao",
        "ne:Tangshan",
        "tianjin",
        "ne:Jinan",
        "ne:Taian",
        "ne:Linyi",
        "ne:Shuyang",
    ],
    ("gas pipeline", "nantong", "shanghai"): [(120.6, 31.6)],
    ("sea", "vladivostok", "qingdao"): [
        (131.85, 42.7),
        *_WEST,
        (125.8, 32.6),
        (124.3, 33.8),
        (121.5, 35.7),
    ],
    ("sea", "qingdao", "shanghai"): [(120.6, 35.7), (122.6, 33.0), (122.4, 31.2)],
    ("sea", "shanghai", "ningbo"): [(122.3, 31.1), (122.2, 30.6), (121.8, 30.2)],
    ("sea", "vostochny", "vladivostok"): [
        (133.0, 42.55),
        (132.2, 42.7),
        (131.87, 42.9),
    ],
    ("sea", "vladivostok", "busan"): [(131.85, 42.7), *_WEST[:3], (129.4, 35.3)],
    ("sea", "zarubino", "ningbo"): [
        (131.2, 42.5),
        *_WEST,
        (125.8, 32.2),
        (123.2, 30.9),
        (122.2, 30.6),
        (121.8, 30.2),
    ],
}


def _lines(reference: Path, routes: pd.DataFrame, stops: pd.DataFrame) -> dict:
    """Draw each route through its stops and waypoints.

    Adds to ``stops`` the length of the drawn line between neighbours, too.
    """
    places = collected(reference, "places/places").set_index("place_id")
    towns = collected(reference, "geo/populated_places").drop_duplicates("name_en")
    towns = towns.set_index("name_en")

    def point(waypoint) -> tuple[float, float]:
        if isinstance(waypoint, tuple):
            return waypoint
        table, key = (towns, waypoint[3:]) if waypoint.startswith("ne:") else (places, waypoint)
        return round(float(table.lon[key]), 4), round(float(table.lat[key]), 4)

    features = []
    drawn = pd.Series(float("nan"), index=stops.index)
    for route in routes.itertuples():
        rows = stops[stops.route_id == route.route_id]
        located = rows[[places.lon[place] != "" for place in rows.place_id]]
        line, used, before = [], [], None
        for index, stop in located.iterrows():
            here = point(stop.place_id)
            if before is not None:
                way = _way(stop["mode"], before.place_id, stop.place_id)
                leg = [line[-1], *map(point, way), here]
                pairs = zip(leg, leg[1:], strict=False)
                skipped = stop.seq - before.seq > 1
                if not skipped:
                    drawn[index] = round(sum(_km(a, b) for a, b in pairs), 1)
                used += way
                line += leg[1:]
            else:
                line.append(here)
            before = stop
        named = [w.removeprefix("ne:") for w in used if isinstance(w, str)]
        features.append(
            {
                "type": "Feature",
                "id": route.route_id,
                "properties": {
                    "route_id": route.route_id,
                    "name_en": route.name_en,
                    "name_ru": route.name_ru,
                    "name_zh": route.name_zh,
                    "mode": route.mode,
                    "drawn_km": round(
                        sum(_km(a, b) for a, b in zip(line, line[1:], strict=False))
                    ),
                    "waypoints": "; ".join(named),
                    "schematic_points": sum(isinstance(w, tuple) for w in used),
                },
                "geometry": {"type": "LineString", "coordinates": line},
            }
        )
    stops.insert(stops.columns.get_loc("km_from_start"), "drawn_km_from_prev", drawn)
    return json.loads(json.dumps({"type": "FeatureCollection", "features": features}))


def _way(mode: str, start: str, end: str) -> list:
    """Waypoints of one leg, in either direction."""
    if (mode, start, end) in WAYPOINTS:
        return WAYPOINTS[mode, start, end]
    return WAYPOINTS.get((mode, end, start), [])[::-1]


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two points in degrees, in kilometres."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*a, *b))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))
