-- +goose Up
-- Business moments ("at", "due_at", "wake_at", …) are business time and come from the engine, never from now().
-- Columns that end in _real are the machine's own clock: sessions, keys, retries.

CREATE TABLE clock (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    anchor_real     timestamptz NOT NULL,
    anchor_business timestamptz NOT NULL,
    scale           double precision NOT NULL CHECK (scale > 0)
);

CREATE TABLE departments (
    id       text PRIMARY KEY,
    name     jsonb NOT NULL,             -- {"zh","en"}
    head     text,                       -- a user's id; no foreign key: either may be made first in one import
    parent   text REFERENCES departments (id),
    calendar text
);

CREATE TABLE users (
    id         text PRIMARY KEY,
    name       jsonb NOT NULL,
    title      jsonb NOT NULL DEFAULT '{}',
    department text REFERENCES departments (id),
    manager    text,
    position   text,
    email      text,
    language   text NOT NULL DEFAULT 'zh',
    calendar   text,
    active     boolean NOT NULL DEFAULT true,
    password   text,                     -- argon2id; null: cannot sign in with a password
    version    integer NOT NULL DEFAULT 1
);
CREATE INDEX users_department ON users (department) WHERE active;
CREATE INDEX users_position ON users (position) WHERE active AND position IS NOT NULL;

CREATE TABLE roles (id text PRIMARY KEY, name jsonb NOT NULL);
CREATE TABLE user_roles (
    role text NOT NULL REFERENCES roles (id),
    user_id text NOT NULL REFERENCES users (id),
    PRIMARY KEY (role, user_id)
);
CREATE INDEX user_roles_user ON user_roles (user_id);
CREATE TABLE groups (id text PRIMARY KEY, name jsonb NOT NULL);
CREATE TABLE group_members (
    group_id text NOT NULL REFERENCES groups (id),
    user_id text NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);

CREATE TABLE sessions (
    token_hash   bytea PRIMARY KEY,      -- sha256 of the cookie or bearer token
    user_id      text NOT NULL REFERENCES users (id),
    kind         text NOT NULL,          -- session, token
    created_real timestamptz NOT NULL,
    expires_real timestamptz NOT NULL
);

-- Every version of every definition, kept for ever: running cases point at them by digest.
CREATE TABLE definitions (
    kind      text NOT NULL,             -- process, record, calendar
    id        text NOT NULL,
    version   integer NOT NULL,
    digest    text NOT NULL,
    path      text NOT NULL,
    source    text NOT NULL,
    published_by text,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (kind, id, version)
);
CREATE UNIQUE INDEX definitions_digest ON definitions (kind, id, digest);
CREATE TABLE definitions_current (       -- which version new cases take
    kind    text NOT NULL,
    id      text NOT NULL,
    version integer NOT NULL,
    digest  text NOT NULL,
    PRIMARY KEY (kind, id)
);

-- One row, counted up by every publication in its own transaction: whoever has compiled this revision has what is current.
CREATE TABLE library (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint NOT NULL
);
INSERT INTO library (revision) VALUES (0);

CREATE TABLE counters (scope text PRIMARY KEY, last integer NOT NULL);

