-- +goose Up
-- What moved, for whoever has a page open: written by the statement that writes the case, read once a second by every server that somebody listens to, and
-- swept after minutes. Unlogged: after a crash of PostgreSQL whoever listens is told to look again, so nothing here has to survive one.
CREATE UNLOGGED TABLE news (
    xact    xid8   NOT NULL DEFAULT pg_current_xact_id(), -- who has read up to a snapshot asks for what that one didn't see yet: a late commit is never skipped
    case_id text,            -- the case that moved; null: none did. Who takes part in it stands in case_people
    boxes   text[] NOT NULL  -- principals: whose boxes or notifications changed
);
CREATE INDEX news_xact ON news (xact);
CREATE INDEX case_people_case ON case_people (case_id);

-- Browsers in which somebody has signed in: their next wrong password doesn't count together with a stranger's. They give no right to anything.
CREATE TABLE devices (
    token_hash   bytea PRIMARY KEY,      -- sha256 of the cookie
    user_id      text NOT NULL REFERENCES users (id),
    expires_real timestamptz NOT NULL
);

-- +goose Down
DROP INDEX case_people_case;
DROP TABLE devices;
DROP TABLE news;
