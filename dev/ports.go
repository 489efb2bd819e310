package dev

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// nextPorts is how many ports after a busy one are tried.
const nextPorts = 100

// freeAddr returns addr when it can be listened on, else the same host with the next free port. Port 0 means any
// free port.
func freeAddr(addr string) (string, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("address %q: write host:port, such as 127.0.0.1:8080", addr)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", fmt.Errorf("address %q: the port must be a number between 0 and 65535", addr)
	}
	if port == 0 {
		return anyAddr(host)
	}
	for next := port; next <= min(port+nextPorts, 65535); next++ {
		err = tryListen(host, next)
		if err == nil {
			return join(host, next), nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return "", fmt.Errorf("address %q can't be used: %w", addr, err)
		}
	}
	return "", fmt.Errorf("no free port from %d on at %q: %w", port, host, err)
}

// anyAddr picks a free port at random, below the range from which systems take the local ports of outgoing
// connections: a process that is restarted must find its port free.
func anyAddr(host string) (string, error) {
	var err error
	for range nextPorts {
		port := 20000 + rand.IntN(12000)
		if err = tryListen(host, port); err == nil {
			return join(host, port), nil
		}
	}
	return "", fmt.Errorf("no free port at %q: %w", host, err)
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
