-- +goose Up
-- What a preview said of a running case at its start, to notice what turns out otherwise; json, since what is compared must come back as it was written.
-- Null: it is compared with nothing, as are the cases of the release before, which neither writes nor reads this.
ALTER TABLE cases ADD foreseen json;

-- +goose Down
ALTER TABLE cases DROP foreseen;
