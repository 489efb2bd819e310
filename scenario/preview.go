package scenario

import (
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// preview asks the machine who is going to be asked, from what the case is now.
func (e *expectLine) preview(w *world) *failure {
	c := w.caseOf(e.target)
	if c == nil {
		return fail(e.node, "还没有发起任何事项", "no case has begun yet")
	}
	steps, err := process.Preview(w.input(c), process.Event{Kind: process.EventTick, At: w.now})
	if err != nil {
		return fail(e.node, "无法预览：%s", "the preview fails: %s", err.Error())
	}
	instead := previewWords(w, steps)
	steps = slices.DeleteFunc(slices.Clone(steps), func(s process.PreviewStep) bool { return s.Step != e.target.step || !itemIs(s.Item, e.item) })
	if len(steps) == 0 {
		return &failure{e.node, say("预览里应有步骤 %s", "the preview should list %s", e.target.step), instead}
	}
	var wrong process.Text
	if !slices.ContainsFunc(steps, func(s process.PreviewStep) bool { wrong = e.foreseen(w, s); return wrong.Empty() }) {
		return &failure{e.node, wrong, instead}
	}
	return nil
}

// foreseen says what of a previewed step isn't as expected; empty when all is.
func (e *expectLine) foreseen(w *world, s process.PreviewStep) process.Text {
	for _, p := range e.of {
		members := w.company.Members(p)
		if !slices.ContainsFunc(s.Who, func(who process.PreviewPerson) bool { return slices.Contains(members, who.User) }) {
			return say("预览里步骤 %s 应询问 %s", "the preview of %s should name %s", s.Step, principals([]process.Principal{p}))
		}
	}
	why := s.Because
	for _, who := range s.Who {
		why = join(" ", why, who.Because)
	}
	switch {
	case e.because != "" && !contains(why, e.because):
		return say("预览里步骤 %s 的原因应含“%s”", "the preview of %s should say why: %q", s.Step, e.because)
	case e.due != nil && !w.sameMoment(s.DueAt, *e.due):
		return say("预览里步骤 %s 应于 %s 到期", "the preview of %s should be due %s", s.Step, w.written(*e.due))
	}
	return process.Text{}
}

func previewWords(w *world, steps []process.PreviewStep) []process.Text {
	var out []process.Text
	for _, s := range steps {
		name := s.Step
		if s.Item != "" {
			name += "@" + s.Item
		}
		var who []string
		for _, p := range s.Who {
			who = append(who, p.User)
		}
		t := say("%s：%s", "%s: %s", name, strings.Join(who, ", "))
		if !s.Because.Empty() {
			t = join("", t, say("（%s）", " (%s)", s.Because))
		}
		if s.DueAt != nil {
			t = join("", t, say("，%s 到期", ", due %s", w.local(*s.DueAt)))
		}
		out = append(out, t)
	}
	return out
}
