package scenario

import (
	"slices"
	"strconv"
	"strings"
)

// buts checks the counter-examples of a file: each repeats the case that it names up to one thing, which is changed, added or left out, and expects
// something else.
func (r *reader) buts(all []*Scenario) {
	byName := map[string][]*Case{}
	for _, s := range all {
		for _, c := range s.Cases {
			byName[c.Name] = append(byName[c.Name], c)
		}
	}
	for _, s := range all {
		for _, c := range s.Cases {
			if c.but == nil {
				continue
			}
			switch others := byName[c.But]; {
			case len(others) == 0 || others[0] == c:
				r.problem(c.but, "这个文件里没有叫“%s”的另一个案例", "no other case of this file is called %q", c.But)
			case len(others) > 1:
				r.problem(c.but, "有几个案例都叫“%s”", "several cases are called %q", c.But)
			default:
				r.counter(c, others[0])
			}
		}
	}
}

// counter compares a counter-example with what it is one to.
func (r *reader) counter(c, other *Case) {
	around := 0
	for _, differs := range []bool{
		c.scenario.process != other.scenario.process, c.scenario.company != other.scenario.company, c.scenario.calendar != other.scenario.calendar, !c.at.Equal(other.at),
	} {
		if differs {
			around++
		}
	}
	mine, theirs := c.steps(), other.steps()
	switch {
	case around > 1 || around == 1 && !begins(mine, theirs) || around == 0 && !oneEdit(mine, theirs):
		r.problem(c.but, "与“%s”应只有一处不同：流程、公司、开始时间，或一行（改、加、少）；之后可以提前结束",
			"it differs from %q in more than one thing: the process, the company, the beginning or one line may be another, a line may be added or left out; then it may end sooner", c.But)
	case around == 0 && slices.Equal(mine, theirs):
		r.problem(c.but, "与“%s”没有不同之处", "it does just what %q does", c.But)
	case slices.Equal(c.expected(), other.expected()):
		r.problem(c.but, "期望与“%s”完全相同，说明不了什么", "it expects just what %q does, and so shows nothing", c.But)
	}
}

// steps are the lines that let something happen, as written.
func (c *Case) steps() []string { return c.written(func(key string) bool { return key != "expect" }) }

// expected are the lines that expect something, as written.
func (c *Case) expected() []string {
	return c.written(func(key string) bool { return key == "expect" })
}

func (c *Case) written(which func(key string) bool) []string {
	var out []string
	if start := c.node.get("start"); start != nil && which("start") {
		out = append(out, "start: "+start.written())
	}
	then := c.node.get("then")
	if then == nil {
		return out
	}
	for _, n := range then.items {
		for _, p := range n.pairs {
			if which(p.key.text) {
				out = append(out, p.key.text+": "+p.value.written())
			}
		}
	}
	return out
}

// written is a node as one text, the same for the same whatever the order of its keys.
func (n *node) written() string {
	switch n.kind {
	case nodeMap:
		var out []string
		for _, p := range n.pairs {
			out = append(out, strconv.Quote(p.key.text)+": "+p.value.written())
		}
		slices.Sort(out)
		return "{" + strings.Join(out, ", ") + "}"
	case nodeList:
		var out []string
		for _, v := range n.items {
			out = append(out, v.written())
		}
		return "[" + strings.Join(out, ", ") + "]"
	case nodeNull:
		return "null"
	}
	return strconv.Quote(n.text)
}

// oneEdit says whether steps are others with at most one changed, added or left out. What follows may end sooner than it does there.
func oneEdit(steps, others []string) bool {
	same := 0
	for same < min(len(steps), len(others)) && steps[same] == others[same] {
		same++
	}
	mine, theirs := steps[same:], others[same:]
	switch {
	case len(mine) == 0: // it only ends sooner: one line left out
		return len(theirs) <= 1
	case len(theirs) == 0:
		return len(mine) == 1
	}
	changed, added, leftOut := begins(mine[1:], theirs[1:]), begins(mine[1:], theirs), begins(mine, theirs[1:])
	return changed || added || leftOut
}

// begins says whether others begin with these steps.
func begins(steps, others []string) bool {
	return len(steps) <= len(others) && slices.Equal(steps, others[:len(steps)])
}
