package tui

import (
	"cmp"
	"errors"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// maxUndelivered bounds the messages kept that never reached their phone.
const maxUndelivered = 200

// fetch fetches a snapshot of the phone. While one is being fetched, another one follows it.
func (m *Model) fetch() tea.Cmd {
	if m.fetching {
		m.fetchAgain = true
		return nil
	}
	m.fetching, m.fetchAgain = true, false
	return m.session.fetchSnapshot(m.number, m.thread.known())
}

// showSnapshot shows a snapshot, unless the chat is that of another phone by now.
func (m *Model) showSnapshot(msg snapshotMsg) tea.Cmd {
	m.fetching = false
	var unreachable *control.UnreachableError
	switch {
	case msg.number != m.number:
		return m.fetch()
	case errors.As(msg.err, &unreachable), msg.err != nil && m.session.ctx.Err() != nil:
		// the live streams report it
	case msg.err != nil:
		m.showError(msg.err)
	default:
		shown := clockView{known: true, state: msg.clock, read: msg.at}
		if moved := m.clock.moved(shown); moved != "" {
			m.addNote(kindClock, msg.clock.Now, "was "+moved)
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
	if m.fetchAgain {
		return m.fetch()
	}
	return nil
}

// addNews adds what the live streams have brought.
func (m *Model) addNews(news newsMsg) tea.Cmd {
	changed := false
	for _, item := range news {
		switch item := item.(type) {
		case traffic.Exchange:
			m.activity.add(exchangeEntry(item))
		case conversations.Event:
			changed = m.addEvent(item) || changed
		case linkMsg:
			m.updateLink(item)
			changed = changed || item.err == nil
		}
	}
	if !changed {
		return nil
	}
	return m.fetch()
}

// addEvent adds an event, and reports whether the phone has to be fetched again.
func (m *Model) addEvent(e conversations.Event) (changed bool) {
	if entry, ok := eventEntry(e, m.config.Location); ok {
		m.activity.add(entry)
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
		m.thread.status(p.Get("MessageSid"), twilio.Status(p.Get("Status")), code)
		return false
	case conversations.MessageSent, conversations.MessageReceived:
		if p.Get("Status") == string(twilio.StatusFailed) {
			m.addUndelivered(whatsapp.Message{SID: p.Get("MessageSid"), Direction: whatsapp.DirectionOutboundAPI, Body: p.Get("Body"),
				Status: twilio.StatusFailed, ErrorCode: code, DateCreated: e.Time, ConversationSID: e.ConversationSID,
				Phone: numberOf(p)})
			return false
		}
		return numberOf(p) == m.number
	case conversations.SandboxJoined, conversations.SandboxLeft:
		return numberOf(p) == m.number
	}
	return false
}

// addNote adds an entry that comes from the chat itself.
func (m *Model) addNote(k kind, at time.Time, text string) {
	m.activity.add(entry{time: at, rank: -1, kind: k, text: text})
}

func (m *Model) addUndelivered(lost whatsapp.Message) {
	m.undelivered = append(m.undelivered, lost)
	if len(m.undelivered) > maxUndelivered {
		m.undelivered = m.undelivered[1:]
	}
	if lost.Phone == m.number {
		m.thread.addUndelivered(lost)
	}
}

// updateLink handles a live stream that has come up or has ended.
func (m *Model) updateLink(l linkMsg) {
	before := m.linkState()
	m.links[l.stream] = l.err
	if l.err != nil {
		if before != linkDown || m.notice.link {
			m.notice = notice{text: sentence(l.err), level: levelBad, link: true}
		}
		return
	}
	m.url = shownURL(cmp.Or(l.health.URL, m.config.Control.URL()))
	if m.linkState() != before && m.notice.link {
		m.notice = notice{}
	}
	if l.anew && l.stream == streamEvents {
		m.undelivered, m.alerts, m.clock = nil, alerts{}, clockView{}
		m.thread.loaded, m.thread.undelivered = false, nil // all of it is fetched again
		m.addNote(kindNote, l.health.Now, "the emulator was restarted")
		m.notice = notice{text: "The emulator was restarted. Its state in memory is gone.", level: levelWarn}
	}
}

// linkState says whether the live streams are up.
type linkState int

const (
	linkConnecting linkState = iota
	linkUp
	linkDown
)

func (m *Model) linkState() linkState {
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
