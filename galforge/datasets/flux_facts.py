"""What a person reads of a dataset in flux: its unit, zero point, PSFs and noise, in numbers."""

from pathlib import Path

import numpy as np

from galforge.datasets.normalization import FLUX
from galforge.datasets.observing_conditions import has_truth
from galforge.datasets.stamp_file import read_attributes
from galforge.datasets.stamp_parts import opened_stamps, whole_part


def flux_facts(path: Path) -> dict[str, str]:
    """Return what a data card says of a dataset's unit and observing conditions; nothing of one in [0, 1]."""
    attributes = read_attributes(path)
    if attributes.get("normalization") != FLUX:
        return {}
    with opened_stamps(path) as file:
        count, side, _ = file["psf/image"].shape
        noise = np.percentile(whole_part(file, "noise/standard_deviation"), [10, 50, 90])
        correlation = whole_part(file, "noise/correlation")
    middle = len(correlation) // 2
    zero_point = attributes.get("zero_point")
    return {
        "scale": f"{attributes['flux_scale']:.6g}",
        "unit": attributes["flux_unit"],
        "zero_point": "" if zero_point is None else f"{zero_point:.2f}",
        "zero_point_origin": attributes["zero_point_origin"],
        "pixel_scale": f"{attributes['pixel_scale']:g}",
        "psf_count": f"{count:,}",
        "psf_side": str(side),
        "noise": f"{noise[1]:.4g}",
        "noise_range": f"{noise[0]:.4g} to {noise[2]:.4g}",
        "neighbours": f"{correlation[middle, middle + 1]:.2f}",
        "lags": str(middle),
        "truth": "yes" if has_truth(path) else "",
    }
