package scenario

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// play begins the case: by a person who presses the button, or, without one, as an event or a rhythm does.
func (s *startLine) play(w *world) *failure {
	w.happens()
	p := w.scenario.process
	pressed := s.by != "" && s.event == "" && (len(p.Start.By) > 0 || len(p.Start.On) == 0)
	if !pressed {
		r, refused := w.startRecord(s)
		if refused != nil {
			w.refusal = &refusal{s.node, refused}
			return nil
		}
		if p.OneOpenPerRecord && w.openOn(p, r) {
			w.refusal = &refusal{s.node, alreadyOpen()}
			return nil
		}
		if f := w.beginByEvent(s.node, r, s.event); f != nil {
			return f
		}
		return w.settle(s.node)
	}
	known := len(w.records)
	c, refused := w.press(s)
	if refused == nil {
		var f *failure
		if refused, f = w.event(s.node, c, process.Event{Kind: process.EventStart, By: s.by, Admin: w.company.administrator(s.by), Picks: s.picks}); f != nil {
			return f
		}
	}
	if refused != nil {
		w.records = w.records[:known]
		w.refusal = &refusal{s.node, refused}
		return nil
	}
	w.began(c)
	return w.settle(s.node)
}

func (w *world) began(c *running) {
	w.cases = append(w.cases, c)
	if c.parent == nil {
		w.main, w.record = c, c.record
	}
}

// press is somebody who starts the process by its button.
func (w *world) press(s *startLine) (*running, *process.Refusal) {
	p := w.scenario.process
	if !w.mayStart(p, s.by) {
		return nil, process.Refuse(process.CodeForbidden, s.by+" 不能发起“"+p.Title.In("zh")+"”", s.by+" may not start "+p.Title.In("en"))
	}
	r, refused := w.startRecord(s)
	if refused != nil {
		return nil, refused
	}
	for _, e := range p.Start.Form {
		if e.Required && empty(r.Fields[e.Field]) {
			return nil, process.Refuse(process.CodeFieldRequired, "请填写："+e.Field, "please fill in: "+e.Field)
		}
	}
	if p.OneOpenPerRecord && w.openOn(p, r) {
		return nil, alreadyOpen()
	}
	return w.open(p, r, s.by), nil
}

func alreadyOpen() *process.Refusal {
	return process.Refuse(process.CodeAlreadyOpen, "此记录已有一个进行中的事项", "a case is open on this record already")
}

func empty(v any) bool { return v == nil || same(v, nil) || v == "" }

// mayStart says whether somebody is one of those who may start a process; where it names nobody, an administrator.
func (w *world) mayStart(p *process.Process, by string) bool {
	if someone, ok := w.company.Person(by); !ok || !someone.Active {
		return false
	}
	if len(p.Start.By) == 0 {
		return w.company.administrator(by)
	}
	return slices.ContainsFunc(p.Start.By, func(who process.Principal) bool { return slices.Contains(w.company.Members(who), by) })
}

// startRecord is what the case is about: a new record where fields are given, else the one that is there.
func (w *world) startRecord(s *startLine) (*record, *process.Refusal) {
	if s.with == nil && w.record != nil {
		return w.record, nil
	}
	return w.newRecord(w.scenario.process.Type, s.by, s.pairs)
}

// newRecord makes a record as somebody makes one by hand.
func (w *world) newRecord(t *process.RecordType, creator string, pairs []pair) (*record, *process.Refusal) {
	fields, refused := w.fieldsFrom(t.Field, pairs)
	if refused != nil {
		return nil, refused
	}
	defaults := t.Defaults(creator, w.today())
	if refused := protected(t, fields, defaults); refused != nil {
		return nil, refused
	}
	fields = defaults.With(fields)
	if missing := t.Missing(fields); len(missing) > 0 {
		return nil, &process.Refusal{Code: process.CodeFieldRequired, Message: missing[0].Message, Fields: missing}
	}
	if why := w.taken(t, nil, fields); why != nil {
		return nil, process.Refuse(process.CodeFieldInvalid, why.ZH, why.EN)
	}
	return w.add(t, fields), nil
}

// beginByEvent starts the scenario's process on a record without anybody pressing a button.
func (w *world) beginByEvent(n *node, r *record, name string) *failure {
	p := w.scenario.process
	c := w.open(p, r, "")
	refused, f := w.event(n, c, process.Event{Kind: process.EventStart, Name: name})
	if f != nil {
		return f
	}
	if refused != nil {
		w.refusal = &refusal{n, refused}
		return nil
	}
	w.began(c)
	return nil
}

// play lets an event happen: to the cases about the record, and to the chain that starts by it.
func (e *eventLine) play(w *world) *failure {
	w.happens()
	r := w.record
	if e.record != "" {
		if r = w.called("", e.record); r == nil {
			return fail(e.node, "没有叫 %s 的记录", "there is no record %s", e.record)
		}
	}
	starts := slices.Contains(w.scenario.process.Start.On, e.name)
	switch {
	case starts && e.with != nil:
		var refused *process.Refusal
		if r, refused = w.newRecord(w.scenario.process.Type, "", e.pairs); refused != nil {
			w.refusal = &refusal{e.node, refused}
			return nil
		}
	case e.with != nil:
		return fail(e.node, "这个事件不发起流程，它带的字段没有去处；改记录请用 change", "the event starts no case, so its fields go nowhere; a record is changed by `change`")
	case r == nil:
		return fail(e.node, "还没有记录，事件无从谈起", "there is no record yet that the event could be about")
	}
	w.happened(nil, r, e.name)
	return w.settle(e.node)
}

// call starts a sub-case: about the record of its caller where it is of the same type and nothing is filled in, else about a new one.
func (w *world) call(n *node, parent *running, e process.CallCase) {
	p := w.setting.Processes[e.Process]
	w.pending = append(w.pending, occasion{begin: func() *failure {
		if p == nil {
			return fail(n, "没有流程 %s", "there is no process %s", e.Process)
		}
		r := parent.record
		if p.Type.ID != r.Type || e.With != nil {
			r = w.add(p.Type, p.Type.Defaults(parent.state.Initiator, w.today()).With(e.With))
		}
		c := w.open(p, r, parent.state.Initiator)
		c.parent, c.call, c.waited = parent, e.Call, e.Wait
		w.began(c)
		refused, f := w.event(n, c, process.Event{Kind: process.EventStart, By: parent.state.Initiator})
		if refused != nil {
			f = fail(n, "子流程 %s 无法发起：%s", "the sub-case of %s can't start: %s", p.ID, refused.Message)
		}
		return f
	}})
}

// endCall ends a sub-case, or forgets a request, that nobody waits for any more.
func (w *world) endCall(parent *running, e process.EndCall) {
	w.requests = slices.DeleteFunc(w.requests, func(r *request) bool { return r.of == parent && r.call.Call == e.Call })
	for _, c := range w.cases {
		if c.parent == parent && c.call == e.Call && c.state.Status != process.Ended {
			c.waited = false
			w.pending = append(w.pending, occasion{of: c, event: process.Event{Kind: process.EventLeft, Outcome: e.Outcome}})
		}
	}
}
