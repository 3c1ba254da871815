# Latents: what those of each model that encodes hold, and how the models' compare.


rule probe_latents:
    input:
        code=model_code("latents.probe_latents"),
        dataset="<results>/dataset/{dataset}.h5",
        latents="<results>/latent/{dataset}/{model}.h5",
        weights="<results>/model/{dataset}/{model}/weights.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
    output:
        probe="<results>/probe/{dataset}/{model}.h5",
    log:
        "<logs>/probe_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/probe_latents/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        settings=settings_of(probe_settings),
    shell:
        "python -m workflow_scripts.latents.probe_latents"
        " --settings {params.settings:q} --dataset {input.dataset:q} --latents {input.latents:q}"
        " --weights {input.weights:q} --record {input.record:q}"
        " --output {output.probe:q} &> {log:q}"


rule analyse_latents:
    input:
        code=code("latents.analyse_latents"),
        dataset="<results>/dataset/{dataset}.h5",
        latents="<results>/latent/{dataset}/{model}.h5",
        probe="<results>/probe/{dataset}/{model}.h5",
        morphology="<results>/evaluation/{dataset}/morphology.csv",
    output:
        summary="<results>/evaluation/{dataset}/{model}/latents.csv",
        correlations="<results>/evaluation/{dataset}/{model}/correlations.csv",
        analysis="<results>/evaluation/{dataset}/{model}/latents.json",
    log:
        "<logs>/analyse_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/analyse_latents/{dataset}/{model}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(latent_settings),
    shell:
        "python -m workflow_scripts.latents.analyse_latents"
        " --settings {params.settings:q} --dataset {input.dataset:q} --latents {input.latents:q}"
        " --probe {input.probe:q} --morphology {input.morphology:q}"
        " --summary {output.summary:q} --correlations {output.correlations:q}"
        " --output {output.analysis:q} &> {log:q}"


rule plot_latents:
    input:
        code=code("latents.plot_latents"),
        dataset="<results>/dataset/{dataset}.h5",
        latents="<results>/latent/{dataset}/{model}.h5",
        probe="<results>/probe/{dataset}/{model}.h5",
        morphology="<results>/evaluation/{dataset}/morphology.csv",
        summary="<results>/evaluation/{dataset}/{model}/latents.csv",
        correlations="<results>/evaluation/{dataset}/{model}/correlations.csv",
    output:
        latent_snr=report(
            "<results>/evaluation/{dataset}/{model}/latent_snr.png",
            **figure_of_model("latent_snr"),
        ),
        latent_histograms=report(
            "<results>/evaluation/{dataset}/{model}/latent_histograms.png",
            **figure_of_model("latent_histograms"),
        ),
        traversals=report(
            "<results>/evaluation/{dataset}/{model}/traversals.png",
            **figure_of_model("traversals"),
        ),
        correlations=report(
            "<results>/evaluation/{dataset}/{model}/correlations.png",
            **figure_of_model("correlations"),
        ),
        latent_scatter=report(
            "<results>/evaluation/{dataset}/{model}/latent_scatter.png",
            **figure_of_model("latent_scatter"),
        ),
        probe=report(
            "<results>/evaluation/{dataset}/{model}/probe.png",
            **figure_of_model("probe"),
        ),
        vectors=vector_copies(
            "<results>/evaluation/{dataset}/{model}",
            "latent_snr",
            "latent_histograms",
            "traversals",
            "correlations",
            "latent_scatter",
            "probe",
        ),
    log:
        "<logs>/plot_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_latents/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(model_style_settings, "model"),
        folder=subpath(output.probe, parent=True),
    shell:
        "python -m workflow_scripts.latents.plot_latents"
        " --settings {params.settings:q} --dataset {input.dataset:q} --latents {input.latents:q}"
        " --probe {input.probe:q} --morphology {input.morphology:q}"
        " --summary {input.summary:q} --correlations {input.correlations:q}"
        " --folder {params.folder:q} &> {log:q}"


rule compare_latents:
    input:
        code=code("latents.compare_latents"),
        summaries=lambda wildcards: [
            f"<results>/evaluation/{wildcards.dataset}/{model}/latents.csv"
            for model in models_of(config, wildcards.dataset)
        ],
    output:
        figure=report(
            "<results>/comparison/{dataset}/latents.png",
            **figure_of_models("latents"),
        ),
        vectors=vector_copies("<results>/comparison/{dataset}", "latents"),
    log:
        "<logs>/compare_latents/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_latents/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(comparison_settings, "dataset"),
    shell:
        "python -m workflow_scripts.latents.compare_latents"
        " --settings {params.settings:q} --summaries {input.summaries:q}"
        " --output {output.figure:q} &> {log:q}"


rule compare_bounds:
    input:
        code=code("latents.compare_bounds"),
        dataset="<results>/dataset/{dataset}.h5",
        summaries=lambda wildcards: [
            f"<results>/evaluation/{wildcards.dataset}/{model}/latents.csv"
            for model in bounded_models(config, wildcards.dataset)
        ],
        reconstructions=lambda wildcards: [
            f"<results>/reconstruction/{wildcards.dataset}/{model}.h5"
            for model in bounded_models(config, wildcards.dataset)
        ],
    output:
        table="<results>/comparison/{dataset}/bounds.csv",
        snr=report(
            "<results>/comparison/{dataset}/bound_snr.png",
            **figure_of_models("bound_snr"),
        ),
        reconstructions=report(
            "<results>/comparison/{dataset}/bound_reconstructions.png",
            **figure_of_models("bound_reconstructions"),
        ),
        vectors=vector_copies("<results>/comparison/{dataset}", "bound_snr", "bound_reconstructions"),
    log:
        "<logs>/compare_bounds/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_bounds/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(bound_settings, "dataset"),
    shell:
        "python -m workflow_scripts.latents.compare_bounds"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --summaries {input.summaries:q} --reconstructions {input.reconstructions:q}"
        " --table {output.table:q} --snr-figure {output.snr:q}"
        " --reconstructions-figure {output.reconstructions:q} &> {log:q}"
