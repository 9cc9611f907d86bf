package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// maxInput is the number of lines of input that are seen at once.
const maxInput = 4

// prompt stands before the input.
const prompt = "> "

// input is the line in which the user writes, which grows to a few, and what was written before.
type input struct {
	editor
	width   int // cells of the text, without the prompt
	limit   int // lines that are seen at once
	history []string
	shown   int    // in history; len(history) is the text being written
	draft   string // the text being written, while an earlier one is shown
}

// resize fits the input to a screen; a low screen leaves it a line only.
func (i *input) resize(width, height int) {
	i.width, i.limit = max(4, width-len(prompt)), min(max(1, height-12), maxInput)
}

// height is the number of lines that the input takes on the screen.
func (i *input) height() int { return min(i.limit, len(i.rows(i.width))) }

// press lets a key change the text.
func (i *input) press(msg tea.KeyMsg) { i.editor.press(msg) }

// submit empties the input and returns its text, which goes into the history.
func (i *input) submit() string {
	text := i.text
	if strings.TrimSpace(text) != "" && (len(i.history) == 0 || i.history[len(i.history)-1] != text) {
		i.history = append(i.history, text)
	}
	i.clear()
	return text
}

func (i *input) clear() {
	i.shown, i.draft = len(i.history), ""
	i.set("")
}

// back moves the cursor up, or from the first line to the text before the one that is shown.
func (i *input) back() {
	if i.vertical(i.width, -1) || i.shown == 0 {
		return
	}
	if i.shown == len(i.history) {
		i.draft = i.text
	}
	i.shown--
	i.set(i.history[i.shown])
}

// forth moves the cursor down, or from the last line to the text after the one that is shown.
func (i *input) forth() {
	if i.vertical(i.width, +1) || i.shown == len(i.history) {
		return
	}
	i.shown++
	if i.shown == len(i.history) {
		i.set(i.draft)
		return
	}
	i.set(i.history[i.shown])
}

// view draws the input, as many lines as height says.
func (i *input) view(s styles) []string {
	if i.text == "" {
		hint := []rune("Write a message, or / for a command")
		return []string{s.mine.Render(prompt) + s.cursor.Render(string(hint[:1])) + s.dim.Render(string(hint[1:]))}
	}
	lines := i.editor.view(i.width, i.height(), s.cursor)
	for n := range lines {
		if n == 0 {
			lines[n] = s.mine.Render(prompt) + lines[n]
		} else {
			lines[n] = strings.Repeat(" ", len(prompt)) + lines[n]
		}
	}
	return lines
}
