-- The same in less space. A line that begins with the name of a database is for
-- that one only.

-- A title that only resources of one type have in an account has one counter:
-- dimension 2 with that type. If several types have it, there is one for each of
-- them in dimension 9, and their sum is in dimension 2 without a type. How many
-- findings of a vulnerability there are is known from its titles; it has no
-- counters (dimension 8) of its own.
CREATE TABLE counter (
    k          BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    res_id     BIGINT NOT NULL,
    n_all      INTEGER NOT NULL,
    n_crit     INTEGER NOT NULL,
    n_high     INTEGER NOT NULL,
    n_med      INTEGER NOT NULL,
    n_fix      INTEGER NOT NULL,
    n_res      INTEGER NOT NULL,
    dim        SMALLINT NOT NULL,
    ftype      SMALLINT NOT NULL,
    rtype      SMALLINT NOT NULL,
    PRIMARY KEY (k, account_id, res_id, ftype, rtype, dim)
)<WR>;
INSERT INTO counter (k, account_id, res_id, n_all, n_crit, n_high, n_med, n_fix, n_res, dim, ftype, rtype)
    SELECT k, account_id, res_id, n_all, n_crit, n_high, n_med, n_fix, n_res, dim, ftype, rtype FROM agg WHERE dim <> 2 AND dim <> 8;
INSERT INTO counter (k, account_id, res_id, n_all, n_crit, n_high, n_med, n_fix, n_res, dim, ftype, rtype)
    SELECT k, account_id, res_id, n_all, n_crit, n_high, n_med, n_fix, n_res, CASE WHEN types = 1 THEN 2 ELSE 9 END, ftype, rtype
    FROM (SELECT agg.*, count(*) OVER (PARTITION BY k, account_id, ftype) AS types FROM agg WHERE dim = 2 AND rtype > 0) t;
INSERT INTO counter (k, account_id, res_id, n_all, n_crit, n_high, n_med, n_fix, n_res, dim, ftype, rtype)
    SELECT k, account_id, res_id, sum(n_all), sum(n_crit), sum(n_high), sum(n_med), sum(n_fix), 0, 2, ftype, 0
    FROM counter WHERE dim = 9 GROUP BY k, account_id, res_id, ftype;
DROP TABLE agg;
ALTER TABLE counter RENAME TO agg;
DELETE FROM agg_delta WHERE dim = 8 OR dim = 2 AND rtype = 0;

-- Lists by CRITICAL and HIGH go on with those that have none in the order of ALL.
CREATE INDEX agg_all ON agg (dim, n_all, k, account_id, res_id) WHERE ftype = 0;
CREATE INDEX agg_crit ON agg (dim, n_crit, n_all, k, account_id, res_id) WHERE ftype = 0 AND n_crit > 0;
CREATE INDEX agg_high ON agg (dim, n_high, n_all, k, account_id, res_id) WHERE ftype = 0 AND n_high > 0;
CREATE INDEX agg_title_all ON agg (rtype, ftype, n_all, k, account_id) WHERE dim = 2;
CREATE INDEX agg_title_crit ON agg (rtype, ftype, n_crit, n_all, k, account_id) WHERE dim = 2 AND n_crit > 0;
CREATE INDEX agg_title_high ON agg (rtype, ftype, n_high, n_all, k, account_id) WHERE dim = 2 AND n_high > 0;
CREATE INDEX agg_part_all ON agg (rtype, ftype, n_all, k, account_id) WHERE dim = 9;
CREATE INDEX agg_part_crit ON agg (rtype, ftype, n_crit, n_all, k, account_id) WHERE dim = 9 AND n_crit > 0;
CREATE INDEX agg_part_high ON agg (rtype, ftype, n_high, n_all, k, account_id) WHERE dim = 9 AND n_high > 0;
CREATE INDEX agg_res ON agg (dim, n_res, k, account_id, res_id) WHERE n_res > 0;
CREATE INDEX agg_zero ON agg (dim) WHERE n_all = 0;
CREATE INDEX agg_account ON agg (account_id, dim, ftype, rtype);
CREATE INDEX agg_resource ON agg (res_id) WHERE res_id > 0;

-- Whoever adds counters up holds this row, so that only one does.
INSERT INTO id_block (name, next) VALUES ('fold', 1);

-- Resources are packed from now on: see row.go.
<POSTGRES>ALTER TABLE resource ALTER COLUMN doc TYPE BYTEA USING convert_to(doc, 'UTF8');
<SQLITE>UPDATE resource SET doc = CAST(doc AS BLOB);

-- Scores have one digit after the point: they are kept in tenths.
<POSTGRES>ALTER TABLE finding ALTER COLUMN score TYPE SMALLINT USING CAST(round(score * 10) AS SMALLINT);
<SQLITE>DROP INDEX f_score;
<SQLITE>ALTER TABLE finding ADD COLUMN tenths SMALLINT NOT NULL DEFAULT 0;
<SQLITE>UPDATE finding SET tenths = CAST(round(score * 10) AS INTEGER);
<SQLITE>ALTER TABLE finding DROP COLUMN score;
<SQLITE>ALTER TABLE finding RENAME COLUMN tenths TO score;

-- SQLite ends each entry of an index with the number of the row: an index that
-- names the number has it twice.
<SQLITE>DROP INDEX f_ord;
<SQLITE>DROP INDEX f_aord;
<SQLITE>DROP INDEX f_first;
<SQLITE>DROP INDEX f_last;
<SQLITE>DROP INDEX f_vuln;
<SQLITE>DROP INDEX f_kind;
<SQLITE>DROP INDEX r_repo;
<SQLITE>DROP INDEX r_ami;
<SQLITE>DROP INDEX r_digest;
<SQLITE>DROP INDEX r_fn;
<SQLITE>DROP INDEX r_pushed;
<SQLITE>DROP INDEX r_registry;
<SQLITE>DROP INDEX r_type;
<SQLITE>CREATE INDEX f_ord ON finding (status, severity, last_at);
<SQLITE>CREATE INDEX f_aord ON finding (account_id, status, severity, last_at);
<SQLITE>CREATE INDEX f_score ON finding (status, score);
<SQLITE>CREATE INDEX f_first ON finding (status, first_at);
<SQLITE>CREATE INDEX f_last ON finding (status, last_at);
<SQLITE>CREATE INDEX f_vuln ON finding (vuln_sk, severity, last_at);
<SQLITE>CREATE INDEX f_kind ON finding (type, res_type);
<SQLITE>CREATE INDEX r_repo ON resource (repo);
<SQLITE>CREATE INDEX r_ami ON resource (ami) WHERE ami IS NOT NULL;
<SQLITE>CREATE INDEX r_digest ON resource (digest) WHERE digest IS NOT NULL;
<SQLITE>CREATE INDEX r_fn ON resource (fn_name) WHERE fn_name IS NOT NULL;
<SQLITE>CREATE INDEX r_pushed ON resource (pushed_at);
<SQLITE>CREATE INDEX r_registry ON resource (registry);
<SQLITE>CREATE INDEX r_type ON resource (account_id, type);
