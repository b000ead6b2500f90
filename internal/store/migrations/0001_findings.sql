-- Words in angle brackets differ between the databases; see dialect.go.
-- Times are milliseconds since 1970 in UTC. Enumerations are small numbers,
-- whose meaning stands in row.go.

CREATE TABLE id_block (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL
)<WR>;

INSERT INTO id_block (name, next) VALUES ('resource', 1), ('vuln', 1), ('document', 1), ('finding', 1);

CREATE TABLE secret (
    name  TEXT PRIMARY KEY,
    value <BLOB> NOT NULL
)<WR>;

-- What is known of a vulnerability and changes every day, so that no finding
-- has to be written when it does.
CREATE TABLE vuln (
    vuln_sk BIGINT PRIMARY KEY,
    vuln_id TEXT <C> NOT NULL,
    source  TEXT <C> NOT NULL,
    epss    <F64>,
    exploit SMALLINT NOT NULL,
    rev     BIGINT NOT NULL,
    live    TEXT NOT NULL,
    UNIQUE (vuln_id, source)
);

CREATE INDEX vuln_epss ON vuln (epss, vuln_sk);

-- Content that many findings share, by the digest of its text: the words on a
-- vulnerability, and the affected packages.
CREATE TABLE document (
    doc_id BIGINT PRIMARY KEY,
    digest <BLOB> NOT NULL UNIQUE,
    doc    <BLOB> NOT NULL
);

CREATE TABLE resource (
    res_id          <ID>,
    account_id      BIGINT NOT NULL,
    region          TEXT <C> NOT NULL,
    type            SMALLINT NOT NULL,
    arn             TEXT <C> NOT NULL,
    revision        TEXT <C> NOT NULL,
    first_at        BIGINT NOT NULL,
    last_scanned_at BIGINT NOT NULL,
    doc             TEXT NOT NULL<KEY(res_id)>,
    UNIQUE (arn, account_id, region, type)
)<PART>;

<PARTS(resource)>

CREATE TABLE finding (
    fid        <ID>,
    fkey       <BLOB> NOT NULL,
    account_id BIGINT NOT NULL,
    res_id     BIGINT NOT NULL,
    vuln_sk    BIGINT NOT NULL,
    text_id    BIGINT NOT NULL,
    match_id   BIGINT NOT NULL,
    res_type   SMALLINT NOT NULL,
    severity   SMALLINT NOT NULL,
    status     SMALLINT NOT NULL,
    fix        SMALLINT NOT NULL,
    score      <F64> NOT NULL,
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    closed_at  BIGINT,
    hash       BIGINT NOT NULL<KEY(fid)>,
    UNIQUE (account_id, fkey)
)<PART>;

<PARTS(finding)>

CREATE INDEX f_ord ON finding (status, severity, score, fid);
CREATE INDEX f_aord ON finding (account_id, status, severity, score, fid);
CREATE INDEX f_first ON finding (status, first_at, fid);
CREATE INDEX f_last ON finding (status, last_at, fid);
CREATE INDEX f_res ON finding (res_id, severity);
CREATE INDEX f_vuln ON finding (vuln_sk, account_id);
CREATE INDEX f_closed ON finding (closed_at) WHERE status = 3;
