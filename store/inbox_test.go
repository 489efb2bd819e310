package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/crowd"
	"github.com/crmflow/crmflow/store/storetest"
)

// sameAsTasks asserts that the inbox holds what the tasks say, and nothing else: made anew from them it is the same.
func sameAsTasks(t *testing.T, db *store.DB, after string) {
	t.Helper()
	var wrong []string
	require.NoError(t, db.Select(t.Context(), &wrong, `(SELECT 'lacks ' || s::text FROM (SELECT * FROM inbox_source EXCEPT SELECT * FROM inbox) s)
		UNION ALL (SELECT 'still has ' || s::text FROM (SELECT * FROM inbox EXCEPT SELECT * FROM inbox_source) s)`))
	require.Empty(t, wrong, after)
}

// kase writes a case with tasks as an event does.
func kase(t *testing.T, db *store.DB, id string, isNew bool, opened []store.TaskRow, closed ...store.TaskClose) {
	t.Helper()
	require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
		if isNew {
			if err := tx.SaveRecords(t.Context(), record(id)); err != nil {
				return err
			}
		}
		return tx.SaveCase(t.Context(), store.CaseWrite{New: isNew, Tasks: opened, Closed: closed, Case: store.CaseRow{ID: id, Process: "p", Digest: "d", Number: id,
			RecordType: "lead", RecordID: id, Initiator: "starter", Status: "running", State: json.RawMessage(`{}`), StartedAt: noon}})
	}))
}

func ptr[T any](v T) *T { return &v }

// Whatever is done to tasks – opened, handed on, put off, closed, copied, read, by this software or the one before – the inbox says the same as they do.
func TestTheInboxIsAlwaysWhatTheTasksSay(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	principals := func() pq.StringArray {
		var list pq.StringArray
		for range r.IntN(4) {
			list = append(list, pick("user:a", "user:b", "role:r", "group:g", "department:d"))
		}
		return list
	}
	task := func(id, kase string) store.TaskRow {
		row := store.TaskRow{ID: id, CaseID: kase, Step: "s", Kind: pick("approve", "task", "copy"), Status: store.TaskOpen, Candidates: principals(), Claim: r.IntN(3) == 0,
			OpenedAt: noon, Process: ptr("p")}
		if row.Kind == store.KindCopy || r.IntN(2) == 0 {
			row.Assignee = ptr(pick("a", "b", "c"))
		}
		if r.IntN(3) > 0 {
			row.DueAt = ptr(noon.Add(time.Duration(r.IntN(100)) * time.Hour))
		}
		if r.IntN(3) == 0 {
			row.Excluded = pq.StringArray{pick("a", "b")}
		}
		if r.IntN(4) == 0 {
			row.Process = nil // as the release before writes it
		}
		row.OpenedAt = noon.Add(time.Duration(r.IntN(100)) * time.Minute)
		return row
	}
	for n := range 12 {
		kase(t, db, fmt.Sprint("c", n), true, []store.TaskRow{task(fmt.Sprint("t", n, "a"), fmt.Sprint("c", n)), task(fmt.Sprint("t", n, "b"), fmt.Sprint("c", n))})
		sameAsTasks(t, db, "started")
	}
	for step := range 150 {
		n := r.IntN(12)
		id, of := fmt.Sprint("t", n, pick("a", "b", "c")), fmt.Sprint("c", n)
		switch r.IntN(5) {
		case 0:
			kase(t, db, of, false, nil, store.TaskClose{ID: id, Outcome: "approved", By: ptr("a"), At: noon})
		case 1:
			require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error { return tx.ReadCopy(t.Context(), id, noon) }))
		case 2:
			_, err := db.Exec(t.Context(), `UPDATE cases SET initiator = $2 WHERE id = $1`, of, pick("a", "b", "starter"))
			require.NoError(t, err)
		default:
			row := task(id, of)
			var kind []string
			require.NoError(t, db.Select(t.Context(), &kind, `SELECT kind FROM tasks WHERE id = $1`, id))
			if len(kind) > 0 && (kind[0] == store.KindCopy) != (row.Kind == store.KindCopy) {
				continue // no task becomes a copy
			}
			kase(t, db, of, false, []store.TaskRow{row})
		}
		sameAsTasks(t, db, fmt.Sprint("step ", step))
	}
	var rows, without int
	require.NoError(t, db.Get(t.Context(), &rows, `SELECT count(*) FROM inbox`))
	require.NotZero(t, rows)
	require.NoError(t, db.Get(t.Context(), &without, `SELECT count(*) FROM tasks WHERE process IS NULL`))
	require.Zero(t, without)
}

