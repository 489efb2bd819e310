package process

import (
	"regexp"
	"strings"
	"time"
)

// Inside is the step that holds this one: a stage, a parallel, an each, or a step with steps behind an outcome; nil for those of the chain itself.
func (s *Step) Inside() *Step {
	if s.list == nil { // the step for revising
		return nil
	}
	return s.list.holder
}

// Branch is what people call the branch of a parallel that the step stands in directly; empty elsewhere.
func (s *Step) Branch() Text {
	holder := s.Inside()
	if holder == nil {
		return Text{}
	}
	if parallel, ok := holder.Do.(Parallel); ok {
		for _, b := range parallel.Branches {
			if b.Steps == s.list {
				return b.Title
			}
		}
	}
	return Text{}
}

// ItemField is what the items are that a step runs for: a field of the type of the innermost key of its item path. Nil where it runs once.
func (s *Step) ItemField() *Field {
	eaches := s.eaches()
	if len(eaches) == 0 {
		return nil
	}
	return eaches[len(eaches)-1].itemType()
}

// Items is what the items are that an each runs for: a field of the type of their keys. Nil for the other kinds.
func (s *Step) Items() *Field {
	if each, ok := s.Do.(Each); ok {
		return each.itemType()
	}
	return nil
}

// ItemKey is the innermost key of an item path: "purchasing" of "2/purchasing".
func ItemKey(item string) string { return itemKey(item) }

var recordField = regexp.MustCompile(`\b(?:record|before)\.([a-z][a-z0-9_]*)`)

// Worded says a text of a chain with its fields by what they are called: “For each: record.responsible”.
func (p *Process) Worded(text, lang string) string {
	if p.Type == nil { // said elsewhere
		return text
	}
	return recordField.ReplaceAllStringFunc(text, func(path string) string {
		if f := p.Type.Field(recordField.FindStringSubmatch(path)[1]); f != nil {
			return f.Label().In(lang)
		}
		return path
	})
}

// Condition words a condition for people who don't write chains: its fields by what they are called, and the joining words of the language.
// What isn't a condition of the record stays as it was written.
func (p *Process) Condition(source, lang string) string {
	if source == "otherwise" {
		return Text{ZH: "其他情况", EN: "otherwise"}.In(lang)
	}
	text := p.Worded(p.filled(p.chosen(source, lang), lang), lang)
	if lang != "zh" {
		text = tenThousands.ReplaceAllStringFunc(text, inFull)
	}
	joins := strings.NewReplacer("!(", "not (", "&&", "and", "||", "or")
	if lang == "zh" {
		joins = strings.NewReplacer("!(", "不是（", ")", "）", "(", "（", "&&", "且", "||", "或")
	}
	return joins.Replace(text)
}

// choicesCompared finds a field and the choices that it is compared with; inQuotes finds each of them.
var (
	choicesCompared = regexp.MustCompile(`\b(?:record|before)\.([a-z][a-z0-9_]*) *(?:[=!]=|in) *(?:\[[^\]]*\]|"[^"]*"|'[^']*')|(?:"[^"]*"|'[^']*') *in *(?:record|before)\.([a-z][a-z0-9_]*)\b`)
	inQuotes        = regexp.MustCompile(`"[^"]*"|'[^']*'`)
)

// chosen calls choices what people call them: record.level == “一级”.
func (p *Process) chosen(source, lang string) string {
	if p.Type == nil {
		return source
	}
	return choicesCompared.ReplaceAllStringFunc(source, func(compared string) string {
		m := choicesCompared.FindStringSubmatch(compared)
		f := p.Type.Field(m[1] + m[2])
		if f == nil || len(f.Titles) == 0 {
			return compared
		}
		return inQuotes.ReplaceAllStringFunc(compared, func(choice string) string {
			return "“" + f.Choice(choice[1:len(choice)-1]).In(lang) + "”"
		})
	})
}

var askedOf = regexp.MustCompile(`(!?)\b(has|empty)\(((?:record|before)\.[a-z][a-z0-9_.]*)\)`)

// filled says in words whether a field is filled in.
func (p *Process) filled(source, lang string) string {
	return askedOf.ReplaceAllStringFunc(source, func(asked string) string {
		m := askedOf.FindStringSubmatch(asked)
		if (m[2] == "has") == (m[1] == "") {
			return m[3] + Text{ZH: " 已填写", EN: " is filled in"}.In(lang)
		}
		return m[3] + Text{ZH: " 为空", EN: " is empty"}.In(lang)
	})
}

// tenThousands are amounts as Chinese counts them: “50万”.
var tenThousands = regexp.MustCompile(`\b(\d{1,9})万`)

// inFull writes “50万” as “500,000”.
func inFull(said string) string {
	digits := strings.TrimSuffix(said, "万") + "0000"
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// LeftMinutes is what is left of a timer at a moment, by its calendar and in the minutes of [Timer.UsedMinutes]; negative when it is late by so many.
func (t *Timer) LeftMinutes(c *Calendar, at time.Time) int {
	switch {
	case t.Stop != nil:
		return int(t.Stop.Left / time.Minute)
	case t.Due == nil:
		return 0
	case at.After(*t.Due):
		return -int(t.between(c, *t.Due, at) / time.Minute)
	}
	return int(t.between(c, at, *t.Due) / time.Minute)
}
