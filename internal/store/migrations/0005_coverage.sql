-- Resources by when something was last done with them: what has not been for
-- long is no longer scanned.
CREATE INDEX r_pulled ON resource (pulled_at, res_id) WHERE pulled_at IS NOT NULL;
CREATE INDEX r_used ON resource (used_at, res_id) WHERE used_at IS NOT NULL;
CREATE INDEX r_modified ON resource (fn_modified_at, res_id) WHERE fn_modified_at IS NOT NULL;
