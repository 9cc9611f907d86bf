package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const sendLong = `Send a message from a phone to the sandbox: a text, files, or another of the kinds that WhatsApp has. The text "-" is
read from stdin.

A message is one thing: a text, files with a text or without, a location, a contact, a button, a choice from a list.
Each can be an answer (--reply-to), be forwarded, or come from an advertisement (--referral).

The command waits until nothing is under way in the emulator and its bridges, and shows what followed: the conversation
that holds the message, what the phone got in answer, and what was sent to it and has not arrived, as it waits or has
failed. A sandbox sends one message in three seconds (the switch rate_interval). A bot or a bridge in another process may
go on after it has answered; ` + "`cloudforgot phone inbox` and `cloudforgot traffic`" + ` show what comes of that.
--wait=false does not wait.`

const sendExample = `  cloudforgot phone send --from +15558675310 "Hola"

  # a longer text, as another profile
  cloudforgot phone send --from +15558675310 --profile-name Ana - < letter.txt`

// sendFlags are the flags of phone send.
type sendFlags struct {
	all             *pflag.FlagSet
	from            func() (string, error)
	to, profileName string
	media           []string
	parts           []messagePart
	wait            bool
	timeout         time.Duration
	output          *choice
}

// messagePart is a part of a message: the flag that asks for it, and the flags that say more about it. All that phone send
// knows of it is the function that makes it, an entry in [messageParts].
type messagePart struct {
	flag string
	// kind is true for a part that makes the kind of the message: it has one such part at most.
	kind bool
	// alone is true for a part beside which there is nothing else, no text either.
	alone bool
	// with are the flags that say something about this one only, and needs the one that it cannot do without.
	with  []string
	needs string
	// fill puts the part into a message.
	fill    func(*control.NewMessage) error
	example string
}

// messageParts adds the flags of all parts of a message, in the order of the help.
func messageParts(c *cobra.Command, media *[]string) []messagePart {
	f := c.Flags()
	return []messagePart{
		mediaPart(f, media), locationPart(f), contactPart(f), buttonPart(f), listPart(f),
		replyPart(f), forwardedPart(f), frequentlyForwardedPart(f), referralPart(f), unsupportedPart(c),
	}
}

// mediaPart has no fill: newMessage reads the files.
func mediaPart(f *pflag.FlagSet, media *[]string) messagePart {
	f.StringArrayVar(media, "media", nil, "`file` to send, its type found by its content; may be repeated")
	return messagePart{flag: "media", kind: true, example: `# a file with a caption; several files, each of which is a message of its own
--media photo.jpg "Look"
--media photo.jpg --media voice.ogg`}
}

func locationPart(f *pflag.FlagSet) messagePart {
	location := f.String("location", "", "location to send, as `LATITUDE,LONGITUDE`")
	label := f.String("label", "", "`name` of the location's place")
	address := f.String("address", "", "`address` of the location's place")
	return messagePart{flag: "location", kind: true, with: []string{"label", "address"},
		fill: func(m *control.NewMessage) error {
			l, err := whatsapp.ParseLocation(*location)
			if err != nil {
				return badUsage("--%w", err)
			}
			l.Label, l.Address = *label, *address
			m.Location = &l
			return nil
		},
		example: `# a location, with the name of the place or without
--location -33.4372,-70.6506 --label "Plaza de Armas"`}
}

func contactPart(f *pflag.FlagSet) messagePart {
	contact := f.String("contact", "", "contact to send, as `NAME,NUMBER`")
	return messagePart{flag: "contact", kind: true,
		fill:    func(m *control.NewMessage) (err error) { m.Contact, err = parseContact(*contact); return err },
		example: "# a contact\n" + `--contact "Grace Hopper,+15558675312"`}
}

func buttonPart(f *pflag.FlagSet) messagePart {
	button := f.String("button", "", "`text` of the button of a template that is tapped")
	payload := f.String("button-payload", "", "what the sender gave the button (default what its template says, or its `text`)")
	interactive := f.Bool("interactive", false, "the button is one of an interactive message, not of a template")
	return messagePart{flag: "button", kind: true, with: []string{"button-payload", "interactive"},
		fill: func(m *control.NewMessage) error {
			m.Button = &whatsapp.Button{Text: *button, Payload: *payload, Interactive: *interactive}
			return nil
		},
		example: `# a tap on a template's button, and on one of an interactive message
--button Confirm --button-payload confirm_1
--button Confirm --interactive`}
}

func listPart(f *pflag.FlagSet) messagePart {
	title := f.String("list-title", "", "`title` of the row of a list that is tapped")
	id := f.String("list-id", "", "`id` of that row")
	return messagePart{flag: "list-title", kind: true, with: []string{"list-id"}, needs: "list-id",
		fill: func(m *control.NewMessage) error {
			m.ListChoice = &whatsapp.ListChoice{ID: *id, Title: *title}
			return nil
		},
		example: "# a row of a list\n" + `--list-title "Tomorrow at 9" --list-id slot_9`}
}

