package server

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/web"
)

// nonceWord stands in the built page where every answer has its own nonce; vite.config.ts writes it.
const nonceWord = "__NONCE__"

// visitorWord stands where an answer says whether the browser came with a session, so that the page needn't ask who a stranger is.
const visitorWord = "__VISITOR__"

// pagePaths are the addresses of the page's own pages; routes.tsx knows the same ones.
var pagePaths = []string{
	"/", "/sign-in", "/inbox", "/inbox/:box", "/tasks/:id", "/cases/:id", "/start", "/start/:process", "/records", "/records/:type", "/records/:type/:id", "/settings",
	"/people", "/people/:id", "/people/:id/handover", "/departments", "/roles", "/groups", "/webhooks", "/webhooks/:id", "/stuck", "/versions",
}

// site is the built page: its one document, and the files that it loads.
type site struct {
	index []byte // nil: no page was built
	files map[string]siteFile
}

// siteFile is a file as it is and as it was packed when the page was built.
type siteFile struct {
	kind, etag string
	forever    bool // its name says what is in it
	packed     map[string][]byte
}

// embedded is the page in the binary.
var embedded = sync.OnceValues(func() (*site, error) { return newSite(web.Dist()) })

// newSite reads a built page. Without an index.html there is none, which is no error.
func newSite(dist fs.FS) (*site, error) {
	s := &site{files: map[string]siteFile{}}
	index, err := fs.ReadFile(dist, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.index = index
	return s, fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if kind := mime.TypeByExtension(path.Ext(name)); path.Dir(name) == "assets" || name == "icon.svg" {
			return s.read(dist, name, kind)
		}
		return nil
	})
}

// encodings are how files are packed, the smallest first, and how such files end.
var encodings = []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

func (s *site) read(dist fs.FS, name, kind string) error {
	for _, e := range encodings {
		if strings.HasSuffix(name, e.ending) {
			return nil // read with the file that it packs
		}
	}
	content, err := fs.ReadFile(dist, name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	f := siteFile{kind: kind, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, forever: path.Dir(name) == "assets", packed: map[string][]byte{"": content}}
	for _, e := range encodings {
		packed, err := fs.ReadFile(dist, name+e.ending)
		if err == nil {
			f.packed[e.name] = packed
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s.files["/"+name] = f
	return nil
}

// webRoutes serve the page at all of its addresses, and its files.
func (s *Server) webRoutes() {
	built, err := embedded()
	if err != nil {
		panic("server: " + err.Error()) // the files are part of the binary
	}
	if s.Page != nil {
		if built, err = newSite(s.Page); err != nil {
			panic("server: " + err.Error())
		}
	}
	s.built = built
	for _, path := range pagePaths {
		s.page(path, anyone, func(c *gin.Context) { s.document(c, built) })
	}
	s.page("/assets/:name", anyone, func(c *gin.Context) { s.asset(c, built) })
	s.page("/icon.svg", anyone, func(c *gin.Context) { s.asset(c, built) })
	s.page("/favicon.ico", anyone, func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, "/icon.svg") }) // browsers ask for it unbidden
}

// noRoute answers at an address that nothing has: somebody at a browser with the page, which says so in their language, a program with a problem.
func (s *Server) noRoute(c *gin.Context) {
	reads := c.Request.Method == http.MethodGet && strings.Contains(c.GetHeader("Accept"), "text/html")
	if !reads || s.built.index == nil || strings.HasPrefix(c.Request.URL.Path, "/api/") {
		s.fail(c.Request.Context(), c.Writer, notFound())
		return
	}
	s.sendDocument(c, http.StatusNotFound, s.built)
}

// document answers with the page's one document.
func (s *Server) document(c *gin.Context, built *site) {
	if built.index == nil {
		s.about(c)
		return
	}
	s.sendDocument(c, http.StatusOK, built)
}

// sendDocument sends it. Only styles that carry this answer's nonce, and files of our own, are let in; no script is made from text.
func (s *Server) sendDocument(c *gin.Context, status int, built *site) {
	var b [16]byte
	_, _ = rand.Read(b[:])
	nonce := base64.RawURLEncoding.EncodeToString(b[:])
	c.Header("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; img-src 'self' data: blob:; font-src 'self'; "+
		"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	visitor := "stranger"
	if visitOf(c.Request.Context()).token != "" {
		visitor = "known"
	}
	said := bytes.ReplaceAll(built.index, []byte(nonceWord), []byte(nonce))
	c.Data(status, "text/html; charset=utf-8", bytes.ReplaceAll(said, []byte(visitorWord), []byte(visitor)))
}

// asset answers with a file of the page, packed as the browser can unpack it.
func (s *Server) asset(c *gin.Context, built *site) {
	f, ok := built.files[c.Request.URL.Path]
	if !ok {
		s.fail(c.Request.Context(), c.Writer, notFound())
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-cache")
	if f.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(c.GetHeader("If-None-Match"), f.etag) {
		c.Status(http.StatusNotModified)
		return
	}
	encoding := f.encoding(c.GetHeader("Accept-Encoding"))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	c.Data(http.StatusOK, f.kind, f.packed[encoding])
}

// encoding picks how a file is sent: the smallest form that the browser names.
func (f siteFile) encoding(accepted string) string {
	for _, e := range encodings {
		if f.packed[e.name] == nil {
			continue
		}
		for part := range strings.SplitSeq(accepted, ",") {
			name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
			if strings.TrimSpace(name) == e.name && strings.TrimSpace(q) != "q=0" {
				return e.name
			}
		}
	}
	return ""
}
