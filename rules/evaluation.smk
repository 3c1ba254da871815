# Evaluation: statmorph on real and generated stamps by the same code, distances with the floor beside
# them, and one leaderboard a dataset.


rule measure_real_morphology:
    input:
        code=code("evaluation.measure_morphology"),
        stamps="<results>/dataset/{dataset}.h5",
    output:
        morphology="<results>/evaluation/{dataset}/morphology.csv",
    log:
        "<logs>/measure_morphology/{dataset}.log",
    benchmark:
        "<benchmarks>/measure_morphology/{dataset}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: measuring_processes(2)
    resources:
        mem_mb=growing(2000, a_thread=500),
        runtime=growing(240),
    params:
        settings=settings_of(real_morphology_settings),
    message:
        "Measuring the morphology of {wildcards.dataset}'s test stamps"
    shell:
        "python -m workflow_scripts.evaluation.measure_morphology"
        " --settings {params.settings:q} --stamps {input.stamps:q} --split test"
        " --threads {threads} --output {output.morphology:q} &> {log:q}"


rule draw_control:
    input:
        code=code("evaluation.draw_control"),
        dataset="<results>/dataset/{dataset}.h5",
        optional=control_survey,
    output:
        sample="<results>/sample/{dataset}/{control}.h5",
    log:
        "<logs>/draw_control/{dataset}/{control}.log",
    benchmark:
        "<benchmarks>/draw_control/{dataset}/{control}.tsv"
    wildcard_constraints:
        control="control_[a-z_]+",
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_of(control_settings, "dataset", "control"),
        survey=arguments_of("--survey"),
    shell:
        "python -m workflow_scripts.evaluation.draw_control"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " {params.survey:q} --output {output.sample:q} &> {log:q}"


rule match_noise:
    input:
        code=code("evaluation.match_noise"),
        dataset="<results>/dataset/{dataset}.h5",
        sample="<results>/sample/{dataset}/{model}.h5",
    output:
        sample="<results>/noise_matched/{dataset}/{model}.h5",
    log:
        "<logs>/match_noise/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/match_noise/{dataset}/{model}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(noise_matching_settings),
    shell:
        "python -m workflow_scripts.evaluation.match_noise"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --sample {input.sample:q} --output {output.sample:q} &> {log:q}"


rule measure_morphology:
    input:
        code=code("evaluation.measure_morphology"),
        stamps=VARIANT_STAMPS,
    output:
        morphology=variants_of("morphology"),
    log:
        "<logs>/measure_morphology/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_morphology/{dataset}/{model}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: measuring_processes(2)
    resources:
        mem_mb=growing(2000, a_thread=500),
        runtime=growing(240),
    params:
        settings=settings_of(morphology_settings),
    message:
        "Measuring the morphology of {wildcards.model}'s stamps"
    shell:
        "python -m workflow_scripts.evaluation.measure_morphology"
        " --settings {params.settings:q} --stamps {input.stamps:q}"
        " --threads {threads} --output {output.morphology:q} &> {log:q}"


rule measure_reconstructed_morphology:
    input:
        code=code("evaluation.measure_morphology"),
        stamps="<results>/reconstruction/{dataset}/{model}.h5",
    output:
        morphology="<results>/evaluation/{dataset}/{model}/morphology_reconstructed.csv",
    log:
        "<logs>/measure_reconstructed_morphology/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_reconstructed_morphology/{dataset}/{model}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: measuring_processes(1)
    resources:
        mem_mb=growing(2000, a_thread=500),
        runtime=growing(240),
    params:
        settings=settings_of(morphology_settings),
    shell:
        "python -m workflow_scripts.evaluation.measure_morphology"
        " --settings {params.settings:q} --stamps {input.stamps:q} --split test"
        " --threads {threads} --output {output.morphology:q} &> {log:q}"


rule train_feature_network:
    input:
        code=code("evaluation.train_feature_network"),
        dataset="<results>/dataset/{dataset}.h5",
    output:
        weights="<results>/feature_network/{dataset}/weights.safetensors",
        record="<results>/feature_network/{dataset}/network.json",
    log:
        "<logs>/train_feature_network/{dataset}.log",
    benchmark:
        "<benchmarks>/train_feature_network/{dataset}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_of(feature_network_settings),
    message:
        "Training the feature network of {wildcards.dataset}"
    shell:
        "python -m workflow_scripts.evaluation.train_feature_network"
        " --settings {params.settings:q} --code {input.code:q}"
        " --dataset {input.dataset:q} --weights {output.weights:q}"
        " --record {output.record:q} &> {log:q}"


rule measure_real_features:
    input:
        code=code("evaluation.measure_features"),
        dataset="<results>/dataset/{dataset}.h5",
        weights="<results>/feature_network/{dataset}/weights.safetensors",
        record="<results>/feature_network/{dataset}/network.json",
        optional=inception_file,
    output:
        features="<results>/evaluation/{dataset}/features.csv",
    log:
        "<logs>/measure_features/{dataset}.log",
    benchmark:
        "<benchmarks>/measure_features/{dataset}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_of(real_feature_settings),
        inception=arguments_of("--inception"),
    shell:
        "python -m workflow_scripts.evaluation.measure_features"
        " --settings {params.settings:q} --dataset {input.dataset:q} --split test"
        " --weights {input.weights:q} --record {input.record:q}"
        " {params.inception:q} --output {output.features:q} &> {log:q}"


