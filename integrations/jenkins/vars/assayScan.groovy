/**
 * assayScan(settings): scans a target in a Jenkins pipeline, keeps the reports,
 * shows the findings (plugin "Warnings"), and ends the build by what was found:
 * failed where a finding reaches failOn, unstable where something could not be
 * read or judged. It returns the exit status 0, 3, or with stop: false 1.
 *
 * The agent has the files assay and assay-ci.sh in ASSAY_HOME, /opt/assay if
 * that is not set. doc/ci.md of Assay describes the settings.
 */
def call(Map settings = [:]) {
    // The settings that assay-ci.sh takes from the environment.
    def names = [
        target: 'ASSAY_TARGET', failOn: 'ASSAY_FAIL_ON', baseline: 'ASSAY_BASELINE', baselineOptional: 'ASSAY_BASELINE_OPTIONAL',
        baseTarget: 'ASSAY_BASE_TARGET', name: 'ASSAY_NAME', resource: 'ASSAY_RESOURCE', binary: 'ASSAY_BIN', image: 'ASSAY_IMAGE',
        download: 'ASSAY_DOWNLOAD', downloadSha256: 'ASSAY_DOWNLOAD_SHA256', db: 'ASSAY_DB', dbFrom: 'ASSAY_DB_FROM',
        server: 'ASSAY_SERVER', cache: 'ASSAY_CACHE', output: 'ASSAY_OUT',
    ]
    def others = ['issues', 'stop']
    def unknown = settings.keySet().findAll { !names.containsKey(it) && !others.contains(it) }
    if (unknown) {
        error("assayScan: unknown settings: ${unknown.join(', ')}")
    }
    def output = settings.output ?: 'assay-report'
    def variables = ["ASSAY_OUT=${output}".toString(), 'ASSAY_PROBLEMS=fail']
    settings.each { key, value ->
        if (names.containsKey(key) && key != 'output') {
            variables << "${names[key]}=${value}".toString()
        }
    }
    def status = 2
    withEnv(variables) {
        status = sh(label: 'Assay', returnStatus: true, script: 'sh "${ASSAY_HOME:-/opt/assay}/assay-ci.sh"')
    }
    archiveArtifacts(artifacts: "${output}/*.json, ${output}/*.sarif, ${output}/*.md, ${output}/*.txt", allowEmptyArchive: true)
    if (settings.issues != false && status != 2) {
        recordIssues(tool: sarif(id: 'assay', name: 'Assay', pattern: "${output}/report.sarif"))
    }
    if (status == 1 && settings.stop != false) {
        error("Assay: findings reach ${settings.failOn}")
    } else if (status == 3) {
        unstable('Assay: something could not be read or judged')
    } else if (status != 0 && status != 1) {
        error("Assay: the scan was not done (status ${status})")
    }
    return status
}
