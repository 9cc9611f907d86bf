package tui

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// command is a command that can be typed. All that the chat knows of it is its entry in [commands].
type command struct {
	section
	name string
	// arguments are shown behind the name; empty: the command has none.
	arguments string
	does      string
	// needs is the argument that must be given, with an example; empty: it may be left out.
	needs string
	// run carries the command out. rest is the text behind the name, without blanks around it. After an error, which says what
	// is wrong with rest, the line stays in the input.
	run func(m *Model, rest string) (tea.Cmd, error)
	// hint replaces does in the status line while the command is typed. Nil, or an empty result: it does not.
	hint func(m *Model, rest string) string
}

// section is a part of the help page.
type section string

const (
	sectionMessages section = "Messages (what does not begin with a slash is sent)"
	sectionPhone    section = "Your phone"
	sectionEmulator section = "The emulator"
	sectionScreen   section = "The screen"
)

// commands are all commands, in the order of the help page.
func commands() []command {
	yes, no := true, false
	return []command{
		{section: sectionMessages, name: "attach", arguments: "FILE [CAPTION]", does: "send a file; quote a name that has blanks",
			needs: "a file, such as /attach photo.jpg Look at this", run: (*Model).sendFile},
		{section: sectionMessages, name: "location", arguments: "LAT,LONG [LABEL]", does: "send a place",
			needs: "degrees, such as /location -33.4372,-70.6506 Plaza de Armas", run: (*Model).sendLocation},
		{section: sectionMessages, name: "contact", arguments: "NAME NUMBER", does: "send a contact card",
			needs: "a name and a number, such as /contact Grace Hopper +15558675312", run: (*Model).sendContact},
		{section: sectionMessages, name: "reply", arguments: "[^N] TEXT", does: "answer the last message, or the Nth last",
			needs: "a text, such as /reply Yes", run: (*Model).reply, hint: (*Model).replyHint},
		{section: sectionMessages, name: "button", arguments: "TEXT", does: "tap a button of the last message",
			needs: "a text, such as /button Confirm", run: (*Model).tapButton, hint: (*Model).replyHint},
		{section: sectionMessages, name: "forward", arguments: "TEXT", does: "send a text as forwarded",
			needs: "a text, such as /forward Have you heard?", run: (*Model).forward},
		{section: sectionPhone, name: "join", arguments: "[CODE]", does: "join a sandbox", run: (*Model).join},
		{section: sectionPhone, name: "stop", does: "leave the sandbox", run: (*Model).stop},
		{section: sectionPhone, name: "name", arguments: "NAME", does: "set your WhatsApp name", needs: "a name, such as /name Ada Lovelace",
			run: (*Model).setName},
		{section: sectionPhone, name: "username", arguments: "[NAME]", does: "show a username, and no number; alone: show the number",
			run: (*Model).setUsername},
		{section: sectionPhone, name: "offline", does: "messages wait until you are back",
			run: behave(whatsapp.BehaviourParams{Offline: &yes}, "This phone is offline: what is sent to it waits until /online.")},
		{section: sectionPhone, name: "online", does: "be online again", run: behave(whatsapp.BehaviourParams{Offline: &no}, "This phone is online.")},
		{section: sectionPhone, name: "block", does: "block the business: its messages fail",
			run: behave(whatsapp.BehaviourParams{Blocked: &yes}, "The business is blocked: what it sends fails with 63014, until /unblock.")},
		{section: sectionPhone, name: "unblock", does: "unblock the business", run: behave(whatsapp.BehaviourParams{Blocked: &no}, "The business is not blocked.")},
		{section: sectionPhone, name: "receipts", arguments: "on|off", does: "whether the business gets read receipts", needs: "on or off",
			run: (*Model).setReceipts},
		{section: sectionPhone, name: "phone", arguments: "NUMBER", does: "change to another phone", needs: "a number, such as /phone +15558675310",
			run: (*Model).changePhone},
		{section: sectionEmulator, name: "advance", arguments: "DURATION", does: "advance the clock: 72h, 3d, 1d12h30m",
			needs: "a duration, such as /advance 72h or /advance 3d", run: (*Model).advance},
		{section: sectionEmulator, name: "alerts", does: "what went wrong, with Twilio's codes", run: open(openAlerts)},
		{section: sectionScreen, name: "clear", does: "clear the screen; the emulator keeps everything", run: (*Model).clear},
		{section: sectionScreen, name: "help", does: "show this help", run: open(openHelp)},
		{section: sectionScreen, name: "quit", does: "end the chat", run: func(*Model, string) (tea.Cmd, error) { return tea.Quit, nil }},
	}
}

// usage is the command with its arguments.
func (c command) usage() string { return strings.TrimSpace("/" + c.name + " " + c.arguments) }

