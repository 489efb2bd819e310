package server

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// lingerAtMost is how much is still read of a request that was too large.
const lingerAtMost = 64 << 20

// lingering keeps the body of a request open until it is answered. What it gives is called with the answer written: where the request was refused as
// too large it reads on, and keeps nothing. Else the connection would be closed under whoever is still sending, and they would never see the refusal.
// How long a body may take stays as it is.
func lingering(c *gin.Context) func() {
	body := c.Request.Body
	if body == nil || body == http.NoBody {
		return func() {}
	}
	c.Request.Body = io.NopCloser(body) // the server itself closes it
	return func() {
		if c.Writer.Status() == http.StatusRequestEntityTooLarge {
			_, _ = io.CopyN(io.Discard, body, lingerAtMost) // what can't be read is nobody's loss
		}
	}
}
