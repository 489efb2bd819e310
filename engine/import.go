package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// ImportCommand is a table of records that are to be made. The first row is the head: ids or titles of fields.
type ImportCommand struct {
	Type string
	Name string // of the file
	Rows []ImportRow
	Dry  bool // only looked at
}

// ImportRow is a row of the table, with its number in the file.
type ImportRow struct {
	Line  int
	Cells []ImportCell
}

// ImportCell is what stands in a cell: as it is shown, without its format, and as a moment where it is a number of a workbook.
type ImportCell struct{ Text, Raw, Date string }

// ImportProblem is what is wrong with a cell, or with a line as a whole (Column 0).
type ImportProblem struct {
	Line    int          `json:"line"`
	Column  int          `json:"column"`
	Field   string       `json:"field"`
	Message process.Text `json:"message"`
}

// ImportView is an import as people see it. One that was only looked at has no id.
type ImportView struct {
	ID       string          `json:"id"`
	Type     string          `json:"type"`
	Name     string          `json:"name"`
	By       string          `json:"by"`
	At       time.Time       `json:"at"`
	EndedAt  *time.Time      `json:"ended_at"`
	Lines    int             `json:"lines"`
	Made     int             `json:"made"`
	Failed   int             `json:"failed"` // lines that are wrong
	Problems []ImportProblem `json:"problems"`
}

// Limits of imports.
const (
	MaxImportLines    = 50_000
	MaxImportProblems = 1_000 // that are listed
	importAtOnce      = 50    // lines that one call of [Engine.ImportPiece] carries out
)

// importWrong refuses a table of which any line is wrong.
type importWrong struct{ view ImportView }

func (w *importWrong) Error() string { return "engine: the table has problems" }

// Import looks through a table of records, and unless it is dry writes down what is to be made of it, for a worker to do. A table of which anything is wrong
// is never begun: wrong says so, and the view's problems say what. The refusal not_found is of the type.
func (e *Engine) Import(ctx context.Context, r Request, c ImportCommand) (view ImportView, wrong bool, err error) {
	view, err = answered(ctx, e, r, func(req request) (ImportView, error) {
		i := &importing{request: req, ctx: ctx, e: e, ImportCommand: c}
		view, err := i.run()
		if err != nil {
			return view, err
		}
		if view.Failed > 0 && !c.Dry {
			return view, &importWrong{view}
		}
		return view, req.keep(ctx, view)
	})
	if w, ok := errors.AsType[*importWrong](err); ok {
		return w.view, true, nil
	}
	return view, false, err
}

// run checks everything, then writes it down.
func (i *importing) run() (ImportView, error) {
	present, err := i.tx.Present(i.ctx)
	if err != nil {
		return ImportView{}, err
	}
	if i.lib, err = i.e.current(i.ctx, i.tx, present.Revision); err != nil {
		return ImportView{}, err
	}
	if i.typ = i.lib.Types[i.Type]; i.typ == nil {
		return ImportView{}, process.Refuse(process.CodeNotFound, "没有这种记录："+i.Type, "there is no record type "+i.Type)
	}
	i.at, i.dir = present.At(i.real), i.tx.Directory(i.ctx)
	if err := i.check(); err != nil {
		return ImportView{}, err
	}
	view := ImportView{Type: i.Type, Name: i.Name, By: i.Caller, At: i.at, Lines: len(i.lines), Failed: len(i.bad), Problems: i.listed()}
	if i.Dry || view.Failed > 0 {
		return view, nil
	}
	view.ID = newID(i.real)
	lines := make([]store.ImportLine, len(i.lines))
	for n, l := range i.lines {
		raw, err := json.Marshal(l.fields)
		if err != nil {
			return view, fmt.Errorf("engine: import: %w", err)
		}
		lines[n] = store.ImportLine{Line: l.row.Line, Fields: raw}
	}
	return view, i.tx.AddImport(i.ctx, store.ImportRow{ID: view.ID, Type: i.Type, Name: i.Name, MadeBy: i.Caller, At: i.at}, lines)
}

// ImportOf reads how far an import is; [store.ErrNotFound]: there is none.
func (e *Engine) ImportOf(ctx context.Context, id string) (ImportView, error) {
	row, err := e.db.Import(ctx, id)
	if err != nil {
		return ImportView{}, err
	}
	view := ImportView{ID: row.ID, Type: row.Type, Name: row.Name, By: row.MadeBy, At: row.At, EndedAt: row.EndedAt, Lines: row.Lines, Made: row.Made,
		Failed: row.Failed, Problems: []ImportProblem{}}
	if row.Failed == 0 {
		return view, nil
	}
	failed, err := e.db.ImportProblems(ctx, id, MaxImportProblems)
	for _, l := range failed {
		for _, p := range l.Problem.V {
			view.Problems = append(view.Problems, ImportProblem{Line: l.Line, Field: p.Field, Message: p.Message})
		}
	}
	return view, err
}

// ImportPiece makes the records of an import's next lines, each in a transaction of its own in which the line is marked: so once, whoever calls and however
// often. A line that can't become a record any more keeps why, and delays no other. It says whether there are more.
func (e *Engine) ImportPiece(ctx context.Context, id string) (more bool, err error) {
	row, err := e.db.Import(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.EndedAt != nil {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	lines, err := e.db.OpenImportLines(ctx, id, importAtOnce)
	if err != nil {
		return false, err
	}
	for _, l := range lines {
		if err := e.importLine(ctx, row, l); err != nil {
			return false, err
		}
	}
	if len(lines) == importAtOnce {
		return true, nil
	}
	at, err := e.Business(ctx, e.now())
	if err != nil {
		return false, err
	}
	return false, e.db.Tx(ctx, func(tx *store.Tx) error { return tx.EndImport(ctx, id, at) })
}

func (e *Engine) importLine(ctx context.Context, i store.ImportRow, l store.ImportLine) error {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(l.Fields))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return fmt.Errorf("engine: line %d of import %s: %w", l.Line, i.ID, err)
	}
	_, err := e.writeRecord(ctx, Request{Caller: i.MadeBy}, func(w *recordWriter) error {
		var err error
		if w.present, err = w.tx.ShareLibrary(ctx); err != nil {
			return err
		}
		if err := w.tx.TakeImportLine(ctx, i.ID, l.Line); err != nil {
			return orNothing(err)
		}
		if err := w.make(i.Type, fields); err != nil {
			return err
		}
		return w.tx.ImportLineMade(ctx, i.ID, l.Line, w.row.ID)
	})
	switch r := refused(err); {
	case errors.Is(err, errNothing):
		return nil
	case r != nil:
		return e.importFailed(ctx, i.ID, l.Line, r)
	}
	return err
}

func (e *Engine) importFailed(ctx context.Context, id string, line int, r *process.Refusal) error {
	why := r.Fields
	if len(why) == 0 {
		why = []process.FieldError{{Message: r.Message}}
	}
	err := e.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.TakeImportLine(ctx, id, line); err != nil {
			return orNothing(err)
		}
		return tx.ImportLineFailed(ctx, id, line, why)
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}