// check refuses an argument that is missing, or one where there can be none.
func (c command) check(rest string) error {
	switch {
	case rest == "" && c.needs != "":
		return fmt.Errorf("/%s needs %s", c.name, c.needs)
	case rest != "" && c.arguments == "":
		return fmt.Errorf("/%s stands alone", c.name)
	}
	return nil
}

// carryOut does what a line of input asks for: a command, or a message to be sent, which does not begin with a slash. "//"
// begins a message with one slash.
func (m *Model) carryOut(line string) (tea.Cmd, error) {
	name, rest, isCommand := splitCommand(line)
	if !isCommand {
		return m.sendText(line), nil
	}
	for _, c := range commands() {
		if strings.EqualFold(c.name, name) {
			if err := c.check(rest); err != nil {
				return nil, err
			}
			return c.run(m, rest)
		}
	}
	return nil, fmt.Errorf("there is no command /%s: /help lists them. To send a text that begins with a slash, type two", oneLine(name, 30))
}

// splitCommand splits a line into the name of a command and the text behind it.
func splitCommand(line string) (name, rest string, isCommand bool) {
	trimmed := strings.TrimSpace(line)
	name, isCommand = strings.CutPrefix(trimmed, "/")
	if !isCommand || strings.HasPrefix(name, "/") {
		return "", "", false
	}
	if blank := strings.IndexAny(name, " \t\n"); blank >= 0 {
		name, rest = name[:blank], strings.TrimSpace(name[blank:])
	}
	return name, rest, true
}

// suggest returns the commands that a line may become, while its name is being typed; the one it is, afterwards.
func suggest(line string) (found []command) {
	typed, isCommand := strings.CutPrefix(line, "/")
	if !isCommand || strings.HasPrefix(typed, "/") {
		return nil
	}
	name, _, complete := strings.Cut(strings.ToLower(typed), " ")
	for _, c := range commands() {
		if c.name == name || (!complete && strings.HasPrefix(c.name, name)) {
			found = append(found, c)
		}
	}
	return found
}

// sendText sends a line as a message, unless it is blank.
func (m *Model) sendText(line string) tea.Cmd {
	if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "//") {
		line = trimmed[1:]
	}
	if strings.TrimSpace(line) == "" {
		return nil
	}
	return m.queue(send(m.number, control.NewMessage{Body: strings.TrimRight(line, " \n")}))
}

func (m *Model) sendFile(rest string) (tea.Cmd, error) {
	file, caption, err := firstWord(rest)
	if err != nil {
		return nil, err
	}
	if file == "" {
		return nil, errors.New("/attach needs the name of a file")
	}
	return m.queue(sendFile(m.number, m.path(file), control.NewMessage{Body: strings.TrimSpace(caption)})), nil
}

// sendLocation reads two numbers with a comma between them, with blanks around it or without, and a label.
func (m *Model) sendLocation(rest string) (tea.Cmd, error) {
	north, rest, _ := strings.Cut(rest, ",")
	east, label, err := firstWord(rest)
	if err != nil {
		return nil, err
	}
	l, err := whatsapp.ParseLocation(north + "," + east)
	if err != nil {
		return nil, err
	}
	l.Label = strings.Join(strings.Fields(label), " ")
	var wanted control.NewMessage
	wanted.Location = &l
	return m.queue(send(m.number, wanted)), nil
}

// sendContact reads a name and a number, which begins with the last plus sign.
func (m *Model) sendContact(rest string) (tea.Cmd, error) {
	plus := strings.LastIndexByte(rest, '+')
	name := strings.Join(strings.Fields(strings.TrimRight(strings.TrimSuffix(rest[:max(0, plus)], "whatsapp:"), " ,")), " ")
	if name == "" {
		return nil, errors.New("/contact needs a name and a number, such as /contact Grace Hopper +15558675312")
	}
	number, err := whatsapp.ParseNumber(rest[plus:])
	if err != nil {
		return nil, err
	}
	return m.queue(send(m.number, control.NewMessage{Contact: &whatsapp.Contact{Name: name, Phone: number}})), nil
}

func (m *Model) reply(rest string) (tea.Cmd, error) {
	nth, text, err := readReply(rest)
	if err != nil {
		return nil, err
	}
	answered, found := m.thread.arrived(nth)
	if !found {
		return nil, errors.New("there is no such message: fewer have arrived")
	}
	wanted := control.NewMessage{Body: text}
	wanted.ReplyTo = answered.SID
	return m.queue(send(m.number, wanted)), nil
}

