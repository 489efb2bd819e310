package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Choices are names, or names with what people call them; to expressions, tables and stored values they are names.
func TestChoicesMayHaveTitles(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "thing.yaml", Content: `record: thing
title: Thing
fields:
  state: {type: choice, of: {open: {zh: 处理中, en: Open}, closed: Closed}, default: open}
  size:  {type: choice, of: [small, large]}
`}}, nil, nil)
	require.Empty(t, render(problems, "en"))
	state, size := lib.Types["thing"].Field("state"), lib.Types["thing"].Field("size")
	require.Equal(t, []string{"open", "closed"}, state.Of)
	require.Equal(t, Text{ZH: "处理中", EN: "Open"}, state.Choice("open"))
	require.Equal(t, Same("Closed"), state.Choice("closed"))
	require.Equal(t, Same("small"), size.Choice("small"), "without a title it is called by its name")
	require.Equal(t, "open", state.Default)
	_, wrong := lib.Types["thing"].Decode(map[string]any{"state": "Open"})
	require.Len(t, wrong, 1, "a title is no value")
}

func TestTitlesOfChoicesAreTitles(t *testing.T) {
	t.Parallel()
	_, problems := Load([]File{{Path: "thing.yaml", Content: "record: thing\nfields:\n  state: {type: choice, of: {open: {de: Offen}}}\n  none: {type: choice, of: {}}\n"}}, nil, nil)
	require.Contains(t, render(problems, "en"), "unknown key of a title `de`")
}
