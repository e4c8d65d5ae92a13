#!/usr/bin/env python3
"""Makes thumbnails for rowmill: reads a row a line, writes an outcome a line.

    thumbnail.py PICTURES THUMBNAILS SIZE

in:   {"id": 7, "attempt": 1, "token": "…", "item": {"id": 42, "picture": "42.png"}}
out:  {"id": 7, "outcome": "success"}      or skip, retry, failure, with a "reason"

The same row may come again after a crash. That does no harm: a thumbnail is written under another name and then renamed,
so that it is there whole or not at all, and made anew it is the same.
"""

import json
import os
import pathlib
import sys

from PIL import Image, UnidentifiedImageError


def make_thumbnail(picture, thumbnail, size):
    temporary = thumbnail.with_suffix(f".{os.getpid()}.part")
    with Image.open(picture) as image:
        image.thumbnail((size, size))
        image.convert("RGB").save(temporary, "JPEG", quality=85)
    os.replace(temporary, thumbnail)


def work_on(item, pictures, thumbnails, size):
    """What became of a row, as (outcome, reason)."""
    picture = (pictures / item["picture"]).resolve()
    if pictures.resolve() not in picture.parents:
        return "failure", f"{item['picture']} lies outside of {pictures}"
    if not picture.exists():
        return "skip", f"there is no picture {item['picture']}"
    try:
        make_thumbnail(picture, thumbnails / f"{item['id']}.jpg", size)
    except UnidentifiedImageError:
        return "failure", f"{item['picture']} is no picture"
    except OSError as error:
        return "retry", str(error)
    return "success", ""


def main():
    pictures, thumbnails, size = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    thumbnails.mkdir(exist_ok=True)
    for line in sys.stdin:
        request = json.loads(line)
        outcome, reason = work_on(request["item"], pictures, thumbnails, size)
        print(json.dumps({"id": request["id"], "outcome": outcome, "reason": reason}), flush=True)


if __name__ == "__main__":
    main()
