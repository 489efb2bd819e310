-- +goose Up
-- Who has left, and who is asked in their place: the rule, effective at once. It goes when they come back.
CREATE TABLE leavers (
    user_id text PRIMARY KEY REFERENCES users (id),
    to_user text NOT NULL REFERENCES users (id)
);
-- What moves what is still theirs, a piece at a time.
CREATE TABLE handovers (
    id           text PRIMARY KEY,
    user_id      text NOT NULL REFERENCES users (id),
    tasks_to     text NOT NULL,
    records_to   text NOT NULL,
    initiator_to text NOT NULL,
    reason       text NOT NULL,
    made_by      text NOT NULL,
    at           timestamptz NOT NULL,
    ended_at     timestamptz,            -- null: it isn't through yet
    stage        text NOT NULL DEFAULT 'cases', -- then records; and once more, until a round finds nothing to move
    after        text NOT NULL DEFAULT '', -- the last case or record that was looked at
    round        integer NOT NULL DEFAULT 0, -- what this round has moved
    cases        integer NOT NULL DEFAULT 0, -- that were moved
    records      integer NOT NULL DEFAULT 0,
    failed       integer NOT NULL DEFAULT 0 -- that could not be moved in this round
);
CREATE INDEX handovers_user ON handovers (user_id, at DESC);
CREATE UNIQUE INDEX handovers_open ON handovers (user_id) WHERE ended_at IS NULL;

-- +goose Down
DROP TABLE handovers, leavers;
