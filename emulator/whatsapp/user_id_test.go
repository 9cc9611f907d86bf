package whatsapp_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// adaOfAcme is the ID of ada's phone for acme. It must stay: applications keep such IDs.
const adaOfAcme = "whatsapp:US.3866418659601009723"

// userID returns the ExternalUserId of the last webhook.
func (w *world) userID(t testing.TB) string {
	t.Helper()
	w.settle(t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.told) == 0 {
		t.Fatal("no webhook has come")
	}
	return w.told[len(w.told)-1].PostForm.Get("ExternalUserId")
}

// An ID begins with the country of the number.
func TestExternalUserIDCountry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for phone, country := range map[string]string{
		"+15558675310": "US", "+12125550100": "US", "+14165550100": "CA", "+18765550100": "JM", "+17875550100": "PR",
		"+5511987654321": "BR", "+491701234567": "DE", "+447700900123": "GB", "+441534700123": "JE", "+6281234567890": "ID",
		"+393331234567": "IT", "+390669812345": "VA", "+79161234567": "RU", "+77011234567": "KZ", "+33612345678": "FR",
		"+351912345678": "PT", "+59991234567": "CW", "+5997123456": "BQ", "+9991234567": "ZZ",
	} {
		w.send(t, phone, "join acme-code")
		w.send(t, phone, "Hola")
		if id, form := w.userID(t), `^whatsapp:`+country+`\.[0-9A-Za-z]{1,128}$`; !regexp.MustCompile(form).MatchString(id) {
			t.Errorf("%s has the ID %q, want the form %s", phone, id, form)
		}
	}
}

// An ID is that of one user for one business, whatever the user sends and to whichever sender.
func TestExternalUserIDIsOfPair(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	w.send(t, ada, "Hola")
	first := w.userID(t)
	w.receive(t, whatsapp.Inbound{Details: whatsapp.Details{Button: &whatsapp.Button{Text: "Yes", Interactive: true}}})
	if again := w.userID(t); again != first {
		t.Errorf("the user has the ID %s, and %s with another message", first, again)
	}
	w.send(t, "+15558675311", "join acme-code")
	w.send(t, "+15558675311", "Hi")
	if other := w.userID(t); other == first {
		t.Errorf("two users have the ID %s", first)
	}
	w.send(t, ada, "join beta-code")
	w.send(t, ada, "Hola")
	if other := w.userID(t); other == first {
		t.Errorf("two businesses know the user by the ID %s", first)
	}
	restarted := newWorld(t)
	restarted.send(t, ada, "join acme-code")
	restarted.send(t, ada, "Hola")
	if again := restarted.userID(t); again != first {
		t.Errorf("the user has the ID %s after a restart, and had %s", again, first)
	}
}

func TestExternalUserIDNever(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set(t, `{"external_user_id":"never"}`)
	w.send(t, ada, "join acme-code")
	w.send(t, ada, "Hola")
	if id := w.userID(t); id != "" {
		t.Errorf("the webhook has ExternalUserId %s", id)
	}
}

// name gives ada's phone a username, or takes it away.
func (w *world) name(t testing.TB, username string) whatsapp.Phone {
	t.Helper()
	p, err := w.sandbox.UpdateBehaviour(context.Background(), ada, whatsapp.BehaviourParams{Username: &username})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A customer with a username has no number in the webhook.
func TestUsernameInWebhook(t *testing.T) {
	t.Parallel()
	const absent = "absent"
	for name, c := range map[string]struct {
		switches string
		want     map[string]string
	}{
		"as Twilio": {`{}`, map[string]string{"From": adaOfAcme, "WaId": absent, "ExternalUserId": adaOfAcme, "ProfileUsername": "ada",
			"Username": absent, "ParentExternalUserId": absent, "ProfileName": "Phone 5310"}},
		"the other name": {`{"username_parameter":"username"}`, map[string]string{"ProfileUsername": absent, "Username": "ada"}},
		"both names":     {`{"username_parameter":"both"}`, map[string]string{"ProfileUsername": "ada", "Username": "ada"}},
		"without the ID": {`{"external_user_id":"never"}`, map[string]string{"From": adaOfAcme, "ExternalUserId": absent, "WaId": absent}},
		"known of late":  {`{"username_hides_number":"unless-recent"}`, map[string]string{"From": "whatsapp:" + ada, "WaId": "15558675310", "ProfileUsername": "ada"}},
		"of an enterprise": {`{"parent_external_user_id":"always"}`, map[string]string{"From": adaOfAcme,
			"ParentExternalUserId": "whatsapp:US.ENT.12673774100275100175"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.set(t, c.switches)
			w.send(t, ada, "join acme-code")
			w.name(t, "@Ada")
			w.requests()
			w.send(t, ada, "Hola")
			told := w.requests()
			if len(told) != 1 {
				t.Fatalf("%d webhooks", len(told))
			}
			for parameter, want := range c.want {
				got := absent
				if told[0].PostForm.Has(parameter) {
					got = told[0].PostForm.Get(parameter)
				}
				if got != want {
					t.Errorf("%s is %q, want %q", parameter, got, want)
				}
			}
			if metadata := told[0].PostForm.Get("ChannelMetadata"); strings.Contains(metadata, "WaId") != (c.want["WaId"] != absent && c.want["WaId"] != "") {
				t.Errorf("ChannelMetadata is %s", metadata)
			}
		})
	}
}

// A number that was known is shown for 30 days, and shown again without a username.
func TestUsernameOfKnownCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set(t, `{"username_hides_number":"unless-recent","sandbox_ttl":"9000h"}`)
	w.send(t, ada, "join acme-code")
	w.name(t, "ada")
	from := func() string { return w.send(t, ada, "Hola").From }
	if got := from(); got != "whatsapp:"+ada {
		t.Errorf("a customer of today is %s", got)
	}
	w.advance(t, 31*24*time.Hour)
	if got := from(); got != adaOfAcme {
		t.Errorf("a customer of last month is %s", got)
	}
	w.name(t, "")
	if got := from(); got != "whatsapp:"+ada {
		t.Errorf("without a username the customer is %s", got)
	}
}

