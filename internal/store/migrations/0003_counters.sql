-- Counters of active findings, by what they are about: see rollup.go. A row
-- with neither type of finding nor of resource is the sum over all of them.

CREATE TABLE agg (
    dim        SMALLINT NOT NULL,
    k          BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    res_id     BIGINT NOT NULL,
    ftype      SMALLINT NOT NULL,
    rtype      SMALLINT NOT NULL,
    n_all      BIGINT NOT NULL,
    n_crit     BIGINT NOT NULL,
    n_high     BIGINT NOT NULL,
    n_med      BIGINT NOT NULL,
    n_fix      BIGINT NOT NULL,
    n_res      BIGINT NOT NULL,
    PRIMARY KEY (dim, k, account_id, res_id, ftype, rtype)
)<WR>;

-- What is equal is in the order of the things, not of the accounts, so that those
-- of one account are never far apart.
CREATE INDEX agg_all ON agg (dim, n_all, k, account_id, res_id) WHERE ftype = 0 AND rtype = 0;
CREATE INDEX agg_crit ON agg (dim, n_crit, k, account_id, res_id) WHERE ftype = 0 AND rtype = 0;
CREATE INDEX agg_high ON agg (dim, n_high, k, account_id, res_id) WHERE ftype = 0 AND rtype = 0;
CREATE INDEX agg_res ON agg (dim, n_res, k, account_id, res_id) WHERE n_res > 0;
CREATE INDEX agg_zero ON agg (dim) WHERE n_all = 0;
CREATE INDEX agg_account ON agg (account_id, dim, ftype, rtype, k, res_id, n_all, n_crit, n_high, n_med, n_fix, n_res);
CREATE INDEX agg_vuln ON agg (k, account_id, ftype, rtype, n_all) WHERE dim = 8;
CREATE INDEX agg_resource ON agg (res_id) WHERE res_id > 0;

-- What the numbers of counters stand for.
CREATE TABLE agg_key (
    k    BIGINT PRIMARY KEY,
    dim  SMALLINT NOT NULL,
    txt  TEXT <C> NOT NULL,
    vuln TEXT <C> NOT NULL,
    UNIQUE (dim, txt, vuln)
);

CREATE INDEX agg_key_vuln ON agg_key (vuln) WHERE vuln <> '';

-- Changes to counters that are not yet added up.
CREATE TABLE agg_delta (
    seq        BIGINT PRIMARY KEY,
    dim        SMALLINT NOT NULL,
    k          BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    res_id     BIGINT NOT NULL,
    ftype      SMALLINT NOT NULL,
    rtype      SMALLINT NOT NULL,
    n_all      BIGINT NOT NULL,
    n_crit     BIGINT NOT NULL,
    n_high     BIGINT NOT NULL,
    n_med      BIGINT NOT NULL,
    n_fix      BIGINT NOT NULL,
    n_res      BIGINT NOT NULL
);
