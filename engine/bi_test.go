package engine

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const everySort = `record: every-sort
title: Every sort
number: "ES{0000}"
fields:
  name:    {type: text, required: true}
  amount:  {type: money}
  share:   {type: percent}
  day:     {type: date}
  moment:  {type: datetime}
  sure:    {type: yes_no}
  lead:    {type: reference, to: lead}
  paper:   {type: file}
  tags:    {type: choice, of: [a, b], many: true}
  version: {type: text}
  owner:   {type: person, default: creator}
  lines:   {type: lines, of: {product: {type: text}, price: {type: money}}}
`

// reads runs a query as somebody who may use the schema bi and read what is in it, and nothing else. It gives the rows as JSON.
func (w *world) reads(query string) ([]string, error) {
	w.t.Helper()
	role := "reader_" + strings.ToLower(rand.Text()[:10])
	var rows []string
	err := w.db.Tx(w.ctx, func(tx *store.Tx) error {
		for _, q := range []string{`CREATE ROLE ` + role, `GRANT USAGE ON SCHEMA bi TO ` + role, `GRANT SELECT ON ALL TABLES IN SCHEMA bi TO ` + role, `SET LOCAL ROLE ` + role} {
			if _, err := tx.Exec(w.ctx, q); err != nil {
				return err
			}
		}
		if err := tx.Select(w.ctx, &rows, `SELECT row_to_json(q)::text FROM (`+query+`) AS q`); err != nil {
			return err
		}
		return errPreviewed // the role goes with the transaction
	})
	if errors.Is(err, errPreviewed) {
		err = nil
	}
	return rows, err
}

func (w *world) readsOne(query string) string {
	w.t.Helper()
	rows, err := w.reads(query)
	require.NoError(w.t, err)
	require.Len(w.t, rows, 1)
	return rows[0]
}

// columnsOf are the columns of a view, in order.
func (w *world) columnsOf(view string) string {
	w.t.Helper()
	var names []string
	require.NoError(w.t, w.db.Select(w.ctx, &names, `SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 ORDER BY attnum`, view))
	return strings.Join(names, ", ")
}

func TestAPublishedTypeIsReadBySQL(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "every.yaml", Content: everySort}})
	lead := w.start().Case.Record
	_, err := w.CreateRecord(w.ctx, by("li.na"), "every-sort", map[string]any{
		"name": "X", "amount": map[string]any{"amount": 120050, "currency": "CNY"}, "share": 15, "day": "2026-11-30", "moment": "2026-11-30T15:00:00+08:00", "sure": true,
		"lead": map[string]any{"id": lead.ID}, "tags": []any{"a", "b"}, "version": "v",
		"lines": []any{map[string]any{"product": "P", "price": map[string]any{"amount": 500, "currency": "JPY"}}, map[string]any{"product": "Q"}}})
	require.NoError(t, err)
	require.JSONEq(t, `{"number": "ES0001", "version": 1, "owner": "li.na", "name": "X", "amount_amount": 1200.50, "amount_currency": "CNY", "share": 15, "day": "2026-11-30",
		"moment": "2026-11-30T15:00:00+08:00", "sure": true, "lead_id": "`+lead.ID+`", "lead_title": "`+lead.Title+`", "paper_id": null, "tags": ["a", "b"], "version_field": "v"}`,
		w.readsOne(`SELECT number, version, owner, name, amount_amount::numeric(20,2), amount_currency, share, day, to_char(moment AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS moment,
			sure, lead_id, lead_title, paper_id, tags, version_field FROM bi.every_sort`))
	lines, err := w.reads(`SELECT record_number, line, product, price_amount::int, price_currency FROM bi.every_sort_lines ORDER BY line`)
	require.NoError(t, err)
	require.JSONEq(t, `{"record_number": "ES0001", "line": 1, "product": "P", "price_amount": 500, "price_currency": "JPY"}`, lines[0], "a yen has no minor unit")
	require.Len(t, lines, 2)

	require.JSONEq(t, `{"process": "review", "record_id": "`+lead.ID+`", "initiator": "li.na", "status": "running"}`, w.readsOne(`SELECT process, record_id, initiator, status FROM bi.cases`))
	require.JSONEq(t, `{"status": "open", "assignee": "wang.fang", "late": null}`, w.readsOne(`SELECT status, assignee, late FROM bi.steps`))
	_, err = w.reads(`SELECT * FROM bi.clocks`)
	require.NoError(t, err)
	for _, table := range []string{"public.records", "public.users", "public.sessions"} {
		_, err := w.reads(`SELECT * FROM ` + table)
		require.ErrorContains(t, err, "permission denied", table)
	}
	for _, write := range []string{`INSERT INTO bi.every_sort (name) VALUES ('x')`, `DELETE FROM bi.cases`} {
		_, err := w.reads(`WITH x AS (` + write + ` RETURNING 1) SELECT * FROM x`)
		require.Error(t, err, write)
	}
}

func TestAViewOnlyGainsColumns(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "every.yaml", Content: everySort}})
	before := w.columnsOf("bi.every_sort")
	_, err := w.db.Exec(w.ctx, `CREATE VIEW report AS SELECT name, day FROM bi.every_sort`)
	require.NoError(t, err)
	_, err = w.CreateRecord(w.ctx, by("li.na"), "every-sort", map[string]any{"name": "X", "share": 15})
	require.NoError(t, err)

	added := strings.Replace(everySort, "  name: ", "  first: {type: number}\n  name: ", 1)
	added = strings.Replace(added, "  share:   {type: percent}\n", "", 1)
	w.publish([]process.File{{Path: "every.yaml", Content: added}})
	require.Equal(t, before+", first numeric", w.columnsOf("bi.every_sort"), "what is new stands at the end, what is gone stays")
	require.JSONEq(t, `{"name": "X", "share": null, "first": null}`, w.readsOne(`SELECT name, share, first FROM bi.every_sort`))

	_, problems := w.publish([]process.File{{Path: "every.yaml", Content: strings.Replace(added, "day:     {type: date}", "day:     {type: text}", 1)}})
	require.True(t, process.Failed(problems), "somebody has built on it")
	require.Contains(t, problems[len(problems)-1].String("en"), "bi.every_sort")
	_, err = w.db.Exec(w.ctx, `DROP VIEW report`)
	require.NoError(t, err)
	_, problems = w.publish([]process.File{{Path: "every.yaml", Content: strings.Replace(added, "day:     {type: date}", "day:     {type: text}", 1)}})
	require.False(t, process.Failed(problems), "%v", problems)
	require.Contains(t, w.columnsOf("bi.every_sort"), "day text")
}

// One odd value, of whatever day it comes from, must not take a whole view away.
func TestAnOddValueLeavesTheViewReadable(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "every.yaml", Content: everySort}})
	for _, fields := range []string{`{"day": "0000-01-01", "moment": "0000-01-01T00:00:00Z", "amount": 5, "lines": 7, "tags": "a", "sure": "yes", "share": "15", "lead": "x", "paper": []}`,
		`{"moment": "2026-01-01T00:00:00+23:59", "lines": [5, null, {"price": 3}], "day": "9999-12-31", "share": 1e300}`, `{}`} {
		id := newID(w.now())
		_, err := w.db.Exec(w.ctx, `INSERT INTO records (id, type, version, fields, created_by, created_at, changed_at) VALUES ($1, 'every-sort', 1, $2, 'x', now(), now())`, id, fields)
		require.NoError(t, err)
	}
	rows, err := w.reads(`SELECT * FROM bi.every_sort`)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	_, err = w.reads(`SELECT * FROM bi.every_sort_lines`)
	require.NoError(t, err)
}
