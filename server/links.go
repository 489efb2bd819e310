package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// linkForm is how large what a link's page sends may be.
const linkForm = 64 << 10

// linkRoutes are the pages that links in messages lead to. Whoever has the link needs no sign-in: it stands for one person, one task and what that showed.
func (s *Server) linkRoutes() {
	s.page("/act/:token", anyone, func(c *gin.Context) { s.link(c, s.showLink) })
	s.rules = append(s.rules, ruled{http.MethodPost, "/act/:token", anyone})
	s.router.POST("/act/:token", func(c *gin.Context) { s.link(c, s.decideByLink) })
}

// opened is a link that may decide, and what it shows.
type opened struct {
	store.ActLink
	reader *visit // the person it is for
	task   engine.TaskView
	shown  []shownField

	outside bool // who has no account
	others  bool // there are answers that only who stands in for them can give
}

// link answers one request of a link's page, always by a page.
func (s *Server) link(c *gin.Context, answer func(*gin.Context, *opened) error) {
	c.Header("Referrer-Policy", "same-origin") // the page's own form has to say where it comes from; nobody else learns the address
	c.Header("X-Robots-Tag", "noindex, nofollow")
	c.Header("Vary", "Accept-Language, Cookie, Sec-Purpose, Purpose")
	ctx := c.Request.Context()
	o, err := s.openLink(ctx, c)
	if err == nil {
		err = answer(c, o)
	} else if c.Request.Method == http.MethodPost && o.again(err) {
		err = s.writeAgain(c, o, err)
	}
	if err != nil {
		s.linkFailed(c, o, err)
	}
}

// openLink finds out whether a link may still decide, and what. What it gives beside a refusal is as much as is known.
func (s *Server) openLink(ctx context.Context, c *gin.Context) (*opened, error) {
	v := visitOf(ctx)
	o := &opened{reader: &visit{said: v.lang(), zone: v.zone}}
	if err := s.identify(ctx, v); err != nil {
		return o, err
	}
	if err := s.paced(v); err != nil {
		return o, err
	}
	var err error
	if o.ActLink, err = s.db.ActLink(ctx, c.Param("token")); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = linkUnknown
		}
		return o, err
	}
	if o.Language != "" {
		o.reader.said = o.Language
	}
	_, o.outside = process.OutsideName(o.User)
	switch {
	case prefetched(c.Request):
		return o, linkPrefetched
	case v.who != nil && v.who.ID != o.User:
		return o, linkForwarded
	case o.outside:
		return o, s.meetOutside(ctx, o)
	case !o.Active:
		return o, linkClosed
	case o.Used != nil:
		return o, linkUsed
	case !o.Expires.After(s.Now()):
		return o, linkExpired
	}
	return o, s.meetTask(ctx, v, o)
}

// prefetched says whether nobody has asked to see the page yet: a program looks ahead.
func prefetched(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose")+r.Header.Get("X-Moz"), "pre")
}

// meetTask reads the task of a link as its person sees it now.
func (s *Server) meetTask(ctx context.Context, v *visit, o *opened) error {
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return err
	}
	present, err := s.db.Present(ctx)
	if err != nil {
		return err
	}
	reader, err := s.readerAt(ctx, v, o.User, present.Revision)
	if err != nil {
		return err
	}
	reader.said, o.reader = o.Language, reader
	row, err := s.db.TaskInCase(ctx, o.Task)
	if errors.Is(err, store.ErrNotFound) {
		return linkClosed
	}
	if err != nil {
		return err
	}
	if o.task, err = viewer.As(o.User, false).Task(row.Task, row.Case, row.Record); err != nil {
		return err
	}
	if err := viewer.Ways(&o.task, row.Case, row.Record); err != nil {
		return err
	}
	switch {
	case !slices.Contains(o.task.Actions, string(process.EventApprove)): // decided, somebody else's by now, suspended, or its person has left
		return linkClosed
	case o.task.Seen != o.Seen:
		return linkChanged
	}
	if err := s.coverTasks(ctx, reader, &o.task); err != nil {
		return err
	}
	o.shown, err = s.shownForm(ctx, reader, viewer.Location(), o.task)
	return err
}

func (s *Server) showLink(c *gin.Context, o *opened) error {
	return s.linkPage(c, http.StatusOK, o, linkPage{Open: true})
}

// decideByLink carries out what the page sends. The link is used up by the transaction that decides; what is refused leaves it as it was.
func (s *Server) decideByLink(c *gin.Context, o *opened) error {
	ctx := c.Request.Context()
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, linkForm)
	if err := c.Request.ParseForm(); err != nil {
		return linkIncomplete
	}
	form := c.Request.PostForm
	command, offered := o.command(form.Get("act"))
	if !offered || form.Get("seen") == "" {
		return linkIncomplete
	}
	if form.Get("seen") != o.Seen {
		return linkChanged
	}
	comment := strings.ReplaceAll(strings.TrimSpace(form.Get("comment")), "\r\n", "\n")
	command.Task, command.Comment, command.Seen = o.Task, comment, o.Seen
	answer, err := s.engine.Act(ctx, engine.Request{Caller: o.User, Link: o.Hash}, command)
	refusal, refused := errors.AsType[*process.Refusal](err)
	switch {
	case errors.Is(err, engine.ErrLinkUsed):
		return s.asNow(ctx, o, linkUsed)
	case refused && refusal.Code == process.CodeContentChanged:
		return linkChanged
	case refused && (refusal.Code == process.CodeTaskClosed || refusal.Code == process.CodeCaseEnded || refusal.Code == process.CodeNotYourTask):
		return s.asNow(ctx, o, linkClosed)
	case refused:
		return s.linkPage(c, http.StatusUnprocessableEntity, o, linkPage{Open: true, Comment: comment, Problem: problemOfRefusal(o.reader, refusal).Detail})
	case err != nil:
		return err
	}
	return s.linkPage(c, http.StatusOK, o, linkPage{Done: o.decided(command.Act, answer.Case)})
}

// linkFailed answers with a plain page that says why nothing was done, and leaves a line of it.
func (s *Server) linkFailed(c *gin.Context, o *opened, err error) {
	ctx := c.Request.Context()
	v := visitOf(ctx)
	dead, known := errors.AsType[*deadLink](err)
	if !known {
		p := problemOf(ctx, err)
		for name, values := range p.GetHeaders() {
			c.Writer.Header()[name] = values
		}
		if err := s.linkPage(c, p.Status, o, linkPage{Title: p.Title, Problem: linkAgain.In(o.reader.lang())}); err != nil {
			s.fail(ctx, c.Writer, err)
		}
		return
	}
	slog.InfoContext(ctx, "audit: a link decided nothing", "request", v.id, "why", dead.why, "method", c.Request.Method, "task", o.Task)
	if o.Hash != nil {
		err = s.db.ActLinkRefused(ctx, o.Hash, dead.why, s.Now())
	} else {
		err = nil
	}
	if err == nil {
		err = s.linkPage(c, dead.status, o, linkPage{Title: o.reader.text(dead.title), Problem: o.whatNow(dead), Again: o.again(dead)})
	}
	if err != nil {
		s.fail(ctx, c.Writer, err)
	}
}
