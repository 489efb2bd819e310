package server

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// TestWhoMayNotSeeAFieldDoesNotReadItInWhatTurnedOutOtherwise: an entry that says what differs from the preview, and because of which fields, keeps what it says from
// those who may not see these fields; who sees some of them reads of these alone.
func TestWhoMayNotSeeAFieldDoesNotReadItInWhatTurnedOutOtherwise(t *testing.T) {
	t.Parallel()
	lib, problems := process.Load([]process.File{
		{Path: "lead.yaml", Content: "record: lead\ntitle: Lead\nfields:\n  name: {type: text}\n  secret: {type: number}\n  level: {type: text}\n"},
	}, nil, nil)
	require.False(t, process.Failed(problems))
	typ := lib.Types["lead"]
	require.NotNil(t, typ)
	entry := func() entryBody {
		reason := "Secret and level have changed"
		return entryBody{Event: "differs", Reason: &reason, Data: map[string]any{"zh": "秘密和级别已变", "changed": map[string]any{
			"secret": map[string]any{"from": 4711.0, "to": 4712.0}, "level": map[string]any{"from": "a", "to": "b"}}}}
	}
	all := entry()
	covering{typ: typ, sight: process.Everything()}.entry(&all)
	require.Equal(t, entry(), all, "who sees everything reads everything")

	some := entry()
	covering{typ: typ, sight: process.Access{}.Form("lead", []string{"level"})}.entry(&some)
	require.Nil(t, some.Reason, "it names the field that is hidden")
	require.Equal(t, map[string]any{"changed": map[string]any{"level": map[string]any{"from": "a", "to": "b"}}}, some.Data)

	none := entry()
	covering{typ: typ, sight: process.Sight{}}.entry(&none)
	require.Nil(t, none.Reason)
	require.NotContains(t, none.Data, "zh")
	require.NotContains(t, fmt.Sprint(none.Data), "471")
	require.NotContains(t, fmt.Sprint(none.Data), "level")
}
