-- +goose Up
-- Tasks for which nobody was found, to be listed with what else waits for an administrator.
CREATE INDEX tasks_vacant ON tasks (opened_at, id) WHERE status = 'open' AND vacant;

-- +goose Down
DROP INDEX tasks_vacant;
