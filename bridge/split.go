package bridge

import (
	"unicode"
	"unicode/utf8"
)

// splitText cuts text into pieces: the first of at most first characters, the others of at most rest. A character is
// a UTF-16 code unit, the stricter of the ways to count. Joined, the pieces are the text again. A cut is made after
// white space where there is some in the last quarter, and never inside a combined character.
func splitText(text string, first, rest int) []string {
	var pieces []string
	limit := first
	for text != "" {
		end := cut(text, limit)
		pieces = append(pieces, text[:end])
		text = text[end:]
		limit = rest
	}
	return pieces
}

// cut returns where the first piece of text ends, in bytes; it is more than 0.
func cut(text string, limit int) int {
	units, space, boundary := 0, 0, 0
	for at, r := range text {
		if at > 0 && !joins(text[:at], r) {
			boundary = at
			if before, _ := utf8.DecodeLastRuneInString(text[:at]); unicode.IsSpace(before) && units > limit*3/4 {
				space = at
			}
		}
		units += units16(r)
		if units > limit {
			return firstPositive(space, boundary, at, utf8.RuneLen(r))
		}
	}
	return len(text)
}

// joins reports whether r belongs to the character that before ends with: a combining mark, a variation or skin tone,
// or what a zero-width joiner joins.
func joins(before string, r rune) bool {
	const zeroWidthJoiner = '\u200d'
	last, _ := utf8.DecodeLastRuneInString(before)
	return last == zeroWidthJoiner || r == zeroWidthJoiner || unicode.Is(unicode.M, r) || (r >= 0x1F3FB && r <= 0x1F3FF)
}

func units16(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

func firstPositive(values ...int) int {
	for _, v := range values {
		if v > 0 {
			return v
		}
	}
	return 1
}

// cutText shortens text to at most n characters.
func cutText(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i] + "…"
		}
		n--
	}
	return text
}
