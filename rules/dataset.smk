# Datasets: the stamps that pass the selection, normalized and split, in one HDF5 file, with figures.


rule select_stamps:
    input:
        code=code("dataset.select_stamps"),
        metrics=shards_of("<results>/metrics/{dataset}/{shard}-of-{shards}.csv"),
    output:
        selection="<results>/selection/{dataset}/selection.csv",
        attrition=report(
            "<results>/selection/{dataset}/attrition.csv",
            caption=str(CAPTIONS / "attrition.rst"),
            category="Datasets",
            subcategory="{dataset}",
            labels={"what": "stamps that each cut removes"},
        ),
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
        settings=settings_of(selection_settings, "dataset"),
    message:
        "Selecting stamps of {wildcards.dataset}"
    shell:
        "python -m workflow_scripts.dataset.select_stamps"
        " --settings {params.settings:q} --metrics {input.metrics:q}"
        " --selection {output.selection:q} --attrition {output.attrition:q} &> {log:q}"


rule build_dataset:
    input:
        code=code("dataset.build_dataset"),
        survey=survey_manifest,
        stamps=shards_of("<results>/stamps/{dataset}/{shard}-of-{shards}.h5"),
        selection="<results>/selection/{dataset}/selection.csv",
        attrition="<results>/selection/{dataset}/attrition.csv",
    output:
        dataset="<results>/dataset/{dataset}.h5",
    log:
        "<logs>/build_dataset/{dataset}.log",
    benchmark:
        "<benchmarks>/build_dataset/{dataset}.tsv"
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        settings=settings_of(dataset_settings, "dataset"),
    message:
        "Writing the dataset {wildcards.dataset}"
    shell:
        "python -m workflow_scripts.dataset.build_dataset"
        " --settings {params.settings:q} --code {input.code:q}"
        " --survey {input.survey:q} --stamps {input.stamps:q}"
        " --selection {input.selection:q} --attrition {input.attrition:q}"
        " --output {output.dataset:q} &> {log:q}"


rule plot_rendering:
    input:
        code=code("stamps.plot_rendering"),
        survey=survey_manifest,
        selection="<results>/selection/{dataset}/selection.csv",
    output:
        rendering=report(
            "<results>/dataset/{dataset}/rendering.png",
            **figure_of_dataset("rendering"),
        ),
        vectors=vector_copies("<results>/dataset/{dataset}", "rendering"),
    log:
        "<logs>/plot_rendering/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_rendering/{dataset}.tsv"
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        settings=settings_of(rendering_figure_settings, "dataset"),
    shell:
        "python -m workflow_scripts.stamps.plot_rendering"
        " --settings {params.settings:q} --survey {input.survey:q}"
        " --selection {input.selection:q} --output {output.rendering:q} &> {log:q}"


rule plot_dataset:
    input:
        code=code("dataset.plot_dataset"),
        dataset="<results>/dataset/{dataset}.h5",
        stamps=shards_of("<results>/stamps/{dataset}/{shard}-of-{shards}.h5"),
        selection="<results>/selection/{dataset}/selection.csv",
    output:
        stamps=report(
            "<results>/dataset/{dataset}/stamps.png",
            **figure_of_dataset("stamps"),
        ),
        selection=report(
            "<results>/dataset/{dataset}/selection.png",
            **figure_of_dataset("selection"),
        ),
        outside=report(
            "<results>/dataset/{dataset}/outside.png",
            **figure_of_dataset("outside"),
        ),
        vectors=vector_copies("<results>/dataset/{dataset}", "stamps", "selection", "outside"),
        thumbnail="<results>/dataset/{dataset}/thumbnail.png",
    log:
        "<logs>/plot_dataset/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_dataset/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(dataset_figure_settings, "dataset"),
    shell:
        "python -m workflow_scripts.dataset.plot_dataset"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --stamps {input.stamps:q}"
        " --selection {input.selection:q} --stamps-figure {output.stamps:q}"
        " --selection-figure {output.selection:q} --outside-figure {output.outside:q}"
        " --thumbnail-figure {output.thumbnail:q} &> {log:q}"


rule plot_survey_stamps:
    input:
        code=code("stamps.plot_survey_stamps"),
        survey=survey_manifest,
        dataset="<results>/dataset/{dataset}.h5",
    output:
        originals=report(
            "<results>/dataset/{dataset}/originals.png",
            **figure_of_dataset("originals"),
        ),
        noise=report(
            "<results>/dataset/{dataset}/noise.png",
            **figure_of_dataset("noise"),
        ),
        vectors=vector_copies("<results>/dataset/{dataset}", "originals", "noise"),
    log:
        "<logs>/plot_survey_stamps/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_survey_stamps/{dataset}.tsv"
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=canonical({}),
    shell:
        "python -m workflow_scripts.stamps.plot_survey_stamps"
        " --settings {params.settings:q} --survey {input.survey:q}"
        " --dataset {input.dataset:q} --originals-figure {output.originals:q}"
        " --noise-figure {output.noise:q} &> {log:q}"


rule build_data_card:
    input:
        code=code("dataset.build_data_card"),
        template=relative(PROJECT / "galforge/datasets/data_card.md.j2"),
        survey=survey_manifest,
        dataset="<results>/dataset/{dataset}.h5",
    output:
        card="<results>/dataset/{dataset}.md",
    log:
        "<logs>/build_data_card/{dataset}.log",
    benchmark:
        "<benchmarks>/build_data_card/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        settings=settings_of(data_card_settings, "dataset"),
    shell:
        "python -m workflow_scripts.dataset.build_data_card"
        " --settings {params.settings:q} --template {input.template:q}"
        " --survey {input.survey:q} --dataset {input.dataset:q}"
        " --output {output.card:q} &> {log:q}"
