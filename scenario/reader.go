package scenario

import (
	"maps"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
)

// keys are what a map may hold: how each is read.
type keys map[string]func(v *node)

// object reads a map strictly, in the order it is written.
func (r *reader) object(n *node, what process.Text, known keys) bool {
	if n.kind != nodeMap {
		r.problem(n, "%s应写成 {键: 值}", "%s is written as {key: value}", what)
		return false
	}
	for _, p := range n.pairs {
		if read := known[p.key.text]; read != nil {
			read(p.value)
			continue
		}
		r.unknown(p.key, slices.Sorted(maps.Keys(known)), say("%s没有这个键", "unknown key of %s", what))
	}
	return true
}

// unknown reports a word that isn't one of words.
func (r *reader) unknown(n *node, words []string, what process.Text) {
	word := clip(n.text)
	if w := process.Nearest(n.text, words); w != "" {
		r.problem(n, "%s：`%s`；是不是想写 `%s`？", "%s `%s`; did you mean `%s`?", what, word, w)
		return
	}
	if len(words) > 0 && len(words) <= 16 {
		r.problem(n, "%s：`%s`（可以是 %s）", "%s `%s` (one of %s)", what, word, quoted(words))
		return
	}
	r.problem(n, "%s：`%s`", "%s `%s`", what, word)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// word reads one word, number or text, as it is written.
func (r *reader) word(n *node) string {
	if !n.scalar() || n.text == "" {
		r.problem(n, "这里应是文字", "a text is expected here")
		return ""
	}
	return n.text
}

// oneOf reads one of some words.
func (r *reader) oneOf(n *node, what process.Text, words ...string) string {
	w := r.word(n)
	if w != "" && !slices.Contains(words, w) {
		r.unknown(n, words, what)
		return ""
	}
	return w
}

// words reads one word or a list of them.
func (r *reader) words(n *node) []string {
	if n.kind != nodeList {
		if w := r.word(n); w != "" {
			return []string{w}
		}
		return nil
	}
	var out []string
	for _, v := range n.items {
		if w := r.word(v); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// truth reads yes or no.
func (r *reader) truth(n *node) bool {
	switch {
	case n.kind == nodeBool:
		return n.truth
	case n.kind == nodeText && (n.text == "yes" || n.text == "no"):
		return n.text == "yes"
	}
	r.problem(n, "应是 true 或 false", "write true or false")
	return false
}

// list reads a list.
func (r *reader) list(n *node) []*node {
	if n.kind != nodeList {
		r.problem(n, "应是列表", "a list is expected here")
	}
	return n.items
}

// text reads what people read: one text, or {zh, en}.
func (r *reader) text(n *node) process.Text {
	if n.kind != nodeMap {
		return process.Same(r.word(n))
	}
	var t process.Text
	r.object(n, process.Text{ZH: "文字", EN: "a text"}, keys{
		"zh": func(v *node) { t.ZH = r.word(v) },
		"en": func(v *node) { t.EN = r.word(v) },
	})
	return t
}

// moment is a point in time as it is written: a moment, or a whole date.
type moment struct {
	at   time.Time // of a date: its midnight
	date bool
}

// parseMoment reads "2026-09-29 15:00" as local time of a zone, RFC 3339, or a date.
func parseMoment(s string, zone *time.Location) (moment, bool) {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return moment{at: at.In(zone)}, true
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return moment{at: at}, true
		}
	}
	at, err := time.ParseInLocation(time.DateOnly, s, zone)
	return moment{at: at, date: true}, err == nil
}

func (r *reader) moment(n *node, zone *time.Location) (moment, bool) {
	s := r.word(n)
	m, ok := parseMoment(s, zone)
	if !ok && s != "" {
		r.problem(n, "看不懂的时间：`%s`；应写成 2026-09-29 15:00", "`%s` is no moment; write it like 2026-09-29 15:00", clip(s))
	}
	return m, ok
}
