"""Tensors as safetensors files, whole or absent."""

from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from galforge.core.files import replacing


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write named tensors."""
    with replacing(path) as temporary:
        # Not save_file: only the owner may read what it writes, and its errors are not the system's.
        temporary.write_bytes(save({name: value.contiguous() for name, value in tensors.items()}))
