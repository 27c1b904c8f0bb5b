-- The verdict on each policy set, for the accounts that hold it.
CREATE OR REPLACE TABLE judging.set_verdict (
    set_id       VARCHAR NOT NULL,
    account      VARCHAR NOT NULL,
    privilege    VARCHAR NOT NULL,
    reason       VARCHAR NOT NULL,
    documents    VARCHAR[] NOT NULL,  -- documents that decide it, the one the reason speaks of first
    only_assumes BOOLEAN NOT NULL
);
