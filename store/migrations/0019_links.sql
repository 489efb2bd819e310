-- +goose Up
-- Cases that stand for others: one that is to revoke an approved case, and one by which a rejected or withdrawn case was submitted again.
ALTER TABLE cases ADD revokes text, ADD resubmits text;
CREATE INDEX cases_revokes ON cases (revokes) WHERE revokes IS NOT NULL;
CREATE INDEX cases_resubmits ON cases (resubmits) WHERE resubmits IS NOT NULL;
-- One revocation at a time, and none after one that was approved.
CREATE UNIQUE INDEX cases_revoked_once ON cases (revokes) WHERE revokes IS NOT NULL AND (status <> 'ended' OR outcome = 'approved');

-- +goose Down
ALTER TABLE cases DROP revokes, DROP resubmits;
