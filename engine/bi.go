package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/crmflow/crmflow/store"
)

// views makes the views of the record types that are published, for other programs to read by SQL.
func (p *publication) views() error {
	published := func(id string) bool {
		return slices.ContainsFunc(p.new, func(d store.DefinitionRow) bool { return d.Kind == kindRecord && d.ID == id })
	}
	err := p.tx.MakeViews(p.ctx, p.next.Types, published)
	if !errors.Is(err, store.ErrViewUsed) {
		return err
	}
	for _, d := range p.new {
		if d.Kind == kindRecord {
			p.object(kindRecord, d.ID, "字段类型有变化，但有别的视图依赖 bi 中的视图，请先删除那些视图："+err.Error(),
				"a field has another type now, and something of yours depends on the view in bi: drop that first ("+err.Error()+")")
			break
		}
	}
	return errNotPublished
}

// MakeViews makes the views of every record type that is published: after an upgrade they may have other columns.
func (e *Engine) MakeViews(ctx context.Context) error {
	lib, err := e.Library(ctx)
	if err != nil {
		return err
	}
	return e.db.Tx(ctx, func(tx *store.Tx) error { return tx.MakeViews(ctx, lib.Types, func(string) bool { return true }) })
}
