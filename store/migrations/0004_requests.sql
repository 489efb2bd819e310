-- +goose Up
-- Calls to other systems. A row is written with the step that asks; it is over in the transaction in which the case takes its answer. A row that is waiting
-- is all it takes to make the call, so no outbox speaks of it.
CREATE TABLE requests (
    call         text PRIMARY KEY,       -- the case and a number: the Idempotency-Key of every attempt
    case_id      text NOT NULL,
    step         text NOT NULL,
    system       text NOT NULL,
    method       text NOT NULL,
    path         text NOT NULL,
    body         json,                   -- forgotten when it is over
    reads        boolean NOT NULL,       -- fields are taken from the answer
    status       text NOT NULL,          -- waiting, answered, failed, ended (nobody waits for it any more)
    attempts     integer NOT NULL DEFAULT 0,
    why          json,                   -- {"zh","en"}: what the last attempt came to
    answer       json,                   -- between the system's answer and the case that takes it
    given_up     boolean NOT NULL DEFAULT false,
    created_real timestamptz NOT NULL,
    started_real timestamptz,            -- when its workflow was last seen to; null: it has none yet
    tried_real   timestamptz,            -- the first attempt
    over_real    timestamptz
);
CREATE INDEX requests_new ON requests (created_real) WHERE status = 'waiting' AND started_real IS NULL;
CREATE INDEX requests_started ON requests (started_real) WHERE status = 'waiting';
CREATE INDEX requests_case ON requests (case_id, created_real);

-- +goose Down
DROP TABLE requests;
