-- +goose Up
-- Who holds a role for one value only: finance for north. Whoever holds it for everything stands in user_roles, as before. It is a table of its own so that
-- the release before, which knows no scopes, takes nobody for somebody who holds the role for everything.
CREATE TABLE scoped_roles (
    role    text NOT NULL REFERENCES roles (id),
    scope   text NOT NULL CHECK (scope NOT IN ('', '*')),
    user_id text NOT NULL REFERENCES users (id),
    PRIMARY KEY (role, scope, user_id)
);
CREATE INDEX scoped_roles_user ON scoped_roles (user_id);
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON scoped_roles FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();

-- The executive who answers for a department. Null: whoever answers for the one above.
ALTER TABLE departments ADD in_charge text;

-- +goose Down
ALTER TABLE departments DROP in_charge;
DROP TABLE scoped_roles;
