-- +goose Up
-- Which directory it is: another value after every change of people, departments, roles and groups, whoever writes it – the release before too. What a
-- server has read of one directory it need not read again. Never the same value twice, not even after a rollback or in a database restored from a copy.
ALTER TABLE library ADD directory uuid NOT NULL DEFAULT gen_random_uuid();
-- +goose StatementBegin
CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE library SET directory = gen_random_uuid();
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON departments FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON roles FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON user_roles FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON groups FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON group_members FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();

-- +goose Down
DROP TRIGGER directory_changed ON group_members;
DROP TRIGGER directory_changed ON groups;
DROP TRIGGER directory_changed ON user_roles;
DROP TRIGGER directory_changed ON roles;
DROP TRIGGER directory_changed ON departments;
DROP TRIGGER directory_changed ON users;
DROP FUNCTION directory_changed;
ALTER TABLE library DROP directory;