func replyPart(f *pflag.FlagSet) messagePart {
	replyTo := f.String("reply-to", "", "`SID` of the message that is answered, or that has the button or the list")
	return messagePart{flag: "reply-to", fill: func(m *control.NewMessage) error { m.ReplyTo = *replyTo; return nil },
		example: "# an answer to a message, by its SID\n" + `--reply-to SM0123456789abcdef0123456789abcdef "Yes"`}
}

func forwardedPart(f *pflag.FlagSet) messagePart {
	forwarded := f.Bool("forwarded", false, "the message comes from another chat")
	return messagePart{flag: "forwarded", fill: func(m *control.NewMessage) error { m.Forwarded = *forwarded; return nil },
		example: "# forwarded\n" + `--forwarded "Have you heard?"`}
}

func frequentlyForwardedPart(f *pflag.FlagSet) messagePart {
	forwarded := f.Bool("frequently-forwarded", false, "the message has gone through many chats")
	return messagePart{flag: "frequently-forwarded", fill: func(m *control.NewMessage) error { m.FrequentlyForwarded = *forwarded; return nil }}
}

func referralPart(f *pflag.FlagSet) messagePart {
	referral := f.String("referral", "", "advertisement that the chat began with, as a `JSON` object")
	return messagePart{flag: "referral", fill: func(m *control.NewMessage) (err error) { m.Referral, err = parseReferral(*referral); return err },
		example: `# the first message after a click-to-WhatsApp advertisement, with the control API's field names
--referral '{"source_type":"ad","headline":"Half price"}' "Is this still on?"`}
}

func unsupportedPart(c *cobra.Command) messagePart {
	kind := &choice{words: whatsapp.UnsupportedKinds()}
	c.Flags().Var(kind, "unsupported", "send what Twilio has no webhook for: it is dropped and logged")
	complete(c, "unsupported", kind.words...)
	return messagePart{flag: "unsupported", kind: true, alone: true,
		fill:    func(m *control.NewMessage) error { m.Unsupported = kind.value; return nil },
		example: "# what Twilio has no webhook for\n--unsupported reaction"}
}

// sendExamples are the examples of phone send: those of a text, and those of each part.
func sendExamples(parts []messagePart) string {
	text := sendExample
	for _, part := range parts {
		if part.example == "" {
			continue
		}
		text += "\n"
		for _, line := range strings.Split(part.example, "\n") {
			if strings.HasPrefix(line, "--") {
				line = "cloudforgot phone send --from " + defaultPhone + " " + line
			}
			text += "\n  " + line
		}
	}
	return text
}

func (p process) phoneSendCommand() *cobra.Command {
	var flags sendFlags
	c := &cobra.Command{
		Use:   "send [TEXT]",
		Short: "Write to the sandbox",
		Long:  sendLong,
		Args:  arguments(0, 1, "one text", ""),
	}
	f := c.Flags()
	f.SortFlags = false // what belongs together stands together
	flags.all = f
	flags.from = fromFlag(c)
	f.StringVar(&flags.to, "to", "", "`number` that it writes to (default the sandbox's)")
	f.StringVar(&flags.profileName, "profile-name", "", "`name` that the phone's owner has from now on")
	flags.parts = messageParts(c, &flags.media)
	c.Example = sendExamples(flags.parts)
	f.BoolVar(&flags.wait, "wait", true, "wait for what follows, and show it")
	f.DurationVar(&flags.timeout, "timeout", 30*time.Second, "`time` to wait at most")
	flags.output = outputFlag(c)
	url := addURLFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		client, err := url.client()
		if err != nil {
			return err
		}
		return p.send(c.Context(), client, flags, args)
	}
	return c
}

func (p process) send(ctx context.Context, client *control.Client, flags sendFlags, args []string) error {
	wanted, err := p.newMessage(flags, args)
	if err != nil {
		return err
	}
	result, err := wanted.send(ctx, client)
	if err != nil {
		return err
	}
	waits := flags.wait && !result.dropped()
	if waits {
		err = result.await(ctx, client, flags.timeout)
	}
	return errors.Join(p.print(flags.output, result, func() error { return p.printOutcome(result, waits) }), err)
}

// given reports whether a flag was given a value. An empty one counts as none.
func (f sendFlags) given(name string) bool {
	flag := f.all.Lookup(name)
	return flag.Value.String() != flag.DefValue
}

