package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/store"
)

// InboxReport is what `crmflow bench inbox` found.
type InboxReport struct {
	Machine Machine  `json:"machine"`
	Commit  string   `json:"commit"`
	Open    int      `json:"open"`
	Done    int      `json:"done"`
	People  int      `json:"people"`
	Each    int      `json:"each"`   // how often each was measured
	Bytes   int64    `json:"bytes"`  // of the database
	FillS   float64  `json:"fill_s"` // how long it took to make
	Looks   []Look   `json:"looks"`
	Goals   []Goal   `json:"goals"`
	Verdict string   `json:"verdict"`
	Notes   []string `json:"notes"`
}

// Look is one way to look into a box: how long the first page took.
type Look struct {
	Who   string  `json:"who"`
	Box   string  `json:"box"`
	Query string  `json:"query"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	Goal  float64 `json:"goal_ms"` // at p95
	Met   bool    `json:"met"`
}

func (r *InboxReport) add(who, box, query string, goal float64, laps []time.Duration) {
	l := Look{Who: who, Box: box, Query: query, P50: round(millis(percentile(laps, 50))), P95: round(millis(percentile(laps, 95))), Goal: goal}
	l.Met = len(laps) > 0 && l.P95 <= goal
	r.Looks = append(r.Looks, l)
}

// judge holds the worst look of each goal against it.
func (r *InboxReport) judge() {
	r.Verdict = verdictMet
	for _, goal := range []struct {
		what string
		ms   float64
	}{{"first page and counts, unfiltered and with filters of equality: the worst p95, ms", goalBox}, {"first page of a search for text: the worst p95, ms", goalText}} {
		g := Goal{What: goal.what, Goal: fmt.Sprintf("≤ %g ms", goal.ms), Met: true}
		for _, l := range r.Looks {
			if l.Goal == goal.ms {
				g.Value, g.Met = max(g.Value, l.P95), g.Met && l.Met
			}
		}
		g.Met = g.Met && g.Value > 0
		if !g.Met {
			r.Verdict = verdictMissed
		}
		r.Goals = append(r.Goals, g)
	}
	for _, l := range r.Looks {
		if !l.Met {
			r.Notes = append(r.Notes, fmt.Sprintf("%s, %s, %s: p95 %s ms, more than %g ms", l.Who, l.Box, l.Query, number(l.P95), l.Goal))
		}
	}
}

// Table is the report for a person, in Markdown.
func (r InboxReport) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %s. Commit %s. %d open tasks, %d finished ones, %d people; %s MB, made in %s s. p50 / p95 of %d looks at a first page of %d, ms.\n",
		r.Machine, r.Commit, r.Open, r.Done, r.People, megabytes(r.Bytes), number(r.FillS), r.Each, firstPage)
	for _, looker := range lookers {
		b.WriteString("\n" + r.table(looker.title))
	}
	b.WriteString("\n" + goalTable(r.Goals))
	fmt.Fprintf(&b, "\nVerdict: %s.\n", r.Verdict)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "Note: %s.\n", note)
	}
	return b.String()
}

// table is what one sort of person meets: a line per query, a column per box.
func (r InboxReport) table(who string) string {
	rows := [][]string{append([]string{who}, store.Boxes...)}
	for _, l := range r.Looks {
		if l.Who != who {
			continue
		}
		if last := rows[len(rows)-1]; last[0] != l.Query {
			rows = append(rows, append([]string{l.Query}, make([]string, len(store.Boxes))...))
		}
		column := 1 + max(0, slices.Index(store.Boxes, l.Box)) // counts of all boxes stand in the first
		rows[len(rows)-1][column] = number(l.P50) + " / " + number(l.P95)
	}
	return markdown(rows)
}

// readJSON reads a document to its end.
func readJSON(from io.Reader, into any) error {
	if err := json.NewDecoder(from).Decode(into); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, from)
	return err
}
