package process

import (
	"cmp"
	"slices"
	"strings"
)

// alternative is one thing that may become of a step, and on which of the ways it does.
type alternative struct {
	foreseen
	key  string
	ways int
}

// alternatives puts the ways of a preview together: what is the same on all of them is certain, the rest is listed with its condition.
func alternatives(ways []*foresight) []PreviewStep {
	ways = possible(ways)
	var all []*alternative
	for _, f := range ways {
		at, toCome := 0, map[string]bool{}
		for _, s := range f.steps {
			toCome[keyOf(s.Step, s.Item)] = true
		}
		for _, s := range f.steps {
			delete(toCome, keyOf(s.Step, s.Item))
			at = putIn(&all, at, s, toCome)
		}
	}
	out := []PreviewStep{}
	for _, a := range all {
		out = append(out, a.told(ways[0], len(ways)))
	}
	return out[:min(len(out), maxPreviewSteps)]
}

// possible leaves out the ways that there are not; if there is none, it leaves them all.
func possible(ways []*foresight) []*foresight {
	if list := slices.DeleteFunc(slices.Clone(ways), func(f *foresight) bool { return f.lost }); len(list) > 0 {
		return list
	}
	return ways
}

// putIn finds a step of a way among the alternatives so far, or puts it behind the one before it, in front of what is to
// come on this way, and gives the place behind.
func putIn(all *[]*alternative, at int, s foreseen, toCome map[string]bool) int {
	key := keyOf(s.Step, s.Item)
	for i, a := range *all {
		if a.key == key && sameStep(a.PreviewStep, s.PreviewStep) {
			a.ways++
			a.forks = shared(a.forks, s.forks)
			return max(at, i+1)
		}
	}
	for at < len(*all) && !toCome[(*all)[at].key] {
		at++
	}
	*all = slices.Insert(*all, at, &alternative{foreseen: s, key: key, ways: 1})
	return at + 1
}

func sameStep(a, b PreviewStep) bool {
	return a.If == b.If && a.Because == b.Because && slices.Equal(a.Who, b.Who)
}

// shared are the forks taken the same way on both.
func shared(a, b []fork) []fork {
	return slices.DeleteFunc(slices.Clone(a), func(f fork) bool {
		return !slices.ContainsFunc(b, func(g fork) bool { return f.source == g.source && f.item == g.item && f.holds == g.holds })
	})
}

// told is the alternative for people: certain when it is so on every way and nobody in it is unknown.
func (a *alternative) told(of *foresight, ways int) PreviewStep {
	step := a.PreviewStep
	unknown := slices.ContainsFunc(step.Who, func(p PreviewPerson) bool { return p.User == "" })
	step.Certain = a.ways == ways && !unknown && !a.perhaps
	if a.ways == ways {
		return step
	}
	var conditions, depends []string
	for _, f := range a.forks {
		condition := f.source
		if !f.holds {
			condition = "!(" + condition + ")"
		}
		conditions, depends = append(conditions, condition), append(depends, f.depends...)
	}
	step.If = cmp.Or(strings.Join(conditions, " && "), step.If)
	if len(depends) > 0 {
		step.Because = of.dependsText(depends)
	}
	return step
}
