package engine

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const points = `record: member
title: Member
number: "M{0000}"
fields:
  name: {type: text, required: true}
  points: {type: number, at_least: 0}
  empty: {type: yes_no, is: record.points == 0}
emits: {member.empty: empty == true}
---
record: redemption
title: Redemption
number: "R{0000}"
fields:
  what: {type: text, required: true}
  member: {type: reference, to: member, required: true}
  points: {type: number, required: true}
  owner: {type: person, default: creator}
---
process: redeem
title: Redeem
record: redemption
number: "RE{0000}"
subject: "{record.member.name}"
start: {by: [role:sales]}
copy: [{to: [{user: zhou.min}], at: start}]
steps:
  - id: agree
    approve: Agree
    by: {user: zhou.min}
  - id: take
    set: {record.member.points: "- record.points"}
  - end: approved
---
process: farewell
title: Farewell
record: member
number: "FA{0000}"
start: {on: member.empty, as: {user: li.na}}
steps:
  - id: call
    task: Call them
    by: initiator
  - end: done
`

func newClub(t *testing.T, n float64) (*world, RecordView) {
	t.Helper()
	w := newCompany(t)
	_, problems := w.publish([]process.File{{Path: "points.yaml", Content: points}})
	require.False(t, process.Failed(problems), "%v", problems)
	m, err := w.CreateRecord(w.ctx, admin(), "member", map[string]any{"name": "Xu Min", "points": n})
	require.NoError(t, err)
	return w, m
}

func (w *world) redeem(m RecordView, n float64) Answer {
	w.t.Helper()
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "redeem", With: map[string]any{
		"what": "cup", "member": map[string]any{"type": "member", "id": m.ID}, "points": n}})
	require.NoError(w.t, err)
	return a
}

func (w *world) member(m RecordView) process.Fields {
	w.t.Helper()
	v, err := w.Viewer(w.ctx)
	require.NoError(w.t, err)
	var row store.RecordRow
	require.NoError(w.t, w.db.Get(w.ctx, &row, `SELECT `+store.RecordColumns+` FROM records r WHERE r.id = $1`, m.ID))
	rec, err := v.Record(row)
	require.NoError(w.t, err)
	return rec.Fields
}

// Points are taken along a reference, never below the floor, and the other record's own computed fields and events follow.
func TestAnotherRecordIsChangedAlongAReference(t *testing.T) {
	t.Parallel()
	w, m := newClub(t, 10)
	a := w.redeem(m, 10)
	require.Equal(t, "Xu Min", a.Case.Subject)
	var copied int
	require.NoError(t, w.db.Get(w.ctx, &copied, `SELECT count(*) FROM notifications WHERE to_user = 'zhou.min' AND about = 'copied' AND case_id = $1`, a.Case.ID))
	require.Equal(t, 1, copied)
	second := w.redeem(m, 4)
	a = w.must(a, "zhou.min", ActCommand{Act: process.EventApprove})
	require.Equal(t, "approved", a.Case.Outcome)
	fields := w.member(m)
	require.Equal(t, float64(0), fields["points"])
	require.Equal(t, true, fields["empty"])
	cases := w.casesOn(m.ID)
	require.Len(t, cases, 1, "the event of the other record has started its case")
	require.Equal(t, "li.na", cases[0].Initiator)

	second = w.must(second, "zhou.min", ActCommand{Act: process.EventApprove})
	require.NotNil(t, second.Case.Held, "there are none left")
	require.Equal(t, float64(0), w.member(m)["points"])
}

// Whoever sees points that somebody else takes meanwhile looks again: none is taken twice.
func TestTwoCasesTakePointsAtOnce(t *testing.T) {
	t.Parallel()
	w, m := newClub(t, 100)
	var cases []Answer
	for range 12 {
		cases = append(cases, w.redeem(m, 7))
	}
	var all sync.WaitGroup
	for _, a := range cases {
		all.Go(func() {
			_, err := w.Act(w.ctx, by("zhou.min"), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove})
			require.NoError(t, err)
		})
	}
	all.Wait()
	require.Equal(t, float64(100-12*7), w.member(m)["points"])
}
