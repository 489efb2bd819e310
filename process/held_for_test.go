package process

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Regions of the test: chen.bo has finance for east, xu.lei for south, he.jing for everything.
func held(c *trial) {
	c.company.members["role:finance"] = []string{"chen.bo", "he.jing", "xu.lei"}
	c.company.members["role:finance@east"] = []string{"chen.bo"}
	c.company.members["role:finance@south"] = []string{"xu.lei"}
	c.company.members["role:finance@finance"] = []string{"guo.yan"}
	c.company.members["role:finance@*"] = []string{"he.jing"}
	c.company.called = map[Principal]Text{"role:finance@east": {ZH: "财务", EN: "Finance"}, "role:finance@west": {ZH: "财务", EN: "Finance"}}
}

// A role held for one value is asked for that value only; who holds it for everything is asked for each.
func TestARoleIsHeldForAValue(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]map[string][]string{
		"{role: finance, for: record.region}": {
			"east": {"ask:chen.bo|he.jing"}, " south ": {"ask:he.jing|xu.lei"}, "west": {"ask:he.jing"}, "East": {"ask:he.jing"}, "*": {"ask:admin"}, "": {"ask:admin"},
			strings.Repeat("东", MaxHeldFor): {"ask:he.jing"}, strings.Repeat("东", MaxHeldFor+1): {"ask:admin"},
		},
		"{role: finance, for: record.region, everyone: true}":              {"east": {"ask:chen.bo", "ask:he.jing"}},
		`{role: finance, for: 'record.size > 1 ? "east" : record.region'}`: {"south": {"ask:he.jing|xu.lei"}},
		"{role: finance, for: record.place}":                               {"": {"ask:guo.yan|he.jing"}},
		"{role: finance}":                                                  {"east": {"ask:chen.bo|he.jing|xu.lei"}},
	} {
		for region, who := range want {
			c := dealing(t, "  - {id: ask, approve: Ask, by: "+by+", mode: all}\n", Fields{"region": region, "place": "finance", "size": 1.0})
			held(c)
			c.start("li.na")
			require.Equal(t, who, c.open(), "%s %q", by, region)
		}
	}
}

func TestWhyNamesWhatARoleIsHeldFor(t *testing.T) {
	t.Parallel()
	for region, want := range map[string][2]string{
		"east": {"角色“财务”（region：east）", "role “Finance” for east (region)"},
		"":     {"找不到办理人（角色 finance（region是空的）），请管理员指派", "nobody was found (role finance: region is empty): an administrator must assign somebody"},
	} {
		c := dealing(t, "  - {id: ask, approve: Ask, by: {role: finance, for: record.region}}\n", Fields{"region": region})
		held(c)
		c.start("li.na")
		require.Equal(t, want, [2]string{c.why("zh")[0], c.why("en")[0]})
	}
}

// Only those of the one value are named to people: who holds the role for everything goes without saying.
func TestWhoHoldsARoleForEverythingIsNotNamed(t *testing.T) {
	t.Parallel()
	c := dealing(t, "  - {id: ask, approve: Ask, by: {role: finance, for: record.region}}\n", Fields{"region": "east"})
	held(c)
	c.start("li.na")
	opened := slices.IndexFunc(c.all, func(e Entry) bool { return e.Event == "opened" })
	require.Equal(t, []Principal{"role:finance@east"}, c.all[opened].Data["candidates"])
	require.Equal(t, []Principal{"role:finance@east", "role:finance@*"}, c.in.State.Open[0].Seats[0].Candidates)
}

// A field may say which department, role or person is meant; while it is empty that is nobody.
func TestAFieldNamesWhoIsAsked(t *testing.T) {
	t.Parallel()
	for by, want := range map[string][2]string{
		"{department: record.place}":                              {"ask:guo.yan|he.jing", "ask:admin"},
		"{head_of: record.place}":                                 {"ask:he.jing", "ask:admin"},
		"{in_charge_of: record.place}":                            {"ask:sun.wei", "ask:admin"},
		"{role: record.region}":                                   {"ask:wang.fang", "ask:admin"},
		"{user: record.buyer}":                                    {"ask:xu.lei", "ask:admin"},
		"{manager_of: record.buyer}":                              {"ask:zhao.qiang", "ask:admin"},
		"{managers_of: record.buyer, up_to: {level: 1}}":          {"ask:zhao.qiang", "ask:admin"},
		"{outside: record.name, stands_in: {user: record.buyer}}": {"ask:xu.lei", "ask:admin"},
	} {
		for i, fields := range []Fields{{"place": "finance", "region": "sales-manager", "buyer": "xu.lei"}, {}} {
			c := dealing(t, "  - {id: ask, approve: Ask, by: "+by+"}\n", fields)
			finance := c.company.departments["finance"]
			finance.InCharge = "sun.wei"
			c.company.departments["finance"] = finance
			c.start("li.na")
			require.Equal(t, []string{want[i]}, c.open(), "%s %v", by, fields)
			require.Nil(t, c.in.State.Held)
		}
	}
}

