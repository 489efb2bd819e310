package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
)

const confirming = `record: part
title: Part
number: "P{0000}"
fields:
  name:     {type: text, required: true, title: {zh: 零件, en: Part}}
  price:    {type: money, title: {zh: 价格, en: Price}}
  secret:   {type: text, title: {zh: 底价, en: Floor}}
  note:     {type: text}
  supplier: {type: text}
  mail:     {type: email}
  owner:    {type: person, default: creator}
---
process: confirm
title: {zh: 供应商确认, en: The supplier confirms}
record: part
number: "GY{0000}"
subject: "{record.name} {record.secret}"
start: {by: [role:sales]}
resubmit: {edit: {name: required}, due: 2 working days}
steps:
  - id: ask
    approve: {zh: 请确认价格, en: Please confirm the price}
    by: {outside: record.supplier, email: record.mail, stands_in: {user: ma.xiao}}
    show: [name, price]
  - end: confirmed
---
process: reply
title: Reply
record: part
number: "RE{0000}"
start: {by: [role:sales]}
steps:
  - id: ask
    task: Can you deliver?
    by: {outside: record.supplier, email: record.mail, stands_in: {user: ma.xiao}}
    show: [name]
    edit: {note: optional}
    outcomes:
      can: {title: {zh: 可以, en: "Yes, we can"}, end: fine}
      later: {require: [note], end: later}
---
process: round
title: Round
record: part
number: "RO{0000}"
start: {by: [role:sales]}
steps:
  - {id: first, task: Prepare, by: initiator}
  - id: ask
    approve: {zh: 请确认, en: Please confirm}
    by: [{outside: record.supplier, email: record.mail, stands_in: {user: ma.xiao}}, {user: chen.jie}]
    mode: first
    show: [name]
    on: {returned: {go: first}}
  - {id: after, task: Order it, by: initiator}
`

const wangQiang = "outside:王强"

// newSupply is a company that asks its suppliers.
func newSupply(t *testing.T) *bundle {
	t.Helper()
	b := newBundle(t)
	b.publish("confirm.yaml", confirming)
	return b
}

func part(mail string) map[string]any {
	return map[string]any{"name": "P-100", "price": map[string]any{"amount": 1250, "currency": "CNY"}, "secret": "9.99", "supplier": "王强", "mail": mail}
}

// askedOutside starts a case and makes the link that the letter to the supplier would carry.
func (b *bundle) askedOutside(process string) (path, task, kase string) {
	b.Helper()
	started := b.as("li.na").post("/cases", map[string]any{"process": process, "with": part("wang@example.com")}).ok()
	task, kase = openTask(started), started["id"].(string)
	return b.linkOutside(task), task, kase
}

// linkOutside is a link to what a task shows now.
func (b *bundle) linkOutside(task string) string {
	b.Helper()
	return b.linkAs("ma.xiao", task)
}

// linkAs is the same where somebody else stands in.
func (b *bundle) linkAs(who, task string) string {
	b.Helper()
	seen := b.as(who).get("/tasks/" + task).ok()["seen"].(string)
	token, err := b.db.NewActLink(b.Context(), store.ActLink{User: wangQiang, Task: task, Seen: seen, Expires: b.s.Now().Add(7 * 24 * time.Hour)})
	require.NoError(b, err)
	return "//act/" + token
}

// taskAt is the open task of a step of a case.
func (b *bundle) taskAt(kase, step string) (task string) {
	b.Helper()
	require.NoError(b, b.db.Get(b.Context(), &task, `SELECT id FROM tasks WHERE case_id = $1 AND step = $2 AND status = 'open'`, kase, step))
	return task
}

// expire lets the links to a task be too old.
func (b *bundle) expire(task string) {
	b.Helper()
	_, err := b.db.Exec(b.Context(), `UPDATE act_links SET expires_real = now() - interval '1 second' WHERE task = $1`, task)
	require.NoError(b, err)
}

// page is an answer of this status.
func (a answer) page(status int) answer {
	a.Helper()
	require.Equal(a, status, a.status, "%s", a.raw)
	return a
}

