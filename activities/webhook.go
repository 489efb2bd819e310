package activities

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
)

// webhookMessage is what a webhook hears of an entry of a timeline. It holds no field of a record and no words of people: whoever reads it has no rights that these
// could be covered by. They are read by whoever may, at the case itself.
type webhookMessage struct {
	ID     string        `json:"id"`
	Type   string        `json:"type"`
	At     time.Time     `json:"at"`
	Case   webhookCase   `json:"case"`
	Entry  webhookEntry  `json:"entry"`
	Record webhookRecord `json:"record"`
}

// webhookCase is the case as it is when the message is sent.
type webhookCase struct {
	ID      string  `json:"id"`
	Number  string  `json:"number"`
	Process string  `json:"process"`
	Status  string  `json:"status"`
	Outcome *string `json:"outcome"`
}

// webhookEntry is the entry as GET /cases/{id}/timeline gives it, without its comment, reason and data.
type webhookEntry struct {
	Seq     int       `json:"seq"`
	At      time.Time `json:"at"`
	Event   string    `json:"event"`
	Step    *string   `json:"step"`
	Item    *string   `json:"item"`
	Task    *string   `json:"task"`
	By      *string   `json:"by"`
	For     *string   `json:"for"`
	Outcome *string   `json:"outcome"`
}

type webhookRecord struct {
	Type   string  `json:"type"`
	ID     string  `json:"id"`
	Number *string `json:"number"`
}

// WebhookMessage writes what a webhook hears of an entry: the body, and the headers of the Standard Webhooks convention (webhook-id, -timestamp, -signature).
// The same entry has the same id at each attempt, and at each webhook.
func WebhookMessage(d store.Delivery, secret []byte, now time.Time, zone *time.Location) ([]byte, http.Header, error) {
	m := webhookMessage{
		ID: d.MessageID(), Type: d.Event, At: d.At.In(zone),
		Case:   webhookCase{d.CaseID, d.Number, d.Process, d.CaseStatus, d.CaseOutcome},
		Entry:  webhookEntry{d.Seq, d.At.In(zone), d.Event, d.Step, d.Item, d.Task, account(d.By), account(d.For), d.Outcome},
		Record: webhookRecord{d.RecordType, d.RecordID, d.RecordNumber},
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, nil, fmt.Errorf("activities: message %s: %w", m.ID, err)
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "crmflow")
	h.Set("Webhook-Id", m.ID)
	h.Set("Webhook-Timestamp", stamp)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(signature(secret, m.ID, stamp, body)))
	return body, h, nil
}

// account is the id of whoever acted, or for whom; of people without an account, whose name is a field of the record, only that they have none.
func account(id *string) *string {
	if id == nil || process.OutsideCalled(*id) == "" {
		return id
	}
	outside := "outside"
	return &outside
}

// WebhookOff says that a webhook was switched off, after an attempt that came to nothing. Of its address only the host is said: the rest may hold a secret.
func WebhookOff(w store.Webhook, r systems.Receipt) process.Text {
	host := ""
	if u, err := url.Parse(w.URL); err == nil {
		host = u.Host
	}
	why := process.Text{ZH: "三天来没有一条送达（最后一次：" + r.Why.ZH + "）", EN: "nothing has arrived for three days (the last attempt: " + r.Why.EN + ")"}
	if r.Status == http.StatusGone {
		why = process.Text{ZH: "接收方回答 410，不再接收", EN: "the receiver answered 410, it wants no more"}
	}
	return process.Text{
		ZH: "发往 " + host + " 的 Webhook 已停用：" + why.ZH + "。修好接收方后可重新启用。",
		EN: "The webhook to " + host + " was switched off: " + why.EN + ". Mend the receiver, then switch it on again.",
	}
}

// signature is the HMAC-SHA256 of "id.timestamp.body".
func signature(secret []byte, id, stamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte(id + "." + stamp + ".")) // it never fails
	_, _ = mac.Write(body)
	return mac.Sum(nil)
}
