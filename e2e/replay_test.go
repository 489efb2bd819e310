package e2e_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	shipped "github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// replayer runs cases once more, in memory and undisturbed, from nothing but what its clients were told and when each act took effect. What comes out must
// be what stands in the database after everything was killed again and again.
type replayer struct {
	ctx       context.Context
	db        *store.DB
	sql       *sql.DB
	lib       *process.Library
	calendars map[string]*process.Calendar
	files     map[string]process.FileRef // what everybody has uploaded
}

func newReplayer(t *testing.T, s *stack) *replayer {
	t.Helper()
	r := &replayer{ctx: t.Context(), calendars: map[string]*process.Calendar{}}
	var err error
	r.db, err = store.Open(s.present().Database, store.Pool{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.db.Close() })
	r.sql, err = sql.Open("postgres", s.present().Database)
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.sql.Close() })
	var files []process.File
	for _, d := range shipped.Documents() {
		files = append(files, process.File{Path: d.Path, Content: d.Content})
	}
	lib, problems := process.Load(files, nil, nil)
	require.False(t, process.Failed(problems), "%v", problems)
	r.lib = lib
	for name, spec := range lib.Calendars {
		var all []process.Holiday
		for _, year := range spec.Holidays.Years {
			data, err := shipped.Holidays(spec.Holidays.From, year)
			if err != nil {
				continue // not published
			}
			days, err := process.ParseHolidays(data)
			require.NoError(t, err)
			all = append(all, days...)
		}
		calendar, wrong := process.NewCalendar(*spec, all)
		require.Empty(t, wrong)
		r.calendars[name] = calendar
	}
	r.readFiles(t)
	return r
}

func (r *replayer) readFiles(t *testing.T) {
	t.Helper()
	r.files = map[string]process.FileRef{}
	rows, err := r.sql.QueryContext(r.ctx, "SELECT id, name, size, sha256 FROM files")
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var f process.FileRef
		require.NoError(t, rows.Scan(&f.ID, &f.Name, &f.Size, &f.SHA256))
		r.files[f.ID] = f
	}
	require.NoError(t, rows.Err())
}

// Calendar finds a calendar; the company's is the Chinese one.
func (r *replayer) Calendar(name string) (*process.Calendar, bool) {
	if name == "" {
		name = "cn-office"
	}
	c, ok := r.calendars[name]
	return c, ok
}

// Record finds a record along a reference.
func (r *replayer) Record(ref process.Reference) (process.Record, bool) {
	row, err := r.db.Record(r.ctx, ref.Type, ref.ID)
	if err != nil {
		return process.Record{}, false
	}
	rec := process.Record{Type: row.Type, ID: row.ID}
	rec.Fields, err = r.lib.Types[ref.Type].Restore(row.Fields)
	return rec, err == nil
}

// life is a case as it was run once more.
type life struct {
	*replayer
	c    *crashCase
	in   process.Input
	dir  *store.Directory
	log  []process.Entry
	told map[string]int // who was told what, how often
	all  int            // messages
}

// stored is a case as it stands in the database.
type stored struct {
	state            []byte
	seq              int
	initiator, owner sql.NullString
	made, record     []byte
	messages         map[string]int
}

func (r *replayer) stored(id string) (stored, error) {
	s := stored{messages: map[string]int{}}
	tx, err := r.sql.BeginTx(r.ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return s, err
	}
	defer func() { _ = tx.Rollback() }()
	err = tx.QueryRowContext(r.ctx, `SELECT c.state, c.seq, c.initiator, r.owner, h.changes, r.fields
		FROM cases c JOIN records r ON r.id = c.record_id JOIN record_history h ON h.record_id = r.id AND h.version = 1 WHERE c.id = $1`, id).
		Scan(&s.state, &s.seq, &s.initiator, &s.owner, &s.made, &s.record)
	if err != nil {
		return s, err
	}
	rows, err := tx.QueryContext(r.ctx, `SELECT to_user || ' ' || about || ' ' || coalesce(task, ''), count(*) FROM notifications WHERE case_id = $1 GROUP BY 1`, id)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for rows.Next() {
		var what string
		var n int
		if err := rows.Scan(&what, &n); err != nil {
			return s, err
		}
		s.messages[what] = n
	}
	return s, rows.Err()
}

