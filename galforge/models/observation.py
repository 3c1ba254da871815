"""What lies between a model of a galaxy and its stamp: the PSF and the noise.

After Lanusse et al. (2020), arXiv 2008.03833, and its code: a decoder gives the galaxy before the PSF; its
light is held away from the border by a window, convolved with the PSF of the stamp, and compared with the
stamp by the likelihood of Gaussian noise that is correlated, as that of drizzled images is.
"""

import math
from typing import Final

import torch
from torch import Tensor

HALF_LOG_2_PI: Final = 0.5 * math.log(2 * math.pi)
# For noise of variance 1, whose mean power is 1. A correlation that is cut off has waves of less or none.
LEAST_POWER: Final = 1e-3


def convolve(images: Tensor, psf: Tensor) -> Tensor:
    """Return images convolved with the PSF of each, as seen on the same pixels.

    y[i] = sum over j of x[i - j] p[j], j from -K to K in both directions, P = 2 K + 1; beyond the border x is
    zero. By the fast Fourier transform of images with K zeros or more behind them, so that what runs out on
    one side does not come in on the other. In float32, whatever autocast is at work.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
    psf : Tensor, shape (N, 1, P, P)
        On the pixels of the images, its centre on the middle pixel; its sum is usually 1.

    Returns
    -------
    Tensor, shape (N, C, H, W)

    Raises
    ------
    ValueError
        If P is even: there is no middle pixel.
    """
    *_, height, width = images.shape
    middle = psf.shape[-1] // 2
    if psf.shape[-2:] != (2 * middle + 1, 2 * middle + 1):
        raise ValueError(f"a PSF of {psf.shape[-2]} x {psf.shape[-1]} px has no middle pixel")
    # What comes in from the other side reaches no further than the first K pixels, which are cut off, and of
    # a larger PSF what the transform leaves out reaches no pixel.
    padded = [_fast_size(side + middle) for side in (height, width)]
    transform = torch.fft.rfft2(_single(images), padded) * torch.fft.rfft2(_single(psf), padded)
    whole: Tensor = torch.fft.irfft2(transform, padded)
    return whole[..., middle : middle + height, middle : middle + width]


def _single(values: Tensor) -> Tensor:
    """Return values in float32 where they have fewer digits, which no Fourier transform on a CPU takes."""
    return values if values.dtype == torch.float64 else values.float()


def _fast_size(size: int) -> int:
    """Return the least even size from ``size`` that has no prime factors beyond 5: its transform is fast."""
    size += size % 2
    while True:
        rest = size
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return size
        size += 2


def apodisation(size: int, width: float) -> Tensor:
    """Return a window, (size, size), that falls from 1 to 0 over ``width`` px at each border.

    w[y, x] = t[y] t[x] with Tukey's window t[n] = (1 - cos(pi min(d / D, 1))) / 2, where d is the distance
    from the border, min(n, size - 1 - n), and D = width (size - 1) / size: that of ``scipy.signal.windows``
    with alpha = 2 width / size, as in the code of Lanusse et al. (2020), where width is 8.

    Parameters
    ----------
    size : int
        Of the stamp, px.
    width : float
        Of the slope, px, at most size / 2; 0 for a window that is 1 throughout.
    """
    if not 0 <= width <= size / 2:
        raise ValueError(f"a window of {size} px cannot fall over {width} px at either border")
    if width == 0:
        return torch.ones(size, size)
    place = torch.arange(size, dtype=torch.float64)
    distance = torch.minimum(place, size - 1 - place)
    slope = (1 - torch.cos(torch.pi * (distance * size / (width * (size - 1))).clamp(max=1))) / 2
    return torch.outer(slope, slope).float()


def border_light(images: Tensor, window: Tensor) -> Tensor:
    """Return the mean over images of sum ((1 - w) x)**2: the penalty on light that a window takes away.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        Before the window is applied.
    window : Tensor, shape (H, W)
        As :func:`apodisation` gives it.
    """
    return ((1 - window) * images).square().sum((1, 2, 3)).mean()


