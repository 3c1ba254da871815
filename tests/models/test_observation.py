"""The PSF and the noise of stamps, against numpy and scipy."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats
import torch

from galforge.models.observation import (
    LEAST_POWER,
    apodisation,
    border_light,
    convolve,
    fourier_gaussian_error,
    noise_power,
    pixel_gaussian_error,
    total_variation,
)


def drawn(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("side", [1, 7, 21, 31, 41, 61])
@pytest.mark.parametrize(("height", "width"), [(32, 32), (15, 20)])
def test_convolution_is_scipys_of_the_same_size(height, width, side):
    images, psf = drawn(3, 2, height, width), drawn(3, 1, side, side, seed=2)
    convolved = convolve(images, psf)
    for stamp in range(3):
        for band in range(2):
            one, kernel = images[stamp, band].double().numpy(), psf[stamp, 0].double().numpy()
            middle = side // 2
            # Not "same" of scipy, which takes the larger of the two.
            expected = scipy.signal.convolve(one, kernel, "full", "direct")
            expected = expected[middle : middle + height, middle : middle + width]
            assert convolved[stamp, band].numpy() == pytest.approx(expected, abs=2e-4)
            if side <= min(height, width):
                same = scipy.signal.fftconvolve(one, kernel, mode="same")
                assert convolved[stamp, band].numpy() == pytest.approx(same, abs=2e-4)


def test_a_psf_that_is_a_point_leaves_images_where_they_are_and_light_at_the_border_runs_out():
    images = drawn(2, 1, 16, 16)
    point = torch.zeros(2, 1, 9, 9)
    point[:, :, 4, 4] = 1
    assert torch.allclose(convolve(images, point), images, atol=1e-6)
    corner = torch.zeros(1, 1, 16, 16)
    corner[..., 0, 0] = 1
    spread = convolve(corner, torch.full((1, 1, 9, 9), 1 / 81))
    assert spread[..., :5, :5].sum().item() == pytest.approx(25 / 81)
    assert spread.sum().item() == pytest.approx(25 / 81, abs=1e-5)  # none of it on the other side


def test_a_psf_without_a_middle_pixel_is_refused():
    with pytest.raises(ValueError, match="8 x 8 px has no middle"):
        convolve(torch.rand(1, 1, 16, 16), torch.rand(1, 1, 8, 8))


def test_the_gradient_of_the_convolution_is_the_correlation():
    images, psf = drawn(2, 1, 9, 9).double().requires_grad_(), drawn(2, 1, 5, 5, seed=2).double()
    assert torch.autograd.gradcheck(lambda x: convolve(x, psf), images)


def test_convolution_and_likelihood_are_in_float32_under_autocast():
    images, psf = drawn(2, 1, 16, 16), drawn(2, 1, 5, 5, seed=2)
    power = noise_power(torch.eye(3), 16)
    with torch.autocast("cpu", torch.bfloat16):
        convolved = convolve(images.bfloat16(), psf)
        error = fourier_gaussian_error(images.bfloat16(), power)
    assert convolved.dtype == error.dtype == torch.float32
    assert torch.allclose(convolved, convolve(images.bfloat16().float(), psf))
    assert torch.equal(convolve(images.bfloat16(), psf), convolved)
    assert torch.equal(fourier_gaussian_error(images.bfloat16(), power), error)


@pytest.mark.parametrize(("size", "width"), [(64, 8), (33, 5), (32, 0), (32, 16)])
def test_the_window_is_tukeys(size, width):
    line = scipy.signal.windows.tukey(size, 2 * width / size)
    assert apodisation(size, width).numpy() == pytest.approx(np.outer(line, line), abs=1e-6)


def test_a_window_wider_than_the_stamp_is_refused():
    with pytest.raises(ValueError, match="over 17 px"):
        apodisation(32, 17)


def test_light_at_the_border_by_hand():
    images, window = drawn(3, 2, 16, 16), apodisation(16, 4)
    lost = (1 - window.double().numpy()) * images.double().numpy()
    assert border_light(images, window).item() == pytest.approx((lost**2).sum((1, 2, 3)).mean(), rel=1e-5)


def autocorrelation(lags=3):
    """That of white noise smoothed with a lopsided kernel: positive, and not the same in both directions."""
    kernel = np.exp(-0.5 * (np.arange(lags + 1)[:, None] ** 2 + 0.5 * np.arange(lags + 1) ** 2))
    kernel[1, 1] += 0.5
    return scipy.signal.correlate(kernel, kernel, "full")


@pytest.mark.parametrize("size", [5, 8, 9, 32])
def test_noise_power_is_the_spectrum_of_the_folded_autocorrelation(size):
    correlation = autocorrelation()
    lags = len(correlation) // 2
    y, x = np.mgrid[:size, :size]
    expected = sum(
        correlation[lags + dy, lags + dx] * np.cos(2 * np.pi * (y * dy + x * dx) / size)
        for dy in range(-lags, lags + 1)
        for dx in range(-lags, lags + 1)
    )
    expected = np.maximum(expected / correlation[lags, lags], LEAST_POWER)
    power = noise_power(torch.from_numpy(correlation), size)
    assert power.shape == (size, size // 2 + 1)
    assert power.numpy() == pytest.approx(expected[:, : size // 2 + 1], rel=1e-4)


def test_noise_of_that_power_has_variance_1_and_a_cut_off_autocorrelation_still_a_positive_power():
    power = np.abs(np.fft.fft2(np.pad(autocorrelation(), 20))).mean()
    full = noise_power(torch.from_numpy(autocorrelation()), 32)
    whole = torch.cat([full, full[:, 1:-1]], 1)
    assert power > 0
    assert whole.mean().item() == pytest.approx(1, rel=1e-5)
    assert noise_power(torch.ones(3, 3), 32).min().item() == pytest.approx(LEAST_POWER)
    assert torch.equal(noise_power(torch.ones(1, 1), 8), torch.ones(8, 5))


@pytest.mark.parametrize("shape", [(4, 4), (3, 5)])
def test_an_autocorrelation_without_a_middle_is_refused(shape):
    with pytest.raises(ValueError, match="no middle"):
        noise_power(torch.rand(shape), 16)


@pytest.mark.parametrize(("height", "width"), [(6, 6), (5, 7), (6, 5)])
def test_the_fourier_error_is_the_log_density_with_a_circulant_covariance(height, width):
    spread = np.zeros((height, width))
    correlation = autocorrelation(1)
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            spread[dy % height, dx % width] += 0.3 * correlation[1 + dy, 1 + dx] / correlation[1, 1]
    spread[0, 0] += 0.4
    pixels = [(y, x) for y in range(height) for x in range(width)]
    covariance = [[spread[(a - c) % height, (b - d) % width] for c, d in pixels] for a, b in pixels]
    power = torch.from_numpy(np.fft.rfft2(spread).real)
    difference = drawn(4, 1, height, width)
    density = scipy.stats.multivariate_normal(np.zeros(len(pixels)), covariance)
    expected = -density.logpdf(difference.double().numpy().reshape(4, -1)).mean() / len(pixels)
    assert fourier_gaussian_error(difference.double(), power).item() == pytest.approx(expected, rel=1e-6)
    assert fourier_gaussian_error(difference, power.float()).item() == pytest.approx(expected, rel=1e-4)


def test_with_white_noise_both_errors_are_one_and_stamps_have_their_own_deviations():
    difference, deviation = drawn(5, 2, 12, 12), torch.linspace(0.5, 2, 5)[:, None, None, None]
    white = deviation**2 * noise_power(torch.ones(1, 1), 12)
    error = pixel_gaussian_error(difference, deviation).item()
    sigma = deviation.double().numpy()
    expected = -scipy.stats.norm(scale=sigma).logpdf(difference.double().numpy()).mean()
    assert error == pytest.approx(expected, rel=1e-5)
    assert fourier_gaussian_error(difference, white).item() == pytest.approx(error, rel=1e-5)
    same = pixel_gaussian_error(difference, 0.7).item()
    assert same == pytest.approx(-scipy.stats.norm(scale=0.7).logpdf(difference.double().numpy()).mean())


def test_under_a_window_noise_of_the_power_costs_what_it_costs_without():
    """The mean over many maps: the share of the noise that the window takes away is made up for."""
    power = noise_power(torch.from_numpy(autocorrelation()), 32)
    noise = torch.fft.irfft2(torch.fft.rfft2(drawn(2000, 1, 32, 32)) * power.sqrt(), (32, 32))
    assert noise.std().item() == pytest.approx(1, abs=0.01)
    window = apodisation(32, 8)
    windowed = fourier_gaussian_error(noise, noise_power(torch.ones(1, 1), 32), window)
    assert windowed.item() == pytest.approx(0.5 + 0.5 * np.log(2 * np.pi), abs=0.01)
    # What lies at the border alone costs nothing.
    border = torch.zeros(1, 1, 32, 32)
    border[..., 0, :] = 5
    assert fourier_gaussian_error(border, power, window) < fourier_gaussian_error(border, power)


def test_the_gradient_of_the_fourier_error_is_finite_where_there_is_no_difference():
    difference = torch.zeros(2, 1, 8, 8, requires_grad=True)
    fourier_gaussian_error(difference, torch.ones(8, 5)).backward()
    assert torch.equal(difference.grad, torch.zeros(2, 1, 8, 8))
    difference = drawn(2, 1, 6, 6).double().requires_grad_()
    power = noise_power(torch.from_numpy(autocorrelation()), 6).double()
    assert torch.autograd.gradcheck(lambda d: fourier_gaussian_error(d, power), difference)


def test_total_variation_is_the_sum_of_absolute_differences_averaged_over_the_batch():
    images = drawn(3, 2, 7, 9)
    values = images.double().numpy()
    each = [np.abs(np.diff(one, axis=1)).sum() + np.abs(np.diff(one, axis=2)).sum() for one in values]
    assert total_variation(images).item() == pytest.approx(np.mean(each), rel=1e-5)
