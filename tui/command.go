package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// command is what a line of input asks for.
type command struct {
	// name is that of a form, or empty for a message.
	name string
	// text is the message, or the caption of a file.
	text string
	// argument is a join code, a file, a number or a name.
	argument string
	duration time.Duration
}

// form is a command that can be typed.
type form struct {
	name, arguments, does string
	// read reads what stands behind the name, without blanks around it.
	read func(rest string) (command, error)
}

func (f form) usage() string { return strings.TrimSpace("/" + f.name + " " + f.arguments) }

// forms are the commands, in the order of the help page.
func forms() []form {
	return []form{
		{"join", "[CODE]", "join a sandbox", readWord("join", "a code alone, such as /join cloud-forgot")},
		{"stop", "", "leave the sandbox", readNothing("stop")},
		{"attach", "FILE [CAPTION]", "send a file; quote a name that has blanks", readAttach},
		{"advance", "DURATION", "move the clock on: 72h, 3d, 1d12h30m", readAdvance},
		{"phone", "NUMBER", "be another phone", readPhone},
		{"name", "NAME", "set your WhatsApp name", readName},
		{"clear", "", "clear the screen; the emulator forgets nothing", readNothing("clear")},
		{"help", "", "show this help", readNothing("help")},
		{"quit", "", "end the chat", readNothing("quit")},
	}
}

// parse reads a line of input. What does not begin with a slash is a message; "//" begins a message with one slash. The
// error is in a person's words.
func parse(line string) (command, error) {
	trimmed := strings.TrimSpace(line)
	switch {
	case !strings.HasPrefix(trimmed, "/"):
		return command{text: line}, nil
	case strings.HasPrefix(trimmed, "//"):
		return command{text: trimmed[1:]}, nil
	}
	name, rest := trimmed[1:], ""
	if blank := strings.IndexAny(name, " \t\n"); blank >= 0 {
		name, rest = name[:blank], strings.TrimSpace(name[blank:])
	}
	for _, f := range forms() {
		if strings.EqualFold(f.name, name) {
			c, err := f.read(rest)
			c.name = f.name
			return c, err
		}
	}
	return command{}, fmt.Errorf("there is no command /%s: /help lists them. To send a text that begins with a slash, type two", oneLine(name, 30))
}

// suggest returns the commands that a line may become, while its name is being typed; the one it is, afterwards.
func suggest(line string) (found []form) {
	typed, isCommand := strings.CutPrefix(line, "/")
	if !isCommand || strings.HasPrefix(typed, "/") {
		return nil
	}
	name, _, complete := strings.Cut(strings.ToLower(typed), " ")
	for _, f := range forms() {
		if f.name == name || (!complete && strings.HasPrefix(f.name, name)) {
			found = append(found, f)
		}
	}
	return found
}

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
