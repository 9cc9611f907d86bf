package steps

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	twilio "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// sandboxNumber is the sender that all sandboxes share.
const sandboxNumber = whatsapp.SandboxNumber

func (w *World) accountSteps() []definition {
	return []definition{
		{form: "account {account}", run: w.Account},
		{form: "{account} sends what comes in to {text}", run: w.SendsWhatComesIn},
		{form: "{account} sends what comes in to {text} by {method}", run: w.SendsWhatComesInBy},
		{form: "{account} has no URL for what comes in", run: w.HasNoInboundURL},
		{form: "{account} sends statuses to {text}", run: w.SendsStatuses},
		{form: "{account} has the sender {text}", run: w.HasSender},
		{form: "{account} logs in with an API key", run: w.LogsInWithKey},
		{form: "{account} logs in with its API key and a wrong secret", run: w.LogsInWithWrongSecret},
		{form: "{account} logs in with its token", run: w.LogsInWithToken},
		{form: "{account}'s API key is revoked", run: w.RevokeKey},
		{form: "{account}'s debugger shows {number}", run: w.DebuggerShows},
		{form: "{account}'s debugger shows nothing", run: w.DebuggerShowsNothing},
	}
}

// Account opens an account. Its SID and token follow from its name; the join code of its sandbox is the name in small
// letters with "-sandbox", and what comes in goes to Twilio's demo reply.
func (w *World) Account(ctx context.Context, name string) error {
	if _, ok := w.accounts[name]; ok {
		return fmt.Errorf("the scenario has account %s already", name)
	}
	sum := sha256.Sum256([]byte(name))
	wanted := control.NewAccount{SID: "AC" + hex.EncodeToString(sum[:16]), AuthToken: hex.EncodeToString(sum[16:]),
		JoinCode: slug(name) + "-sandbox"}
	opened, err := w.control.CreateAccount(ctx, wanted)
	if err != nil {
		return fmt.Errorf("account %s: %w", name, err)
	}
	a := &account{Account: opened, name: name, conversations: map[string]string{}}
	if err := w.logIn(a, a.SID, a.AuthToken); err != nil {
		return err
	}
	w.accounts[name] = a
	return nil
}

// slug is a name as a part of a join code or the name of a server.
func slug(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }

// SendsWhatComesIn is SendsWhatComesInBy with POST.
func (w *World) SendsWhatComesIn(ctx context.Context, accountName, server string) error {
	return w.SendsWhatComesInBy(ctx, accountName, server, http.MethodPost)
}

// SendsWhatComesInBy sets "when a message comes in" and its method. The server is a URL, the name of one that World.Handle
// has mounted, or else that of a recording endpoint, which begins to exist with this step.
func (w *World) SendsWhatComesInBy(ctx context.Context, accountName, server, method string) error {
	url, err := w.server(server)
	if err != nil {
		return err
	}
	return w.setInboundURL(ctx, accountName, url, method)
}

// HasNoInboundURL empties "when a message comes in": nobody is told.
func (w *World) HasNoInboundURL(ctx context.Context, accountName string) error {
	return w.setInboundURL(ctx, accountName, "", http.MethodPost)
}

func (w *World) setInboundURL(ctx context.Context, accountName, url, method string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	_, err = w.control.UpdateSandbox(ctx, a.SID, whatsapp.SettingsParams{InboundURL: &url, InboundMethod: &method})
	return err
}

// SendsStatuses sets the sandbox's status callback URL, to a server as in SendsWhatComesInBy.
func (w *World) SendsStatuses(ctx context.Context, accountName, server string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	url, err := w.server(server)
	if err != nil {
		return err
	}
	_, err = w.control.UpdateSandbox(ctx, a.SID, whatsapp.SettingsParams{StatusCallbackURL: &url})
	return err
}

// HasSender registers a WhatsApp sender ("whatsapp:+13115552368") of an account's own.
func (w *World) HasSender(ctx context.Context, accountName, address string) error {
	a, err := w.account(accountName)
	if err == nil {
		_, err = w.control.CreateSender(ctx, a.SID, address)
	}
	return err
}

// LogsInWithKey gives an account an API key, and has all that the account asks of Twilio from then on asked with it.
func (w *World) LogsInWithKey(ctx context.Context, accountName string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	key, err := w.control.CreateAPIKey(ctx, a.SID, control.NewAPIKey{})
	if err != nil {
		return err
	}
	a.key = key.SID
	return w.logIn(a, key.SID, key.Secret)
}

// LogsInWithWrongSecret makes an account use its API key, the one of LogsInWithKey, with a secret that is not the key's.
func (w *World) LogsInWithWrongSecret(_ context.Context, accountName string) error {
	a, err := w.account(accountName)
	if err == nil && a.key == "" {
		err = fmt.Errorf("%s has no API key yet", accountName)
	}
	if err != nil {
		return err
	}
	return w.logIn(a, a.key, "wrong")
}

// LogsInWithToken makes an account use its SID and token again.
func (w *World) LogsInWithToken(_ context.Context, accountName string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	return w.logIn(a, a.SID, a.AuthToken)
}

// RevokeKey revokes the API key that LogsInWithKey has made.
func (w *World) RevokeKey(ctx context.Context, accountName string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	return w.control.DeleteAPIKey(ctx, a.SID, a.key)
}

// logIn sets the credentials with which an account asks Twilio.
func (w *World) logIn(a *account, user, password string) (err error) {
	key := emulator.APIKey{SID: user, Secret: password}
	if w.emu != nil {
		a.requester = w.emu.RequesterForKey(a.SID, key)
	} else if a.requester, err = emulator.RequesterToKey(w.options.URL, a.SID, key); err != nil {
		return err
	}
	a.sdk = twilio.NewApiServiceWithClient(a.requester)
	return nil
}

// DebuggerShows checks that the account's debugger has an entry of a code, and no entry of another.
func (w *World) DebuggerShows(ctx context.Context, accountName string, code int) error {
	codes, err := w.debugger(ctx, accountName)
	if err != nil {
		return err
	}
	if len(codes) == 0 || slices.ContainsFunc(codes, func(c string) bool { return c != strconv.Itoa(code) }) {
		return fmt.Errorf("%s's debugger shows %s, not %d", accountName, list(codes), code)
	}
	return nil
}

// DebuggerShowsNothing checks that the account's debugger has no entries.
func (w *World) DebuggerShowsNothing(ctx context.Context, accountName string) error {
	codes, err := w.debugger(ctx, accountName)
	if err == nil && len(codes) > 0 {
		err = fmt.Errorf("%s's debugger shows %s", accountName, list(codes))
	}
	return err
}

// debugger returns the codes of an account's entries.
func (w *World) debugger(ctx context.Context, accountName string) ([]string, error) {
	a, err := w.account(accountName)
	if err != nil {
		return nil, err
	}
	events, err := w.control.ListEvents(ctx, w.events, 0)
	var codes []string
	for _, e := range events {
		if e.Type == conversations.Alerted && e.AccountSID == a.SID {
			codes = append(codes, e.Params.Get("ErrorCode"))
		}
	}
	return codes, err
}

// list names things in an error.
func list(things []string) string {
	if len(things) == 0 {
		return "nothing"
	}
	return strings.Join(things, ", ")
}
