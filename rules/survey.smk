# Surveys: directories that galsim.COSMOSCatalog opens. Each maker writes the same manifest, and nothing
# downstream knows which maker it was.


rule simulate_survey:
    input:
        code=code("survey.simulate_survey"),
    output:
        manifest="<results>/survey/{survey}/survey.json",
        files=directory("<results>/survey/{survey}/files"),
    log:
        "<logs>/simulate_survey/{survey}.log",
    benchmark:
        "<benchmarks>/simulate_survey/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("simulated"),
    conda:
        "../envs/survey.yaml"
    threads: 8
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_of(survey_settings, "survey"),
    message:
        "Simulating the survey {wildcards.survey}"
    shell:
        "python -m workflow_scripts.survey.simulate_survey"
        " --settings {params.settings:q} --threads {threads}"
        " --output-directory {output.files:q} --manifest {output.manifest:q} &> {log:q}"


rule import_survey:
    input:
        code=code("survey.import_survey"),
        files=local_survey_files,
    output:
        manifest="<results>/survey/{survey}/survey.json",
    log:
        "<logs>/import_survey/{survey}.log",
    benchmark:
        "<benchmarks>/import_survey/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("local"),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_of(survey_settings, "survey"),
    message:
        "Checking the survey {wildcards.survey}"
    shell:
        "python -m workflow_scripts.survey.import_survey"
        " --settings {params.settings:q} --output {output.manifest:q} &> {log:q}"


rule download_survey:
    input:
        code=code("survey.download_survey"),
    output:
        manifest="<results>/survey/{survey}/survey.json",
    log:
        "<logs>/download_survey/{survey}.log",
    benchmark:
        "<benchmarks>/download_survey/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from(*DOWNLOADED),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime="12h",
    params:
        settings=settings_of(survey_settings, "survey"),
        # Undeclared, as Snakemake deletes what a failed job, or one that runs again, declares: gigabytes
        # that came are kept, and an edit or another exclusion level downloads nothing.
        folder=lambda wildcards: f"{config['results']}/download/{wildcards.survey}",
    message:
        "Downloading the survey {wildcards.survey} (log: {log})"
    shell:
        "python -m workflow_scripts.survey.download_survey"
        " --settings {params.settings:q} --folder {params.folder:q}"
        " --manifest {output.manifest:q} &> {log:q}"


# The nodes of a cluster often have no way to the Internet; where Snakemake runs has one.
localrules:
    download_survey,
