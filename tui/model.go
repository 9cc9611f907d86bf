package tui

import (
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// opened is a page that is open in the place of both sides.
type opened int

const (
	openNone opened = iota
	openHelp
	openAlerts
)

// side is one of the two parts of the screen.
type side int

const (
	sideChat side = iota
	sideLive
)

// Model is the chat. Run makes one.
type Model struct {
	config  Config
	session *session
	keys    KeyMap
	styles  styles
	help    help.Model

	width, height int
	frames        bool // messages have frames
	chat, live    pane
	page          pane // what is open in the place of both
	open          opened
	side          side // which of chat and live scrolls, or is shown where there is room for one only
	leaving       bool // Esc once more quits

	input       input
	thread      thread
	activity    activity
	undelivered []whatsapp.Message // messages that never reached their phone, of all phones
	alerts      alerts
	notice      notice
	actions     []action // what the user asked for; the first is under way

	real       time.Time // the newest real time that is known
	clock      clockView
	url        string
	links      map[string]error // why a live stream is down, by its name; nil: it is up
	number     string
	phone      whatsapp.Phone
	sandbox    whatsapp.Settings
	fetching   bool // a snapshot is being fetched
	fetchAgain bool // and another one has to follow
}

// notice is a message in the status line.
type notice struct {
	text  string
	level level
	link  bool // it is about the connection, and goes when that is up again
	// typed is the input that it is about; it goes when that changes. Empty: it stays until the next input.
	typed string
}

func newModel(c Config, s *session) *Model {
	keys, styles := DefaultKeyMap(), newStyles(c.Renderer)
	m := &Model{config: c, session: s, keys: keys, styles: styles, help: help.New(), links: map[string]error{},
		url: shownURL(c.Control.URL()), number: c.Phone, phone: whatsapp.Phone{Number: c.Phone}}
	m.help.Styles = help.Styles{Ellipsis: styles.dim, ShortKey: styles.key, ShortDesc: styles.dim, ShortSeparator: styles.dim,
		FullKey: styles.key, FullDesc: styles.base, FullSeparator: styles.dim}
	m.help.ShortSeparator = "  "
	m.page.fromTop = true
	return m
}

// Init asks for everything that the chat shows.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.session.nextNews, m.session.tick, m.fetch())
}

// Update handles a key, or the result of a command or a live stream.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyMsg:
		cmd = m.press(msg)
	case tickMsg:
		m.real = time.Time(msg)
		cmd = tea.Batch(m.session.tick, m.fetch())
	case newsMsg:
		cmd = tea.Batch(m.session.nextNews, m.addNews(msg))
	case snapshotMsg:
		cmd = m.showSnapshot(msg)
	case doneMsg:
		cmd = m.finish(msg)
	}
	m.arrange()
	return m, cmd
}

// press handles a key.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	leaving := m.leaving
	m.leaving = false
	switch {
	case key.Matches(msg, m.keys.Quit):
		return tea.Quit
	case key.Matches(msg, m.keys.Cancel):
		return m.cancel(leaving)
	case key.Matches(msg, m.keys.Help):
		m.toggle(openHelp)
	case key.Matches(msg, m.keys.OtherPane):
		m.side = sideLive - m.side
	case key.Matches(msg, m.keys.PageUp):
		m.scrolling().pageUp()
	case key.Matches(msg, m.keys.PageDown):
		m.scrolling().pageDown()
	case key.Matches(msg, m.keys.End):
		m.scrolling().end()
	case key.Matches(msg, m.keys.Send):
		return m.enter()
	case key.Matches(msg, m.keys.Newline):
		m.input.insert("\n")
	case key.Matches(msg, m.keys.Back):
		m.input.back()
	case key.Matches(msg, m.keys.Forth):
		m.input.forth()
	default:
		m.input.press(msg)
	}
	return nil
}

// cancel closes what is open, empties the input, and quits when it is pressed twice with neither.
func (m *Model) cancel(leaving bool) tea.Cmd {
	switch {
	case m.open != openNone:
		m.open = openNone
	case m.input.text != "":
		m.input.clear()
	case leaving:
		return tea.Quit
	default:
		m.leaving = true
	}
	return nil
}

// toggle opens a page at its beginning, or closes it.
func (m *Model) toggle(page opened) {
	if m.open == page {
		page = openNone
	}
	m.open, m.page = page, pane{fromTop: true}
	if page == openAlerts {
		m.alerts.unseen = 0
	}
}

// scrolling is the pane that the keys scroll.
func (m *Model) scrolling() *pane {
	switch {
	case m.open != openNone:
		return &m.page
	case m.side == sideLive:
		return &m.live
	}
	return &m.chat
}

// enter carries out what was typed. When that cannot be done it stays in the input, to be put right.
func (m *Model) enter() tea.Cmd {
	m.notice, m.open = notice{}, openNone
	text := m.input.submit()
	cmd, err := m.carryOut(text)
	if err != nil {
		m.input.set(text)
		m.showError(err)
		m.notice.typed = m.input.text
	}
	return cmd
}

func (m *Model) showError(err error) { m.notice = notice{text: sentence(err), level: levelBad} }
