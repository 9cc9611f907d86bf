package tui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func readNothing(name string) func(string) (command, error) {
	return func(rest string) (command, error) {
		if rest != "" {
			return command{}, fmt.Errorf("/%s stands alone", name)
		}
		return command{}, nil
	}
}

func readWord(name, want string) func(string) (command, error) {
	return func(rest string) (command, error) {
		if len(strings.Fields(rest)) > 1 {
			return command{}, fmt.Errorf("/%s takes %s", name, want)
		}
		return command{argument: rest}, nil
	}
}

func readAttach(rest string) (command, error) {
	file, caption, err := firstWord(rest)
	if err != nil {
		return command{}, err
	}
	if file == "" {
		return command{}, errors.New("/attach needs a file, such as /attach photo.jpg Look at this")
	}
	return command{argument: file, text: strings.TrimSpace(caption)}, nil
}

func readAdvance(rest string) (command, error) {
	if rest == "" {
		return command{}, errors.New("/advance needs a duration, such as /advance 72h or /advance 3d")
	}
	d, err := control.ParseDuration(rest)
	return command{duration: d}, err
}

func readPhone(rest string) (command, error) {
	if rest == "" {
		return command{}, errors.New("/phone needs a number, such as /phone +15558675310")
	}
	number, err := whatsapp.ParseNumber(rest)
	return command{argument: number}, err
}

func readName(rest string) (command, error) {
	if rest == "" {
		return command{}, errors.New("/name needs a name, such as /name Ada Lovelace")
	}
	return command{argument: strings.Join(strings.Fields(rest), " ")}, nil
}

// readLocation reads two numbers with a comma between them, with blanks around it or without; the emulator checks them.
func readLocation(rest string) (command, error) {
	wrong := errors.New("/location needs degrees, such as /location -33.4372,-70.6506 Plaza de Armas")
	north, rest, found := strings.Cut(rest, ",")
	if !found {
		return command{}, wrong
	}
	east, label, err := firstWord(rest)
	if err != nil {
		return command{}, err
	}
	latitude, err := strconv.ParseFloat(strings.TrimSpace(north), 64)
	longitude, err2 := strconv.ParseFloat(east, 64)
	if err != nil || err2 != nil {
		return command{}, wrong
	}
	return command{location: whatsapp.Location{Latitude: latitude, Longitude: longitude, Label: strings.Join(strings.Fields(label), " ")}}, nil
}

// readContact reads a name and a number, which begins with the last plus sign.
func readContact(rest string) (command, error) {
	plus := strings.LastIndexByte(rest, '+')
	name := strings.Join(strings.Fields(strings.TrimRight(strings.TrimSuffix(rest[:max(0, plus)], "whatsapp:"), " ,")), " ")
	if name == "" {
		return command{}, errors.New("/contact needs a name and a number, such as /contact Grace Hopper +15558675312")
	}
	number, err := whatsapp.ParseNumber(rest[plus:])
	return command{contact: whatsapp.Contact{Name: name, Phone: number}}, err
}

// readReply reads a text, and before it which message it answers, counted from the last: ^2 is the one before.
func readReply(rest string) (command, error) {
	back := 1
	if count, text, _ := strings.Cut(rest, " "); strings.HasPrefix(count, "^") {
		n, err := strconv.Atoi(count[1:])
		if err != nil || n < 1 {
			return command{}, fmt.Errorf("/reply %s: count from the last message, such as /reply ^2 Yes for the one before", oneLine(count, 20))
		}
		back, rest = n, strings.TrimSpace(text)
	}
	if rest == "" {
		return command{back: back}, errors.New("/reply needs a text, such as /reply Yes")
	}
	return command{text: rest, back: back}, nil
}

func readText(name, example string) func(string) (command, error) {
	return func(rest string) (command, error) {
		if rest == "" {
			return command{}, fmt.Errorf("/%s needs a text, such as %s", name, example)
		}
		return command{text: rest}, nil
	}
}

func readReceipts(rest string) (command, error) {
	if rest != "on" && rest != "off" {
		return command{}, errors.New("/receipts takes on or off")
	}
	return command{on: rest == "on"}, nil
}

// firstWord takes the first word off a text. A word with blanks stands in quotes, or has a backslash before each blank,
// as terminals write the name of a file that is dropped on them.
func firstWord(s string) (word, rest string, err error) {
	s = strings.TrimSpace(s)
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		word, rest, closed := strings.Cut(s[1:], s[:1])
		if !closed {
			return "", "", fmt.Errorf("the quote %s is not closed", s[:1])
		}
		return word, rest, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == ' ':
			b.WriteByte(' ')
			i++
		case s[i] == ' ' || s[i] == '\t' || s[i] == '\n':
			return b.String(), s[i:], nil
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), "", nil
}
