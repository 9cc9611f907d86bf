package steps

import (
	"context"
	"fmt"
	"net/url"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func (w *World) behaviourSteps() []definition {
	return []definition{
		{form: "{phone}'s phone is offline", run: w.PhoneIsOffline},
		{form: "{phone}'s phone is online again", run: w.PhoneIsOnline},
		{form: "{phone}'s phone has blocked the business", run: w.PhoneHasBlocked},
		{form: "{phone}'s phone sends no read receipts", run: w.PhoneSendsNoReceipts},
		{form: "{phone}'s phone has the username {text}", run: w.PhoneHasUsername},
		{form: "{phone}'s phone has no username", run: w.PhoneHasNoUsername},
		{form: "{account} shows {phone}'s phone that it is typing", run: w.ShowsTyping},
		{form: "{phone}'s phone sees that somebody is typing", run: w.PhoneSeesTyping},
		{form: "{phone}'s phone sees nobody typing", run: w.PhoneSeesNobodyTyping},
		{form: "{account}'s message {text} becomes {status}", run: w.MessageBecomes},
	}
}

// PhoneIsOffline lets a phone miss what is sent to it, until it is back.
func (w *World) PhoneIsOffline(ctx context.Context, owner string) error {
	yes := true
	return w.behave(ctx, owner, whatsapp.BehaviourParams{Offline: &yes})
}

// PhoneIsOnline brings a phone back: it gets what was sent meanwhile.
func (w *World) PhoneIsOnline(ctx context.Context, owner string) error {
	no := false
	return w.behave(ctx, owner, whatsapp.BehaviourParams{Offline: &no})
}

// PhoneHasBlocked lets everything that is written to a phone fail with 63014.
func (w *World) PhoneHasBlocked(ctx context.Context, owner string) error {
	yes := true
	return w.behave(ctx, owner, whatsapp.BehaviourParams{Blocked: &yes})
}

// PhoneSendsNoReceipts makes delivered the last status of what is written to a phone.
func (w *World) PhoneSendsNoReceipts(ctx context.Context, owner string) error {
	no := false
	return w.behave(ctx, owner, whatsapp.BehaviourParams{ReadReceipts: &no})
}

// PhoneHasUsername gives a phone a username: what it writes from now on shows no number.
func (w *World) PhoneHasUsername(ctx context.Context, owner, username string) error {
	return w.behave(ctx, owner, whatsapp.BehaviourParams{Username: &username})
}

// PhoneHasNoUsername lets a phone show its number again.
func (w *World) PhoneHasNoUsername(ctx context.Context, owner string) error {
	none := ""
	return w.behave(ctx, owner, whatsapp.BehaviourParams{Username: &none})
}

// ShowsTyping sends a typing indicator in answer to the newest message that the phone has written to the account.
func (w *World) ShowsTyping(ctx context.Context, accountName, owner string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	thread, err := w.control.ListMessages(ctx, p.number, 0, 0)
	if err != nil {
		return err
	}
	newest := ""
	for _, m := range thread {
		if m.Direction == whatsapp.DirectionInbound && m.AccountSID == a.SID {
			newest = m.SID
		}
	}
	if newest == "" {
		return fmt.Errorf("%s's phone has written nothing to %s", owner, accountName)
	}
	res, err := a.requester.SendRequest("POST", "https://messaging.twilio.com/v2/Indicators/Typing.json",
		url.Values{"channel": {"whatsapp"}, "messageId": {newest}}, map[string]any{"Content-Type": "application/x-www-form-urlencoded"})
	if err == nil {
		err = res.Body.Close()
	}
	return w.attempt("the typing indicator", err)
}

// PhoneSeesTyping checks that the phone shows a sender that is typing.
func (w *World) PhoneSeesTyping(ctx context.Context, owner string) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	shown, err := w.control.FetchPhone(ctx, p.number)
	if err == nil && shown.Typing == nil {
		err = fmt.Errorf("%s's phone sees nobody typing", owner)
	}
	return err
}

// PhoneSeesNobodyTyping checks that the phone shows no sender that is typing.
func (w *World) PhoneSeesNobodyTyping(ctx context.Context, owner string) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	shown, err := w.control.FetchPhone(ctx, p.number)
	if err == nil && shown.Typing != nil {
		err = fmt.Errorf("%s's phone sees %s typing", owner, shown.Typing.From)
	}
	return err
}

func (w *World) behave(ctx context.Context, owner string, p whatsapp.BehaviourParams) error {
	found, err := w.phone(owner)
	if err != nil {
		return err
	}
	updated, err := w.control.UpdateBehaviour(ctx, found.number, p)
	if err == nil {
		found.known.Store(updated.Address())
	}
	return err
}

// MessageBecomes moves the newest message of an account with a text on by hand.
func (w *World) MessageBecomes(ctx context.Context, accountName, body, status string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	m, err := w.logged(a, body)
	if err != nil {
		return err
	}
	if _, err = w.control.UpdateStatus(ctx, m.SID, whatsapp.StatusChange{Status: twilio.Status(status)}); err != nil {
		return fmt.Errorf("%s's message %q: %w", accountName, body, err)
	}
	return nil
}