// Who is in charge of a department is not its head; without one it is whoever is in charge of the nearest one above that has one, and who has left is nobody.
func TestWhoIsInChargeOfADepartment(t *testing.T) {
	t.Parallel()
	charge := func(of map[string]string, left ...string) []string {
		c := dealing(t, "  - {id: ask, approve: Ask, by: {in_charge_of: finance}}\n", nil)
		for id, who := range of {
			d := c.company.departments[id]
			d.InCharge = who
			c.company.departments[id] = d
		}
		for _, id := range left {
			c.company.leave(id)
		}
		c.start("li.na")
		return append(c.open(), c.why("en")...)
	}
	require.Equal(t, []string{"ask:sun.wei", "in charge of finance"}, charge(map[string]string{"finance": "sun.wei", "top": "zhou.min"}))
	require.Equal(t, []string{"ask:zhou.min", "in charge of finance"}, charge(map[string]string{"top": "zhou.min"}))
	require.Equal(t, []string{"ask:zhou.min", "in charge of finance"}, charge(map[string]string{"finance": "sun.wei", "top": "zhou.min"}, "sun.wei"))
	require.Equal(t, "ask:admin", charge(nil)[0], "the head isn't in charge")
}

// What an older software would find nobody by, it isn't given.
func TestChainsThatAskAnewNeedTheirFormat(t *testing.T) {
	t.Parallel()
	for by, format := range map[string]int{
		"{role: finance}": FormatPlain, "{head_of: finance}": FormatPlain, "{role: finance, for: record.region}": FormatScoped, "{in_charge_of: finance}": FormatScoped,
		"{head_of: record.place}": FormatScoped,
	} {
		c := dealing(t, "  - {id: ask, approve: Ask, by: "+by+"}\n", nil)
		require.Equal(t, format, c.in.Process.Format(), by)
	}
	c := begin(t, Fields{"name": "one"}, deal, "process: small\ntitle: Small\nrecord: deal\nstart: {by: [role:sales]}\nrevoke: {by: initiator, approved_by: {in_charge_of: sales}}\nsteps:\n  - end: approved\n")
	require.Equal(t, FormatScoped, c.in.Process.Format())
	require.Equal(t, FormatScoped, c.in.Process.Revocation().Format())
}

// A chain that was published when `record.name` was a name like any other is read as before: nobody is found, and nothing is lost.
func TestAPublishedChainMayNameWhatIsNoDepartment(t *testing.T) {
	t.Parallel()
	files := []File{{Path: "deal.yaml", Content: deal}, {Path: "small.yaml", Content: dealChain("  - {id: ask, approve: Ask, by: {head_of: record.size}}\n")}}
	loaded, problems := Load(files, nil, nil)
	require.True(t, Failed(problems))
	base := NewLibrary()
	maps.Copy(base.Types, loaded.Types)
	base.Past = true
	loaded, problems = Load(files[1:], base, nil)
	require.False(t, Failed(problems), "%v", problems)
	require.Equal(t, FormatPlain, loaded.Processes["small"].Format())
	c := &company{departments: map[string]Department{}}
	require.Empty(t, people{c}.headAbove(loaded.Processes["small"].Step("ask").Who.Seats[0].Of, ""))
}

// Read aloud, a chain says what a role is held for and which field names whom.
func TestSayNamesWhatARoleIsHeldFor(t *testing.T) {
	t.Parallel()
	for by, want := range map[string][2]string{
		"{role: finance, for: record.region}": {"审批人：角色 finance（负责“region”或不限范围的）中的任意一人。", "It is decided by any one of the role finance (those who hold it for “region”, or for everything)."},
		"{in_charge_of: sales}":               {"审批人：部门 sales的分管领导。", "It is decided by the executive in charge of the department sales."},
		"{head_of: record.place}":             {"审批人：record.place 里写的部门的负责人。", "It is decided by the head of the department in record.place."},
		"{manager_of: record.buyer}":          {"审批人：record.buyer 里的人的上级。", "It is decided by the manager of the person in record.buyer."},
	} {
		c := dealing(t, "  - {id: ask, approve: Ask, by: "+by+"}\n", nil)
		for i, lang := range []string{"zh", "en"} {
			require.Contains(t, strings.Join(c.in.Process.Say(lang, nil), "\n"), want[i])
		}
	}
}
