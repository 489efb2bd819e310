package dev

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// killAfter is how long a process may take to stop before it is killed.
	killAfter = 10 * time.Second
	// tailLines is how much of a dead process's log is shown.
	tailLines = 20
	// rotateAt is the size at which a log is set aside when its process starts.
	rotateAt = 8 << 20
)

// child is one running process. Its output goes to a log file, it has its own process group so that Ctrl-C at
// the terminal reaches only us, and it is reaped as soon as it ends.
type child struct {
	cmd       *exec.Cmd
	logPath   string
	logOffset int64
	ready     chan struct{} // closed when the process has written its ready line; nil without one
	done      chan struct{} // closed when the process has ended
	started   time.Time
}

// daemon is a command that the end of ctx does not kill: it is asked to stop, and gets the time for it.
func daemon(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.WithoutCancel(ctx), program, args...)
}

// startChild starts cmd with its output appended to logPath. With readyLine set, child.ready is closed when the
// process writes exactly this line to its standard output.
func startChild(cmd *exec.Cmd, logPath, readyLine string, deathSignal syscall.Signal) (*child, error) {
	log, offset, err := openLog(logPath)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c := &child{cmd: cmd, logPath: logPath, logOffset: offset, done: make(chan struct{}), started: time.Now()}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.Stdout, cmd.Stderr = log, log
	var output *os.File
	if readyLine != "" {
		read, write, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer write.Close()
		cmd.Stdout, output, c.ready = write, read, make(chan struct{})
	}
	if err := startBound(cmd, deathSignal); err != nil {
		if output != nil {
			output.Close()
		}
		return nil, fmt.Errorf("%s can't be run: %w", cmd.Path, err)
	}
	if output != nil {
		go c.follow(output, readyLine)
	}
	go func() {
		_ = cmd.Wait() // the state says how it ended
		close(c.done)
	}()
	return c, nil
}

// follow copies the process's standard output to its log and notices the ready line.
func (c *child) follow(output *os.File, readyLine string) {
	defer output.Close()
	log, _, err := openLog(c.logPath)
	if err != nil {
		return // startChild has just opened it; without a log the process loses its output and ends
	}
	defer log.Close()
	ready := sync.OnceFunc(func() { close(c.ready) })
	for lines := bufio.NewReader(output); ; {
		line, err := lines.ReadString('\n')
		_, _ = io.WriteString(log, line)
		if strings.TrimSpace(line) == readyLine {
			ready()
		}
		if err != nil {
			return
		}
	}
}

// pid of the process.
func (c *child) pid() int { return c.cmd.Process.Pid }

// ended reports whether the process is gone.
func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// reason says how the process ended, such as "signal: killed"; only after done.
func (c *child) reason() string { return c.cmd.ProcessState.String() }

// tail is the end of what this process wrote since it started.
func (c *child) tail() string {
	f, err := os.Open(c.logPath)
	if err != nil {
		return ""
	}
	defer f.Close()
	start := c.logOffset
	if end, err := f.Seek(0, io.SeekEnd); err == nil && end-start > 64<<10 {
		start = end - 64<<10
	}
	text, err := io.ReadAll(io.NewSectionReader(f, start, 64<<10))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	return strings.Join(lines, "\n")
}

// stop asks the process to end with the given signals, one per killAfter, then kills its whole group.
func (c *child) stop(signals ...syscall.Signal) {
	for _, signal := range signals {
		_ = c.cmd.Process.Signal(signal) // it may have ended meanwhile
		select {
		case <-c.done:
			return
		case <-time.After(killAfter):
		}
	}
	c.kill()
	<-c.done
}

// kill ends the process and what it started at once.
func (c *child) kill() {
	if !c.ended() {
		_ = syscall.Kill(-c.pid(), syscall.SIGKILL)
	}
}

// openLog opens a log for appending and sets a large old one aside. offset is where the new text will begin.
func openLog(path string) (f *os.File, offset int64, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > rotateAt {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, 0, err
		}
	}
	f, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("can't write a log: %w", err)
	}
	offset, err = f.Seek(0, io.SeekEnd)
	return f, offset, err
}
