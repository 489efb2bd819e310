package server

import (
	"strings"
	"testing"
)

// raceSlip is what the chains are about.
const raceSlip = `record: slip
title: {zh: 单, en: Slip}
number: "SL{000000}"
fields:
  title: {type: text, required: true}
  note:  {type: text}
  owner: {type: person, default: creator}
`

// raceHead is how the chains begin.
const raceHead = `process: NAME
title: {zh: 竞争, en: Race}
record: slip
number: "NAME-{00000}"
subject: "{record.title}"
start: {by: [role:sales]}
`

// raceChain is a chain by its name and its steps, and whatever else its head says.
func raceChain(name, rest string) string { return strings.ReplaceAll(raceHead, "NAME", name) + rest }

const (
	racePair = `steps:
  - {id: both, approve: {zh: 会签, en: Both}, by: [{user: chen.jie}, {user: liang.hong}], mode: all}
  - {id: after, approve: {zh: 之后, en: After}, by: {user: zhou.min}}
  - end: approved
`
	raceBranches = `steps:
  - id: apart
    title: {zh: 分头, en: Apart}
    parallel:
      - {id: left, title: {zh: 左, en: Left}, steps: [{id: l, approve: {zh: 左, en: L}, by: {user: chen.jie}}]}
      - {id: right, title: {zh: 右, en: Right}, steps: [{id: r, approve: {zh: 右, en: R}, by: {user: liang.hong}}]}
  - {id: after, approve: {zh: 之后, en: After}, by: {user: zhou.min}}
  - end: approved
`
	raceVotes = `steps:
  - {id: vote, approve: {zh: 投票, en: Vote}, by: [{user: chen.jie}, {user: liang.hong}, {user: song.jia}], mode: {votes: {need: 2/3}}}
  - {id: after, approve: {zh: 之后, en: After}, by: {user: zhou.min}}
  - end: approved
`
	raceTake = `steps:
  - {id: take, task: {zh: 办理, en: Take}, by: {group: racers}, claim: true}
  - {id: after, approve: {zh: 之后, en: After}, by: {user: zhou.min}}
  - end: approved
`
	raceDeal = `revoke: {by: [initiator, {role: finance}], within: 2 working days, approved_by: {role: sales-director}}
steps:
  - {id: mark, set: {note: marked}, undo: restore}
  - {id: agree, approve: {zh: 同意, en: Agree}, by: {user: chen.jie}}
  - end: approved
`
	raceRows = `steps:
  - {id: row, approve: {zh: 审批, en: Row}, by: [{user: chen.jie}, {user: liang.hong}], mode: first}
  - {id: after, approve: {zh: 之后, en: After}, by: {user: zhou.min}}
  - end: approved
`
	raceTurns = `steps:
  - {id: turn, approve: {zh: 依次, en: In turn}, by: [{user: chen.jie}, {user: liang.hong}, {user: song.jia}], mode: in_turn}
  - {id: after, approve: {zh: 之后, en: After}, by: {user: zhou.min}}
  - end: approved
`
	// Its third version is the one that cases begin with.
	raceVisit = `steps:
  - {id: plan, approve: {zh: 计划, en: Plan}, by: {user: chen.jie}}
  - {id: go, task: {zh: 拜访, en: Go}, by: initiator}
  - end: visited
`
)

// raceChains are what is published, one publication after another.
var raceChains = [][]string{
	{raceSlip, raceChain("pair", racePair), raceChain("branches", raceBranches), raceChain("votes", raceVotes), raceChain("take", raceTake), raceChain("deal", raceDeal),
		raceChain("rows", raceRows), raceChain("turns", raceTurns), raceChain("visit", raceVisit)},
	{raceChain("visit", strings.Replace(raceVisit, "  - end", "  - {id: report, task: {zh: 报告, en: Report}, by: initiator}\n  - end", 1))},
	{raceChain("visit", strings.Replace(raceVisit, "  - end", "  - {id: look, approve: {zh: 看看, en: Look}, by: {user: zhou.min}}\n  - end", 1))},
}

var (
	chenAgrees   = does("chen.jie", "/tasks/{both/chen.jie}/approve")
	liangAgrees  = does("liang.hong", "/tasks/{both/liang.hong}/approve")
	liangRefuses = does("liang.hong", "/tasks/{both/liang.hong}/reject")
)

