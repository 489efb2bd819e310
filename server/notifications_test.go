package server

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
)

func TestMessagesAreFoundByTheAddressOfTheirMail(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	seller := b.as("li.na")
	seller.post("/cases", map[string]any{"process": "lead-review", "with": map[string]any{"company": "海川机械", "contact": "王工", "phone": "13800001234"}}).ok()
	told := seller.get("/dev/messages?to=chen.jie").items()
	require.NotEmpty(t, told)
	id, err := strconv.ParseInt(told[0]["id"].(string), 10, 64)
	require.NoError(t, err)
	require.NoError(t, b.db.CatchMail(t.Context(), store.CaughtMail{Notification: id, Address: "chen.jie@example.com", At: time.Now(), Subject: "KH", Text: "KH", HTML: "KH"}))

	found := seller.get("/dev/messages?to=Chen.Jie@example.com").items()
	require.Len(t, found, 1, "what mail was sent to the address, however it is written")
	require.Equal(t, told[0]["id"], found[0]["id"])
	require.Equal(t, "chen.jie", found[0]["to"])
	require.Empty(t, seller.get("/dev/messages?to=li.na@example.com").items(), "nothing was sent there")
}
