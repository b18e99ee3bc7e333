"""The numbers that a text in English, Russian or Chinese states, and how exact they are.

The grammar; its words stand in the table ``number_words``:

================  ==============================================================
a number          1234.5  1,234.5  1 234,5  1.234,5  12.5  12,5; 1,234 is read both
                  ways; with words: 1.2 bn, 1,2 млрд, 12亿, two million, двенадцать
                  процентов, 百分之十二
a share           half of, two thirds, doubled, вдвое, 三分之二: good to a tenth of
                  itself
its rounding      half a unit of its last digit; zeros that end a whole number are
                  rounded, from its third digit on (1,200 is 1,150 to 1,250; not
                  so percent); after "about" and the like they are good to 5 %
its unit          percent, percentage points or none; in "from 1.3 to 1.5 million"
                  the first may have the unit of the second
its sign          that of a minus or plus; "rose by 4.5 %" is no fall
no number         counts: whole numbers to twelve and number words, without a unit;
                  31 provinces, 5 of 7; years 1800 to 2099, dates, periods, ranges
                  (2-3 %), ordinals, names (c42, G20, COVID-19, 5G), addresses
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
    r"(?:[1-9]\d{0,2}(?P<gap>[ ,'])\d{3}(?:(?P=gap)\d{3})*(?:[.,]\d+)?|\d{1,3}(?:\.\d{3})+,\d+"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d+(?:[.,]\d+)?)(?![.,]?\d)"
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
    """

    text: str
    readings: list[tuple[float, float]]
    units: list[tuple[float, str]]
    sign: int = 0


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
    for (_start, end, one), (start, _end, other) in pairwise(found):
        if one.units == [(1.0, "")] != other.units and joined.fullmatch(text, end, start):
            one.units = one.units + other.units[:1]
    return [number for *_place, number in found]


def _number(match: re.Match[str], kind: str, unit: re.Match[str], after: str) -> Number | None:
    """Return the number that was found, None if it is a count, a year or a name."""
    of = next((role for role in ("points", "percent") if unit[role]), "")
    scale = _value(unit["scale"] or "", "scale") * _value(unit["measure"] or "", "measure")
    text, sign = (match[0] + unit[0]).strip(), 0
    if kind == "times":
        value = _value(match[0], "times")
        return Number(text, [(value, 0.1 * value)], [(1.0, "times")])
    if kind == "share" and match["whole"] == "百":
        return Number(text, _exact(match["part"]), [(1.0, "percent")])
    if kind == "share":
        whole, part = (_exact(match[one])[0][0] for one in ("whole", "part"))
        return (
            Number(text, [(part / whole, 0.1 * part / whole)], [(1.0, "times")])
            if whole
            else None
        )
    if kind == "said":
        return Number(text, [(_spoken(text), 0.5)], [(scale, of)]) if unit[0].strip() else None
    if not unit[0] and re.match(rf"-?[{_L}]", after, re.IGNORECASE):  # 5G, 3rd, 2-й
        return None
    readings = _read(match["digits"], match["gap"], bool(match["about"]), bool(of))
    bare = match["digits"].isdecimal() and not (match["money"] or match["sign"])
    year = re.fullmatch(_YEAR, match["digits"]) is not None
    counted = re.match(rf"\s?{_any('counted')}", after, re.IGNORECASE)
    if bare and not unit[0].strip() and (year or counted or readings[0][0] <= COUNTS):
        return None
    if match["sign"]:
        sign = 1 if match["sign"] == "+" else -1
    elif match["rise"]:
        sign = 1
    start = min(match.start(one) for one in ("sign", "money", "digits") if match[one])
    return Number(text[start - match.start() :], readings, [(scale, of)], sign)


def unit_of(text: str) -> tuple[str, float]:
    """Return what kind of unit a text such as "USD bn" names, and its scale.

    Returns:
        "percent", "index" (of which 100 is no change), "amount" or "" (no text).
    """
    scale = 1.0
    for word in text.split():
        scale *= _value(word, "scale") * _value(word, "measure")
    if "= 100" in text or not text:
        return ("index" if text else ""), 1.0
    return ("percent" if text.startswith(("%", "percent")) else "amount"), scale


