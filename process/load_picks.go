package process

import (
	"slices"
	"strconv"
	"strings"
)

// maxPicks is the most people that one entry may let somebody pick.
const maxPicks = 50

func (r *byReader) pickedBy(v *node) {
	r.oneOf(v, []string{pickInitiator, pickPrevious})
	r.Min, r.Max = max(r.Min, 1), max(r.Max, 1)
}

// pickCount reads `2` or `1..3`.
func (c *chainLoader) pickCount(v *node) (low, high int) {
	from, to, several := strings.Cut(v.text, "..")
	if !several {
		n := c.count(v, 1, maxPicks)
		return n, n
	}
	low, err1 := strconv.Atoi(from)
	high, err2 := strconv.Atoi(to)
	if v.kind != nodeText && v.kind != nodeNumber || err1 != nil || err2 != nil || low < 1 || high < low || high > maxPicks {
		c.problem(v, "`count` 应是人数，如 `2` 或 `1..3`（最多 %d）", "`count` is a number of people, as `2` or `1..3` (at most %d)", maxPicks)
		return 1, 1
	}
	return low, high
}

// pickable reads whom somebody may pick: they are known when the pick is made.
func (r *byReader) pickable(v *node) []By {
	out := r.seats(v, false)
	for i, b := range out {
		if b.If != nil {
			r.problem(r.list(v)[i], "`from` 里不能写 `if`", "`from` has no `if`")
		}
	}
	return out
}

// picker checks that somebody can pick the people of a step.
func (c *chainLoader) picker(s *Step, b By, n *node) {
	if c.unread {
		return
	}
	if b.Of == pickInitiator {
		if _, late := c.p.initiatorPicks(); slices.Contains(late, s) {
			c.problem(n, "发起人一次只能为一个步骤选人，发起时已为前面的步骤选了：请在两步之间加一个由 `initiator` 办理的任务",
				"one act of the initiator picks for one step, and the act before this step picks for an earlier one: put a task of the `initiator` between the two")
		}
		return
	}
	for _, other := range append([]*Step{nil}, c.p.all()...) {
		if c.leadsToPick(other, s) {
			return
		}
	}
	c.problem(n, "前面没有人办理的步骤，谁来选？", "no step that asks people leads here, so nobody could pick")
}

// leadsToPick says whether an act at a step (nil: the start) may pick people for another.
func (c *chainLoader) leadsToPick(from, to *Step) bool {
	if from == nil {
		return slices.Contains(c.p.askedNext(nil, nil), to)
	}
	return from.Who != nil && slices.ContainsFunc(from.ways(), func(w outcomeWay) bool {
		return slices.Contains(c.p.askedNext(from, w.way), to)
	})
}
