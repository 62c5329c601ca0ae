-- Every policy that was ever in force, by its digest: what an event says it was decided under can be read again.
-- `source` is the text of its files, as JSON.
CREATE TABLE policy (
    digest TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    installed_at INT64 NOT NULL
);

-- The digest of the policy in force; '' before the first. It stands in the row that every decision locks to be
-- recorded, so that none can be recorded under another policy (decision 0011).
ALTER TABLE log_head ADD COLUMN policy TEXT NOT NULL DEFAULT '';
