-- +goose Up
-- Where somebody without an account is written to: to_user is "outside:" and their name, and nobody else's mail. Null: it goes to an account.
ALTER TABLE notifications ADD address text;

-- +goose Down
ALTER TABLE notifications DROP address;