def noise_power(correlation: Tensor, size: int) -> Tensor:
    """Return the power spectrum of noise of variance 1 from its autocorrelation.

    P(k) = sum over d of C(d) / C(0) exp(-2 pi i k d / size), real since C(-d) = C(d); its mean over the whole
    plane is 1. It is the power on a periodic map of size x size px; a longer autocorrelation folds over.

    Parameters
    ----------
    correlation : Tensor, shape (2 K + 1, 2 K + 1)
        Autocorrelation or autocovariance of the noise at lags of whole pixels, lag 0 in the middle.
    size : int
        Of the stamp, px.

    Returns
    -------
    Tensor, shape (size, size // 2 + 1)
        float32, in the layout of ``torch.fft.rfft2``, at least LEAST_POWER.
    """
    lags = correlation.shape[-1] // 2
    if correlation.shape != (2 * lags + 1, 2 * lags + 1):
        raise ValueError(f"an autocorrelation of shape {tuple(correlation.shape)} has no middle")
    exact = correlation.double()
    place = torch.arange(-lags, lags + 1, device=correlation.device) % size
    grid = torch.zeros(size, size, dtype=torch.float64, device=correlation.device)
    grid.index_put_((place[:, None], place[None, :]), exact / exact[lags, lags], accumulate=True)
    power: Tensor = torch.fft.rfft2(grid).real
    return power.clamp(min=LEAST_POWER).float()


def fourier_gaussian_error(difference: Tensor, power: Tensor, window: Tensor | None = None) -> Tensor:
    """Return the mean negative log-likelihood of differences under correlated Gaussian noise, nats per pixel.

    With D = FFT(d) of H x W px and noise of power P(k), whose mean over the whole plane is the variance of a
    pixel,

    1 / (H W) sum over k of (|D(k)|**2 / (H W P(k)) + ln P(k)) / 2 + ln(2 pi) / 2

    averaged over images and channels: minus the log density of a normal distribution with the circulant
    covariance that P is the spectrum of, divided by H W. With P constant it is :func:`pixel_gaussian_error`.

    With a window w, d is multiplied by w, so that the two ends of a map meet, and |D|**2 is divided by the
    mean of w**2, the share of the noise that is left. That is no longer an exact likelihood: neighbouring
    waves are now correlated. (Lanusse et al. apply the window to what the decoder gives, not to differences.)

    Parameters
    ----------
    difference : Tensor, shape (N, C, H, W)
        Stamp less model.
    power : Tensor, broadcastable to (N, C, H, W // 2 + 1)
        Such as sigma**2 of each stamp, (N, 1, 1, 1), times :func:`noise_power`.
    window : Tensor, shape (H, W), optional
        As :func:`apodisation` gives it.
    """
    height, width = difference.shape[-2:]
    seen: Tensor = _single(difference)
    share: Tensor | float = 1.0
    if window is not None:
        seen, share = seen * window, window.square().mean()
    transform = torch.fft.rfft2(seen, norm="ortho")  # (N, C, H, W // 2 + 1)
    # Not abs(): its gradient at 0 is undefined.
    squared = (transform.real.square() + transform.imag.square()) / share
    # A wave of the half that rfft2 leaves out is as strong as its mirror image.
    count = torch.full((width // 2 + 1,), 2.0, device=difference.device)
    count[0] = 1
    if width % 2 == 0:
        count[-1] = 1
    terms: Tensor = (squared / power + power.log()) * count
    return 0.5 * terms.sum((-2, -1)).mean() / (height * width) + HALF_LOG_2_PI


def pixel_gaussian_error(difference: Tensor, deviation: Tensor | float) -> Tensor:
    """Return the mean negative log-likelihood of differences under independent noise, nats per pixel.

    The mean over pixels, channels and images of (d / sigma)**2 / 2 + ln sigma + ln(2 pi) / 2.

    Parameters
    ----------
    difference : Tensor, shape (N, C, H, W)
    deviation : Tensor, broadcastable to (N, C, H, W), or float
        Standard deviation of the noise; 0.03 everywhere in the released models of Lanusse et al. (2020).
    """
    seen = _single(difference)
    sigma = torch.as_tensor(deviation, dtype=seen.dtype, device=seen.device)
    # If a tensor is spread evenly over the pixels, its mean is the mean over pixels.
    return 0.5 * (seen / sigma).square().mean() + sigma.log().mean() + HALF_LOG_2_PI


def total_variation(images: Tensor) -> Tensor:
    """Return the mean over images of the sum of absolute differences between neighbouring pixels.

    sum over c, y, x of |x[c, y + 1, x] - x[c, y, x]| + |x[c, y, x + 1] - x[c, y, x]|, as
    ``tf.image.total_variation``, averaged over the batch as in Lanusse et al. (2020).

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
    """
    downwards = (images[..., 1:, :] - images[..., :-1, :]).abs().sum((1, 2, 3))  # (N,)
    sidewards = (images[..., :, 1:] - images[..., :, :-1]).abs().sum((1, 2, 3))
    return (downwards + sidewards).mean()
