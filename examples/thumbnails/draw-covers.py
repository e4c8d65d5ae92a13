#!/usr/bin/env python3
"""Draws the pictures that schema.sql speaks of into the folder `pictures`: something to make thumbnails of."""

import pathlib

from PIL import Image, ImageDraw

FOLDER = pathlib.Path("pictures")


def draw(number):
    """A cover in colours of its own; some stand, some lie."""
    width, height = ((600, 900), (900, 600), (800, 800))[number % 3]
    image = Image.new("RGB", (width, height), (number * 37 % 256, number * 91 % 256, 160))
    pen = ImageDraw.Draw(image)
    pen.ellipse((width * 0.2, height * 0.3, width * 0.8, height * 0.7), fill=(255, 255 - number * 8, 90))
    pen.text((width * 0.45, height * 0.1), f"No. {number}", fill=(255, 255, 255))
    return image


def main():
    FOLDER.mkdir(exist_ok=True)
    for number in range(1, 25):
        draw(number).save(FOLDER / f"{number}.png")
    (FOLDER / "13.png").write_text("Somebody saved a web page under this name.\n", encoding="utf-8")
    (FOLDER / "17.png").unlink()


if __name__ == "__main__":
    main()
