package process

import (
	"fmt"
	"slices"
	"strings"
)

// Namer gives what people call somebody, or a set of people; an empty text where it doesn't know them.
type Namer interface{ Name(p Principal) Text }

// Passage is what is said about one part of a chain: its head, or a step.
type Passage struct {
	About     string // "head", or the step's id
	Number    string // "3", "5.1", "5b.1" for the second list inside a step; empty for the head
	Title     string
	Sentences []string
}

// AboutHead is what the first passage is about.
const AboutHead = "head"

// Say reads the chain aloud in a language ("zh" or "en"), a line each: the head, then the steps in the order they are written, those inside a step
// indented below it. Every sentence is true of what [Apply] does. Without names (nil) people and roles go by their ids.
func (p *Process) Say(lang string, names Namer) []string {
	var lines []string
	for _, passage := range p.Passages(lang, names) {
		indent := strings.Repeat("  ", strings.Count(passage.Number, "."))
		heading := passage.Title
		if passage.Number != "" {
			heading = passage.Number + ". " + heading
		}
		lines = append(lines, indent+heading)
		for _, s := range passage.Sentences {
			lines = append(lines, indent+"  - "+s)
		}
	}
	return lines
}

// Passages is what [Process.Say] says, part by part: the head, the steps, and last the step that revises and submits again.
func (p *Process) Passages(lang string, names Namer) []Passage {
	t := newTeller(p, lang, names)
	t.passages = append(t.passages, Passage{About: AboutHead, Title: t.headTitle(), Sentences: t.head()})
	t.list(p.Steps)
	if p.Resubmit != nil {
		t.step(p.Resubmit)
	}
	return t.passages
}

// teller reads one chain aloud. Each of its methods gives sentences, or a part of one, in the language it speaks.
type teller struct {
	p        *Process
	lang     string
	names    Namer
	number   map[*Step]string // what each step is called
	letter   map[*List]string // what the steps of each inner list begin with: "5", or "5a" where a step holds several
	passages []Passage
}

func newTeller(p *Process, lang string, names Namer) *teller {
	t := &teller{p: p, lang: lang, names: names, number: map[*Step]string{}, letter: map[*List]string{}}
	t.count(p.Steps, "")
	return t
}

// s picks the sentence of the teller's language. The arguments of both are the same, in the same order.
func (t *teller) s(zh, en string, args ...any) string {
	for i, a := range args {
		if text, ok := a.(Text); ok {
			args[i] = text.In(t.lang)
		}
	}
	if t.lang == "zh" {
		return fmt.Sprintf(zh, args...)
	}
	return fmt.Sprintf(en, args...)
}

// count numbers the steps of a list and of those inside it.
func (t *teller) count(l *List, prefix string) {
	for i, s := range l.Steps {
		t.number[s] = fmt.Sprintf("%s%d", prefix, i+1)
		inner := s.inner()
		for j, list := range inner {
			letter := t.number[s]
			if len(inner) > 1 {
				letter += string(rune('a' + j%26))
			}
			t.letter[list] = letter
			t.count(list, letter+".")
		}
	}
}

// inner are the lists of steps that a step holds: as a group, and behind its outcomes.
func (s *Step) inner() []*List {
	var out []*List
	if g, ok := s.Do.(group); ok {
		out = append(out, g.lists()...)
	}
	for _, w := range s.ways() {
		if w.way.Steps != nil {
			out = append(out, w.way.Steps)
		}
	}
	return slices.DeleteFunc(out, func(l *List) bool { return l == nil })
}

func (t *teller) list(l *List) {
	for _, s := range l.Steps {
		t.step(s)
		for _, inner := range s.inner() {
			t.list(inner)
		}
	}
}

func (t *teller) step(s *Step) {
	passage := Passage{About: s.ID, Number: t.number[s], Title: t.heading(s)}
	passage.Sentences = append(t.reached(s), t.does(s)...)
	passage.Sentences = append(passage.Sentences, t.copies(s.Copy, stepCopies)...)
	if s.Undo != nil {
		passage.Sentences = append(passage.Sentences, t.undone(s))
	}
	t.passages = append(t.passages, passage)
}

// kindWords is the sort of a step, for its heading.
var kindWords = map[string]Text{
	"approve": {ZH: "审批", EN: "Approval"}, "task": {ZH: "任务", EN: "Task"}, "notify": {ZH: "通知", EN: "Message"}, "wait": {ZH: "等待", EN: "Wait"},
	"decide": {ZH: "决策表", EN: "Decision table"}, "choose": {ZH: "分支", EN: "Choice"}, "parallel": {ZH: "并行", EN: "In parallel"},
	"each": {ZH: "逐项", EN: "For each"}, "stage": {ZH: "阶段", EN: "Stage"}, "call": {ZH: "调用流程", EN: "Another process"},
	"set": {ZH: "更新记录", EN: "Change of the record"}, "create": {ZH: "新建记录", EN: "New record"}, "request": {ZH: "调用系统", EN: "Call to a system"},
	"end": {ZH: "结束", EN: "End"},
}

