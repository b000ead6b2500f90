-- Packages that stand together in inventories, such as those of one layer, by
-- the digest of the whole: what inventories have in common is kept once.
CREATE TABLE pkgset (
    set_id BIGINT PRIMARY KEY,
    digest <BLOB> NOT NULL UNIQUE,
    n      BIGINT NOT NULL,
    doc    <BLOB> NOT NULL
);

-- The sets of an inventory, in their order. The layer that brought one is in
-- the document of the inventory, at the same place.
CREATE TABLE inventory_set (
    inv_id  BIGINT NOT NULL,
    ordinal INTEGER NOT NULL,
    set_id  BIGINT NOT NULL,
    PRIMARY KEY (inv_id, ordinal)
)<WR>;

CREATE INDEX inventory_set_set ON inventory_set (set_id, inv_id);

-- Names under which advisories state something about packages; the empty name
-- stands for all of an ecosystem.
CREATE TABLE pkgname (
    name_id BIGINT PRIMARY KEY,
    eco     TEXT <C> NOT NULL,
    name    TEXT <C> NOT NULL,
    UNIQUE (eco, name)
);

-- Which sets hold packages of a name.
CREATE TABLE pkgset_name (
    name_id BIGINT NOT NULL,
    set_id  BIGINT NOT NULL,
    PRIMARY KEY (name_id, set_id)
)<WR>;

CREATE INDEX pkgset_name_set ON pkgset_name (set_id);

-- Inventories that are to be matched again, since what is known of their
-- packages has changed: since when (what was known then), and by which mark, so
-- that one which is made meanwhile is not lost.
CREATE TABLE stale (
    inv_id BIGINT PRIMARY KEY,
    since  BIGINT NOT NULL,
    mark   BIGINT NOT NULL
)<WR>;

INSERT INTO id_block (name, next) VALUES ('pkgset', 1), ('pkgname', 1), ('stale', 1);
