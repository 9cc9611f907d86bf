package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

// newsMsg carries the entries that the live streams have brought since the last one: conversations.Event, traffic.Exchange and linkMsg.
type newsMsg []tea.Msg

// linkMsg says that a live stream has come up or has ended.
type linkMsg struct {
	stream string
	// err is the reason for the end of the stream; nil while it is up.
	err error
	// health is the emulator's, when the stream is up.
	health control.Health
	// anew is true when the emulator was restarted, so that its log is another one than before.
	anew bool
}

// The live streams.
const (
	streamEvents  = "events"
	streamTraffic = "traffic"
)

// retryAfter is the pause before a stream that has ended is tried again.
const retryAfter = 500 * time.Millisecond

// maxNews bounds the news that are handled at once, so that keys are handled between them.
const maxNews = 256

// source is a log of the emulator, which can be listed and followed.
type source[T any] struct {
	name string
	list func(ctx context.Context, after int64, limit int) ([]T, error)
	tail func(ctx context.Context, after int64, handle func(T) error) error
	seq  func(T) int64
	// same reports whether two entries of one number are the same: an emulator that was restarted begins at 1 again.
	same func(a, b T) bool
}

// follow starts to follow the emulator's logs, from their beginning, until the session ends. A stream that ends is taken
// up again where it was, or from the beginning when the emulator was restarted.
func (s *session) follow() {
	s.running.Go(func() {
		followSource(s, source[conversations.Event]{name: streamEvents, list: s.control.ListEvents, tail: s.control.StreamEvents,
			seq:  func(e conversations.Event) int64 { return e.Seq },
			same: func(a, b conversations.Event) bool { return a.Seq == b.Seq && a.Time.Equal(b.Time) && a.Type == b.Type }})
	})
	s.running.Go(func() {
		followSource(s, source[traffic.Exchange]{name: streamTraffic, list: s.control.ListTraffic, tail: s.control.StreamTraffic,
			seq:  func(e traffic.Exchange) int64 { return e.Seq },
			same: func(a, b traffic.Exchange) bool { return a.Seq == b.Seq && a.Time.Equal(b.Time) && a.URL == b.URL }})
	})
}

func followSource[T any](s *session, from source[T]) {
	var last *T
	for {
		err := followOnce(s, from, &last)
		if s.ctx.Err() != nil || s.post(linkMsg{stream: from.name, err: err}) != nil {
			return
		}
		pause := time.NewTimer(s.retry)
		select {
		case <-s.ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

// followOnce follows a log until its stream ends; last is the newest entry that was seen.
func followOnce[T any](s *session, from source[T], last **T) error {
	health, err := s.control.Health(s.ctx)
	if err != nil {
		return err
	}
	after, anew, err := from.resume(s.ctx, *last)
	if err != nil {
		return err
	}
	if anew {
		*last = nil
	}
	if err := s.post(linkMsg{stream: from.name, health: health, anew: anew}); err != nil {
		return err
	}
	return from.tail(s.ctx, after, func(entry T) error {
		*last = &entry
		return s.post(entry)
	})
}

// resume finds where to go on: behind the last entry, if the log still has it.
func (from source[T]) resume(ctx context.Context, last *T) (after int64, anew bool, err error) {
	if last == nil {
		return 0, false, nil
	}
	after = from.seq(*last)
	found, err := from.list(ctx, after-1, 1)
	if err != nil {
		return 0, false, err
	}
	if len(found) == 1 && from.same(found[0], *last) {
		return after, false, nil
	}
	return 0, true, nil
}

// post hands a message to the program, or returns the error of the session's context.
func (s *session) post(msg tea.Msg) error {
	select {
	case s.news <- msg:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// nextNews waits for news and brings all that is there. Update asks again after each newsMsg.
func (s *session) nextNews() tea.Msg {
	var news newsMsg
	select {
	case msg := <-s.news:
		news = append(news, msg)
	case <-s.ctx.Done():
		return nil
	}
	for len(news) < maxNews {
		select {
		case msg := <-s.news:
			news = append(news, msg)
		default:
			return news
		}
	}
	return news
}
