-- +goose Up
-- The decision tables that a case's process asks, pinned with the case like the process itself: {"table": "digest"}.
ALTER TABLE cases ADD tables jsonb NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE cases DROP tables;