// check runs a case once more, once with time looked at only when somebody acts and once at every moment, and compares both with how it stood, of whose
// timeline more may have been written since.
func (r *replayer) check(c *crashCase, s stored, timeline []entry) error {
	var was process.State
	if err := json.Unmarshal(s.state, &was); err != nil {
		return err
	}
	timeline = slices.DeleteFunc(slices.Clone(timeline), func(e entry) bool { return e.Seq > s.seq })
	var told [2]*life
	for n, often := range []bool{false, true} {
		l, err := r.begin(c, s)
		if err == nil {
			err = errors.Join(l.run(timeline, was.LastAt, often), l.dir.Err())
		}
		if err == nil {
			err = l.same(timeline, s)
		}
		if err != nil {
			return fmt.Errorf("run once more: %w", err)
		}
		told[n] = l
	}
	return sameMessages(s.messages, told[0], told[1])
}

func (r *replayer) begin(c *crashCase, s stored) (*life, error) {
	l := &life{replayer: r, c: c, dir: r.db.Directory(r.ctx), told: map[string]int{}}
	p := r.lib.Processes[c.chain.process]
	initiator := s.initiator.String
	if len(p.Start.By) == 0 {
		initiator = "" // whom the chain names
	}
	l.in = process.Input{Process: p, State: process.NewState(c.id, initiator), Directory: l.dir, Calendars: r, Records: r,
		Record: process.Record{Type: p.Record, ID: c.record, Owner: s.owner.String}}
	var err error
	l.in.Record.Fields, err = firstFields(p.Type, s.made)
	return l, err
}

// same compares what came out with what stands in the database.
func (l *life) same(timeline []entry, s stored) error {
	if err := l.sameTimeline(timeline); err != nil {
		return err
	}
	if is, err := json.Marshal(l.in.Record.Fields); l.c.event == "" && (err != nil || !sameFields(is, s.record)) {
		return fmt.Errorf("the record holds %s, and in the database %s: %w", is, s.record, err)
	}
	if is, err := json.Marshal(l.in.State); err != nil || !sameState(is, s.state) {
		return fmt.Errorf("the state is\n%s\nand in the database\n%s\n%w", is, s.state, err)
	}
	return nil
}

// sameMessages holds the messages against both runs: messages of moments that came together become one, so there may be fewer than at every moment of
// its own, and there are no fewer than if nobody had looked at the clock.
func sameMessages(sent map[string]int, seldom, often *life) error {
	all := 0
	for what, n := range sent {
		all += n
		if n > often.told[what] {
			return fmt.Errorf("%d messages say %q, and run once more %d", n, what, often.told[what])
		}
	}
	if all < seldom.all {
		return fmt.Errorf("%d messages were sent, and run once more %d", all, seldom.all)
	}
	return nil
}

