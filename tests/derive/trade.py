"""Tables on trade: levels, structure, energy, settlement, agreements, tariffs."""

from pathlib import Path

import pandas as pd

from tests.derive.common import Sources
from tests.derive.tidy import Evidence, add_days, collected, number, whole
from tests.derive.trade_columns import CURRENCIES, INDICATORS

LEFT_OUT = [
    "trade_structure: the row on mechanical and electrical products in 2006 "
    "(it names the largest group but gives no figure)",
    "trade_structure: one of two rows on Russian farm exports to China in 2020 "
    "(both give 4.09 USD bn; merged, the second page is the second source)",
    "energy_flows: the derived 22.8 bcm for Power of Siberia in 2023 "
    "(Gazprom published 22.7, which is kept)",
    "settlement_currency: an undated statement of more than 80 per cent in yuan "
    "and roubles (no date; named in the note of the 2023 row)",
    "bilateral_trade: 148.8 USD bn for 2021, a misprint of one outlet, and 108 USD bn "
    "for 2018, a rounding (the notes name both)",
    "trade_structure: Russian and embassy counts of Chinese cars sold in 2022 "
    "(numbers of cars, no value, no page kept); the Chinese customs value is there",
    "bilateral_trade: exports and imports of 2021 that would follow from published "
    "growth rates (no page prints them); those of 2025 stand on one weak page only, "
    "named as the second source of the row",
    "tariffs: Chinese averages of 2017 for farm and other goods (found only on a page "
    "of student answers)",
    "region_indicators: gross regional product of Primorye of 1 trillion roubles in 2025 "
    "(contradicts 2.3 trillion said three months later)",
]

PAIR_NOTES = {
    "IMF DOTS 67.95": "Customs gave 422.7 CNY bn, -27.8 % in yuan. The news turned it "
    "into dollars at the rate of January 2016; at the rate of the year it is about "
    "67 to 68, near the 67.95 of IMF DOTS",
    "First release (Jan 2016)": "The news had 64.2: a yuan total turned into dollars "
    "at a later, lower rate. The growth of 2016 (+2.2 % to 69.5) fits this row",
    "IMF DOTS for the same reporter: exports 28.020": "IMF DOTS: exports 28.020, "
    "imports 38.098, closer to the customs releases. The extract may add several "
    "customs procedures",
    "IMF DOTS for the same reporter: exports 38.932": "IMF DOTS: exports 38.932, "
    "imports 48.007, closer to the customs releases. The extract may add several "
    "customs procedures",
    "IMF DOTS for the same reporter: exports 54.937": "IMF DOTS: exports 54.937, "
    "imports 54.066",
}
SERIES = {  # name collected -> (name here, how early it was published)
    "IMF DOTS": ("IMF DOTS", "later series"),
    "China customs first release": ("China customs first release", "first release"),
    "Russian customs": ("Russian customs", "first release"),
    "UN Comtrade (CIPF extract)": ("UN Comtrade extract", "later series"),
    "WITS (UN Comtrade), Mongolia reporting": ("WITS (UN Comtrade)", "later series"),
    "China MOFCOM": ("China Ministry of Commerce", "statement"),
    "Russian official statement": ("Russian official statement", "statement"),
}
PRESS = "press report"
OTHER_LEVELS = [  # figures that stood only in the note of a conflicting row
    (
        2000,
        8.3,
        "Sputnik commentary on China-Russia trade, 16 Feb 2006",
        "https://sputniknews.com/20060216/43591481.html",
        "IMF DOTS has 8.0",
    ),
    (
        2001,
        9.3,
        "Pravda.ru, 2002",
        "https://english.pravda.ru/news/russia/25841-n",
        "IMF DOTS has 10.7; this may be an early figure",
    ),
]


def derive(reference: Path, sources: Sources) -> dict[str, pd.DataFrame]:
    """Build the trade tables.

    Args:
        reference: folder of the collected facts.
        sources: registry that gives each source its id.

    Returns:
        Tables by name.
    """
    evidence = Evidence(reference, sources)
    return {
        "bilateral_trade": _bilateral(reference, evidence),
        "part_year_trade": _part_year(reference, evidence),
        "trade_structure": _structure(reference, evidence),
        "regional_trade": _regional(reference, evidence),
        "energy_flows": _energy(reference, evidence),
        "settlement_currency": _settlement(reference, evidence),
        "freight_trains": _trains(reference, evidence),
        "agreements": _agreements(reference, evidence),
        "tariffs": _tariffs(reference, evidence),
        "trade_targets": _targets(reference, evidence),
        "partner_shares": _shares(reference, evidence),
    }


TAIL = ["source_id", "source2_id", "check", "note"]


