-- The access key with which a session was begun, and with which it ends; null
-- for links and the sessions begun with one.
ALTER TABLE sign_in ADD COLUMN key_id TEXT <C>;
