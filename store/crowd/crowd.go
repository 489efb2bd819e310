// Package crowd fills an empty database with the people, cases and tasks of a large company, so that lists can be measured, and their plans looked at.
// The same sizes give the same rows.
package crowd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/store"
)

// Size is how much there is of everything.
type Size struct {
	Open   int // open tasks, each of a case and a record of its own
	Done   int // finished tasks, of the same cases
	People int
}

// People whom a measurement asks after; [Somebody] gives the others.
const (
	Many = "u00001" // is in 200 groups
	Busy = "u00002" // has one in fifty of all tasks
)

// Words that are in the records, or aren't.
const (
	Twice  = "龘靐" // two people are called so
	Common = "张伟" // one in twenty
	Nobody = "鱻麤"
)

const (
	departments = 50
	roles       = 20
	groups      = 300
	manyGroups  = 200
)

// Process is one that the cases run by. The last of several is rare: one case in a thousand.
type Process struct {
	ID      string `db:"id"`
	Digest  string `db:"digest"`
	Record  string `db:"record"` // the type
	Version int    `db:"version"`
}

// Somebody is the n-th of the ordinary people.
func Somebody(s Size, n int) string { return fmt.Sprintf("u%05d", 3+n*7919%(s.People-3)) }

// Record is the id of the n-th record.
func Record(n int) string { return fmt.Sprintf("rec%017d", n) }

// LastDigits are the last four digits of the phone number in the n-th record.
func LastDigits(n int) string { return fmt.Sprintf("%04d", n*7919%10000) }

// Fill writes all of it at a business moment, in one transaction, and lets PostgreSQL look at what it holds now.
func Fill(ctx context.Context, db *store.DB, s Size, now time.Time, processes []Process, say func(string)) error {
	err := db.Tx(ctx, func(tx *store.Tx) error {
		for _, setting := range []string{"enable_seqscan = on", "enable_hashjoin = on", "enable_mergejoin = on", "plan_cache_mode = force_custom_plan", "work_mem = '256MB'",
			"maintenance_work_mem = '512MB'", "session_replication_role = replica"} { // the last: no triggers, whose work is done at the end
			if _, err := tx.Exec(ctx, "SET LOCAL "+setting); err != nil {
				return err
			}
		}
		indexes, err := dropIndexes(ctx, tx)
		if err != nil {
			return err
		}
		names := strings.NewReplacer("{now}", "'"+now.UTC().Format(time.RFC3339)+"'::timestamptz", "{open}", fmt.Sprint(s.Open), "{done}", fmt.Sprint(s.Done),
			"{people}", fmt.Sprint(s.People), "{departments}", fmt.Sprint(departments), "{roles}", fmt.Sprint(roles), "{groups}", fmt.Sprint(groups),
			"{manyGroups}", fmt.Sprint(manyGroups), "{many}", Many, "{busy}", Busy, "{twice}", Twice, "{common}", Common, "{process}", processOf(processes))
		for _, part := range parts {
			say(part.what)
			if _, err := tx.Exec(ctx, names.Replace(part.sql)); err != nil {
				return fmt.Errorf("%s: %w", part.what, err)
			}
		}
		say("indexes")
		for _, sql := range indexes {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, table := range []string{"users", "user_roles", "group_members", "records", "cases", "tasks", "case_people", "inbox"} {
		say("analysing " + table)
		if _, err := db.Exec(ctx, `VACUUM ANALYZE `+table); err != nil {
			return err
		}
	}
	return nil
}

// dropIndexes takes the indexes off the large tables, but those of their keys, and gives the statements that make them again: so it takes a third of the time.
func dropIndexes(ctx context.Context, tx *store.Tx) ([]string, error) {
	var rows []struct {
		Name string `db:"name"`
		SQL  string `db:"sql"`
	}
	err := tx.Select(ctx, &rows, `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS sql FROM pg_index i
		WHERE i.indrelid = ANY ($1::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1`,
		pq.Array([]string{"records", "cases", "tasks", "inbox"}))
	if err != nil {
		return nil, err
	}
	indexes := make([]string, len(rows))
	for i, r := range rows {
		indexes[i] = r.SQL
		if _, err := tx.Exec(ctx, `DROP INDEX `+r.Name); err != nil {
			return nil, err
		}
	}
	return indexes, nil
}

// processOf is SQL that gives the process of the i-th case as (process, digest, record type, version).
func processOf(processes []Process) string {
	rows := make([]string, len(processes))
	for k, p := range processes {
		rows[k] = fmt.Sprintf("(%d, %s, %s, %s, %d)", k, pq.QuoteLiteral(p.ID), pq.QuoteLiteral(p.Digest), pq.QuoteLiteral(p.Record), p.Version)
	}
	last := len(processes) - 1
	return fmt.Sprintf(`(VALUES %s) p (k, process, digest, type, version) ON p.k = CASE WHEN i %% 1000 = 999 THEN %d ELSE i %% %d END`, strings.Join(rows, ", "), last, max(last, 1))
}