// Semantics 10.
func TestRacesOfTakingBack(t *testing.T) {
	t.Parallel()
	newRaces(t).run(t, []race{
		{name: "a vote is taken back while the last one closes the round", process: "pair", stand: []raceAct{chenAgrees},
			acts: []raceAct{does("chen.jie", "/tasks/{both/chen.jie}/take-back"), liangAgrees}, winners: [2]int{1, 2}},
		{name: "a vote is taken back twice", process: "pair", stand: []raceAct{chenAgrees},
			acts: []raceAct{does("chen.jie", "/tasks/{both/chen.jie}/take-back")}, winners: [2]int{1, 1}},
		{name: "a branch is taken back while the other one opens what comes after both", process: "branches", stand: []raceAct{does("chen.jie", "/tasks/{l}/approve")},
			acts: []raceAct{does("chen.jie", "/tasks/{l}/take-back"), does("liang.hong", "/tasks/{r}/approve")}, winners: [2]int{1, 2}},
		{name: "a decision is taken back while the next one is made", process: "rows", stand: []raceAct{does("chen.jie", "/tasks/{row/chen.jie}/approve")},
			acts: []raceAct{does("chen.jie", "/tasks/{row/chen.jie}/take-back"), does("zhou.min", "/tasks/{after}/approve")}, winners: [2]int{1, 1}},
		{name: "an answer in turn is taken back while the next one is given", process: "turns", stand: []raceAct{does("chen.jie", "/tasks/{turn/chen.jie}/approve")},
			acts: []raceAct{does("chen.jie", "/tasks/{turn/chen.jie}/take-back"), does("liang.hong", "/tasks/{turn/liang.hong}/approve")}, winners: [2]int{1, 1}},
		{name: "a vote is taken back, given again, and joined by the last one", process: "pair", stand: []raceAct{chenAgrees},
			acts: []raceAct{does("chen.jie", "/tasks/{both/chen.jie}/take-back"), chenAgrees, liangAgrees}},
		{name: "three vote where two are enough", process: "votes",
			acts: []raceAct{does("chen.jie", "/tasks/{vote/chen.jie}/approve"), does("liang.hong", "/tasks/{vote/liang.hong}/approve"), does("song.jia", "/tasks/{vote/song.jia}/approve")}, winners: [2]int{2, 2}},
	})
}

// Semantics 12.
func TestRacesOfAddingAndRemoving(t *testing.T) {
	t.Parallel()
	var list []race
	for _, where := range []string{"before", "beside", "after"} {
		add := does("chen.jie", "/tasks/{both/chen.jie}/add-approver", "people", []string{"sun.peng"}, "where", where)
		list = append(list,
			race{name: "somebody is added " + where + " while others decide", process: "pair", acts: []raceAct{add, chenAgrees, liangRefuses}, winners: [2]int{1, 3}},
			race{name: "somebody is added " + where + " while the last vote closes the round", process: "pair", stand: []raceAct{liangAgrees}, acts: []raceAct{add, chenAgrees}, winners: [2]int{1, 2}})
	}
	remove := func(who string) raceAct {
		return does("deng.rui", "/tasks/{both/"+who+"}/remove-approver", "people", []string{who})
	}
	list = append(list,
		race{name: "somebody is added to the next step while it opens", process: "pair", stand: []raceAct{liangAgrees},
			acts: []raceAct{does("chen.jie", "/tasks/{both/chen.jie}/add-approver", "people", []string{"sun.peng"}, "step", "after"), chenAgrees}, winners: [2]int{1, 2}},
		race{name: "the last voter is removed while they vote", process: "pair", stand: []raceAct{liangAgrees}, acts: []raceAct{remove("chen.jie"), chenAgrees}, winners: [2]int{1, 1}},
		race{name: "the only voter is removed while they vote", process: "deal",
			acts: []raceAct{does("deng.rui", "/tasks/{agree}/remove-approver", "people", []string{"chen.jie"}), does("chen.jie", "/tasks/{agree}/approve")}, winners: [2]int{1, 1}},
		race{name: "both last voters are removed", process: "pair", acts: []raceAct{remove("chen.jie"), remove("liang.hong")}, winners: [2]int{2, 2}},
		race{name: "the last is removed while the other votes", process: "pair", acts: []raceAct{remove("chen.jie"), liangAgrees, liangRefuses}, winners: [2]int{1, 2}},
	)
	newRaces(t).run(t, list)
}

