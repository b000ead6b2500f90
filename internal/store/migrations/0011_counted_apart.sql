-- The counters of a resource stand in a table of their own: they change with
-- each scan, and with them all of a row and, in PostgreSQL, its place in each
-- index. Only resources that have active findings are there. Counters that are
-- equal are in the order of the resources; k is the repository or machine image
-- under which they are counted.
CREATE TABLE resource_count (
    res_id     BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    k          BIGINT NOT NULL,
    n_all      INTEGER NOT NULL,
    n_crit     INTEGER NOT NULL,
    n_high     INTEGER NOT NULL,
    n_med      INTEGER NOT NULL,
    n_fix      INTEGER NOT NULL,
    n_net      INTEGER NOT NULL,
    type       SMALLINT NOT NULL
)<WR>;
INSERT INTO resource_count (res_id, account_id, k, n_all, n_crit, n_high, n_med, n_fix, n_net, type)
    SELECT res_id, account_id, k_repo + k_ami, n_all, n_crit, n_high, n_med, n_fix, n_net, type FROM resource WHERE n_all > 0;

DROP INDEX r_all;
DROP INDEX r_crit;
DROP INDEX r_high;
DROP INDEX r_net;
ALTER TABLE resource DROP COLUMN n_all;
ALTER TABLE resource DROP COLUMN n_crit;
ALTER TABLE resource DROP COLUMN n_high;
ALTER TABLE resource DROP COLUMN n_med;
ALTER TABLE resource DROP COLUMN n_fix;
ALTER TABLE resource DROP COLUMN n_net;
ALTER TABLE resource DROP COLUMN k_repo;
ALTER TABLE resource DROP COLUMN k_ami;
-- PostgreSQL gives the room back only when it writes the table anew.
<POSTGRES>CLUSTER resource USING resource_pkey;

CREATE INDEX r_all ON resource_count (type, n_all, res_id, account_id);
CREATE INDEX r_crit ON resource_count (type, n_crit, res_id, account_id);
CREATE INDEX r_high ON resource_count (type, n_high, res_id, account_id);
-- Only instances have findings of open network paths.
CREATE INDEX r_net ON resource_count (type, n_net, res_id, account_id) WHERE type IN (1, 6);

-- PostgreSQL keeps equal entries of an index once, with all their rows. The
-- findings of a scan were observed at the same time: without the number of the
-- finding most of their entries are equal, and little is left to be sorted.
<POSTGRES>DROP INDEX f_ord;
<POSTGRES>DROP INDEX f_first;
<POSTGRES>DROP INDEX f_last;
<POSTGRES>CREATE INDEX f_ord ON finding (status, severity, last_at);
<POSTGRES>CREATE INDEX f_first ON finding (status, first_at);
<POSTGRES>CREATE INDEX f_last ON finding (status, last_at);
