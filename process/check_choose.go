package process

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxSamples bounds the values that are tried to prove that a `choose` leaves nothing out.
const maxSamples = 5000

// checkCovered: some branch of a `choose` must apply whatever the record holds. Without `otherwise` this is proven by trying every value
// that makes a difference, where the conditions only compare fields with what the chain names; else `otherwise` is asked for.
func (c *chainLoader) checkCovered(s *Step, at *node) {
	k := s.Do.(Choose)
	for _, b := range k.Branches {
		if b.Otherwise || b.When == nil || b.Steps == nil {
			return // said already, or nothing can be left out
		}
	}
	fields, provable := c.samples(k)
	if !provable {
		c.problem(at, "如果没有一个条件成立呢？请加一个 `{otherwise: true, steps: […]}`",
			"and if none of the conditions holds? Add `{otherwise: true, steps: […]}`")
		return
	}
	if example, found := k.uncovered(fields); found {
		c.problem(at, "没有分支适用于 %s：请加一个 `{otherwise: true, steps: […]}`", "no branch applies where %s: add `{otherwise: true, steps: […]}`", example)
	}
}

// sampled is a field with the values that make a difference; nil among them is the empty field.
type sampled struct {
	field  *Field
	values []any
}

// uncovered finds values for which no branch applies.
func (k Choose) uncovered(fields []sampled) (example Text, found bool) {
	record := Fields{}
	left := func() bool { return k.takenFor(record) < 0 }
	if !tryAll(fields, record, left) {
		return Text{}, false
	}
	var zh, en []string
	for _, f := range fields {
		name, v := f.field.Name, record[f.field.Name]
		if v == nil {
			zh, en = append(zh, "`"+name+"` 为空"), append(en, "`"+name+"` is empty")
			continue
		}
		zh, en = append(zh, fmt.Sprintf("`%s` 为 %s", name, Env{}.Show(f.field, v, "zh"))), append(en, fmt.Sprintf("`%s` is %s", name, Env{}.Show(f.field, v, "en")))
	}
	return Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, " and ")}, true
}

// takenFor is the branch that is taken for a record, or where a condition can't be evaluated; -1: none.
func (k Choose) takenFor(record Fields) int {
	return slices.IndexFunc(k.Branches, func(b Branch) bool {
		ok, err := b.When.Bool(Env{Record: Record{Fields: record}})
		return ok || err != nil
	})
}

// tryAll fills in a record with every combination of values until one is what is looked for, and leaves that one in it.
func tryAll(fields []sampled, record Fields, wanted func() bool) bool {
	if len(fields) == 0 {
		return wanted()
	}
	for _, v := range fields[0].values {
		record[fields[0].field.Name] = v
		if tryAll(fields[1:], record, wanted) {
			return true
		}
	}
	return false
}

// checkTaken points out a branch before which some other one always applies, where trying values proves that.
func (c *chainLoader) checkTaken(s *Step) {
	var k Choose
	for _, b := range s.Do.(Choose).Branches {
		if b.When == nil && !b.Otherwise {
			return // said already
		}
		if b.When != nil {
			k.Branches = append(k.Branches, b)
		}
	}
	fields, provable := c.samples(k)
	if !provable {
		return
	}
	for i, b := range k.Branches {
		record := Fields{}
		if !tryAll(fields, record, func() bool { return k.takenFor(record) == i }) {
			c.warn(&node{line: b.At.Line, column: b.At.Column}, "这个分支永远走不到：它的条件成立时，前面的分支已经成立", "this branch is never taken: wherever its condition holds, one above it does")
		}
	}
}

// provableToken is what a condition may consist of for the proof: fields, comparisons, literals, and, or, not.
var provableToken = regexp.MustCompile(`\s+|record\.[a-z][a-z0-9_]*|` + moneyLiteral.String() + `|` + percentLiteral.String() +
	`|"[^"\\]*"|'[^'\\]*'|[0-9]+(?:\.[0-9]+)?|==|!=|<=|>=|<|>|&&|\|\||!|\(|\)|\[|\]|,|\bin\b|\bhas\b|\bempty\b|\btrue\b|\bfalse\b`)

// twoFields is a comparison of a field with another one, about which trying values proves nothing.
var twoFields = regexp.MustCompile(`record\.[a-z0-9_]+\s*(?:==|!=|<=|>=|<|>)\s*record\.`)

// samples finds the fields that the conditions look at, with the values to try: for a choice each of them, for what can be ordered every
// value it is compared with and what lies beside it.
func (c *chainLoader) samples(k Choose) (out []sampled, provable bool) {
	var literals, names []string
	for _, b := range k.Branches {
		rest := provableToken.ReplaceAllStringFunc(b.When.Source, func(token string) string {
			if name, ok := strings.CutPrefix(token, "record."); ok {
				names = append(names, name)
			} else {
				literals = append(literals, token)
			}
			return ""
		})
		if rest != "" || twoFields.MatchString(b.When.Source) {
			return nil, false
		}
	}
	slices.Sort(names)
	total := 1
	for _, name := range slices.Compact(names) {
		f := c.p.Type.Field(name)
		if f == nil || f.Many {
			return nil, false
		}
		values := f.beside(literals)
		if values == nil {
			return nil, false
		}
		if !f.Required {
			values = append(values, nil)
		}
		total *= len(values)
		if total > maxSamples {
			return nil, false
		}
		out = append(out, sampled{f, values})
	}
	return out, true
}
