package server

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// sentLink makes the link that a letter would carry: for whoever has the task of a lead's first gate.
func (b *bundle) sentLink(n string) (path, task string) {
	b.Helper()
	started := b.as("li.na").post("/cases", map[string]any{"process": "lead-review", "with": lead(n)}).ok()
	open := started["open"].([]any)[0].(map[string]any)
	task = open["task"].(string)
	who := open["who"].([]any)[0].(string)
	require.Equal(b, "chen.jie", who)
	seen := b.as(who).get("/tasks/" + task).ok()["seen"].(string)
	token, err := b.db.NewActLink(b.Context(), store.ActLink{User: who, Task: task, Seen: seen, Expires: b.s.Now().Add(7 * 24 * time.Hour)})
	require.NoError(b, err)
	return "//act/" + token, task
}

// press sends what the page's form would: the hidden fields of the page, and a button.
func (p person) press(path string, form url.Values) answer {
	p.Helper()
	return p.send(http.MethodPost, path, form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}})
}

// form is what the page of a link would send.
func (p person) form(path, act, comment string) url.Values {
	p.Helper()
	page := p.get(path)
	require.Equal(p, 200, page.status, "%s", page.raw)
	_, rest, found := strings.Cut(string(page.raw), `name="seen" value="`)
	require.True(p, found)
	seen, _, _ := strings.Cut(rest, `"`)
	return url.Values{"seen": {seen}, "act": {act}, "comment": {comment}}
}

// refusals are what was tried with links and came to nothing.
func (b *bundle) refusals() map[string]int {
	b.Helper()
	var rows []struct {
		Why   string `db:"why"`
		Times int    `db:"times"`
	}
	require.NoError(b, b.db.Select(b.Context(), &rows, `SELECT why, sum(times)::int AS times FROM act_link_refusals GROUP BY why`))
	found := map[string]int{}
	for _, r := range rows {
		found[r.Why] = r.Times
	}
	return found
}

// status is how a task stands.
func (b *bundle) status(task string) string {
	b.Helper()
	var status string
	require.NoError(b, b.db.Get(b.Context(), &status, `SELECT status FROM tasks WHERE id = $1`, task))
	return status
}

// A link shows what is decided, in its reader's language, and opening it as often as one likes decides nothing; the button decides, once.
func TestALinkDecides(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	path, task := b.sentLink("1")
	for range 3 {
		page := b.nobody().get(path)
		require.Equal(t, 200, page.status)
		for _, want := range []string{`lang="zh"`, "同意", "拒绝（流程结束）", "编号", `name="viewport"`, `maxlength="10000"`} {
			require.Contains(t, string(page.raw), want)
		}
		require.NotContains(t, string(page.raw), "<script")
		require.NotContains(t, string(page.raw), "style=")
		require.Contains(t, page.header.Get("Content-Security-Policy"), "script-src 'self'; style-src 'self'")
		require.Equal(t, "no-store", page.header.Get("Cache-Control"))
		require.Equal(t, "same-origin", page.header.Get("Referrer-Policy"))
		require.Equal(t, store.TaskOpen, b.status(task))
	}
	done := b.nobody().press(path, b.nobody().form(path, "approve", "看过了"))
	require.Equal(t, 200, done.status, "%s", done.raw)
	require.Contains(t, string(done.raw), "您已同意")
	decided := b.as("chen.jie").get("/tasks/" + task).ok()
	require.Equal(t, []any{"closed", "approved", "chen.jie", "看过了"}, []any{decided["status"], decided["outcome"], decided["decided_by"], decided["comment"]})
	require.Empty(t, b.refusals())
	for range 2 {
		again := b.nobody().get(path)
		require.Equal(t, 410, again.status)
		require.Contains(t, string(again.raw), "已经用过")
		require.NotContains(t, string(again.raw), "<form")
	}
	require.Equal(t, map[string]int{"used": 2}, b.refusals())
}

