package filestore

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeS3 is a bucket as its clients see it: as much of S3's HTTP as keeping, reading and deleting takes.
type fakeS3 struct {
	mu      sync.Mutex
	objects map[string][]byte
	uploads map[string]map[int][]byte // those in parts that nobody has completed yet
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead { // a reader may leave what it doesn't want unread
		f.get(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key, isOurs := strings.CutPrefix(r.URL.Path, "/attachments/")
	if !isOurs || r.Header.Get("Authorization") == "" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	query := r.URL.Query()
	upload := query.Get("uploadId")
	switch {
	case r.Method == http.MethodPost && query.Has("uploads"):
		f.uploads[key] = map[int][]byte{}
		_ = xml.NewEncoder(w).Encode(struct {
			XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
			UploadId string
		}{UploadId: key})
	case r.Method == http.MethodPost && upload != "":
		var whole []byte
		for _, part := range slices.Sorted(maps.Keys(f.uploads[upload])) {
			whole = append(whole, f.uploads[upload][part]...)
		}
		delete(f.uploads, upload)
		f.objects[key] = whole
		_ = xml.NewEncoder(w).Encode(struct {
			XMLName xml.Name `xml:"CompleteMultipartUploadResult"`
			Key     string
			ETag    string
		}{Key: key, ETag: `"whole"`})
	case r.Method == http.MethodPut:
		f.put(w, r, key, upload, query.Get("partNumber"))
	case r.Method == http.MethodDelete && upload != "":
		delete(f.uploads, upload)
		w.WriteHeader(http.StatusNoContent)
	default:
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (f *fakeS3) put(w http.ResponseWriter, r *http.Request, key, upload, part string) {
	content, err := sent(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("ETag", `"`+part+`"`)
	if upload == "" {
		f.objects[key] = content
		return
	}
	n, _ := strconv.Atoi(part)
	f.uploads[upload][n] = content
}

func (f *fakeS3) get(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	content, there := f.objects[strings.TrimPrefix(r.URL.Path, "/attachments/")]
	f.mu.Unlock()
	if !there {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<Error><Code>NoSuchKey</Code></Error>")
		return
	}
	w.Header().Set("ETag", `"whole"`)
	http.ServeContent(w, r, "", time.Unix(0, 0), bytes.NewReader(content))
}

// sent is what the body of a request holds: as it is, or in the chunks that S3's clients make, with a checksum behind.
func sent(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	var content []byte
	lines := bufio.NewReader(r.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(strings.SplitN(line, ";", 2)[0]), 16, 64)
		if err != nil || size == 0 {
			return content, err
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(lines, chunk); err != nil {
			return nil, err
		}
		content = append(content, chunk[:size]...)
	}
}

// bucket opens a store in a fake of S3.
func bucket(t *testing.T) (*Store, *fakeS3) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	fake := &fakeS3{objects: map[string][]byte{}, uploads: map[string]map[int][]byte{}}
	web := httptest.NewServer(fake)
	t.Cleanup(web.Close)
	s, err := Open(t.Context(), "s3://attachments?region=eu-central-1&s3ForcePathStyle=true&endpoint="+web.URL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, fake
}

func TestABucketKeepsWhatIsWritten(t *testing.T) {
	s, fake := bucket(t)
	for name, size := range map[string]int{"empty": 0, "small": 100, "large": 18 << 20} { // a large one goes in parts
		content := bytes.Repeat([]byte("检测报告 2026 "), size/18+1)[:size]
		w, err := s.Write(t.Context(), Key(name), "a.txt", bytes.NewReader(content), 20<<20)
		require.NoError(t, err, name)
		digest := sha256.Sum256(content)
		require.Equal(t, []any{int64(size), hex.EncodeToString(digest[:])}, []any{w.Size, w.SHA256}, name)
		r, err := s.Read(t.Context(), Key(name))
		require.NoError(t, err, name)
		_, err = r.Seek(int64(size/2), io.SeekStart)
		require.NoError(t, err, name)
		rest, err := io.ReadAll(r)
		require.NoError(t, err, name)
		require.NoError(t, r.Close())
		require.True(t, bytes.Equal(content[size/2:], rest), name)
		require.NoError(t, s.Delete(t.Context(), Key(name)))
		require.NoError(t, s.Delete(t.Context(), Key(name)), "it may have gone already")
		_, err = s.Read(t.Context(), Key(name))
		require.ErrorIs(t, err, ErrNotFound)
	}
	require.Empty(t, fake.objects)
}

func TestABucketKeepsNothingThatIsntWhole(t *testing.T) {
	s, fake := bucket(t)
	for _, size := range []int{101, 18 << 20} {
		_, err := s.Write(t.Context(), Key("large"), "a.txt", strings.NewReader(strings.Repeat("x", size)), int64(size-1))
		require.ErrorIs(t, err, ErrTooLarge)
		broken := errors.New("broken off")
		_, err = s.Write(t.Context(), Key("half"), "a.txt", io.MultiReader(strings.NewReader(strings.Repeat("x", size)), iotest.ErrReader(broken)), 20<<20)
		require.ErrorIs(t, err, broken)
	}
	fake.mu.Lock()
	defer fake.mu.Unlock()
	require.Empty(t, fake.objects)
}
