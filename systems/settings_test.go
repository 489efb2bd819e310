package systems

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSystemsAreReadWithTheirDefaults(t *testing.T) {
	t.Parallel()
	s, err := Parse([]byte(`systems:
  erp:
    url: https://erp.example.com/api/
    paths: [/orders/, /stock]
    headers: {Authorization: "env:ERP_AUTHORIZATION", accept: application/vnd.erp+json}
    hosts: [ERP-2.example.com]
    allow_private: [10.1.2.3/16]
    timeout: 5s
    attempts: 3
    within: 90m
  crm: {url: "http://localhost:9000", allow_private: true}
`))
	require.NoError(t, err)
	require.Equal(t, []string{"crm", "erp"}, s.Names())
	attempts, within := s.Limits("erp")
	require.Equal(t, 3, attempts)
	require.Equal(t, 90*time.Minute, within)
	attempts, within = s.Limits("crm")
	require.Equal(t, 8, attempts)
	require.Equal(t, time.Hour, within)
	require.Equal(t, 10*time.Second, s.list["crm"].Timeout)
	require.True(t, s.list["crm"].Private.all)
	require.Equal(t, "10.1.0.0/16", s.list["erp"].Private.networks[0].String())
	require.Equal(t, []string{"/orders", "/stock"}, s.list["erp"].Paths)

	none, err := Parse([]byte("systems: {}\n"))
	require.NoError(t, err)
	require.Empty(t, none.Names())
	require.Empty(t, (*Systems)(nil).Names())
}

func TestWhatCannotBeRightIsRefused(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		`adress: x`:                              "adress",
		`url: ftp://erp.example.com`:             "url is written like",
		`url: erp.example.com`:                   "url is written like",
		`url: https://me:secret@erp.example.com`: "no name and password",
		`url: https://erp.example.com/?key=1`:    "no ? and no #",
		`timeout: 2m`:                            "timeout",
		`timeout: 10`:                            "timeout",
		`attempts: -1`:                           "attempts",
		`within: 1000h`:                          "within",
		`paths: [orders]`:                        "is no path",
		`paths: ["/a/../b"]`:                     "is no path",
		`hosts: ["https://x"]`:                   "is no host",
		`hosts: ["*"]`:                           "is no host",
		`allow_private: [10.0.0.1]`:              "is no network",
		`allow_private: perhaps`:                 "allow_private",
		`headers: {authorization: "Bearer abc"}`: "is a secret",
		`headers: {X-Api-Key: abc}`:              "is a secret",
		`headers: {idempotency-key: x}`:          "can't be set",
		`headers: {Host: other}`:                 "can't be set",
		`headers: {"x y": z}`:                    "can't be set",
		`headers: {x-tenant: "a\r\nb: c"}`:       "what no header can",
	} {
		text := "systems:\n  erp:\n    " + setting + "\n"
		if !strings.HasPrefix(setting, "url") {
			text += "    url: https://erp.example.com\n"
		}
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, want, setting)
		require.NotContains(t, err.Error(), "Bearer abc")
	}
	_, err := Parse([]byte("systems: {ERP: {url: https://x}}"))
	require.ErrorContains(t, err, "a name is written like")
	_, err = Parse([]byte("sistems: {}"))
	require.Error(t, err)
	_, err = Read(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorContains(t, err, "can't be read")
}

// Secrets are looked up when they are needed: a new one is used without a restart, and one that is missing is named, with no value.
func TestSecretsAreReferences(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	s, err := Parse([]byte(`systems: {erp: {url: "https://erp", headers: {authorization: "env:CRMFLOW_TEST_ERP", x-api-key: "file:` + file + `", x-tenant: "7"}}}`))
	require.NoError(t, err)
	require.Len(t, s.Missing(), 1)
	t.Setenv("CRMFLOW_TEST_ERP", "Bearer one")
	require.ErrorContains(t, s.Missing()[0], "erp: header")
	require.NotContains(t, s.Missing()[0].Error(), "Bearer")
	for _, secret := range []string{"key one\n", "key two\n"} {
		require.NoError(t, os.WriteFile(file, []byte(secret), 0o600))
		require.Empty(t, s.Missing())
		h, err := s.list["erp"].secrets()
		require.NoError(t, err)
		require.Equal(t, []string{"Bearer one", strings.TrimSpace(secret), "7"}, []string{h.Get("Authorization"), h.Get("X-Api-Key"), h.Get("X-Tenant")})
	}
	require.NoError(t, os.WriteFile(file, []byte("a\nb"), 0o600))
	require.Len(t, s.Missing(), 1)
}
