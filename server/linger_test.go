package server

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whoever sends much too much reads why it is refused: the rest of it is read before the connection is closed.
func TestWhoSendsTooMuchReadsTheRefusal(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	li := b.as("li.na")
	field := strings.Repeat("x", 8<<20)
	json := `{"fields":{"company":"` + field + `"}}`
	form := "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" + field + "\r\n--cut--\r\n"
	for path, sent := range map[string]struct{ kind, body string }{
		"/records/lead": {"application/json", json}, "/files": {"multipart/form-data; boundary=cut", form},
	} {
		c, err := net.Dial("tcp", b.http.Listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
		request := fmt.Sprintf("POST %s%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nIdempotency-Key: k%d\r\nContent-Type: %s\r\nContent-Length: %d\r\nAccept-Language: en\r\n\r\n",
			base, path, li.token, len(path), sent.kind, len(sent.body))
		_, err = io.Copy(c, io.MultiReader(strings.NewReader(request), strings.NewReader(sent.body))) // all of it, before anything is read
		require.NoError(t, err, path)
		answered, err := io.ReadAll(c)
		require.NoError(t, err, path)
		require.True(t, bytes.HasPrefix(answered, fmt.Appendf(nil, "HTTP/1.1 %d", http.StatusRequestEntityTooLarge)), "%s: %.200s", path, answered)
		require.Contains(t, string(answered), string(codeTooLarge))
		require.NoError(t, c.Close())
	}
}
