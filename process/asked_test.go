package process

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// away says who isn't there and who stands in for them; "" for nobody.
type away map[string]string

func (a away) StandIn(id, _, _ string) (string, bool) {
	to, away := a[id]
	return to, away
}

const deal = `record: deal
title: {zh: 单, en: Deal}
fields:
  name:    {type: text, required: true}
  note:    {type: text}
  region:  {type: text}
  contact: {type: text}
  size:    {type: number}
  buyer:   {type: person, title: {zh: 采购员, en: buyer}}
  team:    {type: person, many: true}
  place:   {type: department}
  places:  {type: department, many: true}
  helpers: {type: person, many: true}
  owner:   {type: person, default: creator}
`

func dealChain(steps string) string {
	return "process: small\ntitle: Small\nrecord: deal\nstart: {by: [role:sales]}\nresubmit: {edit: {name: required}, due: 2 working days}\nsteps:\n" + steps
}

// dealing prepares a case about a deal whose record holds more fields.
func dealing(t *testing.T, steps string, more Fields) *trial {
	t.Helper()
	return begin(t, Fields{"name": "one", "owner": "li.na"}.With(more), deal, dealChain(steps))
}

// dealt starts it by li.na.
func dealt(t *testing.T, steps string, more Fields) *trial {
	t.Helper()
	c := dealing(t, steps, more)
	c.start("li.na")
	return c
}

// why says of every open seat why it is asked.
func (c *trial) why(lang string) []string {
	var out []string
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			if seat.Vote == nil {
				out = append(out, seat.Why.In(lang))
			}
		}
	}
	return out
}

// TestWhoIsAsked goes through the forms of `by` in the company of the machine's tests.
func TestWhoIsAsked(t *testing.T) {
	t.Parallel()
	fields := Fields{"buyer": "xu.lei", "team": []any{"xu.lei", "chen.bo"}, "region": "east", "contact": "Zhou"}
	for by, want := range map[string][]string{
		"initiator":                           {"ask:li.na"},
		"{manager_of: initiator}":             {"ask:wang.fang"},
		"{manager_of: owner}":                 {"ask:wang.fang"},
		"{manager_of: buyer}":                 {"ask:zhao.qiang"},
		"{managers_of: buyer, up_to: top}":    {"ask:zhao.qiang", "ask:zhou.min"},
		"{head_of: finance}":                  {"ask:he.jing"},
		"{in_charge_of: finance}":             {"ask:sun.wei"},
		"{in_charge_of: sales}":               {"ask:zhou.min"},
		"{in_charge_of: space}":               {"ask:admin"},
		"{role: finance}":                     {"ask:guo.yan|he.jing"},
		"{role: finance, everyone: true}":     {"ask:guo.yan", "ask:he.jing"},
		"{role: finance, for: record.region}": {"ask:guo.yan"}, // TestARoleIsHeldForAValue
		"{role: finance, for: record.note}":   {"ask:admin"},
		"{department: quality}":               {"ask:xu.lei|zhao.qiang"},
		"{user: xu.lei}":                      {"ask:xu.lei"},
		"{field: buyer}":                      {"ask:xu.lei"},
		"{field: owner}":                      {"ask:li.na"},
		"{field: team}":                       {"ask:xu.lei", "ask:chen.bo"},
		"{cel: record.buyer}":                 {"ask:xu.lei"},
		"{cel: record.team}":                  {"ask:xu.lei", "ask:chen.bo"},
		`{cel: 'record.size > 1 ? record.buyer : record.owner'}`:                {"ask:li.na"},
		"{outside: record.contact, stands_in: {role: finance}}":                 {"ask:guo.yan|he.jing"},
		"{outside: record.note, stands_in: {role: finance}}":                    {"ask:admin"},
		"[{user: xu.lei, if: record.size > 1}, {user: chen.bo}]":                {"ask:chen.bo"},
		"[{user: xu.lei}, {field: team}]":                                       {"ask:xu.lei", "ask:chen.bo"},
		"[{user: xu.lei, if: record.size > 1}, {role: x, if: record.size > 1}]": {"ask:admin"},
	} {
		c := dealing(t, fmt.Sprintf("  - {id: ask, approve: Ask, by: %s, mode: all}\n", by), fields)
		c.company.members["role:finance@east"] = []string{"guo.yan"}
		top := c.company.departments["top"]
		top.InCharge = "zhou.min"
		c.company.departments["top"] = top
		finance := c.company.departments["finance"]
		finance.InCharge = "sun.wei"
		c.company.departments["finance"] = finance
		c.start("li.na")
		require.Equal(t, want, c.open(), by)
	}
}

