-- +goose Up
-- What other systems have told: each once by its sender's own id, kept for ever. The same id again is the same event.
CREATE TABLE events (
    source      text NOT NULL,           -- who sent it: a user's id
    id          text NOT NULL,
    number      bigint GENERATED ALWAYS AS IDENTITY, -- the order in which they came
    type        text NOT NULL,
    record_type text,                    -- what it is about; filled before the same transaction commits
    record_id   text REFERENCES records (id),
    data        json,                    -- as it was sent
    body_hash   bytea NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (source, id)
);

-- What an event may do: a row per case that it must reach and per process that it may start, written with the event; what it did, by the transaction
-- that carries it out.
CREATE TABLE event_cases (
    source  text NOT NULL,
    id      text NOT NULL,
    key     text NOT NULL,               -- of its row in the outbox
    process text NOT NULL,
    case_id text,                        -- that it reaches, or has started
    effect  text,                        -- started, moved, none, refused; null: not carried out yet
    refusal json,                        -- why the process could not be started
    PRIMARY KEY (source, id, key)
);

-- Processes that start cases by a rhythm, one row each. The next occurrence is counted from `since`: when the rhythm was published, then its last occurrence.
CREATE TABLE schedules (
    process text PRIMARY KEY,
    every   text NOT NULL,               -- empty: it has ended
    since   timestamptz NOT NULL,
    told    boolean NOT NULL DEFAULT false -- its workflow knows that it has begun, or ended; what has ended is deleted then
);

-- Every occurrence of a rhythm, once. The records are gone through in the order of their ids; `upto` is moved by the very transactions that start the cases.
CREATE TABLE occurrences (
    process     text NOT NULL,
    at          timestamptz NOT NULL,    -- the nominal moment
    missed      integer NOT NULL,        -- earlier ones that passed while nothing worked: this one stands for them
    began_at    timestamptz NOT NULL,    -- records made later are none of its
    ended_at    timestamptz,             -- null: it isn't through yet
    upto        text NOT NULL DEFAULT '',
    started     integer NOT NULL DEFAULT 0,
    passed_over integer NOT NULL DEFAULT 0, -- records that have an open case still
    refused     integer NOT NULL DEFAULT 0, -- records for which no case could be started
    PRIMARY KEY (process, at)
);
CREATE UNIQUE INDEX occurrences_open ON occurrences (process) WHERE ended_at IS NULL; -- one at a time
CREATE INDEX records_of_type ON records (type, id);

-- +goose Down
DROP INDEX records_of_type;
DROP TABLE occurrences, schedules, event_cases, events;
