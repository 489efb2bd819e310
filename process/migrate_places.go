package process

import "slices"

// places looks at every step where the case stands.
func (j *judge) places() *Refusal {
	for i := range j.m.st.Open {
		if refusal := j.place(&j.m.st.Open[i]); refusal != nil {
			return refusal
		}
	}
	if refusal := j.heldAt(); refusal != nil {
		return refusal
	}
	if len(j.openings) == 0 && j.byHand {
		j.stay("该事项没有停在任何步骤上，无从说明从哪里继续", "the case stands at no step from which one could say where it goes on")
	}
	return nil
}

// place decides what becomes of an open step.
func (j *judge) place(o *Open) *Refusal {
	s := j.old.Step(o.Step)
	p := opening{open: o, scope: o.Scope, to: j.pairs.step(s.ID)}
	why, anew := j.reasonAt(s, &p)
	if why != nil {
		j.because = append(j.because, *why)
	}
	_, holds := s.Do.(group)
	if why != nil || j.byHand && !holds {
		j.needs[s.ID] = j.choices(o.Scope, s)
	}
	return j.decide(s, p, anew)
}

// heldAt decides what becomes of the step that a held case tries again. It isn't open, so nothing but that it is there counts.
func (j *judge) heldAt() *Refusal {
	h := j.m.st.Held
	if h == nil || h.Step == "" {
		return nil
	}
	s := j.old.Step(h.Step)
	p := opening{scope: h.Scope, to: j.pairs.step(s.ID)}
	gone := !j.stands(h.Scope, s, p.to)
	if gone {
		j.because = append(j.because, j.notThere(s))
	}
	if gone || j.byHand {
		j.needs[s.ID] = j.choices(h.Scope, s)
	}
	return j.decide(s, p, gone)
}

// decide follows the mapping where there is one. Without a place to go to the case stays.
func (j *judge) decide(s *Step, p opening, anew bool) *Refusal {
	given := j.m.ev.Map[s.ID]
	switch {
	case given == "":
		if to, needed := j.needs[s.ID]; needed && len(to) == 0 {
			j.stay("新版本中没有可以从“"+s.called().In("zh")+"”接着办的步骤", "the new version has no step where the case could go on from “"+s.called().In("en")+"”")
		}
	case p.to != nil && p.to.ID == given && !anew:
	default:
		scope, ok := j.scopeFor(p.scope, j.next.Step(given))
		if !ok {
			return fieldsRefused(CodeFieldInvalid, []FieldError{{Field: "map." + s.ID, Message: Text{
				ZH: "从“" + s.ID + "”到不了“" + given + "”：只能到同一层或外层的步骤", EN: given + " can't be reached from " + s.ID + ": only a step of the same list or one around it can"}}})
		}
		p.scope, p.step = scope, j.next.Step(given)
		if len(j.because) == 0 {
			j.because = append(j.because, Text{ZH: "“" + s.called().In("zh") + "”按指定换到“" + p.step.called().In("zh") + "”",
				EN: "from “" + s.called().In("en") + "” the case goes to “" + p.step.called().In("en") + "”, as was asked"})
		}
	}
	j.openings = append(j.openings, p)
	return nil
}

// stands says whether a step of the other version stands where one of the case's does.
func (j *judge) stands(scope int, s, to *Step) bool {
	return to != nil && j.next.listWith(to).Path == j.pairs.lists[j.old.listWith(s).Path] && j.runsOn(scope)
}

// runsOn says whether the run of a list, and all around it, goes on in the other version.
func (j *judge) runsOn(scope int) bool { return j.placeStays(scope, nil) }

// placeStays is that, with the scopes that a round has ended.
func (j *judge) placeStays(scope int, ended []Scope) bool {
	find := func(id int) *Scope {
		for i := range ended {
			if ended[i].ID == id {
				return &ended[i]
			}
		}
		for i := range j.m.st.Scopes {
			if j.m.st.Scopes[i].ID == id {
				return &j.m.st.Scopes[i]
			}
		}
		return nil
	}
	for id := scope; id != 0; {
		sc := find(id)
		if sc == nil || j.pairs.lists[sc.List] == "" {
			return false
		}
		if around := find(sc.Parent); around != nil {
			to := j.pairs.step(around.At)
			if to == nil || j.next.listWith(to).Path != j.pairs.lists[around.List] {
				return false
			}
		}
		id = sc.Parent
	}
	return true
}

