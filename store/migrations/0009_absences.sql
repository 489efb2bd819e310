-- +goose Up
-- Who is away, on which days of business time, and who stands in. Days are the company's; both are included.
CREATE TABLE absences (
    id        text PRIMARY KEY,
    user_id   text NOT NULL REFERENCES users (id),
    from_day  date NOT NULL,
    to_day    date,                      -- null: until further notice
    stand_in  text REFERENCES users (id), -- null: nobody
    processes text[] NOT NULL DEFAULT '{}', -- only in cases of these; empty: in all
    cancelled boolean NOT NULL DEFAULT false,
    begun     boolean NOT NULL DEFAULT false, -- the open tasks of its person were looked at again
    made_by   text NOT NULL,
    CHECK (to_day IS NULL OR to_day >= from_day)
);
CREATE INDEX absences_user ON absences (user_id, from_day);
CREATE INDEX absences_coming ON absences (from_day) WHERE NOT begun AND NOT cancelled;

-- Counted up by every change of an absence in its own transaction, as `revision` is by publications: whoever has read this one knows who is away.
ALTER TABLE library ADD absences bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE library DROP absences;
DROP TABLE absences;
