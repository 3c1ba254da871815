# Datasets: the stamps that pass the selection, normalized and split, in one HDF5 file, with figures.


rule select_stamps:
    input:
        code=code("dataset.select_stamps"),
        quality=shards_of(layout.QUALITY),
    output:
        selection=layout.SELECTION,
        attrition=report(
            layout.ATTRITION,
            caption=str(CAPTIONS / "attrition.rst"),
            category="Datasets",
            subcategory="{dataset}",
            labels={"what": "stamps that each cut removes"},
        ),
        percentiles=layout.PERCENTILES,
    log:
        "<logs>/select_stamps/{dataset}.log",
    benchmark:
        "<benchmarks>/select_stamps/{dataset}.tsv"
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        **runs("dataset.select_stamps", dataset.selection_settings, "dataset"),
    message:
        "Selecting stamps for the dataset {wildcards.dataset}"
    shell:
        COMMAND


use rule select_stamps as build_dataset with:
    input:
        code=code("dataset.build_dataset"),
        survey=survey_manifest,
        stamps=shards_of(layout.STAMPS),
        selection=layout.SELECTION,
        attrition=layout.ATTRITION,
        morphology=stamp_morphology,
    output:
        dataset=layout.DATASET,
    log:
        "<logs>/build_dataset/{dataset}.log",
    benchmark:
        "<benchmarks>/build_dataset/{dataset}.tsv"
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        **runs("dataset.build_dataset", dataset.dataset_settings, "dataset"),
    message:
        "Building the dataset {wildcards.dataset}"


use rule select_stamps as build_data_card with:
    input:
        code=code("dataset.build_data_card"),
        template=relative(PROJECT / "galforge/datasets/data_card.md.j2"),
        survey=survey_manifest,
        dataset=layout.DATASET,
    output:
        card=layout.DATA_CARD,
    log:
        "<logs>/build_data_card/{dataset}.log",
    benchmark:
        "<benchmarks>/build_data_card/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        **runs("dataset.build_data_card", dataset.data_card_settings, "dataset"),
    message:
        "Writing the data card of {wildcards.dataset}"


use rule select_stamps as plot_rendering with:
    input:
        code=code("dataset.plot_rendering"),
        survey=survey_manifest,
        selection=layout.SELECTION,
    output:
        **figures("plot_rendering"),
    log:
        "<logs>/plot_rendering/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_rendering/{dataset}.tsv"
    resources:
        mem_mb=drawing(1500),
        runtime=growing(30),
    params:
        **runs("dataset.plot_rendering", dataset.rendering_figure_settings, "dataset"),
    message:
        "Drawing how a stamp of {wildcards.dataset} is rendered"


use rule select_stamps as plot_dataset with:
    input:
        code=code("dataset.plot_dataset"),
        dataset=layout.DATASET,
        stamps=shards_of(layout.STAMPS),
        selection=layout.SELECTION,
    output:
        **figures("plot_dataset"),
        thumbnail=layout.DATASET_THUMBNAIL,
    log:
        "<logs>/plot_dataset/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_dataset/{dataset}.tsv"
    priority: 1
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **runs("dataset.plot_dataset", dataset.dataset_figure_settings, "dataset"),
    message:
        "Drawing stamps and limits of {wildcards.dataset}"


use rule plot_dataset as plot_preparation with:
    input:
        code=code("dataset.plot_preparation"),
        survey=survey_manifest,
        dataset=layout.DATASET,
    output:
        **figures("plot_preparation"),
    log:
        "<logs>/plot_preparation/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_preparation/{dataset}.tsv"
    conda:
        "../envs/survey.yaml"
    params:
        **runs("dataset.plot_preparation", dataset.preparation_figure_settings, "dataset"),
    message:
        "Drawing how pictures of {wildcards.dataset} are prepared"


use rule plot_dataset as plot_augmentation with:
    input:
        code=code("dataset.plot_augmentation"),
        dataset=layout.DATASET,
    output:
        **figures("plot_augmentation"),
    log:
        "<logs>/plot_augmentation/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_augmentation/{dataset}.tsv"
    conda:
        "../envs/training.yaml"
    params:
        **runs("dataset.plot_augmentation", dataset.augmentation_figure_settings, "dataset"),
    message:
        "Drawing how stamps of {wildcards.dataset} are augmented"


use rule plot_preparation as plot_survey_stamps with:
    input:
        code=code("dataset.plot_survey_stamps"),
        survey=survey_manifest,
        dataset=layout.DATASET,
    output:
        **figures("plot_survey_stamps"),
    log:
        "<logs>/plot_survey_stamps/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_survey_stamps/{dataset}.tsv"
    params:
        **runs("dataset.plot_survey_stamps"),
    message:
        "Comparing stamps of {wildcards.dataset} with the survey's own"