// Semantics 13.
func TestRacesForATask(t *testing.T) {
	t.Parallel()
	claim := func(who string) raceAct { return does(who, "/tasks/{take}/claim") }
	var everybody []raceAct
	for _, who := range racers() {
		everybody = append(everybody, claim(who))
	}
	transfer := does("sun.peng", "/tasks/{take}/transfer", "to", "he.yue")
	newRaces(t).run(t, []race{
		{name: "two dozen claim a task", process: "take", acts: everybody, winners: [2]int{1, 1}},
		{name: "a task is claimed, handed on and done", process: "take", winners: [2]int{1, 4},
			acts: []raceAct{claim("sun.peng"), claim("emma.clark"), transfer, does("sun.peng", "/tasks/{take}/complete"), does("he.yue", "/tasks/{take}/complete")}},
		{name: "a claimed task is handed on, given back and done", process: "take", stand: []raceAct{claim("sun.peng")},
			acts: []raceAct{transfer, does("sun.peng", "/tasks/{take}/release"), does("sun.peng", "/tasks/{take}/complete"), claim("emma.clark")}, winners: [2]int{1, 4}},
		{name: "a task is handed on and assigned while it is decided", process: "deal",
			acts: []raceAct{does("chen.jie", "/tasks/{agree}/transfer", "to", "he.yue"), does("deng.rui", "/tasks/{agree}/assign", "to", "sun.peng"), does("chen.jie", "/tasks/{agree}/approve")}},
	})
}

// Semantics 24, and many rows at once.
func TestRacesOfMigrationAndBulk(t *testing.T) {
	t.Parallel()
	to := func(version int) raceAct { return does("deng.rui", "/cases/{case}/migrate", "to", version) }
	rows := func(who, act string) raceAct { return raceAct{by: who, path: "{row/" + who + "}", bulk: act} }
	newRaces(t).run(t, []race{
		{name: "a case goes over while it is decided", process: "visit", acts: []raceAct{to(1), does("chen.jie", "/tasks/{plan}/approve")}, winners: [2]int{2, 2}},
		{name: "a case goes over to two versions", process: "visit", acts: []raceAct{to(1), to(2)}},
		{name: "two people decide the same rows", process: "rows", cases: 3, acts: []raceAct{rows("chen.jie", "approve"), rows("liang.hong", "reject")}, winners: [2]int{1, 1}},
		{name: "rows are decided while one of them is", process: "rows", cases: 2, winners: [2]int{1, 2},
			acts: []raceAct{rows("chen.jie", "approve"), does("liang.hong", "/tasks/{row/liang.hong}/reject"), does("li.na", "/cases/{case}/withdraw")}},
	})
}

// Semantics 10, 17, and who may be told how often.
func TestRacesForACase(t *testing.T) {
	t.Parallel()
	withdraw := does("li.na", "/cases/{case}/withdraw")
	agree := does("chen.jie", "/tasks/{agree}/approve")
	admin := func(act string, more ...any) raceAct { return does("deng.rui", "/cases/{case}/"+act, more...) }
	revoke := func(who string) raceAct {
		a := does(who, "/cases/{case}/revoke")
		a.apart = true
		return a
	}
	newRaces(t).run(t, []race{
		{name: "many urge", process: "pair", winners: [2]int{1, 2},
			acts: []raceAct{does("li.na", "/cases/{case}/urge"), does("li.na", "/tasks/{both/chen.jie}/urge"), admin("urge"), does("deng.rui", "/tasks/{both/liang.hong}/urge")}},
		{name: "many urge while the case goes on", process: "deal", acts: []raceAct{does("li.na", "/tasks/{agree}/urge"), does("deng.rui", "/tasks/{agree}/urge"), agree}, winners: [2]int{1, 2}},
		{name: "a case is withdrawn while it is approved", process: "deal", acts: []raceAct{withdraw, agree}, winners: [2]int{1, 1}},
		{name: "a case is revoked by two", process: "deal", stand: []raceAct{agree}, acts: []raceAct{revoke("li.na"), revoke("song.jia")}, winners: [2]int{1, 1}},
		{name: "a case is cancelled while it is led elsewhere", process: "pair", acts: []raceAct{admin("cancel"), admin("jump", "to", "after"), chenAgrees}},
		{name: "a case is suspended and goes on while it is decided", process: "pair", acts: []raceAct{admin("suspend"), admin("resume"), chenAgrees, liangAgrees}},
		{name: "a case is cancelled, withdrawn and approved", process: "deal", acts: []raceAct{admin("cancel"), withdraw, agree}, winners: [2]int{1, 1}},
	})
}
