package process

import (
	"strings"
	"unicode"
)

func (Approve) say(t *teller, s *Step) []string { return t.asked(s) }

func (Work) say(t *teller, s *Step) []string { return t.asked(s) }

// asked says everything about a step that asks people.
func (t *teller) asked(s *Step) []string {
	out := t.asks(s)
	out = append(out, t.form(s)...)
	out = append(out, t.times(s)...)
	out = append(out, t.ways(s)...)
	return append(out, t.mayDo(s)...)
}

func (k Notify) say(t *teller, s *Step) []string {
	text := t.s("“%s”", "“%s”", s.Title)
	if k.Message != nil {
		text = t.s("“%s”", "“%s”", k.Message.Written())
	}
	return append([]string{upper(t.s("告诉%[1]s：%[3]s。不等回答。", "%[1]s %[2]s told %[3]s. Nobody need answer.", t.all(t.told(s, k.To)), are(k.To), text))}, t.then(s)...)
}

func (k End) say(t *teller, _ *Step) []string {
	return []string{t.s("%s；还没办完的任务一律取消。", "%s; whatever is still open is closed.", upper(t.ended(k.Outcome)))}
}

func (k Set) say(t *teller, s *Step) []string {
	return append([]string{t.s("系统%s。", "The system changes the record: %s.", t.assigns(k.Fields))}, t.then(s)...)
}

func (k Create) say(t *teller, s *Step) []string {
	title, of := Same(k.Type), t.p.Types[k.Type]
	if of != nil {
		title = of.Title
	}
	var fields []string
	for _, a := range k.Fields {
		name, field := Same(a.Field), (*Field)(nil)
		if of != nil && of.Field(a.Field) != nil {
			field = of.Field(a.Field)
			name = field.Label()
		}
		fields = append(fields, t.s("%s = %s", "%s = %s", name, t.value(field, a.Value)))
	}
	return append([]string{t.s("系统新建一条“%s”：%s。建不了时（例如编号重复）流程停住，由管理员处理。", "The system makes a record of the type “%s”: %s. If it can’t be made, such as for a number that is taken, the case is held for an administrator.",
		title, t.join(fields, "、", ", "))}, t.then(s)...)
}

func (k Decide) say(t *teller, s *Step) []string {
	out := []string{}
	if k.Table != nil {
		var names []string
		for _, o := range k.Table.Outputs {
			names = append(names, "decided."+o.Name)
		}
		hit := t.s("正好一行适用", "exactly one row applies")
		if k.Table.Hit == "first" {
			hit = t.s("第一个适用的行算数", "the first row that applies counts")
		}
		out = append(out, t.s("系统查决策表“%s”（%s），得出 %s。", "The system asks the decision table “%s” (%s), which gives %s.", orID(k.Table.Title, k.Table.ID), hit, t.all(names)))
	}
	return append(out, t.then(s)...)
}

func orID(title Text, id string) Text {
	if title.Empty() {
		return Same(id)
	}
	return title
}

func (k Wait) say(t *teller, s *Step) []string {
	var out []string
	switch {
	case k.On != "":
		out = append(out, t.s("等到发生 %s 才继续。", "It waits until %s happens.", k.On))
		if k.Within != nil {
			out = append(out, t.s("应在 %s之内发生%s；过了也继续等，但：", "It should happen within %s%s; after that it still waits, but:", k.Within.Say(t.lang), t.counted(*k.Within)))
			out = append(out, t.ladder(s, s.Time.Late)...)
		}
	case k.Until != nil:
		out = append(out, t.s("等到%s（日期算当天开始；已经过了就不等，没有填就停住由管理员处理）。", "It waits until %s (a date: its start; not at all when that is past; while it is empty the case is held for an administrator).", t.valueOf(k.Until)))
	case k.Limit != nil && k.Limit.IsSpan():
		out = append(out, t.s("等 %s%s。", "It waits %s%s.", k.Limit.Say(t.lang), t.counted(*k.Limit)))
	case k.Limit != nil:
		out = append(out, t.s("等到%s。", "It waits until %s.", k.Limit.Say(t.lang)))
	}
	out = append(out, t.s("期间没有人的任务。", "Nobody has a task meanwhile."))
	for _, name := range outcomesOf(s) {
		out = append(out, t.s("结果是“%s”：%s。", "If it ends as %s: %s.", t.outcome(name), t.way(s, s.Ways[name], name)))
	}
	return append(out, t.then(s)...)
}

