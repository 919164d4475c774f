"""The default colours, measured: apart from each other for every kind of colour vision, readable in light and dark."""

from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

import pytest

from projects.palette import COLOURS, HOTKEYS, RESERVED_HOTKEYS, next_colour, next_hotkey
from projects.people import PALETTE

# Machado, Oliveira, Fernandes 2009: full dichromacy, on linear RGB.
VISIONS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
# Ink and panel of the design tokens.
THEMES = {"light": ("#17202c", "#ffffff"), "dark": ("#e7ecf2", "#171d25")}
# --person-lift and --on-person of the design tokens: white mixed into a person's colour, and the words on it.
PEOPLE = {"light": (0.0, "#ffffff"), "dark": (0.6, "#0f141a")}
# About four times what can just be told apart side by side.
CLEARLY_APART = 8


def rgb(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def linear(channels):
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def times(matrix, vector):
    return [sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix]


def lab(colour, vision):
    channels = rgb(colour) if isinstance(colour, str) else colour
    seen = [min(1, max(0, c)) for c in times(VISIONS[vision], linear(channels))]
    ratios = [value / white for value, white in zip(times(TO_XYZ, seen), (0.95047, 1, 1.08883), strict=True)]
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def delta_e_2000(one, other):
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (hypot(a1, b1) + hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - sqrt(mean**7 / (mean**7 + 25**7)))
    c1, c2 = hypot(a1 * stretch, b1), hypot(a2 * stretch, b2)
    h1, h2 = degrees(atan2(b1, a1 * stretch)) % 360, degrees(atan2(b2, a2 * stretch)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    light, chroma, hue = (l1 + l2) / 2, (c1 + c2) / 2, h1 + turn / 2
    t = 1 - 0.17 * cos(radians(hue - 30)) + 0.24 * cos(radians(2 * hue))
    t += 0.32 * cos(radians(3 * hue + 6)) - 0.2 * cos(radians(4 * hue - 63))
    by_l = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2))
    by_c = (c2 - c1) / (1 + 0.045 * chroma)
    by_h = 2 * sqrt(c1 * c2) * sin(radians(turn / 2)) / (1 + 0.015 * chroma * t)
    bend = -2 * sqrt(chroma**7 / (chroma**7 + 25**7)) * sin(radians(60 * exp(-((((hue % 360) - 275) / 25) ** 2))))
    return sqrt(by_l**2 + by_c**2 + by_h**2 + bend * by_c * by_h)


def mixed(colour, share, other):
    """CSS: color-mix(in srgb, colour share, other)."""
    return [share * c + (1 - share) * o for c, o in zip(rgb(colour), rgb(other), strict=True)]


def contrast(one, other):
    lighter, darker = sorted((times(TO_XYZ, linear(c))[1] for c in (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_its_measure_agrees_with_the_published_example_of_ciede2000():
    """Sharma, Wu, Dalal 2005, pairs 1 and 17."""
    assert delta_e_2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert delta_e_2000((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-4)


@pytest.mark.parametrize("vision", VISIONS)
def test_it_keeps_the_first_eight_colours_apart(vision):
    for one, other in combinations(COLOURS[:8], 2):
        assert delta_e_2000(lab(one, vision), lab(other, vision)) > CLEARLY_APART, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_it_keeps_the_words_of_a_tag_readable(theme):
    ink, panel = THEMES[theme]
    for colour in COLOURS:
        assert contrast(mixed(colour, 0.78, ink), mixed(colour, 0.16, panel)) >= 4.5, colour


@pytest.mark.parametrize("theme", PEOPLE)
@pytest.mark.parametrize("vision", VISIONS)
def test_nobody_looks_like_a_label(theme, vision):
    lift, _ = PEOPLE[theme]
    for person in PALETTE:
        shown = lab(mixed(person, 1 - lift, "#ffffff"), vision)
        for colour in COLOURS:
            assert delta_e_2000(shown, lab(colour, vision)) > CLEARLY_APART, (person, colour)


@pytest.mark.parametrize("theme", PEOPLE)
@pytest.mark.parametrize("vision", VISIONS)
def test_people_who_came_one_after_the_other_look_different(theme, vision):
    lift, _ = PEOPLE[theme]
    shown = [lab(mixed(person, 1 - lift, "#ffffff"), vision) for person in PALETTE]
    for place, one in enumerate(shown):
        for further in (1, 2):
            assert delta_e_2000(one, shown[(place + further) % len(shown)]) > 6, (PALETTE[place], further)


@pytest.mark.parametrize("theme", PEOPLE)
def test_it_keeps_names_readable_on_people(theme):
    lift, words = PEOPLE[theme]
    for person in PALETTE:
        shown = mixed(person, 1 - lift, "#ffffff")
        assert contrast(shown, rgb(words)) >= 4.5, person
        assert contrast(shown, rgb(THEMES[theme][1])) >= 4.5, person


def test_it_gives_each_label_another_colour_while_there_are_some():
    used = []
    for _ in range(2 * len(COLOURS)):
        used.append(next_colour(used))
    assert used == [*COLOURS, *COLOURS]


def test_it_gives_digits_before_letters_and_no_key_of_a_command():
    assert next_hotkey([]) == "1"
    assert next_hotkey("123456789") == "q"
    assert not RESERVED_HOTKEYS & set(HOTKEYS)
    assert next_hotkey(HOTKEYS) == ""
