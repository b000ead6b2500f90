-- Words in angle brackets differ between the databases; see dialect.go.
-- Times are milliseconds since 1970 in UTC. Enumerations are small numbers,
-- whose meaning stands in row.go. Empty texts are NULL where a column may be.

CREATE TABLE id_block (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL
)<WR>;

INSERT INTO id_block (name, next) VALUES
    ('resource', 1), ('vuln', 1), ('document', 1), ('finding', 1), ('matched', 1), ('inventory', 1),
    ('rule', 1), ('agg_key', 1), ('agg_delta', 1), ('outbox', 1), ('job', 1), ('audit', 1);

-- Single values of the whole installation, by name.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value <BLOB> NOT NULL
)<WR>;

-- Tells whether secrets are sealed with the key that a server has; empty until
-- the first one opens the database.
INSERT INTO setting (name, value) VALUES ('master key', '');

-- What is known of a vulnerability and changes every day, so that no finding
-- has to be written when it does.
CREATE TABLE vuln (
    vuln_sk    BIGINT PRIMARY KEY,
    vuln_id    TEXT <C> NOT NULL,
    source     TEXT <C> NOT NULL,
    vendor_sev TEXT <C>,
    epss       <F64>,
    exploit    SMALLINT NOT NULL,
    rev        BIGINT NOT NULL,
    live       TEXT NOT NULL,
    UNIQUE (vuln_id, source)
);

CREATE INDEX vuln_epss ON vuln (epss, vuln_sk);
CREATE INDEX vuln_name ON vuln (vuln_id, vuln_sk);
CREATE INDEX vuln_source ON vuln (source, vuln_sk);
CREATE INDEX vuln_vendor ON vuln (vendor_sev, vuln_sk);
CREATE INDEX vuln_exploit ON vuln (vuln_sk) WHERE exploit = 1;

CREATE TABLE vuln_related (
    related_id TEXT <C> NOT NULL,
    vuln_sk    BIGINT NOT NULL,
    PRIMARY KEY (related_id, vuln_sk)
)<WR>;

CREATE INDEX vuln_related_vuln ON vuln_related (vuln_sk);

-- Content that many findings share, by the digest of its text: the words on a
-- vulnerability.
CREATE TABLE document (
    doc_id  BIGINT PRIMARY KEY,
    digest  <BLOB> NOT NULL UNIQUE,
    vuln_sk BIGINT NOT NULL,
    doc     <BLOB> NOT NULL
);

-- Which packages of a resource have a vulnerability. Resources with the same
-- packages share it.
CREATE TABLE matched (
    match_id BIGINT PRIMARY KEY,
    digest   <BLOB> NOT NULL UNIQUE,
    title    TEXT <C> NOT NULL,
    doc      <BLOB> NOT NULL
);

CREATE INDEX matched_title ON matched (title);

-- The parts of matched packages that filters name.
CREATE TABLE match_pkg (
    name         TEXT <C> NOT NULL,
    version      TEXT <C> NOT NULL,
    match_id     BIGINT NOT NULL,
    ordinal      SMALLINT NOT NULL,
    epoch        BIGINT,
    release      TEXT <C>,
    arch         TEXT <C>,
    layer        TEXT <C>,
    lambda_layer TEXT <C>,
    path         TEXT <C>,
    PRIMARY KEY (match_id, ordinal)
)<WR>;

CREATE INDEX match_pkg_name ON match_pkg (name, version, match_id);
CREATE INDEX match_pkg_layer ON match_pkg (layer, match_id) WHERE layer IS NOT NULL;

-- What a resource was found to hold, by the digest of the whole.
CREATE TABLE inventory (
    inv_id BIGINT PRIMARY KEY,
    digest <BLOB> NOT NULL UNIQUE,
    n      BIGINT NOT NULL,
    doc    <BLOB> NOT NULL
);

CREATE TABLE resource (
    res_id         <NUMBER>,
    account_id     BIGINT NOT NULL,
    region         TEXT <C> NOT NULL,
    type           SMALLINT NOT NULL,
    arn            TEXT <C> NOT NULL,
    inv_id         BIGINT,
    revision       TEXT <C> NOT NULL,
    first_at       BIGINT NOT NULL,
    gone_at        BIGINT,
    platform       TEXT <C>,
    pushed_at      BIGINT,
    pulled_at      BIGINT,
    used_at        BIGINT,
    uses           BIGINT,
    arch           TEXT <C>,
    registry       TEXT <C>,
    repo           TEXT <C>,
    image_tags     TEXT <C>,
    digest         TEXT <C>,
    ami            TEXT <C>,
    vpc            TEXT <C>,
    subnet         TEXT <C>,
    fn_name        TEXT <C>,
    fn_runtime     TEXT <C>,
    fn_role        TEXT <C>,
    fn_layers      TEXT <C>,
    fn_modified_at BIGINT,
    project        TEXT <C>,
    code_host      TEXT <C>,
    visibility     TEXT <C>,
    commit_id      TEXT <C>,
    cloud          TEXT <C> NOT NULL,
    cloud_account  TEXT <C> NOT NULL,
    cloud_org      TEXT <C>,
    cloud_region   TEXT <C> NOT NULL,
    doc            TEXT NOT NULL,
    n_all          BIGINT NOT NULL DEFAULT 0,
    n_crit         BIGINT NOT NULL DEFAULT 0,
    n_high         BIGINT NOT NULL DEFAULT 0,
    n_med          BIGINT NOT NULL DEFAULT 0,
    n_fix          BIGINT NOT NULL DEFAULT 0,
    n_net          BIGINT NOT NULL DEFAULT 0,
    k_repo         BIGINT NOT NULL DEFAULT 0, -- under which repository and machine image it is counted
    k_ami          BIGINT NOT NULL DEFAULT 0,
    UNIQUE (arn, account_id, region, type)
);

