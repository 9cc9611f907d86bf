package bridge

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

const (
	// captureWindow is the longest delay of a webhook whose message Twilio received before the pair was bound.
	captureWindow = time.Minute
	// dateTolerance is the difference of two of Twilio's dates, which have whole seconds, below which their order is not known.
	dateTolerance = 2 * time.Second
	// searchPages of searchPageSize messages are looked at, newest first.
	searchPages    = 4
	searchPageSize = 50
	// rememberedClaims is more than a customer sends within captureWindow.
	rememberedClaims = 50
)

// search is the result of looking for a message in a conversation.
type search struct {
	parts    map[int]bool // parts that a bridge posted, by number
	complete bool         // those are all parts
	native   string       // a message (IM…) of Twilio's own capture that says the same; "": none
	captured *time.Time   // when Twilio captured that
}

// search looks for the message in a conversation: for the stamp of a bridge and, unless the conversation is the one that
// the message itself opened, for an equal message of the customer that no other inbound message has claimed.
func (d *delivery) search(conversation string, own bool) (search, error) {
	found := search{parts: map[int]bool{}}
	wanted := len(d.message.parts())
	params := new(conversations.ListConversationMessageParams).SetOrder("desc").SetPageSize(searchPageSize)
	token, number := "", ""
	for range searchPages {
		page, err := d.api.PageConversationMessage(conversation, params, token, number)
		if err != nil {
			return search{}, err
		}
		for i := range page.Messages {
			m := &page.Messages[i]
			if s := readStamp(m.Attributes); s.MessageSid == d.message.sid() {
				found.parts[s.Part] = true
			} else if s.MessageSid == "" && !own && d.equal(m) {
				found.native, found.captured = deref(m.Sid), m.DateCreated
			}
		}
		found.complete = len(found.parts) >= wanted
		if token, number = nextPage(deref(page.Meta.NextPageUrl)); token == "" || found.complete || found.native != "" {
			break
		}
	}
	return found, nil
}

// captured reports whether nothing is missing of what was looked for, and claims the message that Twilio captured.
func (d *delivery) captured(found *search) bool {
	if found.complete {
		return true
	}
	if found.native == "" || len(found.parts) > 0 {
		return false
	}
	d.state.Claimed = append(d.state.Claimed, found.native)
	if extra := len(d.state.Claimed) - rememberedClaims; extra > 0 {
		d.state.Claimed = d.state.Claimed[extra:]
	}
	return true
}

// equal reports whether m looks as if Twilio had captured the inbound message as m.
func (d *delivery) equal(m *conversations.ConversationsV1ConversationMessage) bool {
	hasMedia := m.Media != nil && len(*m.Media) > 0
	author := deref(m.Author)
	return (author == d.message.from() || author == d.state.Address) && d.message.mayRead(deref(m.Body)) &&
		hasMedia == (len(d.message.media()) > 0) && !slices.Contains(d.state.Claimed, deref(m.Sid))
}

// mayRead reports whether body can be what Twilio made of the message when it captured it: the same text. What it makes of
// a location, whose text is empty, is not documented: nothing, or any words with the coordinates in them.
func (m *inbound) mayRead(body string) bool {
	if body == m.Parameters.get("Body") {
		return true
	}
	latitude, longitude := m.Parameters.get("Latitude"), m.Parameters.get("Longitude")
	return m.Parameters.get("Body") == "" && latitude != "" && longitude != "" &&
		strings.Contains(body, latitude) && strings.Contains(body, longitude)
}

// capturedThen is like captured for a conversation that was closed since. An equal text in it may be an older message: it is
// this one only if it is not older than the inbound message.
func (d *delivery) capturedThen(found *search) (bool, error) {
	if found.complete || found.native == "" {
		return found.complete, nil
	}
	created, err := d.messageDate()
	if err != nil || created == nil || found.captured == nil || found.captured.Before(created.Add(-dateTolerance)) {
		return false, ignorePermanent(err)
	}
	return d.captured(found), nil
}

// cameBefore reports whether Twilio took the message in before the customer was in the conversation, and so did not
// capture it (reference, WhatsApp 8.4, defect 8). It returns the message's own date where Twilio has one.
func (d *delivery) cameBefore(h *holder, found *search) (bool, *time.Time, error) {
	created, err := d.messageDate()
	if err = ignorePermanent(err); err == nil {
		err = d.learnBound(h)
	}
	if err != nil {
		return false, nil, err
	}
	if created != nil && !d.state.Bound.IsZero() {
		switch gap := created.Sub(d.state.Bound); {
		case gap > dateTolerance:
			return false, created, nil
		case gap < -dateTolerance:
			return true, created, nil
		}
	}
	// The dates are too close to tell, so an equal text has to; and a capture may be under way.
	if d.captured(found) {
		return false, created, nil
	}
	wait := captureWait(d.h.pace.since(d.job.Accepted))
	if wait <= 0 {
		return true, created, nil
	}
	if err := d.h.pace.sleep(d.ctx, wait); err != nil {
		return false, created, err
	}
	again, err := d.search(h.conversation, false)
	return err == nil && !d.captured(&again), created, err
}

// captureWait returns how long a capture of a message may still be under way that was accepted some time ago. The clock may have
// been set back since.
func captureWait(ago time.Duration) time.Duration {
	return min(dateTolerance, dateTolerance-ago)
}

// learnBound asks Twilio when the customer was added, unless it is known.
func (d *delivery) learnBound(h *holder) error {
	if !d.state.Bound.IsZero() {
		return nil
	}
	participant, err := d.api.FetchConversationParticipant(h.conversation, h.participant)
	if err == nil && participant.DateCreated != nil {
		d.state.Bound = *participant.DateCreated
	}
	return err
}

// ignorePermanent drops an error that says that Twilio has no record of the message, now or later.
func ignorePermanent(err error) error {
	if notFound(err) || permanent(err) {
		return nil
	}
	return err
}

// messageDate returns the date at which Twilio received the inbound message, from the messaging API; nil when it has none.
func (d *delivery) messageDate() (*time.Time, error) {
	path := "https://" + apiHost + "/2010-04-01/Accounts/" + url.PathEscape(d.message.AccountSID) + "/Messages/" + url.PathEscape(d.message.sid()) + ".json"
	response, err := d.api.RequestHandler().Get(path, nil, nil, "")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var record struct {
		DateCreated string `json:"date_created"`
	}
	if err := json.NewDecoder(response.Body).Decode(&record); err != nil {
		return nil, err
	}
	if created, err := time.Parse(time.RFC1123Z, record.DateCreated); err == nil {
		return &created, nil
	}
	return nil, nil // without a date the conversation itself decides
}
