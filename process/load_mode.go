package process

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of votes.
const (
	maxWeight = 100
	maxNeed   = 1000
)

var modesZH = map[string]string{ModeAll: "会签", ModeAllOpinions: "会签", ModeInTurn: "依次审批", ModeVotes: "票签"}

// mode reads how several seats decide: a word, or {votes: {need: …}}.
func (c *chainLoader) mode(s *Step, n *node) {
	if n.kind != nodeMap {
		words := []string{ModeFirst, ModeAll, ModeAllOpinions, ModeInTurn}
		if n.kind == nodeText && n.text == ModeVotes {
			c.problem(n, "票签要写明票数：`mode: {votes: {need: 2/3}}`", "votes need a number: `mode: {votes: {need: 2/3}}`")
			return
		}
		s.Who.Mode = c.oneOf(n, words)
		return
	}
	c.object(n, Text{ZH: "`mode`", EN: "`mode`"}, keys{ModeVotes: func(v *node) {
		s.Who.Mode, s.Who.Votes = ModeVotes, c.votes(v)
		if !isApproval(s) {
			c.problem(n, "票签只用于审批（`approve`）；任务用 `first`、`all`、`all_opinions` 或 `in_turn`", "only an approval is voted on; a task has `first`, `all`, `all_opinions` or `in_turn`")
		}
	}})
	if len(n.pairs) == 0 {
		c.problem(n, "应写成 {votes: {need: …}}", "this is written as {votes: {need: …}}")
	}
}

// votes reads what decides a vote.
func (c *chainLoader) votes(n *node) *Votes {
	v := &Votes{Tie: Rejected}
	ok := c.object(n, Text{ZH: "`votes`", EN: "`votes`"}, keys{
		"need":    func(n *node) { v.Need = c.need(n) },
		"weights": func(n *node) { v.Weights = c.weights(n) },
		"veto":    func(n *node) { v.Veto = c.seats(n, false) },
		"tie":     func(n *node) { v.Tie = c.oneOf(n, []string{Approved, Rejected}) },
	})
	if ok && n.get("need") == nil {
		c.problem(n, "没有写需要多少票（`need`）：如 `need: 2/3`、`need: 3` 或 `need: 60%%`", "how much is needed? Say `need: 2/3`, `need: 3` or `need: 60%%`")
	}
	return v
}

// Forms of a share.
var (
	fraction   = regexp.MustCompile(`^([0-9]{1,3})\s*/\s*([0-9]{1,3})$`)
	percentage = regexp.MustCompile(`^([0-9]{1,3})\s*%$`)
)

// need reads 2/3, 60% or 3.
func (c *chainLoader) need(n *node) Need {
	if n.kind == nodeNumber && n.number == math.Trunc(n.number) {
		return Need{Count: c.count(n, 1, maxNeed)}
	}
	out, text := Need{Den: 100}, strings.TrimSpace(n.text)
	if parts := fraction.FindStringSubmatch(text); parts != nil {
		out.Num, out.Den = digits(parts[1]), digits(parts[2])
	} else if parts := percentage.FindStringSubmatch(text); parts != nil {
		out.Num = digits(parts[1])
	}
	if out.Num < 1 || out.Num > out.Den {
		c.problem(n, "票数应写成分数 2/3、百分比 60%% 或整数 3，至少一票，不超过全部",
			"what is needed is a fraction 2/3, a percentage 60%% or a whole number 3: at least one vote, at most all of them")
		return Need{}
	}
	return out
}

func digits(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// weights reads how much the votes of some count: by user id or by principal.
func (c *chainLoader) weights(n *node) []Weight {
	if n.kind != nodeMap {
		c.problem(n, "权重应写成 {人员: 票数}，如 {\"role:director\": 2, li.na: 3}", "weights are written as {person: votes}, e.g. {\"role:director\": 2, li.na: 3}")
		return nil
	}
	var out []Weight
	for _, p := range n.pairs {
		sort, id, cut := strings.Cut(p.key.text, ":")
		if !cut {
			sort, id = string(ByUser), sort
		}
		switch {
		case !cut && p.value.kind != nodeNumber && slices.Contains(principalSorts, p.key.text):
			c.problem(p.key, "带冒号的名称请加引号：{\"%s:…\": 2}", "a name with a colon stands in quotes: {\"%s:…\": 2}", p.key.text)
			continue
		case !slices.Contains(principalSorts, sort):
			c.problem(p.key, "`%s` 应写成人员编号，或 `role:…`、`department:…`、`group:…`、`position:…`", "`%s` is written as a user id, or `role:…`, `department:…`, `group:…` or `position:…`", clip(p.key.text))
			continue
		case id == "":
			c.problem(p.key, "`%s` 后面缺少名称", "a name is missing after `%s`", clip(p.key.text))
			continue
		}
		c.exists(p.key, Principal(sort+":"+id))
		out = append(out, Weight{Who: By{Kind: ByKind(sort), Of: id, At: c.position(p.key)}, N: c.count(p.value, 1, maxWeight)})
	}
	return out
}

// checkSeats: two seats or more need a mode; with one it means nothing. Several people never edit the same fields, save where the first decides.
func (c *chainLoader) checkSeats(s *Step, by, mode *node) {
	at := &node{line: s.At.Line, column: s.At.Column}
	if by == nil {
		c.problem(at, "步骤 `%s` 没有写由谁处理（`by`）", "the step `%s` doesn't say who does it (`by`)", s.ID)
		return
	}
	several := len(s.Who.Seats) > 1 || slices.ContainsFunc(s.Who.Seats, By.several)
	perhaps := slices.ContainsFunc(s.Who.Seats, func(b By) bool { return b.Kind == ByCel })
	switch {
	case several && mode == nil:
		c.problem(by, "有两个或更多的人要处理：请写 `mode: first`（或签）或 `mode: all`（会签）",
			"two seats or more: say `mode: first` (the first answer decides) or `mode: all` (all must agree)")
	case perhaps && mode == nil:
		c.warn(by, "表达式可能给出几个人：请写 `mode`，否则要所有人都办理", "the expression may name several people: say a `mode`, or everybody must act")
	case !several && !perhaps && mode != nil && len(s.Who.Seats) == 1:
		c.warn(mode, "只有一个人处理，`mode` 不起作用", "there is only one seat, so `mode` means nothing")
	case several && s.Who.Mode != "" && s.Who.Mode != ModeFirst && len(s.Form.Edit) > 0:
		c.problem(mode, "%s时几个人会同时修改同一字段：`edit` 和 `mode: %s` 不能同时用",
			"with `mode: %[2]s` several people would edit the same fields: a step has `edit` or `mode: %[2]s`, not both", Text{ZH: modesZH[s.Who.Mode]}, s.Who.Mode)
	}
	c.checkNeed(s, mode)
}

// checkNeed finds a number of votes that can't be reached even by everybody.
func (c *chainLoader) checkNeed(s *Step, mode *node) {
	if s.Who.Votes == nil || slices.ContainsFunc(s.Who.Seats, func(b By) bool { return b.several() || b.Kind == ByCel }) {
		return
	}
	heaviest := 1
	for _, w := range s.Who.Votes.Weights {
		heaviest = max(heaviest, w.N)
	}
	if most := heaviest * len(s.Who.Seats); s.Who.Votes.Need.Count > most {
		c.problem(mode, "需要 %d 票，但最多只有 %d 票", "%d votes are needed, but there are at most %d", s.Who.Votes.Need.Count, most)
	}
}