// Somebody without an account sees what the step shows and nothing else, in the language of their browser, and answers once, under their own name.
func TestSomebodyOutsideAnswersByALink(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	path, task, kase := b.askedOutside("confirm")
	preview := b.as("li.na").post("/cases/preview", map[string]any{"process": "confirm", "with": part("wang@example.com")})
	require.Contains(t, string(preview.raw), "acts for 王强, who has no account")
	for range 3 {
		page := person{bundle: b, lang: "zh"}.get(path)
		require.Equal(t, 200, page.status, "%s", page.raw)
		for _, want := range []string{`lang="zh"`, "请确认价格", "P-100", "12.50", "同意", "拒绝（流程结束）", "退回到“修改后重新提交”，改后重走", "意见（拒绝、退回时必填）", "GY0001", `name="viewport"`} {
			require.Contains(t, string(page.raw), want)
		}
		for _, never := range []string{"9.99", "底价", "wang@example.com", "ma.xiao", "马", "<script", "/tasks/", "/inbox", "采购"} {
			require.NotContains(t, string(page.raw), never)
		}
		require.Equal(t, store.TaskOpen, b.status(task))
	}
	require.Contains(t, string(b.nobody().get(path).raw), "Reject (ends the case)")

	without := b.nobody().press(path, b.nobody().form(path, "reject", " "))
	require.Equal(t, 422, without.status)
	require.Equal(t, store.TaskOpen, b.status(task))
	done := b.nobody().press(path, b.nobody().form(path, "approve", "没问题"))
	require.Equal(t, 200, done.status, "%s", done.raw)
	require.NotContains(t, string(done.raw), "/inbox")
	decided := b.as("ma.xiao").get("/tasks/" + task).ok()
	require.Equal(t, []any{"closed", "approved", wangQiang, "没问题"}, []any{decided["status"], decided["outcome"], decided["decided_by"], decided["comment"]})
	late := b.as("ma.xiao").post("/tasks/"+task+"/approve", nil)
	require.Equal(t, []any{409, "task_closed", wangQiang}, []any{late.status, late.body["code"], late.body["decided_by"]})
	require.Contains(t, late.body["detail"], "closed by 王强 (outside)")
	entry := b.entries(kase, "decided")[0]
	require.Equal(t, []any{wangQiang, nil}, []any{entry["by"], entry["for"]})
	require.Equal(t, "王强 (outside)", entry["names"].(map[string]any)[wangQiang])
	require.Equal(t, 410, b.nobody().get(path).status)
	require.Equal(t, 410, b.nobody().press(path, url.Values{"act": {"approve"}, "seen": {"x"}}).status)
	require.Equal(t, map[string]int{"used": 2}, b.refusals())
}

// Who stands in has the task in their inbox, and what they decide is said to be for whoever they stand in for – in the timeline and on paper.
func TestWhoStandsInAnswersForSomebodyOutside(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	path, task, kase := b.askedOutside("confirm")
	row := b.as("ma.xiao").get("/tasks?box=todo").items()[0]
	require.Equal(t, task, row["id"])
	require.Contains(t, row["why"], "acts for 王强, who has no account")
	b.as("ma.xiao").post("/tasks/"+task+"/reject", map[string]any{"comment": "said no on the phone"}).ok()
	entry := b.entries(kase, "decided")[0]
	require.Equal(t, []any{"ma.xiao", wangQiang}, []any{entry["by"], entry["for"]})
	require.Equal(t, "王强 (outside)", entry["names"].(map[string]any)[wangQiang])
	paper := b.as("li.na").get("/cases/" + kase + "/print")
	require.Contains(t, string(paper.raw), "(for 王强 (outside))")
	over := b.nobody().get(path)
	require.Equal(t, 410, over.status)
	require.Contains(t, string(over.raw), "was answered in your name")
	require.NotContains(t, string(over.raw), "<form")
	require.Equal(t, 410, b.nobody().press(path, url.Values{"act": {"again"}}).status, "what is over brings no letter")
	require.Equal(t, map[string]int{"closed": 2}, b.refusals())
}