rule measure_features:
    input:
        code=code("evaluation.measure_features"),
        dataset="<results>/dataset/{dataset}.h5",
        weights="<results>/feature_network/{dataset}/weights.safetensors",
        record="<results>/feature_network/{dataset}/network.json",
        stamps=VARIANT_STAMPS,
        optional=inception_file,
    output:
        features=variants_of("features"),
    log:
        "<logs>/measure_features/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_features/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_of(feature_settings),
        inception=arguments_of("--inception"),
    shell:
        "python -m workflow_scripts.evaluation.measure_features"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --stamps {input.stamps:q} --weights {input.weights:q}"
        " --record {input.record:q} {params.inception:q} --output {output.features:q} &> {log:q}"


rule evaluate_floor:
    input:
        code=code("evaluation.evaluate_floor"),
        dataset="<results>/dataset/{dataset}.h5",
        real="<results>/evaluation/{dataset}/morphology.csv",
        real_features="<results>/evaluation/{dataset}/features.csv",
        optional=inception_file,
    output:
        floor="<results>/evaluation/{dataset}/floor.json",
    log:
        "<logs>/evaluate_floor/{dataset}.log",
    benchmark:
        "<benchmarks>/evaluate_floor/{dataset}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_of(evaluation_settings),
        inception=arguments_of("--inception"),
    shell:
        "python -m workflow_scripts.evaluation.evaluate_floor"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --real {input.real:q} --real-features {input.real_features:q}"
        " {params.inception:q} --output {output.floor:q} &> {log:q}"


rule evaluate_model:
    input:
        code=code("evaluation.evaluate_model"),
        dataset="<results>/dataset/{dataset}.h5",
        real="<results>/evaluation/{dataset}/morphology.csv",
        real_features="<results>/evaluation/{dataset}/features.csv",
        floor="<results>/evaluation/{dataset}/floor.json",
        stamps=VARIANT_STAMPS,
        morphology=variants_of("morphology"),
        features=variants_of("features"),
        optional=training_files,
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
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_of(evaluation_settings),
        training=arguments_of("--model", "--reconstruction", "--reconstructed"),
    shell:
        "python -m workflow_scripts.evaluation.evaluate_model"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --real {input.real:q} --real-features {input.real_features:q}"
        " --floor {input.floor:q} --stamps {input.stamps:q}"
        " --morphology {input.morphology:q} --features {input.features:q}"
        " {params.training:q} --output {output.metrics:q} &> {log:q}"


rule plot_model:
    input:
        code=code("evaluation.plot_model"),
        dataset="<results>/dataset/{dataset}.h5",
        sample="<results>/sample/{dataset}/{model}.h5",
        reconstruction="<results>/reconstruction/{dataset}/{model}.h5",
        interpolation="<results>/interpolation/{dataset}/{model}.h5",
        history="<results>/model/{dataset}/{model}/history.csv",
        real="<results>/evaluation/{dataset}/morphology.csv",
        generated="<results>/evaluation/{dataset}/{model}/morphology_noise_matched.csv",
        metrics="<results>/evaluation/{dataset}/{model}/metrics.json",
    output:
        samples=report(
            "<results>/evaluation/{dataset}/{model}/samples.png",
            **figure_of_model("samples"),
        ),
        reconstructions=report(
            "<results>/evaluation/{dataset}/{model}/reconstructions.png",
            **figure_of_model("reconstructions"),
        ),
        interpolation=report(
            "<results>/evaluation/{dataset}/{model}/interpolation.png",
            **figure_of_model("interpolation"),
        ),
        curve=report(
            "<results>/evaluation/{dataset}/{model}/curve.png",
            **figure_of_model("curve"),
        ),
        morphology=report(
            "<results>/evaluation/{dataset}/{model}/morphology.png",
            **figure_of_model("morphology"),
        ),
        vectors=vector_copies(
            "<results>/evaluation/{dataset}/{model}",
            "samples",
            "reconstructions",
            "interpolation",
            "curve",
            "morphology",
        ),
    log:
        "<logs>/plot_model/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_model/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(model_figure_settings, "model"),
    shell:
        "python -m workflow_scripts.evaluation.plot_model"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --sample {input.sample:q} --reconstruction {input.reconstruction:q}"
        " --interpolation {input.interpolation:q}"
        " --history {input.history:q} --real {input.real:q}"
        " --generated {input.generated:q} --metrics {input.metrics:q}"
        " --samples-figure {output.samples:q}"
        " --reconstructions-figure {output.reconstructions:q}"
        " --interpolation-figure {output.interpolation:q}"
        " --curve-figure {output.curve:q} --morphology-figure {output.morphology:q} &> {log:q}"


