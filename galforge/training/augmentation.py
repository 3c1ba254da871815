"""New views of training stamps: flips, rotations and translations, never another colour."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from galforge.models.batch import Batch
from galforge.training.augmentation_settings import Augmentation


def augment(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return each stamp in a view of its own, drawn at random.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        In [0, 1], square if they are rotated; the channels of a stamp stay together.
    settings : Augmentation
    generator : torch.Generator
        On the device of the images; every draw comes from it.

    Returns
    -------
    Tensor, shape (N, C, H, W)
        In [0, 1], in the memory format of the images.

    Notes
    -----
    What a rotation or a shift brings in from beyond the stamp is the stamp reflected at its edge: no
    corner is empty, no line shows where the stamp ended, and the noise continues.

    Flips, right angles and shifts by whole pixels move pixels and change none. Only free rotation
    interpolates, once for the whole view (bicubic, clipped to [0, 1]): white noise keeps 0.86 of its
    deviation, where bilinear interpolation would leave two thirds, and a Gaussian of sigma 4 px is off by
    at most 0.01 of its peak.
    """
    return augment_batch(Batch(images), settings, generator).image


def augment_batch(
    batch: Batch,
    settings: Augmentation,
    generator: torch.Generator,
    angles: Sequence[tuple[int, int]] = (),
    unit_range: bool = True,
) -> Batch:
    """Return each stamp in a view of its own, with its PSF and its angles flipped and rotated as it is.

    Parameters
    ----------
    batch : Batch
    settings : Augmentation
    generator : torch.Generator
        On the device of the batch; every draw comes from it.
    angles : sequence of (int, int), optional
        Which conditions are cosine and sine of the double of an angle.
    unit_range : bool, optional
        Whether the stamps are in [0, 1], and stay there.
    """
    images = batch.image
    height, width = images.shape[2:]
    if settings.rotation != "none" and height != width:
        raise ValueError(f"stamps of {height} x {width} px cannot be rotated, they are not square")
    matrix, shift = _draw_views(images, settings, generator)
    free = settings.rotation == "free"
    moved = _moved(images, matrix, shift, free)
    moved = moved.clamp(0.0, 1.0) if unit_range else moved
    psf = batch.psf
    if psf is not None:
        psf = _moved(psf, matrix, torch.zeros_like(shift), free)
        psf = psf / psf.sum((1, 2, 3), keepdim=True) if free else psf
    condition = batch.condition
    if condition is not None:
        condition = _turned(condition, matrix, angles)
    return replace(batch, image=moved, psf=psf, condition=condition)


def _turned(condition: Tensor, matrix: Tensor, angles: Sequence[tuple[int, int]]) -> Tensor:
    """Return conditions (N, K) of stamps that show at x what was at ``matrix @ x``, angles turned."""
    turned = condition.clone()
    for cosine, sine in angles:
        c, s = condition[:, cosine], condition[:, sine]
        # The traceless part of u u^T, for an axis u, is [[c, s], [s, -c]] / 2; u goes to matrix^T u.
        axis = torch.stack([c, s, s, -c], 1).reshape(-1, 2, 2)
        axis = matrix.mT @ axis @ matrix
        turned[:, cosine], turned[:, sine] = axis[:, 0, 0], axis[:, 0, 1]
    return turned


def _moved(images: Tensor, matrix: Tensor, shift: Tensor, interpolated: bool) -> Tensor:
    """Return images that show at x what was at ``matrix @ x + shift`` (px from the middle)."""
    height, width = images.shape[2:]
    sides = torch.tensor([width, height], device=images.device)
    # affine_grid counts from -1 to 1 over the width: a pixel is 2 / W.
    affine = torch.cat([matrix, (shift * 2 / sides)[..., None]], dim=2)  # (N, 2, 3)
    grid = F.affine_grid(affine, list(images.shape), align_corners=False)  # (N, H, W, 2)
    mode = "bicubic" if interpolated else "nearest"
    moved = F.grid_sample(
        images.float(), grid, mode=mode, padding_mode="reflection", align_corners=False
    )  # (N, C, H, W)
    channels_last = images.is_contiguous(memory_format=torch.channels_last) and not images.is_contiguous()
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return moved.to(images.dtype).contiguous(memory_format=layout)


def _draw_views(images: Tensor, settings: Augmentation, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return each stamp's rotation with its flips, (N, 2, 2), and its shift in px along x and y, (N, 2)."""
    count, _, height, width = images.shape

    def uniform(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=generator, device=images.device)

    matrix = torch.eye(2, device=images.device).repeat(count, 1, 1)
    if settings.flips:
        signs = 1.0 - 2.0 * (uniform(2) < 0.5)
        matrix = torch.diag_embed(signs)
    if settings.rotation != "none":
        turns = uniform()
        if settings.rotation == "right_angles":
            turns = torch.floor(4 * turns) / 4
        angle = 2 * math.pi * turns
        cosine, sine = torch.cos(angle), torch.sin(angle)
        if settings.rotation == "right_angles":
            cosine, sine = cosine.round(), sine.round()  # exactly 0 and 1
        rotation = torch.stack([cosine, -sine, sine, cosine], dim=1).reshape(count, 2, 2)
        matrix = rotation @ matrix
    sides = torch.tensor([width, height], device=images.device)
    shift = (2 * uniform(2) - 1) * settings.translation * sides
    if settings.rotation != "free":
        shift = shift.round()
    return matrix, shift