// largeCompany is a company, with 100,000 tasks.
var largeCompany = crowd.Size{Open: 20_000, Done: 80_000, People: 2000}

func crowded(t *testing.T, s crowd.Size) *store.DB {
	t.Helper()
	db := storetest.FromEnv(t)
	processes := []crowd.Process{{ID: "a", Digest: "d", Record: "lead"}, {ID: "b", Digest: "d", Record: "lead"}, {ID: "rare", Digest: "d", Record: "lead"}}
	require.NoError(t, crowd.Fill(t.Context(), storetest.Patient(t, db), s, noon, processes, func(string) {}))
	return db
}

// viewer is somebody who looks, with all that they are.
func viewer(t *testing.T, db *store.DB, user string) store.Viewer {
	t.Helper()
	list, err := db.PrincipalsOf(t.Context(), user)
	require.NoError(t, err)
	v := store.Viewer{User: user}
	for _, p := range list {
		v.Principals = append(v.Principals, string(p))
	}
	return v
}

// boxConds are the boxes as a person would say them, each of one table and without an index to help.
var boxConds = map[string]string{
	store.BoxTodo:      `t.status = 'open' AND t.kind <> 'copy' AND (t.assignee = $1 OR t.assignee IS NULL AND NOT t.claim AND t.candidates && $2 AND NOT $1 = ANY (t.excluded))`,
	store.BoxClaimable: `t.status = 'open' AND t.kind <> 'copy' AND t.assignee IS NULL AND t.claim AND t.candidates && $2 AND NOT $1 = ANY (t.excluded)`,
	store.BoxStarted:   `t.status = 'open' AND t.kind <> 'copy' AND c.initiator = $1 AND $2::text[] IS NOT NULL`,
	store.BoxCopied:    `t.kind = 'copy' AND t.assignee = $1 AND $2::text[] IS NOT NULL`,
	store.BoxDone:      `t.status = 'closed' AND t.kind <> 'copy' AND t.decided_by = $1 AND $2::text[] IS NOT NULL`,
}

// ordersOf are the orders that a box has, by whether the newest is asked for.
func ordersOf(box string) map[bool]string {
	switch box {
	case store.BoxCopied:
		return map[bool]string{false: `t.opened_at DESC, t.id DESC`}
	case store.BoxDone:
		return map[bool]string{false: `t.decided_at DESC, t.id`}
	case store.BoxStarted:
		return map[bool]string{false: `t.due_at, t.id`}
	}
	return map[bool]string{false: `t.due_at, t.id`, true: `t.opened_at DESC, t.id DESC`}
}

// filters are ways to narrow a box, with the same in words of SQL.
func filters(s crowd.Size) map[string]struct {
	filter store.TaskFilter
	same   string
} {
	type one = struct {
		filter store.TaskFilter
		same   string
	}
	yes, no, tomorrow := true, false, noon.AddDate(0, 0, 1)
	const late = `coalesce(t.due_at < coalesce(t.decided_at, '2026-11-23 12:00Z'), false)`
	text := func(words ...string) one {
		f, same := store.TaskFilter{}, `true`
		for _, word := range words {
			f.Query += " " + word
			same += ` AND ' ' || c.number || ' ' || c.subject || ' ' || r.search ILIKE '%` + word + `%'`
		}
		return one{f, same}
	}
	return map[string]one{
		"all": {store.TaskFilter{}, `true`}, "process": {store.TaskFilter{Process: "a"}, `c.process = 'a'`}, "rare process": {store.TaskFilter{Process: "rare"}, `c.process = 'rare'`},
		"late": {store.TaskFilter{Late: &yes}, late}, "in time": {store.TaskFilter{Late: &no}, `NOT ` + late},
		"due before": {store.TaskFilter{DueBefore: &tomorrow}, `t.due_at < '2026-11-24 12:00Z'`}, "late by yesterday": {store.TaskFilter{Late: &yes, DueBefore: &tomorrow}, late + ` AND t.due_at < '2026-11-24 12:00Z'`},
		"record": {store.TaskFilter{Record: crowd.Record(43)}, `c.record_id = '` + crowd.Record(43) + `'`},
		"twice":  text(crowd.Twice), "common": text(crowd.Common), "nobody": text(crowd.Nobody), "digits": text(crowd.LastDigits(s.Open / 3)), "two words": text("海川", "kh0"),
		"text and process": {store.TaskFilter{Process: "b", Query: crowd.Common}, `c.process = 'b' AND r.search LIKE '%` + crowd.Common + `%'`},
	}
}

