package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// copied says of the last event to whom a copy went, of which step.
func (c *trial) copied() [][]string {
	out := [][]string{}
	for _, e := range c.effects {
		if e, ok := e.(CopyTo); ok {
			out = append(out, append([]string{e.Step}, e.To...))
		}
	}
	return out
}

func TestCopiesGoOutAtTheirMoments(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, approve: Ask, by: {user: sun.wei}, copy: [{to: {role: finance}, at: here}, {to: {manager_of: initiator}, at: approved}]}
  - {id: work, task: Work, by: initiator, copy: {to: [{user: xu.lei, if: record.size > 5}, {field: buyer}], at: here}}
`
	head := "copy: [{to: {user: chen.bo}, at: start}, {to: [{user: zhou.min}, {user: zhou.min}], at: end}, {to: {head_of: quality}, at: approved}]\n"
	begun := func() *trial {
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(steps)+head)
		c.start("li.na")
		return c
	}
	c := begun()
	require.Equal(t, [][]string{{"", "chen.bo"}, {"ask", "guo.yan", "he.jing"}}, c.copied())
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "a copy asks nobody")
	require.Equal(t, "start", c.entries("told")[0].Data["copy"])
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, [][]string{{"ask", "wang.fang"}}, c.copied(), "nobody is found for the task: then nobody gets a copy")
	require.Contains(t, c.effects, CopyTo{To: []string{"wang.fang"}, Step: "ask", At: c.now, Text: Text{ZH: "抄送：Ask · one", EN: "for your information: Ask · one"}})
	c.must(c.act("li.na", EventComplete, "work"))
	require.Equal(t, [][]string{{"", "zhou.min"}, {"", "zhao.qiang"}}, c.copied())

	c = begun()
	c.company.leave("zhou.min")
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	require.Empty(t, c.copied(), "rejected: no copy of an approval; and who has left gets none")
}