func TestManagersInARowStopWhereTheChainSays(t *testing.T) {
	t.Parallel()
	for by, want := range map[string][]string{
		"{managers_of: initiator, up_to: top}":                         {"ask:wang.fang", "ask:sun.wei", "ask:zhou.min"},
		"{managers_of: initiator, up_to: top, order: down}":            {"ask:zhou.min", "ask:sun.wei", "ask:wang.fang"},
		"{managers_of: initiator, up_to: {role: sales-director}}":      {"ask:wang.fang", "ask:sun.wei"},
		"{managers_of: initiator, up_to: {level: 1}}":                  {"ask:wang.fang"},
		"{managers_of: initiator, up_to: {level: 2}, order: down}":     {"ask:sun.wei", "ask:wang.fang"},
		"{managers_of: initiator, up_to: {level: 9}}":                  {"ask:wang.fang", "ask:sun.wei", "ask:zhou.min"},
		"{managers_of: initiator, up_to: {role: nobody-has-this-one}}": {"ask:wang.fang", "ask:sun.wei", "ask:zhou.min"},
	} {
		c := dealt(t, fmt.Sprintf("  - {id: ask, approve: Ask, by: %s, mode: all}\n", by), nil)
		require.Equal(t, want, c.open(), by)
	}
}

func TestManagersInARowPassOverTheInactiveAndEndInACircle(t *testing.T) {
	t.Parallel()
	steps := "  - {id: ask, approve: Ask, by: {managers_of: initiator, up_to: {level: 2}}, mode: all}\n"
	c := dealing(t, steps, nil)
	c.company.leave("wang.fang")
	c.start("li.na")
	require.Equal(t, []string{"ask:sun.wei", "ask:zhou.min"}, c.open())

	c = dealing(t, steps, nil)
	c.company.add("wang.fang", "sales", "li.na") // each is the other's manager
	c.start("li.na")
	require.Equal(t, []string{"ask:wang.fang"}, c.open(), "the initiator is never among their own managers")

	c = dealing(t, steps, nil)
	c.start("zhou.min")
	require.Equal(t, []string{"ask:admin"}, c.open(), "nobody stands above the top")
}

func TestWhySaysTheRule(t *testing.T) {
	t.Parallel()
	for by, want := range map[string][2]string{
		"{manager_of: initiator}":                           {"上级主管（发起人 li.na 的上级）", "the manager of the initiator li.na"},
		"{manager_of: buyer}":                               {"上级主管（采购员 xu.lei 的上级）", "the manager of buyer xu.lei"},
		"{managers_of: initiator, up_to: {level: 1}}":       {"第 1 级主管（发起人 li.na 的逐级上级）", "manager 1 above the initiator li.na"},
		"{head_of: quality}":                                {"部门负责人（quality）", "the head of quality"},
		"{field: buyer}":                                    {"记录的“采购员”", "the record's buyer"},
		"{cel: record.buyer}":                               {"按 record.buyer 确定", "named by record.buyer"},
		"{outside: record.name, stands_in: {user: xu.lei}}": {"代外部人员 one 办理（由流程指定）", "acts for one, who has no account (named by the chain)"},
		"{role: nobody}":                                    {"找不到办理人（角色 nobody），请管理员指派", "nobody was found (role nobody): an administrator must assign somebody"},
	} {
		c := dealt(t, fmt.Sprintf("  - {id: ask, approve: Ask, by: %s}\n", by), Fields{"buyer": "xu.lei"})
		require.Equal(t, want, [2]string{c.why("zh")[0], c.why("en")[0]}, by)
	}
	c := dealt(t, "  - {id: ask, approve: Ask, by: {managers_of: initiator, up_to: {role: nobody}}, mode: all}\n", nil)
	require.Equal(t, "manager 3 above the initiator li.na; nobody above has the role nobody, so it goes to the top", c.why("en")[2])
	c = dealt(t, "  - {id: ask, approve: Ask, by: [{user: wang.fang}, {manager_of: initiator}], mode: all}\n", nil)
	require.Equal(t, []string{"named by the chain; the manager of the initiator li.na"}, c.why("en"), "one person is one seat, with both reasons")
}