CREATE TABLE records (
    id         text PRIMARY KEY,
    type       text NOT NULL,
    number     text,
    version    integer NOT NULL,
    owner      text,
    fields     jsonb NOT NULL,
    search     text NOT NULL DEFAULT '',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX records_type ON records (type, created_at DESC, id);
CREATE INDEX records_owner ON records (type, owner, created_at DESC, id);
CREATE UNIQUE INDEX records_number ON records (type, number) WHERE number IS NOT NULL;
CREATE TABLE record_unique (             -- the values of fields declared `unique`
    type text NOT NULL, field text NOT NULL, value text NOT NULL,
    record_id text NOT NULL REFERENCES records (id),
    PRIMARY KEY (type, field, value)
);
CREATE INDEX record_unique_record ON record_unique (record_id);
CREATE TABLE record_history (
    record_id text NOT NULL REFERENCES records (id),
    version   integer NOT NULL,
    at        timestamptz NOT NULL,
    by        text,
    case_id   text,
    changes   json NOT NULL,             -- {"field": {"from", "to"}}
    PRIMARY KEY (record_id, version)
);

CREATE TABLE cases (
    id          text PRIMARY KEY,
    process     text NOT NULL,
    version     integer NOT NULL,
    digest      text NOT NULL,           -- of the process's definition, pinned
    number      text NOT NULL,
    subject     text NOT NULL,
    record_type text NOT NULL,
    record_id   text NOT NULL REFERENCES records (id),
    initiator   text NOT NULL,
    status      text NOT NULL,           -- running, suspended, ended
    outcome     text,
    held        json,                    -- why it can't go on by itself
    stage       text NOT NULL,           -- ids of the open steps, for lists and for Temporal's page
    seq         integer NOT NULL,        -- number of its last timeline entry
    state       json NOT NULL,           -- only ever read whole; json, since parsing jsonb at each event costs and buys nothing
    wake_at     timestamptz,
    exclusive   boolean NOT NULL,        -- one_open_per_record
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    UNIQUE (process, number)
) WITH (fillfactor = 70); -- a decision changes no indexed column and stays on its page (HOT): none of the indexes below is touched
CREATE UNIQUE INDEX cases_one_open ON cases (process, record_id) WHERE exclusive AND status <> 'ended';
CREATE INDEX cases_record ON cases (record_id, started_at DESC);
CREATE INDEX cases_initiator ON cases (initiator, started_at DESC, id);
CREATE INDEX cases_open ON cases (id) WHERE status <> 'ended';
CREATE INDEX cases_held ON cases (id) WHERE held IS NOT NULL;
CREATE INDEX cases_started ON cases (started_at DESC, id);

-- cases.wake_at once more, to be found by: an index on cases itself would make every decision write to all indexes of cases.
CREATE TABLE moments (
    case_id text PRIMARY KEY,
    at      timestamptz NOT NULL
);
CREATE INDEX moments_at ON moments (at);

-- The rows of a case are written by the statement that writes the case itself, and no case is ever deleted: tasks and timeline go without foreign keys,
-- which would look the case up once per row (measured: a tenth of a decision).
CREATE TABLE tasks (
    id          text PRIMARY KEY,
    case_id     text NOT NULL,
    step        text NOT NULL,
    item        text,
    round       integer NOT NULL,
    kind        text NOT NULL,           -- approve, task, held
    title       json NOT NULL ,
    status      text NOT NULL,           -- open, closed
    assignee    text,
    candidates  text[] NOT NULL DEFAULT '{}',   -- principals, resolved live: "role:finance"
    excluded    text[] NOT NULL DEFAULT '{}',
    claim       boolean NOT NULL DEFAULT false,
    vacant      boolean NOT NULL DEFAULT false,
    why         json NOT NULL ,
    opened_at   timestamptz NOT NULL,
    due_at      timestamptz,
    due_from    timestamptz,
    calendar    text,
    provisional boolean NOT NULL DEFAULT false,
    outcome     text,
    decided_by  text,
    decided_at  timestamptz,
    comment     text
);
CREATE INDEX tasks_assignee ON tasks (assignee, due_at, id) WHERE status = 'open';
CREATE INDEX tasks_candidates ON tasks USING gin (candidates) WHERE status = 'open' AND assignee IS NULL;
CREATE INDEX tasks_done ON tasks (decided_by, decided_at DESC, id) WHERE status = 'closed';
CREATE INDEX tasks_case ON tasks (case_id);

CREATE TABLE timeline (
    case_id text NOT NULL,
    seq     integer NOT NULL,
    at      timestamptz NOT NULL,
    event   text NOT NULL,
    step    text, item text, task text, by text, for_user text,
    outcome text, comment text, reason text, data json,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE notifications (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    to_user text NOT NULL,
    at      timestamptz NOT NULL,
    about   text NOT NULL,
    case_id text NOT NULL,
    task    text,
    step    text,
    text    json NOT NULL ,
    read_at timestamptz,
    key     text NOT NULL UNIQUE         -- case, timeline seq, person: one event tells one person once
);
CREATE INDEX notifications_to ON notifications (to_user, id DESC);

-- A request's answer, kept with its effect: the same key asks the same caller's same request again.
CREATE TABLE request_keys (
    caller    text NOT NULL,
    key       text NOT NULL,
    body_hash bytea NOT NULL,
    answer    json,                      -- filled before the same transaction commits
    created_real timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX request_keys_age ON request_keys (created_real);

-- What must still reach the outside. Topic "case": the case's workflow must hear of its newest state; one row per case, a later one replaces it.
CREATE TABLE outbox (
    topic        text NOT NULL,
    key          text NOT NULL,          -- case id
    seq          integer NOT NULL,       -- the case's seq it speaks of
    urgent       boolean NOT NULL,       -- start, end, or an earlier moment than the workflow knows
    starts       boolean NOT NULL,       -- the workflow may not exist yet
    payload      json NOT NULL,
    created_real timestamptz NOT NULL,   -- of the oldest change not yet heard of
    due_real     timestamptz NOT NULL,   -- when the worker's drain may take it; each attempt moves it
    PRIMARY KEY (topic, key)
);
CREATE INDEX outbox_due ON outbox (due_real);

-- +goose Down
DROP TABLE outbox, library, request_keys, notifications, timeline, tasks, moments, cases, record_history, record_unique, records, counters,
    definitions_current, definitions, sessions, group_members, groups, user_roles, roles, users, departments, clock;
