# Surveys of pictures: colour cutouts of galaxies, and the sparse fields of the cosmology images. Each maker
# writes the same catalogue and manifest; prepare_pictures takes the place of rendering, and all that follows
# is shared.


rule cut_deep_field:
    input:
        code=code("pictures.cut_deep_field"),
    output:
        manifest="<results>/survey/{survey}/survey.json",
        table="<results>/survey/{survey}/pictures.csv",
        files=directory("<results>/survey/{survey}/files"),
    log:
        "<logs>/cut_deep_field/{survey}.log",
    benchmark:
        "<benchmarks>/cut_deep_field/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("hubble_deep_field"),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        settings=settings_of(survey_settings, "survey"),
    message:
        "Cutting galaxies out of the Hubble eXtreme Deep Field picture"
    shell:
        "python -m workflow_scripts.pictures.cut_deep_field"
        " --settings {params.settings:q} --output-directory {output.files:q}"
        " --table {output.table:q} --manifest {output.manifest:q} &> {log:q}"


rule import_pictures:
    input:
        code=code("pictures.import_pictures"),
        files=local_picture_files,
    output:
        manifest="<results>/survey/{survey}/survey.json",
        table="<results>/survey/{survey}/pictures.csv",
    log:
        "<logs>/import_pictures/{survey}.log",
    benchmark:
        "<benchmarks>/import_pictures/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from(*LOCAL_PICTURES),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_of(survey_settings, "survey"),
        # Names and sizes: tens of thousands of inputs would cost Snakemake minutes each time.
        listing=picture_listing,
    message:
        "Checking the pictures of {wildcards.survey}"
    shell:
        "python -m workflow_scripts.pictures.import_pictures"
        " --settings {params.settings:q} --table {output.table:q}"
        " --manifest {output.manifest:q} &> {log:q}"


rule prepare_pictures:
    input:
        code=code("pictures.prepare_pictures"),
        survey=survey_manifest,
        table=picture_catalog,
    output:
        stamps="<results>/stamps/{dataset}/{shard}-of-{shards}.h5",
    log:
        "<logs>/prepare_pictures/{dataset}/{shard}-of-{shards}.log",
    benchmark:
        "<benchmarks>/prepare_pictures/{dataset}/{shard}-of-{shards}.tsv"
    wildcard_constraints:
        dataset=datasets_of(pictures=True),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(120),
    params:
        settings=settings_of(picture_settings, "dataset"),
    message:
        "Preparing pictures of {wildcards.dataset}, shard {wildcards.shard} of {wildcards.shards}"
    shell:
        "python -m workflow_scripts.pictures.prepare_pictures"
        " --settings {params.settings:q} --survey {input.survey:q}"
        " --shard {wildcards.shard} --shards {wildcards.shards}"
        " --output {output.stamps:q} &> {log:q}"


rule plot_preparation:
    input:
        code=code("pictures.plot_preparation"),
        survey=survey_manifest,
        dataset="<results>/dataset/{dataset}.h5",
    output:
        preparation=report("<results>/dataset/{dataset}/preparation.png", **figure_of_dataset("preparation")),
        vectors=vector_copies("<results>/dataset/{dataset}", "preparation"),
    log:
        "<logs>/plot_preparation/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_preparation/{dataset}.tsv"
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(preparation_figure_settings, "dataset"),
    shell:
        "python -m workflow_scripts.pictures.plot_preparation"
        " --settings {params.settings:q} --survey {input.survey:q}"
        " --dataset {input.dataset:q} --output {output.preparation:q} &> {log:q}"


rule plot_augmentation:
    input:
        code=code("pictures.plot_augmentation"),
        dataset="<results>/dataset/{dataset}.h5",
    output:
        augmentation=report(
            "<results>/dataset/{dataset}/augmentation.png", **figure_of_dataset("augmentation")
        ),
        vectors=vector_copies("<results>/dataset/{dataset}", "augmentation"),
    log:
        "<logs>/plot_augmentation/{dataset}.log",
    benchmark:
        "<benchmarks>/plot_augmentation/{dataset}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(augmentation_figure_settings, "dataset"),
    shell:
        "python -m workflow_scripts.pictures.plot_augmentation"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --output {output.augmentation:q} &> {log:q}"


rule download_pictures:
    input:
        code=code("pictures.download_pictures"),
        labels=picture_votes,
    output:
        manifest="<results>/survey/{survey}/survey.json",
        table="<results>/survey/{survey}/pictures.csv",
    log:
        "<logs>/download_pictures/{survey}.log",
    benchmark:
        "<benchmarks>/download_pictures/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("galaxy_zoo_2"),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime="12h",
    params:
        settings=settings_of(survey_settings, "survey"),
        # Undeclared, as for download_survey: what came is kept.
        folder=lambda wildcards: f"{config['results']}/download/{wildcards.survey}",
    message:
        "Downloading the pictures of {wildcards.survey} (log: {log})"
    shell:
        "python -m workflow_scripts.pictures.download_pictures"
        " --settings {params.settings:q} --folder {params.folder:q}"
        " --table {output.table:q} --manifest {output.manifest:q} &> {log:q}"


rule simulate_cosmology:
    input:
        code=code("pictures.simulate_cosmology"),
    output:
        manifest="<results>/survey/{survey}/survey.json",
        table="<results>/survey/{survey}/pictures.csv",
        files=directory("<results>/survey/{survey}/files"),
    log:
        "<logs>/simulate_cosmology/{survey}.log",
    benchmark:
        "<benchmarks>/simulate_cosmology/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("simulated_cosmology"),
    conda:
        "../envs/survey.yaml"
    threads: 8
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_of(survey_settings, "survey"),
    message:
        "Simulating the cosmology images of {wildcards.survey}"
    shell:
        "python -m workflow_scripts.pictures.simulate_cosmology"
        " --settings {params.settings:q} --threads {threads}"
        " --output-directory {output.files:q} --table {output.table:q}"
        " --manifest {output.manifest:q} &> {log:q}"


# The nodes of a cluster often have no way to the Internet; where Snakemake runs has one.
localrules:
    download_pictures,
