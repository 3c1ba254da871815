# Models ready to be given to others: weights, record, scores and samples beside a card.


rule gather_model:
    input:
        code=code("publication.gather_model"),
        template=relative(PROJECT / "galforge/publication/model_card.md.j2"),
        survey=survey_manifest,
        dataset=layout.DATASET,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
        scores=layout.MODEL_SCORES,
        samples=layout.MODEL_FIGURE.of(dataset="{dataset}", model="{model}", figure="samples", suffix="png"),
    output:
        card=layout.MODEL_CARD,
        copies=layout.ZOO_COPIES,
    log:
        "<logs>/gather_model/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/gather_model/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        **runs("publication.gather_model", publication.card_settings, "dataset", "model"),
    message:
        "Gathering {wildcards.model}, trained on {wildcards.dataset}"
    shell:
        COMMAND
