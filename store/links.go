package store

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"
)

// Kinds of links between cases: what the one that is looked at is to the other, or the other to it.
const (
	LinkRevokes       = "revokes"
	LinkRevokedBy     = "revoked_by"
	LinkResubmits     = "resubmits"
	LinkResubmittedAs = "resubmitted_as"
)

// Link is another case that stands for a case, or that it stands for.
type Link struct {
	Kind    string  `db:"kind"`
	Case    string  `db:"id"`
	Number  string  `db:"number"`
	Status  string  `db:"status"`
	Outcome *string `db:"outcome"`
}

// maxLinks bounds how many links of one case are shown.
const maxLinks = "100"

// Links reads the cases that a case is linked with, as far as the viewer may see them, in the order in which they started.
func (db *DB) Links(ctx context.Context, v Viewer, id string) ([]Link, error) {
	var w where
	w.and("me.id = ?", id)
	w.asks(v, v.caseSeen())
	var list []Link
	return list, db.Select(ctx, &list, w.with()+`SELECT CASE c.id WHEN me.revokes THEN 'revokes' WHEN me.resubmits THEN 'resubmits'
			ELSE CASE WHEN c.revokes = me.id THEN 'revoked_by' ELSE 'resubmitted_as' END END AS kind, c.id, c.number, c.status, c.outcome
		FROM cases me JOIN cases c ON c.id = me.revokes OR c.id = me.resubmits OR c.revokes = me.id OR c.resubmits = me.id
			JOIN records r ON r.id = c.record_id`+w.sql()+` ORDER BY c.started_at, c.id LIMIT `+maxLinks, w.args...)
}

// Revoking are those of some cases that are being revoked, or that will be at once: a case that revokes them runs, or was approved.
func (q querier) Revoking(ctx context.Context, cases []string) ([]string, error) {
	var ids []string
	return ids, q.Select(ctx, &ids, `SELECT revokes FROM cases WHERE revokes = ANY($1) AND (status <> 'ended' OR outcome = 'approved')`, pq.StringArray(cases))
}

// RevocationOf gives the number of the case that revokes a case, or is going to; [ErrNotFound]: there is none.
func (q querier) RevocationOf(ctx context.Context, id string) (string, error) {
	var number string
	return number, q.Get(ctx, &number, `SELECT number FROM cases WHERE revokes = $1 AND (status <> 'ended' OR outcome = 'approved')`, id)
}

// SubmittedBefore gives the last case of a process on a record where that was rejected or withdrawn, so that the next one submits it again; "": it wasn't, or
// there was none.
func (q querier) SubmittedBefore(ctx context.Context, process, record string) (string, error) {
	var ids []string
	err := q.Select(ctx, &ids, `SELECT id FROM (SELECT id, outcome FROM cases WHERE record_id = $2 AND process = $1 AND revokes IS NULL
			ORDER BY started_at DESC, id DESC LIMIT 1) AS last
		WHERE outcome IN ('rejected', 'withdrawn')`, process, record)
	if len(ids) == 0 {
		return "", err
	}
	return ids[0], err
}

// Earlier is a case that was submitted again.
type Earlier struct {
	Case    string     `db:"id"`
	Number  string     `db:"number"`
	Outcome *string    `db:"outcome"`
	EndedAt *time.Time `db:"ended_at"`
}

// Bounds of what is shown of earlier cases.
const (
	mostEarlier  = "5"
	mostOpinions = "100" // of each, the last ones
)

// EarlierOf reads the cases that were submitted again until a case came of them, the last first.
func (db *DB) EarlierOf(ctx context.Context, id string) ([]Earlier, error) {
	var list []Earlier
	return list, db.Select(ctx, &list, `WITH RECURSIVE up (id, n) AS (
			SELECT resubmits, 1 FROM cases WHERE id = $1 AND resubmits IS NOT NULL
			UNION ALL SELECT c.resubmits, up.n + 1 FROM up JOIN cases c ON c.id = up.id WHERE c.resubmits IS NOT NULL AND up.n < `+mostEarlier+`)
		SELECT c.id, c.number, c.outcome, c.ended_at FROM up JOIN cases c ON c.id = up.id ORDER BY up.n`, id)
}

// Opinions reads what people decided in a case, in order: the last entries of its timeline of these events that stand for somebody's decision.
func (db *DB) Opinions(ctx context.Context, id string, events []string) ([]TimelineRow, error) {
	var rows []TimelineRow
	err := db.Select(ctx, &rows, `SELECT `+TimelineColumns+` FROM timeline l WHERE l.case_id = $1 AND l.event = ANY ($2) AND l.by IS NOT NULL
		ORDER BY l.seq DESC LIMIT `+mostOpinions, id, pq.StringArray(events))
	slices.Reverse(rows)
	return rows, err
}
