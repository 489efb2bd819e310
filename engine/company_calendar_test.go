package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// A calendar for one team is nobody else's, whatever it is called.
func TestAnotherCalendarLeavesTheCompanysAsItIs(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	before := w.start()
	w.publish([]process.File{{Path: "berlin.yaml", Content: "calendar: berlin\nzone: Europe/Berlin\nweek: {mon-sun: [\"00:00-24:00\"]}\n"}})
	lib, err := w.Library(w.ctx)
	require.NoError(t, err)
	company, ok := lib.Calendar("")
	require.True(t, ok)
	require.Equal(t, "cn-office", company.Name())
	require.Equal(t, w.due(before), w.due(w.start()))

	w.publish(closedOn("2026-11-24: []")) // its second version is still the company's
	lib, err = w.Library(w.ctx)
	require.NoError(t, err)
	company, _ = lib.Calendar("")
	require.Equal(t, "cn-office", company.Name())
	require.Equal(t, "11-25 18:00", w.due(w.start()))
}
