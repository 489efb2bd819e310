-- +goose Up
-- What becomes of a notification outside of the page. The row is its own outbox: waiting, sent, dropped (nobody has to be told any more, or wants to be), failed.
-- What was told before is over; what the release before tells waits, too.
ALTER TABLE notifications ADD mail text NOT NULL DEFAULT 'over', ADD mail_tries integer NOT NULL DEFAULT 0,
    ADD mail_since_real timestamptz NOT NULL DEFAULT now(), ADD mail_due_real timestamptz NOT NULL DEFAULT now();
ALTER TABLE notifications ALTER mail SET DEFAULT 'waiting';
CREATE INDEX notifications_mail ON notifications (mail_due_real) WHERE mail = 'waiting';

-- How a channel is, as a worker found it last.
CREATE TABLE channels (
    id            text PRIMARY KEY,
    configured    boolean NOT NULL,
    failing_since timestamptz,           -- real time; null: it works
    why           text                   -- what went wrong last; for administrators
);

-- Who doesn't want to be told by a channel.
CREATE TABLE channels_off (
    user_id text NOT NULL REFERENCES users (id),
    channel text NOT NULL,
    PRIMARY KEY (user_id, channel)
);

-- Links by which one person may decide one task on what it showed when the link was sent. The link itself is kept nowhere.
CREATE TABLE act_links (
    token_hash   bytea PRIMARY KEY,      -- sha256
    user_id      text NOT NULL,
    task         text NOT NULL,
    seen         text NOT NULL,          -- digest of what the task showed
    expires_real timestamptz NOT NULL,
    used_real    timestamptz             -- set by the transaction of the decision
);
CREATE INDEX act_links_expires ON act_links (expires_real);

-- What was tried with links and came to nothing: a line for each link and reason, so that nobody can fill the table.
CREATE TABLE act_link_refusals (
    token_hash bytea NOT NULL REFERENCES act_links (token_hash) ON DELETE CASCADE,
    why        text NOT NULL,            -- used, expired, forwarded, changed, closed, prefetched …
    times      integer NOT NULL DEFAULT 1,
    first_real timestamptz NOT NULL,
    last_real  timestamptz NOT NULL,
    PRIMARY KEY (token_hash, why)
);

-- Mail that a development stack kept instead of sending it.
CREATE TABLE caught_mail (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notification bigint NOT NULL,
    address      text NOT NULL,
    at_real      timestamptz NOT NULL,
    subject      text NOT NULL,
    text         text NOT NULL,
    html         text NOT NULL
);
CREATE INDEX caught_mail_notification ON caught_mail (notification);

-- +goose Down
DROP TABLE caught_mail, act_link_refusals, act_links, channels_off, channels;
DROP INDEX notifications_mail;
ALTER TABLE notifications DROP mail, DROP mail_tries, DROP mail_since_real, DROP mail_due_real;
