package story

import (
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// trade takes over the customers that were there before.
func (w *world) trade() error {
	w.now = w.worked(len(w.days)-1, 5)
	for i := range customers {
		owner := w.sellers[i%len(w.sellers)]
		phone := w.phone()
		made, err := w.engine.CreateRecord(w.ctx, engine.Request{Caller: w.admin, Admin: true}, "customer", map[string]any{
			"company": w.firm(w.rnd), "contact": w.person(w.rnd), "phone": phone, "region": regions[w.rnd.IntN(len(regions))],
			"industry": industries[w.rnd.IntN(len(industries))], "level": levels[w.rnd.IntN(len(levels))], "payment_terms": terms[w.rnd.IntN(len(terms))], "owner": owner,
		})
		if err != nil {
			return err
		}
		w.clients = append(w.clients, client{process.Reference{Type: made.Type, ID: made.ID}, owner})
	}
	return nil
}

// past puts the beginnings of the finished cases down, evenly over the months; the last of them a few days ago.
func (w *world) past() error {
	w.each(leadLives, 9, w.pastLead)
	w.each(quoteLives, 10, w.pastQuote)
	w.each(complaintLives, 9, w.pastComplaint)
	w.agenda.add(w.worked(2, 470), w.readMessages)
	return nil
}

// each puts down n beginnings, the last of them on a working day before today's.
func (w *world) each(n, last int, begin func(day, minute int)) {
	first := len(w.days) - 2
	for i := range n {
		begin(first-(first-last)*i/(n-1), 10+w.rnd.IntN(400))
	}
}

// readMessages lets everybody read what they were told so far: what is unread in the present is new.
func (w *world) readMessages() error {
	for _, u := range w.cast.Company.Users {
		if err := w.db.ReadMessages(w.ctx, u.ID, nil, w.now); err != nil {
			return err
		}
	}
	return nil
}

// pastLead is a lead on its way through the three gates.
func (w *world) pastLead(day, minute int) {
	l := w.newLife(day, 60)
	l.habit, l.owner = w.reviews, l.one(w.sellers)
	w.agenda.add(w.worked(day, minute), func() error {
		phone := w.phone()
		return w.start(l, l.owner, engine.StartCommand{Process: "lead-review", With: map[string]any{
			"company": w.firm(l.rnd), "contact": w.person(l.rnd), "phone": phone, "source": l.one(sources), "need": l.one(needs)}})
	})
}

// reviews is what people do about a lead.
func (w *world) reviews(l *life, o engine.OpenView) []move {
	switch o.Step {
	case "first-contact":
		return l.gate("first-contact", 1, 14, 9)
	case "resubmit":
		return one(l.within(4), engine.ActCommand{Act: process.EventComplete, Fields: map[string]any{"need": l.one(needs)}})
	case "negotiate":
		if l.first("gave up", 8) {
			return []move{{after: l.minutes(workday, 8*workday), withdraw: true, act: engine.ActCommand{Comment: l.one(gaveUp)}}}
		}
		long := l.minutes(2*workday, 15*workday)
		if l.chance(4) {
			long = time.Duration(21*workday) * time.Minute
		}
		return one(long, engine.ActCommand{Act: process.EventComplete, Fields: map[string]any{
			"need": l.one(needs), "products": l.one(products), "expected_amount": yuan((10 + l.rnd.IntN(200)) * 10_000)}})
	case "negotiation-report":
		return l.gate("negotiation-report", 1, 10, 5)
	case "terms":
		return one(l.minutes(workday/2, 8*workday), engine.ActCommand{Act: process.EventComplete, Fields: map[string]any{
			"credit_limit": yuan((1 + l.rnd.IntN(9)) * 100_000), "payment_terms": l.one(terms)}})
	}
	moves := l.gate("cooperation", 2, 6, 4)
	if o.Who[0] == "zhou.min" && l.first("seal", 12) {
		ask := engine.ActCommand{Act: process.EventAdd, People: []string{"xu.jing"}, Where: "beside", Comment: "合同盖章请行政一并确认"}
		moves = append([]move{{after: moves[0].after / 2, act: ask}}, moves...)
	}
	return moves
}

func one(after time.Duration, act engine.ActCommand) []move { return []move{{after: after, act: act}} }

// gate is an approval with a limit of so many working days, and how many in a hundred are returned, once, and rejected.
func (l *life) gate(step string, days, returned, rejected int) []move {
	after := l.within(days)
	switch {
	case l.first(step+" returned", returned):
		return one(after, engine.ActCommand{Act: process.EventReturn, Comment: l.one(returnedBecause)})
	case l.chance(rejected):
		return one(after, engine.ActCommand{Act: process.EventReject, Comment: l.one(rejectedBecause)})
	}
	return one(after, engine.ActCommand{Act: process.EventApprove, Comment: l.one(agreed)})
}