// Rejecting needs a reason; without one nothing happens, what was written stays, and the link is still good.
func TestALinkRejectsWithAReason(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	path, task := b.sentLink("1")
	without := b.nobody().press(path, b.nobody().form(path, "reject", "  "))
	require.Equal(t, 422, without.status, "%s", without.raw)
	require.Contains(t, string(without.raw), `role="alert"`)
	require.Equal(t, store.TaskOpen, b.status(task))
	with := b.nobody().press(path, b.nobody().form(path, "reject", "资料不全 <b>"))
	require.Equal(t, 200, with.status, "%s", with.raw)
	require.Contains(t, string(with.raw), "流程已结束")
	require.Equal(t, "资料不全 <b>", b.as("chen.jie").get("/tasks/" + task).ok()["comment"])
}

// Pressed many times at once, it decides once, whatever was pressed.
func TestALinkDecidesOnceHoweverOftenItIsPressed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	for round := range 5 {
		path, task := b.sentLink(string(rune('1' + round)))
		approve, reject := b.nobody().form(path, "approve", ""), b.nobody().form(path, "reject", "no")
		var all sync.WaitGroup
		var mu sync.Mutex
		counts := map[int]int{}
		for i := range 8 {
			all.Go(func() {
				form := approve
				if i%2 == 1 {
					form = reject
				}
				status := b.nobody().press(path, form).status
				mu.Lock()
				defer mu.Unlock()
				counts[status]++
			})
		}
		all.Wait()
		require.Equal(t, map[int]int{200: 1, 410: 7}, counts)
		var entries int
		require.NoError(t, b.db.Get(t.Context(), &entries, `SELECT count(*) FROM timeline WHERE task = $1 AND event = 'decided'`, task))
		require.Equal(t, 1, entries)
	}
}

// Forwarded, tampered, expired, looked at by a program, of a task that is over or shows something else by now: a plain page, nothing done, a line of it.
func TestALinkThatDecidesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	prefetch := http.Header{"Sec-Purpose": {"prefetch;prerender"}}
	cases := map[string]struct {
		status int
		spoil  func(path, task string)
		who    func() person
		header http.Header
	}{
		"forwarded":  {status: 403, who: func() person { return b.as("sun.peng") }},
		"prefetched": {status: 403, header: prefetch},
		"expired": {status: 410, spoil: func(_, task string) {
			_, err := b.db.Exec(t.Context(), `UPDATE act_links SET expires_real = now() - interval '1 second' WHERE task = $1`, task)
			require.NoError(t, err)
		}},
		"closed": {status: 410, spoil: func(_, task string) {
			b.as("chen.jie").post("/tasks/"+task+"/approve", nil).ok()
		}},
		"changed": {status: 409, spoil: func(_, task string) {
			_, err := b.db.Exec(t.Context(), `UPDATE act_links SET seen = 'sha256:other' WHERE task = $1`, task)
			require.NoError(t, err)
		}},
	}
	n := 0
	for why, c := range cases {
		n++
		path, task := b.sentLink(string(rune('0' + n)))
		form := b.nobody().form(path, "approve", "")
		if c.spoil != nil {
			c.spoil(path, task)
		}
		was, who := b.status(task), b.nobody()
		if c.who != nil {
			who = c.who()
		}
		page := who.send(http.MethodGet, path, nil, c.header)
		require.Equal(t, c.status, page.status, why)
		require.NotContains(t, string(page.raw), "<form", why)
		require.NotContains(t, string(page.raw), "KH", "a plain page says nothing of the case: %s", why)
		before := b.refusals()[why]
		require.Equal(t, 1, before, why)
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		for name, values := range c.header {
			header[name] = values
		}
		pressed := who.send(http.MethodPost, path, form.Encode(), header)
		require.Equal(t, c.status, pressed.status, "%s: %s", why, pressed.raw)
		require.Equal(t, was, b.status(task), why)
		require.Equal(t, 2, b.refusals()[why], why)
	}
	for _, tampered := range []string{"//act/none", "//act/" + strings.Repeat("A", 52), "//act/%00", "//act/" + strings.Repeat("x", 5000)} {
		require.Contains(t, []int{404, 422}, b.nobody().get(tampered).status, tampered)
	}
	path, task := b.sentLink("9")
	form := b.nobody().form(path, "approve", "")
	for _, wrong := range []url.Values{{}, {"act": {"approve"}}, {"seen": form["seen"]}, {"seen": form["seen"], "act": {"cancel"}}} {
		require.Equal(t, 400, b.nobody().press(path, wrong).status, "%v", wrong)
	}
	require.Equal(t, 409, b.nobody().press(path, url.Values{"seen": {"sha256:none"}, "act": {"approve"}}).status)
	cross := b.nobody().send(http.MethodPost, path, form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"cross-site"}})
	require.Equal(t, 403, cross.status, "another site's page can't press the button")
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodDelete} {
		require.GreaterOrEqual(t, b.nobody().send(method, path, nil, nil).status, 400, method)
	}
	require.Equal(t, store.TaskOpen, b.status(task))
	require.Equal(t, 200, b.nobody().press(path, form).status, "none of it used the link up")
}

