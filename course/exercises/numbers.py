"""The numbers that a text in English, Russian or Chinese states, and how exact they are.

The grammar; its words stand in the table ``number_words``:

================  ==============================================================
a number          1234.5  1,234.5  1 234,5  1.234,5  12.5  12,5; 1,234 is read both
                  ways, and so is 1.234; with words: 1.2 bn, 1,2 млрд, 12亿, two million,
                  двенадцать процентов, 百分之十二; 1.5m (metres too); 1 млн 512 тыс.
a share           half of, two thirds, doubled, вдвое, 三分之二: good to a tenth of
                  itself
its rounding      half a unit of its last digit; zeros that end a whole number are
                  rounded, from its third digit on (1,200 is 1,150 to 1,250; not
                  so percent); after "about" and the like they are good to 5 %;
                  "over 80" is 80 to 88, "over 84" to 85, "almost 85" from 84
its unit          percent, percentage points or none; in "from 1.3 to 1.5 million"
                  the first may have the unit of the second
its sign          that of a minus or plus; "rose by 4.5 %" is no fall
no number         counts: whole numbers to twelve and number words, without a unit;
                  31 provinces, 5 of 7; years 1800 to 2099, dates, periods, ranges
                  (2-3 %, between 2 and 3 %), ordinals, names (c42, G20, COVID-19,
                  5G), addresses
================  ==============================================================
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from course.data import read

COUNTS = 12  # whole numbers to this one are counts, unless a unit follows
_L = "a-zа-я_"
_ZH = "〇零一二两三四五六七八九十百千"
_YEAR = r"(?:1[89]|20)\d\d(?!\d)"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_DIGITS = (
    r"(?:[1-9]\d{0,2}(?P<gap>[ ,.'])\d{3}(?:(?P=gap)\d{3})*(?:(?!(?P=gap))[.,]\d+)?"
    r"|\d+(?:[.,]\d+)?|(?<![^\s(=])\.\d+)(?![.,]?\d)"
)


@dataclass
class Number:
    """A number in a text.

    Attributes:
        text: how it is written.
        readings: value and tolerance, without the scale; two if it can be read two ways.
        units: scale (such as 1e9) and kind: "percent", "points", "times" or ""; a second
            one where it may be that of the next number.
        sign: -1 or 1 where the text says it, else 0.
        bound: 1 where the text says more than this, -1 for less, else 0.
    """

    text: str
    readings: list[tuple[float, float]]
    units: list[tuple[float, str]]
    sign: int = 0
    bound: int = 0


def numbers(text: str) -> list[Number]:
    """Return the numbers that a text states, in order; the grammar says which are none.

    Args:
        text: English, Russian or Chinese, also mixed.
    """
    text = text.replace("№", "no. ").replace("’", "'").replace("ё", "е")
    text = unicodedata.normalize("NFKC", text)
    find, suffix, joined = _grammar()
    found: list[tuple[int, int, Number]] = []
    at = 0
    while match := find.search(text, at):
        at, kind, unit = match.end(), match.lastgroup or "", suffix.match(text, match.end())
        if kind in ("apart", "name") or unit is None:
            continue
        number = _number(match, kind, unit, text[unit.end() : unit.end() + 20])
        if number:
            at = unit.end()
            found.append((match.start(), at, number))
    for place in range(len(found) - 1, 0, -1):  # 1 млн 512 тыс. is one number
        (first, end, one), (start, last, other) = found[place - 1 : place + 1]
        (scale, kind), (small, of) = one.units[0], other.units[0]
        if not (kind or of or text[end:start].strip()) and scale > small:
            value, off = other.readings[0]
            other.readings = [(one.readings[0][0] * scale / small + value, off)]
            other.text, other.sign = text[first:last], one.sign
            found[place - 1 : place + 1] = [(first, last, other)]
    for (_start, end, one), (start, _end, other) in pairwise(found):
        if one.units == [(1.0, "")] != other.units and joined.fullmatch(text, end, start):
            one.units = one.units + other.units[:1]
    return [number for *_place, number in found]


def _number(match: re.Match[str], kind: str, unit: re.Match[str], after: str) -> Number | None:
    """Return the number that was found, None if it is a count, a year or a name."""
    of = next((role for role in ("points", "percent") if unit[role]), "")
    of = "percent" if match["before"] or match["hundredth"] else of
    scale = _value(unit["scale"] or "", "scale") * _value(unit["measure"] or "", "measure")
    text, units = (match["written"] or match[0]) + unit[0], [(scale, of)]
    if unit["letter"]:
        units = [(_value(unit["letter"], "letter"), of), *units]
    if kind == "times":
        value = _value(match["multiple"], "times")
        off = 0.05 if match[0].endswith("成") else 0.1 * value
        return Number(match[0], [(value, off)], [(1.0, "times")], 0, bool(match["past"]))
    if kind == "said":
        ways = _read(_spoken(match["spoken"]), "", False, bool(of))
        return Number(text, ways, units) if of or unit[0] else None
    if not unit[0] and re.match(rf"-?[{_L}]", after, re.IGNORECASE):  # 5G, 3rd, 2-й
        return None
    readings = _read(match["digits"], match["gap"] or "", bool(match["about"]), bool(of))
    year = re.fullmatch(_YEAR, text) is not None
    counted = re.match(rf"\s?{_any('counted')}", after, re.IGNORECASE)
    if text.isdecimal() and (year or counted or readings[0][0] <= COUNTS):
        return None
    rises = match["rise"] or match["sign"] == "+"
    sign, said = 1 if rises else -1 if match["sign"] else 0, match["over"] or match["under"]
    text = f"{said} {text}" if said else text
    over = match["over"] or unit[0].startswith(("余", "多"))  # 800多亿
    return Number(text, readings, units, sign, bool(over) - bool(match["under"]))


def unit_of(text: str) -> tuple[str, float]:
    """Return what kind of unit a text such as "USD bn" names, and its scale.

    Returns:
        "percent", "index" (of which 100 is no change), "count", "amount" or "" (no text).
    """
    if text in ("", "count") or "= 100" in text:
        return ("index" if "=" in text else text), 1.0
    scale = 1.0
    for word in text.split():
        scale *= _value(word, "scale") * _value(word, "measure")
    return ("percent" if text.startswith(("%", "percent")) else "amount"), scale


# --- reading -------------------------------------------------------------------------


def _read(digits: str, gap: str, about: bool, percent: bool) -> list[tuple[float, float]]:
    """Return in what ways digits can be read, each with its tolerance."""
    ways = [digits.replace(gap, "").replace(",", ".")]
    if re.fullmatch(r"\d+[.,]\d{3}", digits) and gap:
        ways.append(digits.replace(",", "."))
    found = []
    for way in ways:
        value, decimals = float(way), way.partition(".")[2]
        zeros = min(len(way) - len(way.rstrip("0")), max(len(way) - 2, 0))
        off = 0.5 * 10.0 ** -(len(decimals) if decimals or percent else -zeros)
        found.append((value, max(off, 0.05 * value) if about and way[-1] == "0" else off))
    return found


def _spoken(text: str) -> str:
    """Return number words in digits: 二百点五 is 200.5.

    A group (hundred, 十) multiplies what it follows.
    """
    whole, _point, rest = text.partition("点")
    total = part = 0.0
    for word in re.findall(_any("word", "group"), whole, re.IGNORECASE):
        if value := _value(word, "group", 0.0):
            total, part = total + (part or 1) * value, 0.0
        else:
            part += _value(word, "word")
    decimals = "".join(f"{_value(word, 'word'):.0f}" for word in rest)
    return f"{total + part:.10g}" + (f".{decimals}" if decimals else "")


@lru_cache(maxsize=1_000)
def _value(text: str, role: str, otherwise: float = 1.0) -> float:
    """Return the value of a word, if it has this role."""
    same = (value for word, value in _words(role) if re.fullmatch(word, text, re.IGNORECASE))
    return next(same, otherwise)


# --- the grammar ----------------------------------------------------------------------


@cache
def _words(*roles: str) -> list[tuple[str, float]]:
    """List the words with one of these roles, longest first: pattern and value."""
    rows = read("number_words").query("role in @roles")
    cells = rows.melt("value", ["en", "ru", "zh"], value_name="words").dropna(subset="words")
    pairs = zip(cells["words"].str.split("|"), cells["value"], strict=True)
    found = [(word, value) for words, value in pairs for word in words]
    found.sort(key=lambda one: -len(one[0]))
    return [(_pattern(word), value) for word, value in found]


def _pattern(word: str) -> str:
    text = re.escape(word).replace(r"\*", f"[{_L}]*").replace(r"\ ", r"\s+")
    return text + (rf"(?![{_L}\d])" if re.search(r"[a-zа-я*\d]$", word, re.IGNORECASE) else "")


def _any(*roles: str) -> str:
    return "(?:" + "|".join(word for word, _value in _words(*roles)) + ")"


@cache
def _grammar() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what finds a number or what only looks like one, its unit, what joins two."""
    begin, month, word = rf"(?<![{_L}\d])", _any("month"), _any("word", "group")
    alone = rf"(?![.,]?\d)(?!\s?{_any('scale', 'points', 'percent')})"
    apart = [
        r"https?://\S+|www\.\S+",
        begin + _any("label") + r"\s*\d++(?:[.-]\d++)*+" + alone,
        r"\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\d)",
        rf"{_DAY}(?:st|nd|rd|th|-?го|-?е)?\s+(?:of\s+)?{month}",
        rf"{begin}{month}\s+{_DAY}(?:st|nd|rd|th)?(?!\d){alone}",
        rf"{_YEAR}(?:[-–—/]\d{{1,4}}(?!\d))*(?:\s?[-–—]\s?{_YEAR})?"
        rf"(?:-?(?:[а-я]{{1,2}}|s)(?![{_L}]))?{alone}",
        rf"[\d{_ZH}]+\s?(?:[年月日号季届]|个月)",
        rf"\d+\s(?:out\s)?(?:of|из)\s(?:the\s|all\s)?\d+{alone}|\d+(?:[/:⁄]\d+)+",
        r"\d(?:[\d.,]*\d)?\s?[-–—]\s?\d(?:[\d.,]*\d)?(?![.,]?\d)",
        rf"{begin}(?:between|между)\s\d[\d,]*(?:\s[^\s\d]+)?\s(?:and|и)\s\d[\d,]*",
        begin + _any("apart"),
    ]
    money = r"(?:USD|US|CNY|RMB|RUB)?\s?[$€¥₽]\s?|(?:USD|CNY|RMB|RUB)\s?"
    bounds = "|".join(f"(?P<{role}>{_any(role)})" for role in ("about", "over", "under"))
    kinds = {
        "apart": "|".join(apart),
        "times": rf"(?:{begin}(?P<past>{_any('over')})\s*)?"
        rf"{begin}(?P<multiple>{_any('times')})",
        "number": rf"(?:{begin}(?P<rise>{_any('rise')})\s*)?"
        rf"(?:{begin}(?:{bounds})\s*)?(?P<written>(?P<sign>(?<![\w)%])[-−–+])?"
        rf"(?:{begin}(?:{money})|(?P<before>百分之\s?))?(?P<digits>{_DIGITS}))",
        "said": rf"{begin}(?P<hundredth>百分之\s?)?(?P<spoken>{word}"
        rf"(?:(?:\sand\s|[\s-])?{word})*(?:点[{_ZH}]+)?)",
        "name": rf"(?<![{_L}])[{_L}]+(?:[-_]?\d+)+[\w-]*|\d[\w.,:-]*",
    }
    unit = "|".join(f"(?P<{role}>{_any(role)})" for role in ("points", "percent", "measure"))
    patterns = (
        "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()),
        rf"(?:[\s-]?(?P<scale>{_any('scale')})|(?P<letter>{_any('letter')}))?(?:[\s-]{{0,2}}(?:{unit}))?",
        rf",?\s*{_any('joined')}\s*|\s*[,、]\s*",
    )
    find, suffix, joined = (re.compile(one, re.IGNORECASE) for one in patterns)
    return find, suffix, joined
