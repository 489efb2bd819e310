package process

import (
	"net/url"
	"strings"
)

func (k Request) enter(m *machine, scope int, s *Step) {
	if m.broken(scope, s) {
		return
	}
	body := map[string]any{}
	for _, a := range k.Body {
		v, ok := m.value(scope, s, a.Value)
		if !ok {
			return
		}
		body[a.Field] = v
	}
	call := m.newCall()
	m.effect(CallSystem{Call: call, To: k.To, Method: k.Method, Path: k.Path.path(m.env(scope)), Body: body, Step: s.ID})
	m.wait(scope, s, Open{Call: call}, map[string]any{"system": k.To, "call": call})
}

// path fills in a path. What is filled in stays one piece of it, or one value of its query, whatever it holds.
func (t *Template) path(env Env) string {
	env.ids = true
	var b strings.Builder
	query := false
	for _, p := range t.parts {
		if p.show == nil {
			b.WriteString(p.text)
			query = query || strings.Contains(p.text, "?")
			continue
		}
		if query {
			b.WriteString(url.QueryEscape(p.show(env, "en")))
			continue
		}
		b.WriteString(strings.ReplaceAll(url.PathEscape(p.show(env, "en")), "..", "%2E%2E"))
	}
	return b.String()
}

// answered goes on after a system has answered, or hasn't. Nobody waits any more for an answer to a step that was left.
func (m *machine) answered() *Refusal {
	o := m.openCall()
	if o == nil {
		m.unattended()
		return nil
	}
	s := m.p.Step(o.Step)
	k, ok := s.Do.(Request)
	if !ok {
		return nil
	}
	if !m.ev.Failed.Empty() {
		m.requestFailed(o, s, k, m.ev.Failed)
		return nil
	}
	got, wrong := k.take(m.p, s, m.ev.Answer)
	if wrong != nil {
		m.requestFailed(o, s, k, *wrong)
		return nil
	}
	m.log(Entry{Event: "answered", Step: s.ID, Item: o.Item, Data: m.tries(map[string]any{"system": k.To, "fields": sortedKeys(got)})})
	for _, name := range sortedKeys(got) {
		m.put(s, o.Item, name, got[name])
	}
	m.closeOpen(o, Done)
	return nil
}

// unattended hears what became of a request that nobody waits for: one that an undo made. That it failed is told.
func (m *machine) unattended() {
	s := m.p.Step(m.ev.Step)
	if s == nil || m.ev.Failed.Empty() {
		return
	}
	if _, ok := s.Do.(Request); ok {
		m.undoFailed(s, m.ev.Failed)
	}
}

// tries adds how often a system was called.
func (m *machine) tries(data map[string]any) map[string]any {
	if m.ev.Tries > 0 {
		data["attempts"] = m.ev.Tries
	}
	return data
}

// take reads the fields of `into` out of an answer. Nothing is taken from an answer that lacks one, or whose value doesn't fit.
func (k Request) take(p *Process, s *Step, answer any) (Fields, *Text) {
	got := Fields{}
	for _, in := range k.Into {
		v, ok := within(answer, in.From)
		if !ok {
			return nil, &Text{ZH: "回答中没有 " + in.From, EN: "the answer has no " + in.From}
		}
		value, wrong := p.FormField(s, in.Field).decode(v, true)
		if len(wrong) > 0 {
			return nil, &Text{ZH: "回答中的 " + in.From + "：" + wrong[0].Message.In("zh"), EN: "the answer's " + in.From + ": " + wrong[0].Message.In("en")}
		}
		got[in.Field] = value
	}
	return got, nil
}

// within finds `body.customer.no` in an answer.
func within(answer any, path string) (any, bool) {
	for _, key := range strings.Split(path, ".")[1:] {
		m, _ := answer.(map[string]any)
		v, ok := m[key]
		if !ok {
			return nil, false
		}
		answer = v
	}
	return answer, true
}

// requestFailed goes the way for failures. Where there is none the case is held: resumed, it asks again.
func (m *machine) requestFailed(o *Open, s *Step, k Request, why Text) {
	m.log(Entry{Event: "failed", Step: s.ID, Item: o.Item, Reason: why.EN, Data: m.tries(map[string]any{"zh": why.ZH, "system": k.To})})
	scope := o.Scope
	m.dropOpen(o)
	if k.Failed == nil || k.Failed.Hold {
		m.hold(scope, s, Text{ZH: "系统 " + k.To + " 没有给出可用的回答：" + why.In("zh"), EN: "the system " + k.To + " gave no usable answer: " + why.In("en")})
		return
	}
	m.mark(scope, s, "done")
	m.follow(scope, s, k.Failed, "failed")
}
