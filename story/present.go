package story

import (
	"fmt"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// scene is something that somebody did, so many working days before today, at a step of a case that is open in the present.
type scene struct {
	day        int
	clock      string
	by         string
	step, item string
	act        engine.ActCommand
}

// present puts down how the open cases came to where they stand: each on a step of its own, so that there is one of everything.
func (w *world) present() error {
	for _, part := range []func() error{w.openLeads, w.openQuotes, w.openComplaints} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// openLife is the life of a case that is open in the present; nothing happens to it but its scenes, and its moments.
func (w *world) openLife(scenes ...scene) *life {
	l := w.newLife(len(w.days), 1)
	l.pace = 1
	for _, s := range scenes {
		w.agenda.add(w.day(s.day, s.clock), func() error { return w.play(l, s) })
	}
	return l
}

func (w *world) play(l *life, s scene) error {
	for _, o := range l.open {
		if o.Step == s.step && o.Item == s.item {
			s.act.Task = o.Task
			if s.by == "" {
				s.by = o.Who[0]
			}
			_, err := w.do(l, move{by: s.by, act: s.act})
			return err
		}
	}
	w.refused = append(w.refused, fmt.Sprintf("%s isn't open at %s on working day -%d", l.id, s.step, s.day))
	return nil
}

func approve() engine.ActCommand { return engine.ActCommand{Act: process.EventApprove} }
func claim() engine.ActCommand   { return engine.ActCommand{Act: process.EventClaim} }

// openLeads: the leads that the company ships with; the first ones are under review, and one of a manager's own is with the general manager.
func (w *world) openLeads() error {
	contact := func(day int) scene { return scene{day, "11:15", "", "first-contact", "", approve()} }
	talked := func(day int, lead definitions.Lead) scene {
		return scene{day, "15:40", "", "negotiate", "", complete("", map[string]any{"need": lead.Need, "products": products[0], "expected_amount": yuan(360_000)})}
	}
	reported := func(day int) scene { return scene{day, "10:05", "", "negotiation-report", "", approve()} }
	agreed := func(day, credit int) scene {
		return scene{day, "16:20", "", "terms", "", complete("", map[string]any{"credit_limit": yuan(credit), "payment_terms": terms[1]})}
	}
	unclear := engine.ActCommand{Act: process.EventReturn, Comment: returnedBecause[0]}
	seal := engine.ActCommand{Act: process.EventAdd, People: []string{"xu.jing"}, Where: "beside", Comment: "合同盖章请行政一并确认"}
	leads := w.cast.Leads
	begun := []struct {
		day    int
		clock  string
		scenes []scene
	}{
		{1, "10:20", nil}, // due today
		{2, "15:10", nil}, // late
		{4, "10:00", []scene{{3, "11:00", "", "first-contact", "", unclear}}}, // returned
		{6, "14:30", []scene{contact(5)}},
		{15, "09:40", []scene{contact(14), talked(1, leads[4])}},
		{20, "09:40", []scene{contact(19), talked(8, leads[5]), reported(7)}},
		{21, "09:40", []scene{contact(20), talked(9, leads[6]), reported(8), agreed(1, 800_000), {1, "17:05", "zhou.min", "cooperation", "", seal}}},
		{18, "13:10", []scene{contact(17)}}, // reminded
		{1, "17:30", nil},
	}
	for i, lead := range leads {
		w.agenda.add(w.day(22, "09:30"), func() error { return w.lead(i, lead) })
		if i >= len(begun) {
			continue
		}
		l := w.openLife(begun[i].scenes...)
		w.agenda.add(w.day(begun[i].day, begun[i].clock), func() error {
			return w.start(l, lead.Owner, engine.StartCommand{Process: "lead-review", Record: &w.leads[i]})
		})
	}
	own := w.openLife() // nobody looked at it in time: it was handed up
	phone := w.phone()
	w.agenda.add(w.day(3, "11:00"), func() error {
		return w.start(own, "chen.jie", engine.StartCommand{Process: "lead-review", With: map[string]any{
			"company": w.firm(own.rnd), "contact": w.person(own.rnd), "phone": phone, "source": "referral", "need": needs[4]}})
	})
	return nil
}

// lead makes one of the leads that the company ships with.
func (w *world) lead(i int, lead definitions.Lead) error {
	made, err := w.engine.CreateRecord(w.ctx, engine.Request{Caller: lead.Owner}, "lead", map[string]any{
		"company": lead.Company, "contact": lead.Contact, "phone": lead.Phone, "source": lead.Source, "need": lead.Need})
	w.leads[i] = process.Reference{Type: made.Type, ID: made.ID}
	return err
}

// openQuotes: one that is still waited for, one to ask about today, one late, one that is thought about, and one that the manager has.
func (w *world) openQuotes() error {
	think := func(day, again int) scene {
		next := w.days[0].AddDate(0, 0, 20)
		if again > 0 {
			next = w.days[again]
		}
		return scene{day, "11:10", "", "ask", "", complete("thinking", map[string]any{"next_on": w.date(next)})}
	}
	for i, q := range []struct {
		day    int
		clock  string
		scenes []scene
	}{
		{1, "14:00", nil}, {3, "14:00", nil}, {4, "10:00", nil},
		{6, "16:00", []scene{think(3, 0)}},
		{9, "10:30", []scene{think(6, 4), think(4, 1), think(1, 0)}},
	} {
		l := w.openLife(q.scenes...)
		c := w.clients[i/2] // two quotes to the same customer, so that the second shows what was offered before
		w.agenda.add(w.day(q.day, "09:15"), func() error { return w.quote(l, c, 60) })
		w.agenda.add(w.day(q.day, q.clock), func() error { return w.send(l) })
	}
	return nil
}

// openComplaints: one at each step; in one both departments look for the cause, in two a clock stands still, and one was sent back.
func (w *world) openComplaints() error {
	record := func(day int) scene {
		return scene{day, "10:20", "", "register", "", engine.ActCommand{Act: process.EventComplete}}
	}
	take := func(day int, step, item, by string) scene { return scene{day, "10:40", by, step, item, claim()} }
	stop := func(day int, step, item, reason, why string) scene {
		return scene{day, "11:00", "", step, item, engine.ActCommand{Act: process.EventStopClock, Reason: reason, Comment: why}}
	}
	names := &life{rnd: w.rnd}
	both := func(day int, departments ...string) scene {
		found := names.founded()
		found.Fields["responsible"] = anys(departments)
		return scene{day, "17:00", "", "inspect", "", found}
	}
	cause := func(day int, clock, item string) scene { return scene{day, clock, "", "cause", item, names.found()} }
	hand := func(day int, clock, item, to, why string) scene {
		return scene{day, clock, "", "cause", item, engine.ActCommand{Act: process.EventTransfer, To: to, Comment: why}}
	}
	const buys, makes = "purchasing", "production"
	back := engine.ActCommand{Act: process.EventReturn, Items: []string{buys}, Comment: doubtful[2]}
	unfounded := complete("unfounded", map[string]any{"report": names.report()})
	for i, c := range []struct {
		day    int
		clock  string
		by     string // empty: the customer's owner
		scenes []scene
	}{
		{1, "18:20", "cao.ming", nil},
		{1, "09:30", "", []scene{record(1)}}, // nobody has claimed it
		{4, "09:30", "tang.xue", []scene{record(4), take(3, "inspect", "", "qian.wei"), stop(3, "inspect", "", "waiting_for_customer", asides[0])}},
		{4, "09:30", "", []scene{record(4), take(3, "inspect", "", "feng.lei"), both(2, buys, makes),
			take(1, "cause", makes, "luo.gang"), hand(1, "11:30", makes, "pan.yu", "请从试验台数据里查原因")}},
		{5, "09:30", "cao.ming", []scene{record(5), take(4, "inspect", "", "qian.wei"), both(4, buys, makes),
			take(3, "cause", buys, "zhu.lin"), cause(2, "15:00", buys),
			take(2, "cause", makes, "guo.yong"), hand(2, "11:30", makes, "deng.rui", "数据在服务器备份里，需要您的权限"), cause(1, "16:00", makes)}},
		{3, "09:30", "", []scene{record(3), take(2, "inspect", "", "feng.lei"), {1, "15:10", "", "inspect", "", unfounded}}},
		{6, "09:30", "", []scene{record(6), take(5, "inspect", "", "feng.lei"), both(5, buys, makes), take(4, "cause", buys, "zhu.lin"), cause(3, "11:00", buys),
			take(4, "cause", makes, "guo.yong"), cause(3, "16:00", makes), {2, "11:00", "", "confirm", "", back}}},
		{7, "09:30", "", []scene{record(7), take(6, "inspect", "", "qian.wei"), both(6, buys), take(5, "cause", buys, "ma.xiao"),
			stop(5, "cause", buys, "waiting_for_supplier", suppliers[1])}},
	} {
		l := w.openLife(c.scenes...)
		whose := w.clients[3+i]
		w.agenda.add(w.day(c.day, c.clock), func() error {
			by := c.by
			if by == "" {
				by = whose.owner
			}
			return w.complain(l, whose, by)
		})
	}
	return nil
}
