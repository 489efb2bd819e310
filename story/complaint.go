package story

import (
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// complain begins a complaint of a client's.
func (w *world) complain(l *life, c client, by string) error {
	l.owner = c.owner
	return w.start(l, by, engine.StartCommand{Process: "complaint", With: map[string]any{
		"customer": map[string]any{"type": "customer", "id": c.ref.ID}, "product": l.one(products), "defect": l.one(defects), "severity": l.one(severities), "owner": c.owner}})
}

// pastComplaint is a complaint on its way through the departments. Customer service takes some of them in.
func (w *world) pastComplaint(day, minute int) {
	l := w.newLife(day, 40)
	l.habit = w.handles
	l.first("hard", 5) // to please
	c := w.clients[l.rnd.IntN(len(w.clients))]
	by := c.owner
	if l.chance(35) {
		by = l.one([]string{"cao.ming", "tang.xue"})
	}
	w.agenda.add(w.worked(day, minute), func() error { return w.complain(l, c, by) })
}

// handles is what people do about a complaint.
func (w *world) handles(l *life, o engine.OpenView) []move {
	switch o.Step {
	case "register":
		return one(l.today(), engine.ActCommand{Act: process.EventComplete})
	case "inspect":
		return l.inspects(o)
	case "cause":
		return l.finds(o)
	case "confirm":
		if l.first("doubt", 18) {
			return one(l.within(1), engine.ActCommand{Act: process.EventReturn, Items: []string{l.one(l.departments)}, Comment: l.one(doubtful)})
		}
		return one(l.within(1), engine.ActCommand{Act: process.EventApprove})
	}
	outcome := "closed"
	if l.count["hard"] > 0 || l.chance(10) {
		outcome = "not_satisfied"
	}
	return one(l.within(1), complete(outcome, map[string]any{"answer": l.one(answers)}))
}

// claims is the first thing done about a task that several may take.
func (l *life) claims(days int) []move {
	return one(l.within(days)/2, engine.ActCommand{Act: process.EventClaim})
}

func (l *life) inspects(o engine.OpenView) []move {
	if len(o.Who) > 1 {
		return l.claims(2)
	}
	found := l.founded()
	if l.chance(18) {
		found = complete("unfounded", map[string]any{"report": l.report()})
	}
	moves := one(l.minutes(60, workday), found)
	if l.chance(15) {
		moves = append(l.stops("waiting_for_customer", asides), moves...)
	}
	return moves
}

func (l *life) founded() engine.ActCommand {
	return complete("founded", map[string]any{"cause": l.one(causes), "responsible": l.responsible(), "report": l.report()})
}

func (l *life) found() engine.ActCommand {
	return complete("found", map[string]any{"finding": l.one(findings), "measure": l.one(measures)})
}

// stops is a clock that is stopped for a while.
func (l *life) stops(reason string, why []string) []move {
	return []move{
		{after: 10 * time.Minute, act: engine.ActCommand{Act: process.EventStopClock, Reason: reason, Comment: l.one(why)}},
		{after: l.minutes(workday/2, 3*workday), act: engine.ActCommand{Act: process.EventStartClock}},
	}
}

// responsible are the departments that are found to be responsible.
func (l *life) responsible() []any {
	switch r := l.rnd.IntN(100); {
	case r < 35:
		l.departments = []string{"purchasing"}
	case r < 70:
		l.departments = []string{"production"}
	default:
		l.departments = []string{"purchasing", "production"}
	}
	return anys(l.departments)
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func (l *life) finds(o engine.OpenView) []move {
	if len(o.Who) > 1 {
		return l.claims(3)
	}
	if l.first("not ours", 8) {
		return one(l.minutes(60, workday), complete("not_ours", map[string]any{"statement": l.one(statements)}))
	}
	// the test bench is kept by the people of IT
	who := o.Who[0]
	switch {
	case who == "luo.gang" && l.first("bench", 40):
		return one(l.minutes(20, 200), engine.ActCommand{Act: process.EventTransfer, To: "pan.yu", Comment: "请从试验台数据里查原因"})
	case who == "pan.yu" && l.first("server", 40):
		return one(l.minutes(20, 200), engine.ActCommand{Act: process.EventTransfer, To: "deng.rui", Comment: "数据在服务器备份里，需要您的权限"})
	}
	moves := one(l.minutes(workday/2, 2*workday), l.found())
	if o.Item == "purchasing" && l.chance(15) {
		moves = append(l.stops("waiting_for_supplier", suppliers), moves...)
	}
	return moves
}
