# What trained models make, in the format of the datasets: samples, reconstructions, latents, what lies
# between them, and what becomes of stamps that are turned or made noisier.


rule draw_sample:
    input:
        code=model_code("sampling.draw_sample"),
        weights=layout.WEIGHTS,
        record=layout.RECORD,
        dataset=asked_dataset,
    output:
        stamps=layout.SAMPLE,
    log:
        "<logs>/draw_sample/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/draw_sample/{dataset}/{model}.tsv"
    wildcard_constraints:
        model=f"(?!control_|(?:{imported()})[.])[a-z][a-z0-9_]*",
    priority: 1
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        **runs("sampling.draw_sample", training.sample_settings),
    message:
        "Drawing samples of {wildcards.model}, trained on {wildcards.dataset}"
    shell:
        COMMAND


rule import_sample:
    input:
        code=code("sampling.import_sample"),
        own=imported_file,
        dataset=layout.DATASET,
    output:
        stamps=layout.SAMPLE,
    log:
        "<logs>/import_sample/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/import_sample/{dataset}/{model}.tsv"
    wildcard_constraints:
        model=imported(),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        **runs("sampling.import_sample", evaluation.import_settings, "model"),
    message:
        "Importing the samples of {wildcards.model}, to be judged on {wildcards.dataset}"
    shell:
        COMMAND


use rule draw_sample as walk_latents with:
    input:
        code=model_code("sampling.walk_latents"),
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        stamps=layout.WALK,
    log:
        "<logs>/walk_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/walk_latents/{dataset}/{model}.tsv"
    priority: 0
    params:
        **runs("sampling.walk_latents", training.walk_settings),
    message:
        "Walking through the latents of {wildcards.model} on {wildcards.dataset}"


use rule draw_sample as reconstruct_stamps with:
    input:
        code=model_code("sampling.reconstruct_stamps"),
        dataset=layout.DATASET,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        stamps=layout.RECONSTRUCTION,
    log:
        "<logs>/reconstruct_stamps/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/reconstruct_stamps/{dataset}/{model}.tsv"
    params:
        **runs("sampling.reconstruct_stamps", training.device_settings),
    message:
        "Reconstructing stamps of {wildcards.dataset} with {wildcards.model}"


use rule reconstruct_stamps as interpolate_stamps with:
    input:
        code=model_code("sampling.interpolate_stamps"),
        dataset=layout.DATASET,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        stamps=layout.INTERPOLATION,
    log:
        "<logs>/interpolate_stamps/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/interpolate_stamps/{dataset}/{model}.tsv"
    priority: 0
    params:
        **runs("sampling.interpolate_stamps", training.device_settings),
    message:
        "Interpolating between stamps of {wildcards.dataset} with {wildcards.model}"


use rule reconstruct_stamps as encode_stamps with:
    input:
        code=model_code("sampling.encode_stamps"),
        dataset=layout.DATASET,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        latents=layout.LATENTS,
    log:
        "<logs>/encode_stamps/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/encode_stamps/{dataset}/{model}.tsv"
    priority: 0
    params:
        **runs("sampling.encode_stamps", training.device_settings),
    message:
        "Encoding the stamps of {wildcards.dataset} with {wildcards.model}"


use rule draw_sample as probe_latents with:
    input:
        code=model_code("sampling.probe_latents"),
        dataset=layout.DATASET,
        latents=layout.LATENTS,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        probe=layout.PROBE,
    log:
        "<logs>/probe_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/probe_latents/{dataset}/{model}.tsv"
    priority: 0
    params:
        **runs("sampling.probe_latents", training.probe_settings),
    message:
        "Probing the latents of {wildcards.model} on {wildcards.dataset}"


use rule draw_sample as explore_latents with:
    input:
        code=model_code("sampling.explore_latents"),
        latents=layout.LATENTS,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        **figures("explore_latents"),
        explorer=layout.EXPLORER,
    log:
        "<logs>/explore_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/explore_latents/{dataset}/{model}.tsv"
    priority: 0
    params:
        **runs("sampling.explore_latents", training.explorer_settings, "model"),
    message:
        "Drawing the explorer of {wildcards.model} on {wildcards.dataset}"


use rule draw_sample as draw_grid with:
    input:
        code=model_code("sampling.draw_grid"),
        dataset=layout.DATASET,
        latents=layout.LATENTS,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        stamps=layout.GALAXY_GRID,
    log:
        "<logs>/draw_grid/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/draw_grid/{dataset}/{model}.tsv"
    priority: 0
    params:
        **runs("sampling.draw_grid", training.grid_settings),
    message:
        "Asking {wildcards.model} for galaxies of {wildcards.dataset} by size and axis ratio"


rule plot_walk:
    input:
        code=code("sampling.plot_walk"),
        walk=layout.WALK,
    output:
        **figures("plot_walk"),
    log:
        "<logs>/plot_walk/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_walk/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **runs("sampling.plot_walk", report_stage.model_style_settings, "model"),
    message:
        "Drawing the ways through the latents of {wildcards.model} on {wildcards.dataset}"
    shell:
        COMMAND


use rule plot_walk as plot_film with:
    input:
        code=code("sampling.plot_film"),
        extras=layout.EXTRAS,
        record=layout.RECORD,
    output:
        **figures("plot_film"),
    log:
        "<logs>/plot_film/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_film/{dataset}/{model}.tsv"
    params:
        **runs("sampling.plot_film", training.film_settings),
    message:
        "Showing the training of {wildcards.model} on {wildcards.dataset} as a film"