def _bilateral(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/bilateral_trade")
    evidence.add(frame, PAIR_NOTES)
    money = ["exports_usd_bn", "imports_usd_bn", "total_usd_bn", "total_cny_bn"]
    for column in [*money, "yoy_pct"]:
        frame[column] = number(frame[column])
    frame["vintage"] = frame.series.map(lambda s: SERIES[s][1])
    frame["series"] = frame.series.map(lambda s: SERIES[s][0])
    # The page with the Russian customs figures for 2008 is ten months younger.
    frame.loc[(frame.series == "Russian customs") & (frame.year == "2008"), "vintage"] = (
        "later series"
    )
    summed = frame.value_kind.str.contains("total derived")
    frame["total_kind"] = summed.map({True: "sum of flows", False: "reported"})
    frame.loc[frame.total_usd_bn.isna(), "total_kind"] = ""
    frame["value_kind"] = frame.value_kind.str.split(";").str[0]
    other = [
        {
            "reporter": "CHN",
            "partner": "RUS",
            "year": str(year),
            "series": PRESS,
            "vintage": "statement",
            "total_usd_bn": total,
            "total_kind": "reported",
            "value_kind": "reported",
            "source_id": evidence.id(title, url),
            "source2_id": "",
            "check": "conflict",
            "note": note,
        }
        for year, total, title, url, note in OTHER_LEVELS
    ]
    later = frame[(frame.year == "2025") & (frame.reporter == "CHN")].iloc[0]
    other.append(
        other[0]
        | {
            "year": "2025",
            "total_usd_bn": 234.0,
            "value_kind": "estimate",
            "source_id": evidence.id(*AT_A_LATER_RATE),
            "note": "About 234 in several outlets that turned the yuan total into "
            "dollars at a later rate; the first release is 228.1",
        }
    )
    # The first release of 2025 is now one side of a conflict, and says so.
    frame.loc[later.name, "check"] = "conflict"
    frame.loc[later.name, ["exports_usd_bn", "imports_usd_bn"]] = [103.309, 124.796]
    frame.loc[later.name, "source_id"] = evidence.id(*TOTAL_2025)
    frame.loc[later.name, "source2_id"] = evidence.id(*FLOWS_2025)
    frame.loc[later.name, "note"] = NOTE_2025
    weak = frame.source_id == evidence.id(*DZEN_2022)
    pages = ["source_id", "source2_id"]
    frame.loc[weak, pages] = frame.loc[weak, pages[::-1]].to_numpy()
    _say_1996(frame, evidence)
    _say_yuan(frame, evidence)
    _name_other_series(frame)
    frame = pd.concat([frame, pd.DataFrame(other)], ignore_index=True)
    frame["year"] = whole(frame.year)
    columns = ["reporter", "partner", "year", "series", "vintage", *money]
    return frame[[*columns, "yoy_pct", "value_kind", "total_kind", *TAIL]]


TOTAL_2025 = (
    "TASS, 14 Jan 2026",
    "https://tass.com/economy/2071285",
)
FLOWS_2025 = (  # no better page with both flows was found in November 2026
    "Bs178.com, Chinese commentary on trade with Russia in 2025",
    "https://www.bs178.com/s-1-2404961e15793e7c",
)
NOTE_2025 = (
    "Exports and imports only on the second page, which is weak; they add up to the "
    "total of the first. In yuan -6.5 %, exports -9.9 %, imports -3.4 %. Several "
    "outlets print about 234, the yuan total at a later rate"
)
AT_A_LATER_RATE = (
    "Rambler Finance quoting Reuters, 14 January 2026: trade of Russia and China falls",
    "https://finance.rambler.ru/economics/55897998-torgovlya-rf-i-kitaya-vpervye-za-"
    "pyat-let-poshla-na-spad-prichiny-i-perspektivy/",
)
DZEN_2022 = ("Dzen, trade 2022", "https://dzen.ru/a/Y8ERrrkcLFLaMOzo")
COPPER_1996 = (
    "World Economy and International Relations (IMEMO), 2018: foreign economic "
    "relations of Mongolia",
    "https://www.imemo.ru/en/publications/periodical/meimo/archive/2018/8-t-62/"
    "countries-and-regions/foreign-economic-relations-of-mongolia-changing-a-key-partner",
)


def _say_1996(frame: pd.DataFrame, evidence: Evidence) -> None:
    """Mark the Mongolian exports to Russia of 1996, three times those of 1997."""
    row = (frame.reporter == "MNG") & (frame.partner == "RUS") & (frame.year == "1996")
    frame.loc[row, "source2_id"] = evidence.id(*COPPER_1996)
    frame.loc[row, "check"] = "two sources"
    frame.loc[row, "note"] = (
        "Exports fell to a third a year later. A journal of 2018 has the same share "
        "(63 % of all Mongolian exports, mainly copper ore), maybe from the same data"
    )


YUAN_2015 = (  # the total and growth of 2015 are in yuan here
    "Business Gazeta (TASS, customs spokesman), Jan 2016",
    "https://svo.business-gazeta.ru/article/299024",
)
OUT_OF_LINE_2001 = (
    "Out of line: China reports almost twice as much, in 2000 and 2002 only 10 to 24 % more"
)


def _say_yuan(frame: pd.DataFrame, evidence: Evidence) -> None:
    """Mark the dollars of 2015 as converted, and tidy notes of the IMF rows."""
    row = (frame.series == "China customs first release") & (frame.year == "2015")
    frame.loc[row, "total_cny_bn"] = 422.7
    frame.loc[row, "yoy_pct"] = None
    frame.loc[row, "value_kind"] = "estimate"
    frame.loc[row, "source2_id"] = evidence.id(*YUAN_2015)
    frame["note"] = frame.note.str.replace("(CIPF extract)", "extract", regex=False)
    frame["note"] = frame.note.str.replace("; mobile.fx.co", "", regex=False)
    imf = (frame.series == "IMF DOTS") & (frame.reporter == "RUS")
    frame.loc[imf & (frame.year == "2001"), "note"] = OUT_OF_LINE_2001


def _name_other_series(frame: pd.DataFrame) -> None:
    """Name the second source the note speaks of; without one, say one source."""
    keys = ["reporter", "partner", "year", "series"]
    pages = frame.set_index(keys).source_id
    bare = (frame.check == "two sources") & (frame.source2_id == "")
    for row in frame[bare].itertuples():
        named = [s for s in ("IMF DOTS", "UN Comtrade extract") if s in row.note]
        for series in named:
            page = pages[row.reporter, row.partner, row.year, series]
            frame.loc[row.Index, "source2_id"] = page
        if not named:
            frame.loc[row.Index, "check"] = "one source"


YUAN_JANUARY = (
    "Customs gave 33.2 CNY bn, -36.4 % in yuan (exports -42.1 %, imports -28.7 %); the "
    "news turned the levels into dollars"
)


def _part_year(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/period_trade")
    evidence.add(frame)
    values = ["exports_usd_bn", "imports_usd_bn", "total_usd_bn"]
    growth = ["yoy_exports_pct", "yoy_imports_pct", "yoy_total_pct"]
    for column in values + growth:
        frame[column] = number(frame[column])
    yuan = (frame.period_end == "2015-01-31") & (frame.reporter == "CHN")
    frame.loc[yuan, growth] = None
    frame.loc[yuan, "note"] = YUAN_JANUARY
    known = (frame.period_end == "2017-05-31") & (frame.reporter == "CHN")
    frame.loc[known, "note"] = (
        "The last customs figure in print by the end of June 2017: this page is of 29 June, "
        "four days after the article"
    )
    frame["year"] = whole(frame.period_end.str[:4])
    last = pd.to_datetime(frame.period_end).dt.month
    frame["months"] = last - pd.to_datetime(frame.period_start).dt.month + 1
    keys = ["reporter", "partner", "year", "months", "period_start", "period_end"]
    return frame[[*keys, *values, *growth, *TAIL]]


COUNTED = {  # classification collected -> (who counted, classification)
    "WIOD 2013 release, ISIC Rev.3 industry": ("WIOD 2013", "ISIC Rev. 3 industries"),
    "WITS product group (16 groups)": ("WITS, Mongolia reporting", "WITS groups"),
    "HS six digits, Russia reporting (UN Comtrade)": (
        "UN Comtrade, Russia reporting",
        "HS 6 digits",
    ),
    "HS chapter 27": ("UN Comtrade", "HS chapters"),
    "HS 84-87 as grouped by EPRS": ("UN Comtrade", "HS chapters"),
    "China customs commodity": ("China customs", "HS headings"),
    "China customs commodity, monthly series via Wind": (
        "China customs, monthly series",
        "HS headings",
    ),
    "China customs via media": ("China customs, press", "broad groups"),
    "Russian customs broad group": ("Russian customs", "broad groups"),
    "China MOFCOM": ("China Ministry of Commerce", "broad groups"),
    "Mongolian statistics": ("Mongolian statistics", "broad groups"),
    "Mongolian customs": ("Mongolian customs", "broad groups"),
    "Central bank of Mongolia": ("Central bank of Mongolia", "broad groups"),
    "Siberian customs": ("Siberian customs", "broad groups"),
    "BOFIT from Chinese customs": ("BOFIT, from China customs", "broad groups"),
    "Roscongress estimate": ("Roscongress estimate", "broad groups"),
    "Chinese commentary": ("Chinese commentary", "broad groups"),
    "TASS": ("TASS", "broad groups"),
    "Bloomberg": ("Bloomberg", "broad groups"),
    "The Wire China": ("The Wire China", "broad groups"),
    "ACRA rating agency": ("ACRA rating agency", "broad groups"),
    "Russian trade mission": ("Russian trade mission", "broad groups"),
    "Russian Export Center": ("Russian Export Center", "broad groups"),
}
DUPLICATE = "Chinese Ministry of Commerce"
SECTIONS = {  # WITS abbreviations written out
    "Mach and Elec": "Machinery and electrical goods",
    "Hides and Skins": "Hides and skins",
    "Textiles and Clothing": "Textiles and clothing",
    "Stone and Glass": "Stone and glass, with gold",
    "Food Products": "Food products",
    "Plastic or Rubber": "Plastic or rubber",
}
OTHER_STRUCTURE = [  # figures that stood only in the note of a conflicting row
    {
        "exporter": "CHN",
        "importer": "RUS",
        "year": 2007,
        "counted_by": "Russian trade mission",
        "group": "Machinery, equipment and transport",
        "share_pct": 30.0,
        "share_base": "all imports of Russia from China",
        "source": (
            "PortNews (RIA), trade mission on 2007 trade",
            "https://en.portnews.ru/news/10642",
        ),
        "note": "Another definition of the group; Russian customs show 53.9",
    },
    {
        "exporter": "MNG",
        "importer": "WLD",
        "year": 2011,
        "counted_by": "China customs, press",
        "group": "Coal",
        "group_code": "2701",
        "value_usd_bn": 2.24,
        "source": (
            "Mysteel, 22 Aug 2012",
            "https://news.mysteel.com/12/0822/13/C8FFFABE30F2A388.html",
        ),
        "note": "Mongolian statistics round to 2.3",
    },
]
SUM_OF_THREE = "Crude oil, coal and pipeline gas together"


def _structure(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/trade_structure")
    twin = frame[frame.classification == DUPLICATE].iloc[0]
    evidence.add(frame)
    for column in ("value_usd_bn", "share_pct"):
        frame[column] = number(frame[column])
    frame = frame[frame.value_usd_bn.notna() | frame.share_pct.notna()]
    frame = frame[frame.classification != DUPLICATE].copy()
    merged = (frame.classification == "China MOFCOM") & (frame.exporter == "RUS")
    frame.loc[merged, "source2_id"] = evidence.id(twin.source_title, twin.source_url)
    frame["counted_by"] = frame.classification.map(lambda c: COUNTED[c][0])
    frame["classification"] = frame.classification.map(lambda c: COUNTED[c][1])
    frame["group"] = frame.group.replace(SECTIONS)
    frame["is_sum"] = frame.group == SUM_OF_THREE
    frame["year"] = whole(frame.year)
    other = pd.DataFrame(OTHER_STRUCTURE).fillna({"group_code": "", "share_base": ""})
    other["source_id"] = [evidence.id(*source) for source in other.source]
    other = other.assign(
        period="full year",
        classification="broad groups",
        value_kind="reported",
        check="conflict",
        source2_id="",
        is_sum=False,
    )
    frame = pd.concat([frame, other], ignore_index=True)
    key = ["exporter", "importer", "year", "period", "counted_by", "classification"]
    total = frame[~frame.is_sum].groupby(key).share_pct.transform("sum")
    size = frame.groupby(key).group.transform("size")
    complete = (total - 100).abs().le(0.5) & size.gt(3)
    frame["coverage"] = complete.map({True: "complete", False: "partial"})
    # Both industry sets and Mongolian groups share one long note: shorten it.
    frame["note"] = frame.note.str.replace(
        r"Own sum over using industries and final demand, basic prices; the 16 "
        r"industries together equal (\d+) % of the IMF DOTS flow reported by China",
        r"Summed over users at basic prices; covers \1 % of the flow China reports",
        regex=True,
    )
    columns = [*key, "group_code", "group", "value_usd_bn", "share_pct", "share_base"]
    return frame[[*columns, "coverage", "is_sum", "value_kind", *TAIL]]


FLOWS = {
    "total_trade": "total",
    "total_exports": "exports",
    "total_imports": "imports",
    "trade_with_russia": "russia_total",
    "exports_to_russia": "russia_exports",
    "imports_from_russia": "russia_imports",
}


def _regional(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/heilongjiang_trade")
    evidence.add(frame)
    frame = frame.rename(columns={"region_iso": "region_id", "unit": "currency"})
    frame["currency"] = frame.currency.str[:3]
    money = []
    for currency in ("USD", "CNY"):
        for old, new in FLOWS.items():
            column = f"{new}_{currency.lower()}_bn"
            frame[column] = number(frame[old]).where(frame.currency == currency)
            money.append(column)
    rates = [
        "russia_share_pct",
        "share_of_china_russia_trade_pct",
        "yoy_total_pct",
        "yoy_russia_pct",
    ]
    for column in rates:
        frame[column] = number(frame[column])
    frame["value_kind"] = frame.value_kind.replace(
        {"total and share derived": "derived", "sum derived": "derived"}
    )
    # The growth reported for 2013 implies another level of 2012: show both.
    russia_2012 = (frame.region_id == "CN-HL") & (frame.year == "2012")
    russia_2012 &= frame.period == "full year"
    grown = frame[(frame.region_id == "CN-HL") & (frame.year == "2013")]
    grown = grown[grown.period == "full year"].iloc[0]
    implied = grown.russia_total_usd_bn / (1 + grown.yoy_russia_pct / 100)
    extra = frame[russia_2012].iloc[0].to_dict() | {
        "russia_total_usd_bn": round(implied, 2),
        "share_of_china_russia_trade_pct": None,
        "value_kind": "derived",
        "source_id": grown.source_id,
        "check": "conflict",
        "note": "The value of 2013 divided by its growth; 21.31 was reported",
    }
    frame.loc[russia_2012, "check"] = "conflict"
    frame = pd.concat([frame, pd.DataFrame([extra])], ignore_index=True)
    add_days(frame, years=True)
    frame["year"] = whole(frame.year)
    keys = ["region_id", "year", "period", "period_start", "period_end", "currency"]
    frame = frame.sort_values(["region_id", "period_end", "currency"])
    return frame[[*keys, *money, *rates, "value_kind", *TAIL]]


def _energy(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/energy_flows")
    frame["note"] = frame.note.str.replace("Replaces the derived 22.8", "")
    frame["note"] = frame.note.str.replace("this file", "the series")
    evidence.add(frame)
    _mongolian_customs(frame, evidence)
    frame = frame[frame.measured_by != "derived"].rename(columns={"value": "volume"})
    preliminary = frame[(frame.volume == "102") & (frame.exporter == "RUS")].iloc[0]
    extra = preliminary.to_dict() | {
        "volume": "104",
        "measured_by": "CCA analysis, preliminary",
        "source_id": preliminary.source2_id,
        "source2_id": preliminary.source_id,
        "note": "Preliminary; later 102",
    }
    frame = pd.concat([frame, pd.DataFrame([extra])], ignore_index=True)
    all_coal = (frame.volume == "93.86") & (frame.exporter == "RUS")
    frame.loc[all_coal, "check"] = "conflict"  # hard coal alone, or the Russian count
    for column in ("volume", "value_usd_bn", "yoy_pct"):
        frame[column] = number(frame[column].astype(str))
    capacity = frame.unit.str.endswith("a year")
    summed = frame.period.str.startswith("cumulative")
    frame["measure"] = "flow"
    frame.loc[capacity, "measure"] = "contracted capacity"
    frame.loc[summed, "measure"] = "cumulative flow"
    add_days(frame, years=True)
    frame["year"] = whole(frame.year)
    keys = ["commodity", "route", "exporter", "importer", "year", "period"]
    days = ["period_start", "period_end", "measure", "measured_by"]
    values = ["volume", "unit", "value_usd_bn", "yoy_pct"]
    frame = frame.sort_values([*keys[:5], "period_end", "measured_by"])
    return frame[[*keys, *days, *values, "value_kind", *TAIL]]


CUSTOMS_2019 = (
    "Montsame, 12 Nov 2019: Mongolia exports 32.3 million tons of coal in ten months",
    "https://www.montsame.mn/en/read/206732",
)
STOPPED_2026 = (
    "Kommersant, 16 Jan 2026: China stops buying Russian electricity",
    "https://www.kommersant.ru/doc/8342685",
)


def _mongolian_customs(frame: pd.DataFrame, evidence: Evidence) -> None:
    """Name the customs as the one who counted, where the pages do; two later finds."""
    coal = (frame.commodity == "coal") & (frame.exporter == "MNG")
    ten_months = coal & (frame.year == "2019") & (frame.period == "Jan-Oct")
    frame.loc[ten_months, "source2_id"] = evidence.id(*CUSTOMS_2019)
    frame.loc[ten_months, "check"] = "two sources"
    quoting = ten_months | (coal & (frame.year == "2019") & (frame.period == "full year"))
    quoting |= coal & (frame.year == "2024") & (frame.period == "Jan-Oct")
    frame.loc[quoting, "measured_by"] = "Mongolian customs"
    power = frame.commodity == "electricity"
    stopped = power & (frame.year == "2026")
    frame.loc[stopped, "source2_id"] = evidence.id(*STOPPED_2026)
    frame.loc[stopped, "check"] = "two sources"
    frame.loc[stopped, "note"] = (
        "China stopped buying on 1 January 2026, when the price was above its own; the "
        "contract runs to 2037"
    )
    after = power & (frame.year == "2024") & (frame.period == "full year")
    frame.loc[after, "note"] = (
        "All lines. The 500 kV line stood still from 9 November 2023 (table projects); the "
        "others went on"
    )


def _settlement(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/settlement_currency")
    evidence.add(frame)
    frame["scope"] = frame.scope.replace(
        {"goods trade CHN-RUS, both directions": "both directions"}
    )
    add_days(frame, years=True)
    frame["year"] = whole(frame.year)
    frame["method"] = frame.note.str.contains("method not given").map(
        {True: "official statement without a method", False: "quoted statistics"}
    )
    keys = ["year", "period", "period_start", "period_end", "scope"]
    rest = ["value_kind", "method", *TAIL]
    long = frame.melt([*keys, *rest], list(CURRENCIES), "currency", "share_pct")
    long["share_pct"] = number(long.share_pct)
    long["currency"] = long.currency.map(CURRENCIES)
    long = long[long.share_pct.notna()].sort_values(["year", "period", "scope"])
    return long[[*keys, "currency", "share_pct", *rest]]


POINTS = {
    "Manzhouli": "manzhouli_zabaykalsk_rail",
    "Suifenhe": "suifenhe_grodekovo_rail",
    "Tongjiang": "tongjiang_nizhneleninskoye_rail",
    "Erenhot": "erenhot_zamyn_uud_rail",
}


def _trains(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/china_europe_rail")
    more = _trains_at_crossings(reference)
    known = set(zip(frame.year, frame.point, frame.trains, strict=True))
    new = [
        (year, point, trains) not in known
        for year, point, trains in zip(more.year, more.point, more.trains, strict=True)
    ]
    frame = pd.concat([frame, more[new]], ignore_index=True).fillna("")
    both = frame.note.str.extract(
        r"([\d,]+) (?:outbound|inbound)[^,;]*(?:,| and) ([\d,]+) (?:outbound|inbound)"
    )
    first_out = frame.note.str.contains(r"[\d,]+ outbound.*inbound")
    both = both.apply(lambda c: number(c.fillna("").str.replace(",", "")))
    frame["outbound_trains"] = both[0].where(first_out, both[1]).astype("Int64")
    frame["inbound_trains"] = both[1].where(first_out, both[0]).astype("Int64")
    goods = frame.note.str.extract(r"(?:[Vv]alue(?: of goods)?) ([\d.]+) USD bn")[0]
    frame["goods_usd_bn"] = number(goods.fillna(""))
    evidence.add(frame)
    frame["crossing_id"] = frame.point.map(POINTS).fillna("")
    for column in ("trains", "teu"):
        frame[column] = whole(frame[column])
    for column in ("yoy_trains_pct", "yoy_teu_pct"):
        frame[column] = number(frame[column])
    add_days(frame, years=True)
    frame["year"] = whole(frame.year)
    since = frame.period.str.startswith("cumulative")
    frame["measure"] = since.map({True: "since the first train", False: "in the period"})
    keys = ["year", "period", "period_start", "period_end", "point", "crossing_id"]
    trains = ["trains", "outbound_trains", "inbound_trains", "teu", "goods_usd_bn"]
    growth = ["yoy_trains_pct", "yoy_teu_pct", "measure", "value_kind"]
    return frame[[*keys, *trains, *growth, *TAIL]]


def _trains_at_crossings(reference: Path) -> pd.DataFrame:
    """The train counts collected with the crossings, in the form of the others."""
    frame = collected(reference, "places/crossing_stats")
    names = {slug: point for point, slug in POINTS.items()}
    counts = frame[frame.indicator == "China-Europe freight trains"].copy()
    boxes = frame[frame.indicator == "China-Europe containers"]
    boxes = boxes.set_index(["crossing_id", "period"]).value_norm
    keys = list(zip(counts.crossing_id, counts.period, strict=True))
    counts["teu"] = [boxes.get(key, "") for key in keys]
    counts["trains"] = counts.value_norm
    counts["point"] = counts.crossing_id.map(names)
    counts["year"] = counts.period.str[:4]
    counts["period"] = counts.period.map(_in_words)
    counts["value_kind"] = counts.value_kind.str.removeprefix("reported ")
    for column in ("yoy_trains_pct", "yoy_teu_pct"):
        counts[column] = ""
    keys = ["year", "period", "point", "trains", "teu", "yoy_trains_pct"]
    rest = ["yoy_teu_pct", "value_kind", "source_title", "source_url", "check", "note"]
    return counts[keys + rest]


def _in_words(period: str) -> str:
    """An ISO period of one year in the words the other rows use."""
    if len(period) == 4:
        return "full year"
    if period.endswith("-Q1"):
        return "Jan-Mar"
    end = pd.Timestamp(period.split("/")[1])
    if period.count("-") == 2:  # whole months
        return f"Jan-{end:%b}"
    return f"to {end.day} {end:%b}"


AGREEMENTS = {
    "EAEU-China agreement on trade and economic cooperation": "eaeu_china",
    "Eurasian economic partnership agreement Russia-China": "eurasian_partnership",
    "EAEU-Mongolia interim trade agreement": "eaeu_mongolia",
    "China-Mongolia free trade agreement": "china_mongolia_fta",
    "Asia-Pacific Trade Agreement": "apta",
    "Mongolia-Japan economic partnership agreement": "mongolia_japan_epa",
    "EAEU-Vietnam free trade agreement": "eaeu_vietnam_fta",
}
OTHER_EVENTS = [
    (
        "eaeu_china",
        "start of talks as a later text dates it",
        "2016-06",
        "month",
        "",
        "Russian business news text, 2018",
        "https://russiabusinesstoday.com/economy/"
        "eurasian-economic-union-seeks-china-cooperation-free-trade-with-iran/",
        "The decision fell on 31 May 2016, the first round in October 2016",
    ),
    (
        "eaeu_mongolia",
        "coverage",
        "",
        "",
        "275",
        "TASS, Apr 2025",
        "https://tass.com/economy/1944491",
        "Earlier text; the most recent one says 367",
    ),
    (
        "eaeu_mongolia",
        "coverage",
        "",
        "",
        "375",
        "Mongolia-Japan News",
        "https://mongolia-japan.com/news/2132",
        "The most recent text says 367",
    ),
]


DECIDED_2016 = (
    "Reuters via Business Standard, 31 May 2016: Eurasian Economic Union to start talks "
    "with China",
    "https://business-standard.com/article/reuters/russia-led-economic-bloc-seeks-trade-"
    "deal-with-china-116053101673_1.html",
)


def _agreements(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/fta")
    evidence.add(
        frame,
        {
            "Exact day (25 Oct": "This page gives the year only; the joint statement "
            "of 25 October 2019 has its own row. One site prints 6 December with a "
            "query mark",
            "275 items": "275 and 375 in two other texts, each with its own row",
        },
    )
    decided = frame.event == "start of negotiations decided"
    frame.loc[decided, "source2_id"] = evidence.id(*DECIDED_2016)
    frame.loc[decided, "note"] = (
        "Explains the two start dates: decision at the end of May 2016, first round in "
        "October 2016"
    )
    frame["agreement_id"] = frame.agreement.map(AGREEMENTS)
    frame["product_lines"] = frame.detail.str.extract(r"(\d+) (?:goods|lines)")[0]
    names = {slug: name for name, slug in AGREEMENTS.items()}
    rows = []
    for slug, event, date, precision, lines, title, url, note in OTHER_EVENTS:
        parties = frame[frame.agreement_id == slug].parties.iloc[0]
        rows.append(
            {
                "agreement_id": slug,
                "agreement": names[slug],
                "parties": parties,
                "event": event,
                "date": date,
                "date_precision": precision,
                "cuts_tariffs": "yes" if slug == "eaeu_mongolia" else "no",
                "detail": f"{lines} product lines" if lines else "",
                "product_lines": lines,
                "source_id": evidence.id(title, url),
                "source2_id": "",
                "check": "conflict",
                "note": note,
            }
        )
    frame = pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)
    frame["parties"] = frame.parties.str.replace("EAEU and its member states", "EAEU")
    frame["parties"] = frame.parties.str.replace("; ", ";")
    frame["product_lines"] = whole(frame.product_lines.fillna("").astype(str))
    frame["year"] = whole(frame.date.str[:4])
    frame = frame.sort_values(["agreement_id", "date"], kind="stable")
    keys = ["agreement_id", "agreement", "parties", "event", "year", "date"]
    rest = ["date_precision", "cuts_tariffs", "product_lines", "detail"]
    return frame[[*keys, *rest, *TAIL]]


WEIGHTS = ("trade-weighted", "import-weighted")
BARE_LEVEL = "Overall level: the pages do not say which duties are averaged, or how"


def _tariffs(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/tariffs")
    frame["note"] = frame.note.str.replace(
        "Ministry estimate; later years of the period are forecasts made at the time; "
        "the Common Customs Tariff of the EAEU applies",
        "Ministry estimate, later years were forecasts; Common Customs Tariff",
    )
    evidence.add(frame)
    frame["measure"] = frame.measure.str.replace(", WITS trade summary", " (WITS)")
    weighted = frame.measure.str.startswith(WEIGHTS)
    frame["average"] = weighted.map({True: "trade-weighted", False: "simple"})
    frame["basis"] = frame.measure.map(_basis)
    frame["year"] = whole(frame.year)
    overall = (frame.economy == "CHN") & frame.measure.str.startswith("overall")
    bare = overall & frame.year.isin([2001, 2010, 2021])
    frame.loc[bare, "basis"] = "not stated"
    frame.loc[bare, "note"] = (frame.note[bare] + ". " + BARE_LEVEL).str.lstrip(". ")
    frame["rate_pct"] = number(frame.rate_pct)
    keys = ["economy", "year", "measure", "average", "basis", "product_group"]
    frame = frame.sort_values(["economy", "measure", "product_group", "year"])
    return frame[[*keys, "hs_chapters", "rate_pct", "value_kind", *TAIL]]


def _basis(measure: str) -> str:
    """What kind of duty a measure averages."""
    if "WITS" in measure:
        return "not stated"
    if "bound" in measure:
        return "bound"
    if "CIS" in measure:
        return "applied to imports from outside the CIS"
    return "applied" if measure.endswith("commitments") else "MFN applied"


GOALS_2011 = (
    "Windows to Russia, copy of Itar-Tass, 27 Aug 2011: China-Russia trade",
    "http://news.windowstorussia.com/china-russia-trade-to-exceed-usd-70-bln-in-2011.html",
)
OUTCOMES = {"no": "missed", "not reached by 2025": "open", "open": "open"}


def _targets(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/trade_targets")
    evidence.add(
        frame,
        {
            "Target year uncertain": "One page prints 2026 as the target year, "
            "another five years after talks in Beijing; both have a row",
            "Repeated in May 2024": "A forecast, not an agreed target: a Russian deputy "
            "prime minister said so, other officials repeated it in 2024",
            "Forecast of the Chinese": "A forecast of the Chinese vice-minister of "
            "commerce four days after the article, not an agreed target: above 80 bn",
        },
    )
    by_2011 = frame.set_or_stated == "2011-10"
    frame.loc[by_2011, "set_or_stated"] = "2011-08"
    frame.loc[by_2011, "source2_id"] = evidence.id(*GOALS_2011)
    frame.loc[by_2011, "note"] = (
        "Set by the heads of state before 27 August 2011, when the second page reports it"
    )
    frame[["country_a", "country_b"]] = frame.pair.str.split("-", expand=True)
    bounds = frame.target_usd_bn.str.split("-", expand=True)
    frame["target_usd_bn"] = number(bounds[0])
    frame["target_high_usd_bn"] = number(bounds[1].fillna(""))
    frame["outcome_usd_bn"] = number(frame.outcome_usd_bn)
    frame["status"] = frame.met.map(OUTCOMES).fillna("met")
    frame["kind"] = frame.note.str.startswith("A forecast").map(
        {True: "forecast", False: "target"}
    )
    frame["note"] = frame.note.str.replace(", not an agreed target", "")
    no_year = frame.target_usd_bn == 250
    frame.loc[no_year, "note"] = "No target year given; not reached by 2025"
    frame["announced"] = frame.set_or_stated
    unclear = frame[frame.check == "conflict"].iloc[0]
    extra = unclear.to_dict() | {
        "target_year": "",
        "source_id": unclear.source2_id,
        "source2_id": unclear.source_id,
        "note": "Within five years of presidential talks in Beijing; no year printed",
    }
    frame = pd.concat([frame, pd.DataFrame([extra])], ignore_index=True)
    frame["target_year"] = whole(frame.target_year)
    late = frame.met == "yes, a year early"
    met_year = frame.target_year.where(frame.status == "met")
    frame["reached_year"] = met_year - late.astype("Int64")
    year = frame.target_year.astype("string").fillna("open")
    size = frame.target_usd_bn.astype(int).astype(str)
    pair = frame.country_a.str.lower() + "_" + frame.country_b.str.lower()
    frame["target_id"] = pair + "_" + size + "_" + year
    named = whole(frame.outcome_series.str.extract(r", (\d{4})$")[0].fillna(""))
    frame["outcome_year"] = named.fillna(frame.target_year)
    frame.loc[frame.outcome_usd_bn.isna(), "outcome_year"] = pd.NA
    frame["outcome_series"] = frame.outcome_series.str.replace(r", \d{4}$", "", regex=True)
    keys = ["target_id", "country_a", "country_b", "kind", "announced"]
    aims = ["target_usd_bn", "target_high_usd_bn", "target_year"]
    ends = ["outcome_usd_bn", "outcome_year", "outcome_series", "status", "reached_year"]
    return frame[[*keys, *aims, *ends, *TAIL]]


OTHER_SHARES = [
    (
        "2014",
        11.0,
        "Oreanda (RIA, deputy head of the Federal Customs Service), Sep 2024",
        "Said ten years later: from 11 to 34 % over ten years",
    ),
    (
        "2013",
        11.0,
        "US Congressional Research Service, May 2022 (USNI News)",
        "Said nine years later",
    ),
]


def _shares(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "trade/partner_shares")
    frame["note"] = frame.note.str.replace(
        "Years without a row: partner not among the five largest", "Five largest only"
    )
    frame["note"] = frame.note.str.replace(
        "(exports to partner + imports from partner) / (all exports + all imports), "
        "all four from the file",
        "Exports plus imports, partner by total",
    )
    urls = dict(zip(frame.source_title, frame.source_url, strict=True))
    evidence.add(frame, {"Source: about 24 %": "About 24 % before 2022; no year given"})
    frame["value"] = number(frame.value)
    rank = (frame.unit == "rank") & (frame.year == "2021") & (frame.note == "")
    frame.loc[rank & (frame.partner == "RUS"), "note"] = (
        "The page of March 2022 prints no year for the rank: 2021 is inferred"
    )
    china = (frame.economy == "RUS") & (frame.partner == "CHN")
    rows = []
    for year, share, title, note in OTHER_SHARES:
        same = china & (frame.year == year) & (frame.period == "full year")
        same &= frame.indicator == "share of partner in total goods trade"
        frame.loc[same, "check"] = "conflict"
        rows.append(
            frame[same].iloc[0].to_dict()
            | {
                "value": share,
                "value_kind": "reported",
                "source_id": evidence.id(title, urls[title]),
                "source2_id": "",
                "note": note,
            }
        )
    frame = pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)
    frame["indicator"] = frame.indicator.map(INDICATORS)
    is_rank = frame.unit == "rank"
    frame["share_pct"] = frame.value.where(~is_rank)
    frame["partner_rank"] = frame.value.where(is_rank).astype("Int64")
    frame["year"] = whole(frame.year)
    keys = ["economy", "partner", "year", "period", "indicator"]
    frame = frame.sort_values(keys, kind="stable")
    return frame[[*keys, "share_pct", "partner_rank", "value_kind", *TAIL]]