rule plot_thumbnail:
    input:
        code=code("evaluation.plot_thumbnail"),
        sample="<results>/sample/{dataset}/{model}.h5",
    output:
        thumbnail="<results>/evaluation/{dataset}/{model}/thumbnail.png",
    log:
        "<logs>/plot_thumbnail/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_thumbnail/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        settings=canonical({}),
    shell:
        "python -m workflow_scripts.evaluation.plot_thumbnail"
        " --settings {params.settings:q} --sample {input.sample:q}"
        " --output {output.thumbnail:q} &> {log:q}"


rule plot_evaluation:
    input:
        code=code("evaluation.plot_evaluation"),
        dataset="<results>/dataset/{dataset}.h5",
        stamps=VARIANT_STAMPS,
        real="<results>/evaluation/{dataset}/morphology.csv",
        generated="<results>/evaluation/{dataset}/{model}/morphology_noise_matched.csv",
        features="<results>/evaluation/{dataset}/{model}/features_noise_matched.csv",
        metrics="<results>/evaluation/{dataset}/{model}/metrics.json",
    output:
        planes=report(
            "<results>/evaluation/{dataset}/{model}/planes.png",
            **figure_of_model("planes"),
        ),
        light=report(
            "<results>/evaluation/{dataset}/{model}/light.png",
            **figure_of_model("light"),
        ),
        neighbours=report(
            "<results>/evaluation/{dataset}/{model}/neighbours.png",
            **figure_of_model("neighbours"),
        ),
        vectors=vector_copies("<results>/evaluation/{dataset}/{model}", "planes", "light", "neighbours"),
    log:
        "<logs>/plot_evaluation/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_evaluation/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(evaluation_figure_settings, "model"),
    shell:
        "python -m workflow_scripts.evaluation.plot_evaluation"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --stamps {input.stamps:q} --real {input.real:q}"
        " --generated {input.generated:q} --features {input.features:q}"
        " --metrics {input.metrics:q} --planes-figure {output.planes:q}"
        " --light-figure {output.light:q}"
        " --neighbours-figure {output.neighbours:q} &> {log:q}"


rule compare_samples:
    input:
        code=code("evaluation.compare_samples"),
        dataset="<results>/dataset/{dataset}.h5",
        samples=lambda wildcards: [
            f"<results>/sample/{wildcards.dataset}/{model}.h5"
            for model in models_of(config, wildcards.dataset)
        ],
        metrics=lambda wildcards: [
            f"<results>/evaluation/{wildcards.dataset}/{model}/metrics.json"
            for model in models_of(config, wildcards.dataset)
        ],
    output:
        figure=report(
            "<results>/comparison/{dataset}/side_by_side.png",
            **figure_of_models("side_by_side"),
        ),
        vectors=vector_copies("<results>/comparison/{dataset}", "side_by_side"),
    log:
        "<logs>/compare_samples/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_samples/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(comparison_settings, "dataset"),
    shell:
        "python -m workflow_scripts.evaluation.compare_samples"
        " --settings {params.settings:q} --dataset {input.dataset:q}"
        " --samples {input.samples:q} --metrics {input.metrics:q}"
        " --output {output.figure:q} &> {log:q}"


rule build_leaderboard:
    input:
        code=code("evaluation.build_leaderboard"),
        floor="<results>/evaluation/{dataset}/floor.json",
        metrics=lambda wildcards: [
            f"<results>/evaluation/{wildcards.dataset}/{model}/metrics.json"
            for model in judged_of(config, wildcards.dataset)
        ],
    output:
        leaderboard=report(
            "<results>/leaderboard/{dataset}.csv",
            caption=str(CAPTIONS / "leaderboard.rst"),
            category="Leaderboards",
            labels={"dataset": "{dataset}"},
        ),
        scores="<results>/scores/{dataset}.csv",
    log:
        "<logs>/build_leaderboard/{dataset}.log",
    benchmark:
        "<benchmarks>/build_leaderboard/{dataset}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(30),
    params:
        settings=settings_of(leaderboard_settings, "dataset"),
    shell:
        "python -m workflow_scripts.evaluation.build_leaderboard"
        " --settings {params.settings:q} --floor {input.floor:q}"
        " --metrics {input.metrics:q} --scores {output.scores:q}"
        " --output {output.leaderboard:q} &> {log:q}"


rule compare_scores:
    input:
        code=code("evaluation.compare_scores"),
        scores="<results>/scores/{dataset}.csv",
    output:
        figure=report(
            "<results>/comparison/{dataset}/score_comparison.png",
            **figure_of_models("score_comparison"),
        ),
        vectors=vector_copies("<results>/comparison/{dataset}", "score_comparison"),
    log:
        "<logs>/compare_scores/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_scores/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_of(comparison_settings, "dataset"),
    shell:
        "python -m workflow_scripts.evaluation.compare_scores"
        " --settings {params.settings:q} --scores {input.scores:q}"
        " --output {output.figure:q} &> {log:q}"
