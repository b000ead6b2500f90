-- A title is of one type of finding. Its sum over all types of resources is
-- kept for each type, and all counters of titles are in the order of lists.
DROP INDEX agg_typed_all;
DROP INDEX agg_typed_crit;
DROP INDEX agg_typed_high;
DELETE FROM agg WHERE dim = 2 AND ftype = 0;
INSERT INTO agg (dim, k, account_id, res_id, ftype, rtype, n_all, n_crit, n_high, n_med, n_fix, n_res)
    SELECT dim, k, account_id, res_id, ftype, 0, CAST(sum(n_all) AS BIGINT), CAST(sum(n_crit) AS BIGINT), CAST(sum(n_high) AS BIGINT),
        CAST(sum(n_med) AS BIGINT), CAST(sum(n_fix) AS BIGINT), CAST(sum(n_res) AS BIGINT)
    FROM agg WHERE dim = 2 GROUP BY dim, k, account_id, res_id, ftype;
CREATE INDEX agg_title_all ON agg (rtype, ftype, n_all, k, account_id, res_id) WHERE dim = 2;
CREATE INDEX agg_title_crit ON agg (rtype, ftype, n_crit, k, account_id, res_id) WHERE dim = 2;
CREATE INDEX agg_title_high ON agg (rtype, ftype, n_high, k, account_id, res_id) WHERE dim = 2;
