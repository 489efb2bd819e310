package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// Handover is somebody who has left, to whom what was theirs goes, and how far that is.
type Handover struct {
	ID        string     `db:"id"`
	User      string     `db:"user_id"`
	Tasks     string     `db:"tasks_to"` // and whatever is asked of them later
	Records   string     `db:"records_to"`
	Initiator string     `db:"initiator_to"`
	Reason    string     `db:"reason"`
	MadeBy    string     `db:"made_by"`
	At        time.Time  `db:"at"`
	EndedAt   *time.Time `db:"ended_at"`
	Stage     string     `db:"stage"` // cases, records
	After     string     `db:"after"`
	Round     int        `db:"round"`
	Moved     int        `db:"cases"` // cases
	Owned     int        `db:"records"`
	Failed    int        `db:"failed"`
}

// The stages of a handover.
const (
	HandoverCases   = "cases"
	HandoverRecords = "records"
)

const handoverColumns = `id, user_id, tasks_to, records_to, initiator_to, reason, made_by, at, ended_at, stage, after, round, cases, records, failed`

// Leaver is somebody who has left, and who is asked in their place.
type Leaver struct {
	User string `db:"user_id"`
	To   string `db:"to_user"`
}

// Leavers are all of them.
func (q querier) Leavers(ctx context.Context) ([]Leaver, error) {
	var rows []Leaver
	return rows, q.Select(ctx, &rows, `SELECT user_id, to_user FROM leavers`)
}

