package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const crate = `record: crate
title: {zh: 箱, en: Crate}
fields:
  name: {type: text, required: true}
  colour: {type: text}
  parts: {type: lines, key: no, of: {no: {type: text}, weight: {type: number}}}
`

// A record outlives changes of its type: what the type doesn't have any more is left out of it, a column of its lines, too.
func TestARecordIsReadWithoutWhatItsTypeHasNoMore(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("crate.yaml", crate)
	deng := b.as("deng.rui")
	id := deng.post("/records/crate", map[string]any{"fields": map[string]any{"name": "A", "colour": "red", "parts": []map[string]any{{"no": "1", "weight": 5}}}}).ok()["id"].(string)
	b.publish("crate.yaml", strings.NewReplacer("  colour: {type: text}\n", "", ", weight: {type: number}", "").Replace(crate))
	left := map[string]any{"name": "A", "parts": []any{map[string]any{"no": "1"}}}
	require.Equal(t, left, deng.get("/records/crate/" + id).ok()["fields"])
	require.Equal(t, left, deng.get("/records/crate").items()[0]["fields"])
}
