# Evaluation: statmorph on real and generated stamps by the same code, distances with the floor beside
# them, and one leaderboard a dataset.


rule measure_real_morphology:
    input:
        code=code("measure_morphology"),
        stamps="<results>/dataset/{dataset}.h5",
    output:
        morphology="<results>/evaluation/{dataset}/morphology.csv",
    log:
        "<logs>/measure_morphology/{dataset}.log",
    benchmark:
        "<benchmarks>/measure_morphology/{dataset}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 4
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        settings=settings_of(real_morphology_settings),
    message:
        "Measuring the morphology of {wildcards.dataset}'s test stamps"
    shell:
        "python -m workflow_scripts.measure_morphology"
        " --settings {params.settings:q} --stamps {input.stamps:q} --split test"
        " --threads {threads} --output {output.morphology:q} &> {log:q}"


rule measure_morphology:
    input:
        code=code("measure_morphology"),
        stamps="<results>/sample/{dataset}/{model}.h5",
    output:
        morphology="<results>/evaluation/{dataset}/{model}/morphology.csv",
    log:
        "<logs>/measure_morphology/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_morphology/{dataset}/{model}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 4
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        settings=settings_of(morphology_settings),
    message:
        "Measuring the morphology of {wildcards.model}'s stamps"
    shell:
        "python -m workflow_scripts.measure_morphology"
        " --settings {params.settings:q} --stamps {input.stamps:q}"
        " --threads {threads} --output {output.morphology:q} &> {log:q}"


rule evaluate_model:
    input:
        code=code("evaluate_model"),
        dataset="<results>/dataset/{dataset}.h5",
        record="<results>/model/{dataset}/{model}/model.json",
        reconstruction="<results>/reconstruction/{dataset}/{model}.h5",
        real="<results>/evaluation/{dataset}/morphology.csv",
        generated="<results>/evaluation/{dataset}/{model}/morphology.csv",
    output:
        metrics="<results>/evaluation/{dataset}/{model}/metrics.json",
    log:
        "<logs>/evaluate_model/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/evaluate_model/{dataset}/{model}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        settings=settings_of(evaluation_settings),
    shell:
        "python -m workflow_scripts.evaluate_model"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --model {input.record:q} --reconstruction {input.reconstruction:q}"
        " --real {input.real:q} --generated {input.generated:q}"
        " --output {output.metrics:q} &> {log:q}"


rule plot_model:
    input:
        code=code("plot_model"),
        dataset="<results>/dataset/{dataset}.h5",
        sample="<results>/sample/{dataset}/{model}.h5",
        reconstruction="<results>/reconstruction/{dataset}/{model}.h5",
        interpolation="<results>/interpolation/{dataset}/{model}.h5",
        history="<results>/model/{dataset}/{model}/history.csv",
        real="<results>/evaluation/{dataset}/morphology.csv",
        generated="<results>/evaluation/{dataset}/{model}/morphology.csv",
        metrics="<results>/evaluation/{dataset}/{model}/metrics.json",
    output:
        samples=report(
            "<results>/evaluation/{dataset}/{model}/samples.png",
            category="Models on {dataset}",
            subcategory="{model}",
            labels={"what": "samples"},
        ),
        reconstructions=report(
            "<results>/evaluation/{dataset}/{model}/reconstructions.png",
            category="Models on {dataset}",
            subcategory="{model}",
            labels={"what": "reconstructions"},
        ),
        interpolation=report(
            "<results>/evaluation/{dataset}/{model}/interpolation.png",
            category="Models on {dataset}",
            subcategory="{model}",
            labels={"what": "interpolation"},
        ),
        curve=report(
            "<results>/evaluation/{dataset}/{model}/curve.png",
            category="Models on {dataset}",
            subcategory="{model}",
            labels={"what": "learning curve"},
        ),
        morphology=report(
            "<results>/evaluation/{dataset}/{model}/morphology.png",
            category="Models on {dataset}",
            subcategory="{model}",
            labels={"what": "morphology"},
        ),
        thumbnail="<results>/evaluation/{dataset}/{model}/thumbnail.png",
    log:
        "<logs>/plot_model/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_model/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        settings=settings_of(model_figure_settings),
    shell:
        "python -m workflow_scripts.plot_model"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --sample {input.sample:q} --reconstruction {input.reconstruction:q}"
        " --interpolation {input.interpolation:q}"
        " --history {input.history:q} --real {input.real:q}"
        " --generated {input.generated:q} --metrics {input.metrics:q}"
        " --samples-figure {output.samples:q}"
        " --reconstructions-figure {output.reconstructions:q}"
        " --interpolation-figure {output.interpolation:q}"
        " --curve-figure {output.curve:q} --morphology-figure {output.morphology:q}"
        " --thumbnail-figure {output.thumbnail:q} &> {log:q}"


rule build_leaderboard:
    input:
        code=code("build_leaderboard"),
        metrics=lambda wildcards: [
            f"<results>/evaluation/{wildcards.dataset}/{model}/metrics.json"
            for model in models_of(scoped(wildcards), wildcards.dataset)
        ],
    output:
        leaderboard=report(
            "<results>/{scope}leaderboard/{dataset}.csv",
            category="Leaderboards",
            labels={"dataset": "{dataset}"},
        ),
    log:
        "<logs>/{scope}build_leaderboard/{dataset}.log",
    benchmark:
        "<benchmarks>/{scope}build_leaderboard/{dataset}.tsv"
    wildcard_constraints:
        scope=SCOPES,
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="30m",
    params:
        settings=settings_of(leaderboard_settings, "dataset"),
    shell:
        "python -m workflow_scripts.build_leaderboard"
        " --settings {params.settings:q} --metrics {input.metrics:q}"
        " --output {output.leaderboard:q} &> {log:q}"
