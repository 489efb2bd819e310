package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/filestore"
	"github.com/crmflow/crmflow/process"
)

const pdf = "%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"

var png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + strings.Repeat("\x00", 64)

// keep is a directory to keep files in.
func keep(t *testing.T) *filestore.Store {
	t.Helper()
	s, err := filestore.Open(t.Context(), (&url.URL{Scheme: "file", Path: t.TempDir()}).String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// form is a multipart body with a file in one of its fields.
func form(t *testing.T, field, name, content string) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(field, name)
	require.NoError(t, err)
	_, err = part.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// sendFile posts a form with a file.
func (p person) sendFile(path, name, content string, header http.Header) answer {
	p.Helper()
	body, kind := form(p.T, "file", name, content)
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", kind)
	return p.send(http.MethodPost, path, body, header)
}

func (p person) upload(name, content string) answer {
	p.Helper()
	return p.sendFile("/files", name, content, nil)
}

// complaint makes a complaint of a person's with what else its fields hold.
func (p person) complaint(more map[string]any) answer {
	p.Helper()
	fields := map[string]any{"customer": p.customer("海川机械"), "product": "P-100", "defect": "裂纹"}
	for name, v := range more {
		fields[name] = v
	}
	return p.post("/cases", map[string]any{"process": "complaint", "with": fields})
}

func TestAFileIsKeptAndAttachedAndSeenAsItsRecordIs(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales, colleague := b.as("li.na"), b.as("sun.peng")
	made := sales.upload("裂纹 照片.png", png)
	require.Equal(t, 201, made.status, "%s", made.raw)
	sum := sha256.Sum256([]byte(png))
	photo := made.ok()
	require.Equal(t, []any{"裂纹 照片.png", float64(len(png)), hex.EncodeToString(sum[:]), "image/png"}, []any{photo["name"], photo["size"], photo["sha256"], photo["type"]})
	path := "/files/" + photo["id"].(string)
	require.Equal(t, png, string(sales.get(path).raw), "its uploader, before it is anywhere")
	colleague.get(path).refused(process.CodeNotFound)
	b.as("deng.rui").get(path).refused(process.CodeNotFound)
	b.nobody().get(path).refused(codeUnauthenticated)

	colleague.complaint(map[string]any{"photos": []any{photo}}).field(process.CodeFieldInvalid, "photos[0]")
	c := sales.complaint(map[string]any{"photos": []any{map[string]any{"id": photo["id"], "name": "something else", "size": 1, "sha256": "00"}}}).ok()
	record := "/records/complaint/" + c["record"].(map[string]any)["id"].(string)
	held := sales.get(record).ok()["fields"].(map[string]any)["photos"].([]any)[0].(map[string]any)
	require.Equal(t, map[string]any{"id": photo["id"], "name": photo["name"], "size": photo["size"], "sha256": photo["sha256"]}, held, "what is known counts, not what was sent")
	sales.does(c["id"].(string), "register", "complete", nil)
	for user, sees := range map[string]bool{"li.na": true, "feng.lei": true, "deng.rui": true, "sun.peng": false, "liang.hong": false} {
		if sees {
			require.Equal(t, png, string(b.as(user).get(path).raw), user)
		} else {
			b.as(user).get(path).refused(process.CodeNotFound)
		}
	}
	colleague.complaint(map[string]any{"photos": []any{held}}).field(process.CodeFieldInvalid, "photos[0]")

	changed := sales.patch(record, map[string]any{"fields": map[string]any{"photos": []any{}}})
	require.Less(t, changed.status, 300, "%s", changed.raw)
	require.Equal(t, 200, b.as("feng.lei").get(path).status, "what a decision was made on stays")
	sales.patch(record, map[string]any{"fields": map[string]any{"photos": []any{map[string]any{"id": photo["id"]}}}}).ok()
}

func TestAFieldTakesOnlyTheFilesThatItSays(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	report := sales.upload("report.pdf", pdf).ok()
	refused := sales.complaint(map[string]any{"photos": []any{report}})
	refused.field(process.CodeFieldInvalid, "photos[0]")
	require.Contains(t, string(refused.raw), "image")
	sales.complaint(map[string]any{"photos": []any{map[string]any{"id": "nobody's"}}}).field(process.CodeFieldInvalid, "photos[0]")
	disguised := sales.upload("photo.png", pdf).ok()
	require.Equal(t, "application/octet-stream", disguised["type"], "a name says nothing")
	sales.complaint(map[string]any{"photos": []any{disguised}}).field(process.CodeFieldInvalid, "photos[0]")

	c := sales.complaint(nil).ok()
	id := c["id"].(string)
	sales.does(id, "register", "complete", nil)
	lab := b.as("feng.lei")
	lab.does(id, "inspect", "claim", nil)
	act := "/tasks/" + lab.open(id)["inspect"] + "/complete"
	lab.post(act, map[string]any{"outcome": "unfounded", "fields": map[string]any{"report": report}}).field(process.CodeFieldInvalid, "report")
	before := lab.get("/tasks/" + lab.open(id)["inspect"]).ok()["seen"]
	lab.post(act, map[string]any{"outcome": "unfounded", "fields": map[string]any{"report": lab.upload("report.pdf", pdf).ok()}, "seen": before}).ok()
	seen := lab.get("/records/complaint/" + c["record"].(map[string]any)["id"].(string)).ok()["fields"].(map[string]any)["report"].(map[string]any)
	require.Equal(t, pdf, string(sales.get("/files/"+seen["id"].(string)).raw), "on the record now, so its owner reads it")
}

func TestWhatABrowserWouldRunIsNotTaken(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	for name, content := range map[string]string{
		"page.html": "hello", "page.txt": "<!DOCTYPE html><script>alert(1)</script>", "logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.png": "<svg xmlns='http://www.w3.org/2000/svg'/>",
		"run.js": "1", "setup.exe": "x", "photo.jpg": "MZ\x90\x00" + strings.Repeat("\x00", 60) + "PE", "go.sh": "#!/bin/sh", "a.LNK": "x", "macro.xlsm": "PK\x03\x04",
	} {
		sales.upload(name, content).field(process.CodeFieldInvalid, "file")
	}
	for name, kind := range map[string]string{"a.csv": "text/csv", "drawing.dwg": "application/octet-stream", "说明.txt": "text/plain", "no ending": "application/octet-stream"} {
		require.Equal(t, kind, sales.upload(name, "a,b\n1,2\n").ok()["type"], name)
	}
}

func TestAFilesNameIsSafe(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\temp\报价.pdf`: "报价.pdf", "a\x00b\r\nc.txt": "abc.txt", "invoice\u202Efdp.exe": "invoicefdp.exe", "...": "file", "": "file", ".htaccess": "htaccess",
		`a"b<c>.pdf`: "abc.pdf", strings.Repeat("长", 200) + ".pdf": strings.Repeat("长", 65) + ".pdf", " a b . ": "a b", "e\u0301.txt": "é.txt",
	} {
		require.Equal(t, want, filestore.CleanName(sent), "%q", sent)
	}
}

func TestAFileIsServedSafely(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	photo, paper, text := sales.upload("裂纹.png", png).ok(), sales.upload("a.pdf", pdf).ok(), sales.upload("a.txt", "hello").ok()
	at := func(f map[string]any, query string) http.Header {
		a := sales.get("/files/" + f["id"].(string) + query)
		require.Equal(t, 200, a.status)
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
		require.Equal(t, "private, no-store", a.header.Get("Cache-Control"))
		require.Equal(t, `"`+f["sha256"].(string)+`"`, a.header.Get("ETag"))
		return a.header
	}
	saved := at(photo, "")
	require.Equal(t, "attachment; filename*=utf-8''%E8%A3%82%E7%BA%B9.png", saved.Get("Content-Disposition"))
	require.Contains(t, saved.Get("Content-Security-Policy"), "sandbox")
	require.Equal(t, "image/png", saved.Get("Content-Type"))
	require.Contains(t, at(photo, "?inline=true").Get("Content-Disposition"), "inline")
	require.Contains(t, at(photo, "?inline=true").Get("Content-Security-Policy"), "sandbox")
	require.Equal(t, `inline; filename=a.pdf`, at(paper, "?inline=true").Get("Content-Disposition"))
	require.NotContains(t, at(paper, "?inline=true").Get("Content-Security-Policy"), "script")
	require.Contains(t, at(text, "?inline=true").Get("Content-Disposition"), "attachment", "only pictures and PDF")

	part := sales.send(http.MethodGet, "/files/"+paper["id"].(string), nil, http.Header{"Range": {"bytes=0-3"}})
	require.Equal(t, []any{206, "%PDF"}, []any{part.status, string(part.raw)})
	require.Equal(t, 416, sales.send(http.MethodGet, "/files/"+paper["id"].(string), nil, http.Header{"Range": {"bytes=9999-"}}).status)
	require.Equal(t, 304, sales.send(http.MethodGet, "/files/"+paper["id"].(string), nil, http.Header{"If-None-Match": {`"` + paper["sha256"].(string) + `"`}}).status)
}

func TestAnUploadThatIsNoneLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	sales.upload("large.txt", strings.Repeat("x", 1<<20+1)).refused(codeTooLarge)
	sales.upload("large.txt", strings.Repeat("x", 2<<20)).refused(codeTooLarge)
	require.Equal(t, 201, sales.upload("just.txt", strings.Repeat("x", 1<<20)).status)
	sales.post("/files", map[string]any{"file": "x"}).field(process.CodeFieldInvalid, "file")
	body, kind := form(t, "picture", "a.png", png)
	sales.send(http.MethodPost, "/files", body, http.Header{"Content-Type": {kind}}).field(process.CodeFieldInvalid, "file")
	body, kind = form(t, "file", "a.txt", strings.Repeat("x", 5000))
	sales.send(http.MethodPost, "/files", body[:3000], http.Header{"Content-Type": {kind}}).field(process.CodeFieldInvalid, "file")
	sales.send(http.MethodPost, "/files", []byte("--x--\r\n"), http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}).field(process.CodeFieldRequired, "file")
	var files, loose int
	require.NoError(t, b.db.Get(t.Context(), &files, `SELECT count(*) FROM files`))
	require.NoError(t, b.db.Get(t.Context(), &loose, `SELECT count(*) FROM loose_bytes`))
	require.Equal(t, []int{1, 0}, []int{files, loose})
}