-- Sorted by an attribute, findings without it come last: not partial.
CREATE INDEX r_repo ON resource (repo, res_id);
CREATE INDEX r_ami ON resource (ami, res_id) WHERE ami IS NOT NULL;
CREATE INDEX r_digest ON resource (digest, res_id) WHERE digest IS NOT NULL;
CREATE INDEX r_fn ON resource (fn_name, res_id) WHERE fn_name IS NOT NULL;
CREATE INDEX r_pushed ON resource (pushed_at, res_id);
CREATE INDEX r_registry ON resource (registry, res_id);
CREATE INDEX r_inv ON resource (inv_id);
CREATE INDEX r_type ON resource (account_id, type, res_id);
CREATE INDEX r_all ON resource (type, n_all, res_id, account_id) WHERE n_all > 0;
CREATE INDEX r_crit ON resource (type, n_crit, res_id, account_id) WHERE n_all > 0;
CREATE INDEX r_high ON resource (type, n_high, res_id, account_id) WHERE n_all > 0;
CREATE INDEX r_net ON resource (type, n_net, res_id, account_id) WHERE n_all > 0;
CREATE INDEX r_gone ON resource (gone_at) WHERE gone_at IS NOT NULL;

CREATE TABLE resource_tag (
    k          TEXT <C> NOT NULL,
    v          TEXT <C> NOT NULL,
    res_id     BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (res_id, k)
)<WR>;

CREATE INDEX rt_value ON resource_tag (k, v, res_id);

-- Whether and why a resource is scanned, by type of scan.
CREATE TABLE coverage (
    res_id          BIGINT NOT NULL,
    account_id      BIGINT NOT NULL,
    scan_type       SMALLINT NOT NULL,
    code            SMALLINT NOT NULL,
    reason          TEXT <C> NOT NULL,
    mode            TEXT <C>,
    first_at        BIGINT NOT NULL,
    last_scanned_at BIGINT,
    PRIMARY KEY (account_id, res_id, scan_type)
)<WR>;

CREATE TABLE finding (
    fid           <ID>,
    fkey          <BLOB> NOT NULL,
    account_id    BIGINT NOT NULL,
    res_id        BIGINT NOT NULL,
    vuln_sk       BIGINT NOT NULL,
    text_id       BIGINT NOT NULL,
    match_id      BIGINT NOT NULL,
    type          SMALLINT NOT NULL,
    res_type      SMALLINT NOT NULL,
    severity      SMALLINT NOT NULL,
    status        SMALLINT NOT NULL,
    fix           SMALLINT NOT NULL,
    score         <F64> NOT NULL,
    first_at      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    closed_at     BIGINT,
    suppressed_by BIGINT,
    hash          BIGINT NOT NULL<KEY(fid)>,
    UNIQUE (account_id, fkey)
)<PART>;

<PARTS(finding)>

CREATE INDEX f_ord ON finding (status, severity, last_at, fid);
CREATE INDEX f_aord ON finding (account_id, status, severity, last_at, fid);
CREATE INDEX f_score ON finding (status, score, fid);
CREATE INDEX f_first ON finding (status, first_at, fid);
CREATE INDEX f_last ON finding (status, last_at, fid);
CREATE INDEX f_res ON finding (res_id, severity);
CREATE INDEX f_vuln ON finding (vuln_sk, severity, last_at, fid);
CREATE INDEX f_kind ON finding (type, res_type, fid);
CREATE INDEX f_match ON finding (match_id);
CREATE INDEX f_closed ON finding (closed_at) WHERE status = 3;
CREATE INDEX f_rule ON finding (suppressed_by) WHERE suppressed_by IS NOT NULL;

-- What only findings of open network paths and of code have.
CREATE TABLE finding_net (
    fid            BIGINT NOT NULL,
    account_id     BIGINT NOT NULL,
    protocol       TEXT <C> NOT NULL,
    port_lo        BIGINT NOT NULL,
    port_hi        BIGINT NOT NULL,
    component_id   TEXT <C>,
    component_type TEXT <C>,
    PRIMARY KEY (fid, account_id)
)<WR>;

CREATE INDEX net_protocol ON finding_net (protocol, fid);
CREATE INDEX net_component ON finding_net (component_type, fid);

CREATE TABLE finding_code (
    fid        BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    detector   TEXT <C> NOT NULL,
    path       TEXT <C> NOT NULL,
    tags       TEXT <C>,
    PRIMARY KEY (fid, account_id)
)<WR>;

-- Saved criteria; action 1 saves them only, action 2 suppresses what fits.
CREATE TABLE saved_filter (
    rule_id     BIGINT PRIMARY KEY,
    account_id  BIGINT NOT NULL,
    arn         TEXT <C> NOT NULL UNIQUE,
    name        TEXT <C> NOT NULL,
    action      SMALLINT NOT NULL,
    criteria    TEXT NOT NULL,
    description TEXT,
    reason      TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    UNIQUE (account_id, name)
);