// An account writes to the ID as to the number: the same thread, window and membership. Nobody else can use the ID.
func TestMessageToExternalUserID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t)
	body, unknown := "Hi", "whatsapp:US.13491208655302741918"
	send := func(account, from, to string, p whatsapp.MessageParams) string {
		t.Helper()
		p.From, p.To = &from, &to
		m, err := w.sandbox.CreateMessage(t.Context(), account, p)
		if err != nil {
			t.Fatal(err)
		}
		if m.To != to || m.Status != twilio.StatusQueued {
			t.Fatalf("created %+v", m)
		}
		w.settle(t)
		return w.outcome(t, m)
	}
	text := whatsapp.MessageParams{Body: &body}
	template := whatsapp.MessageParams{ContentSid: new(whatsapp.TemplateAppointment)}
	w.set(t, `{"rate_interval":"0s"}`)
	if got := send(acme, whatsapp.SandboxNumber, adaOfAcme, text); got != "failed 63015" {
		t.Errorf("before the customer has written: %s", got)
	}
	w.send(t, ada, "join acme-code")
	w.name(t, "ada")
	for name, c := range map[string]struct{ account, from, to, want string }{
		"to the ID":               {acme, whatsapp.SandboxNumber, adaOfAcme, "read"},
		"to the number":           {acme, whatsapp.SandboxNumber, "whatsapp:" + ada, "read"},
		"by another account":      {beta, whatsapp.SandboxNumber, adaOfAcme, "failed 63015"},
		"to nobody":               {acme, whatsapp.SandboxNumber, unknown, "failed 63015"},
		"to nobody, by a sender":  {acme, registered, unknown, "failed 63003"},
		"outside a sender's time": {acme, registered, adaOfAcme, "failed 63016"},
	} {
		if got := send(c.account, c.from, c.to, text); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := send(acme, registered, adaOfAcme, template); got != "read" {
		t.Errorf("a template to the ID: %s", got)
	}
	if heard := w.heard(t, ada); !slices.Contains(heard, "Hi") {
		t.Errorf("the phone heard %q", heard)
	}
	w.advance(t, 25*time.Hour)
	if got := send(acme, whatsapp.SandboxNumber, adaOfAcme, text); got != "failed 63016" {
		t.Errorf("outside the window: %s", got)
	}
	w.advance(t, 48*time.Hour)
	if got := send(acme, whatsapp.SandboxNumber, adaOfAcme, text); got != "failed 63015" {
		t.Errorf("after the membership: %s", got)
	}
}

// A conversation that holds the ID captures what comes from it; one that holds the number does where a switch says so.
func TestCaptureByExternalUserID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address, switches string
		captured          bool
		author            string
	}{
		"the ID":                {adaOfAcme, `{}`, true, adaOfAcme},
		"the number":            {"whatsapp:" + ada, `{}`, false, ""},
		"the number, by switch": {"whatsapp:" + ada, `{"number_binding_captures":true}`, true, "whatsapp:" + ada},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.set(t, c.switches)
			w.send(t, ada, "join acme-code")
			w.name(t, "ada")
			scope := conversations.Scope{AccountSID: acme}
			conversation, err := w.api.CreateConversation(t.Context(), scope, conversations.ConversationParams{})
			if err != nil {
				t.Fatal(err)
			}
			proxy := whatsapp.SandboxNumber
			if _, err := w.api.CreateParticipant(t.Context(), scope, conversation.SID, conversations.CreateParticipantParams{
				MessagingBinding: conversations.BindingParams{Address: &c.address, ProxyAddress: &proxy}}); err != nil {
				t.Fatal(err)
			}
			m := w.send(t, ada, "Hola")
			if m.From != adaOfAcme || (m.ConversationSID == conversation.SID) != c.captured {
				t.Fatalf("message from %s is in conversation %q", m.From, m.ConversationSID)
			}
			if !c.captured {
				return
			}
			captured, err := w.api.FetchMessage(t.Context(), scope, conversation.SID, m.ConversationMessageSID)
			if err != nil || captured.Author != c.author {
				t.Errorf("the author is %q, %v", captured.Author, err)
			}
			w.settle(t)
			if heard := w.heard(t, ada); slices.Contains(heard, "Hola") {
				t.Error("the customer heard the own message")
			}
		})
	}
}

func TestUsernameForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for typed, want := range map[string]string{
		"ada": "ada", "@Ada.L_1815": "ada.l_1815", "": "", strings.Repeat("a", 35): strings.Repeat("a", 35),
		"ad": "!", strings.Repeat("a", 36): "!", "ada lovelace": "!", "adá": "!", "123": "!", ".ada": "!", "ada.": "!", "a..da": "!", "www.ada": "!",
	} {
		p, err := w.sandbox.UpdateBehaviour(t.Context(), ada, whatsapp.BehaviourParams{Username: &typed})
		if got := p.Username; (err != nil) != (want == "!") || err == nil && got != want {
			t.Errorf("%q is kept as %q, %v; want %q", typed, got, err, want)
		}
	}
	w.name(t, "ada")
	_, err := w.sandbox.UpdateBehaviour(t.Context(), "+15558675311", whatsapp.BehaviourParams{Username: new("ADA")})
	if want := `username "ada" is that of +15558675310 already`; err == nil || err.Error() != want {
		t.Errorf("a second phone: %v, want %s", err, want)
	}
}
