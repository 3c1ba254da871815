# What is drawn of generative adversarial networks, and the films of trainings.


rule walk_latents:
    input:
        code=model_code("sampling.walk_latents"),
        weights="<results>/model/{dataset}/{model}/weights.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
    output:
        walk="<results>/walk/{dataset}/{model}.h5",
    log:
        "<logs>/walk_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/walk_latents/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        settings=settings_of(walk_settings),
    shell:
        "python -m workflow_scripts.sampling.walk_latents"
        " --settings {params.settings:q} --weights {input.weights:q}"
        " --record {input.record:q} --output {output.walk:q} &> {log:q}"


rule plot_walk:
    input:
        code=code("sampling.plot_walk"),
        walk="<results>/walk/{dataset}/{model}.h5",
    output:
        walk=report(
            "<results>/evaluation/{dataset}/{model}/walk.png",
            **figure_of_model("walk"),
        ),
        vectors=vector_copies("<results>/evaluation/{dataset}/{model}", "walk"),
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
    shell:
        "python -m workflow_scripts.sampling.plot_walk"
        " --walk {input.walk:q} --output {output.walk:q} &> {log:q}"


rule plot_film:
    input:
        code=code("sampling.plot_film"),
        extras="<results>/model/{dataset}/{model}/extras.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
    output:
        film=report(
            "<results>/evaluation/{dataset}/{model}/film.webp",
            **figure_of_model("film"),
        ),
    log:
        "<logs>/plot_film/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_film/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(film_settings),
    shell:
        "python -m workflow_scripts.sampling.plot_film"
        " --settings {params.settings:q} --extras {input.extras:q}"
        " --record {input.record:q} --output {output.film:q} &> {log:q}"
