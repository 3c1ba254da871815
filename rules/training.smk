# Training: any model on any dataset.


rule train_model:
    input:
        code=model_code("training.train_model"),
        dataset=layout.DATASET,
    output:
        weights=layout.WEIGHTS,
        extras=layout.EXTRAS,
        record=layout.RECORD,
        history=layout.HISTORY,
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
        # Undeclared, as Snakemake deletes what a failed job declares: a killed training resumes.
        **runs(
            "training.train_model", training.training_settings, "dataset", "model", state=layout.STATE_FOLDER
        ),
    message:
        "Training {wildcards.model} on {wildcards.dataset} (log: {log})"
    shell:
        COMMAND