// scopeFor finds the run of a list, around a scope or that one, in which a step of the other version can be entered.
func (j *judge) scopeFor(scope int, to *Step) (int, bool) {
	for ; scope != 0; scope = j.m.scope(scope).Parent {
		if j.pairs.lists[j.m.scope(scope).List] == j.next.listWith(to).Path && j.runsOn(scope) {
			return scope, true
		}
	}
	return 0, false
}

// choices are the steps of the same kind at which the case may go on, its own first. Revising goes on as revising, and nothing else does.
func (j *judge) choices(scope int, s *Step) []string {
	out := []string{}
	for _, to := range j.next.all() {
		if _, ok := j.scopeFor(scope, to); ok && to.Kind == s.Kind && (to.list == nil) == (s.list == nil) {
			out = append(out, to.ID)
		}
	}
	if own := slices.Index(out, j.pairs.steps[s.ID]); own > 0 {
		out = slices.Insert(slices.Delete(out, own, own+1), 0, j.pairs.steps[s.ID])
	}
	return out
}

func (j *judge) notThere(s *Step) Text {
	title, to := s.called(), j.next.Step(s.ID)
	switch {
	case j.pairs.step(s.ID) != nil:
		return Text{ZH: "正在办的“" + title.In("zh") + "”在新版本中换了位置", EN: "“" + title.In("en") + "”, where the case stands, stands elsewhere in the new version"}
	case to != nil && to.Kind != s.Kind:
		return Text{ZH: "正在办的“" + title.In("zh") + "”在新版本中成了另一种步骤（" + s.Kind + " → " + to.Kind + "）",
			EN: "“" + title.In("en") + "”, where the case stands, is a step of another kind in the new version (" + s.Kind + " → " + to.Kind + ")"}
	}
	return Text{ZH: "新版本没有正在办的“" + title.In("zh") + "”", EN: "the new version doesn't have “" + title.In("en") + "”, where the case stands"}
}

// reasonAt says why an open step can't go on as a matter of course; anew: not without being asked anew.
func (j *judge) reasonAt(s *Step, p *opening) (why *Text, anew bool) {
	o, to := p.open, p.to
	if !j.stands(o.Scope, s, to) {
		gone := j.notThere(s)
		return &gone, true
	}
	title := s.called()
	because := func(zh, en string) *Text {
		return &Text{ZH: "正在办的“" + title.In("zh") + "”" + zh, EN: "“" + title.In("en") + "”, where the case stands, " + en}
	}
	asks := s.Who != nil
	switch {
	case asks && !j.sameSeats(o, s, to):
		return because("改了办理人或办理方式，须重新询问", "asks others, or in another way: it is asked anew"), true
	case o.voted() && doing(s.Form, s.Ways) != doing(to.Form, to.Ways):
		return because("已有人表态，而新版本改了表单或结果，须重新询问", "has been answered by some, and its form or its outcomes differ: it is asked anew"), true
	case doing(s.If) != doing(to.If):
		return because("的条件改了", "is asked under another condition"), false
	case doing(s.Form.May) != doing(to.Form.May):
		return because("允许的操作改了", "lets its people do other things"), false
	case doing(s.Do) != doing(to.Do):
		_, waits := s.Do.(Wait)
		return because("做的事改了", "does something else"), waits
	case !j.timed(p, s):
		return because("的时限改了，不能从它开始时算起：须重新办理、重新计时", "has another limit, which can't be counted from its opening: it is asked anew, and its time begins then"), true
	}
	return nil, false
}

// sameSeats says whether the people of an open step are asked as the other version asks them. How many of those who are asked at once must answer can still
// change while nobody has answered.
func (j *judge) sameSeats(o *Open, s, to *Step) bool {
	if doing(s.Who) == doing(to.Who) {
		return true
	}
	atOnce := []string{ModeFirst, ModeAll, ModeAllOpinions}
	was, is := *s.Who, *to.Who
	was.Mode, is.Mode = "", ""
	return doing(was) == doing(is) && !o.voted() && slices.Contains(atOnce, s.Who.Mode) && slices.Contains(atOnce, to.Who.Mode)
}
