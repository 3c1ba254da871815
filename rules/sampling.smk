# Samples and reconstructions of trained models, in the format of the datasets.


rule draw_sample:
    input:
        code=model_code("sampling.draw_sample"),
        weights="<results>/model/{dataset}/{model}/weights.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
    output:
        sample="<results>/sample/{dataset}/{model}.h5",
    log:
        "<logs>/draw_sample/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/draw_sample/{dataset}/{model}.tsv"
    wildcard_constraints:
        model="(?!control_)[a-z][a-z0-9_]*",
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        settings=settings_of(sample_settings),
    message:
        "Drawing stamps from {wildcards.model}, trained on {wildcards.dataset}"
    shell:
        "python -m workflow_scripts.sampling.draw_sample"
        " --settings {params.settings:q} --weights {input.weights:q}"
        " --record {input.record:q} --output {output.sample:q} &> {log:q}"


rule reconstruct_stamps:
    input:
        code=model_code("sampling.reconstruct_stamps"),
        dataset="<results>/dataset/{dataset}.h5",
        weights="<results>/model/{dataset}/{model}/weights.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
    output:
        reconstruction="<results>/reconstruction/{dataset}/{model}.h5",
    log:
        "<logs>/reconstruct_stamps/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/reconstruct_stamps/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        settings=settings_of(reconstruction_settings),
    shell:
        "python -m workflow_scripts.sampling.reconstruct_stamps"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --weights {input.weights:q} --record {input.record:q}"
        " --output {output.reconstruction:q} &> {log:q}"


rule encode_stamps:
    input:
        code=model_code("latents.encode_stamps"),
        dataset="<results>/dataset/{dataset}.h5",
        weights="<results>/model/{dataset}/{model}/weights.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
    output:
        latents="<results>/latent/{dataset}/{model}.h5",
    log:
        "<logs>/encode_stamps/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/encode_stamps/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        settings=settings_of(reconstruction_settings),
    message:
        "Encoding {wildcards.dataset} with {wildcards.model}"
    shell:
        "python -m workflow_scripts.latents.encode_stamps"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --weights {input.weights:q} --record {input.record:q}"
        " --output {output.latents:q} &> {log:q}"


rule interpolate_stamps:
    input:
        code=model_code("sampling.interpolate_stamps"),
        dataset="<results>/dataset/{dataset}.h5",
        weights="<results>/model/{dataset}/{model}/weights.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
    output:
        interpolation="<results>/interpolation/{dataset}/{model}.h5",
    log:
        "<logs>/interpolate_stamps/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/interpolate_stamps/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        settings=settings_of(reconstruction_settings),
    shell:
        "python -m workflow_scripts.sampling.interpolate_stamps"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --weights {input.weights:q} --record {input.record:q}"
        " --output {output.interpolation:q} &> {log:q}"
