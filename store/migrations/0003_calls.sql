-- +goose Up
-- A case that a `call` of another one started: whose, by which of its calls, at which of its steps.
ALTER TABLE cases ADD parent text, ADD call text, ADD call_step text;
CREATE UNIQUE INDEX cases_call ON cases (parent, call) WHERE parent IS NOT NULL; -- a call starts one case; also finds the children of a case

-- +goose Down
ALTER TABLE cases DROP parent, DROP call, DROP call_step;