func TestAnItemNamesWhoIsAsked(t *testing.T) {
	t.Parallel()
	steps := func(over, by string) string {
		return "  - id: all\n    each: record." + over + "\n    as: x\n    steps:\n      - {id: ask, approve: Ask, by: " + by + ", mode: first}\n"
	}
	for _, test := range []struct {
		over, by string
		want     []string
	}{
		{"places", "{department: $x}", []string{"ask:guo.yan|he.jing", "ask:xu.lei|zhao.qiang"}},
		{"places", "{head_of: $x}", []string{"ask:he.jing", "ask:zhao.qiang"}},
		{"places", "{in_charge_of: $x}", []string{"ask:admin", "ask:admin"}},
		{"team", "{user: $x}", []string{"ask:xu.lei", "ask:chen.bo"}},
		{"team", "{manager_of: $x}", []string{"ask:zhao.qiang", "ask:wang.fang"}},
		{"team", "{managers_of: $x, up_to: {level: 2}}", []string{"ask:zhao.qiang", "ask:zhou.min", "ask:wang.fang", "ask:sun.wei"}},
	} {
		c := dealt(t, steps(test.over, test.by), Fields{"places": []any{"finance", "quality"}, "team": []any{"xu.lei", "chen.bo"}})
		require.Equal(t, test.want, c.open(), test.by)
	}
}

func TestAnExpressionThatFailsHoldsTheCase(t *testing.T) {
	t.Parallel()
	steps := "  - {id: ask, approve: Ask, by: {cel: 'record.size / record.size > 0 ? record.buyer : record.owner'}, if_none: skip}\n"
	c := dealt(t, steps, Fields{"size": 0.0, "buyer": "xu.lei"})
	require.NotNil(t, c.in.State.Held, "nobody knows who must be asked, so nothing is skipped")
	c.in.Record.Fields["size"] = 2.0
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "put right"}))
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
}

func TestTheInitiatorRuleAlsoHoldsForSets(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string][]string{
		"ask": {"ask:chen.bo|li.na|wang.fang"}, "skip": {"ask:chen.bo|wang.fang"}, "{to: {manager_of: initiator}}": {"ask:chen.bo|wang.fang"},
	} {
		c := dealt(t, "  - {id: ask, approve: Ask, by: {role: sales}, if_initiator: "+rule+"}\n", nil)
		require.Equal(t, want, c.open(), rule)
	}
}

// Semantics 6.
func TestSeparationOfDutiesBeatsTheInitiatorRule(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"ask", "skip", "{to: {user: li.na}}"} {
		c := dealt(t, "  - {id: work, task: Work, by: initiator}\n  - {id: ask, approve: Ask, by: initiator, not_same_as: [work], if_initiator: "+rule+"}\n", nil)
		c.must(c.act("li.na", EventComplete, "work"))
		require.Equal(t, []string{"ask:admin"}, c.open(), rule)
	}
}

