package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// run does what a command asks for.
func (m *Model) run(c command) tea.Cmd {
	switch c.name {
	case "", "location", "contact", "reply", "button", "forward":
		return m.write(c)
	case "attach":
		return m.do(attach(m.number, m.path(c.argument), control.NewMessage{Body: c.text}))
	case "join":
		code := firstOf(c.argument, m.config.JoinCode)
		if code == "" {
			m.notice = notice{text: "Which sandbox? Type its code: /join cloud-forgot", tone: toneBad}
			return nil
		}
		return m.do(join(m.number, code))
	case "stop":
		return m.do(stop(m.number))
	case "offline", "online", "block", "unblock", "receipts", "name":
		params, said := behaviour(c)
		return m.do(behave(m.number, params, said))
	case "advance":
		return m.do(advance(c.duration, m.config.Location))
	case "phone":
		return m.be(c.argument)
	case "clear":
		m.thread.clear(m.clock.now(m.real))
		m.activity.clear()
	case "alerts":
		m.toggle(openAlerts)
	case "help":
		m.toggle(openHelp)
	case "quit":
		return tea.Quit
	}
	return nil
}

// write sends a message that has no file.
func (m *Model) write(c command) tea.Cmd {
	var wanted control.NewMessage
	switch c.name {
	case "location":
		wanted.Location = &c.location
	case "contact":
		wanted.Contact = &c.contact
	case "button":
		wanted.Button = &whatsapp.Button{Text: c.text}
		if last, found := m.thread.arrived(1); found {
			wanted.ReplyTo = last.SID
		}
	case "reply":
		answered, found := m.thread.arrived(c.back)
		if !found {
			m.input.back() // what was typed, to be put right
			m.notice = notice{text: "There is no such message: so many have not arrived.", tone: toneBad, typed: m.input.text}
			return nil
		}
		wanted.Body, wanted.ReplyTo = c.text, answered.SID
	default:
		if strings.TrimSpace(c.text) == "" {
			return nil
		}
		wanted.Body, wanted.Forwarded = strings.TrimRight(c.text, " \n"), c.name == "forward"
	}
	return m.do(send(m.number, wanted))
}

// behaviour is what a command changes of the phone, and what is said of it.
func behaviour(c command) (p whatsapp.BehaviourParams, said string) {
	yes, no := true, false
	switch c.name {
	case "offline":
		return whatsapp.BehaviourParams{Offline: &yes}, "This phone is offline: what is sent to it waits until /online."
	case "online":
		return whatsapp.BehaviourParams{Offline: &no}, "This phone is online."
	case "block":
		return whatsapp.BehaviourParams{Blocked: &yes}, "The business is blocked: what it sends fails with 63014, until /unblock."
	case "unblock":
		return whatsapp.BehaviourParams{Blocked: &no}, "The business is not blocked."
	case "name":
		return whatsapp.BehaviourParams{ProfileName: &c.argument}, "Your WhatsApp name is " + c.argument + "."
	}
	if c.on {
		return whatsapp.BehaviourParams{ReadReceipts: &yes}, "Read receipts are sent."
	}
	return whatsapp.BehaviourParams{ReadReceipts: &no}, "No read receipts are sent: delivered is the last that the business hears."
}

// be makes the chat that of another phone.
func (m *Model) be(number string) tea.Cmd {
	m.number = number
	m.phone, m.sandbox = whatsapp.Phone{Number: number}, whatsapp.Settings{}
	m.thread = thread{changed: true}
	for _, lost := range m.missed {
		if lost.Phone == number {
			m.thread.miss(lost)
		}
	}
	m.chat.end()
	return m.look()
}
