-- +goose Up
-- Letters to people without an account wait as 'outside', no longer as 'waiting': a worker of the release before takes what is 'waiting', finds no account to
-- write to, and drops it. One index finds both, for both.
UPDATE notifications SET mail = 'outside' WHERE mail = 'waiting' AND address <> '';
CREATE INDEX notifications_letters ON notifications (mail_due_real) WHERE mail IN ('waiting', 'outside');
DROP INDEX notifications_mail;
-- Those that nobody could be given, which an administrator is told of as long as their task is open.
CREATE INDEX notifications_undelivered ON notifications (mail_since_real, id) WHERE mail = 'undelivered';

-- +goose Down
DROP INDEX notifications_undelivered;
UPDATE notifications SET mail = 'failed' WHERE mail = 'undelivered';
UPDATE notifications SET mail = 'waiting' WHERE mail = 'outside';
CREATE INDEX notifications_mail ON notifications (mail_due_real) WHERE mail = 'waiting';
DROP INDEX notifications_letters;
