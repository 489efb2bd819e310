// Package filestore keeps the bytes of attachments: in a directory, or in a bucket of S3. What a file is called, and who may see it, stands in the database;
// here it is a key and bytes that never change.
package filestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// ErrTooLarge says that there were more bytes than may be kept. Nothing is kept of them.
var ErrTooLarge = errors.New("filestore: too large")

// ErrNotFound says that there are no bytes under a key.
var ErrNotFound = errors.New("filestore: not found")

// Store keeps bytes. It is safe for concurrent use, and any number of servers and workers may share what it stands for.
type Store struct {
	bucket *blob.Bucket
	dir    string // empty: it isn't a directory
}

// Key is where the bytes of a file with this id are kept: in a directory of its own, so that what a crash has left half written is found beside it.
func Key(id string) string { return id[max(0, len(id)-2):] + "/" + id + "/bytes" }

// Open prepares the store at an address: file:///directory, or s3://bucket?region=….
func Open(ctx context.Context, address string) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	switch u.Scheme {
	case "file":
		if u.Host != "" {
			return nil, fmt.Errorf("filestore: %q names a host: write file:///directory", address)
		}
		return openDirectory(filepath.Clean(filepath.FromSlash(u.Path)))
	case "s3":
		bucket, err := openS3(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("filestore: %w", err)
		}
		return &Store{bucket: bucket}, nil
	}
	return nil, fmt.Errorf("filestore: %q isn't known: use file:///directory or s3://bucket?region=…", address)
}

func openDirectory(dir string) (*Store, error) {
	if !filepath.IsAbs(dir) {
		return nil, errors.New("filestore: the directory must be given from the root, as file:///var/lib/crmflow/files")
	}
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	return &Store{bucket: bucket, dir: dir}, nil
}

// settle waits until what was written survives a power failure.
func (s *Store) settle(key string) error {
	if s.dir == "" {
		return nil
	}
	var failed error
	for path := s.path(key); len(path) >= len(s.dir); path = filepath.Dir(path) {
		failed = errors.Join(failed, flush(path))
	}
	return failed
}

func (s *Store) path(key string) string { return filepath.Join(s.dir, filepath.FromSlash(key)) }

// flush waits until a file, or the names in a directory, are on the disk.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Close ends the connection to the bucket.
func (s *Store) Close() error { return s.bucket.Close() }

// Written is what was kept.
type Written struct {
	Size   int64
	SHA256 string // in hex
	Type   string // found out from the content and the name
}

// Write keeps what r holds, at most so many bytes of it, under a key that nothing has yet. What can't be read to its end isn't kept, nor is what a browser or
// a computer would run ([*RunsError]). When Write has succeeded the bytes survive a crash.
func (s *Store) Write(ctx context.Context, key, name string, r io.Reader, most int64) (Written, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Written{}, err
	}
	head = head[:n]
	kind, err := TypeOf(name, head)
	if err != nil {
		return Written{}, err
	}
	w := Written{Type: kind}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before it is closed this throws away what was written
	to, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: octets, DisableContentTypeDetection: true})
	if err != nil {
		return w, fmt.Errorf("filestore: %w", err)
	}
	hash := sha256.New()
	w.Size, err = io.Copy(io.MultiWriter(to, hash), io.LimitReader(io.MultiReader(readerOf(head), r), most+1))
	if err == nil && w.Size > most {
		err = ErrTooLarge
	}
	if err != nil {
		cancel()
		return w, errors.Join(err, ignoreCancelled(to.Close()))
	}
	if err := to.Close(); err != nil {
		return w, fmt.Errorf("filestore: %w", err)
	}
	w.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return w, s.settle(key)
}

func ignoreCancelled(err error) error {
	if errors.Is(err, context.Canceled) || gcerrors.Code(err) == gcerrors.Canceled {
		return nil
	}
	return err
}

// Reader is what is kept under a key. It must be closed.
type Reader interface {
	io.ReadSeekCloser
}

// Read opens what is kept under a key.
func (s *Store) Read(ctx context.Context, key string) (Reader, error) {
	r, err := s.bucket.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	return r, nil
}

// Delete forgets what is kept under a key, and what a crash has left of it; it may have gone already.
func (s *Store) Delete(ctx context.Context, key string) error {
	if s.dir != "" {
		return os.RemoveAll(filepath.Dir(s.path(key)))
	}
	err := s.bucket.Delete(ctx, key)
	if err == nil || gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return fmt.Errorf("filestore: %w", err)
}
