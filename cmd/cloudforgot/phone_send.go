package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const sendLong = `Send a text, a file, or a file with a caption from a phone to the sandbox. The text "-" is read from stdin.

The command waits until nothing is under way in the emulator and its bridges, and shows what came of the message: the
conversation that holds it, and what the phone got in answer. --wait=false only hands it over.`

const sendExample = `  cloudforgot phone send --from +15558675310 "Hola"

  # a file, with a caption
  cloudforgot phone send --from +15558675310 --media photo.jpg "Look"

  # a longer text, as another profile
  cloudforgot phone send --from +15558675310 --profile-name Ana - < letter.txt`

// sendFlags are the flags of phone send.
type sendFlags struct {
	from                   func() (string, error)
	to, media, profileName string
	wait                   bool
	timeout                time.Duration
	output                 *choice
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
	url := addURLFlag(c)
	flags.from = fromFlag(c)
	f := c.Flags()
	f.StringVar(&flags.to, "to", "", "`number` that it writes to (default the sandbox's)")
	f.StringVar(&flags.media, "media", "", "`file` to send; its type is found by its content")
	f.StringVar(&flags.profileName, "profile-name", "", "`name` that the phone's owner has from now on")
	f.BoolVar(&flags.wait, "wait", true, "wait for what follows, and show it")
	f.DurationVar(&flags.timeout, "timeout", 30*time.Second, "`time` to wait at most")
	flags.output = outputFlag(c)
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
	number, err := flags.from()
	if err != nil {
		return err
	}
	wanted, err := p.newMessage(flags, args)
	if err != nil {
		return err
	}
	sent, err := client.SendMessage(ctx, number, wanted)
	if err != nil {
		return err
	}
	result := outcome{Message: sent, Answers: []whatsapp.Message{}, ConversationSID: sent.ConversationSID}
	if flags.wait {
		err = result.await(ctx, client, flags.timeout)
	}
	return errors.Join(p.print(flags.output, result, func() error { return p.printOutcome(result, flags.wait) }), err)
}

// newMessage makes a message of what was typed.
func (p process) newMessage(flags sendFlags, args []string) (control.NewMessage, error) {
	wanted := control.NewMessage{ProfileName: flags.profileName}
	if flags.to != "" {
		to, err := phoneNumber(flags.to)
		if err != nil {
			return wanted, err
		}
		wanted.To = to
	}
	if len(args) > 0 {
		wanted.Body = args[0]
	}
	if wanted.Body == "-" {
		text, err := io.ReadAll(io.LimitReader(p.stdin, whatsapp.MaxText*4+1)) // the emulator counts and says what is too long
		if err != nil {
			return wanted, fmt.Errorf("stdin cannot be read: %w", err)
		}
		wanted.Body = strings.TrimSuffix(string(text), "\n")
	}
	if flags.media == "" {
		if wanted.Body == "" {
			return wanted, badUsage("there is nothing to send: give a text, a file with --media, or both")
		}
		return wanted, nil
	}
	file, err := readFile(flags.media)
	wanted.File = file
	return wanted, err
}

// readFile reads a file that a phone sends.
func readFile(path string) (*control.NewFile, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file that can be sent", path)
	case info.Size() > whatsapp.MaxFile:
		return nil, fmt.Errorf("%s has %d bytes: WhatsApp takes %d at most", path, info.Size(), whatsapp.MaxFile)
	}
	content, err := os.ReadFile(path) //nolint:gosec // the user names it
	return &control.NewFile{Filename: filepath.Base(path), Content: content}, err
}
