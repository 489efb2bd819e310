-- +goose Up
-- What the sweep has put right between the cases here and their workflows in Temporal, for whoever looks after a restored backup.
CREATE TABLE repairs (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_real  timestamptz NOT NULL,
    what     text NOT NULL,              -- missing, asleep, left_over
    workflow text NOT NULL,
    case_id  text NOT NULL DEFAULT ''    -- empty: no such case
);
CREATE INDEX repairs_at ON repairs (at_real);

-- +goose Down
DROP TABLE repairs;
