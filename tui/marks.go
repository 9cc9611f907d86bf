package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
)

// fixedWidth is WhatsApp's mark around text in fixed width.
const fixedWidth = "```"

// format draws WhatsApp's marks: *bold*, _italic_, ~struck~, ```fixed width``` and `code`. Where the terminal has no
// attributes the marks stay. The text must be clean.
func (s styles) format(text string) string {
	if s.plain {
		return text
	}
	var b strings.Builder
	s.marked(&b, text, s.base)
	return b.String()
}

// marked writes a text in a style, and what is marked in it in that style with an attribute more.
func (s styles) marked(b *strings.Builder, text string, style lipgloss.Style) {
	plain := 0 // where what is not yet written begins
	for at := 0; at < len(text); {
		inner, end := markedAt(text, at)
		if end == 0 {
			_, n := utf8.DecodeRuneInString(text[at:])
			at += n
			continue
		}
		write(b, text[plain:at], style)
		switch text[at] {
		case '*':
			s.marked(b, inner, style.Bold(true))
		case '_':
			s.marked(b, inner, style.Italic(true))
		case '~':
			s.marked(b, inner, style.Strikethrough(true))
		default:
			write(b, inner, style.Inherit(s.code))
		}
		at, plain = end, end
	}
	write(b, text[plain:], style)
}

// markedAt looks for a mark at a place: the text inside, and where the text goes on behind the second mark; end is 0 when
// there is none. There is no blank between a mark and its text, and no letter outside: 2*3*4 has none.
func markedAt(text string, at int) (inner string, end int) {
	sign := text[at]
	if strings.HasPrefix(text[at:], fixedWidth) {
		if inner, _, closed := strings.Cut(text[at+len(fixedWidth):], fixedWidth); closed && strings.TrimSpace(inner) != "" {
			return inner, at + 2*len(fixedWidth) + len(inner)
		}
		return "", 0
	}
	if !strings.ContainsRune("*_~`", rune(sign)) {
		return "", 0
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	next, _ := utf8.DecodeRuneInString(text[at+1:])
	if inWord(before) || unicode.IsSpace(next) || next == rune(sign) {
		return "", 0
	}
	for i := at + 2; i < len(text) && text[i] != '\n'; i++ {
		if text[i] != sign {
			continue
		}
		last, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+1:])
		if !unicode.IsSpace(last) && !inWord(after) {
			return text[at+1 : i], i + 1
		}
	}
	return "", 0
}

// inWord reports whether a rune is a letter or a digit; RuneError means the end of the text.
func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// write writes a text in a style, line by line, as a style of several lines would pad them.
func write(b *strings.Builder, text string, style lipgloss.Style) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		if line != "" {
			b.WriteString(style.Render(line))
		}
	}
}
