package whatsapp_test

import (
	"regexp"
	"testing"

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
