package conversations

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

const business = "+15550001111"

// ada and grace are members of a group. The last is the number of the account in it.
var family = []string{`{"messaging_binding":{"address":"+15558675310"}}`, `{"messaging_binding":{"address":"+15558675311"}}`,
	`{"messaging_binding":{"projected_address":"` + business + `"},"identity":"shop"}`}

func member(address string) CreateParticipantParams {
	return CreateParticipantParams{MessagingBinding: BindingParams{Address: &address}}
}

// A group is initializing at first and then active. A message of one participant goes to every other phone from the number of the
// account.
func TestGroupTexting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	var mu sync.Mutex
	var sent []string
	outbox.Handle(w.api.outbox, func(_ context.Context, _ outbox.Job, args DeliveryJob) error {
		mu.Lock()
		defer mu.Unlock()
		p, err := w.api.FetchParticipant(w.ctx, args.Scope, args.ConversationSID, args.ParticipantSID)
		sent = append(sent, args.From+" to "+*p.MessagingBinding.Address)
		return err
	})
	c := must(w.api.CreateConversationWithParticipants(w.ctx, w.rest, ConversationWithParticipantsParams{Participant: family}))(t)
	if c.State != StateInitializing {
		t.Errorf("a new group is %s", c.State)
	}
	w.settle()
	if c = must(w.api.FetchConversation(w.ctx, w.rest, c.SID))(t); c.State != StateActive {
		t.Errorf("with its participants the group is %s", c.State)
	}
	for _, step := range []struct {
		author, want string
	}{
		{"shop", business + " to +15558675310," + business + " to +15558675311"},
		{business, business + " to +15558675310," + business + " to +15558675311"},
		{"+15558675310", business + " to +15558675311"},
	} {
		sent = nil
		must(w.api.CreateMessage(w.ctx, w.rest, c.SID, MessageParams{Author: &step.author, Body: ptr("hi")}))(t)
		w.settle()
		slices.Sort(sent)
		if got := strings.Join(sent, ","); got != step.want {
			t.Errorf("what %s wrote went %s, want %s", step.author, got, step.want)
		}
	}
	if _, err := w.api.CreateMessage(w.ctx, w.rest, c.SID, MessageParams{Body: ptr("hi")}); codeOf(t, err) != 50513 {
		t.Errorf("a message of nobody in the group: %v", err)
	}
}

func TestGroupConflicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	create := func(participants ...string) (Conversation, error) {
		c, err := w.api.CreateConversationWithParticipants(w.ctx, w.rest, ConversationWithParticipantsParams{Participant: participants})
		w.settle()
		return c, err
	}
	c := must(create(family...))(t)
	again := []string{family[2], family[1], family[0]}
	_, err := create(again...)
	var refused *twilio.Error
	if !errors.As(err, &refused) || refused.Code != 50438 || !strings.HasSuffix(refused.Message, " as Conversation "+c.SID) {
		t.Errorf("the same group again: %v", err)
	}
	if _, err := create(family[0], family[1]); codeOf(t, err) != 50435 {
		t.Errorf("a group of two: %v", err)
	}
	if _, err := create(append([]string{`{"identity":"chat"}`}, family...)...); codeOf(t, err) != 50435 {
		t.Errorf("a group with a chat participant: %v", err)
	}
	// A pair of addresses with the same phone is no conflict.
	other := w.conversation(ConversationParams{})
	must(w.api.CreateParticipant(w.ctx, w.rest, other.SID, CreateParticipantParams{MessagingBinding: BindingParams{Address: ptr("+15558675310"), ProxyAddress: ptr(business)}}))(t)
	if _, err := w.api.CreateParticipant(w.ctx, w.rest, c.SID, member("+15558675310")); codeOf(t, err) != 50437 {
		t.Errorf("a member twice: %v", err)
	}
	// Another participant changes the set of addresses, and frees the old one.
	must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, member("+15558675312")))(t)
	must(create(again...))(t)
	for i := range maxGroup - 4 {
		must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, member(fmt.Sprintf("+1555867532%d", i))))(t)
	}
	if _, err := w.api.CreateParticipant(w.ctx, w.rest, c.SID, member("+15558675339")); codeOf(t, err) != 50436 {
		t.Errorf("an eleventh of a group: %v", err)
	}
	// A closed group holds no set of addresses.
	closing := must(create(`{"messaging_binding":{"address":"+15558675340"}}`, family[1], family[2]))(t)
	must(w.api.UpdateConversation(w.ctx, w.rest, closing.SID, ConversationParams{State: ptr("closed")}))(t)
	must(create(`{"messaging_binding":{"address":"+15558675340"}}`, family[1], family[2]))(t)
}

func TestProjectedAddressUpdates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	c := w.conversation(ConversationParams{})
	phone := must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, member("+15558675310")))(t)
	chat := must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, CreateParticipantParams{Identity: ptr("shop")}))(t)
	number := must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, CreateParticipantParams{MessagingBinding: BindingParams{ProjectedAddress: ptr("+15550002222")}}))(t)
	for _, step := range []struct {
		what, sid string
		projected string
		identity  *string
		code      int
	}{
		{"add to a phone", phone.SID, business, nil, 50443},
		{"remove from a phone", phone.SID, "null", nil, 50442},
		{"remove what is not there", chat.SID, "null", nil, 50442},
		{"a foreign form", chat.SID, "+445550001111", nil, 50407},
		{"add", chat.SID, business, nil, 0},
		{"add twice", chat.SID, business, nil, 50443},
		{"remove", chat.SID, "null", nil, 0},
		{"remove the only thing", number.SID, "null", nil, 50442},
		{"an identity for a number", number.SID, "", ptr("second"), 0},
		{"now it can be removed", number.SID, "null", nil, 0},
	} {
		p := UpdateParticipantParams{Identity: step.identity}
		if step.projected != "" {
			p.MessagingBinding.ProjectedAddress = &step.projected
		}
		got, err := w.api.UpdateParticipant(w.ctx, w.rest, c.SID, step.sid, p)
		var refused *twilio.Error
		switch {
		case step.code != 0:
			if !errors.As(err, &refused) || refused.Code != step.code {
				t.Errorf("%s: %v, want %d", step.what, err, step.code)
			}
		case err != nil:
			t.Errorf("%s: %v", step.what, err)
		case step.projected == business && (got.MessagingBinding == nil || *got.MessagingBinding.ProjectedAddress != business):
			t.Errorf("%s: %+v", step.what, got)
		case step.projected == "null" && got.MessagingBinding != nil:
			t.Errorf("%s: %+v", step.what, got)
		}
	}
}

func TestHasGroupTexting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.api.hasGroupTexting = func(store.Tx, string) (bool, error) { return false, nil }
	c := w.conversation(ConversationParams{})
	if _, err := w.api.CreateParticipant(w.ctx, w.rest, c.SID, member("+15558675310")); codeOf(t, err) != 50452 {
		t.Errorf("a member: %v", err)
	}
	_, err := w.api.CreateConversationWithParticipants(w.ctx, w.rest, ConversationWithParticipantsParams{Participant: family})
	if codeOf(t, err) != 50452 {
		t.Errorf("a group: %v", err)
	}
}
