package systems

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNetworksOfASetting(t *testing.T) {
	t.Parallel()
	networks, err := ParseNetworks("10.1.2.3/16, ::1/128")
	require.NoError(t, err)
	p := NewPoster(networks)
	for address, reached := range map[string]bool{
		"10.1.255.1": true, "10.2.0.1": false, "::1": true, "127.0.0.1": false, "169.254.169.254": false, "::ffff:10.1.0.1": true, "1.1.1.1": true, "0.0.0.0": false,
	} {
		require.Equal(t, reached, p.Reaches(netip.MustParseAddr(address)), address)
	}
	_, err = ParseNetworks("10.1.0.0/16,localhost")
	require.ErrorContains(t, err, `"localhost"`)
}

// Only 2xx says that a message was taken. What the receiver says of when to come back is heard, and its redirects aren't followed.
func TestWhatAReceiverAnswers(t *testing.T) {
	t.Parallel()
	followed := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/taken":
			w.WriteHeader(http.StatusAccepted)
		case "/busy":
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
		default:
			followed++
		}
	}))
	t.Cleanup(s.Close)
	p := NewPoster([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	post := func(path string) Receipt { return p.Post(t.Context(), s.URL+path, http.Header{}, []byte("{}")) }
	require.Equal(t, Receipt{Status: 202}, post("/taken"))
	busy := post("/busy")
	require.Equal(t, []any{503, 90 * time.Second, "the receiver answered 503 Service Unavailable"}, []any{busy.Status, busy.After, busy.Why.EN})
	require.Equal(t, "接收方回答 308 Permanent Redirect，不跟随转向", post("/moved").Why.ZH)
	require.Zero(t, followed)
	inside := NewPoster(nil).Post(t.Context(), s.URL+"/taken", http.Header{}, nil)
	require.Zero(t, inside.Status)
	require.Contains(t, inside.Why.EN, "isn't allowed: it is a loopback address")
	s.Close()
	require.Contains(t, post("/taken").Why.EN, "the connection failed")
}