// firstFields are those the record was made with.
func firstFields(typ *process.RecordType, changes []byte) (process.Fields, error) {
	var made map[string]struct{ To json.RawMessage }
	if err := json.Unmarshal(changes, &made); err != nil {
		return nil, err
	}
	raw := map[string]json.RawMessage{}
	for name, change := range made {
		raw[name] = change.To
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	return typ.Restore(text)
}

// run applies the start, each act at the moment it took effect, and time up to the last moment the case knows; often: at every moment before.
func (l *life) run(timeline []entry, last time.Time, often bool) error {
	start := process.Event{Kind: process.EventStart, By: l.in.State.Initiator, At: timeline[0].At}
	if start.By == "" {
		start.Name = l.in.Process.Start.On[0]
	}
	if err := l.apply(start); err != nil {
		return err
	}
	for _, e := range timeline[1:] {
		i := l.c.intentAt(e)
		if often && i == nil && e.By == "" && e.At.After(l.in.State.LastAt) && e.Event != "ended" {
			if err := l.apply(process.Event{Kind: process.EventTick, At: e.At.Add(time.Microsecond)}); err != nil {
				return err
			}
		}
		if i == nil {
			continue
		}
		ev, err := l.event(i, e.At)
		if err == nil {
			err = l.apply(ev)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", i, err)
		}
	}
	return l.end(timeline, last)
}

// intentAt is the act that an entry notes.
func (c *crashCase) intentAt(e entry) *intent {
	for _, i := range c.intents {
		decided := (e.Event == "decided" || e.Event == "returned") && e.By != "" && e.Comment == i.key
		claimed := e.Event == "claimed" && i.act == "claim" && e.By == i.who.user && e.Task == i.task
		if decided || claimed {
			return i
		}
	}
	return nil
}

// event is an act as the machine meets it.
func (l *life) event(i *intent, at time.Time) (process.Event, error) {
	ev := process.Event{Kind: process.EventKind(i.act), At: at, By: i.who.user, Task: i.task, Comment: i.key}
	if i.act == "complete" {
		ev.Outcome = i.outcome
	}
	text, err := json.Marshal(i.more)
	if err != nil {
		return ev, err
	}
	var more struct {
		Fields map[string]any
		Items  []string
	}
	if err := json.Unmarshal(text, &more); err != nil {
		return ev, err
	}
	ev.Items = more.Items
	if more.Fields != nil {
		fields, wrong := l.in.Process.DecodeForm(l.in.Process.Step(i.step), more.Fields)
		if len(wrong) > 0 {
			return ev, fmt.Errorf("%v", wrong)
		}
		ev.Fields = l.in.Process.Type.WithFiles(fields, l.files)
	}
	return ev, nil
}

// end lets time pass, or what happened to the record take effect, where that is how the case has ended.
func (l *life) end(timeline []entry, last time.Time) error {
	final := timeline[len(timeline)-1]
	if l.c.event != "" && final.Event == "ended" && l.in.State.Status != process.Ended && "quote."+wordOf(final.Outcome) == l.c.event {
		return l.apply(process.Event{Kind: process.EventHappened, Name: l.c.event, By: l.c.seller(), At: final.At})
	}
	return l.apply(process.Event{Kind: process.EventTick, At: last})
}

// wordOf is the status of a quote whose follow-up ended so.
func wordOf(outcome string) string {
	if outcome == "lost" {
		return "rejected"
	}
	return outcome
}

func (l *life) apply(ev process.Event) error {
	res, err := process.Apply(l.in, ev)
	if err != nil {
		return err
	}
	l.in.State = res.State
	for _, effect := range res.Effects {
		switch e := effect.(type) {
		case process.Log:
			l.log = append(l.log, e.Entry)
		case process.ChangeRecord:
			l.in.Record.Fields = l.in.Process.Type.Compute(l.in.Record.Fields.With(e.Fields), l)
		case process.Tell:
			for _, to := range e.To {
				l.told[to+" "+e.About+" "+e.Task]++
				l.all++
			}
		}
	}
	return nil
}

// sameTimeline compares entry by entry.
func (l *life) sameTimeline(timeline []entry) error {
	if len(timeline) != len(l.log) {
		return fmt.Errorf("run once more it has %d entries, and in the database %d:\n%s", len(l.log), len(timeline), say(timeline))
	}
	for n, e := range timeline {
		is := l.log[n]
		same := e.Event == is.Event && e.Step == is.Step && e.Item == is.Item && e.Task == is.Task && e.By == is.By && e.For == is.For && e.Outcome == is.Outcome &&
			e.Comment == is.Comment && e.Reason == is.Reason && e.At.Sub(is.At).Abs() < time.Millisecond
		if !same {
			return fmt.Errorf("entry %d is %s, and run once more %+v", n+1, e, is)
		}
	}
	return nil
}

// sameFields compares two records.
func sameFields(a, b []byte) bool {
	var x, y map[string]any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(tidy(x), tidy(y))
}

// sameState compares two states in everything but when they were last touched.
func sameState(a, b []byte) bool {
	var x, y process.State
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	x.LastAt, y.LastAt = time.Time{}, time.Time{}
	first, _ := json.Marshal(x)
	second, _ := json.Marshal(y)
	return sameFields(first, second)
}

// tidy makes a JSON value comparable: moments to the millisecond, and what is empty left out.
func tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, part := range v {
			if part = tidy(part); part != nil {
				out[name] = part
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = tidy(v[i])
		}
		return v
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Round(10 * time.Millisecond).String()
		}
	}
	return v
}
