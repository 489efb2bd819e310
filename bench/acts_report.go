package bench

import (
	"fmt"
	"slices"
	"strings"
)

// ActsReport is what `crmflow bench acts` found.
type ActsReport struct {
	Machine    Machine   `json:"machine"`
	Commit     string    `json:"commit"`
	Tasks      int       `json:"tasks"`      // of whoever leaves
	HandoverS  []float64 `json:"handover_s"` // until nothing was left with them, one departure after another
	Bulk       int       `json:"bulk"`       // tasks decided in one request
	BulkS      []float64 `json:"bulk_s"`
	PreviewP50 float64   `json:"preview_p50_ms"` // of the complaint, over HTTP
	PreviewP95 float64   `json:"preview_p95_ms"`
	Goals      []Goal    `json:"goals"`
	Verdict    string    `json:"verdict"`
	Notes      []string  `json:"notes"`
}

const (
	goalHandover = 30.0 // s, for 1,000 tasks
	goalBulk     = 10.0 // s, for 100 tasks
	goalPreview  = 20.0 // ms, at p95
)

// judge holds the worst of each against its goal. With fewer tasks than the goal speaks of, nothing is shown.
func (r *ActsReport) judge() {
	worst := func(of []float64) float64 {
		if len(of) == 0 {
			return 0
		}
		return slices.Max(of)
	}
	handover, bulk := worst(r.HandoverS), worst(r.BulkS)
	r.Goals = []Goal{
		{What: "handover of 1,000 open tasks, the slowest, s", Value: handover, Goal: fmt.Sprintf("< %g s", goalHandover), Met: r.Tasks >= 1000 && handover > 0 && handover < goalHandover},
		{What: "bulk of 100, the slowest, s", Value: bulk, Goal: fmt.Sprintf("< %g s", goalBulk), Met: r.Bulk >= 100 && bulk > 0 && bulk < goalBulk},
		{What: "preview of the complaint, p95, ms", Value: r.PreviewP95, Goal: fmt.Sprintf("< %g ms", goalPreview), Met: r.PreviewP95 > 0 && r.PreviewP95 < goalPreview},
	}
	r.Verdict = verdictMet
	if slices.ContainsFunc(r.Goals, func(g Goal) bool { return !g.Met }) {
		r.Verdict = verdictMissed
	}
	if r.Tasks < 1000 || r.Bulk < 100 {
		r.Notes = append(r.Notes, "the goals speak of 1,000 tasks handed over and of 100 decided at once")
	}
}

// Table is the report for a person, in Markdown.
func (r ActsReport) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %s. Commit %s. %d open tasks, %d decided in one request; previews of the complaint by one client: p50 %s ms, p95 %s ms.\n\n",
		r.Machine, r.Commit, r.Tasks, r.Bulk, number(r.PreviewP50), number(r.PreviewP95))
	rows := [][]string{{"s", "each time"}, {"handover, until nothing is left", inARow(r.HandoverS)}, {"bulk, until the answer", inARow(r.BulkS)}}
	b.WriteString(markdown(rows) + "\n" + goalTable(r.Goals))
	fmt.Fprintf(&b, "\nVerdict: %s.\n", r.Verdict)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "Note: %s.\n", note)
	}
	return b.String()
}

// inARow are several in one cell.
func inARow(of []float64) string {
	var all []string
	for _, v := range of {
		all = append(all, number(v))
	}
	return strings.Join(all, ", ")
}
