package process

import (
	"strings"
	"testing"
	"time"
)

// bothOpen is a complaint about which two departments are asked; findings are filled in and the first of them claimed.
func bothOpen(b testing.TB) (Input, Event) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, offices()[0].Location())
	c := newCompany()
	c.departments["purchasing"] = Department{ID: "purchasing", Head: "wu.tao", Parent: "top"}
	c.departments["production"] = Department{ID: "production", Head: "ma.jun", Parent: "top"}
	c.add("wu.tao", "purchasing", "")
	c.add("zhu.lin", "purchasing", "wu.tao")
	c.add("ma.jun", "production", "")
	c.add("guo.yong", "production", "ma.jun")
	p := shippedLibrary().Processes["complaint"]
	in := Input{Process: p, State: NewState("c1", "li.na"), Directory: c, Calendars: &calendars{offices()[0]}, Absences: away{}, Records: stocks{"s1": Fields{}},
		Record: Record{Type: "complaint", ID: "r1", Owner: "li.na", Fields: Fields{"customer": Reference{Type: "customer", ID: "s1", Title: "海川机械"}, "product": "P-100", "defect": "裂纹",
			"severity": "B", "owner": "li.na", "status": "open"}}}
	for _, ev := range []Event{
		{Kind: EventStart, By: "li.na"},
		{Kind: EventComplete, By: "li.na", Task: "c1.1"},
		{Kind: EventClaim, By: "xu.lei", Task: "c1.2"},
		{Kind: EventComplete, By: "xu.lei", Task: "c1.2", Outcome: "founded", Fields: Fields{"cause": "铸件裂纹", "responsible": []any{"purchasing", "production"},
			"report": FileRef{ID: "f1", Name: "检测报告.pdf", Size: 70_000, SHA256: strings.Repeat("0", 64)}}},
		{Kind: EventClaim, By: "zhu.lin", Task: "c1.3"},
	} {
		ev.At = at
		at = at.Add(time.Hour)
		res, err := Apply(in, ev)
		if err != nil {
			b.Fatal(err)
		}
		in.State = res.State
		for _, e := range res.Effects {
			if e, ok := e.(ChangeRecord); ok {
				in.Record.Fields = in.Record.Fields.With(e.Fields)
			}
		}
	}
	return in, Event{Kind: EventComplete, By: "zhu.lin", Task: "c1.3", Outcome: "found", At: at, Fields: Fields{"finding": "供应商换料", "measure": "换供应商"}}
}

// BenchmarkApplyComplaint is one decision of the complaint while both departments are asked: below 50 µs and 200 allocations.
func BenchmarkApplyComplaint(b *testing.B) {
	in, ev := bothOpen(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Apply(in, ev); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheckShipped loads the shipped processes with their records, as `definitions check` does: below 100 ms.
func BenchmarkCheckShipped(b *testing.B) {
	files := shippedFiles()
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Load(files, nil, nil); Failed(problems) {
			b.Fatal(render(problems, "en"))
		}
	}
}

// BenchmarkRunaway is a chain that turns without anybody, stopped after a thousand steps: below 100 ms.
func BenchmarkRunaway(b *testing.B) {
	benchStopped(b, "turn", func(t *testing.T) *trial { return smallCase(t, runaway) })
}

// BenchmarkCostly is a condition that is stopped at its cost: below 100 ms.
func BenchmarkCostly(b *testing.B) {
	benchStopped(b, "costly", func(t *testing.T) *trial { c, _ := costly(t); return c })
}

// benchStopped completes the first task of a case, which is stopped at a step.
func benchStopped(b *testing.B, step string, begun func(*testing.T) *trial) {
	c := begun(&testing.T{})
	ev := Event{Kind: EventComplete, By: "li.na", Task: c.task("begin"), At: c.now}
	b.ReportAllocs()
	for b.Loop() {
		res, err := Apply(c.in, ev)
		if err == nil && res.State.Held.Step != step || err != nil && !strings.Contains(err.Error(), step) {
			b.Fatal(err)
		}
	}
}

// complained is a complaint as it is made, before it starts.
func complained(b testing.TB) (Input, Event) {
	in, _ := bothOpen(b)
	in.State = NewState("c1", "li.na")
	in.Record.Fields = Fields{"customer": Reference{Type: "customer", ID: "s1", Title: "海川机械"}, "product": "P-100", "defect": "裂纹", "severity": "B", "owner": "li.na", "status": "open"}
	return in, Event{Kind: EventStart, By: "li.na", At: time.Date(2026, 11, 23, 9, 0, 0, 0, offices()[0].Location())}
}

// BenchmarkPreviewComplaint is what a complaint's preview takes before it starts: below 20 ms.
func BenchmarkPreviewComplaint(b *testing.B) {
	in, ev := complained(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Preview(in, ev); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkForeseeComplaint is what a start takes to keep it: once for each case.
func BenchmarkForeseeComplaint(b *testing.B) {
	in, ev := complained(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Foresee(in, ev); err != nil {
			b.Fatal(err)
		}
	}
}
