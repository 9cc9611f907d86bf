package tui

import (
	"errors"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// maxMissed bounds what is remembered of messages that never reached their phone.
const maxMissed = 200

// look asks how things stand, unless that is being asked: then once more afterwards.
func (m *Model) look() tea.Cmd {
	if m.looking {
		m.again = true
		return nil
	}
	m.looking, m.again = true, false
	return m.session.look(m.number, m.thread.known())
}

// see takes over how things stand.
func (m *Model) see(msg snapshotMsg) tea.Cmd {
	m.looking = false
	var unreachable *control.UnreachableError
	switch {
	case msg.number != m.number:
		return m.look()
	case errors.As(msg.err, &unreachable), msg.err != nil && m.session.ctx.Err() != nil:
		// the live streams tell of it
	case msg.err != nil:
		m.fail(msg.err)
	default:
		shown := face{known: true, state: msg.clock, read: msg.at}
		if moved := m.clock.moved(shown); moved != "" {
			m.note(kindClock, msg.clock.Now, "was "+moved)
		}
		m.clock = shown
		if msg.at.After(m.real) {
			m.real = msg.at
		}
		m.phone, m.sandbox = msg.phone, msg.sandbox
		if msg.whole {
			m.thread.replace(msg.messages)
		} else {
			m.thread.merge(msg.messages)
		}
	}
	if m.again {
		return m.look()
	}
	return nil
}

// hear takes over what the live streams have brought.
func (m *Model) hear(news newsMsg) tea.Cmd {
	changed := false
	for _, item := range news {
		switch item := item.(type) {
		case traffic.Exchange:
			m.activity.add(exchangeEntry(item))
		case conversations.Event:
			changed = m.event(item) || changed
		case linkMsg:
			m.link(item)
			changed = changed || item.err == nil
		}
	}
	if !changed {
		return nil
	}
	return m.look()
}

// event notes an event, and reports whether the phone has to be looked at again.
func (m *Model) event(e conversations.Event) (changed bool) {
	if told, ok := eventEntry(e, m.config.Location); ok {
		m.activity.add(told)
	}
	p := e.Params
	code, _ := strconv.Atoi(p.Get("ErrorCode")) // none is 0
	switch e.Type {
	case conversations.Alerted:
		m.alerts.add(e)
		if m.open == openAlerts {
			m.alerts.unseen = 0
		}
	case conversations.MessageStatus:
		m.thread.status(p.Get("MessageSid"), p.Get("Status"), code)
		return false
	case conversations.MessageSent, conversations.MessageReceived:
		if p.Get("Status") == string(conversations.StatusFailed) {
			m.miss(whatsapp.Message{SID: p.Get("MessageSid"), Direction: whatsapp.DirectionOutboundAPI, Body: p.Get("Body"),
				Status: p.Get("Status"), ErrorCode: code, DateCreated: e.Time, ConversationSID: e.ConversationSID,
				Phone: number(p.Get("To"))})
			return false
		}
		return number(p.Get("To")) == m.number || number(p.Get("From")) == m.number
	case conversations.SandboxJoined, conversations.SandboxLeft:
		return number(p.Get("From")) == m.number
	}
	return false
}

// note adds to the activity what the chat itself has noticed.
func (m *Model) note(k kind, at time.Time, text string) {
	m.activity.add(entry{time: at, rank: -1, kind: k, text: text})
}

func (m *Model) miss(lost whatsapp.Message) {
	m.missed = append(m.missed, lost)
	if len(m.missed) > maxMissed {
		m.missed = m.missed[1:]
	}
	if lost.Phone == m.number {
		m.thread.miss(lost)
	}
}

// link notes that a live stream is up or down.
func (m *Model) link(l linkMsg) {
	before := m.linked()
	m.links[l.stream] = l.err
	if l.err != nil {
		if before != linkDown || m.notice.link {
			m.notice = notice{text: sentence(l.err), tone: toneBad, link: true}
		}
		return
	}
	m.url = firstOf(l.health.URL, m.config.Control.URL())
	if m.linked() != before && m.notice.link {
		m.notice = notice{}
	}
	if l.anew && l.stream == streamEvents {
		m.missed, m.alerts, m.clock = nil, alerts{}, face{}
		m.thread.loaded, m.thread.lost = false, nil // all of it is fetched again
		m.note(kindNote, l.health.Now, "the emulator was started again")
		m.notice = notice{text: "The emulator was started again. What it kept in memory is forgotten.", tone: toneWarn}
	}
}

// linkState is how the live streams are.
type linkState int

const (
	linkConnecting linkState = iota
	linkUp
	linkDown
)

func (m *Model) linked() linkState {
	up := 0
	for _, err := range m.links {
		if err != nil {
			return linkDown
		}
		up++
	}
	if up < 2 {
		return linkConnecting
	}
	return linkUp
}
