"""The same galaxy rescaled and cropped, like Figure 1 of Danilov (2020)."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from galforge.figures.stamp_pictures import enlargement, stamp_pictures
from galforge.figures.style import VERMILLION, pixel_axes, pixel_figure, styled
from galforge.imaging.rendering import RenderedStamp

_MARGIN = 24  # px
_CAPTION = 48  # px
_SIDE = 384  # px per panel


@styled()
def scale_and_crop_figure(fitted: RenderedStamp, cropped: RenderedStamp) -> Figure:
    """Return a galaxy at the scale of Eq. 1 beside what ``nx``, ``ny`` alone leave of it.

    Parameters
    ----------
    fitted, cropped : RenderedStamp
        The same galaxy on as many pixels: rescaled by Eq. 1, and at a given scale. A frame on the first
        shows where the second ends.
    """
    size = len(fitted.image)
    side = size * enlargement(size, _SIDE)
    figure = pixel_figure(2 * side + 3 * _MARGIN, side + _CAPTION + _MARGIN)
    panels = []
    for column, (stamp, name) in enumerate([(fitted, "rescaled (Eq. 1)"), (cropped, "cropped (nx, ny)")]):
        axes = pixel_axes(figure, _MARGIN + column * (side + _MARGIN), _CAPTION, side, side)
        low, high = stamp.image.min(), stamp.image.max()
        picture = stamp_pictures((stamp.image[None, None] - low) / (high - low))[0]
        axes.imshow(picture, aspect="auto", origin="lower")
        axes.set_title(
            f"{name}: {size} × {size} px of {stamp.pixel_scale:.3g} arcsec\n"
            f"{100 * stamp.flux_fraction:.1f} % of the flux",
            loc="left",
            weight="normal",
            fontsize=9,
        )
        panels.append(axes)
    seen = size * cropped.pixel_scale / fitted.pixel_scale  # px of the first panel
    corner = (size - seen) / 2 - 0.5
    panels[0].add_patch(Rectangle((corner, corner), seen, seen, fill=False, color=VERMILLION, linewidth=1.5))
    return figure
