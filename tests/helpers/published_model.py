"""A model as a training publishes it, in a moment and untrained."""

import torch

from galforge.core.files import file_digest, write_json
from galforge.core.tensor_files import write_tensors
from galforge.datasets.conditions import records_of
from galforge.models.building import build_model

FAMILY = "vae"
SETTINGS = {
    "network": "eth_mlp",
    "network_settings": {"hidden_size": 8, "latent_size": 4},
    "reconstruction": {"loss": "bernoulli", "pixel_range": 1, "output": "sigmoid"},
    "divergence": {"weight": 1e-2, "per": "pixel", "bound": None},
    "sampler": "prior",
}


# What each record says besides.
TRAINED = {"dataset": "simulated_cosmos", "model": "mlp", "status": "ok", "reason": ""}


def publish_model(
    folder, image_shape=(1, 64, 64), name="danilov_beta_vae", conditions=(), family=FAMILY, settings=SETTINGS
):
    """Write ``weights.safetensors`` and ``model.json``; return the model."""
    torch.manual_seed(1)
    model = build_model(family, settings, image_shape, len(conditions))
    write_tensors(folder / "weights.safetensors", model.published_state())
    record = {
        "family": family,
        "settings": settings,
        "image_shape": image_shape,
        "conditions": records_of(conditions),
        **TRAINED,
        "model": name,
        "weights_digest": file_digest(folder / "weights.safetensors"),
    }
    write_json(folder / "model.json", record)
    return model.eval()
