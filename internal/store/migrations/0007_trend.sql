-- How many active findings an account had at the end of a day in UTC, counted
-- from 1970, and how many were first seen and how many were closed on it.
CREATE TABLE trend (
    account_id BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    n_all      BIGINT NOT NULL,
    n_crit     BIGINT NOT NULL,
    n_high     BIGINT NOT NULL,
    n_med      BIGINT NOT NULL,
    opened     BIGINT NOT NULL,
    closed     BIGINT NOT NULL,
    PRIMARY KEY (account_id, day)
)<WR>;

CREATE INDEX trend_day ON trend (day);
