package systems

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
)

// postTimeout is how long a receiver may take to answer.
const postTimeout = 10 * time.Second

// Poster sends messages to addresses that people of the company have given, and looks at every address that it connects to, as calls to systems do. It is safe
// for concurrent use.
type Poster struct {
	private   private
	transport *http.Transport
}

// NewPoster makes one that reaches public addresses, and those in the networks given.
func NewPoster(networks []netip.Prefix) *Poster {
	p := &Poster{private: private{networks: networks}}
	dialer := &net.Dialer{Control: p.private.control}
	p.transport = &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader, MaxIdleConnsPerHost: 4, MaxIdleConns: 100, IdleConnTimeout: 30 * time.Second,
	}
	return p
}

// ParseNetworks reads networks that stand in a setting, by commas.
func ParseNetworks(setting string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, s := range strings.FieldsFunc(setting, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is no network like 10.1.0.0/16", s)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// Reaches says whether messages may go to an address.
func (p *Poster) Reaches(a netip.Addr) bool { return p.private.allows(a) }

// Receipt is what came of a message.
type Receipt struct {
	Status int           // of the answer; 0: there was none
	After  time.Duration // the receiver asks to be left alone for so long; 0: it says nothing
	Why    process.Text  // why it didn't arrive; empty: it was taken
}

// Post sends a message once. Only 2xx says that it was taken; a redirect isn't followed. What the receiver says beside that isn't read.
func (p *Poster) Post(ctx context.Context, to string, header http.Header, body []byte) Receipt {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Receipt{Why: process.Text{ZH: "网址无效", EN: "the address is none"}}
	}
	r.Header = header
	res, err := p.transport.RoundTrip(r) // a client would follow redirects by itself
	if err != nil {
		return Receipt{Why: notPosted(ctx, err)}
	}
	_ = res.Body.Close()
	receipt := Receipt{Status: res.StatusCode, After: retryAfter(res.Header)}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		status := strconv.Itoa(res.StatusCode) + " " + http.StatusText(res.StatusCode)
		receipt.Why = process.Text{ZH: "接收方回答 " + status, EN: "the receiver answered " + status}
	}
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		receipt.Why = process.Text{ZH: receipt.Why.ZH + "，不跟随转向", EN: receipt.Why.EN + "; redirects aren't followed"}
	}
	return receipt
}

// notPosted says why there is no answer. It doesn't say where the message was to go: an address may hold a secret.
func notPosted(ctx context.Context, err error) process.Text {
	if refused, ok := errors.AsType[*refusedAddress](err); ok {
		return process.Text{ZH: fmt.Sprintf("不允许访问地址 %s（内部或保留地址）", refused.addr), EN: fmt.Sprintf("the address %s isn't allowed: it is %s", refused.addr, refused.kind)}
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return process.Text{ZH: fmt.Sprintf("%v 内没有回答", postTimeout), EN: fmt.Sprintf("no answer within %v", postTimeout)}
	}
	return process.Text{ZH: "连接失败：" + err.Error(), EN: "the connection failed: " + err.Error()}
}
