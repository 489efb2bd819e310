package store

import (
	"context"

	"github.com/lib/pq"
)

// News is what moved, and whom it concerns: principals, as tasks' candidates name them.
type News struct {
	Case   string         `db:"case_id"` // the case that moved; "": none did
	People pq.StringArray `db:"people"`  // who takes part in it, and the owner of its record
	Boxes  pq.StringArray `db:"boxes"`   // whose boxes or notifications changed
}

// insertNews is the part of [Tx.SaveCase] that says that the case moved, and whose boxes changed by it.
const insertNews = `INSERT INTO news (case_id, boxes) SELECT $1, $26::text[]`

// Tell says that the boxes or notifications of some people changed without any case having moved.
func (db *DB) Tell(ctx context.Context, users ...string) error {
	principals := make([]string, len(users))
	for i, id := range users {
		principals[i] = "user:" + id
	}
	_, err := db.Exec(ctx, `INSERT INTO news (boxes) VALUES ($1)`, pq.Array(principals))
	return err
}

// Seen is what one moment of the database shows: every transaction that has ended by then, whatever its number. "" is no such moment.
type Seen string

// SeenNow is the present moment.
func (db *DB) SeenNow(ctx context.Context) (now Seen, err error) {
	return now, db.Get(ctx, &now, `SELECT pg_current_snapshot()::text`)
}

// NewsSince gives the news that a moment didn't show yet, and the moment that does. News of a database that this one was restored from is none.
func (db *DB) NewsSince(ctx context.Context, since Seen) ([]News, Seen, error) {
	var rows []struct {
		Now  Seen `db:"now"`
		Some bool `db:"some"`
		News
	}
	err := db.Select(ctx, &rows, `SELECT pg_current_snapshot()::text AS now, n.xact IS NOT NULL AS some, coalesce(n.case_id, '') AS case_id, coalesce(n.boxes, '{}') AS boxes,
			ARRAY(SELECT principal FROM case_people p WHERE p.case_id = n.case_id
				UNION ALL SELECT 'user:' || r.owner FROM cases c JOIN records r ON r.id = c.record_id WHERE c.id = n.case_id AND r.owner IS NOT NULL) AS people
		FROM (VALUES (1)) one LEFT JOIN news n ON n.xact >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(n.xact, $1::pg_snapshot)
			AND n.xact < pg_snapshot_xmax(pg_current_snapshot())`, since)
	if err != nil {
		return nil, since, err
	}
	var news []News
	for _, r := range rows {
		if r.Some {
			news = append(news, r.News)
		}
	}
	return news, rows[0].Now, nil
}

// SweepNews forgets the news that a moment showed, and what another database has left here, and gives the present moment.
func (db *DB) SweepNews(ctx context.Context, before Seen) (now Seen, err error) {
	if before != "" {
		_, err = db.Exec(ctx, `DELETE FROM news WHERE pg_visible_in_snapshot(xact, $1::pg_snapshot) OR xact >= pg_snapshot_xmax(pg_current_snapshot())`, before)
		if err != nil {
			return "", err
		}
	}
	return db.SeenNow(ctx)
}

// Callers finds, in one statement, who each of several tokens stands for. Whoever is missing is signed in no more.
func (db *DB) Callers(ctx context.Context, tokens []string) (map[string]*Caller, error) {
	hashes := make(pq.ByteaArray, len(tokens))
	of := map[string]string{}
	for i, token := range tokens {
		hashes[i] = hashToken(token)
		of[string(hashes[i])] = token
	}
	var rows []struct {
		Hash []byte `db:"token_hash"`
		Caller
	}
	err := db.Select(ctx, &rows, `SELECT s.token_hash, `+callerColumns+` FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = ANY ($1) AND s.expires_real > now() AND u.active`, hashes)
	found := map[string]*Caller{}
	for i := range rows {
		found[of[string(rows[i].Hash)]] = &rows[i].Caller
	}
	return found, err
}
