package dev

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// ports are those that a stack keeps while it runs. A part that is started anew finds its port free: while it is down nothing listens there, and another
// stack that took the port meanwhile would be taken for it.
type ports struct {
	mu   sync.Mutex
	kept map[int]*os.File // locked; a lock ends with its process
}

// keep takes a port away from other stacks of this machine; false: one of them has it.
func (p *ports) keep(port int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept[port] != nil {
		return true
	}
	f, err := os.OpenFile(filepath.Join(os.TempDir(), fmt.Sprintf("crmflow-port-%d.lock", port)), os.O_CREATE|os.O_RDONLY|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return !errors.Is(err, fs.ErrPermission) // another user's; without a temporary directory nothing can be kept, and nothing is
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return false
	}
	if p.kept == nil {
		p.kept = map[int]*os.File{}
	}
	p.kept[port] = f
	return true
}

// release gives all ports back.
func (p *ports) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for port, f := range p.kept {
		f.Close()
		delete(p.kept, port)
	}
}

// nextPorts is how many ports after a busy one are tried.
const nextPorts = 100

// free returns addr when it can be listened on, else the same host with the next free port, and keeps it. Port 0 means any free port.
func (p *ports) free(addr string) (string, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("address %q: write host:port, such as 127.0.0.1:8080", addr)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", fmt.Errorf("address %q: the port must be a number between 0 and 65535", addr)
	}
	if port == 0 {
		return p.any(host)
	}
	for next := port; next <= min(port+nextPorts, 65535); next++ {
		err = p.take(host, next)
		if err == nil {
			return join(host, next), nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return "", fmt.Errorf("address %q can't be used: %w", addr, err)
		}
	}
	return "", fmt.Errorf("no free port from %d on at %q: %w", port, host, err)
}

// any picks a free port at random, below the range from which systems take the local ports of outgoing
// connections: a process that is restarted must find its port free.
func (p *ports) any(host string) (string, error) {
	var err error
	for range nextPorts {
		port := 20000 + rand.IntN(12000)
		if err = p.take(host, port); err == nil {
			return join(host, port), nil
		}
	}
	return "", fmt.Errorf("no free port at %q: %w", host, err)
}

// take keeps a port that can be listened on; one that another stack keeps is in use, whether anything listens there or not.
func (p *ports) take(host string, port int) error {
	if err := tryListen(host, port); err != nil {
		return err
	}
	if !p.keep(port) {
		return syscall.EADDRINUSE
	}
	return nil
}

func tryListen(host string, port int) error {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", join(host, port))
	if err != nil {
		return err
	}
	return l.Close()
}

func join(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

// urlOf is what a person on this machine types to reach addr.
func urlOf(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
