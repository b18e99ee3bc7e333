"""What the columns of the tables on trade mean."""

from tests.derive.common import SOURCE_KEYS, TAIL, field, key, resource, text, value_kind

_REPORTER = "Economy whose statistics count the trade, ISO 3166-1 alpha-3."
_PARTNER = "Trade partner, ISO 3166-1 alpha-3; WLD stands for the world."
_YEAR = {"minimum": 1990, "maximum": 2035}
_SHARE = {"minimum": 0, "maximum": 100}


def _code(name: str, description: str) -> dict:
    return field(name, "string", description, required=True, pattern="[A-Z]{3,4}")


def _money(name: str, description: str, unit: str = "USD bn") -> dict:
    return field(name, "number", description, unit=unit, minimum=0)


def _rate(name: str, description: str) -> dict:
    return field(name, "number", description, unit="%", minimum=-100)


def _share(name: str, description: str) -> dict:
    return field(name, "number", description, unit="%", **_SHARE)


def _year(description: str = "Year the figure belongs to.", required=True) -> dict:
    return field("year", "integer", description, required=required, **_YEAR)


_SPAN = [
    text("period", "Part of the year, in words; full year where it is the whole."),
    field("period_start", "date", "First day of the period; blank if not given."),
    field("period_end", "date", "Last day of the period; blank if not given."),
]

CURRENCIES = {
    "usd_pct": "USD",
    "eur_pct": "EUR",
    "cny_pct": "CNY",
    "rub_pct": "RUB",
    "cny_plus_rub_pct": "CNY and RUB",
    "other_pct": "other",
}
INDICATORS = {
    "share of partner in total goods trade": "share of total trade",
    "share of partner in exports": "share of exports",
    "share of partner in imports": "share of imports",
    "rank among partners of China": "rank among partners",
}

