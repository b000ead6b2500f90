-- Titles of one type of resource are listed in the order of their counters.
CREATE INDEX agg_typed_all ON agg (rtype, ftype, n_all, k, account_id, res_id) WHERE dim = 2 AND ftype > 0;
CREATE INDEX agg_typed_crit ON agg (rtype, ftype, n_crit, k, account_id, res_id) WHERE dim = 2 AND ftype > 0;
CREATE INDEX agg_typed_high ON agg (rtype, ftype, n_high, k, account_id, res_id) WHERE dim = 2 AND ftype > 0;