// Page by page, a box with any filter holds exactly what is somebody's, each once, and in order.
func TestBoxesHoldWhatIsSomebodys(t *testing.T) {
	t.Parallel()
	size := crowd.Size{Open: 3000, Done: 6000, People: 120}
	db := crowded(t, size)
	for _, user := range []string{crowd.Somebody(size, 4), crowd.Many, crowd.Busy} {
		v := viewer(t, db, user)
		for box, cond := range boxConds {
			for name, f := range filters(size) {
				f.filter.Box, f.filter.Now = box, noon
				for newest, order := range ordersOf(box) {
					f.filter.Newest = newest
					var want []string
					require.NoError(t, db.Select(t.Context(), &want, `SELECT t.id FROM tasks t JOIN cases c ON c.id = t.case_id JOIN records r ON r.id = c.record_id
						WHERE `+cond+` AND (`+f.same+`) ORDER BY `+order, user, pq.Array(v.Principals)))
					require.Equal(t, want, byPages(t, db, v, f.filter), "%s, %s, %s, newest %v", user, box, name, newest)
				}
			}
		}
	}
}

// byPages reads a box to its end.
func byPages(t *testing.T, db *store.DB, v store.Viewer, f store.TaskFilter) []string {
	t.Helper()
	var ids []string
	p := store.Page{Limit: 40}
	for {
		rows, next, err := db.Tasks(t.Context(), v, f, p)
		require.NoError(t, err)
		require.LessOrEqual(t, len(rows), p.Limit)
		for _, row := range rows {
			ids = append(ids, row.Task.ID)
		}
		if next == nil {
			return ids
		}
		p.After = next
	}
}

// A large company: its boxes are counted rightly, and read no more than they show.
func TestALargeCompany(t *testing.T) {
	t.Parallel()
	db := crowded(t, largeCompany)
	t.Run("counts", func(t *testing.T) { countsAreThoseOfTheBoxes(t, db) })
	t.Run("plans", func(t *testing.T) { boxesReadNoMoreThanTheyShow(t, db) })
	t.Run("my cases", func(t *testing.T) { myCasesAreAWalkOfTheirIndex(t, db) })
}

// Counts are exact below a thousand; what is late is counted however much else there is.
func countsAreThoseOfTheBoxes(t *testing.T, db *store.DB) {
	for _, user := range []string{crowd.Somebody(largeCompany, 7), crowd.Many, crowd.Busy} {
		v := viewer(t, db, user)
		counts, err := db.CountTasks(t.Context(), v, noon)
		require.NoError(t, err)
		for _, c := range counts {
			cond := boxConds[c.Box]
			if c.Box == store.BoxCopied {
				cond += ` AND t.status = 'open'`
			}
			var want store.BoxCount
			require.NoError(t, db.Get(t.Context(), &want, `SELECT least(count(*), 1000) AS n, least(count(*) FILTER (WHERE t.kind <> 'copy' AND t.due_at < coalesce(t.decided_at, $3)), 1000) AS late
				FROM tasks t JOIN cases c ON c.id = t.case_id WHERE `+cond, user, pq.Array(v.Principals), noon))
			want.Box = c.Box
			if c.Box == store.BoxStarted {
				require.NoError(t, db.Get(t.Context(), &want.Cases, `SELECT least(count(*), 1000) FROM cases WHERE initiator = $1 AND status <> 'ended'`, user))
				require.NoError(t, db.Get(t.Context(), &want.LateCases, `SELECT count(DISTINCT c.id) FROM tasks t JOIN cases c ON c.id = t.case_id
					WHERE t.status = 'open' AND t.kind <> 'copy' AND t.due_at < $2 AND c.initiator = $1`, user, noon))
				require.NotZero(t, want.Cases)
			}
			require.Equal(t, want, c, user)
		}
	}
}

// cost is what a statement has read of tables: rows, pages, and which tables from end to end.
func cost(p store.Plan) (rows, pages int, scanned []string) {
	var add func(store.PlanNode)
	add = func(n store.PlanNode) {
		if n.Type == "Seq Scan" && n.Loops > 0 { // else it was planned, and not needed
			scanned = append(scanned, n.Table)
		}
		if n.Type == "Bitmap Index Scan" || n.Table != "" && n.Type != "Bitmap Heap Scan" {
			rows += int(n.Loops * (n.Rows + n.Removed + n.Recheck))
		}
		for _, part := range n.Plans {
			add(part)
		}
	}
	add(p.Node)
	return rows, p.Node.Hit + p.Node.Read, scanned
}

