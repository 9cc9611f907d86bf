package steps

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// firstNumber is the number of the phone that a scenario names first; the next phones have the next numbers.
const firstNumber = 15558675310

func (w *World) phoneSteps() []definition {
	return []definition{
		{form: "{phone}'s phone", run: w.Phone},
		{form: "{phone}'s phone with the number {text}", run: w.PhoneWithNumber},
		{form: "{phone}'s phone has joined {account}'s sandbox", run: w.PhoneHasJoined},
		{form: "{phone}'s phone sends {text}", run: w.PhoneSends, beside: true},
		{form: "{phone}'s phone sends a {file}", run: w.PhoneSendsFile, beside: true},
		{form: "{phone}'s phone sends a {file} with the caption {text}", run: w.PhoneSendsCaption},
		{form: "{phone}'s phone receives {text}", run: w.PhoneReceives},
		{form: "{phone}'s phone receives a text with {text}", run: w.PhoneReceivesTextWith},
		{form: "{phone}'s phone receives nothing", run: w.PhoneReceivesNothing},
		{form: "{phone}'s phone is in {account}'s sandbox for {duration}", run: w.PhoneIsIn},
		{form: "{phone}'s phone is in no sandbox", run: w.PhoneIsInNone},
	}
}

// Phone gives somebody a phone. The first of a scenario has the number +15558675310, the second the next one; its
// profile name is that of its owner.
func (w *World) Phone(_ context.Context, owner string) error {
	if _, ok := w.phones[owner]; ok {
		return fmt.Errorf("%s has a phone already", owner)
	}
	w.phones[owner] = &phone{name: owner, number: fmt.Sprintf("+%d", firstNumber+len(w.phones))}
	return nil
}

// PhoneWithNumber gives somebody a phone with a number of any country, with + and country code.
func (w *World) PhoneWithNumber(ctx context.Context, owner, number string) error {
	number, err := whatsapp.ParseNumber(number)
	if err != nil {
		return err
	}
	if err := w.Phone(ctx, owner); err != nil {
		return err
	}
	w.phones[owner].number = number
	return nil
}

// PhoneHasJoined lets a phone, new or known, join an account's sandbox, and reads the confirmation.
func (w *World) PhoneHasJoined(ctx context.Context, owner, accountName string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	if _, ok := w.phones[owner]; !ok {
		if err := w.Phone(ctx, owner); err != nil {
			return err
		}
	}
	p := w.phones[owner]
	joined, err := w.control.Join(ctx, p.number, a.Sandbox.JoinCode)
	if err != nil {
		return err
	}
	p.known.Store(joined.Address())
	unread, err := w.unread(ctx, p)
	if len(unread) > 0 {
		p.read = unread[len(unread)-1].Seq
	}
	return err
}

// PhoneSends sends a text to the sandbox: a message, "join acme-sandbox" or "stop".
func (w *World) PhoneSends(ctx context.Context, owner, body string) error {
	return w.phoneSends(ctx, owner, control.NewMessage{Body: body})
}

// PhoneSendsFile sends a file without a caption.
func (w *World) PhoneSendsFile(ctx context.Context, owner, file string) error {
	return w.PhoneSendsCaption(ctx, owner, file, "")
}

// PhoneSendsCaption sends a file with a caption.
func (w *World) PhoneSendsCaption(ctx context.Context, owner, file, caption string) error {
	name := fileOf(file)
	content, err := fixtures.Read(name)
	if err != nil {
		return err
	}
	return w.phoneSends(ctx, owner, control.NewMessage{Body: caption, File: &control.NewFile{Filename: name, Content: content}})
}

func (w *World) phoneSends(ctx context.Context, owner string, m control.NewMessage) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	m.ProfileName = owner
	if _, err := w.control.SendMessage(ctx, p.number, m); err != nil || p.knownAddress() == "" {
		return err
	}
	return w.learnAddress(ctx, p) // it may have joined or left
}

// learnAddress asks how the account of a phone's sandbox knows it.
func (w *World) learnAddress(ctx context.Context, p *phone) error {
	found, err := w.control.FetchPhone(ctx, p.number)
	if err == nil {
		p.known.Store(found.Address())
	}
	return err
}