// Two presses of the same button, or of two, at once: one effect.
func TestSomebodyOutsideAnswersOnce(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	for range 3 {
		path, task, kase := b.askedOutside("confirm")
		second := b.linkOutside(task)
		forms := map[string]url.Values{path: b.nobody().form(path, "approve", ""), second: b.nobody().form(second, "reject", "no")}
		var all sync.WaitGroup
		var mu sync.Mutex
		counts := map[int]int{}
		for i := range 8 {
			link := []string{path, second}[i%2]
			all.Go(func() {
				status := b.nobody().press(link, forms[link]).status
				mu.Lock()
				defer mu.Unlock()
				counts[status]++
			})
		}
		all.Wait()
		require.Equal(t, map[int]int{200: 1, 410: 7}, counts)
		require.Len(t, b.entries(kase, "decided"), 1)
	}
}

// A link that decides nothing says why, truthfully, does nothing, and leaves a line. Where a new letter helps, its page has a button for one.
func TestALinkOfSomebodyOutsideThatDecidesNothing(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	prefetch := http.Header{"Sec-Purpose": {"prefetch"}}
	for why, c := range map[string]struct {
		status int
		says   string
		spoil  string
		who    string
		header http.Header
		again  bool
	}{
		"forwarded":  {status: 403, says: "isn&#39;t for you", who: "li.na"},
		"prefetched": {status: 403, says: "Please open the link", header: prefetch},
		"expired":    {status: 410, says: "has expired", spoil: `UPDATE act_links SET expires_real = now() - interval '1 second' WHERE task = $1`, again: true},
		"changed":    {status: 409, says: "has changed", spoil: `UPDATE act_links SET seen = 'sha256:other' WHERE task = $1`, again: true},
		"paused":     {status: 409, says: "is paused"},
	} {
		path, task, kase := b.askedOutside("confirm")
		form := b.nobody().form(path, "approve", "")
		if c.spoil != "" {
			_, err := b.db.Exec(t.Context(), c.spoil, task)
			require.NoError(t, err)
		}
		if why == "paused" {
			b.as("deng.rui").post("/cases/"+kase+"/suspend", map[string]any{"comment": "wait"}).ok()
		}
		who := b.nobody()
		if c.who != "" {
			who = b.as(c.who)
		}
		page := who.send(http.MethodGet, path, nil, c.header)
		require.Equal(t, c.status, page.status, why)
		require.Contains(t, string(page.raw), c.says, why)
		require.Equal(t, c.again, strings.Contains(string(page.raw), `value="again"`), why)
		for _, never := range []string{"GY0", "P-100", "王强", "/inbox"} {
			require.NotContains(t, string(page.raw), never, why)
		}
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		for name, values := range c.header {
			header[name] = values
		}
		require.Equal(t, c.status, who.send(http.MethodPost, path, form.Encode(), header).status, why)
		require.Equal(t, store.TaskOpen, b.status(task), why)
		require.Equal(t, 2, b.refusals()[why], why)
		if !c.again {
			continue
		}
		require.Equal(t, []int{200, 410}, []int{who.press(path, url.Values{"act": {"again"}}).status, who.press(path, url.Values{"act": {"again"}}).status}, "one letter for one link: %s", why)
		var letters []string
		require.NoError(t, b.db.Select(t.Context(), &letters, `SELECT address FROM notifications WHERE task = $1 AND about = 'again' AND mail = 'outside'`, task))
		require.Equal(t, []string{"wang@example.com"}, letters, why)
		require.Equal(t, store.TaskOpen, b.status(task))
	}
}

