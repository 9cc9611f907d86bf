package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const sendLong = `Send a message from a phone to the sandbox: a text, files, or another of the kinds that WhatsApp has. The text "-" is
read from stdin.

A message is one thing: a text, files with a text or without, a location, a contact, a button, a choice from a list.
Each can be an answer (--reply-to), be forwarded, or come from an advertisement (--referral).

The command waits until nothing is under way in the emulator and its bridges, and shows what came of the message: the
conversation that holds it, and what the phone got in answer. --wait=false only hands it over.`

const sendExample = `  cloudforgot phone send --from +15558675310 "Hola"

  # a file with a caption; several files, each of which is a message of its own
  cloudforgot phone send --from +15558675310 --media photo.jpg "Look"
  cloudforgot phone send --from +15558675310 --media photo.jpg --media voice.ogg

  # a location, with the name of the place or without; a contact
  cloudforgot phone send --from +15558675310 --location -33.4372,-70.6506 --label "Plaza de Armas"
  cloudforgot phone send --from +15558675310 --contact "Grace Hopper,+15558675312"

  # an answer to a message, by its SID
  cloudforgot phone send --from +15558675310 --reply-to SM0123456789abcdef0123456789abcdef "Yes"

  # a tap on a template's button, on one of an interactive message, and on a row of a list
  cloudforgot phone send --from +15558675310 --button Confirm --button-payload confirm_1
  cloudforgot phone send --from +15558675310 --button Confirm --interactive
  cloudforgot phone send --from +15558675310 --list-title "Tomorrow at 9" --list-id slot_9

  # forwarded; the first message after a click-to-WhatsApp advertisement, with the control API's field names
  cloudforgot phone send --from +15558675310 --forwarded "Have you heard?"
  cloudforgot phone send --from +15558675310 --referral '{"source_type":"ad","headline":"Half price"}' "Is this still on?"

  # what Twilio has no webhook for
  cloudforgot phone send --from +15558675310 --unsupported reaction

  # a longer text, as another profile
  cloudforgot phone send --from +15558675310 --profile-name Ana - < letter.txt`

// sendFlags are the flags of phone send.
type sendFlags struct {
	from            func() (string, error)
	to, profileName string
	content         contentFlags
	wait            bool
	timeout         time.Duration
	output          *choice
}

func (p process) phoneSendCommand() *cobra.Command {
	var flags sendFlags
	c := &cobra.Command{
		Use:     "send [TEXT]",
		Short:   "Write to the sandbox",
		Long:    sendLong,
		Example: sendExample,
		Args:    arguments(0, 1, "one text", ""),
	}
	f := c.Flags()
	f.SortFlags = false // what belongs together stands together
	flags.from = fromFlag(c)
	f.StringVar(&flags.to, "to", "", "`number` that it writes to (default the sandbox's)")
	f.StringVar(&flags.profileName, "profile-name", "", "`name` that the phone's owner has from now on")
	flags.content.add(c)
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
	result, err := wanted.handOver(ctx, client)
	if err != nil {
		return err
	}
	waits := flags.wait && !result.dropped()
	if waits {
		err = result.await(ctx, client, flags.timeout)
	}
	return errors.Join(p.print(flags.output, result, func() error { return p.printOutcome(result, waits) }), err)
}

// outgoing is what is to be sent: who sends it, the message, and the files that go with it.
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
	text := ""
	if len(args) > 0 {
		text = args[0]
	}
	if wanted.message, err = flags.content.message(text); err != nil {
		return wanted, err
	}
	wanted.message.ProfileName = flags.profileName
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
	wanted.files, err = readFiles(flags.content.media)
	return wanted, err
}

// handOver sends it: without a file, with one, or several files as an album.
func (o outgoing) handOver(ctx context.Context, client *control.Client) (outcome, error) {
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