func (k Choose) say(t *teller, s *Step) []string {
	out := []string{t.s("按顺序看条件，走第一个成立的分支：", "The conditions are looked at in order, and the first branch whose condition holds is taken:")}
	otherwise := false
	for _, b := range k.Branches {
		otherwise = otherwise || b.Otherwise
		when := t.s("其他情况", "Otherwise")
		if b.When != nil && !b.Otherwise {
			when = t.s("%s 成立", "If %s", t.worded(b.When))
		}
		out = append(out, t.s("%s：%s。", "%s: %s.", when, t.branch(b)))
	}
	if !otherwise {
		out = append(out, t.s("没有一个成立时，流程停住，由管理员处理。", "If none holds, the case is held for an administrator."))
	}
	return append(out, t.then(s)...)
}

func (t *teller) branch(b Branch) string {
	if b.Steps == nil || len(b.Steps.Steps) == 0 {
		return t.s("什么也不做", "nothing is done")
	}
	first := t.letter[b.Steps] + ".1"
	last := t.number[b.Steps.Steps[len(b.Steps.Steps)-1]]
	if first == last {
		return t.s("第 %s 步", "step %s", first)
	}
	return t.s("第 %s 到 %s 步", "steps %s to %s", first, last)
}

func (k Parallel) say(t *teller, s *Step) []string {
	out := []string{t.s("同时走 %d 个分支：", "%d branches run at the same time:", len(k.Branches))}
	for _, b := range k.Branches {
		out = append(out, t.s("“%s”：%s。", "“%s”: %s.", orID(b.Title, b.ID), t.branch(b)))
	}
	if k.Join == JoinFirst {
		out = append(out, t.s("最先走完的一支使其他分支结束，流程往下走。", "The first branch that is done ends the others, and the chain goes on."))
	} else {
		out = append(out, t.s("所有分支都走完才往下走。", "The chain goes on once all branches are done."))
	}
	return append(out, t.then(s)...)
}

func (k Each) say(t *teller, s *Step) []string {
	out := []string{t.s("对%s里的每一项同时办一遍%s（$%s 是该项）；各项都办完才往下走，列表为空就跳过。", "For every item of %s, at the same time, %s ($%s is the item); the chain goes on once all are done, and passes it over when the list is empty.",
		t.valueOf(k.Over), t.branch(Branch{Steps: k.Steps}), k.As)}
	if k.Into != "" {
		out = append(out, t.s("里面填写的字段记在“%s”中属于该项的那一行。", "What is filled in inside goes into the line of “%s” that belongs to the item.", t.field(s, k.Into)))
	}
	return append(out, t.then(s)...)
}

func (k Stage) say(t *teller, s *Step) []string {
	out := []string{t.s("阶段里有%s。", "The stage holds %s.", t.branch(Branch{Steps: k.Steps}))}
	if s.Time.Due != nil {
		out = append(out, t.times(s)...)
	}
	return append(out, t.then(s)...)
}

func (k Call) say(t *teller, s *Step) []string {
	out := []string{t.s("系统发起流程 %s 作为子流程%s。", "The system starts the process %s as a sub-case%s.", k.Process, t.with(k.With))}
	if !k.Wait {
		return append(append(out, t.s("不等它结束。", "It isn’t waited for.")), t.then(s)...)
	}
	out = append(out, t.s("等它结束再继续。", "The chain waits for its end."))
	for _, name := range outcomesOf(s) {
		out = append(out, t.s("子流程的结果是“%s”：%s。", "If it ends as %s: %s.", t.outcome(name), t.way(s, s.Ways[name], name)))
	}
	return append(out, t.then(s)...)
}

func (t *teller) with(list []Assign) string {
	if len(list) == 0 {
		return ""
	}
	var out []string
	for _, a := range list {
		out = append(out, a.Field+" = "+t.value(nil, a.Value))
	}
	return t.s("，带上 %s", " with %s", strings.Join(out, t.s("、", ", ")))
}

func (k Request) say(t *teller, s *Step) []string {
	path := ""
	if k.Path != nil {
		path = k.Path.Source
	}
	out := []string{t.s("系统调用 %s：%s %s%s，等它回答。", "The system calls %s: %s %s%s, and waits for the answer.", k.To, strings.ToUpper(k.Method), path, t.with(k.Body))}
	for _, into := range k.Into {
		out = append(out, t.s("把回答里的 %s 写入%s。", "%s of the answer goes into %s.", into.From, t.field(s, into.Field)))
	}
	failed := t.s("流程停住，由管理员处理", "the case is held for an administrator")
	if k.Failed != nil {
		failed = t.way(s, k.Failed, "failed")
	}
	out = append(out, t.s("调用失败时：%s。", "If the call fails: %s.", failed))
	return append(out, t.then(s)...)
}

func upper(s string) string { return first(s, unicode.ToUpper) }
func lower(s string) string { return first(s, unicode.ToLower) }

func first(s string, change func(rune) rune) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = change(r[0])
	}
	return string(r)
}