RESOURCES = [
    resource(
        "bilateral_trade",
        "Goods trade between China, Russia and Mongolia, by year",
        "Yearly goods trade as one side counts it. The series column says who "
        "published the figure; first releases are revised later, so never join two "
        "series into one line without saying so. Exports are valued at the border "
        "of the seller, imports with freight and insurance: the two sides of a "
        "pair do not agree. Money is nominal.",
        [
            _code("reporter", _REPORTER),
            _code("partner", _PARTNER),
            _year(),
            text("series", "Who published the figure."),
            text(
                "vintage",
                "First release of the customs, a later series, or a statement.",
                "first release",
                "later series",
                "statement",
            ),
            _money("exports_usd_bn", "Goods the reporter sold to the partner."),
            _money("imports_usd_bn", "Goods the reporter bought from the partner."),
            _money("total_usd_bn", "Exports and imports together."),
            _money("total_cny_bn", "The same total in yuan, as published.", "CNY bn"),
            _rate(
                "yoy_pct",
                "Growth of the dollar total on the year before, as published.",
            ),
            value_kind("reported", "lower bound", "estimate"),
            text(
                "total_kind",
                "Whether the total was published or is our sum of the flows.",
                "reported",
                "sum of flows",
                required=False,
            ),
            *TAIL,
        ],
        ["reporter", "partner", "year", "series"],
        SOURCE_KEYS,
    ),
    resource(
        "part_year_trade",
        "Goods trade in parts of a year",
        "Customs figures for the first months of a year: what a reader could know "
        "at a given date. January to May 2017 is the last figure in print by the "
        "end of June 2017. Nearly all are first releases of the reporter.",
        [
            _code("reporter", _REPORTER),
            _code("partner", _PARTNER),
            _year(),
            field("months", "integer", "Months covered.", minimum=1, maximum=12),
            field("period_start", "date", "First day of the period.", required=True),
            field("period_end", "date", "Last day of the period.", required=True),
            _money("exports_usd_bn", "Goods the reporter sold to the partner."),
            _money("imports_usd_bn", "Goods the reporter bought from the partner."),
            _money("total_usd_bn", "Exports and imports together."),
            _rate("yoy_exports_pct", "Growth of exports on the same months a year before."),
            _rate("yoy_imports_pct", "Growth of imports on the same months a year before."),
            _rate("yoy_total_pct", "Growth of the total on the same months a year before."),
            *TAIL,
        ],
        ["reporter", "partner", "period_start", "period_end"],
        SOURCE_KEYS,
    ),
    resource(
        "trade_structure",
        "What is traded: composition by group",
        "Values and shares of groups of goods. Never mix two who count or two "
        "classifications in one sum: logs are farm and forestry goods for one and "
        "wood for another. Where coverage is complete the groups of one set add up "
        "to 100; partial sets show single groups. WIOD levels before 2004 are far "
        "below customs totals: use shares. Rows marked as a sum repeat other rows.",
        [
            _code("exporter", "Economy that sells."),
            _code("importer", "Economy that buys; WLD stands for the world."),
            _year(),
            text("period", "Part of the year, in words."),
            text("counted_by", "Who counted or published the composition."),
            text("classification", "How goods are grouped."),
            text("group_code", "Code of the group in it, if any.", required=False),
            text("group", "Group of goods."),
            _money("value_usd_bn", "Value of the group."),
            _share("share_pct", "Share of the group in the base."),
            text("share_base", "What the share is taken of.", required=False),
            text(
                "coverage",
                "Whether the groups of this set add up to all trade.",
                "complete",
                "partial",
            ),
            field("is_sum", "boolean", "True where the row adds up other rows."),
            value_kind("reported", "derived", "share derived", "lower bound"),
            *TAIL,
        ],
        [
            "exporter",
            "importer",
            "year",
            "period",
            "counted_by",
            "classification",
            "group",
        ],
        SOURCE_KEYS,
    ),
    resource(
        "regional_trade",
        "Foreign trade of Heilongjiang and its neighbours",
        "Trade of Heilongjiang, Jilin, Liaoning and Inner Mongolia, in all and with "
        "Russia, in the currency "
        "of the source: dollars and yuan stand in separate columns and are not "
        "converted. Oil and gas pipelines enter through Heilongjiang, so its "
        "Russian share mirrors pipelines as much as local business.",
        [
            text("region_id", "Province, ISO 3166-2: regions.region_id."),
            _year(),
            *_SPAN,
            text("currency", "Currency of the source.", "USD", "CNY"),
            *[
                _money(f"{new}_{currency.lower()}_bn", words, f"{currency} bn")
                for currency in ("USD", "CNY")
                for new, words in {
                    "total": "All foreign trade.",
                    "exports": "All exports.",
                    "imports": "All imports.",
                    "russia_total": "Trade with Russia.",
                    "russia_exports": "Exports to Russia.",
                    "russia_imports": "Imports from Russia.",
                }.items()
            ],
            _share("russia_share_pct", "Russia in all foreign trade of the province."),
            _share(
                "share_of_china_russia_trade_pct",
                "The province in all trade of China with Russia.",
            ),
            _rate("yoy_total_pct", "Growth of all trade, in the currency of the row."),
            _rate("yoy_russia_pct", "Growth of the trade with Russia."),
            value_kind("reported", "derived", "share derived"),
            *TAIL,
        ],
        ["region_id", "year", "period", "currency", "value_kind"],
        [*SOURCE_KEYS, key("region_id", "regions")],
    ),
    resource(
        "energy_flows",
        "Oil, gas, coal and electricity to China, and Mongolian coal",
        "Volumes by route and by who measured them. The same flow may stand here "
        "twice, counted by the seller and by the buyer.",
        [
            text(
                "commodity",
                "What is carried.",
                "crude oil",
                "natural gas",
                "LNG",
                "coal",
                "electricity",
            ),
            text("route", "Way it takes, or all routes."),
            _code("exporter", "Economy that sells."),
            _code("importer", "Economy that buys; WLD stands for the world."),
            _year(),
            *_SPAN,
            text(
                "measure",
                "Flow in the period, flow since the start, or agreed capacity.",
                "flow",
                "cumulative flow",
                "contracted capacity",
            ),
            text("measured_by", "Who measured it."),
            field("volume", "number", "Quantity, in the unit of the row.", minimum=0),
            text(
                "unit",
                "Mt = million tonnes, bcm = thousand million cubic metres.",
                "Mt",
                "Mt a year",
                "bcm",
                "bn kWh",
            ),
            _money("value_usd_bn", "Value of the flow."),
            _rate("yoy_pct", "Growth of the volume as published (see note)."),
            value_kind("reported", "derived", "planned", "forecast"),
            *TAIL,
        ],
        ["commodity", "route", "exporter", "importer", "year", "period", "measured_by"],
        SOURCE_KEYS,
    ),
    resource(
        "settlement_currency",
        "Currencies in the trade between China and Russia",
        "Shares of currencies in payments. Shares of 95 per cent and more are "
        "statements of officials without a published method.",
        [
            _year(),
            *_SPAN,
            text(
                "scope",
                "Which flow.",
                "both directions",
                "Russian exports to China",
                "Russian imports from China",
            ),
            text("currency", "Currency, ISO 4217, or a group.", *CURRENCIES.values()),
            _share("share_pct", "Share in the payments."),
            value_kind("reported", "lower bound"),
            text("method", "Where the share comes from."),
            *TAIL,
        ],
        ["year", "period", "scope", "currency"],
        SOURCE_KEYS,
    ),
    resource(
        "freight_trains",
        "China-Europe freight trains, in all and by border point",
        "Counts differ by definition (trips or trains, with or without Central "
        "Asia); round figures are marked in the note. Border points lie on the "
        "way of the same trains: do not add them to the total.",
        [
            _year(),
            *_SPAN,
            text("point", "Border point, several, or all trains."),
            text(
                "crossing_id",
                "The crossing of that point: crossings.crossing_id.",
                required=False,
            ),
            field("trains", "integer", "Trains.", unit="trains", minimum=0),
            field("outbound_trains", "integer", "Of these from China.", unit="trains"),
            field("inbound_trains", "integer", "Of these to China.", unit="trains"),
            field("teu", "integer", "Containers.", unit="TEU", minimum=0),
            _money("goods_usd_bn", "Value of the goods carried."),
            _rate("yoy_trains_pct", "Growth of the trains, as published."),
            _rate("yoy_teu_pct", "Growth of the containers, as published."),
            text("measure", "In the period, or since the first train."),
            value_kind("reported", "lower bound"),
            *TAIL,
        ],
        ["year", "period", "point"],
        [*SOURCE_KEYS, key("crossing_id", "crossings")],
    ),
    resource(
        "agreements",
        "Trade agreements: what happened and when",
        "Dated events of the agreements between the Eurasian Economic Union, its "
        "members, China, Mongolia and two for comparison. The agreement of the "
        "Union with China does not cut duties.",
        [
            text("agreement_id", "Short name of the agreement."),
            text("agreement", "Agreement."),
            text("parties", "Parties, ISO 3166-1 alpha-3 or EAEU, joined by ;"),
            text("event", "What happened, or which feature the row states."),
            _year("Year of the event; blank where the row states a feature.", False),
            text("date", "ISO date, shortened to what is known.", required=False),
            text(
                "date_precision",
                "How exact the date is.",
                "day",
                "month",
                "year",
                required=False,
            ),
            text(
                "cuts_tariffs",
                "Whether the agreement lowers duties; blank where not yet open.",
                "yes",
                "no",
                required=False,
            ),
            field("product_lines", "integer", "Product lines covered.", minimum=0),
            text("detail", "More about the event.", required=False),
            *TAIL,
        ],
        ["agreement_id", "event", "source_id"],
        SOURCE_KEYS,
    ),
    resource(
        "tariffs",
        "Average import duties of China, Russia and Mongolia",
        "Several measures that must not be mixed: simple and trade-weighted "
        "averages, most-favoured-nation (MFN) and applied rates. The WITS file "
        "does not say which rates it averages.",
        [
            _code("economy", "Economy that levies the duty."),
            _year(),
            text("measure", "Which average the source gives."),
            text("average", "How products are weighted.", "simple", "trade-weighted"),
            text(
                "basis", "Which duties are averaged; not stated where the page leaves it open."
            ),
            text("product_group", "Goods covered."),
            text("hs_chapters", "HS chapters of the group.", required=False),
            field("rate_pct", "number", "Duty.", unit="%", minimum=0, maximum=100),
            value_kind("reported", "estimate", "projection"),
            *TAIL,
        ],
        ["economy", "year", "measure", "product_group"],
        SOURCE_KEYS,
    ),
    resource(
        "trade_targets",
        "Announced trade targets and what came of them",
        "Targets for trade between two countries against the outcome, and forecasts of "
        "officials, which nobody agreed on: the column kind tells them apart. The outcome "
        "is that of the year and the series beside it: the target year, an earlier year "
        "in which the target was passed, or for 250 USD bn without a year the highest "
        "so far.",
        [
            text("target_id", "Pair, size and year of the target."),
            _code("country_a", "First country of the pair."),
            _code("country_b", "Second country of the pair."),
            text(
                "kind",
                "target: set or agreed by both sides, as the page has it. forecast: an "
                "official expects it.",
                "target",
                "forecast",
            ),
            text("announced", "When it was set or stated, as exact as known."),
            _money("target_usd_bn", "Target, or its lower end."),
            _money("target_high_usd_bn", "Upper end if the target is a range."),
            field("target_year", "integer", "Year to reach it; blank if none.", **_YEAR),
            _money("outcome_usd_bn", "Trade in the year of outcome_year."),
            field("outcome_year", "integer", "Year of the outcome.", **_YEAR),
            text("outcome_series", "Whose figure the outcome is.", required=False),
            text("status", "As of early 2026.", "met", "missed", "open"),
            field("reached_year", "integer", "Year it was reached.", **_YEAR),
            *TAIL,
        ],
        ["target_id"],
        SOURCE_KEYS,
    ),
    resource(
        "partner_shares",
        "How large each partner is for the other",
        "Share of a partner in the trade of an economy, or its rank. WITS names "
        "only the five largest partners a year: a missing row is not a zero.",
        [
            _code("economy", "Economy whose trade is the base; EAEU is the Union."),
            _code("partner", "Partner; EUU stands for the European Union."),
            _year(),
            text("period", "Part of the year, in words."),
            text("indicator", "What the row measures.", *INDICATORS.values()),
            _share("share_pct", "Share of the partner."),
            field("partner_rank", "integer", "Place among partners.", minimum=1),
            value_kind("reported", "derived", "lower bound", "forecast"),
            *TAIL,
        ],
        ["economy", "partner", "year", "period", "indicator", "source_id"],
        SOURCE_KEYS,
    ),
]
