# Training: any model on any dataset. The state of a training lies outside the declared outputs, which
# Snakemake deletes when a job fails: a killed training goes on where it was.


rule train_model:
    input:
        code=model_code("training.train_model"),
        dataset="<results>/dataset/{dataset}.h5",
    output:
        weights="<results>/model/{dataset}/{model}/weights.safetensors",
        extras="<results>/model/{dataset}/{model}/extras.safetensors",
        record="<results>/model/{dataset}/{model}/model.json",
        history="<results>/model/{dataset}/{model}/history.csv",
    log:
        "<logs>/train_model/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/train_model/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(8000),
        runtime="12h",
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        settings=settings_of(training_settings, "dataset", "model"),
        state=lambda wildcards: f"{config['results']}/state/{wildcards.dataset}/{wildcards.model}",
    message:
        "Training {wildcards.model} on {wildcards.dataset} (log: {log})"
    shell:
        "python -m workflow_scripts.training.train_model"
        " --settings {params.settings:q} --code {input.code:q}"
        " --dataset {input.dataset:q} --state-directory {params.state:q}"
        " --weights {output.weights:q} --extras {output.extras:q}"
        " --record {output.record:q} --history {output.history:q} &> {log:q}"