func TestEverybodyWhoDecidedIsKeptOut(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - {id: first, approve: First, by: [{user: sun.wei}, {user: he.jing}, {user: guo.yan}], mode: all}
  - {id: second, approve: Second, by: {role: finance}, not_same_as: [first]}
`, nil)
	for _, who := range []string{"sun.wei", "guo.yan", "he.jing"} {
		c.must(c.act(who, EventApprove, "first"))
	}
	require.Equal(t, []string{"second:admin"}, c.open(), "both of finance have decided the first step, not only who was last")
	require.Equal(t, []string{"guo.yan", "he.jing", "sun.wei"}, c.in.State.Open[0].Seats[0].Excluded)

	c = dealt(t, `
  - {id: first, approve: First, by: [{user: he.jing}, {user: guo.yan}], mode: first}
  - {id: second, approve: Second, by: {role: finance}, not_same_as: [first]}
`, nil)
	c.must(c.act("he.jing", EventApprove, "first"))
	require.Equal(t, []string{"second:guo.yan"}, c.open(), "guo.yan was asked and didn't decide")
}

func TestOnlyTheLastRoundKeepsOut(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - {id: first, approve: First, by: {role: finance}}
  - {id: second, approve: Second, by: {role: finance}, not_same_as: [first], on: {returned: {go: first}}}
`, nil)
	c.must(c.act("he.jing", EventApprove, "first"))
	c.must(c.act("guo.yan", EventReturn, "second", saying("again")))
	c.must(c.act("guo.yan", EventApprove, "first"))
	require.Equal(t, []string{"second:he.jing"}, c.open())
}

func TestSeparationInsideAnItemIsTheItems(t *testing.T) {
	t.Parallel()
	steps := `
  - id: all
    each: record.team
    as: x
    steps:
      - {id: first, task: First, by: {user: $x}}
      - {id: second, task: Second, by: {role: both}, not_same_as: [first]}
  - {id: last, task: Last, by: {role: both}, not_same_as: [first]}
`
	c := dealing(t, steps, Fields{"team": []any{"xu.lei", "chen.bo"}})
	c.company.members["role:both"] = []string{"chen.bo", "xu.lei", "zhao.qiang"}
	c.start("li.na")
	c.must(c.act("xu.lei", EventComplete, "first"))
	c.must(c.act("chen.bo", EventComplete, "first"))
	require.Equal(t, []string{"second:chen.bo|zhao.qiang", "second:xu.lei|zhao.qiang"}, c.open(), "who did it for this item")
	c.must(c.act("chen.bo", EventComplete, "second"))
	c.must(c.act("xu.lei", EventComplete, "second"))
	require.Equal(t, []string{"last:zhao.qiang"}, c.open(), "outside: who did it for any")
}

func TestNamesInEveryFormAreLookedUp(t *testing.T) {
	t.Parallel()
	doc := "process: p\nrecord: lead\nstart: {by: [role:sales]}\nsteps:\n" +
		"  - {approve: A, mode: all, by: [{managers_of: initiator, up_to: {role: pilot}}, {in_charge_of: space}, {role: cook, for: record.source}]}\n" +
		"  - {approve: B, by: {picked_by: previous, from: [{user: nobody.here}, {user: li.na}]}}\n" +
		"  - {approve: C, by: {outside: record.contact, stands_in: {group: board}}, show: [contact]}\n"
	base := loadLanguage(t, "lead-review", "lead", "customer")
	_, problems := Load([]File{{Path: "p.yaml", Content: doc}}, base, nameList{"user:li.na", "role:sales"})
	var said []string
	for _, p := range problems {
		said = append(said, strings.Split(p.String("en"), "\n")[0])
	}
	require.Equal(t, []string{
		"p.yaml:5:73: warning: there is no role `pilot` yet",
		"p.yaml:5:97: warning: there is no department `space` yet",
		"p.yaml:5:112: warning: there is no role `cook` yet",
		"p.yaml:6:58: there is no person `nobody.here`",
		"p.yaml:7:22: warning: unless `record.contact` holds an e-mail address nobody can write to them, and only who stands in acts: say `email: record.…`",
		"p.yaml:7:67: warning: there is no group `board` yet",
	}, said)
}

func TestARoleIsCalledByItsName(t *testing.T) {
	t.Parallel()
	c := newCompany()
	c.called = map[Principal]Text{"role:finance": {ZH: "财务", EN: "Finance"}, "role:sales": Same("sales")}
	m := newMachine(Input{Process: &Process{}, Directory: c}, Event{})
	require.Equal(t, Text{ZH: "角色“财务”", EN: "role “Finance”"}, m.setText(ByRole, "finance"))
	require.Equal(t, Text{ZH: "角色 sales", EN: "role sales"}, m.setText(ByRole, "sales"), "its id says as much")
	require.Equal(t, Text{ZH: "职位 buyer", EN: "position buyer"}, m.setText(ByPosition, "buyer"), "it has no name")
}
