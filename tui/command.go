package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// command is what a line of input asks for.
type command struct {
	// name is that of a form, or empty for a message.
	name string
	// text is the message, the caption of a file, or the text of a button.
	text string
	// argument is a join code, a file, a number or a name.
	argument string
	duration time.Duration
	location whatsapp.Location
	contact  whatsapp.Contact
	// back says which message is answered: 1 is the last that arrived, 2 the one before.
	back int
	on   bool
}

// part is what a command is about; the help page has a section for each.
type part string

const (
	partMessages part = "Messages (what does not begin with a slash is sent)"
	partPhone    part = "Your phone"
	partEmulator part = "The emulator"
	partScreen   part = "The screen"
)

// form is a command that can be typed.
type form struct {
	part
	name, arguments, does string
	// read reads what stands behind the name, without blanks around it.
	read func(rest string) (command, error)
}

func (f form) usage() string { return strings.TrimSpace("/" + f.name + " " + f.arguments) }

// forms are the commands, in the order of the help page.
func forms() []form {
	return []form{
		{partMessages, "attach", "FILE [CAPTION]", "send a file; quote a name that has blanks", readAttach},
		{partMessages, "location", "LAT,LONG [LABEL]", "send a place", readLocation},
		{partMessages, "contact", "NAME NUMBER", "send a contact card", readContact},
		{partMessages, "reply", "[^N] TEXT", "answer the last message, or the Nth last", readReply},
		{partMessages, "button", "TEXT", "tap a button of the last message", readText("button", "/button Confirm")},
		{partMessages, "forward", "TEXT", "send a text as forwarded", readText("forward", "/forward Have you heard?")},
		{partPhone, "join", "[CODE]", "join a sandbox", readWord("join", "a code alone, such as /join cloud-forgot")},
		{partPhone, "stop", "", "leave the sandbox", readNothing("stop")},
		{partPhone, "name", "NAME", "set your WhatsApp name", readName},
		{partPhone, "offline", "", "messages wait until you are back", readNothing("offline")},
		{partPhone, "online", "", "be back", readNothing("online")},
		{partPhone, "block", "", "block the business: its messages fail", readNothing("block")},
		{partPhone, "unblock", "", "unblock it", readNothing("unblock")},
		{partPhone, "receipts", "on|off", "whether it is told what you have read", readReceipts},
		{partPhone, "phone", "NUMBER", "be another phone", readPhone},
		{partEmulator, "advance", "DURATION", "move the clock on: 72h, 3d, 1d12h30m", readAdvance},
		{partEmulator, "alerts", "", "what went wrong, with Twilio's codes", readNothing("alerts")},
		{partScreen, "clear", "", "clear it; the emulator forgets nothing", readNothing("clear")},
		{partScreen, "help", "", "show this help", readNothing("help")},
		{partScreen, "quit", "", "end the chat", readNothing("quit")},
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
