"""Flat faces of a car's controls: buttons, knobs, vents, screens, and a dashboard's face made of them.

Everything is drawn into (h, w, 3) float32 RGB, 0..255; places and sizes are pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from kilpi.draw.clutter.lettering import FONTS
from kilpi.draw.clutter.lettering import face as face_of
from kilpi.draw.insides.stuffs import Ink, hide, leather, plastic, wood
from kilpi.draw.noise import Floats, smooth_field

Rng = np.random.Generator
Rect = tuple[int, int, int, int]  # left, top, width, height

FACES = ("a-semi.ttf", "c-tech.ttf", "f-square.ttf", "h-grotesque.ttf", "p-din.ttf", "i-mono.ttf")
WORDS = (
    "RADIO", "MEDIA", "NAVI", "MENU", "AUTO", "AC", "OFF", "MODE", "ESP", "SET", "TEL", "MAP", "CAR", "ECO",
    "SPORT", "DRIVE", "VOL", "MAX", "DUAL", "SYNC", "PASS", "FM 98.1", "21.5", "22", "Settings", "Vehicle",
    "Phone", "Assist", "Display", "Sound", "12:45", "14 C", "P", "R", "N", "D", "START", "STOP", "ENGINE",
)  # fmt: skip
GLOWS: tuple[Ink, ...] = ((240, 240, 240), (255, 90, 40), (255, 160, 60), (90, 170, 255), (110, 230, 120))


def write(canvas: Floats, text: str, x: float, y: float, size: float, ink: Ink, face: str = FACES[0]) -> None:
    """Text with its middle at (x, y), `size` pixels tall."""
    font = face_of(FONTS / face, max(5, round(size)))
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    mask = Image.new("L", (max(1, right - left + 2), max(1, bottom - top + 2)), 0)
    ImageDraw.Draw(mask).text((1 - left, 1 - top), text, fill=255, font=font)
    cover = np.asarray(mask, np.float32) / np.float32(255)
    x0, y0 = round(x - cover.shape[1] / 2), round(y - cover.shape[0] / 2)
    cut = cover[max(0, -y0) :, max(0, -x0) :]
    place = canvas[max(0, y0) : max(0, y0) + cut.shape[0], max(0, x0) : max(0, x0) + cut.shape[1]]
    cut = cut[: place.shape[0], : place.shape[1], None]
    place += (np.array(ink, np.float32) - place) * cut


def pad(canvas: Floats, rect: Rect, ink: Ink, rounded: float, raised: float = 1.0) -> None:
    """A plate with round corners, lit from above, with a shadow around it."""
    x, y, w, h = rect
    size = canvas.shape[:2]
    mask = np.zeros(size, np.uint8)
    r = int(max(1, min(w, h) * rounded / 2))
    cv2.rectangle(mask, (x + r, y + r), (x + w - r, y + h - r), 255, -1)
    mask = np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))))
    cover = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.8), np.float32) / np.float32(255)
    blur = max(1.0, min(w, h) * 0.08)
    shade = np.asarray(cv2.GaussianBlur(cover, (0, 0), blur), np.float32)
    canvas *= 1 - np.float32(0.5 * raised) * shade[:, :, None]
    rows = np.clip((np.arange(size[0], dtype=np.float32) - y) / max(1, h), 0, 1)
    fill = np.array(ink, np.float32) * (np.float32(1.25) - np.float32(0.5) * rows)[:, None, None]
    edge = np.asarray(cv2.Sobel(shade, cv2.CV_32F, 0, 1), np.float32)[:, :, None] * np.float32(90 * raised)
    canvas += (fill + np.clip(edge, -20, 60) - canvas) * cover[:, :, None]


def disc(canvas: Floats, x: float, y: float, r: float, ink: Ink, rng: Rng) -> None:
    """A knob: a rim that catches light, a darker top, a mark."""
    middle = (round(x), round(y))
    cv2.circle(canvas, (middle[0], round(y + r * 0.12)), round(r * 1.08), (8.0, 8.0, 9.0), -1, cv2.LINE_AA)
    for k in np.linspace(1, 0.75, 6):
        tone = np.clip(np.array(ink) * (2.4 - 1.9 * k) + 25, 0, 255)
        cv2.circle(canvas, middle, max(1, round(r * k)), tuple(tone.tolist()), -1, cv2.LINE_AA)
    cv2.circle(canvas, middle, max(1, round(r * 0.7)), tuple(float(v) for v in ink), -1, cv2.LINE_AA)
    turn = rng.uniform(0, 2 * np.pi)
    tip = (round(x + r * 0.62 * np.cos(turn)), round(y + r * 0.62 * np.sin(turn)))
    cv2.line(canvas, middle, tip, (225.0, 225.0, 225.0), max(1, round(r * 0.08)), cv2.LINE_AA)


def buttons(canvas: Floats, rect: Rect, rng: Rng) -> None:
    """A row or a field of buttons with words or signs on them."""
    x, y, w, h = rect
    columns, rows = int(rng.integers(1, 7)), int(rng.integers(1, 3))
    ink = tuple((np.full(3, rng.uniform(18, 70)) + rng.normal(0, 2, 3)).tolist())
    glow = GLOWS[int(rng.integers(len(GLOWS)))]
    cw, ch = max(6, w // columns), max(6, h // rows)
    for i in range(columns * rows):
        left, top = x + (i % columns) * cw, y + (i // columns) * ch
        pad(canvas, (left + 1, top + 1, cw - 3, ch - 3), ink, rng.uniform(0.1, 0.5))
        sign(canvas, left + cw / 2, top + ch / 2, min(cw, ch) * 0.42, glow, rng)


def sign(canvas: Floats, x: float, y: float, size: float, ink: Ink, rng: Rng) -> None:
    """A word, or a small pictogram of lines."""
    if rng.random() < 0.45:
        words = [word for word in WORDS if len(word) < 6]
        write(
            canvas, words[int(rng.integers(len(words)))], x, y, size * 0.7, ink, FACES[int(rng.integers(6))]
        )
        return
    thick = max(1, round(size * 0.1))
    for _ in range(int(rng.integers(1, 4))):
        a, b = (np.array((x, y)) + rng.uniform(-0.5, 0.5, 2) * size for _ in range(2))
        if rng.random() < 0.4:
            cv2.circle(
                canvas, tuple(a.astype(int).tolist()), max(1, round(size * 0.25)), ink, thick, cv2.LINE_AA
            )
        else:
            ends = [tuple(p.astype(int).tolist()) for p in (a, b)]
            cv2.line(canvas, ends[0], ends[1], ink, thick, cv2.LINE_AA)


def vent(canvas: Floats, rect: Rect, rng: Rng) -> None:
    """Slats in a frame."""
    x, y, w, h = rect
    pad(canvas, rect, (rng.uniform(30, 150),) * 3, rng.uniform(0.1, 0.6))
    d = max(2, min(w, h) // 14)
    pad(canvas, (x + d, y + d, w - 2 * d, h - 2 * d), (10, 10, 11), 0.2)
    for k in range(1, (slats := int(rng.integers(3, 7)))):
        top = y + d + k * (h - 2 * d) // slats
        grey = rng.uniform(40, 90)
        cv2.line(canvas, (x + 2 * d, top), (x + w - 2 * d, top), (grey,) * 3, max(1, h // 22), cv2.LINE_AA)
    if rng.random() < 0.6:
        cv2.line(canvas, (x + w // 2, y + d), (x + w // 2, y + h - d), (60.0,) * 3, max(1, w // 30))


def screen(canvas: Floats, rect: Rect, rng: Rng) -> None:
    """A display: a menu, tiles, a map, or what a camera behind the car sees."""
    x, y, w, h = rect
    pad(canvas, (x - w // 30, y - h // 30, w + w // 15, h + h // 15), (16, 16, 17), 0.12)
    back = np.array(
        ((12, 14, 18), (8, 24, 48), (30, 34, 40), (226, 228, 230))[int(rng.integers(4))], np.float32
    )
    face = np.empty((max(8, h), max(8, w), 3), np.float32)
    face[:] = back * (0.8 + 0.5 * smooth_field(face.shape[0], face.shape[1], rng, 2))[:, :, None]
    ink: Ink = (30, 30, 34) if back[0] > 128 else (232, 236, 240)
    painters = (_menu, _tiles, _map, _rear_camera)
    painters[int(rng.integers(len(painters)))](face, ink, rng)
    face += smooth_field(face.shape[0], face.shape[1], rng, 2)[:, :, None] * np.float32(rng.uniform(0, 45))
    place = canvas[max(0, y) : y + face.shape[0], max(0, x) : x + face.shape[1]]
    place[:] = face[: place.shape[0], : place.shape[1]]


def _menu(face: Floats, ink: Ink, rng: Rng) -> None:
    h, w = face.shape[:2]
    rows = int(rng.integers(4, 8))
    for i in range(rows):
        y = h * (i + 1) / (rows + 1)
        if i == 1:
            cv2.rectangle(face, (0, int(y - h / rows / 2.4)), (w, int(y + h / rows / 2.4)), GLOWS[1], 1)
        write(face, WORDS[int(rng.integers(len(WORDS)))], w * rng.uniform(0.2, 0.4), y, h / rows * 0.5, ink)
    sign(face, w * 0.75, h * 0.5, h * 0.5, GLOWS[int(rng.integers(5))], rng)


def _tiles(face: Floats, ink: Ink, rng: Rng) -> None:
    h, w = face.shape[:2]
    columns, rows = int(rng.integers(3, 6)), int(rng.integers(1, 4))
    for i in range(columns * rows):
        x, y = (i % columns + 0.5) * w / columns, (i // columns + 0.45) * h / rows
        size = min(w / columns, h / rows) * 0.5
        tint = tuple(rng.uniform(40, 240, 3).tolist())
        sign(face, x, y, size, tint, rng)
        write(face, WORDS[int(rng.integers(len(WORDS)))], x, y + size * 0.75, max(5, size * 0.3), ink)


def _map(face: Floats, ink: Ink, rng: Rng) -> None:
    h, w = face.shape[:2]
    face[:] = np.array((70, 84, 78) if ink[0] > 128 else (226, 230, 214), np.float32)
    for _ in range(int(rng.integers(5, 14))):
        ends = [tuple((rng.uniform(-0.1, 1.1, 2) * (w, h)).astype(int).tolist()) for _ in range(2)]
        tint = ((214.0, 214.0, 206.0), (250.0, 200.0, 90.0), (120.0, 150.0, 220.0))[int(rng.integers(3))]
        cv2.line(face, ends[0], ends[1], tint, max(1, w // 60), cv2.LINE_AA)
    write(face, "12:45", w * 0.85, h * 0.08, h * 0.09, ink)


def _rear_camera(face: Floats, ink: Ink, rng: Rng) -> None:
    h, w = face.shape[:2]
    rows = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    face[:] = np.where(rows < 0.3, np.array((150, 165, 180), np.float32), np.array((96, 96, 94), np.float32))
    face *= (0.7 + 0.6 * smooth_field(h, w, rng, 6))[:, :, None]
    for side in (-1, 1):
        for k, tint in enumerate(((60, 220, 80), (250, 220, 60), (240, 50, 40))):
            a = (int(w * (0.5 + side * (0.15 + 0.09 * k))), int(h * (0.4 + 0.2 * k)))
            b = (int(w * (0.5 + side * (0.24 + 0.09 * k))), int(h * (0.6 + 0.2 * k)))
            cv2.line(face, a, b, tuple(float(v) for v in tint), max(2, w // 90), cv2.LINE_AA)


def ground(height: int, width: int, rng: Rng) -> Floats:
    """What controls are set into: plastic, leather or wood."""
    make = (plastic, plastic, plastic, leather, wood)[int(rng.integers(5))]
    return make(height, width, hide(rng), rng)


def dash_face(height: int, width: int, rng: Rng) -> Floats:
    """The middle of a dashboard: vents, a screen, rows of buttons and knobs, one above the other."""
    canvas = ground(height, width, rng)
    w = int(width * rng.uniform(0.5, 0.95))
    x, y = (width - w) // 2, int(height * rng.uniform(0, 0.08))
    if rng.random() < 0.6:
        pad(canvas, (x - 4, y, w + 8, height - y), (rng.uniform(15, 140),) * 3, 0.1)
    parts = rng.permutation(["vents", "screen", "knobs", "buttons", "buttons"])[: int(rng.integers(2, 6))]
    tall = (height - y) // len(parts)
    for part in parts:
        inner = (x + w // 20, y + tall // 10, w - w // 10, int(tall * 0.8))
        lay_part(canvas, str(part), inner, rng)
        y += tall
    return canvas


def lay_part(canvas: Floats, part: str, inner: Rect, rng: Rng) -> None:
    """Draws "vents", a "screen", "knobs" or "buttons" into a rectangle."""
    x, y, w, h = inner
    if part == "vents":
        vent(canvas, (x, y, w // 2 - w // 30, h), rng)
        vent(canvas, (x + w // 2 + w // 30, y, w // 2 - w // 30, h), rng)
    elif part == "screen":
        screen(canvas, inner, rng)
    elif part == "knobs":
        r = min(h / 2, w / 7)
        for at in (0.13, 0.87) if rng.random() < 0.7 else (0.15, 0.5, 0.85):
            disc(canvas, x + w * at, y + h / 2, r, (rng.uniform(25, 130),) * 3, rng)
        buttons(canvas, (x + w // 3, y + h // 5, w // 3, h * 3 // 5), rng)
    else:
        buttons(canvas, inner, rng)
