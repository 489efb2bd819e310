package process

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProblemString(t *testing.T) {
	t.Parallel()
	p := Problem{Position: Position{"lead-review.yaml", 12, 15}, Message: Text{ZH: "不对", EN: "wrong"}, Source: "  标题: {zh: 新客户, x: y}"}
	require.Equal(t, strings.Join([]string{
		"lead-review.yaml:12:15: wrong",
		"   12 |   标题: {zh: 新客户, x: y}",
		// Five Chinese characters before the place take two columns each.
		"      | " + strings.Repeat(" ", 14+4) + " ^",
	}, "\n"), Problem{Position: Position{"lead-review.yaml", 12, 15}, Message: p.Message, Source: p.Source}.String("en"))
	p.Warning = true
	require.True(t, strings.HasPrefix(p.String("zh"), "lead-review.yaml:12:15: 提醒：不对\n"))
	require.False(t, Failed([]Problem{p}))
	require.Equal(t, "f:1:1: wrong", Problem{Position: Position{"f", 1, 1}, Message: p.Message}.String("en"))
	tab := Problem{Position: Position{"f", 1, 3}, Message: p.Message, Source: "\tab"}
	require.True(t, strings.HasSuffix(tab.String("en"), "| \t ^"))
	long := Problem{Position: Position{"f", 1, 300}, Message: p.Message, Source: strings.Repeat("x", 1000)}
	require.Less(t, len(long.String("en")), 400)
	require.NotPanics(t, func() { _ = Problem{Position: Position{"f", 1, 999}, Source: "short"}.String("zh") })
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"approve", "task", "set", "create", "notify", "end"}
	for word, want := range map[string]string{
		"aprove": "approve", "appprove": "approve", "apporve": "approve", "taks": "task", "ned": "end", "frobnicate": "", "notfiy": "notify", "": "",
		"审核": "", "creat": "create", strings.Repeat("x", 1000): "",
	} {
		require.Equal(t, want, nearest(word, words), word)
	}
}
