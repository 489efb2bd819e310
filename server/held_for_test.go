package server

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// regional is a chain that asks the finance of the region, then whoever is in charge of the desk, then its head.
const regional = `record: order
title: {zh: 订单, en: Order}
number: "O{0000}"
fields:
  name:   {type: text, required: true}
  region: {type: choice, title: {zh: 区域, en: Region}, of: {north: {zh: 华北, en: North}, south: {zh: 华南, en: South}}}
  desk:   {type: department, title: {zh: 部门, en: Desk}}
  owner:  {type: person, default: creator}
---
process: regional
title: {zh: 区域审批, en: Regional}
record: order
number: "RE{0000}"
start: {by: [role:sales]}
steps:
  - {id: money, approve: {zh: 财务, en: Finance}, by: {role: finance, for: record.region}, due: 1 working day}
  - {id: charge, approve: {zh: 分管, en: In charge}, by: {in_charge_of: record.desk}, if: has(record.desk)}
  - {id: head, approve: {zh: 负责人, en: Head}, by: {head_of: record.desk}, if: has(record.desk)}
  - end: approved
`

// newRegional is the sample company with that chain; its finance: song.jia for north, fan.li for south, liang.hong for everything.
func newRegional(t *testing.T) *bundle {
	t.Helper()
	b := newBundle(t)
	b.publish("regional.yaml", regional)
	admin := b.as("deng.rui")
	admin.patch("/users/song.jia", map[string]any{"roles": []string{"finance@ north "}}).ok()
	admin.patch("/users/fan.li", map[string]any{"roles": []string{"finance@south"}}).ok()
	return b
}

func (b *bundle) order(region, desk string) map[string]any {
	b.Helper()
	with := map[string]any{"name": "pumps"}
	for field, value := range map[string]string{"region": region, "desk": desk} {
		if value != "" {
			with[field] = value
		}
	}
	return b.as("li.na").post("/cases", map[string]any{"process": "regional", "with": with}).ok()
}

func firstOpen(c map[string]any) map[string]any { return c["open"].([]any)[0].(map[string]any) }

// has says whether a task stands in somebody's box.
func (b *bundle) has(user, task string) bool {
	b.Helper()
	for _, item := range b.as(user).get("/tasks?box=todo&process=regional").items() {
		if item["id"] == task {
			return true
		}
	}
	return false
}

// The finance of the region has the task, and whoever has finance for everything; the finance of another region doesn't see it.
func TestARoleIsHeldForOneValue(t *testing.T) {
	t.Parallel()
	b := newRegional(t)
	c := b.order("north", "")
	task := openTask(c)
	require.Equal(t, []any{"liang.hong", "song.jia"}, firstOpen(c)["who"])
	for user, has := range map[string]bool{"song.jia": true, "liang.hong": true, "fan.li": false, "zhou.min": false} {
		require.Equal(t, has, b.has(user, task), user)
	}
	seen := b.as("song.jia").get("/tasks/" + task).ok()
	require.Equal(t, "role “Finance” for North (Region)", seen["why"])
	require.Equal(t, "角色“财务”（区域：华北）", b.as("song.jia").in("zh").get("/tasks/" + task).ok()["why"])
	require.Equal(t, []any{"liang.hong", "song.jia"}, seen["candidates"])
	b.as("fan.li").get("/tasks/" + task).refused(process.CodeNotFound)
	b.as("fan.li").post("/tasks/"+task+"/approve", nil).refused(process.CodeNotYourTask)

	ahead := b.as("li.na").post("/cases/preview", map[string]any{"process": "regional", "with": map[string]any{"name": "x", "region": "south"}}).ok()
	who := []any{}
	for _, w := range ahead["steps"].([]any)[0].(map[string]any)["who"].([]any) {
		who = append(who, w.(map[string]any)["user"])
	}
	require.Equal(t, []any{"fan.li", "liang.hong"}, who)

	ended := b.as("song.jia").post("/tasks/"+task+"/approve", nil).ok()["case"].(map[string]any)
	require.Equal(t, "approved", ended["outcome"])
	for _, e := range b.as("li.na").get("/cases/" + c["id"].(string) + "/timeline").items() {
		if e["event"] == "opened" {
			require.Equal(t, []any{"role:finance@north"}, e["data"].(map[string]any)["candidates"])
			require.Equal(t, "Finance (north)", e["names"].(map[string]any)["role:finance@north"])
		}
	}
	require.Equal(t, []any{"deng.rui"}, firstOpen(b.order("", ""))["who"], "no region is nobody's: an administrator assigns somebody")
}

