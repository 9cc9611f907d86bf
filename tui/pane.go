package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/viewport"
)

// pane is a window on lines of text. It stays at the newest line, which is the last, until it is scrolled up.
type pane struct {
	view  viewport.Model
	lines []string
	// fromTop puts few lines at the top; otherwise they are at the bottom.
	fromTop  bool
	scrolled bool
}

// resize sets the size in cells. The caller sets lines of another width again.
func (p *pane) resize(width, height int) {
	if p.view.Width == width && p.view.Height == height {
		return
	}
	p.view.Width, p.view.Height = width, height
	p.set(p.lines)
}

// set replaces the lines, none of which is wider than the pane.
func (p *pane) set(lines []string) {
	p.lines = lines
	if blank := p.view.Height - len(lines); blank > 0 && !p.fromTop {
		lines = append(make([]string, blank), lines...)
	}
	at := p.view.YOffset
	p.view.SetContent(strings.Join(lines, "\n"))
	if p.scrolled || p.fromTop {
		p.view.SetYOffset(at)
		p.scrolled = !p.view.AtBottom()
		return
	}
	p.view.GotoBottom()
}

func (p *pane) pageUp()   { p.view.PageUp(); p.scrolled = !p.view.AtBottom() }
func (p *pane) pageDown() { p.view.PageDown(); p.scrolled = !p.view.AtBottom() }
func (p *pane) end()      { p.view.GotoBottom(); p.scrolled = false }

// below is the number of lines that lie under the window.
func (p *pane) below() int {
	return max(0, p.view.TotalLineCount()-p.view.YOffset-p.view.Height)
}

// rows are the visible lines, as many as the pane is high, each as wide as the pane.
func (p *pane) rows() []string {
	if p.view.Width <= 0 || p.view.Height <= 0 {
		return nil
	}
	rows := strings.Split(p.view.View(), "\n")
	for i, row := range rows {
		rows[i] = fit(row, p.view.Width)
	}
	return rows
}