// A change of what the task shows makes the link a dead one: it was bound to what the letter was about.
func TestALinkIsBoundToWhatWasShown(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	path, task := b.sentLink("1")
	form := b.nobody().form(path, "approve", "")
	record := b.as("chen.jie").get("/tasks/" + task).ok()["record"].(map[string]any)["id"].(string)
	_, err := b.db.Exec(t.Context(), `UPDATE records SET fields = jsonb_set(fields::jsonb, '{company}', '"别的公司"') WHERE id = $1`, record)
	require.NoError(t, err)
	require.Equal(t, 409, b.nobody().get(path).status)
	require.Equal(t, 409, b.nobody().press(path, form).status)
	require.Equal(t, store.TaskOpen, b.status(task))
}

// Whoever has handed the task on, or has left, decides nothing by an old link.
func TestALinkIsOfOnePerson(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	path, task := b.sentLink("1")
	form := b.nobody().form(path, "approve", "")
	b.as("chen.jie").post("/tasks/"+task+"/transfer", map[string]any{"to": "zhou.min", "comment": "away"}).ok()
	require.Equal(t, 410, b.nobody().press(path, form).status)
	require.Equal(t, store.TaskOpen, b.status(task))
	left, second := b.sentLink("2")
	form = b.nobody().form(left, "approve", "")
	_, err := b.db.Exec(t.Context(), `UPDATE users SET active = false WHERE id = 'chen.jie'`)
	require.NoError(t, err)
	require.Equal(t, 410, b.nobody().press(left, form).status)
	require.Equal(t, store.TaskOpen, b.status(second))
}

// Everybody sees by which channels they are told, and turns mail off for themselves; how mail fares is for administrators.
func TestChannels(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	mine := func(p person) map[string]any { return p.get("/channels").items()[1] }
	owner, admin := b.as("li.na"), b.as("deng.rui")
	require.Equal(t, []any{"email", true, false, false}, []any{mine(owner)["id"], mine(owner)["on"], mine(owner)["fixed"], mine(owner)["works"]})
	require.Equal(t, "inbox", owner.get("/channels").items()[0]["id"])
	require.NotContains(t, mine(owner), "state")
	require.Equal(t, false, owner.patch("/channels/email", map[string]any{"on": false}).ok()["on"])
	require.Equal(t, false, owner.patch("/channels/email", map[string]any{"on": false}).ok()["on"])
	require.Equal(t, []any{false, true}, []any{mine(owner)["on"], mine(admin)["on"]}, "for oneself")
	require.Equal(t, true, owner.patch("/channels/email", map[string]any{"on": true}).ok()["on"])
	owner.patch("/channels/inbox", map[string]any{"on": false}).field(process.CodeFieldInvalid, "on")
	require.Equal(t, 404, owner.patch("/channels/pigeon", map[string]any{"on": false}).status)
	require.NoError(t, b.db.AnnounceChannel(t.Context(), store.ChannelEmail, true))
	require.Equal(t, true, mine(owner)["works"])
	require.NoError(t, b.db.ChannelFails(t.Context(), store.ChannelEmail, b.s.Now(), "connection refused"))
	state := mine(admin)["state"].(map[string]any)
	require.Equal(t, []any{true, "connection refused"}, []any{state["configured"], state["why"]})
	require.NotNil(t, state["failing_since"])
	require.Equal(t, false, mine(owner)["works"])
}
