// Package memnet is a network in memory: a [Listener] that an http.Server serves, and the connections to it. Requests run
// through net/http on both sides, as over TCP, but open no port.
//
// A connection holds what was written to it until the other side reads, as the kernel's buffers do, up to a limit.
package memnet

import (
	"context"
	"net"
	"sync"
)

// Listener is a net.Listener whose connections are made by Dial in the same process. Make one with Listen.
type Listener struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

// Listen returns a listener that waits for Dial.
func Listen() *Listener {
	return &Listener{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for the next Dial and returns its other side, or net.ErrClosed after Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Dial returns a connection when the listener has accepted it. The error is ctx's, or net.ErrClosed after Close.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	client, server := Pipe()
	select {
	case l.accepted <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends Accept and Dial; connections that are open stay so. Closing again does nothing.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the address of both ends of every connection: loopback without a port.
func (l *Listener) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "memory" }
func (addr) String() string  { return "127.0.0.1:0" }
