"""Two maps side by side."""

from typing import Any

from branca.element import Element
from folium import plugins

from course.errors import known
from course.maps.area import area_map
from course.words import _


class DualMap(plugins.DualMap):
    """Two maps of an area that move together; the folium way, without a network.

    What is added to it comes on both maps; ``m1`` and ``m2`` are the maps themselves.

    Args:
        area: the study area, as for `course.area_map`.
        language: language of the names.
        layout: ``"horizontal"`` (side by side) or ``"vertical"``.
        options: what else `course.area_map` takes, such as ``height`` in pixels.

    Raises:
        CourseError: the area, language or layout is unknown, or an option cannot be used.
    """

    def __init__(
        self,
        area: str = "borderland",
        language: str = "en",
        layout: str = "horizontal",
        **options: Any,
    ) -> None:
        known(layout, ("horizontal", "vertical"), _("layout"))
        super(plugins.DualMap, self).__init__()  # folium's own maps would need a network
        self.m1 = area_map(area, language, **options)
        self.m2 = area_map(area, language, **options)
        side, start = ("width", "left") if layout == "horizontal" else ("height", "top")
        for k, half in enumerate((self.m1, self.m2)):
            half.position = "absolute"
            setattr(half, side, (50, "%"))
            setattr(half, start, (50 * k, "%"))
        page = self.m2._page = self.m1._page
        page.add_child(self.m2)
        page.add_child(self)
        page.header.add_child(Element("<style>.folium-map{outline:1px solid #c8c8c8}</style>"))
        self.children_for_m2: list[Any] = []
        self.children_for_m2_copied: list[str] = []

    def __repr__(self) -> str:
        return _("Two maps that move together. {alt}", alt=repr(self.m1))

    def render(self, **kwargs: Any) -> Any:
        """Write both maps into their page, as folium asks."""
        self.children_for_m2_copied = []  # a page forgets what it was given when drawn
        return super().render(**kwargs)

    def save(self, outfile: Any, close_file: bool = True, **kwargs: Any) -> None:
        """Save both maps as one page."""
        self.m1.save(outfile, close_file, **kwargs)
