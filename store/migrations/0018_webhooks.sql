-- +goose Up
-- Which transaction wrote an entry, so that what happened is found after the commit, by whoever looks, and a late commit is never skipped: only what was
-- written by transactions below all that still run is looked at. '0': written before there were webhooks, or in another database that this one was restored from.
ALTER TABLE timeline ADD xact xid8 NOT NULL DEFAULT '0';
ALTER TABLE timeline ALTER xact SET DEFAULT pg_current_xact_id();
CREATE INDEX timeline_xact ON timeline (xact) WHERE xact > '0';

-- Addresses that want to hear what happens in cases.
CREATE TABLE webhooks (
    id            text PRIMARY KEY,
    url           text NOT NULL,
    events        text[] NOT NULL,       -- of the timeline; empty: all
    processes     text[] NOT NULL,       -- empty: all
    secret        bytea NOT NULL,        -- what messages are signed with
    active        boolean NOT NULL,
    made_by       text NOT NULL,
    made_real     timestamptz NOT NULL,
    since         xid8 NOT NULL DEFAULT pg_current_xact_id(), -- what earlier transactions wrote isn't told
    fails         integer NOT NULL DEFAULT 0,                 -- attempts in a row that came to nothing
    failing_since timestamptz,           -- the first of them
    why           json,                  -- what the last of them came to
    again_real    timestamptz            -- nothing is sent before; null: at once
);

-- How far the timeline was looked through for webhooks: the last transaction. One row.
CREATE TABLE webhook_cursor (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    xact xid8 NOT NULL
);
INSERT INTO webhook_cursor (xact) VALUES ('0');

-- What a webhook is to hear, one row per entry. It is its own outbox. Rows of a webhook that was deleted are swept.
CREATE TABLE webhook_deliveries (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    webhook    text NOT NULL,
    case_id    text NOT NULL,
    seq        integer NOT NULL,
    status     text NOT NULL DEFAULT 'waiting',  -- waiting, delivered, failed
    tries      integer NOT NULL DEFAULT 0,
    answered   integer,                  -- the HTTP status of the last attempt; null: there was no answer
    why        json,                     -- what the last attempt came to, when it came to nothing
    made_real  timestamptz NOT NULL,
    due_real   timestamptz NOT NULL,
    tried_real timestamptz,
    PRIMARY KEY (webhook, case_id, seq)
);
CREATE UNIQUE INDEX webhook_deliveries_id ON webhook_deliveries (webhook, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook, due_real, id) WHERE status = 'waiting';
CREATE INDEX webhook_deliveries_case ON webhook_deliveries (webhook, case_id, seq) WHERE status = 'waiting';
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (made_real);

-- +goose Down
DROP TABLE webhook_deliveries, webhook_cursor, webhooks;
DROP INDEX timeline_xact;
ALTER TABLE timeline DROP xact;
