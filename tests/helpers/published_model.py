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

# The settings of a model of galaxies in flux.
IN_FLUX = {
    "network": "eth_mlp",
    "network_settings": {"hidden_size": 16, "latent_size": 4},
    "likelihood": "pixel",
    "relative_error": 0.0,
    "stretch": 1.0,
    "apodisation": 2,
    "border_penalty": 1.0,
    "total_variation": 1e-3,
    "free_bits": 0.5,
    "divergence_weight": 1.0,
    "warmup_steps": 10,
    "brightness": "sinh",
    "flow": {"kind": "maf", "layers": 2, "hidden": [16], "share": 0.4},
}
UNITS = {"flux_scale": 0.01, "flux_unit": "counts/s", "zero_point": 26.0, "pixel_scale": 0.06}


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
        **({"observed": UNITS} if family == "deconvolving_vae" else {}),
        **TRAINED,
        "model": name,
        "weights_digest": file_digest(folder / "weights.safetensors"),
    }
    write_json(folder / "model.json", record)
    return model.eval()