// AddHandover writes the rule for somebody who leaves, and the handover that moves what is theirs. Whoever's place they had taken before, or were about to
// take, goes on to their successors. An earlier handover of theirs is over. It comes after [Tx.ChangingAbsences].
func (tx *Tx) AddHandover(ctx context.Context, h Handover) error {
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM leavers WHERE user_id = $1`, []any{h.Tasks}},
		{`UPDATE leavers SET to_user = $2 WHERE to_user = $1`, []any{h.User, h.Tasks}},
		{`INSERT INTO leavers (user_id, to_user) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET to_user = excluded.to_user`, []any{h.User, h.Tasks}},
		{`UPDATE handovers SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL`, []any{h.User, h.At}},
		{`UPDATE handovers SET tasks_to = CASE tasks_to WHEN $1 THEN $2 ELSE tasks_to END, records_to = CASE records_to WHEN $1 THEN $3 ELSE records_to END,
			initiator_to = CASE initiator_to WHEN $1 THEN $4 ELSE initiator_to END WHERE ended_at IS NULL`, []any{h.User, h.Tasks, h.Records, h.Initiator}},
		{`INSERT INTO handovers (id, user_id, tasks_to, records_to, initiator_to, reason, made_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			[]any{h.ID, h.User, h.Tasks, h.Records, h.Initiator, h.Reason, h.MadeBy, h.At}},
	} {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// ComesBack ends the rule for somebody who is there again. What was handed over stays where it is.
func (tx *Tx) ComesBack(ctx context.Context, user string) error {
	n, err := tx.Exec(ctx, `DELETE FROM leavers WHERE user_id = $1`, user)
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE handovers SET ended_at = at WHERE user_id = $1 AND ended_at IS NULL`, user); err != nil {
		return err
	}
	return tx.ChangingAbsences(ctx)
}

// OpenHandovers are those that aren't through yet, the oldest first.
func (db *DB) OpenHandovers(ctx context.Context) ([]Handover, error) {
	var rows []Handover
	return rows, db.Select(ctx, &rows, `SELECT `+handoverColumns+` FROM handovers WHERE ended_at IS NULL ORDER BY at, id LIMIT 100`)
}

// LastHandover is the newest of somebody who has left; [ErrNotFound] when there is none.
func (db *DB) LastHandover(ctx context.Context, user string) (Handover, error) {
	var h Handover
	return h, db.Get(ctx, &h, `SELECT `+handoverColumns+` FROM handovers WHERE user_id = $1 ORDER BY at DESC, id DESC LIMIT 1`, user)
}

// OpenCasesNaming goes through all open cases like [DB.OpenCasesBy] and says in which somebody is named at all.
func (db *DB) OpenCasesNaming(ctx context.Context, user, after string, limit int) ([]CountsBy, error) {
	var rows []CountsBy
	return rows, db.Select(ctx, &rows, `SELECT id, `+named+` AS uses FROM cases c WHERE id > $1 AND status <> 'ended' ORDER BY id LIMIT $3`, after, user, limit)
}

// Settled waits until every transaction that runs now is over: what is read after it holds all that was concluded from what stood before. Who only waits for a row
// has read already and written nothing, so what is written says nothing about them. None of ours takes a minute; what does, such as a backup, isn't waited for.
func (db *DB) Settled(ctx context.Context) error {
	var now time.Time
	if err := db.Get(ctx, &now, `SELECT clock_timestamp()`); err != nil {
		return err
	}
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		var over bool
		err := db.Get(ctx, &over, `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
			AND pid <> pg_backend_pid() AND xact_start <= $1::timestamptz AND xact_start > clock_timestamp() - interval '1 minute')`, now)
		if err != nil || over {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// named says whether a case's state names $2.
const named = `(strpos(state::text, to_json($2::text)::text) > 0 OR strpos(state::text, to_json('user:' || $2::text)::text) > 0)`

// SetInitiator writes who counts as having started a case from now on. Hardly any event changes that, so it is no part of [Tx.SaveCase].
func (tx *Tx) SetInitiator(ctx context.Context, id, initiator string) error {
	_, err := tx.Exec(ctx, `UPDATE cases SET initiator = $2 WHERE id = $1`, id, initiator)
	return err
}

// RecordsOwned are the next records of somebody's, of these types.
func (db *DB) RecordsOwned(ctx context.Context, types []string, owner, after string, limit int) ([]RecordRow, error) {
	var rows []RecordRow
	return rows, db.Select(ctx, &rows, `SELECT id, type FROM records WHERE type = ANY ($1) AND owner = $2 AND id > $3 ORDER BY id LIMIT $4`,
		pq.StringArray(types), owner, after, limit)
}

// NextHandover goes on to a case or record, in the transaction that moves it, and says whether it is still to be done: so it is done once.
func (tx *Tx) NextHandover(ctx context.Context, h Handover, id string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE handovers SET after = $2, round = round + 1, cases = cases + (stage = 'cases')::integer, records = records + (stage = 'records')::integer
		WHERE id = $1 AND ended_at IS NULL AND stage = $3 AND after < $2`, h.ID, id, h.Stage)
	return n > 0, err
}

// PassHandover goes on past a case or record that could not be moved, or past some with which there was nothing to do.
func (db *DB) PassHandover(ctx context.Context, h Handover, to string, failed int) error {
	_, err := db.Exec(ctx, `UPDATE handovers SET after = $2, failed = failed + $4 WHERE id = $1 AND ended_at IS NULL AND stage = $3 AND after < $2`, h.ID, to, h.Stage, failed)
	return err
}

// TurnHandover ends a stage: after the cases come the records; after these another round, unless the round has found nothing to move – then it is over.
func (db *DB) TurnHandover(ctx context.Context, h Handover, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE handovers SET after = '', stage = CASE stage WHEN 'cases' THEN 'records' ELSE 'cases' END,
			ended_at = CASE WHEN stage = 'records' AND round = 0 THEN $3::timestamptz END,
			failed = CASE WHEN stage = 'records' AND round > 0 THEN 0 ELSE failed END, round = CASE stage WHEN 'records' THEN 0 ELSE round END
		WHERE id = $1 AND ended_at IS NULL AND stage = $2`, h.ID, h.Stage, at)
	return err
}