// titled are the kinds whose key carries a title, so that the heading must say which kind it is; the titles of the others say what they do.
var titled = []string{"approve", "task", "notify", "stage"}

func (t *teller) heading(s *Step) string {
	kind := kindWords[s.Kind]
	switch {
	case s.Title.Empty():
		return kind.In(t.lang)
	case slices.Contains(titled, s.Kind):
		return t.s("%s“%s”", "%s “%s”", kind, s.Title)
	}
	return t.p.Worded(s.Title.In(t.lang), t.lang)
}

// ref names a step so that the reader finds it.
func (t *teller) ref(s *Step) string {
	title := s.Title
	switch {
	case s.ID == ResubmitStep:
		return t.s("“%s”", "“%s”", title)
	case title.Empty():
		title = kindWords[s.Kind]
	}
	return t.s("第 %s 步“%s”", "step %s “%s”", t.number[s], t.p.Worded(title.In(t.lang), t.lang))
}

// worded is an expression with its fields by what they are called.
func (t *teller) worded(e *Expr) string { return t.p.Condition(e.Source, t.lang) }

// valueOf is an expression as [teller.worded] has it; where it is a field alone, in quotes.
func (t *teller) valueOf(e *Expr) string {
	if said := t.worded(e); recordField.FindString(e.Source) == e.Source && said != e.Source {
		return "“" + said + "”"
	}
	return t.worded(e)
}

// reached says when the chain comes to a step at all.
func (t *teller) reached(s *Step) []string {
	var out []string
	if s.Aside {
		out = append(out, t.s("不在正常路线上：只有从%s才会到这一步。", "Not on the normal way: reached only from %s.", t.all(t.comingTo(s))))
	}
	if s.If != nil {
		out = append(out, t.s("只在 %s 成立时才有这一步，否则跳过并记录下来。", "Only if %s; otherwise it is passed over, and that is recorded.", t.worded(s.If)))
	}
	return out
}

// comingTo are the steps with a `go` to a step.
func (t *teller) comingTo(target *Step) []string {
	var out []string
	for _, s := range t.p.all() {
		for _, w := range s.ways() {
			if w.way.Go == target.ID {
				out = append(out, t.ref(s))
			}
		}
	}
	if len(out) == 0 {
		out = append(out, t.s("管理员的跳转", "an administrator's jump"))
	}
	return slices.Compact(out)
}

// does says what a step does.
func (t *teller) does(s *Step) []string {
	if k, ok := s.Do.(sayer); ok {
		return k.say(t, s)
	}
	return nil
}

// sayer is a kind of step that can be read aloud; all are.
type sayer interface {
	say(t *teller, s *Step) []string
}

// all joins things that are all meant, any those of which one is.
func (t *teller) all(list []string) string { return t.join(list, "和", " and ") }
func (t *teller) any(list []string) string { return t.join(list, "或", " or ") }

func (t *teller) join(list []string, zh, en string) string {
	comma, last := "、", zh
	if t.lang != "zh" {
		comma, last = ", ", en
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], comma) + last + list[len(list)-1]
}

// field is what people call a field that a step shows or edits.
func (t *teller) field(s *Step, name string) string {
	if f := t.fieldAt(s, name); f != nil {
		return f.Label().In(t.lang)
	}
	return name
}

// fieldAt finds a field by its name at a step; without a step it is one of the record.
func (t *teller) fieldAt(s *Step, name string) *Field {
	switch {
	case t.p.Type == nil:
		return nil
	case s == nil:
		return t.p.Type.Field(name)
	}
	return t.p.FormField(s, name)
}

func (t *teller) fields(s *Step, names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, t.field(s, name))
	}
	return t.all(out)
}

// outcome is the word for an outcome of a step or of the case.
func (t *teller) outcome(name string) string {
	if word, ok := outcomeWords[name]; ok {
		return word.In(t.lang)
	}
	return name
}

var outcomeWords = map[string]Text{
	Approved: {ZH: "同意", EN: "approved"}, Rejected: {ZH: "拒绝", EN: "rejected"}, Returned: {ZH: "退回", EN: "returned"}, Done: {ZH: "完成", EN: "done"},
}

// ended is how a case ends.
func (t *teller) ended(outcome string) string {
	words := map[string]Text{Approved: {ZH: "通过", EN: "approved"}, Rejected: {ZH: "被拒绝", EN: "rejected"}, Done: {ZH: "完成", EN: "done"}}
	if word, ok := words[outcome]; ok {
		return t.s("流程结束（结果：%s）", "the case ends as %s", word)
	}
	return t.s("流程结束（结果：%s）", "the case ends as %s", outcome)
}
