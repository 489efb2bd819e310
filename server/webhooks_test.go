package server

import (
	"encoding/base64"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// webhooks makes one, looks at it, changes it, sees what it is to hear, and deletes it.
func webhooks(admin person) {
	made := admin.post("/webhooks", map[string]any{"url": "https://erp.example.com/hooks", "events": []string{"decided"}}).ok()
	at := "/webhooks/" + made["id"].(string)
	require.True(admin, strings.HasPrefix(made["secret"].(string), "whsec_"))
	require.NotContains(admin, admin.get(at).ok(), "secret")
	require.Len(admin, admin.get("/webhooks").items(), 1)
	require.Equal(admin, []any{"decided"}, admin.patch(at, map[string]any{"processes": []string{"lead-review"}}).ok()["events"], "what a change leaves out stays")
	c := admin.as("li.na").startCase("0020")
	admin.as("chen.jie").post("/tasks/"+openTask(c)+"/approve", nil).ok()
	var told []map[string]any
	require.Eventually(admin, func() bool { // other tests' transactions on the same server may hold it up
		_, err := admin.db.CollectDeliveries(admin.Context(), time.Now(), 1000)
		require.NoError(admin, err)
		told = admin.get(at + "/deliveries").items()
		return len(told) > 0
	}, 30*time.Second, 20*time.Millisecond)
	require.Len(admin, told, 1)
	require.Equal(admin, []any{"decided", c["id"], "waiting", 0.0}, []any{told[0]["type"], told[0]["case"], told[0]["status"], told[0]["attempts"]})
	require.Equal(admin, 204, admin.send("DELETE", at, nil, nil).status)
	admin.get(at).refused(process.CodeNotFound)
	admin.get(at + "/deliveries").refused(process.CodeNotFound)
	admin.send("DELETE", at, nil, nil).refused(process.CodeNotFound)
	admin.post("/webhooks", map[string]any{"url": "https://erp.example.com/hooks"}).ok()
}

// webhooks says whether somebody has a hand in webhooks: all of the calls, or none.
func (w *rightsWorld) webhooks(p person) string {
	w.Helper()
	made := w.as("adam").post("/webhooks", map[string]any{"url": "https://erp.example.com"}).ok()
	at := "/webhooks/" + made["id"].(string)
	said := map[string]bool{}
	for _, a := range []answer{
		p.get("/webhooks"), p.post("/webhooks", map[string]any{}), p.get(at), p.get(at + "/deliveries"), p.patch(at, map[string]any{"active": false}), p.send("DELETE", at, nil, nil),
	} {
		said[may(a, process.CodeFieldInvalid)] = true
	}
	w.as("adam").send("DELETE", at, nil, nil)
	require.Len(w, said, 1, "%s: %v", p.user, said)
	for word := range said {
		return word
	}
	return ""
}

// What can't be a webhook is refused at what is wrong, and nothing is there afterwards.
func TestAWebhookThatCantBeIsRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.s.Reaches = func(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() }
	admin := b.as("deng.rui")
	for _, url := range []string{
		"", "erp.example.com", "ftp://erp.example.com", "https://", "https:///hooks", "javascript:alert(1)", "https://a:b@erp.example.com", "https://erp.example.com/#x", "https://erp example.com",
		"http://localhost:8080", "http://127.0.0.1", "http://[::1]:80/", "http://10.1.2.3/hooks", "http://169.254.169.254/latest", "https://" + strings.Repeat("a", 2000) + ".com",
	} {
		admin.post("/webhooks", map[string]any{"url": url}).field(process.CodeFieldInvalid, "url")
	}
	admin.post("/webhooks", map[string]any{}).field(process.CodeFieldInvalid, "url")
	good := "https://erp.example.com/hooks?for=crmflow"
	admin.post("/webhooks", map[string]any{"url": good, "events": []string{"decided", "exploded"}}).field(process.CodeFieldInvalid, "events")
	admin.post("/webhooks", map[string]any{"url": good, "processes": []string{"lead-review", "none"}}).field(process.CodeFieldInvalid, "processes")
	require.Empty(t, admin.get("/webhooks").items())

	made := admin.post("/webhooks", map[string]any{"url": good}).ok()
	at := "/webhooks/" + made["id"].(string)
	admin.patch(at, map[string]any{"url": "http://localhost"}).field(process.CodeFieldInvalid, "url")
	admin.patch(at, map[string]any{"events": []string{"exploded"}}).field(process.CodeFieldInvalid, "events")
	require.Equal(t, good, admin.get(at).ok()["url"])
	admin.patch("/webhooks/none", map[string]any{"active": false}).refused(process.CodeNotFound)
}

// The secret is in the answer to the POST that made the webhook, in its repetition under the same key, and nowhere else.
func TestASecretIsShownOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	body := map[string]any{"url": "https://erp.example.com", "events": []string{"ended", "ended"}}
	made := admin.keyed("k1", "/webhooks", body).ok()
	require.Equal(t, made, admin.keyed("k1", "/webhooks", body).ok(), "one webhook, one answer")
	require.Equal(t, []any{"ended"}, made["events"])
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(made["secret"].(string), "whsec_"))
	require.NoError(t, err)
	require.Len(t, key, 32)
	admin.keyed("k1", "/webhooks", map[string]any{"url": "https://other.example.com"}).refused(process.CodeKeyReused)
	at := "/webhooks/" + made["id"].(string)
	for _, a := range []answer{admin.get("/webhooks"), admin.get(at), admin.patch(at, map[string]any{"active": false}), admin.get(at + "/deliveries")} {
		a.ok()
		require.NotContains(t, string(a.raw), "secret")
		require.NotContains(t, string(a.raw), made["secret"].(string)[6:])
	}
	other := admin.post("/webhooks", body).ok()
	require.NotEqual(t, made["secret"], other["secret"])
	page := admin.get("/webhooks?limit=1").ok()
	require.Equal(t, made["id"], page["items"].([]any)[0].(map[string]any)["id"])
	require.Equal(t, other["id"], admin.get("/webhooks?limit=1&cursor=" + page["next"].(string)).items()[0]["id"])
}

// There are no more webhooks than can be looked after.
func TestWebhooksAreBounded(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	for range maxWebhooks {
		admin.post("/webhooks", map[string]any{"url": "https://erp.example.com"}).ok()
	}
	admin.post("/webhooks", map[string]any{"url": "https://erp.example.com"}).field(process.CodeFieldInvalid, "url")
}

// What webhooks can ask for is what timelines hold.
func TestWebhooksKnowEveryEventOfATimeline(t *testing.T) {
	t.Parallel()
	written := regexp.MustCompile(`Event(?::| =) +"([a-z_]+)"|\.(?:clockLog|moved)\((?:o, seat, s, )?"([a-z_]+)"`)
	found := 0
	for _, pattern := range []string{"../process/*.go", "../engine/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, m := range written.FindAllStringSubmatch(string(content), -1) {
				require.Contains(t, engine.TimelineEvents, m[1]+m[2], file)
				found++
			}
		}
	}
	require.Greater(t, found, 30)
}
