package scenario

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// expectLine is what is to be seen. What names the verb: task, no_task, told, not_told, case, clock, record, refused, preview, everything.
type expectLine struct {
	node      *node
	what      string
	target    target
	of        []process.Principal
	typ       string // record: the type of another record
	due       *moment
	never     bool // due: none
	outcome   string
	because   string
	item      string
	claimable *bool
	about     string
	word      string // case: its status; clock: its id; refused: the code
	status    string // of a clock
	pairs     []pair
	all       standing // everything
}

var expectations = []string{"task", "no_task", "told", "not_told", "case", "clock", "record", "refused", "preview", "everything"}

// What each expectation may say besides.
var expectKeys = map[string][]string{
	"task":     {"of", "due", "outcome", "because", "item", "claimable"},
	"no_task":  {"of", "item"},
	"told":     {"about", "because"},
	"not_told": {"about"},
	"case":     {"outcome", "because", "process"},
	"clock":    {"due", "status"},
	"record":   {"of"},
	"refused":  {"message", "because"},
	"preview":  {"of", "because", "due", "item"},
}

func (r *caseReader) expect(n *node) line {
	e := &expectLine{node: n}
	for _, p := range n.pairs {
		if !slices.Contains(expectations, p.key.text) {
			continue
		}
		if e.what != "" {
			r.problem(p.key, "一次只期望一件事：`%s` 应另起一项", "one expectation at a time: give `%s` an entry of its own", p.key.text)
			return e
		}
		e.what = p.key.text
	}
	if n.kind == nodeMap && e.what == "" {
		if len(n.pairs) > 0 {
			r.unknown(n.pairs[0].key, expectations, process.Text{ZH: "没有这种期望", EN: "there is no expectation"})
			return e
		}
		r.problem(n, "`expect` 没有写期望什么", "`expect` doesn't say what")
		return e
	}
	known, all := keys{e.what: func(v *node) { r.expected(e, v) }}, r.expectKeys(e)
	for _, key := range expectKeys[e.what] {
		known[key] = all[key]
	}
	if r.object(n, say("`expect: {%s}`", "`expect: {%s}`", e.what), known) && e.what == "record" {
		t := r.s.process.Type
		if e.typ != "" {
			t = r.s.setting.Types[e.typ]
		}
		if t != nil {
			e.pairs = r.fieldsOf(t, n.get("record"))
		}
	}
	return e
}

// expected reads the value of the verb itself.
func (r *caseReader) expected(e *expectLine, v *node) {
	switch e.what {
	case "task", "no_task", "preview":
		e.target = r.step(v)
	case "told", "not_told":
		e.of = r.principals(v)
	case "case":
		e.word = r.word(v)
	case "clock":
		e.word = r.clock(v)
	case "refused":
		if v.kind != nodeBool || !v.truth {
			e.word = r.oneOf(v, process.Text{ZH: "没有这种拒绝代码", EN: "there is no code of refusal"}, codes...)
		}
	case "everything":
		r.everything(e, v)
	}
}

func (r *caseReader) clock(n *node) string {
	var ids []string
	for _, c := range r.s.process.Clocks {
		ids = append(ids, c.ID)
	}
	return r.oneOf(n, process.Text{ZH: "没有这个时钟", EN: "there is no clock"}, ids...)
}

func (r *caseReader) expectKeys(e *expectLine) keys {
	because := func(v *node) { e.because = r.word(v) }
	return keys{
		"of": func(v *node) {
			if e.what != "record" {
				e.of = r.principals(v)
				return
			}
			e.typ = r.word(v)
			if r.s.setting.Types[e.typ] == nil {
				r.problem(v, "没有这种记录：`%s`", "there is no record type `%s`", e.typ)
			}
		},
		"due": func(v *node) {
			if e.never = v.text == "none" || v.kind == nodeBool && !v.truth; e.never {
				return
			}
			if m, ok := r.moment(v, r.s.zone); ok {
				e.due = &m
			}
		},
		"outcome":   func(v *node) { e.outcome = r.word(v) },
		"because":   because,
		"message":   because,
		"item":      func(v *node) { e.item = r.word(v) },
		"claimable": func(v *node) { yes := r.truth(v); e.claimable = &yes },
		"about":     func(v *node) { e.about = r.word(v) },
		"process": func(v *node) {
			p := r.s.setting.Processes[r.word(v)]
			if p == nil {
				r.problem(v, "没有这个流程：`%s`", "there is no process `%s`", v.text)
			}
			e.target.process = p
		},
		"status": func(v *node) {
			e.status = r.clockStatus(v)
		},
	}
}

func (r *caseReader) clockStatus(n *node) string {
	return r.oneOf(n, process.Text{ZH: "时钟没有这种状态", EN: "a clock is never"}, "running", "stopped", "done", "late")
}

// codes are the codes of refusals.
var codes = []string{
	string(process.CodeForbidden), string(process.CodeNotYourTask), string(process.CodeNotFound), string(process.CodeTaskClosed),
	string(process.CodeContentChanged), string(process.CodeCaseEnded), string(process.CodeCaseSuspended), string(process.CodeAlreadyOpen),
	string(process.CodeRecordLocked), string(process.CodeVersionConflict), string(process.CodeFieldRequired), string(process.CodeFieldNotWritable),
	string(process.CodeFieldInvalid), string(process.CodeCommentRequired), string(process.CodeUnknownOutcome), string(process.CodeStepNotPassed), "signature_required",
	string(process.CodeTooMany),
}
