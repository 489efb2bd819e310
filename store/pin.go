package store

import "context"

// PinCase writes by which version of its process a case runs from now on. A second open case where that allows only one is a [*UniqueError] of
// [ConstraintOneOpen].
func (tx *Tx) PinCase(ctx context.Context, c CaseRow) error {
	_, err := tx.Exec(ctx, `UPDATE cases SET version = $2, digest = $3, tables = $4::jsonb, exclusive = $5, subject_shows = $6 WHERE id = $1`,
		c.ID, c.Version, c.Digest, c.Tables, c.Exclusive, c.Shows)
	return err
}