# --- reading -------------------------------------------------------------------------


def _read(
    digits: str, gap: str | None, about: bool, percent: bool
) -> list[tuple[float, float]]:
    """Return in what ways digits can be read, each with its tolerance."""
    ways = [digits.replace(gap, "").replace(",", ".")] if gap else []
    if gap == "," and re.fullmatch(r"[1-9]\d*,\d{3}", digits):
        ways.append(digits.replace(",", "."))
    if not gap:
        dots = digits.count(".") > 1 or ("." in digits and "," in digits)
        ways = [(digits.replace(".", "") if dots else digits).replace(",", ".")]
    found = []
    for way in ways:
        value, zeros = float(way), 0
        if "." not in way and not percent:
            zeros = min(len(way) - len(way.rstrip("0")), max(len(way) - 2, 0))
        decimals = len(way.partition(".")[2])
        off = 0.5 * 10.0 ** (zeros - decimals)
        found.append((value, max(off, 0.05 * value) if about and way[-1] == "0" else off))
    return found


def _exact(part: str) -> list[tuple[float, float]]:
    """Read what follows 百分之, in Chinese words or in digits."""
    if part[0].isdecimal():
        return _read(part, None, False, True)
    whole, _point, rest = part.partition("点")
    decimals = "".join(f"{_spoken(one):.0f}" for one in rest)
    return [(float(f"{_spoken(whole):.0f}.{decimals}0"), 0.5 * 10.0 ** -len(decimals))]


def _spoken(text: str) -> float:
    """Return what number words mean: a group (hundred, 十) multiplies what it follows."""
    total = part = 0.0
    for word in re.findall(_any("word", "group"), text, re.IGNORECASE):
        if value := _value(word, "group", 0.0):
            total, part = total + (part or 1) * value, 0.0
        else:
            part += _value(word, "word")
    return total + part


@lru_cache(maxsize=1_000)
def _value(text: str, role: str, otherwise: float = 1.0) -> float:
    """Return the value of a word, if it has this role."""
    same = (value for word, value in _words(role) if re.fullmatch(word, text, re.IGNORECASE))
    return next(same, otherwise)


# --- the grammar ----------------------------------------------------------------------


@cache
def _words(*roles: str) -> list[tuple[str, float]]:
    """List the words with one of these roles, longest first: pattern and value."""
    table = read("number_words")
    found: list[tuple[str, float]] = []
    for language in ("en", "ru", "zh"):
        rows = table[table["role"].isin(roles) & table[language].notna()]
        cells = zip(rows[language].str.split("|"), rows["value"], strict=True)
        found += [(word, value) for words, value in cells for word in words]
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
        begin + _any("apart"),
    ]
    money = r"(?:USD|US|CNY|RMB|RUB)?\s?[$€¥₽]\s?|(?:USD|CNY|RMB|RUB)\s?"
    kinds = {
        "apart": "|".join(apart),
        "times": begin + _any("times"),
        "share": rf"(?P<whole>[{_ZH}]+|\d+)\s?分之\s?(?P<part>[{_ZH}点]+|\d+(?:[.,]\d+)?)",
        "number": rf"(?:{begin}(?P<rise>{_any('rise')})\s*)?"
        rf"(?:{begin}(?P<about>{_any('about')})\s*)?(?P<sign>(?<![\w)%])[-−–+])?"
        rf"(?P<money>{begin}(?:{money}))?(?P<digits>{_DIGITS})",
        "said": rf"{begin}{word}(?:(?:\sand\s|[\s-])?{word})*",
        "name": rf"(?<![{_L}])[{_L}]+(?:[-_]?\d+)+[\w-]*|\d[\w.,:-]*",
    }
    unit = "|".join(f"(?P<{role}>{_any(role)})" for role in ("points", "percent", "measure"))
    patterns = (
        "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()),
        rf"(?:[\s-]?(?P<scale>{_any('scale')}))?(?:[\s-]{{0,2}}(?:{unit}))?",
        rf",?\s*{_any('joined')}\s*|\s*[,、]\s*",
    )
    find, suffix, joined = (re.compile(one, re.IGNORECASE) for one in patterns)
    return find, suffix, joined
