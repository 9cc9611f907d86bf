package conversations

import (
	"errors"
	"sync"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// A thousand attempts of two accounts to bind one pair of numbers on a shared sender: one succeeds, and the error of every other
// has the SID of the conversation that holds the pair. Reference, WhatsApp 1.9.
func TestCreateParticipantConcurrently(t *testing.T) {
	t.Parallel()
	const attempts, other = 1000, "ACfedcba9876543210fedcba9876543210"
	w := newWorld(t, WebhookConfig{})
	if _, err := w.api.CreateAccount(w.ctx, Account{SID: other, AuthToken: testToken}); err != nil {
		t.Fatal(err)
	}
	scopes := []Scope{w.rest, {AccountSID: other}}
	contenders := make([]string, attempts) // the conversations
	for i := range contenders {
		c, err := w.api.CreateConversation(w.ctx, scopes[i%2], ConversationParams{})
		if err != nil {
			t.Fatal(err)
		}
		contenders[i] = c.SID
	}
	address, proxy := "whatsapp:+15558675310", testSender
	var p CreateParticipantParams
	p.MessagingBinding.Address, p.MessagingBinding.ProxyAddress = &address, &proxy
	start, results := make(chan struct{}), make([]error, attempts)
	var done sync.WaitGroup
	for i, conversation := range contenders {
		done.Go(func() {
			<-start
			_, results[i] = w.api.CreateParticipant(w.ctx, scopes[i%2], conversation, p)
		})
	}
	close(start)
	done.Wait()
	winner := ""
	for i, err := range results {
		if err == nil {
			if winner != "" {
				t.Fatalf("%s and %s both hold the pair", winner, contenders[i])
			}
			winner = contenders[i]
		}
	}
	if winner == "" {
		t.Fatalf("nobody holds the pair; the first error is %v", results[0])
	}
	for i, err := range results {
		var refused *twilio.Error
		if err != nil && (!errors.As(err, &refused) || *refused != *errBindingExists(winner)) {
			t.Fatalf("the error of attempt %d is %v, want that %s holds the pair", i, err, winner)
		}
	}
	held, scope, err := w.api.FindSharedBinding(w.ctx, address, proxy)
	if err != nil || held.ConversationSID != winner || scope.AccountSID != held.AccountSID {
		t.Errorf("the pair is held by %+v in %+v, %v; want %s", held, scope, err, winner)
	}
}
