package process

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// migrations is testdata/migrations.yaml.
type migrations struct {
	Chain string
	Edits []struct {
		Edit     string
		Change   map[string]string
		Verdicts map[string]string
	}
}

func readMigrations(t *testing.T) migrations {
	t.Helper()
	text, err := os.ReadFile("testdata/migrations.yaml")
	require.NoError(t, err)
	var out migrations
	require.NoError(t, yaml.UnmarshalWithOptions(text, &out, yaml.Strict()))
	return out
}

// places are the events that bring a case of the table's chain to where it stands.
var places = map[string][]happening{
	"first":    {},
	"work":     {{by: "wang.fang", act: EventApprove, at: "first"}},
	"late":     {{by: "wang.fang", act: EventApprove, at: "first"}, {days: 9}},
	"review":   {{by: "wang.fang", act: EventApprove, at: "first"}, {by: "chen.bo", act: EventComplete, at: "work"}},
	"answered": {{by: "wang.fang", act: EventApprove, at: "first"}, {by: "chen.bo", act: EventComplete, at: "work"}, {by: "he.jing", act: EventApprove, at: "review"}},
	"again":    {{by: "wang.fang", act: EventApprove, at: "first"}, {by: "chen.bo", act: EventComplete, at: "work"}, {by: "he.jing", act: EventReturn, at: "review"}},
	"fork":     intoFork,
	"half":     append(slices.Clone(intoFork), happening{by: "zhao.qiang", act: EventApprove, at: "check"}),
	"last":     append(slices.Clone(intoFork), happening{by: "zhao.qiang", act: EventApprove, at: "check"}, happening{by: "xu.lei", act: EventComplete, at: "count"}),
}

var intoFork = []happening{
	{by: "wang.fang", act: EventApprove, at: "first"}, {by: "chen.bo", act: EventComplete, at: "work"}, {by: "he.jing", act: EventApprove, at: "review"}, {by: "sun.wei", act: EventApprove, at: "review"},
}

// happening is an act of somebody at a step, or days that go by.
type happening struct {
	by   string
	act  EventKind
	at   string
	days int
}

// standing is a case of a chain, begun, and brought to a place. Each act takes three hours of the wall.
func standing(t *testing.T, chain string, events []happening) (*trial, error) {
	t.Helper()
	c := begin(t, Fields{"name": "x", "ends": "2026-11-01", "owner": "li.na"}, job, stock, chain)
	c.start("li.na")
	for _, h := range events {
		c.now = c.now.AddDate(0, 0, h.days).Add(3 * time.Hour)
		if h.act == "" {
			c.must(c.try(Event{Kind: EventTick}))
			continue
		}
		if !slices.ContainsFunc(c.open(), func(s string) bool { return strings.HasPrefix(s, h.at+":") }) {
			return c, fmt.Errorf("%s isn't open: %v", h.at, c.open())
		}
		if err := c.act(h.by, h.act, h.at, saying("why")); err != nil {
			return c, err
		}
	}
	c.now = c.now.Add(2 * time.Hour)
	return c, nil
}

// edited is the table's chain after an edit; each of its replacements is found once.
func edited(t *testing.T, chain string, change map[string]string) string {
	t.Helper()
	for _, from := range slices.Sorted(maps.Keys(change)) {
		require.Equal(t, 1, strings.Count(chain, from), "%q in\n%s", from, chain)
		chain = strings.Replace(chain, from, change[from], 1)
	}
	return chain
}

func (c *trial) migration(p *Process, to map[string]string) Event {
	c.in.Next = &Version{Process: p, From: 1, To: 2}
	return Event{Kind: EventMigrate, By: "admin", Admin: true, Comment: "the new rules hold", Map: to}
}

// judged is the verdict about a case, which changes nothing.
func (c *trial) judged(p *Process, to map[string]string) Verdict {
	c.t.Helper()
	ev := c.migration(p, to)
	ev.At = c.now
	before := raw(c.in.State)
	v, err := c.in.Verdict(ev)
	c.must(err)
	require.Equal(c.t, before, raw(c.in.State))
	for _, why := range v.Because {
		require.NotEmpty(c.t, why.ZH)
		require.NotEmpty(c.t, why.EN)
	}
	return v
}

// migrated takes the case to another version; every event goes by that one from then on.
func (c *trial) migrated(p *Process, to map[string]string) error {
	err := c.try(c.migration(p, to))
	if err == nil {
		c.in.Process = p
	}
	return err
}

func TestMigrationTheTable(t *testing.T) {
	t.Parallel()
	table := readMigrations(t)
	require.GreaterOrEqual(t, len(table.Edits), 12)
	for _, e := range table.Edits {
		t.Run(e.Edit, func(t *testing.T) {
			t.Parallel()
			chain := edited(t, table.Chain, e.Change)
			require.Equal(t, slices.Sorted(maps.Keys(places)), slices.Sorted(maps.Keys(e.Verdicts)))
			for _, place := range slices.Sorted(maps.Keys(e.Verdicts)) {
				c, err := standing(t, table.Chain, places[place])
				require.NoError(t, err)
				twin, twinErr := standing(t, chain, places[place])
				verdict := c.judged(twin.in.Process, nil)
				require.Equal(t, e.Verdicts[place], verdict.Verdict, "%s: %v", place, verdict)
				switch verdict.Verdict {
				case VerdictSafe:
					require.NoError(t, twinErr, "%s: safe, though the new version takes the events otherwise", place)
					goesOnAlike(t, c, twin)
				case VerdictMapping:
					goesOnAsMapped(t, c, twin.in.Process, verdict)
				case VerdictStays:
					refusedTo(t, c, twin.in.Process, nil, CodeFieldInvalid)
				}
			}
		})
	}
}

