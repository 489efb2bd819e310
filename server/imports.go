package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/filestore"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/sheets"
)

func (s *Server) importRoutes() {
	add(s, route{method: http.MethodPost, path: "/records/{type}/imports", rule: createsRecord, id: "import-records",
		summary: "Make records of a table, CSV or Excel: all lines are checked first, then a worker makes them", takes: formWithFile(), streams: true}, s.importRecords)
	add(s, route{method: http.MethodGet, path: "/imports/{id}", rule: ownImport, id: "get-import", summary: "How far an import is, and what came of its lines"}, s.getImport)
}

// importAtMost is how large a table may be, in bytes.
const importAtMost = 10 << 20

// importsAtOnce is how many tables one server reads at a time: a large workbook takes memory.
const importsAtOnce = 2

// importBody is an import.
type importBody struct {
	ID      *string        `json:"id" doc:"null: it was only looked at"`
	Type    string         `json:"type"`
	Name    string         `json:"name" doc:"Of the file"`
	By      string         `json:"by"`
	At      time.Time      `json:"at"`
	Status  string         `json:"status" enum:"checked,running,done" doc:"checked: with dry_run; nothing was changed"`
	EndedAt *time.Time     `json:"ended_at"`
	Lines   int            `json:"lines" doc:"Beside the head"`
	Made    int            `json:"made" doc:"Records"`
	Failed  int            `json:"failed" doc:"Lines of which no record can be made, or could be"`
	Errors  []ProblemError `json:"errors" doc:"The first thousand"`
}

func (v *visit) importBody(i engine.ImportView) importBody {
	body := importBody{ID: orNil(i.ID), Type: i.Type, Name: i.Name, By: i.By, At: v.at(i.At), Status: "running", EndedAt: v.atOrNil(i.EndedAt), Lines: i.Lines,
		Made: i.Made, Failed: i.Failed, Errors: v.importErrors(i.Problems)}
	switch {
	case i.ID == "":
		body.Status = "checked"
	case i.EndedAt != nil:
		body.Status = "done"
	}
	return body
}

func (v *visit) importErrors(problems []engine.ImportProblem) []ProblemError {
	list := make([]ProblemError, len(problems))
	for i, p := range problems {
		list[i] = ProblemError{Field: p.Field, Line: p.Line, Column: p.Column, Message: v.text(p.Message)}
	}
	return list
}

type importInput struct {
	TypeInput
	Keyed
	DryRun bool `query:"dry_run" doc:"Only say what would happen"`
	upload
}

type importOutput struct {
	Location string `header:"Location"`
	Body     importBody
}

func (s *Server) importRecords(ctx context.Context, v *visit, in *importInput) (*importOutput, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	name, data, err := in.table()
	if err != nil {
		return nil, err
	}
	command := engine.ImportCommand{Type: in.Type, Name: name, Dry: in.DryRun}
	if command.Rows, err = s.readTable(ctx, data); err != nil {
		return nil, v.unreadable(err)
	}
	sum := sha256.Sum256(data)
	request := engine.Request{Caller: v.user(), Admin: v.admin(), Key: in.Key,
		Body: fmt.Appendf(nil, "POST /records/%s/imports?dry_run=%t\n%s\n%s", in.Type, in.DryRun, name, hex.EncodeToString(sum[:]))}
	made, wrong, err := s.engine.Import(ctx, request, command)
	if err != nil {
		return nil, err
	}
	if wrong {
		return nil, v.importRefused(made)
	}
	out := &importOutput{Body: v.importBody(made)}
	if made.ID != "" {
		out.Location = base + "/imports/" + made.ID
	}
	return out, nil
}

// table reads the file of the form whole: a workbook is read from its end.
func (in *importInput) table() (name string, data []byte, err error) {
	part, err := in.file(importAtMost)
	if err != nil {
		return "", nil, err
	}
	data, err = io.ReadAll(io.LimitReader(part, importAtMost+1))
	switch {
	case len(data) > importAtMost, errors.As(err, new(*http.MaxBytesError)):
		return "", nil, tooLarge(importAtMost)
	case err != nil:
		return "", nil, brokenOff()
	}
	return filestore.CleanName(part.FileName()), data, nil
}

// readTable reads a table when it is its turn.
func (s *Server) readTable(ctx context.Context, data []byte) ([]engine.ImportRow, error) {
	select {
	case s.tables <- struct{}{}:
		defer func() { <-s.tables }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	rows, err := sheets.Read(ctx, data, engine.MaxImportLines+1)
	out := make([]engine.ImportRow, len(rows))
	for i, row := range rows {
		out[i].Line = row.Line
		for _, c := range row.Cells {
			out[i].Cells = append(out[i].Cells, engine.ImportCell(c))
		}
	}
	return out, err
}

// unreadable words why a table can't be read, at its place.
func (v *visit) unreadable(err error) error {
	bad, ok := errors.AsType[*sheets.Error](err)
	if !ok {
		return err
	}
	p := newProblem(v, process.CodeFieldInvalid, process.Text{ZH: "文件无法读取，没有导入任何内容。", EN: "The file can't be read; nothing was imported."})
	p.Errors = []ProblemError{{Field: "file", Line: bad.Line, Column: bad.Column, Message: v.text(bad.Message)}}
	return p
}

// importRefused words what is wrong with a table.
func (v *visit) importRefused(i engine.ImportView) error {
	p := newProblem(v, process.CodeFieldInvalid, process.Text{ZH: fmt.Sprintf("%d 行有误，没有导入任何内容。", i.Failed),
		EN: fmt.Sprintf("%d lines are wrong; nothing was imported.", i.Failed)})
	p.Errors = v.importErrors(i.Problems)
	return p
}

func (s *Server) getImport(ctx context.Context, v *visit, in *IDInput) (*struct{ Body importBody }, error) {
	i, err := s.engine.ImportOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body importBody }{v.importBody(i)}, nil
}

// maySeeImport decides about one import: who made it, and administrators.
func (s *Server) maySeeImport(ctx context.Context, v *visit, id string) error {
	i, err := s.db.Import(ctx, id)
	if err == nil && i.MadeBy != v.user() && !v.admin() {
		return notFound()
	}
	return err
}