// A role that is given for another value moves what is open at once; taken away, it leaves the task to those who hold it for everything.
func TestAScopedRoleCountsAtOnce(t *testing.T) {
	t.Parallel()
	b := newRegional(t)
	admin := b.as("deng.rui")
	task := openTask(b.order("north", ""))
	require.True(t, b.has("song.jia", task))
	admin.patch("/users/song.jia", map[string]any{"roles": []string{"finance@south"}}).ok()
	admin.patch("/roles/finance", map[string]any{"for": map[string]any{"north": []string{"fan.li", "pan.yu"}, "south": []string{"song.jia"}, "west": []string{}}}).ok()
	for user, has := range map[string]bool{"song.jia": false, "fan.li": true, "pan.yu": true, "liang.hong": true} {
		require.Equal(t, has, b.has(user, task), user)
	}
	admin.patch("/users/liang.hong", map[string]any{"roles": []string{}}).ok()
	require.False(t, b.has("liang.hong", task))
	b.as("liang.hong").post("/tasks/"+task+"/approve", nil).refused(process.CodeNotYourTask)
	b.as("pan.yu").post("/tasks/"+task+"/approve", nil).ok()
}

// A role held for one value is written finance@north with the person, and stands under `for` with the role; one without a scope is written as ever.
func TestScopedRolesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	b := newRegional(t)
	admin := b.as("deng.rui")
	role := func() map[string]any {
		for _, r := range admin.get("/roles").items() {
			if r["id"] == "finance" {
				return r
			}
		}
		return nil
	}
	require.Equal(t, []any{"finance@north"}, admin.get("/users?id=song.jia").items()[0]["roles"])
	require.Equal(t, []any{"finance@north"}, b.as("song.jia").get("/session").ok()["roles"])
	require.Equal(t, []any{"liang.hong"}, role()["users"])
	require.Equal(t, map[string]any{"north": []any{"song.jia"}, "south": []any{"fan.li"}}, role()["for"])

	admin.patch("/users/song.jia", map[string]any{"title": "Credit"}).ok()
	require.Equal(t, []any{"finance@north"}, admin.get("/users?id=song.jia").items()[0]["roles"], "a change of something else leaves it")
	admin.patch("/roles/finance", map[string]any{"users": []string{"song.jia"}}).ok()
	require.Equal(t, []any{"finance", "finance@north"}, admin.get("/users?id=song.jia").items()[0]["roles"])
	admin.patch("/roles/finance", map[string]any{"for": map[string]any{}}).ok()
	require.Equal(t, []any{"finance"}, admin.get("/users?id=song.jia").items()[0]["roles"])
	require.Equal(t, map[string]any{}, role()["for"])
	made := admin.post("/roles", map[string]any{"id": "buyer", "name": "Buyer", "for": map[string]any{"steel@2": []string{"li.na"}}}).ok()
	require.Equal(t, map[string]any{"steel@2": []any{"li.na"}}, made["for"])
	require.Equal(t, []any{"buyer@steel@2", "sales"}, admin.get("/users?id=li.na").items()[0]["roles"])
}

// A role held for one value gives the rights of the role; those that this software itself asks for aren't held for a value.
func TestScopedRolesAndRights(t *testing.T) {
	t.Parallel()
	b := newRegional(t)
	admin := b.as("deng.rui")
	admin.patch("/users/pan.yu", map[string]any{"roles": []string{"sales@north"}}).ok()
	b.as("pan.yu").post("/cases", map[string]any{"process": "regional", "with": map[string]any{"name": "x", "region": "north"}}).ok()
	for _, role := range []string{"administrator@north", "process-owner@north", "integrator@north"} {
		admin.patch("/users/pan.yu", map[string]any{"roles": []string{role}}).field(process.CodeFieldInvalid, "roles")
	}
	admin.patch("/roles/administrator", map[string]any{"for": map[string]any{"north": []string{"pan.yu"}}}).field(process.CodeFieldInvalid, "for")
	b.as("pan.yu").post("/users", map[string]any{"user": "x", "name": "X"}).refused(process.CodeForbidden)
}

