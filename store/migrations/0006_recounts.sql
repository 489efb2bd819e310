-- +goose Up
-- Calendars that were published anew, and how far the open cases that count by them have been recomputed: up to which case, by id. One row per calendar;
-- another publication begins anew. The row goes when all are done.
CREATE TABLE recounts (
    calendar text PRIMARY KEY,
    version  integer NOT NULL,
    revision bigint NOT NULL,           -- of the library, with that publication
    by       text,                      -- who published it
    after    text NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE recounts;
