package server

import (
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// How a stream behaves: when it says that it is still there, how long a reader may take to take something, and when a browser tries again.
const (
	streamBeat  = 15 * time.Second
	streamWrite = 10 * time.Second
	streamPath  = base + "/stream"
	helloEvent  = "event: hello\ndata: {}\n\n"
	streamRetry = "retry: 3000\n"
	streamBye   = "retry: 60000\n\n" // to one of too many: it shall not come back at once and drive out the next
)

func (s *Server) streamRoutes() {
	s.page(streamPath, signedIn, s.stream)
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "stream", Method: http.MethodGet, Path: streamPath, Tags: []string{"stream"}, Security: security(signedIn),
		Summary: "Server-sent events: what to fetch again",
		Description: "Who may: " + string(signedIn) + ". `hello` comes first, and again whenever something may have been missed: fetch everything anew. `inbox`: something in your boxes or " +
			"notifications changed. `case` with `{\"id\"}`: a case that you take part in moved. No event holds any content. The stream ends with the session.",
		Responses: map[string]*huma.Response{
			"200":     {Description: "OK", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}}},
			"default": {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")}}},
		},
	})
}

// stream tells a page what to fetch again, until it leaves or its session ends.
func (s *Server) stream(c *gin.Context) {
	ctx := c.Request.Context()
	l, err := s.feed.join(ctx, visitOf(ctx))
	if err != nil {
		s.fail(ctx, c.Writer, err)
		return
	}
	defer s.feed.leave(l)
	c.Header("Content-Type", "text/event-stream")
	c.Header("X-Accel-Buffering", "no")
	control := http.NewResponseController(c.Writer)
	send := func(text string) bool {
		if control.SetWriteDeadline(time.Now().Add(streamWrite)) != nil {
			return false
		}
		if _, err := io.WriteString(c.Writer, text); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	if control.SetReadDeadline(time.Time{}) != nil || !send(streamRetry+helloEvent) { // the deadline of reading a request would end it
		return
	}
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.gone:
			send(streamBye)
			return
		case <-l.stir:
			if !send(s.feed.take(l)) {
				return
			}
		case <-beat.C:
			if !send(": still here\n\n") {
				return
			}
		}
	}
}
