package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/filestore"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// uploadTime is how long somebody may take to send a file, on the road, too.
const uploadTime = 5 * time.Minute

func (s *Server) fileRoutes() {
	add(s, route{method: http.MethodPost, path: "/files", rule: signedIn, id: "upload-file", summary: "Keep a file, to be put into a field of a record within 24 hours",
		status: http.StatusCreated, takes: formWithFile(), streams: true}, s.uploadFile)
	add(s, route{method: http.MethodGet, path: "/files/{id}", rule: seesFile, id: "get-file", summary: "The bytes of a file; parts of them by Range", gives: bytesAnswers()}, s.getFile)
}

// fileBody is an uploaded file.
type fileBody struct {
	ID     string `json:"id"`
	Name   string `json:"name" doc:"As it was sent, without what is not safe in a name"`
	Size   int64  `json:"size" doc:"In bytes"`
	SHA256 string `json:"sha256" doc:"In hex"`
	Type   string `json:"type" doc:"What its content is, if that fits its name; else application/octet-stream"`
}

// upload is the part of an input that reads a multipart body by itself, as it comes.
type upload struct {
	gin *gin.Context
}

// Resolve keeps the request, whose body nobody has read.
func (u *upload) Resolve(ctx huma.Context) []error {
	u.gin = humagin.Unwrap(ctx)
	return nil
}

// overhead is how large a form may be beside its file.
const overhead = 64 << 10

// file finds the form's file, of so many bytes at most. The caller has time to send it.
func (u *upload) file(most int64) (*multipart.Part, error) {
	kind, params, err := mime.ParseMediaType(u.gin.GetHeader("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, fieldInvalid("file", "应以 multipart/form-data 上传，字段名为 file", "send it as multipart/form-data, in the field file")
	}
	deadline := time.Now().Add(uploadTime)
	c := http.NewResponseController(u.gin.Writer)
	if err := errors.Join(c.SetReadDeadline(deadline), c.SetWriteDeadline(deadline.Add(requestTimeout))); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	form := multipart.NewReader(http.MaxBytesReader(u.gin.Writer, u.gin.Request.Body, most+overhead), params["boundary"])
	part, err := form.NextPart()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fieldMissing("file")
	case err != nil:
		return nil, brokenOff()
	case part.FormName() != "file":
		return nil, fieldInvalid("file", "表单里只能有字段 file", "the form holds the field file and nothing else")
	}
	return part, nil
}

func brokenOff() error {
	return fieldInvalid("file", "上传没有完成，或格式不对；请重新上传", "the upload broke off, or isn't one: send it again")
}

func fieldMissing(field string) error {
	return &process.Refusal{Code: process.CodeFieldRequired, Message: process.Text{ZH: "请检查标出的内容。", EN: "Please check what is marked."},
		Fields: []process.FieldError{{Field: field, Message: process.Text{ZH: "必填", EN: "is required"}}}}
}

// tooLarge refuses a body, and says how large one may be.
func tooLarge(most int64) error {
	mb := fmt.Sprintf("%.0f", float64(most)/(1<<20))
	return process.Refuse(codeTooLarge, "文件太大，最大 "+mb+" MB。", "The file is too large: at most "+mb+" MB.")
}

type uploadInput struct {
	Keyed
	upload
}

// detached is the request's context without the time that ordinary requests have.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), uploadTime)
}

