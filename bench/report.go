package bench

import (
	"fmt"
	"slices"
)

// Report is what a run found. Its JSON is that of `crmflow bench --json`.
type Report struct {
	Machine      Machine     `json:"machine"`
	Commit       string      `json:"commit"`
	Rounds       int         `json:"rounds"`
	Clients      []AtClients `json:"clients"`
	PerDecision  PerDecision `json:"per_decision"`
	BytesPerCase float64     `json:"bytes_per_case"` // tables and indexes of crmflow on disk, dead rows included

	TemporalBytesPerCase float64  `json:"temporal_bytes_per_case"` // the same of Temporal, for a case of crmflow
	HistoryEventsPerCase float64  `json:"history_events_per_case"`
	Goals                []Goal   `json:"goals"`
	Verdict              string   `json:"verdict"`
	Notes                []string `json:"notes"`
}

// AtClients is a comparison at one number of clients. Rates and percentiles are medians over the rounds; a ratio is
// taken within a round, then its median and range over the rounds.
type AtClients struct {
	N         int     `json:"n"`
	Floor     Figures `json:"floor"`   // bare Temporal
	Crmflow   Figures `json:"crmflow"` //
	Ratio     Spread  `json:"ratio"`   // decisions on open cases, answered: crmflow to bare Temporal
	HTTPFloor Figures `json:"http_floor"`

	SettledRatio Spread `json:"settled_ratio"` // decisions on open cases, settled, to bare Temporal
	HTTPRatio    Spread `json:"http_ratio"`    // decisions on open cases, answered, to bare PostgreSQL behind HTTP
	CasesRatio   Spread `json:"cases_ratio"`   // whole cases, settled, to bare Temporal
}

// Figures of one side. Settled rates count until nothing was left to do behind the answers.
type Figures struct {
	DecisionsS float64 `json:"decisions_s"` // on cases that stay open
	P50        float64 `json:"p50_ms"`
	P95        float64 `json:"p95_ms"`
	P99        float64 `json:"p99_ms"`

	DecisionsSettledS float64 `json:"decisions_settled_s,omitempty"`
	StartsS           float64 `json:"starts_s,omitempty"`
	StartsSettledS    float64 `json:"starts_settled_s,omitempty"`
	EndsS             float64 `json:"ends_s,omitempty"` // last decisions
	EndsSettledS      float64 `json:"ends_settled_s,omitempty"`
	CasesS            float64 `json:"cases_s,omitempty"` // start and three decisions
	CasesSettledS     float64 `json:"cases_settled_s,omitempty"`
	CaseP50           float64 `json:"case_p50_ms,omitempty"`
}

// Goal is what crmflow is held to.
type Goal struct {
	What  string  `json:"what"`
	Value float64 `json:"value"` // median over the rounds
	Goal  string  `json:"goal"`
	Met   bool    `json:"met"`
}

// The goals, and what a machine must reach to be judged by.
const (
	goalTemporal   = 4.0   // times bare Temporal's decisions on open cases
	goalHTTP       = 0.5   // times bare PostgreSQL's behind HTTP
	goalCases      = 0.8   // times bare Temporal's whole cases
	goalOneClient  = 4.0   // ms, p50 of a decision at one client
	slowestMachine = 150.0 // decisions/s of bare Temporal at judgedClients
	judgedClients  = 16
)

// Verdicts.
const (
	verdictMet    = "every goal met"
	verdictMissed = "a goal was missed"
	verdictSlow   = "too slow, no verdict"
	verdictNone   = "no verdict: the goals are for 1 and 16 clients"
)

// turn is one round at one number of clients.
type turn struct {
	floor, crmflow course
	http           sample
	grown          footprint // by crmflow's cases
	cases          int       // crmflow's
}

// compare makes one comparison of its rounds.
func compare(n int, turns []turn) AtClients {
	return AtClients{
		N:         n,
		Floor:     figures(turns, func(t turn) course { return t.floor }),
		Crmflow:   figures(turns, func(t turn) course { return t.crmflow }),
		HTTPFloor: figures(turns, func(t turn) course { return course{decisions: phase{sample: t.http}} }),
		Ratio:     ratio(turns, func(t turn) (float64, float64) { return t.crmflow.decisions.rate(), t.floor.decisions.rate() }),
		SettledRatio: ratio(turns, func(t turn) (float64, float64) {
			return t.crmflow.decisions.settledRate(), t.floor.decisions.settledRate()
		}),
		HTTPRatio:  ratio(turns, func(t turn) (float64, float64) { return t.crmflow.decisions.rate(), t.http.rate() }),
		CasesRatio: ratio(turns, func(t turn) (float64, float64) { return t.crmflow.whole.settledRate(), t.floor.whole.settledRate() }),
	}
}