// While the case stands still no letter is written, and the link is kept for when it goes on.
func TestALinkOfSomebodyOutsideIsKeptWhileTheCaseIsPaused(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	path, task, kase := b.askedOutside("confirm")
	_, err := b.db.Exec(t.Context(), `UPDATE act_links SET expires_real = now() - interval '1 second' WHERE task = $1`, task)
	require.NoError(t, err)
	again := url.Values{"act": {"again"}}
	admin := b.as("deng.rui")
	admin.post("/cases/"+kase+"/suspend", map[string]any{"comment": "wait"}).ok()
	paused := b.nobody().press(path, again)
	require.Equal(t, 409, paused.status)
	require.Contains(t, string(paused.raw), "is paused")
	admin.post("/cases/"+kase+"/resume", map[string]any{"comment": "go on"}).ok()
	require.Equal(t, 200, b.nobody().press(path, again).status)
}

// What isn't on the page can't be done by its link.
func TestALinkOfSomebodyOutsideOffersOnlyItsButtons(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	path, task, kase := b.askedOutside("reply")
	page := string(b.nobody().get(path).raw)
	require.Contains(t, page, "Yes, we can (ends the case)")
	require.Contains(t, page, "Other answers need something filled in")
	require.NotContains(t, page, "later")
	seen := b.nobody().form(path, "", "").Get("seen")
	for _, act := range []string{"complete:later", "complete", "approve", "reject", "transfer", "cancel", "again", ""} {
		require.Equal(t, 400, b.nobody().press(path, url.Values{"act": {act}, "seen": {seen}, "comment": {"x"}, "note": {"1"}}).status, act)
	}
	require.Equal(t, 403, b.nobody().send(http.MethodPost, path, url.Values{"act": {"complete:can"}, "seen": {seen}}.Encode(),
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"cross-site"}}).status)
	require.Equal(t, store.TaskOpen, b.status(task))
	require.Equal(t, 200, b.nobody().press(path, url.Values{"act": {"complete:can"}, "seen": {seen}, "note": {"1"}}).status)
	ended := b.as("li.na").get("/cases/" + kase).ok()
	require.Equal(t, "fine", ended["outcome"])
	for _, spoilt := range []string{path + "A", path[:len(path)-1], "//act/" + strings.Repeat("A", 52)} {
		require.Equal(t, 404, b.nobody().get(spoilt).status)
	}
}

// Somebody outside has no right but the page: their id signs in nowhere and is nobody's, and their address stands in nothing that others read.
func TestNobodyReadsTheAddressOfSomebodyOutside(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	path, task, kase := b.askedOutside("confirm")
	require.GreaterOrEqual(t, b.nobody().post("/session", map[string]any{"user": wangQiang, "password": "crmflow-demo"}).status, 400)
	require.GreaterOrEqual(t, b.as("ma.xiao").post("/tasks/"+task+"/transfer", map[string]any{"to": wangQiang, "comment": "x"}).status, 400)
	require.Equal(t, 200, b.nobody().press(path, b.nobody().form(path, "return:", "错了")).status)
	for _, path := range []string{"/tasks/" + task, "/cases/" + kase, "/cases/" + kase + "/timeline", "/notifications", "/tasks?box=done"} {
		for _, who := range []string{"ma.xiao", "li.na"} {
			var body any
			answer := b.as(who).get(path)
			require.NoError(t, json.Unmarshal(answer.raw, &body))
			withoutRecord := strings.ReplaceAll(string(answer.raw), `"mail":"wang@example.com"`, "")
			require.NotContains(t, withoutRecord, "wang@", path)
		}
	}
	var boxes int
	require.NoError(t, b.db.Get(t.Context(), &boxes, `SELECT count(*) FROM notifications WHERE address IS NOT NULL AND to_user <> $1`, wangQiang))
	require.Zero(t, boxes)
}