// goesOnAlike: after a safe migration the case stands where one stands that has run by the new version from its start, and everything that happens does the same to both.
func goesOnAlike(t *testing.T, c, twin *trial) {
	t.Helper()
	c.must(c.migrated(twin.in.Process, nil))
	c.must(twin.try(Event{Kind: EventTick}))
	require.Equal(t, raw(twin.in.State), raw(c.in.State))
	require.Equal(t, twin.wakeAt, c.wakeAt)
	require.Equal(t, "migrated", c.entries("migrated")[0].Event)
	for range 30 {
		if c.in.State.Status == Ended {
			return
		}
		c.now = c.now.Add(31 * time.Hour)
		twin.now = c.now
		for _, next := range []func() Event{func() Event { return Event{Kind: EventTick} }, c.anyAct} { // a ladder may give a task to somebody else before the act
			ev := next()
			require.Equal(t, c.try(ev), twin.try(ev))
			require.Equal(t, raw(twin.in.State), raw(c.in.State), ev)
			require.Equal(t, rawEffects(twin.effects), rawEffects(c.effects))
		}
	}
	t.Fatalf("it doesn't end: %v", c.open())
}

// anyAct answers the open task that was opened first.
func (c *trial) anyAct() Event {
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			if seat.Vote != nil {
				continue
			}
			s := c.in.Process.Step(o.Step)
			ev := Event{Kind: EventApprove, By: (&machine{in: c.in}).holders(&seat)[0], Comment: "so be it", Task: seat.Task, Fields: Fields{}}
			if s.Kind == "task" {
				ev.Kind = EventComplete
			}
			for _, e := range s.Form.Edit {
				if e.Field == "size" {
					ev.Fields["size"] = 4.0
				}
			}
			return ev
		}
	}
	return Event{Kind: EventTick}
}

// goesOnAsMapped: without a mapping nothing happens; with the first choice for every step the case goes over, and comes to its end.
func goesOnAsMapped(t *testing.T, c *trial, p *Process, verdict Verdict) {
	t.Helper()
	require.NotEmpty(t, verdict.Needs)
	refusedTo(t, c, p, nil, CodeFieldRequired)
	to := map[string]string{}
	for _, need := range verdict.Needs {
		require.NotEmpty(t, need.To)
		to[need.Step] = need.To[0]
	}
	given := c.judged(p, to)
	require.Equal(t, VerdictMapping, given.Verdict)
	require.Empty(t, given.Needs)
	c.must(c.migrated(p, to))
	for range 30 {
		namesOnlyItsOwn(t, c.in.State, p)
		if c.in.State.Status == Ended {
			return
		}
		c.now = c.now.Add(31 * time.Hour)
		c.must(c.try(Event{Kind: EventTick})) // somebody may have been handed the task up by now
		c.must(c.try(c.anyAct()))
	}
	t.Fatalf("it doesn't end: %v", c.open())
}

func refusedTo(t *testing.T, c *trial, p *Process, to map[string]string, code Code) *Refusal {
	t.Helper()
	before := raw(c.in.State)
	r := refused(t, c.migrated(p, to), code)
	require.Equal(t, before, raw(c.in.State))
	return r
}

// namesOnlyItsOwn: a state names no step, list or clock that its chain doesn't have.
func namesOnlyItsOwn(t *testing.T, st State, p *Process) {
	t.Helper()
	lists := map[string]bool{}
	for _, s := range p.all() {
		lists[p.listWith(s).Path] = true
	}
	for _, sc := range st.Scopes {
		require.True(t, lists[sc.List], sc.List)
		require.NotNil(t, p.Step(sc.At), sc.At)
		if sc.Last != "" {
			require.NotNil(t, p.Step(stepOfKey(sc.Last)), sc.Last)
		}
	}
	for _, o := range st.Open {
		require.NotNil(t, p.Step(o.Step), o.Step)
	}
	for _, r := range st.Steps {
		require.NotNil(t, p.Step(r.Step), r.Step)
	}
	for _, run := range st.Clocks {
		require.NotPanics(t, func() { p.clock(run.ID) }, run.ID)
	}
	var kept map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(encode(st.Actors), &kept))
	for key := range kept {
		require.NotNil(t, p.Step(stepOfKey(key)), key)
	}
}

// A case that is suspended between two steps goes on at the second one. A version that has another step between them isn't safe: it would be passed over.
func TestMigrationKnowsWhatACaseIsAboutToEnter(t *testing.T) {
	t.Parallel()
	steps := func(between, behind string) string {
		return "  - {id: pause, wait: {on: quest.paid}}\n" + between + "  - {id: work, task: Work, by: initiator}\n" + behind
	}
	const extra = "  - {id: extra, approve: Extra, by: {user: sun.wei}}\n"
	c := questCase(t, nil, "", steps("", ""))
	c.must(c.admin(EventSuspend, "holidays"))
	c.must(c.happens("quest.paid"))
	require.Equal(t, []Pending{{Scope: 1, Step: "work"}}, c.in.State.Queue)
	between, behind := questCase(t, nil, "", steps(extra, "")).in.Process, questCase(t, nil, "", steps("", extra)).in.Process
	require.Equal(t, VerdictStays, c.judged(between, nil).Verdict)
	refusedTo(t, c, between, nil, CodeFieldInvalid)
	require.Equal(t, VerdictSafe, c.judged(behind, nil).Verdict)
	c.must(c.migrated(behind, nil))
	c.must(c.admin(EventResume, "back"))
	require.Equal(t, []string{"work:li.na"}, c.open())
}