// figures are one side's medians over the rounds.
func figures(turns []turn, side func(turn) course) Figures {
	over := func(of func(course) float64) float64 {
		values := make([]float64, len(turns))
		for i, t := range turns {
			values[i] = of(side(t))
		}
		return median(values)
	}
	at := func(p float64) float64 {
		return over(func(c course) float64 { return millis(percentile(c.decisions.laps, p)) })
	}
	return Figures{
		DecisionsS: over(func(c course) float64 { return c.decisions.rate() }), P50: at(50), P95: at(95), P99: at(99),
		DecisionsSettledS: over(func(c course) float64 { return c.decisions.settledRate() }),
		StartsS:           over(func(c course) float64 { return c.starts.rate() }),
		StartsSettledS:    over(func(c course) float64 { return c.starts.settledRate() }),
		EndsS:             over(func(c course) float64 { return c.ends.rate() }),
		EndsSettledS:      over(func(c course) float64 { return c.ends.settledRate() }),
		CasesS:            over(func(c course) float64 { return c.whole.rate() }),
		CasesSettledS:     over(func(c course) float64 { return c.whole.settledRate() }),
		CaseP50:           over(func(c course) float64 { return millis(percentile(c.whole.laps, 50)) }),
	}
}

// ratio divides within each round; rounds without a divisor are left out.
func ratio(turns []turn, of func(turn) (float64, float64)) Spread {
	var values []float64
	for _, t := range turns {
		if above, below := of(t); below > 0 {
			values = append(values, above/below)
		}
	}
	return spread(values)
}

// cpuPerDecision is the median over the rounds of what each part used for a decision, in ms.
func cpuPerDecision(turns []turn) map[string]float64 {
	values := map[string][]float64{}
	for _, t := range turns {
		n := float64(len(t.crmflow.decisions.laps))
		for name, used := range t.crmflow.used {
			if n > 0 {
				values[name] = append(values[name], millis(used)/n)
			}
		}
	}
	out := map[string]float64{}
	for name, of := range values {
		out[name] = median(of)
	}
	return out
}

// bytesPerCase are the medians over the rounds.
func bytesPerCase(turns []turn) (crmflow, temporal float64) {
	var ours, theirs []float64
	for _, t := range turns {
		if t.cases > 0 {
			ours = append(ours, float64(t.grown.crmflow)/float64(t.cases))
			theirs = append(theirs, float64(t.grown.temporal)/float64(t.cases))
		}
	}
	return median(ours), median(theirs)
}

// judge compares the report with the goals.
func (r *Report) judge() {
	many, one := r.at(judgedClients), r.at(1)
	if many == nil || one == nil {
		r.Verdict = verdictNone
		return
	}
	least := func(what string, value, goal float64) Goal {
		return Goal{What: what, Value: value, Goal: fmt.Sprintf("≥ %g×", goal), Met: value >= goal}
	}
	r.Goals = []Goal{
		least("decisions/s on open cases to bare Temporal, 16 clients", many.Ratio.Median, goalTemporal),
		least("decisions/s on open cases to bare PostgreSQL behind HTTP, 16 clients", many.HTTPRatio.Median, goalHTTP),
		least("whole cases/s to bare Temporal, settled, 16 clients", many.CasesRatio.Median, goalCases),
		{What: "p50 of a decision, one client", Value: one.Crmflow.P50, Goal: fmt.Sprintf("≤ %g ms", goalOneClient), Met: one.Crmflow.P50 <= goalOneClient},
	}
	switch {
	case many.Floor.DecisionsS < slowestMachine:
		r.Verdict = verdictSlow
	case slices.ContainsFunc(r.Goals, func(g Goal) bool { return !g.Met }):
		r.Verdict = verdictMissed
	default:
		r.Verdict = verdictMet
	}
}

// at finds the comparison at so many clients.
func (r *Report) at(clients int) *AtClients {
	for i := range r.Clients {
		if r.Clients[i].N == clients {
			return &r.Clients[i]
		}
	}
	return nil
}
