"""The film of a training: samples of the same latents, frame after frame."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from galforge.core.files import replacing
from galforge.figures.stamp_pictures import enlargement, mosaic, stamp_pictures

FRAME_MS, LAST_FRAME_MS = 250, 2500
QUALITY = 70  # of WebP, 0 to 100
CAPTION = 20  # px
INK, PAPER = (34, 34, 34), (255, 255, 255)


def film_frames(frames: NDArray[np.uint8], steps: Sequence[int], columns: int) -> list[Image.Image]:
    """Return one picture per frame: its stamps, and the step above them.

    Parameters
    ----------
    frames : ndarray of uint8, shape (F, S, C, H, W)
        255 is 1.
    steps : sequence of int
        After how many steps each frame was taken.
    columns : int
        Stamps per row.
    """
    factor = enlargement(frames.shape[-1], 64)
    pictures = []
    for stamps, step in zip(frames, steps, strict=True):
        sheet = mosaic(stamp_pictures(stamps / 255), min(columns, len(stamps)))
        image = Image.fromarray(np.round(255 * sheet).astype(np.uint8))
        image = image.resize((factor * image.width, factor * image.height), Image.Resampling.NEAREST)
        page = Image.new("RGB", (image.width, image.height + CAPTION), PAPER)
        page.paste(image, (0, CAPTION))
        ImageDraw.Draw(page).text((0, 2), f"step {step:,}", INK, ImageFont.load_default(13))
        pictures.append(page)
    return pictures


def words_frame(text: str) -> Image.Image:
    """Return a picture that says why there is no film."""
    page = Image.new("RGB", (8 * len(text) + 16, 2 * CAPTION), PAPER)
    ImageDraw.Draw(page).text((8, CAPTION // 2), text, INK, ImageFont.load_default(13))
    return page


def save_film(pictures: Sequence[Image.Image], path: Path) -> None:
    """Write an animated WebP that starts again at its end, whole or not at all."""
    durations = [FRAME_MS] * (len(pictures) - 1) + [LAST_FRAME_MS]
    with replacing(path) as temporary:
        pictures[0].save(
            temporary,
            format="WEBP",
            save_all=True,
            append_images=pictures[1:],
            duration=durations,
            loop=0,
            quality=QUALITY,
        )
