"""Generators that are not models: what a score must tell from real stamps, or must not."""

import numpy as np
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed
from galforge.datasets.normalization import normalize
from galforge.evaluation.reference_split import hashed_order


def chosen_stamps(names: NDArray[np.generic], count: int, control: str) -> NDArray[np.intp]:
    """Return which training stamps a control is made from, in an order that is its own.

    Parameters
    ----------
    names : ndarray, shape (N,)
        Identifiers of the training stamps.
    count : int
        Stamps wanted; where there are fewer, they start over.
    control : str

    Returns
    -------
    ndarray of int, shape (count,)
    """
    return np.resize(hashed_order(names.tolist(), control), count)


def shuffle_phases(image: NDArray[np.floating], seed: int) -> NDArray[np.float64]:
    """Return a stamp with the same power spectrum and random phases: noise as bright as the galaxy.

    Parameters
    ----------
    image : ndarray, shape (C, H, W)
    seed : int

    Returns
    -------
    ndarray of float64, shape (C, H, W)
        Each channel's Fourier amplitudes are those of ``image``; the phases are those of white
        noise, the same for all channels, so the colours of the structures stay.
    """
    white = np.random.default_rng(seed).standard_normal(image.shape[1:])
    phases = np.exp(1j * np.angle(np.fft.fft2(white)))
    # The mean has no phase, but white noise has a sign there.
    phases[0, 0] = 1.0
    return np.asarray(np.fft.ifft2(np.abs(np.fft.fft2(image)) * phases).real + 0.0)


def memorizer(train: NDArray[np.float32], rows: NDArray[np.intp], seed: int) -> NDArray[np.float32]:
    """Return training stamps as they are: a model that has learnt them by heart."""
    return np.asarray(train[rows])


def repeated_stamp(train: NDArray[np.float32], rows: NDArray[np.intp], seed: int) -> NDArray[np.float32]:
    """Return one training stamp again and again: a generator whose modes have collapsed."""
    return np.asarray(train[np.full(len(rows), rows[0])])


def shuffled_phases(train: NDArray[np.float32], rows: NDArray[np.intp], seed: int) -> NDArray[np.float32]:
    """Return noise with the power spectra of training stamps, normalized as these are."""
    images = [shuffle_phases(train[row], derive_seed(seed, "phases", n)) for n, row in enumerate(rows)]
    return normalize(np.stack(images)).image


# The controls that are made from training stamps alone; the parametric one needs the survey.
OF_STAMPS = {
    "control_memorizer": memorizer,
    "control_repeated_stamp": repeated_stamp,
    "control_shuffled_phases": shuffled_phases,
}
