package store

import (
	"context"
	"net"
	"time"
)

// patient dials connections that give up when PostgreSQL says nothing for some time. PostgreSQL ends a statement that runs too long by itself and
// says so; one that says nothing at all is frozen or unreachable, and lib/pq alone would wait for it for ever, whatever the context says.
type patient struct {
	net.Dialer
	silence time.Duration
}

func (p patient) Dial(network, address string) (net.Conn, error) {
	return p.DialContext(context.Background(), network, address)
}

func (p patient) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return p.DialContext(ctx, network, address)
}

func (p patient) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := p.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return listening{c, p.silence}, nil
}

// listening is a connection on which each read and each write has its own deadline.
type listening struct {
	net.Conn
	silence time.Duration
}

func (l listening) Read(b []byte) (int, error) {
	if err := l.SetReadDeadline(time.Now().Add(l.silence)); err != nil {
		return 0, err
	}
	return l.Conn.Read(b)
}

func (l listening) Write(b []byte) (int, error) {
	if err := l.SetWriteDeadline(time.Now().Add(l.silence)); err != nil {
		return 0, err
	}
	return l.Conn.Write(b)
}
