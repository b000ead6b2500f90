-- Accounts, what they have set up, and who may speak for them.
CREATE TABLE account (
    account_id BIGINT PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at  BIGINT,
    doc        TEXT NOT NULL
);

-- The accounts that a delegated administrator sees.
CREATE TABLE member (
    account_id BIGINT PRIMARY KEY,
    admin_id   BIGINT NOT NULL,
    status     SMALLINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX member_admin ON member (admin_id, account_id);

CREATE TABLE access_key (
    key_id       TEXT <C> PRIMARY KEY,
    account_id   BIGINT NOT NULL,
    name         TEXT NOT NULL,
    role         TEXT NOT NULL,
    subject      TEXT NOT NULL, -- the resource that an agent's key speaks for; empty for others
    secret       <BLOB> NOT NULL,
    token_sum    <BLOB>,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    disabled_at  BIGINT,
    last_used_at BIGINT
);

CREATE INDEX access_key_account ON access_key (account_id, key_id);

-- Links and cookies of the page; only the sum of each is kept.
CREATE TABLE sign_in (
    sum        <BLOB> PRIMARY KEY,
    kind       SMALLINT NOT NULL,
    account_id BIGINT NOT NULL,
    role       TEXT NOT NULL,
    name       TEXT NOT NULL, -- whose link or session it is
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
)<WR>;

-- Things that are set up, each a document: configurations, connections,
-- reports.
CREATE TABLE object (
    kind       TEXT <C> NOT NULL,
    account_id BIGINT NOT NULL,
    id         TEXT <C> NOT NULL,
    parent     TEXT <C> NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    doc        TEXT NOT NULL,
    PRIMARY KEY (kind, account_id, id)
)<WR>;

CREATE INDEX object_parent ON object (kind, account_id, parent, id);

CREATE TABLE tag (
    arn        TEXT <C> NOT NULL,
    k          TEXT <C> NOT NULL,
    v          TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (arn, k)
)<WR>;

-- Answers that are given again when a client repeats a call.
CREATE TABLE answered (
    account_id BIGINT NOT NULL,
    operation  TEXT <C> NOT NULL,
    token      TEXT <C> NOT NULL,
    request    <BLOB> NOT NULL,
    answer     TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, operation, token)
)<WR>;

CREATE INDEX answered_at ON answered (at);

CREATE TABLE audit (
    seq        BIGINT PRIMARY KEY,
    at         BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    action     TEXT <C> NOT NULL,
    who        TEXT <C> NOT NULL,
    result     TEXT <C> NOT NULL,
    doc        TEXT NOT NULL
);

CREATE INDEX audit_account ON audit (account_id, at, seq);
CREATE INDEX audit_at ON audit (at);

CREATE TABLE usage_total (
    account_id BIGINT NOT NULL,
    type       TEXT <C> NOT NULL,
    day        BIGINT NOT NULL,
    amount     <F64> NOT NULL,
    PRIMARY KEY (account_id, type, day)
)<WR>;

-- Events on their way out: written with what they tell of, handed to each
-- receiver, and deleted when it has them.
CREATE TABLE outbox (
    at         BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind       TEXT <C> NOT NULL,
    subject    TEXT <C> NOT NULL,
    doc        TEXT NOT NULL,
    PRIMARY KEY (at, seq)
)<WR>;

-- An event on its way to one receiver. Its seq is given when it leaves the
-- outbox, so that it is in order however many nodes write events.
CREATE TABLE delivery (
    sink       TEXT <C> NOT NULL,
    seq        BIGINT NOT NULL,
    event_id   TEXT <C> NOT NULL,
    account_id BIGINT NOT NULL,
    kind       TEXT <C> NOT NULL,
    subject    TEXT <C> NOT NULL,
    at         BIGINT NOT NULL,
    doc        TEXT NOT NULL,
    queued_at  BIGINT NOT NULL,
    attempt    INTEGER NOT NULL,
    next_at    BIGINT NOT NULL,
    error      TEXT NOT NULL,
    dead_at    BIGINT,
    PRIMARY KEY (sink, seq)
)<WR>;

CREATE INDEX delivery_due ON delivery (sink, next_at, seq) WHERE dead_at IS NULL;
CREATE INDEX delivery_order ON delivery (sink, subject, seq) WHERE dead_at IS NULL;
CREATE INDEX delivery_dead ON delivery (dead_at) WHERE dead_at IS NOT NULL;

INSERT INTO id_block (name, next) VALUES ('delivery', 1);

CREATE TABLE job (
    id          BIGINT PRIMARY KEY,
    queue       TEXT <C> NOT NULL,
    kind        TEXT <C> NOT NULL,
    ukey        TEXT <C> NOT NULL,
    account_id  BIGINT NOT NULL,
    prio        SMALLINT NOT NULL,
    state       SMALLINT NOT NULL,
    run_at      BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    owner       TEXT <C> NOT NULL,
    attempt     INTEGER NOT NULL,
    max_attempt INTEGER NOT NULL,
    rerun       SMALLINT NOT NULL,
    cursor      TEXT NOT NULL,
    args        TEXT NOT NULL,
    error       TEXT NOT NULL,
    done_at     BIGINT
)<FILL>;

CREATE INDEX job_ready ON job (queue, prio, account_id, run_at, id) WHERE state = 0;
CREATE INDEX job_running ON job (lease_until) WHERE state = 1;
CREATE UNIQUE INDEX job_unique ON job (kind, ukey) WHERE state < 2;
CREATE INDEX job_done ON job (done_at) WHERE state >= 2;

CREATE TABLE schedule (
    name    TEXT <C> PRIMARY KEY,
    next_at BIGINT NOT NULL
)<WR>;

CREATE TABLE lease (
    name  TEXT <C> PRIMARY KEY,
    owner TEXT <C> NOT NULL,
    until BIGINT NOT NULL,
    token BIGINT NOT NULL
)<WR>;