func TestAnUploadSentTwiceIsOneFile(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	keyed := func(name, content string) answer {
		return sales.sendFile("/files", name, content, http.Header{"Idempotency-Key": {"k1"}})
	}
	first := keyed("a.pdf", pdf).ok()
	require.Equal(t, first, keyed("a.pdf", pdf).ok())
	require.Equal(t, pdf, string(sales.get("/files/"+first["id"].(string)).raw))
	keyed("a.pdf", pdf+" ").refused(process.CodeKeyReused)
	var loose int
	require.NoError(t, b.db.Get(t.Context(), &loose, `SELECT count(*) FROM loose_bytes`))
	require.Zero(t, loose)
}

// contents keeps a file, reads it, brings in a table and looks for what is similar.
func contents(b *bundle, owner person) {
	paper := owner.upload("a.pdf", pdf).ok()
	require.Equal(b, pdf, string(owner.get("/files/"+paper["id"].(string)).raw))
	made := owner.sendFile("/records/lead/imports", "leads.csv", "company,contact,phone\n海川机械有限公司,Xu Min,13800031111\n", nil).ok()
	b.carryOut(made["id"].(string))
	require.Equal(b, "done", owner.get("/imports/" + made["id"].(string)).ok()["status"])
	require.Len(b, owner.get("/records/lead/similar?phone=13800031111").items(), 1)
}
