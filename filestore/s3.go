package filestore

import (
	"context"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/s3blob" // registers s3://
)

// openS3 opens a bucket of S3, or of what speaks like it. Region, endpoint and the rest stand in the address; the keys come from where the AWS tools
// look for them: the environment, the machine's role.
func openS3(ctx context.Context, address string) (*blob.Bucket, error) {
	return blob.OpenBucket(ctx, address)
}
