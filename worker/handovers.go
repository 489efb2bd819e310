package worker

import "context"

// handOver moves what is still with people who have left, a piece at a time, until nothing is.
func (r *runner) handOver(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = r.Engine.HandOver(ctx); err != nil {
			return err
		}
	}
	return nil
}
