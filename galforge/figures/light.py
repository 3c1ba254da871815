"""Mean radial profile and power spectrum, generated over the band of the real stamps."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from galforge.evaluation.light import power_spectra, radial_profiles
from galforge.figures.style import GENERATED, REAL, new_figure, styled

_SAMPLES = {"generated, raw": (0, (3, 1.5)), "generated, with noise": "-"}  # lines
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5)  # cycles / px
_BAND = (16, 84)  # percentiles: one standard deviation of a normal distribution


@styled()
def light_figure(
    real: NDArray[np.floating],
    raw: NDArray[np.floating],
    matched: NDArray[np.floating],
    title: str,
    colour: str = GENERATED,
) -> Figure:
    """Return radial profiles and power spectra of real stamps, and of generated ones without and with noise.

    Parameters
    ----------
    real, raw, matched : ndarray, shape (N, H, W)
        Normalized; real stamps are drawn as their median and the band of 68 % of them.
    title : str
    colour : str
        The model's, for what is generated.
    """
    figure = new_figure(9.0, 3.6, title)
    profile, spectrum = figure.subplots(1, 2)

    radius = np.arange(real.shape[1] // 2) + 0.5
    _draw(profile, radius, radial_profiles(real), [radial_profiles(part) for part in (raw, matched)], colour)
    profile.set(xlabel="distance from the middle [px]", ylabel="mean brightness [of the stamp's range]")

    frequency = np.arange(1, real.shape[1] // 2 + 1) / real.shape[1]
    curves = [10 ** power_spectra(part) for part in (raw, matched)]
    _draw(spectrum, frequency, 10 ** power_spectra(real), curves, colour)
    spectrum.set(xlabel="frequency [cycles / px]", ylabel="power [range² px²]", xscale="log", yscale="log")
    spectrum.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
    spectrum.xaxis.set_minor_formatter(NullFormatter())
    handles, names = profile.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower left", ncols=4)
    return figure


def _draw(
    axes: Axes,
    abscissa: NDArray[np.float64],
    real: NDArray[np.float64],
    samples: list[NDArray[np.float64]],
    colour: str,
) -> None:
    low, high = np.percentile(real, _BAND, axis=0)
    axes.fill_between(
        abscissa, low, high, color=REAL, alpha=0.25, linewidth=0, label="survey, 68 % of stamps"
    )
    # Medians, because they look the same on a logarithmic and on a linear axis.
    axes.plot(abscissa, np.median(real, axis=0), color=REAL, label="survey")
    for (name, line), curves in zip(_SAMPLES.items(), samples, strict=True):
        axes.plot(abscissa, np.median(curves, axis=0), color=colour, linestyle=line, label=name)