func (s *Server) uploadFile(ctx context.Context, v *visit, in *uploadInput) (*struct{ Body fileBody }, error) {
	if s.Files == nil {
		return nil, process.Refuse(codeUnavailable, "此服务器没有设置文件存储，不能上传；请联系管理员（设置项 files）。", "This server has nowhere to keep files: its operator sets `files`.")
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	part, err := in.file(s.FilesAtMost)
	if err != nil {
		return nil, err
	}
	id, err := s.engine.ExpectFile(ctx, filestore.Key)
	if err != nil {
		return nil, err
	}
	kept, err := s.keepFile(ctx, v, in, id, part)
	if err != nil || kept.ID != id { // the second: its key was used before, for the same file
		s.dropBytes(ctx, filestore.Key(id))
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body fileBody }{fileBody(kept)}, nil
}

func (s *Server) keepFile(ctx context.Context, v *visit, in *uploadInput, id string, part *multipart.Part) (engine.FileView, error) {
	from := &source{Reader: part}
	name := filestore.CleanName(part.FileName())
	w, err := s.Files.Write(ctx, filestore.Key(id), name, from, s.FilesAtMost)
	if err != nil {
		return engine.FileView{}, refusedFile(err, from.err, s.FilesAtMost)
	}
	if _, err := io.Copy(io.Discard, part); err != nil {
		return engine.FileView{}, brokenOff()
	}
	request := engine.Request{Caller: v.user(), Admin: v.admin(), Key: in.Key, Body: []byte("POST /files\n" + name + "\n" + w.SHA256)}
	return s.engine.AddFile(ctx, request, filestore.Key(id), engine.FileView{ID: id, Name: name, Size: w.Size, SHA256: w.SHA256, Type: w.Type})
}

// source remembers whether it was the sender who failed.
type source struct {
	io.Reader
	err error
}

// Read reads on.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// refusedFile words why a file was not kept.
func refusedFile(err, sender error, most int64) error {
	var runs *filestore.RunsError
	switch {
	case errors.Is(err, filestore.ErrTooLarge), errors.As(err, new(*http.MaxBytesError)):
		return tooLarge(most)
	case errors.As(err, &runs):
		return fieldInvalid("file", "网页、脚本和程序（"+runs.Type+"）不能上传；请改成 PDF 或图片", "pages, scripts and programs ("+runs.Type+") aren't taken: send a PDF or a picture")
	case sender != nil:
		return brokenOff()
	}
	return err
}

// dropBytes deletes bytes that no file has come of. Where it can't a worker does it later.
func (s *Server) dropBytes(ctx context.Context, key string) {
	if err := s.db.DropBytes(ctx, key, func() error { return s.Files.Delete(ctx, key) }); err != nil {
		slog.WarnContext(ctx, "bytes of a file that was not kept are left for later", "key", key, "error", err)
	}
}

// maySeeFile decides about one file: whoever may see a field of a record that holds it, or has held it, or a case where it stands in a comment; until it has
// been in one, who uploaded it.
func (s *Server) maySeeFile(ctx context.Context, v *visit, id string) error {
	f, err := s.db.File(ctx, id)
	if err != nil {
		return err
	}
	if !f.Attached {
		if f.UploadedBy != v.user() {
			return notFound()
		}
		return nil
	}
	fields, err := s.db.FileFields(ctx, id)
	if err != nil {
		return err
	}
	var records []string
	for _, field := range fields {
		records = append(records, field.Record)
	}
	sights, err := s.sights(ctx, v, records)
	if err != nil {
		return err
	}
	for _, field := range fields {
		if shows(sights[field.Record].Sight, field.Field) {
			return nil
		}
	}
	if seen, err := s.db.SeesFileOfCase(ctx, v.viewer(), id); err != nil || seen {
		return err
	}
	return s.shownFile(ctx, v, fields)
}

// shownFile lets somebody see a file who may not see its record, and was shown the field that holds it to be asked in a case.
func (s *Server) shownFile(ctx context.Context, v *visit, fields []store.FileField) error {
	for _, field := range fields {
		cases, err := s.db.CasesIn(ctx, v.viewer(), field.Record)
		if err != nil {
			return err
		}
		forms := map[string]process.Sight{}
		if err := s.formSights(ctx, v, cases, forms); err != nil {
			return err
		}
		for _, sight := range forms {
			if shows(sight, field.Field) {
				return nil
			}
		}
	}
	return notFound()
}

// shows says whether somebody sees a field as it is, or a column of lines.
func shows(sight process.Sight, field string) bool {
	if lines, column, ok := strings.Cut(field, "."); ok {
		return sight.Column(lines, column)
	}
	return sight.Plain(field)
}

type fileInput struct {
	IDInput
	Inline bool `query:"inline" doc:"Show it instead of saving it: pictures and PDF"`
}

// shown are the types that a browser shows by itself and runs nothing of.
var shown = map[string]bool{"image/png": true, "image/jpeg": true, "image/webp": true, "image/gif": true, "application/pdf": true}

func (s *Server) getFile(ctx context.Context, _ *visit, in *fileInput) (*huma.StreamResponse, error) {
	f, err := s.db.File(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if s.Files == nil {
		return nil, process.Refuse(codeUnavailable, "此服务器没有设置文件存储；请联系管理员（设置项 files）。", "This server has nowhere to keep files: its operator sets `files`.")
	}
	ctx, cancel := detached(ctx) // bytes are still read when the handler is through
	bytes, err := s.Files.Read(ctx, f.Blob)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("the bytes of file %s: %w", f.ID, err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer cancel()
		defer bytes.Close()
		c := humagin.Unwrap(hc)
		fileHeaders(c.Writer.Header(), f, in.Inline)
		_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(uploadTime)) // where it can't be set, the server's own holds
		http.ServeContent(c.Writer, c.Request, "", f.AtReal, bytes)
	}}, nil
}

// fileHeaders says how a browser may treat a file: it never runs anything of it, and never takes it for something else.
func fileHeaders(h http.Header, f store.FileRow, inline bool) {
	how, policy := "attachment", "default-src 'none'; sandbox"
	if inline && shown[f.Type] {
		how = "inline"
		if f.Type == "application/pdf" { // a browser's PDF reader doesn't work inside a sandbox; it runs nothing in the page's name either
			policy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
		}
	}
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", `"`+f.SHA256+`"`)
}

// formWithFile describes a body that brings a file.
func formWithFile() *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
}

// bytesAnswers describes answers of bytes.
func bytesAnswers() map[string]*huma.Response {
	bytes := map[string]*huma.MediaType{octets: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	return map[string]*huma.Response{
		"200": {Description: "The file", Content: bytes}, "206": {Description: "The part that was asked for", Content: bytes},
		"304": {Description: "It is what the caller has"}, "416": {Description: "There is no such part"},
	}
}

const octets = "application/octet-stream"