// check refuses flags that contradict each other, or that say nothing without another.
func (f sendFlags) check(text string) error {
	var kinds, given []string
	alone := ""
	for _, part := range f.parts {
		is := f.given(part.flag)
		for _, with := range part.with {
			if f.given(with) && !is {
				return badUsage("--%s says nothing without --%s", with, part.flag)
			}
		}
		if !is {
			continue
		}
		if part.needs != "" && !f.given(part.needs) {
			return badUsage("--%s says nothing without --%s", part.flag, part.needs)
		}
		if part.alone {
			alone = part.flag
		} else {
			given = append(given, "--"+part.flag)
		}
		if part.kind {
			kinds = append(kinds, "--"+part.flag)
		}
	}
	if text != "" {
		given = append(given, "a text")
	}
	switch {
	case len(kinds) > 1:
		return badUsage("%s contradict each other: a message is one thing, so send one after the other", strings.Join(kinds, " and "))
	case alone != "" && len(given) > 0:
		return badUsage("--%s stands alone, without %s: nothing is kept of what Twilio has no webhook for", alone, strings.Join(given, " and "))
	case len(kinds) == 0 && text == "":
		return badUsage("there is nothing to send: give a text, a file with --media, or another kind of message")
	}
	return nil
}

// outgoing is a message that is to be sent: who sends it, the message, and the files that go with it.
type outgoing struct {
	number  string
	message control.NewMessage
	files   []control.NewFile
}

// newMessage makes a message of what was typed.
func (p process) newMessage(flags sendFlags, args []string) (wanted outgoing, err error) {
	if wanted.number, err = flags.from(); err != nil {
		return wanted, err
	}
	text := strings.Join(args, "") // one, or none
	if err := flags.check(text); err != nil {
		return wanted, err
	}
	wanted.message = control.NewMessage{Body: text, ProfileName: flags.profileName}
	for _, part := range flags.parts {
		if flags.given(part.flag) && part.fill != nil {
			if err := part.fill(&wanted.message); err != nil {
				return wanted, err
			}
		}
	}
	if flags.to != "" {
		if wanted.message.To, err = phoneNumber(flags.to); err != nil {
			return wanted, err
		}
	}
	if text == "-" {
		if wanted.message.Body, err = p.readText(); err != nil {
			return wanted, err
		}
	}
	if len(flags.media) > whatsapp.MaxAlbum {
		return wanted, badUsage("--media is given %d times: an album has %d files at most", len(flags.media), whatsapp.MaxAlbum)
	}
	for _, path := range flags.media {
		file, err := control.ReadFile(path)
		if err != nil {
			return wanted, err
		}
		wanted.files = append(wanted.files, file)
	}
	return wanted, nil
}

// readText reads the text of a message from stdin.
func (p process) readText() (string, error) {
	text, err := io.ReadAll(io.LimitReader(p.stdin, whatsapp.MaxText*4+1)) // the emulator counts and refuses a longer one
	if err != nil {
		return "", fmt.Errorf("stdin cannot be read: %w", err)
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}

// send sends the message: without a file, with one, or several files as an album.
func (o outgoing) send(ctx context.Context, client *control.Client) (outcome, error) {
	if len(o.files) > 1 {
		sent, err := client.SendAlbum(ctx, o.number, o.message, o.files)
		if err != nil || len(sent) == 0 {
			return outcome{}, err
		}
		return outcome{Message: sent[0], Album: sent, ConversationSID: sent[0].ConversationSID, Answers: []whatsapp.Message{}}, nil
	}
	if len(o.files) == 1 {
		o.message.File = &o.files[0]
	}
	sent, err := client.SendMessage(ctx, o.number, o.message)
	return outcome{Message: sent, ConversationSID: sent.ConversationSID, Answers: []whatsapp.Message{}}, err
}

// parseContact reads a name and, behind the last comma, a number.
func parseContact(typed string) (*whatsapp.Contact, error) {
	comma := strings.LastIndexByte(typed, ',')
	if comma <= 0 {
		return nil, badUsage(`--contact %q: it must be a name and a number, such as "Grace Hopper,+15558675312"`, typed)
	}
	number, err := phoneNumber(typed[comma+1:])
	return &whatsapp.Contact{Name: strings.TrimSpace(typed[:comma]), Phone: number}, err
}

// parseReferral reads an advertisement as the control API has it. A field that does not exist is most likely misspelt.
func parseReferral(typed string) (*whatsapp.Referral, error) {
	d := json.NewDecoder(strings.NewReader(typed))
	d.DisallowUnknownFields()
	referral := new(whatsapp.Referral)
	err := d.Decode(referral)
	if err == nil && d.More() {
		err = errors.New("something stands behind it")
	}
	if err != nil {
		return nil, badUsage(`--referral %q: it must be a JSON object such as {"source_type":"ad","headline":"Half price"} (%s)`, typed,
			strings.TrimPrefix(err.Error(), "json: "))
	}
	return referral, nil
}