// A list reads what it shows, however large the boxes are: no table is gone through, and what is read is at most twenty times the page.
// These are the plans that every caller gets; nothing here is a matter of time.
func boxesReadNoMoreThanTheyShow(t *testing.T, plain *store.DB) {
	db, plans := plain.Explained()
	for _, who := range []struct {
		user string
		page int
	}{{crowd.Somebody(largeCompany, 4), 50}, {crowd.Busy, 50}, {crowd.Many, 200}} { // each of 200 groups is looked at once, which is four pages of an index
		v := viewer(t, plain, who.user)
		for _, box := range store.Boxes {
			for name, f := range filters(largeCompany) {
				for newest := range ordersOf(box) {
					f.filter.Box, f.filter.Now, f.filter.Newest = box, noon, newest
					*plans = nil
					_, _, err := db.Tasks(t.Context(), v, f.filter, store.Page{Limit: who.page})
					require.NoError(t, err)
					require.True(t, len(*plans) > 0 || box == store.BoxCopied, "copies are never due")
					for i, p := range *plans {
						readsNoMoreThanItShows(t, p, f.filter, who.page, fmt.Sprintf("%s, %s, %s, newest %v, statement %d", who.user, box, name, newest, i+1))
					}
				}
			}
		}
		*plans = nil
		_, err := db.CountTasks(t.Context(), v, noon)
		require.NoError(t, err)
		require.Len(t, *plans, len(store.Boxes), "a statement for each box")
		for _, p := range *plans {
			rows, _, scanned := cost(p)
			require.Empty(t, scanned)
			require.LessOrEqual(t, rows, 2*store.MostCounted)
		}
	}
}

// readsNoMoreThanItShows asserts what a statement about a page of a box may read.
func readsNoMoreThanItShows(t *testing.T, p store.Plan, f store.TaskFilter, page int, about string) {
	t.Helper()
	most := 20 * page
	rows, pages, scanned := cost(p)
	about += fmt.Sprintf(": %d rows, %d pages", rows, pages)
	if f.Query != "" { // whether a text counts may depend on whom one stands above, which is worked out from all the company's people, once
		scanned = slices.DeleteFunc(scanned, func(table string) bool { return table == "users" || table == "departments" })
	}
	require.Empty(t, scanned, about)
	if f.Query == "" {
		require.LessOrEqual(t, max(rows, pages), most, about)
		return
	}
	require.LessOrEqual(t, box0(p), most, about+": of the box itself")
	require.LessOrEqual(t, rows, 3*most+3*page+mostMatches, about)
}

// mostMatches is how many matches of a word a list is put together from, each with a case, its record and a task or two.
const mostMatches = 5 * 2000

// box0 is how many rows of a box a statement has read: the first it touches of them.
func box0(p store.Plan) int {
	n := p.Node
	for len(n.Plans) > 0 && n.Type != "Merge Append" && !slices.Contains([]string{"inbox_at", "inbox_process", "inbox_opened", "inbox_process_opened", "tasks_done", "tasks_done_process"}, n.Index) {
		n = n.Plans[0]
	}
	return int(n.Rows)
}

// Searches for records, cases and people ask an index too, and none is gone through for a word that few have.
func TestSearchesAskAnIndex(t *testing.T) {
	t.Parallel()
	plain := crowded(t, crowd.Size{Open: 5000, Done: 100, People: 3000})
	db, plans := plain.Explained()
	all := store.Viewer{User: "x", All: true}
	page := store.Page{Limit: 50}
	for word, n := range map[string]int{crowd.Twice: 2, crowd.Nobody: 0} {
		records, _, err := db.Records(t.Context(), all, store.RecordFilter{Type: "lead", Query: word}, page)
		require.NoError(t, err)
		require.Len(t, records, n)
		cases, _, err := db.Cases(t.Context(), all, store.CaseFilter{Query: word}, page)
		require.NoError(t, err)
		require.Len(t, cases, n)
	}
	for word, found := range map[string]bool{"U00777": true, "王芳": true, "nobody": false, "Person 777": true} {
		users, _, err := db.Users(t.Context(), word, page)
		require.NoError(t, err)
		require.Equal(t, found, len(users) > 0, word)
	}
	common, next, err := db.Records(t.Context(), all, store.RecordFilter{Type: "lead", Query: "有限公司"}, page)
	require.NoError(t, err)
	require.Len(t, common, 50)
	require.NotNil(t, next, "what nearly all have is found too, page by page")
	require.NotEmpty(t, *plans)
	for _, p := range *plans {
		_, _, scanned := cost(p)
		require.Empty(t, scanned, p.SQL)
		require.True(t, slices.ContainsFunc(indexes(p.Node), func(name string) bool {
			return slices.Contains([]string{"records_text", "cases_text", "users_text"}, name)
		}), p.SQL)
	}
}

func indexes(n store.PlanNode) []string {
	names := []string{n.Index}
	for _, p := range n.Plans {
		names = append(names, indexes(p)...)
	}
	return names
}
