package process

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A message to a set goes to everyone of it, and that is what is read aloud.
func TestSayTellsEveryoneOfASet(t *testing.T) {
	t.Parallel()
	steps := "  - {id: ask, approve: Ask, by: {role: finance, everyone: true}, mode: all, due: 1 working day, late: [{at: due, tell: [{role: finance}]}], copy: {to: {role: finance}, at: approved}}\n" +
		"  - {notify: Hello, to: {role: finance}}\n"
	c := dealing(t, steps, nil)
	c.start("li.na")
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.must(c.act("guo.yan", EventApprove, "ask"))
	var told [][]string
	for _, e := range c.effects {
		switch e := e.(type) {
		case CopyTo:
			told = append(told, e.To)
		case Tell:
			if e.About == "notify" {
				told = append(told, e.To)
			}
		}
	}
	require.Equal(t, [][]string{{"guo.yan", "he.jing"}, {"guo.yan", "he.jing"}}, told)
	said := strings.Join(c.in.Process.Say("en", nil), "\n")
	require.Equal(t, 4, strings.Count(strings.ToLower(said), "everyone of the role finance"), said)
	require.NotContains(t, said, "any one of")
}
