package dev

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopSurvivor ends a postmaster that a killed run left behind on dir. The process id in postmaster.pid may have
// been given to another process since, which is left alone. The caller holds the data directory's lock, so nobody
// else is starting a cluster there.
func stopSurvivor(ctx context.Context, dir string) error {
	pid, ok := lockedBy(dir)
	if !ok || !isPostmaster(ctx, pid, dir) {
		return nil
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("PostgreSQL (process %d) still runs on %s and can't be stopped: %w", pid, dir, err)
		}
		for deadline := time.Now().Add(killAfter); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			if !isPostmaster(ctx, pid, dir) {
				return nil
			}
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) still runs on %s and does not stop", pid, dir)
}

// lockedBy reads the process id from postmaster.pid.
func lockedBy(dir string) (pid int, ok bool) {
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(first))
	return pid, err == nil && pid > 1
}

// isPostmaster reports whether process pid is alive and is the PostgreSQL server of the cluster in dir.
func isPostmaster(ctx context.Context, pid int, dir string) bool {
	if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
		return false
	}
	if proc := procRoot(); proc != "" {
		// A postmaster works in its data directory. Another user's process can't be looked at, and isn't ours.
		where, err := os.Stat(filepath.Join(proc, strconv.Itoa(pid), "cwd"))
		if err != nil {
			return false
		}
		data, err := os.Stat(dir)
		return err == nil && os.SameFile(where, data)
	}
	out, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres")
}
