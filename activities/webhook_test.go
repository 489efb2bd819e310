package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
)

// A message names accounts, and of people without one nothing that a record holds.
func TestAWebhookNamesNobodyOutside(t *testing.T) {
	t.Parallel()
	by, standsFor := "ma.xiao", "outside:王强"
	body, _, err := WebhookMessage(store.Delivery{TimelineRow: store.TimelineRow{Event: "decided", By: &by, For: &standsFor}}, []byte("secret"), time.Now(), time.UTC)
	require.NoError(t, err)
	require.Contains(t, string(body), `"by":"ma.xiao","for":"outside"`)
	require.NotContains(t, string(body), "王强")
	require.Equal(t, "outside:王强", standsFor)
}
