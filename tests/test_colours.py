"""Colours that readers with colour-blind eyes can tell apart.

The matrices are those of Machado, Oliveira and Fernandes, "A Physiologically-based
Model for Simulation of Color Vision Deficiency" (2009, doi 10.1109/TVCG.2009.113) at
full severity, as the package colorspacious 1.1.2 carries them; they apply to linear
RGB. Distance is that of CIE 1976 in Lab, white point D65.
"""

import itertools

import numpy as np
import pytest

from course import charts
from course.exercises import show as feedback
from course.maps import series

EYES = {
    "trichromat": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# linear sRGB to XYZ, and the white of D65 (IEC 61966-2-1)
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)


def linear(colour):
    """A colour #rrggbb as linear RGB."""
    rgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour, eye):
    """A colour in Lab, as an eye sees it."""
    seen = np.clip(np.array(EYES[eye]) @ linear(colour), 0, 1)
    t = TO_XYZ @ seen / (TO_XYZ @ np.ones(3))
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one, two, eye):
    """How far apart two colours are for an eye."""
    return float(np.linalg.norm(lab(one, eye) - lab(two, eye)))


def contrast(one, two):
    """Contrast ratio of WCAG 2."""
    light, dark = sorted(((TO_XYZ @ linear(c))[1] for c in (one, two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself():
    assert distance("#000000", "#ffffff", "trichromat") == pytest.approx(100, abs=0.1)
    assert distance("#d62728", "#2ca02c", "trichromat") > 100
    assert distance("#8c6d31", "#6b8e23", "deuteranopia") < 20  # brown and olive meet
    assert contrast("#000000", "#ffffff") == pytest.approx(21, abs=0.1)


@pytest.mark.parametrize("eye", EYES)
def test_lines_of_a_chart_differ(eye):
    # a chart takes colours in order; no lesson's chart has more than five lines
    first = charts.COLOURS[:5]
    near = {p: distance(*p, eye) for p in itertools.combinations(first, 2)}
    assert min(near.values()) >= 20, min(near, key=near.get)
    for one, two in itertools.pairwise(charts.COLOURS):
        assert distance(one, two, eye) >= 20, (one, two)


def test_the_palette_is_all_of_okabe_and_ito():
    assert len(set(charts.COLOURS)) == 8


@pytest.mark.parametrize("eye", EYES)
def test_classes_of_a_live_map_rise_in_steps_one_can_see(eye):
    colours = series.class_colours()
    light = [lab(c, eye)[0] for c in colours]
    assert light in (sorted(light), sorted(light, reverse=True))
    steps = [distance(*pair, eye) for pair in itertools.pairwise(colours)]
    assert min(steps) >= 10, steps  # neighbours; each is named in the legend too
    for one, two in zip(colours, colours[2:], strict=False):
        assert distance(one, two, eye) >= 20


@pytest.mark.parametrize("eye", EYES)
def test_classes_about_a_center_differ(eye):
    colours = series.class_colours(6, 3)
    light = [lab(c, eye)[0] for c in colours]
    assert light[:3] == sorted(light[:3]) and light[3:] == sorted(light[3:], reverse=True)
    assert min(distance(*pair, eye) for pair in itertools.combinations(colours, 2)) >= 20


def test_first_colours_stand_out_from_white():
    assert all(contrast(c, "#ffffff") >= 3 for c in charts.COLOURS[:3])


@pytest.mark.parametrize(("page", "ink"), [("#ffffff", "#212121"), ("#111111", "#ffffff")])
def test_words_of_feedback_can_be_read_in_pale_and_dark_themes(page, ink):
    for symbol, words, colour in feedback.LOOKS.values():
        assert symbol and words  # status is never told by colour alone
        assert contrast(colour, page) >= 3  # the edge
        over = [int(c[k : k + 2], 16) for k in (1, 3, 5) for c in (page, colour)]
        share = 0x29 / 255
        mixed = [round(a + share * (b - a)) for a, b in zip(over[::2], over[1::2], strict=True)]
        assert contrast(ink, "#{:02x}{:02x}{:02x}".format(*mixed)) >= 7
        assert contrast("#{:02x}{:02x}{:02x}".format(*mixed), page) < 1.6  # and does not glare
