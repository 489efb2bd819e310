package scenario

import (
	"fmt"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
)

// Result is how one case went.
type Result struct {
	File    string
	Name    string
	Line    int
	OK      bool
	Message string // why it failed: the place, what was expected, what there is instead, and the timeline before it
}

// Run plays every case. What one case breaks, a panic of the machine included, is that case's failure only.
func (s *Scenario) Run(lang string) []Result {
	var out []Result
	for _, c := range s.Cases {
		out = append(out, c.Run(lang))
	}
	return out
}

// Run plays one case and says in a language ("zh" or "en") how it went.
func (c *Case) Run(lang string) Result {
	w := newWorld(c)
	out := Result{File: c.scenario.File, Name: c.Name, Line: c.Line, OK: true}
	if f := c.play(w); f != nil {
		out.OK, out.Message = false, w.explain(f, lang)
	}
	return out
}

// play lets every line happen, in order, until one fails.
func (c *Case) play(w *world) (f *failure) {
	at := c.node
	defer func() {
		if p := recover(); p != nil {
			f = fail(at, "程序内部错误：%v", "an internal error: %v", p)
		}
	}()
	for _, l := range c.lines {
		at = nodeOf(l)
		if e, ok := l.(*expectLine); w.refusal != nil && (!ok || e.what != "refused") {
			break
		}
		if f := l.play(w); f != nil {
			return f
		}
	}
	if r := w.refusal; r != nil {
		return &failure{r.node, say("被拒绝：%s", "refused: %s", refusalWords(r.Refusal)), w.tasksNow(nil)}
	}
	return nil
}

func nodeOf(l line) *node {
	switch l := l.(type) {
	case *startLine:
		return l.node
	case *doLine:
		return l.node
	case *eventLine:
		return l.node
	case *changeLine:
		return l.node
	case *passLine:
		return l.node
	case *expectLine:
		return l.node
	}
	return &node{line: 1, column: 1}
}

// How much of the timeline is shown before a failure.
const shownEntries = 8

// explain shows a failure: what was expected, with its place; what there is instead; what happened before.
func (w *world) explain(f *failure, lang string) string {
	var b strings.Builder
	b.WriteString(w.scenario.reader.locate(f.node.line, f.node.column, f.message).String(lang))
	section := func(title process.Text, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n  %s\n    %s", title.In(lang), strings.Join(lines, "\n    "))
		}
	}
	section(process.Text{ZH: "实际情况", EN: "there is"}, in(lang, f.instead))
	section(process.Text{ZH: "经过", EN: "what happened"}, w.timeline(lang))
	return b.String()
}

func in(lang string, texts []process.Text) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t.In(lang))
	}
	return out
}

// timeline is the end of what happened, and the moment of the failure.
func (w *world) timeline(lang string) []string {
	var lines []string
	from := max(0, len(w.entries)-shownEntries)
	if from > 0 {
		lines = append(lines, say("…（之前还有 %d 条）", "… (%d entries before)", from).In(lang))
	}
	for _, e := range w.entries[from:] {
		lines = append(lines, w.entryWords(e).In(lang))
	}
	return append(lines, join("", process.Same(w.local(w.now)+"  "), say("← 这里失败", "← it fails here")).In(lang))
}

// dueAt is the due moment that an entry mentions.
func (e entry) dueAt() *time.Time {
	if due, ok := e.Data["due_at"].(time.Time); ok {
		return &due
	}
	return nil
}
