package bench

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Table is the report for a person, in Markdown, as docs/measured.md keeps it.
func (r Report) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %s. Commit %s. Rounds: %d.\n", r.Machine, r.Commit, r.Rounds)
	for _, c := range r.Clients {
		b.WriteString("\n" + c.table())
	}
	b.WriteString("\n" + r.costs())
	if len(r.Goals) > 0 {
		b.WriteString("\n" + goalTable(r.Goals))
	}
	fmt.Fprintf(&b, "\nVerdict: %s.\n", r.Verdict)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "Note: %s.\n", note)
	}
	return b.String()
}

// String is one line about the machine.
func (m Machine) String() string {
	parts := []string{fmt.Sprintf("%d cores", m.Cores), m.Model}
	if m.MemoryMB > 0 {
		parts = append(parts, fmt.Sprintf("%.1f GB", float64(m.MemoryMB)/1024))
	}
	parts = append(parts, m.OS, m.Go)
	if m.Postgres != "" {
		parts = append(parts, "PostgreSQL "+m.Postgres)
	}
	if m.Temporal != "" {
		parts = append(parts, "Temporal "+m.Temporal)
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// table compares the sides at one number of clients.
func (c AtClients) table() string {
	rows := [][]string{{clientsTitle(c.N), "bare Temporal", "bare PostgreSQL", "crmflow", "to Temporal", "to PostgreSQL"}}
	row := func(name string, of func(Figures) float64, toTemporal, toHTTP string) {
		rows = append(rows, []string{name, number(of(c.Floor)), number(of(c.HTTPFloor)), number(of(c.Crmflow)), toTemporal, toHTTP})
	}
	row("decisions/s on open cases, answered", func(f Figures) float64 { return f.DecisionsS }, c.Ratio.String(), c.HTTPRatio.String())
	row("the same, settled", func(f Figures) float64 { return f.DecisionsSettledS }, c.SettledRatio.String(), "")
	rows = append(rows, []string{"decision, p50/p95/p99 ms", c.Floor.percentiles(), c.HTTPFloor.percentiles(), c.Crmflow.percentiles(), "", ""})
	row("starts/s, answered", func(f Figures) float64 { return f.StartsS }, "", "")
	row("starts/s, settled", func(f Figures) float64 { return f.StartsSettledS }, "", "")
	row("last decisions/s, answered", func(f Figures) float64 { return f.EndsS }, "", "")
	row("last decisions/s, settled", func(f Figures) float64 { return f.EndsSettledS }, "", "")
	row("whole cases/s, answered", func(f Figures) float64 { return f.CasesS }, "", "")
	row("whole cases/s, settled", func(f Figures) float64 { return f.CasesSettledS }, c.CasesRatio.String(), "")
	row("whole case, p50 ms", func(f Figures) float64 { return f.CaseP50 }, "", "")
	return markdown(rows)
}

func clientsTitle(n int) string {
	if n == 1 {
		return "1 client"
	}
	return fmt.Sprintf("%d clients", n)
}

func (f Figures) percentiles() string {
	return number(f.P50) + " / " + number(f.P95) + " / " + number(f.P99)
}

// String is the median with its range.
func (s Spread) String() string {
	if s == (Spread{}) {
		return "–"
	}
	return fmt.Sprintf("%s× (%s–%s)", number(s.Median), number(s.Min), number(s.Max))
}

// costs is what a decision and a case take.
func (r Report) costs() string {
	rows := [][]string{
		{"one decision of crmflow on an open case", ""},
		{"transactions until the answer", fmt.Sprint(r.PerDecision.Transactions)},
		{"statements until the answer, sign-in, BEGIN and COMMIT included", fmt.Sprint(r.PerDecision.Statements)},
		{"history events in Temporal, a third of a case's", number(r.PerDecision.HistoryEvents)},
	}
	for _, name := range slices.Sorted(maps.Keys(r.PerDecision.CPUms)) {
		rows = append(rows, []string{"CPU ms, " + name, number(r.PerDecision.CPUms[name])})
	}
	rows = append(rows,
		[]string{"bytes per case, crmflow's tables", number(r.BytesPerCase)},
		[]string{"bytes per case, Temporal's tables", number(r.TemporalBytesPerCase)})
	return markdown(rows)
}

// goalTable says what was held against what.
func goalTable(goals []Goal) string {
	rows := [][]string{{"goal", "", "measured", ""}}
	for _, g := range goals {
		word := "missed"
		if g.Met {
			word = "met"
		}
		rows = append(rows, []string{g.What, g.Goal, number(g.Value), word})
	}
	return markdown(rows)
}

// number writes what a person needs of a figure: three digits or so; a dash for what wasn't measured.
func number(v float64) string {
	switch {
	case v == 0:
		return "–"
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 || v <= -10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// markdown is a table whose first row is its head; columns are aligned for whoever reads it as text.
func markdown(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)), 1)
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-len([]rune(cell))) + " ")
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, w := range widths {
				b.WriteString("|" + strings.Repeat("-", cmp.Or(w, 1)+2))
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}