// Who is in charge of a department isn't its head; without one it is whoever is in charge of the one above.
func TestWhoIsInChargeIsAsked(t *testing.T) {
	t.Parallel()
	b := newRegional(t)
	admin := b.as("deng.rui")
	admin.patch("/departments/sales", map[string]any{"in_charge": "wang.jianguo"}).ok()
	admin.patch("/departments/sales-east", map[string]any{"in_charge": "xu.jing"}).ok()
	asked := func(desk string) any {
		c := b.order("north", desk)
		next := b.as("song.jia").post("/tasks/"+openTask(c)+"/approve", nil).ok()["case"].(map[string]any)
		return firstOpen(next)["who"]
	}
	require.Equal(t, []any{"xu.jing"}, asked("sales-east"))
	require.Equal(t, []any{"wang.jianguo"}, asked("sales-south"), "of the department above")
	admin.patch("/departments/sales-east", map[string]any{"in_charge": ""}).ok()
	require.Equal(t, []any{"wang.jianguo"}, asked("sales-east"))
	for _, d := range admin.get("/departments").items() {
		require.Contains(t, d, "in_charge")
		if d["id"] == "sales" {
			require.Equal(t, []any{"zhou.min", "wang.jianguo"}, []any{d["head"], d["in_charge"]})
		}
	}
	require.Equal(t, []any{"deng.rui"}, asked("quality"), "nobody is in charge: an administrator assigns somebody")
}

// Who leaves hands on what they hold for one value, and the departments that they are in charge of.
func TestAHandoverMovesScopedRolesAndWhoIsInCharge(t *testing.T) {
	t.Parallel()
	b := newRegional(t)
	admin := b.as("deng.rui")
	admin.patch("/departments/quality", map[string]any{"in_charge": "song.jia"}).ok()
	c := b.order("north", "quality")
	task := openTask(c)
	preview := theirs(admin.post("/users/song.jia/handover?preview=true", map[string]any{"to": "pan.yu"}))
	require.Equal(t, []int{1, 1}, []int{preview["roles"], preview["departments"]})
	left := admin.post("/users/song.jia/handover", map[string]any{"to": "pan.yu", "instead": map[string]string{"departments": "xu.jing"}, "comment": "leaves"})
	left.ok()
	require.Equal(t, []any{"finance@north", "integrator"}, admin.get("/users?id=pan.yu").items()[0]["roles"])
	require.True(t, b.has("pan.yu", task), "at once")
	b.moveAll()
	require.Empty(t, theirs(admin.get("/users/song.jia/handover")))
	next := b.as("pan.yu").post("/tasks/"+task+"/approve", nil).ok()["case"].(map[string]any)
	require.Equal(t, []any{"xu.jing"}, firstOpen(next)["who"])
}

// Managers and departments above each other never go round, not even when two change at once.
func TestNobodyIsAboveThemselves(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	admin.patch("/users/li.na", map[string]any{"manager": "li.na"}).field(process.CodeFieldInvalid, "manager")
	admin.patch("/users/zhou.min", map[string]any{"manager": "li.na"}).field(process.CodeFieldInvalid, "manager")
	admin.patch("/departments/management", map[string]any{"parent": "sales-east"}).field(process.CodeFieldInvalid, "parent")
	admin.patch("/departments/sales", map[string]any{"parent": "sales"}).field(process.CodeFieldInvalid, "parent")
	require.Equal(t, "wang.jianguo", b.manager("zhou.min"))
	require.Contains(t, string(admin.patch("/users/zhou.min", map[string]any{"manager": "li.na"}).raw), "zhou.min → li.na → chen.jie → zhou.min")

	for range 5 {
		admin.patch("/users/wu.xiaoling", map[string]any{"manager": "huang.zhiwei"}).ok()
		admin.patch("/users/zheng.kai", map[string]any{"manager": "huang.zhiwei"}).ok()
		var both sync.WaitGroup
		status := make([]int, 2)
		for i, pair := range [][2]string{{"wu.xiaoling", "zheng.kai"}, {"zheng.kai", "wu.xiaoling"}} {
			both.Go(func() { status[i] = admin.patch("/users/"+pair[0], map[string]any{"manager": pair[1]}).status })
		}
		both.Wait()
		require.ElementsMatch(t, []int{200, 422}, status)
	}
}