// A link whose task is over says what has become of it, in words that name nobody of the company and nothing of the case, and offers nothing.
func TestALinkOfSomebodyOutsideToWhatIsOverSaysSo(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	round := func(kase string) (path, task string) {
		prepared := b.as("li.na").post("/tasks/"+b.taskAt(kase, "first")+"/complete", nil).ok()
		for _, open := range prepared["case"].(map[string]any)["open"].([]any) {
			if id := open.(map[string]any)["task"].(string); slices.Contains(open.(map[string]any)["who"].([]any), any("ma.xiao")) {
				task = id
			}
		}
		return b.linkOutside(task), task
	}
	asked := func() (path, task, kase string) { return b.askedOutside("confirm") }
	inRound := func() (path, task, kase string) {
		kase = b.as("li.na").post("/cases", map[string]any{"process": "round", "with": part("wang@example.com")}).ok()["id"].(string)
		path, task = round(kase)
		return path, task, kase
	}
	chen := func(task string) string { // of the same round
		var other string
		require.NoError(t, b.db.Get(t.Context(), &other, `SELECT o.id FROM tasks o JOIN tasks t ON t.case_id = o.case_id AND t.round = o.round AND t.step = o.step AND t.id <> o.id WHERE t.id = $1`, task))
		return other
	}
	for name, c := range map[string]struct {
		begin  func() (path, task, kase string)
		over   func(path, task, kase string)
		zh, en string
	}{
		"they have answered": {asked, func(path, _, _ string) {
			b.nobody().press(path, b.nobody().form(path, "approve", "")).page(200)
		}, "您已经答复过了，谢谢", "You have answered already. Thank you"},
		"they have answered by another letter": {asked, func(_, task, _ string) {
			other := b.linkOutside(task)
			b.nobody().press(other, b.nobody().form(other, "approve", "")).page(200)
		}, "您已经答复过了，谢谢", "You have answered already. Thank you"},
		"who stands in has answered": {asked, func(_, task, _ string) {
			b.as("ma.xiao").post("/tasks/"+task+"/approve", map[string]any{"comment": "by phone"}).ok()
		}, "已有人代您答复", "This was answered in your name"},
		"withdrawn": {asked, func(_, _, kase string) {
			b.as("li.na").post("/cases/"+kase+"/withdraw", map[string]any{"comment": "no"}).ok()
		}, "发信的公司已撤回此事项", "The company that wrote to you has withdrawn this"},
		"cancelled": {asked, func(_, _, kase string) {
			b.as("deng.rui").post("/cases/"+kase+"/cancel", map[string]any{"comment": "no"}).ok()
		}, "发信的公司已撤回此事项", "The company that wrote to you has withdrawn this"},
		"others have decided": {inRound, func(_, task, _ string) {
			b.as("chen.jie").post("/tasks/"+chen(task)+"/approve", nil).ok()
		}, "现在不需要您答复", "Your answer isn&#39;t needed now"},
		"others have decided, and the case has ended": {inRound, func(_, task, _ string) {
			b.as("chen.jie").post("/tasks/"+chen(task)+"/reject", map[string]any{"comment": "no"}).ok()
		}, "此事项已结束", "This is over"},
		"returned": {inRound, func(_, task, _ string) {
			b.as("chen.jie").post("/tasks/"+chen(task)+"/return", map[string]any{"comment": "again"}).ok()
		}, "现在不需要您答复", "Your answer isn&#39;t needed now"},
		"returned and asked anew": {inRound, func(_, task, kase string) {
			b.as("chen.jie").post("/tasks/"+chen(task)+"/return", map[string]any{"comment": "again"}).ok()
			path, _ := round(kase)
			b.nobody().get(path).page(200)
		}, "此邮件已由新的邮件代替", "A newer letter replaces this one"},
		"an answer for them was taken back": {inRound, func(_, task, _ string) {
			b.as("ma.xiao").post("/tasks/"+task+"/approve", nil).ok()
			b.as("ma.xiao").post("/tasks/"+task+"/take-back", nil).ok()
		}, "此邮件已由新的邮件代替", "A newer letter replaces this one"},
		"another letter was asked for": {asked, func(path, task, _ string) {
			b.expire(task)
			b.nobody().press(path, url.Values{"act": {"again"}}).page(200)
		}, "此邮件已由新的邮件代替", "A newer letter replaces this one"},
		"expired, and over meanwhile": {asked, func(_, task, _ string) {
			b.expire(task)
			b.as("ma.xiao").post("/tasks/"+task+"/reject", map[string]any{"comment": "by phone"}).ok()
		}, "已有人代您答复", "This was answered in your name"},
	} {
		path, task, kase := c.begin()
		c.over(path, task, kase)
		for lang, title := range map[string]string{"zh": c.zh, "en": c.en} {
			page := person{bundle: b, lang: lang}.get(path)
			require.Equal(t, 410, page.status, name)
			require.Contains(t, string(page.raw), title, name)
			for _, never := range []string{"P-100", "王强", "ma.xiao", "马", "chen.jie", "li.na", "phone", "GY0", "RO0", "<form", "/inbox"} {
				require.NotContains(t, string(page.raw), never, name)
			}
		}
		require.Equal(t, 410, b.nobody().press(path, url.Values{"act": {"again"}}).status, name)
		require.Equal(t, 410, b.nobody().press(path, url.Values{"act": {"approve"}, "seen": {"x"}}).status, name)
		require.Len(t, b.entries(kase, "started"), 1)
	}
	require.Equal(t, 404, b.nobody().get("//act/"+strings.Repeat("A", 52)).status, "what was never sent isn't known")
}

