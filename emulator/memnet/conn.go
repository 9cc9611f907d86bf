package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// bufferLimit is the number of bytes that one direction of a connection holds; writing more waits for the reader. Over
// loopback Linux holds about as much.
const bufferLimit = 4 << 20

// Pipe returns the two ends of a connection.
func Pipe() (net.Conn, net.Conn) {
	a, b := newBuffer(), newBuffer()
	return &conn{in: a, out: b}, &conn{in: b, out: a}
}

// conn is one end: it reads from in what the other end has written there.
type conn struct{ in, out *buffer }

func (c *conn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p) }

// Close lets the other end read what was written, and then io.EOF.
func (c *conn) Close() error {
	c.in.close(&c.in.reader)
	c.out.close(&c.out.writer)
	return nil
}

func (c *conn) LocalAddr() net.Addr  { return addr{} }
func (c *conn) RemoteAddr() net.Addr { return addr{} }

func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *conn) SetReadDeadline(t time.Time) error  { return c.in.setDeadline(&c.in.reader, t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.out.setDeadline(&c.out.writer, t) }

// buffer is one direction of a connection.
type buffer struct {
	mu             sync.Mutex
	changed        sync.Cond // what was read or written, a side that has closed, a deadline that has passed
	bytes          []byte    // written and not read
	reader, writer side
}

// side is one of the two users of a buffer.
type side struct {
	closed bool
	late   bool        // its deadline has passed
	timer  *time.Timer // makes it late; nil without a deadline
}

func newBuffer() *buffer {
	b := &buffer{}
	b.changed.L = &b.mu
	return b
}

func (b *buffer) read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		switch {
		case b.reader.closed:
			return 0, io.ErrClosedPipe
		case b.reader.late:
			return 0, os.ErrDeadlineExceeded
		case len(b.bytes) > 0:
			n := copy(p, b.bytes)
			if b.bytes = b.bytes[n:]; len(b.bytes) == 0 {
				b.bytes = nil
			}
			b.changed.Broadcast()
			return n, nil
		case b.writer.closed:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		b.changed.Wait()
	}
}

// write returns when all of p is in the buffer.
func (b *buffer) write(p []byte) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		switch {
		case b.writer.closed, b.reader.closed:
			return n, io.ErrClosedPipe
		case b.writer.late:
			return n, os.ErrDeadlineExceeded
		}
		fits := min(bufferLimit-len(b.bytes), len(p)-n)
		if fits > 0 {
			b.bytes = append(b.bytes, p[n:n+fits]...)
			n += fits
			b.changed.Broadcast()
		}
		if n == len(p) {
			return n, nil
		}
		b.changed.Wait()
	}
}

func (b *buffer) close(s *side) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.closed = true
	s.stop()
	if b.reader.closed {
		b.bytes = nil
	}
	b.changed.Broadcast()
}

// setDeadline changes when a side is late; the zero time is never. It holds for calls that wait already too.
func (b *buffer) setDeadline(s *side, t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.closed {
		return io.ErrClosedPipe
	}
	s.stop()
	s.late = false
	if t.IsZero() {
		return nil
	}
	if d := time.Until(t); d > 0 {
		var timer *time.Timer
		timer = time.AfterFunc(d, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			if s.timer == timer { // not of a deadline that was replaced meanwhile
				s.late = true
				b.changed.Broadcast()
			}
		})
		s.timer = timer
		return nil
	}
	s.late = true
	b.changed.Broadcast()
	return nil
}

// stop forgets the deadline. It needs the buffer's mu.
func (s *side) stop() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}