// fileOf is the sample of what people send.
func fileOf(kind string) string {
	switch kind {
	case "photo":
		return fixtures.Photo
	case "sticker":
		return fixtures.Sticker
	case "song":
		return fixtures.Song
	case "voice note":
		return fixtures.Voice
	case "video":
		return fixtures.Video
	case "contact card":
		return fixtures.Contact
	}
	return fixtures.Invoice
}

// PhoneReceives reads the oldest unread message on the phone, which must be this text.
func (w *World) PhoneReceives(ctx context.Context, owner, text string) error {
	return w.receives(ctx, owner, func(body string) error {
		if body != text {
			return fmt.Errorf("%s's phone received %q, not %q", owner, body, text)
		}
		return nil
	})
}

// PhoneReceivesTextWith reads the oldest unread message on the phone, which must contain this text.
func (w *World) PhoneReceivesTextWith(ctx context.Context, owner, part string) error {
	return w.receives(ctx, owner, func(body string) error {
		if !strings.Contains(body, part) {
			return fmt.Errorf("%s's phone received %q, which does not contain %q", owner, body, part)
		}
		return nil
	})
}

func (w *World) receives(ctx context.Context, owner string, check func(body string) error) error {
	m, err := w.oldest(ctx, owner)
	if err != nil {
		return err
	}
	return check(m.Body)
}

// oldest reads the oldest unread message on a phone.
func (w *World) oldest(ctx context.Context, owner string) (whatsapp.Message, error) {
	p, err := w.phone(owner)
	if err != nil {
		return whatsapp.Message{}, err
	}
	unread, err := w.unread(ctx, p)
	if err != nil {
		return whatsapp.Message{}, err
	}
	if len(unread) == 0 {
		return whatsapp.Message{}, fmt.Errorf("%s's phone received nothing (more)", owner)
	}
	p.read = unread[0].Seq
	return unread[0], nil
}

// PhoneReceivesNothing checks that the phone has no unread message.
func (w *World) PhoneReceivesNothing(ctx context.Context, owner string) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	unread, err := w.unread(ctx, p)
	if err == nil && len(unread) > 0 {
		err = fmt.Errorf("%s's phone received %q", owner, unread[0].Body)
	}
	return err
}

// unread are the messages on a phone that the scenario has not spoken of, oldest first.
func (w *World) unread(ctx context.Context, p *phone) (list []whatsapp.Message, _ error) {
	all, err := w.control.ListMessages(ctx, p.number, p.read, 0)
	for _, m := range all {
		if m.Direction != whatsapp.DirectionInbound {
			list = append(list, m)
		}
	}
	return list, err
}

// PhoneIsIn checks whose sandbox the phone is in, and for how much longer.
func (w *World) PhoneIsIn(ctx context.Context, owner, accountName string, length time.Duration) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	m, err := w.membership(ctx, owner)
	if err != nil {
		return err
	}
	clock, err := w.control.FetchClock(ctx)
	switch {
	case err != nil:
		return err
	case m == nil:
		return fmt.Errorf("%s's phone is in no sandbox", owner)
	case m.AccountSID != a.SID:
		return fmt.Errorf("%s's phone is in the sandbox of account %s", owner, m.AccountSID)
	}
	if left := m.ExpiresAt.Sub(clock.Now); left != length {
		return fmt.Errorf("%s's phone is in %s's sandbox for %s", owner, accountName, left)
	}
	return nil
}

// PhoneIsInNone checks that the phone is in no sandbox, or not any more.
func (w *World) PhoneIsInNone(ctx context.Context, owner string) error {
	m, err := w.membership(ctx, owner)
	if err == nil && m != nil {
		err = fmt.Errorf("%s's phone is in the sandbox of account %s until %s", owner, m.AccountSID, m.ExpiresAt)
	}
	return err
}

func (w *World) membership(ctx context.Context, owner string) (*whatsapp.Membership, error) {
	p, err := w.phone(owner)
	if err != nil {
		return nil, err
	}
	found, err := w.control.FetchPhone(ctx, p.number)
	return found.Membership, err
}
