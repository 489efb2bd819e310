package activities

import "context"

// ImportPiece makes the records of the next lines of an import, and says whether there are more. Every failure is an outage or a defect, and is tried again
// until it is over: what has been done stands in the database.
func (a *Activities) ImportPiece(ctx context.Context, id string) (bool, error) {
	return a.Engine.ImportPiece(ctx, id)
}
