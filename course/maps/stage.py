"""The map of an explorer: what is drawn on it changes with its controls, the map stays."""

from typing import Any

import traitlets

from course.data import read
from course.maps.linked import LinkedMap, script
from course.maps.picture import Drawn, Picture, paths
from course.notebook import replace_last
from course.words import _

_SHAPES = {"region": ("region_polygons", "region_id"), "country": ("countries", "iso_a3")}


class Stage(LinkedMap):
    """A map of an area on which features come and go; pan and zoom are kept.

    Args:
        area: a study area.
        alt: what the map shows, in a sentence.
        height: in pixels.
        features: what is drawn first: see `course.explore.Explorer`.
        ids: the ids of features that may be picked, by a click or a key.
    """

    features: Any = traitlets.List().tag(sync=True)
    picked: Any = traitlets.Unicode().tag(sync=True)  # id of a feature, or ""

    def __init__(
        self, area: str, alt: str, height: int, features: list[dict[str, Any]], ids: list[str]
    ) -> None:
        self._alt = alt
        self._choices = {"features": [], "picked": ids}
        alone = _(
            "This map shows the choice it began with. It follows the controls once you run "
            "its cell."
        )
        self._draw_on(area, script("stage", "startStage", alone), alt=alt, height=height)
        super().__init__(features=features)
        self.on_msg(self._answer)
        replace_last(self)

    def __repr__(self) -> str:
        return self.alt

    @property
    def alt(self) -> str:
        """What the map shows."""
        return self._alt

    def _picture(self) -> Picture:
        picture = Picture()
        for one in self.features:
            style = {
                "color": one.get("color", "#55514a"),
                "weight": one.get("width", 1.5),
                "dashArray": one.get("dash"),
                "radius": one.get("radius", 6),
                "fill": True,
                "fillColor": one.get("fill", one.get("color")),
                "fillOpacity": 0.8,
            }
            if "at" in one:
                picture.marks.append(Drawn("CircleMarker", [[one["at"]]], style=style))
            elif "line" in one:
                picture.lines.append(Drawn("PolyLine", [one["line"]], style=style))
            else:
                picture.areas.append(Drawn("GeoJson", _rings(one), style=style))
        return picture


def _rings(feature: dict[str, Any]) -> list[Any]:
    kind = "region" if "region" in feature else "country"
    table, key = _SHAPES[kind]
    shapes = [s for s in read(table)["features"] if s["properties"][key] == feature[kind]]
    return [ring for shape in shapes for ring in paths(shape["geometry"])]
