"""What a check sees of a folium map, and what it says of one that cannot be right."""

from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from typing import Any

import folium

from course.errors import CourseError
from course.exercises.read import ITEMS, read_value, type_name
from course.exercises.values import Plain, Unfit
from course.maps.legible import sizes, unseen
from course.maps.picture import Picture, look
from course.maps.scripts import tree
from course.words import _

# all places the course speaks of, generously: south, north, west, east in degrees
_LAT, _LON = (15.0, 82.0), (60.0, 195.0)

_UNSEEN = {
    "small": _(
        "Most of your circles are too small to be seen when the map opens. A CircleMarker "
        "counts its radius in pixels (4 to 30 read well), a Circle in metres."
    ),
    "large": _(
        "A circle is so large that it hides the map. A CircleMarker counts its radius in "
        "pixels (4 to 30 read well), a Circle in metres."
    ),
    "faint": _(
        "A circle or a line is drawn so thin or so faintly that nobody sees it. Look at its "
        "weight, opacity and fill."
    ),
    "colour": _(
        "No browser knows one of your colours, so it is not drawn as you mean it. Is the name "
        "spelt right?"
    ),
}


def read_map(answer: Any) -> Plain:
    """Read a folium map, and draw it once.

    Args:
        answer: what the student handed in.

    Returns:
        The plain form; ``value`` is a `Picture` as a dict. Of what is no map, ``what`` says
        the way to the map it belongs to.

    Raises:
        Unfit: it holds more than can be looked at.
    """
    if isinstance(answer, folium.Map):
        if sum(1 for _part in islice(tree(answer), ITEMS + 1)) > ITEMS:
            raise Unfit(_("Your map holds too much to be checked."), "cannot tell")
        picture = look(answer)
        picture.flaw = _flaw(picture) or _trouble_drawing(answer)
        return {"form": "map", "what": _("a map"), "value": asdict(picture)}
    what = _("an object of type {type}", type=type_name(answer))
    if isinstance(getattr(answer, "map", None), folium.Map):
        what += _(" (the map is its .map)")
    elif isinstance(getattr(answer, "m1", None), folium.Map):
        what += _(" (its maps are .m1 and .m2: hand in one)")
    elif isinstance(answer, folium.MacroElement):
        what += _(" (add_to gives back what was added: hand in the map)")
    else:
        with suppress(Unfit):
            return read_value(answer)
    return {"form": "other", "what": what, "value": None}


def _flaw(picture: Picture) -> str:
    """Say what is wrong with a map whatever it should show; "" if nothing is."""
    drawn = [*picture.marks, *picture.lines, *picture.areas]
    if not drawn:
        return _(
            "There is no marker, line or area on the map yet. Make one and add it with "
            ".add_to(...) and the name of your map."
        )
    if not picture.shown(drawn):
        return _("The map opens with all its layers hidden. Leave out show=False.")
    points = [at for one in picture.marks or drawn for at in one.points]
    swapped = [at for at in points if not _inside(*at) and _inside(at[1], at[0])]
    if len(swapped) * 2 > len(points):
        return _(
            "Latitude and longitude are swapped: your points lie far outside the region. "
            "Folium wants [latitude, longitude]."
        )
    return _UNSEEN.get(sizes(picture) or unseen(picture), "")


def _inside(lat: float, lon: float) -> bool:
    east = lon + 360 if lon < -160 else lon  # Chukotka crosses the date line
    return _LAT[0] <= lat <= _LAT[1] and _LON[0] <= east <= _LON[1]


def _trouble_drawing(m: folium.Map) -> str:
    try:
        m.get_root().render()
    except CourseError as error:
        return _("The map cannot be drawn: {error}", error=error)
    except Exception as error:
        words = _("The map cannot be drawn ({error}). Show it in a cell of its own.")
        return words.format(error=type_name(error))
    return ""
