package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// TimersReport is what `crmflow bench timers` found. Figures are medians over the rounds; a ratio is taken within a round.
type TimersReport struct {
	Machine    Machine  `json:"machine"`
	Commit     string   `json:"commit"`
	Rounds     int      `json:"rounds"`
	Clocks     int      `json:"clocks"`      // due in one second
	DecisionsS float64  `json:"decisions_s"` // asked for meanwhile: half of what the machine has room for
	Floor      Lateness `json:"floor"`       // bare Temporal
	Crmflow    Lateness `json:"crmflow"`
	Ratio      struct {
		P50 Spread `json:"p50"`
		P95 Spread `json:"p95"`
		Max Spread `json:"max"`
	} `json:"ratio"` // of the lateness, crmflow to bare Temporal
	Goals   []Goal   `json:"goals"`
	Verdict string   `json:"verdict"`
	Notes   []string `json:"notes"`
}

// Lateness is how long after their moment the clocks of one side took effect, and what the decisions took meanwhile.
type Lateness struct {
	P50          float64 `json:"p50_ms"`
	P95          float64 `json:"p95_ms"`
	Max          float64 `json:"max_ms"`
	DecisionsP50 float64 `json:"decisions_p50_ms"`
	DecisionsP95 float64 `json:"decisions_p95_ms"`
	Decisions    int     `json:"decisions"` // over all rounds
	Lost         int     `json:"lost"`      // these three over all rounds
	Doubled      int     `json:"doubled"`
	Early        int     `json:"early"`
}

const (
	goalLateness  = 1.5   // times bare Temporal's, at p95
	goalMeanwhile = 300.0 // ms, p95 of decisions while crmflow's storm is on
)

// sumUp makes the report of all rounds.
func (r *TimersReport) sumUp(rounds []stormRound) {
	r.Floor = lateness(rounds, func(s stormRound) rush { return s.floor })
	r.Crmflow = lateness(rounds, func(s stormRound) rush { return s.crmflow })
	r.Ratio.P50, r.Ratio.P95, r.Ratio.Max = lateRatio(rounds, 50), lateRatio(rounds, 95), lateRatio(rounds, 100)
	wrong := r.Crmflow.Lost + r.Crmflow.Doubled + r.Crmflow.Early
	r.Goals = []Goal{
		{What: "p95 of the lateness to bare Temporal's", Value: r.Ratio.P95.Median, Goal: fmt.Sprintf("≤ %g×", goalLateness), Met: r.Ratio.P95.Median <= goalLateness && len(rounds) > 0},
		{What: "p95 of decisions meanwhile, ms", Value: r.Crmflow.DecisionsP95, Goal: fmt.Sprintf("< %g ms", goalMeanwhile), Met: r.Crmflow.DecisionsP95 < goalMeanwhile && r.Crmflow.Decisions > 0},
		{What: "clocks lost, doubled or early", Value: float64(wrong), Goal: "0", Met: wrong == 0},
	}
	r.Verdict = verdictMet
	if slices.ContainsFunc(r.Goals, func(g Goal) bool { return !g.Met }) {
		r.Verdict = verdictMissed
	}
}

// lateness are one side's figures.
func lateness(rounds []stormRound, side func(stormRound) rush) Lateness {
	var l Lateness
	over := func(of func(rush) []time.Duration, p float64) float64 {
		values := make([]float64, len(rounds))
		for i, s := range rounds {
			values[i] = millis(percentile(of(side(s)), p))
		}
		return median(values)
	}
	late := func(r rush) []time.Duration { return r.lateness }
	decided := func(r rush) []time.Duration { return r.decisions }
	l.P50, l.P95, l.Max = over(late, 50), over(late, 95), over(late, 100)
	l.DecisionsP50, l.DecisionsP95 = over(decided, 50), over(decided, 95)
	for _, s := range rounds {
		r := side(s)
		l.Decisions += len(r.decisions)
		l.Lost, l.Doubled, l.Early = l.Lost+r.lost, l.Doubled+r.doubled, l.Early+r.early
	}
	return l
}

// lateRatio compares a percentile within each round.
func lateRatio(rounds []stormRound, p float64) Spread {
	var values []float64
	for _, s := range rounds {
		if below := percentile(s.floor.lateness, p); below > 0 {
			values = append(values, millis(percentile(s.crmflow.lateness, p))/millis(below))
		}
	}
	return spread(values)
}

// Table is the report for a person, in Markdown.
func (r TimersReport) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %s. Commit %s. Rounds: %d. %d clocks due in one second, %s decisions/s meanwhile.\n\n", r.Machine, r.Commit, r.Rounds, r.Clocks, number(r.DecisionsS))
	rows := [][]string{{"", "bare Temporal", "crmflow", "ratio"}}
	row := func(name string, of func(Lateness) float64, ratio string) {
		rows = append(rows, []string{name, number(of(r.Floor)), number(of(r.Crmflow)), ratio})
	}
	row("late, p50 ms", func(l Lateness) float64 { return l.P50 }, r.Ratio.P50.String())
	row("late, p95 ms", func(l Lateness) float64 { return l.P95 }, r.Ratio.P95.String())
	row("late, max ms", func(l Lateness) float64 { return l.Max }, r.Ratio.Max.String())
	row("decisions meanwhile, p50 ms", func(l Lateness) float64 { return l.DecisionsP50 }, "")
	row("decisions meanwhile, p95 ms", func(l Lateness) float64 { return l.DecisionsP95 }, "")
	rows = append(rows, []string{"lost / doubled / early", r.Floor.wrong(), r.Crmflow.wrong(), ""})
	b.WriteString(markdown(rows))
	b.WriteString("\n" + goalTable(r.Goals))
	fmt.Fprintf(&b, "\nVerdict: %s.\n", r.Verdict)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "Note: %s.\n", note)
	}
	return b.String()
}

func (l Lateness) wrong() string { return fmt.Sprintf("%d / %d / %d", l.Lost, l.Doubled, l.Early) }
