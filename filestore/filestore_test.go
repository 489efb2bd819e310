package filestore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func directory(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(t.Context(), (&url.URL{Scheme: "file", Path: dir}).String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

// left are the files that stand in a directory.
func left(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir))
		}
		return err
	}))
	return names
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	s, dir := directory(t)
	content := strings.Repeat("检测报告", 10_000)
	w, err := s.Write(t.Context(), Key("f1"), "报告.txt", strings.NewReader(content), 1<<20)
	require.NoError(t, err)
	require.Equal(t, []any{int64(len(content)), "text/plain"}, []any{w.Size, w.Type})
	r, err := s.Read(t.Context(), Key("f1"))
	require.NoError(t, err)
	defer r.Close()
	_, err = r.Seek(6, io.SeekStart)
	require.NoError(t, err)
	rest, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, content[6:], string(rest))
	require.NoError(t, s.Delete(t.Context(), Key("f1")))
	require.NoError(t, s.Delete(t.Context(), Key("f1")), "it may have gone already")
	_, err = s.Read(t.Context(), Key("f1"))
	require.ErrorIs(t, err, ErrNotFound)
	require.Empty(t, left(t, dir))
}

func TestWhatIsntWholeIsntKept(t *testing.T) {
	t.Parallel()
	s, dir := directory(t)
	_, err := s.Write(t.Context(), Key("f1"), "a.txt", strings.NewReader(strings.Repeat("x", 101)), 100)
	require.ErrorIs(t, err, ErrTooLarge)
	broken := errors.New("broken off")
	_, err = s.Write(t.Context(), Key("f2"), "a.txt", io.MultiReader(strings.NewReader(strings.Repeat("x", 10_000)), iotest.ErrReader(broken)), 1<<20)
	require.ErrorIs(t, err, broken)
	_, err = s.Write(t.Context(), Key("f3"), "a.html", strings.NewReader("x"), 100)
	require.ErrorAs(t, err, new(*RunsError))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Write(ctx, Key("f4"), "a.txt", strings.NewReader("x"), 100)
	require.Error(t, err)
	require.Empty(t, left(t, dir))
}

// A process that dies leaves half a file beside the key; whoever deletes the key deletes that, too.
func TestWhatACrashLeavesGoesWithItsKey(t *testing.T) {
	t.Parallel()
	s, dir := directory(t)
	half := filepath.Join(dir, filepath.Dir(Key("f1")), "fileblob123")
	require.NoError(t, os.MkdirAll(filepath.Dir(half), 0o700))
	require.NoError(t, os.WriteFile(half, []byte("half"), 0o600))
	require.NoError(t, s.Delete(t.Context(), Key("f1")))
	require.Empty(t, left(t, dir))
}

func TestAddressesThatCantBe(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "/var/files", "http://files", "file://files/here", "%"} {
		_, err := Open(t.Context(), address)
		require.Error(t, err, address)
	}
}

func TestTypesAreWhatTheContentIs(t *testing.T) {
	t.Parallel()
	zip := "PK\x03\x04\x14\x00" + strings.Repeat("\x00", 40)
	for _, c := range []struct{ name, head, want string }{
		{"a.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"},
		{"a.JPEG", "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"},
		{"a.png", "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "application/octet-stream"},
		{"a.webp", "RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"a.docx", zip, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "application/vnd.ms-excel"},
		{"a.csv", "姓名,电话\n", "text/csv"}, {"gbk.txt", "\xd0\xd5\xc3\xfb", "text/plain"}, {"a.dwg", "AC1032", "application/octet-stream"}, {"a.bin", "", "application/octet-stream"},
	} {
		got, err := TypeOf(c.name, []byte(c.head))
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
	for _, head := range []string{"<html>", "  <script>", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\">", "\x7fELF\x02\x01\x01", "#!/bin/bash\n"} {
		_, err := TypeOf("a.txt", bytes.Clone([]byte(head)))
		require.ErrorAs(t, err, new(*RunsError), head)
	}
}
