package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// KeyMap is the keys of the chat. The help line is made from it.
type KeyMap struct {
	Send, Newline, Back, Forth       key.Binding
	OtherPane, PageUp, PageDown, End key.Binding
	Help, Cancel, Quit               key.Binding
}

// DefaultKeyMap returns the keys of the chat.
func DefaultKeyMap() KeyMap {
	binding := func(shown, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
	}
	return KeyMap{
		Send:      binding("enter", "send", "enter"),
		Newline:   binding("alt+enter", "new line", "alt+enter", "ctrl+j"),
		Back:      binding("↑", "earlier input", "up"),
		Forth:     binding("↓", "later input", "down"),
		OtherPane: binding("tab", "other side", "tab", "shift+tab"),
		PageUp:    binding("pgup", "scroll up", "pgup"),
		PageDown:  binding("pgdn", "scroll down", "pgdown"),
		End:       binding("ctrl+end", "to the newest", "ctrl+end"),
		Help:      binding("f1", "help", "f1"),
		Cancel:    binding("esc", "close the help, clear the input; twice: quit", "esc"),
		Quit:      binding("ctrl+c", "quit", "ctrl+c"),
	}
}

// ShortHelp returns the keys of the help line.
func (k KeyMap) ShortHelp() []key.Binding {
	scroll := key.NewBinding(key.WithKeys("pgup"), key.WithHelp("pgup/pgdn", "scroll"))
	return []key.Binding{k.Send, k.Help, k.OtherPane, scroll, k.Quit, k.Back, k.Newline}
}

// FullHelp returns all keys, for the help page.
func (k KeyMap) FullHelp() [][]key.Binding {
	return [][]key.Binding{
		{k.Send, k.Newline, k.Back, k.Forth},
		{k.OtherPane, k.PageUp, k.PageDown, k.End},
		{k.Help, k.Cancel, k.Quit},
	}
}

// helpSection is a part of the help page: a title, and what each name stands for.
type helpSection struct {
	title string
	rows  [][2]string
}

// helpSections are the commands, the keys, and the signs of both sides.
func helpSections(k KeyMap) []helpSection {
	var sections []helpSection
	for _, c := range commands() {
		if title := string(c.section); len(sections) == 0 || sections[len(sections)-1].title != title {
			sections = append(sections, helpSection{title: title})
		}
		last := &sections[len(sections)-1]
		last.rows = append(last.rows, [2]string{c.usage(), c.does})
	}
	sections[0].rows = append(sections[0].rows, [2]string{"//TEXT", "send a text that begins with a slash"})
	keys := helpSection{title: "Keys"}
	for _, group := range k.FullHelp() {
		for _, b := range group {
			keys.rows = append(keys.rows, [2]string{b.Help().Key, b.Help().Desc})
		}
	}
	return append(sections, keys,
		helpSection{"Under a message", [][2]string{
			{"CH3f2a…", "the conversation that captured it; what a bridge adds to one shows none"},
			{"✓  ✓✓", "sent, and delivered"},
			{"✓✓ read", "delivered and read"},
			{"✗ 63015", "it never reached the phone, with Twilio's error code"},
		}},
		helpSection{"Behind the chat", [][2]string{
			{string(kindAPI), "a request to Twilio's API, its status, and how long it took"},
			{string(kindWebhook), "a request that Twilio makes, and what was answered"},
			{string(kindEvent), "what happened to a conversation, by the name of Twilio's event"},
			{string(kindPhone), "a message of or for a phone"},
			{string(kindSandbox), "a phone joined or left"},
			{string(kindStudio), "an execution of a Studio flow"},
			{string(kindClock), "somebody moved, froze or started the emulator's clock"},
			{string(kindAlert), "an entry of Twilio's debugger: something went wrong; see /alerts"},
		}})
}

// helpLines are the help page.
func (m *Model) helpLines() (lines []string) {
	for _, section := range helpSections(m.keys) {
		lines = append(lines, " "+m.styles.title.Render(section.title))
		column := 0
		for _, row := range section.rows {
			column = max(column, cells(row[0]))
		}
		for _, row := range section.rows {
			for i, text := range wrap(row[1], m.width-column-6, "") {
				name := strings.Repeat(" ", column)
				if i == 0 {
					name = fit(row[0], column)
				}
				lines = append(lines, "   "+m.styles.key.Render(name)+"  "+text)
			}
		}
		lines = append(lines, "")
	}
	return lines
}
