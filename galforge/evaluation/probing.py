"""What a model makes of latents around the average galaxy, and of stamps turned or made noisier."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import rotate

from galforge.core.seeds import derive_seed
from galforge.datasets.normalization import Normalized, normalize
from galforge.datasets.stamp_file import Stamps
from galforge.evaluation.latents import latent_shift, traversal
from galforge.imaging.border_noise import border_noise
from galforge.imaging.reduced_maximum import reduced_maximum

STEPS: Final = np.arange(-3.0, 4.0)  # j of Figs. 3 and 7 of Danilov (2020)

# The columns of a stamp to which nothing was done.
_UNCHANGED: Final[dict[str, Any]] = {
    "probe": "", "probe_output": 1, "probe_galaxy": -1, "probe_latent": np.nan, "probe_step": 0.0,
    "probe_angle": 0.0, "probe_snr": np.nan, "latent_shift": 0.0,
}  # fmt: skip


class Coder(NamedTuple):
    """A model between arrays.

    Attributes
    ----------
    encode : callable
        Stamps (N, C, H, W) as the model is given them to latent means (N, L).
    decode : callable
        Latents (N, L) to such stamps (N, C, H, W).
    normalize : callable
        Flux (N, C, H, W) to such stamps, with the way back.
    unit : float
        Flux of a pixel of 1 in what is decoded: 1 where it has none.
    """

    encode: Callable[[NDArray[np.float32]], NDArray[np.floating]]
    decode: Callable[[NDArray[np.floating]], NDArray[np.float32]]
    normalize: Callable[[NDArray[np.floating]], Normalized] = normalize
    unit: float = 1.0


def probe_around(table: pd.DataFrame, count: int, coder: Coder) -> Iterator[Stamps]:
    """Yield the average galaxy, and traversals of the strongest latents through it.

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.evaluation.latents.summarize_latents`.
    count : int
        Latents to traverse: those of the highest signal-to-noise ratio.
    coder : Coder
    """
    chosen = table["latent"].tolist()[:count]
    vectors = traversal(table, chosen, STEPS)  # (K, J, L)
    average = table.sort_values("latent")["center"].to_numpy()[None]
    yield _block(coder, coder.decode(average), probe="average")
    yield _block(
        coder,
        coder.decode(vectors.reshape(-1, vectors.shape[-1])),
        probe="traversal",
        probe_latent=np.repeat(np.asarray(chosen, dtype=np.float64), len(STEPS)),
        probe_step=np.tile(STEPS, len(chosen)),
    )


def probe_galaxies(
    stamps: Stamps,
    scatter: NDArray[np.float64],
    coder: Coder,
    count: int,
    angles: Sequence[float],
    targets: Sequence[float],
    seed: int,
) -> Iterator[Stamps]:
    """Yield the brightest stamps turned and made noisier, each as given to the model and as returned.

    The changed stamp is normalized again before it is encoded, as every stamp of a dataset is. Input and
    output share ``offset`` and ``scale``, so that ``flux()`` compares them in the units of the survey.

    Parameters
    ----------
    stamps : Stamps
        Stamps on which the model was not trained.
    scatter : ndarray, shape (L,)
        Standard deviation of each latent over the galaxies.
    coder : Coder
    count : int
        Stamps to change: those of the highest SNR.
    angles : sequence of float
        Degrees; 0, the unchanged stamps, always comes first and need not be among them.
    targets : sequence of float
        SNRs to which noise is added; stamps already below an SNR are left out there.
    seed : int
    """
    flux = stamps.flux()
    snr = signal_to_noise(flux)
    order = np.argsort(-snr, kind="stable")[:count]
    flux, snr = flux[order], snr[order]

    upright = coder.encode(coder.normalize(flux).image)
    every = np.ones(len(flux), dtype=bool)
    tests: list[tuple[NDArray[np.floating], NDArray[np.bool_], dict[str, Any]]] = [
        (turned(flux, angle), every, {"probe": "rotation", "probe_angle": float(angle)})
        for angle in dict.fromkeys((0.0, *angles))
    ]
    for target in targets:
        bright = snr > target
        if not bright.any():
            continue
        random = np.random.default_rng(derive_seed(seed, "probe noise", str(float(target))))
        noisy = noisier(flux[bright], target, random)
        tests.append((noisy, bright, {"probe": "noise", "probe_snr": float(target)}))
    for changed, chosen, columns in tests:
        image, offset, scale = coder.normalize(changed)
        latents = coder.encode(image)
        columns["probe_galaxy"] = np.flatnonzero(chosen)
        columns["latent_shift"] = latent_shift(latents, upright[chosen], scatter)
        for output, part in enumerate((image, coder.decode(latents))):
            yield replace(_block(coder, part, **columns, probe_output=output), offset=offset, scale=scale)


def _block(coder: Coder, image: NDArray[np.float32], **columns: Any) -> Stamps:
    catalog = pd.DataFrame({**_UNCHANGED, **columns}, index=range(len(image)))
    return replace(Stamps.plain(image), scale=np.full(len(image), coder.unit), catalog=catalog)


def turned(images: NDArray[np.floating], angle: float) -> NDArray[np.float64]:
    """Return stamps turned counter-clockwise, as drawn with the first row at the top.

    Quarter turns move pixels and are exact. Any other angle interpolates (cubic splines), which
    smooths the noise a little, and reflects the stamp at its edges to fill the corners.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        Square stamps.
    angle : float
        Degrees.

    Returns
    -------
    ndarray of float64, shape (N, C, H, W)
    """
    images = np.asarray(images, dtype=np.float64)
    if angle % 90 == 0:
        return np.rot90(images, int(angle // 90) % 4, axes=(2, 3)).copy()
    return np.asarray(rotate(images, angle, axes=(3, 2), reshape=False, order=3, mode="reflect"))


def signal_to_noise(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the SNR (Eq. 2) of stamps (N, C, H, W) in flux, for the mean over their channels, (N,)."""
    grey = np.asarray(images, dtype=np.float64).mean(axis=1)
    noise = border_noise(grey)
    return np.asarray(
        np.divide(reduced_maximum(grey), noise, out=np.full(len(grey), np.inf), where=noise > 0)
    )


def noisier(images: NDArray[np.floating], snr: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Return stamps with as much white Gaussian noise added as brings their SNR down to ``snr``.

    The noise that the SNR requires (I_1/4 / SNR, Eq. 2 of Danilov 2020) is the sum in quadrature of what
    is there and what is added. Channels get independent noise, scaled so that this holds for their mean.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        In flux, each with a higher SNR than ``snr``.
    snr : float
    random : numpy Generator

    Returns
    -------
    ndarray of float64, shape (N, C, H, W)

    Raises
    ------
    ValueError
        If a stamp is already noisier.
    """
    images = np.asarray(images, dtype=np.float64)
    grey = images.mean(axis=1)
    wanted = (reduced_maximum(grey) / snr) ** 2 - border_noise(grey) ** 2  # (N,), variances
    if (wanted < 0).any():
        raise ValueError(f"a stamp has a signal-to-noise ratio below {snr}")
    deviation = np.sqrt(wanted * images.shape[1])
    return np.asarray(images + deviation[:, None, None, None] * random.standard_normal(images.shape))


def score_rotation(stamps: Stamps) -> list[dict[str, Any]]:
    """Return what the model makes of turned stamps, one entry per angle.

    Parameters
    ----------
    stamps : Stamps
        All stamps of a probe.

    Returns
    -------
    list of dict
        ``angle``, ``count``, and means over the stamps: ``error``, the root mean square over pixels of
        the reconstruction minus the turned stamp; ``turned_difference``, of the reconstruction turned back
        minus that of the upright stamp (0: rotation and reconstruction commute); both in units of the
        upright stamp's range; and ``latent_shift``, see
        :func:`galforge.evaluation.latents.latent_shift`.
    """
    given, made = (_of(stamps, probe="rotation", probe_output=output) for output in (0, 1))
    upright = _of(made, probe_angle=0)
    units = upright.scale
    scores = []
    for angle in dict.fromkeys(given.catalog["probe_angle"]):
        turned_stamps, flux = _of(given, probe_angle=angle), _of(made, probe_angle=angle).flux()
        error = _rms(flux - turned_stamps.flux()) / units
        difference = _rms(turned(flux, -angle) - upright.flux()) / units
        scores.append(
            {
                "angle": float(angle),
                "count": len(turned_stamps),
                "error": float(error.mean()),
                "turned_difference": float(difference.mean()),
                "latent_shift": float(turned_stamps.catalog["latent_shift"].mean()),
            }
        )
    return scores


def score_noise(stamps: Stamps, targets: Sequence[float]) -> list[dict[str, Any]]:
    """Return what the model leaves of added noise, one entry per SNR.

    Parameters
    ----------
    stamps : Stamps
        All stamps of a probe.
    targets : sequence of float
        The SNRs to which noise was added.

    Returns
    -------
    list of dict
        ``snr``, ``count``, and means over the stamps (None for no stamps): ``added``, the root mean
        square over pixels of the added noise; ``passed``, of what it changes in the reconstruction, both
        in units of the upright stamp's range; ``passed_fraction``, the second divided by the first (0: all
        noise is removed, 1: none is); ``error``, of the noisy stamp's reconstruction minus the stamp
        without added noise, in the same units; ``latent_shift``.
    """
    original, of_original = (
        _of(stamps, probe="rotation", probe_angle=0, probe_output=output) for output in (0, 1)
    )
    scores = []
    for target in targets:
        noisy, of_noisy = (
            _of(stamps, probe="noise", probe_snr=target, probe_output=output) for output in (0, 1)
        )
        chosen = noisy.catalog["probe_galaxy"].to_numpy(dtype=np.intp)
        units = original.scale[chosen]
        added = _rms(noisy.flux() - original.take(chosen).flux()) / units
        passed = _rms(of_noisy.flux() - of_original.take(chosen).flux()) / units
        parts = {
            "added": added,
            "passed": passed,
            "passed_fraction": passed / added,
            "error": _rms(of_noisy.flux() - original.take(chosen).flux()) / units,
            "latent_shift": noisy.catalog["latent_shift"].to_numpy(),
        }
        means = {name: float(values.mean()) if len(values) else None for name, values in parts.items()}
        scores.append({"snr": float(target), "count": len(noisy), **means})
    return scores


def _of(stamps: Stamps, **values: str | float) -> Stamps:
    """Return the stamps that have these values in their catalogue."""
    return stamps.take((stamps.catalog[list(values)] == pd.Series(values)).all(axis=1).to_numpy())


def _rms(difference: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt((np.asarray(difference, dtype=np.float64) ** 2).mean(axis=(1, 2, 3))))