// Whoever comes to stand in, the link stays that of the one it was sent to; and what another version of the chain shows them instead they see before they answer.
func TestALinkOfSomebodyOutsideStaysTrue(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	path, task, kase := b.askedOutside("confirm")
	b.as("ma.xiao").post("/tasks/"+task+"/transfer", map[string]any{"to": "chen.jie", "comment": "yours"}).ok()
	b.nobody().get(path).page(200)

	b.publish("confirm.yaml", strings.Replace(confirming, "show: [name, price]", "show: [name]", 1))
	b.as("deng.rui").post("/cases/"+kase+"/migrate", map[string]any{"comment": "shows less"}).ok()
	changed := b.nobody().get(path)
	require.Equal(t, 409, changed.status, "%s", changed.raw)
	require.Contains(t, string(changed.raw), `value="again"`)
	require.NotContains(t, string(b.nobody().get(b.linkAs("chen.jie", task)).page(200).raw), "12.50")
	require.Equal(t, 200, b.nobody().press(path, url.Values{"act": {"again"}}).status)
}

// When the record says by hand that they are written to elsewhere, or that somebody else is asked, the link in the letter sent before is over and a new letter goes out
// at once. Who stands in finds the new task in their inbox.
func TestALetterOutsideGoesWhereTheRecordSaysNow(t *testing.T) {
	t.Parallel()
	b := newSupply(t)
	for change, says := range map[string]string{"mail": "A newer letter replaces this one", "supplier": "Your answer isn&#39;t needed now"} {
		path, task, kase := b.askedOutside("confirm")
		record := b.as("li.na").get("/cases/" + kase).ok()["record"].(map[string]any)["id"].(string)
		b.as("li.na").patch("/records/part/"+record, map[string]any{"fields": map[string]any{"note": "nothing to them"}}).ok()
		b.nobody().get(path).page(200)
		b.as("li.na").patch("/records/part/"+record, map[string]any{"fields": map[string]any{change: map[string]string{"mail": "qiang@example.com", "supplier": "赵明"}[change]}}).ok()
		require.Contains(t, string(b.nobody().get(path).page(410).raw), says)
		anew := b.taskAt(kase, "ask")
		require.NotEqual(t, task, anew)
		var letters []string
		require.NoError(t, b.db.Select(t.Context(), &letters, `SELECT to_user || ' ' || address FROM notifications WHERE task = $1 AND about = 'opened' AND mail = 'outside'`, anew))
		require.Equal(t, []string{map[string]string{"mail": wangQiang + " qiang@example.com", "supplier": "outside:赵明 wang@example.com"}[change]}, letters)
		todo := b.as("ma.xiao").get("/tasks?box=todo").items()
		require.Contains(t, []any{todo[0]["id"], todo[len(todo)-1]["id"]}, any(anew))
	}
}
