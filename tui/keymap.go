package tui

import "github.com/charmbracelet/bubbles/key"

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

// ShortHelp are the keys of the help line.
func (k KeyMap) ShortHelp() []key.Binding {
	scroll := key.NewBinding(key.WithKeys("pgup"), key.WithHelp("pgup/pgdn", "scroll"))
	return []key.Binding{k.Send, k.Help, k.OtherPane, scroll, k.Quit, k.Back, k.Newline}
}

// FullHelp are all keys, for the help page.
func (k KeyMap) FullHelp() [][]key.Binding {
	return [][]key.Binding{
		{k.Send, k.Newline, k.Back, k.Forth},
		{k.OtherPane, k.PageUp, k.PageDown, k.End},
		{k.Help, k.Cancel, k.Quit},
	}
}