// readReply reads a text, and before it which message it answers, counted from the last: ^2 is the one before. nth is 1 or
// more, also beside an error.
func readReply(rest string) (nth int, text string, err error) {
	nth, text = 1, rest
	if count, behind, _ := strings.Cut(rest, " "); strings.HasPrefix(count, "^") {
		n, err := strconv.Atoi(count[1:])
		if err != nil || n < 1 {
			return 1, "", fmt.Errorf("/reply %s: count from the last message, such as /reply ^2 Yes for the one before", oneLine(count, 20))
		}
		nth, text = n, strings.TrimSpace(behind)
	}
	if text == "" {
		return nth, "", errors.New("/reply needs a text, such as /reply Yes")
	}
	return nth, text, nil
}

// replyHint shows the message that is answered; empty when there is none.
func (m *Model) replyHint(rest string) string {
	nth, _, _ := readReply(rest) // what is wrong is said on enter
	answered, found := m.thread.arrived(nth)
	if !found {
		return ""
	}
	return "to " + quote(summary(answered))
}

func (m *Model) tapButton(text string) (tea.Cmd, error) {
	var wanted control.NewMessage
	wanted.Button = &whatsapp.Button{Text: text}
	if last, found := m.thread.arrived(1); found {
		wanted.ReplyTo = last.SID
	}
	return m.queue(send(m.number, wanted)), nil
}

func (m *Model) forward(text string) (tea.Cmd, error) {
	wanted := control.NewMessage{Body: text}
	wanted.Forwarded = true
	return m.queue(send(m.number, wanted)), nil
}

func (m *Model) join(rest string) (tea.Cmd, error) {
	if len(strings.Fields(rest)) > 1 {
		return nil, errors.New("/join takes a code alone, such as /join cloud-forgot")
	}
	code := cmp.Or(rest, m.config.JoinCode)
	if code == "" {
		return nil, errors.New("which sandbox? Type its code: /join cloud-forgot")
	}
	return m.queue(join(m.number, code)), nil
}

func (m *Model) stop(string) (tea.Cmd, error) { return m.queue(stop(m.number)), nil }

// behave makes the run of a command that changes how the phone takes what is written to it. done is for the status line afterwards.
func behave(params whatsapp.BehaviourParams, done string) func(*Model, string) (tea.Cmd, error) {
	return func(m *Model, _ string) (tea.Cmd, error) {
		return m.queue(updateBehaviour(m.number, params, done)), nil
	}
}

func (m *Model) setName(rest string) (tea.Cmd, error) {
	name := strings.Join(strings.Fields(rest), " ")
	return behave(whatsapp.BehaviourParams{ProfileName: &name}, "Your WhatsApp name is "+name+".")(m, rest)
}

// setUsername gives the phone a username, or takes it away.
func (m *Model) setUsername(rest string) (tea.Cmd, error) {
	done := "Your number is shown again."
	if rest != "" {
		done = "Your username is shown, and no number: From is your ExternalUserId now."
	}
	return behave(whatsapp.BehaviourParams{Username: &rest}, done)(m, rest)
}

func (m *Model) setReceipts(rest string) (tea.Cmd, error) {
	on := rest == "on"
	params := whatsapp.BehaviourParams{ReadReceipts: &on}
	switch rest {
	case "on":
		return behave(params, "Read receipts are sent.")(m, rest)
	case "off":
		return behave(params, "No read receipts are sent: delivered is the last status that the business gets.")(m, rest)
	}
	return nil, errors.New("/receipts takes on or off")
}

// changePhone makes the chat that of another phone.
func (m *Model) changePhone(rest string) (tea.Cmd, error) {
	number, err := whatsapp.ParseNumber(rest)
	if err != nil {
		return nil, err
	}
	m.number = number
	m.phone, m.sandbox = whatsapp.Phone{Number: number}, whatsapp.Settings{}
	m.thread = thread{changed: true}
	for _, lost := range m.undelivered {
		if lost.Phone == number {
			m.thread.addUndelivered(lost)
		}
	}
	m.chat.end()
	return m.fetch(), nil
}

func (m *Model) advance(rest string) (tea.Cmd, error) {
	d, err := control.ParseDuration(rest)
	if err != nil {
		return nil, err
	}
	return m.queue(advance(d, m.config.Location)), nil
}

func (m *Model) clear(string) (tea.Cmd, error) {
	m.thread.clear(m.clock.now(m.real))
	m.activity.clear()
	return nil, nil
}

// open makes the run of a command that opens a page, or closes it.
func open(page opened) func(*Model, string) (tea.Cmd, error) {
	return func(m *Model, _ string) (tea.Cmd, error) {
		m.toggle(page)
		return nil, nil
	}
}

// firstWord takes the first word off a text. A word with blanks is in quotes, or has a backslash before each blank,
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
