package tui

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// styles are all styles of the chat. Colour never carries a meaning alone.
type styles struct {
	// plain is a renderer without any attributes: WhatsApp's marks are then left to be read.
	plain bool

	base                      lipgloss.Style
	bar                       lipgloss.Style // the top line
	good, warn, bad, dim, key lipgloss.Style
	alert                     lipgloss.Style
	mine, theirs              lipgloss.Style // frames of messages
	rule, title, chosen       lipgloss.Style // lines between the parts, their names, the part that scrolls
	bold, cursor, code        lipgloss.Style
	labels                    map[kind]lipgloss.Style
}

func newStyles(r *lipgloss.Renderer) styles {
	colour := true
	if r == nil {
		r, colour = terminal()
	}
	base := r.NewStyle()
	in := func(light, dark string) lipgloss.Style {
		if !colour {
			return base
		}
		return base.Foreground(lipgloss.AdaptiveColor{Light: light, Dark: dark})
	}
	s := styles{
		plain: r.ColorProfile() == termenv.Ascii,
		base:  base, bold: base.Bold(true), cursor: base.Reverse(true), code: in("#0969da", "#79c0ff").Faint(!colour),
		good: in("#1a7f37", "#3fb950"), warn: in("#9a6700", "#d29922").Bold(true), bad: in("#cf222e", "#ff7b72").Bold(true),
		dim: in("#6e7781", "#8b949e"), key: in("#0969da", "#79c0ff"),
		mine: in("#1a7f37", "#25d366"), theirs: in("#6e7781", "#8b949e"),
		rule: in("#d0d7de", "#484f58"), title: base.Bold(true), chosen: base.Bold(true).Reverse(true),
		bar: base.Bold(true).Reverse(true), alert: base.Bold(true).Reverse(true),
	}
	if colour {
		s.bar = base.Bold(true).Foreground(lipgloss.Color("#ffffff")).Background(lipgloss.Color("#075e54"))
		s.alert = base.Bold(true).Foreground(lipgloss.Color("#ffffff")).Background(lipgloss.Color("#b62324"))
	}
	s.labels = map[kind]lipgloss.Style{
		kindAPI: in("#0969da", "#79c0ff"), kindWebhook: in("#8250df", "#d2a8ff"), kindEvent: s.dim, kindPhone: s.mine,
		kindSandbox: s.warn, kindStudio: in("#bf3989", "#ff9bce"), kindAlert: s.alert, kindNote: s.dim, kindClock: s.warn,
	}
	return s
}

// terminal is a renderer like the default one, which has asked the terminal before the program starts. Where colours are
// not wanted (NO_COLOR), attributes such as reverse stay, as the cursor needs them; colour is then false.
func terminal() (r *lipgloss.Renderer, colour bool) {
	profile := lipgloss.ColorProfile()
	r = lipgloss.NewRenderer(io.Discard)
	r.SetHasDarkBackground(lipgloss.HasDarkBackground())
	if profile == termenv.Ascii {
		r.SetColorProfile(termenv.ANSI)
		return r, false
	}
	r.SetColorProfile(profile)
	return r, true
}
