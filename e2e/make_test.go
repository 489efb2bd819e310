//go:build unix

package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMakeDevInAnAwkwardCheckout is a newcomer's `make dev`, without a terminal and, since everything is there, without a network: in a
// checkout whose path has a space and Chinese characters, below a directory that only its owner may enter. The first build is broken off
// by Ctrl-C; then it is started twice at once.
func TestMakeDevInAnAwkwardCheckout(t *testing.T) {
	t.Parallel()
	needStack(t)
	dir := checkout(t)

	broken := makeDev(t, dir, "first", "--data", "数据 0")
	require.NoError(t, eventually(3*time.Minute, "the build has begun", func() (bool, error) {
		return broken.ended() || strings.Contains(broken.said(), "Building crmflow"), nil
	}), broken.said())
	require.False(t, broken.ended(), broken.said())
	broken.interrupt(t)
	left, err := filepath.Glob(filepath.Join(dir, "bin", ".new*"))
	require.NoError(t, err)
	require.Empty(t, left, "nothing half-built is left")
	_, err = os.Stat(filepath.Join(dir, "bin", "crmflow"))
	require.ErrorIs(t, err, os.ErrNotExist)

	one, two := makeDev(t, dir, "one", "--data", "数据 1"), makeDev(t, dir, "two", "--data", "数据 2")
	one.untilReady(t, filepath.Join(dir, "数据 1"))
	two.untilReady(t, filepath.Join(dir, "数据 2"))
	again := makeDev(t, dir, "again", "--data", "数据 1")
	require.NoError(t, eventually(time.Minute, "the third has given up", func() (bool, error) { return again.ended(), nil }))
	require.Error(t, again.err)
	require.Contains(t, again.said(), one.url, "it says where the one that runs is")
	one.interrupt(t)
	two.interrupt(t)
}

// checkout copies the repository as a clone would hold it, with what the first run has built: the Temporal server takes minutes.
func checkout(t *testing.T) string {
	t.Helper()
	top := filepath.Join(scratch, "0700")
	require.NoError(t, os.Mkdir(top, 0o700))
	dir := filepath.Join(top, "客户 流程")
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = ".."
	names, err := list.Output()
	require.NoError(t, err)
	for _, name := range strings.Split(strings.Trim(string(names), "\x00"), "\x00") {
		copyFile(t, filepath.Join("..", name), filepath.Join(dir, name))
	}
	copyFile(t, "../bin/crmflow-temporal", filepath.Join(dir, "bin", "crmflow-temporal"))
	linkPackages(t, dir)
	return dir
}

// linkPackages gives a checkout the packages that its page is built with: without a cache and a network they can't be had.
func linkPackages(t *testing.T, dir string) {
	t.Helper()
	packages, err := filepath.Abs("../web/node_modules")
	require.NoError(t, err)
	wanted, err := os.ReadFile("../web/package-lock.json")
	require.NoError(t, err)
	if installed, _ := os.ReadFile(filepath.Join(packages, ".installed-lock.json")); !bytes.Equal(installed, wanted) {
		return // nothing was set up, or something else: then the checkout sets itself up, and must not do it through the link
	}
	require.NoError(t, os.Symlink(packages, filepath.Join(dir, "web", "node_modules")))
}

// copyFile copies a file with its mode; one that git lists and that is deleted here is left out.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	require.NoError(t, err)
	defer in.Close()
	info, err := in.Stat()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm())
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, errors.Join(err, out.Close()))
}

// maker is one `make dev`, in a process group of its own as a shell gives it.
type maker struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error
	url  string
}

func makeDev(t *testing.T, dir, name string, args ...string) *maker {
	t.Helper()
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = "'" + a + "'"
	}
	m := &maker{log: filepath.Join(scratch, "make-"+name+".log"), done: make(chan struct{})}
	out, err := os.Create(m.log)
	require.NoError(t, err)
	defer out.Close()
	m.cmd = exec.Command("make", "dev", "ARGS=--addr 127.0.0.1:0 --empty "+strings.Join(quoted, " "))
	m.cmd.Dir = dir
	m.cmd.Env = append(os.Environ(), "GOPROXY=off", marker+dir)
	m.cmd.Stdout, m.cmd.Stderr = out, out
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, m.cmd.Start())
	go func() {
		m.err = m.cmd.Wait()
		close(m.done)
	}()
	t.Cleanup(func() {
		if !m.ended() {
			m.interrupt(t)
		}
	})
	return m
}

func (m *maker) ended() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
	}
}

func (m *maker) said() string {
	text, err := os.ReadFile(m.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// interrupt is Ctrl-C: the terminal sends it to the whole group.
func (m *maker) interrupt(t *testing.T) {
	t.Helper()
	err := syscall.Kill(-m.cmd.Process.Pid, syscall.SIGINT)
	require.True(t, err == nil || errors.Is(err, syscall.ESRCH), "%v", err)
	select {
	case <-m.done:
	case <-time.After(stopWithin):
		_ = syscall.Kill(-m.cmd.Process.Pid, syscall.SIGKILL) // it is a failure already
		t.Fatalf("make dev didn't end within %v after Ctrl-C:\n%s", stopWithin, m.said())
	}
}

// untilReady waits for the data directory's dev.json.
func (m *maker) untilReady(t *testing.T, data string) {
	t.Helper()
	require.NoError(t, eventually(3*time.Minute, "make dev is ready", func() (bool, error) {
		if m.ended() {
			return true, nil
		}
		content, err := os.ReadFile(filepath.Join(data, "dev.json"))
		if err != nil || !bytes.Contains(content, []byte(`"url"`)) {
			return false, err
		}
		var now status
		if err := json.Unmarshal(content, &now); err != nil {
			return false, fmt.Errorf("dev.json: %w", err)
		}
		m.url = now.URL
		return true, nil
	}), m.said())
	require.False(t, m.ended(), "make dev ended: %v\n%s", m.err, m.said())
}
