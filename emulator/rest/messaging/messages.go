package messaging

import (
	"net/url"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// messageBody is Twilio's Message resource, in the order of its documentation.
type messageBody struct {
	AccountSID          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	DateCreated         *rest.RFC2822     `json:"date_created"`
	DateSent            *rest.RFC2822     `json:"date_sent"`
	DateUpdated         *rest.RFC2822     `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                *string           `json:"from"`
	MessagingServiceSID *string           `json:"messaging_service_sid"`
	NumMedia            string            `json:"num_media"`
	NumSegments         string            `json:"num_segments"`
	Price               *string           `json:"price"` // nothing costs anything here
	PriceUnit           string            `json:"price_unit"`
	SID                 string            `json:"sid"`
	Status              string            `json:"status"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
	To                  string            `json:"to"`
	URI                 string            `json:"uri"`
}

func newMessageBody(m whatsapp.Message) messageBody {
	self := "/2010-04-01/Accounts/" + m.AccountSID + "/Messages/" + m.SID
	b := messageBody{AccountSID: m.AccountSID, APIVersion: "2010-04-01", Body: m.Body,
		DateCreated: rest.Dated(m.DateCreated), DateSent: rest.Dated(m.DateSent), DateUpdated: rest.Dated(m.DateUpdated), Direction: m.Direction,
		From: twilio.Optional(m.From), MessagingServiceSID: twilio.Optional(m.MessagingServiceSID),
		NumMedia: strconv.Itoa(m.NumMedia()), NumSegments: "1", PriceUnit: "USD", SID: m.SID, Status: string(m.Status),
		SubresourceURIs: map[string]string{"media": self + "/Media.json"}, To: m.To, URI: self + ".json"}
	if m.ProvideFeedback {
		b.SubresourceURIs["feedback"] = self + "/Feedback.json"
	}
	if m.MessagingServiceSID != "" && m.DateSent.IsZero() {
		b.NumSegments = "0" // the service has not picked a sender yet, as far as its caller is told
	}
	if m.ErrorCode != 0 {
		b.ErrorCode, b.ErrorMessage = &m.ErrorCode, twilio.Optional(whatsapp.ErrorMessage(m.ErrorCode))
	}
	return b
}

func (a *api) createMessage(in *rest.Request) (rest.Result, error) {
	var p whatsapp.MessageParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	m, err := a.sandbox.CreateMessage(in.Context(), in.Account.SID, p)
	return rest.Created(newMessageBody(m)), err
}

func (a *api) fetchMessage(in *rest.Request) (rest.Result, error) {
	m, err := a.sandbox.FetchAccountMessage(in.Context(), in.Account.SID, in.Vars["Sid"])
	return rest.OK(newMessageBody(m)), err
}

func (a *api) updateMessage(in *rest.Request) (rest.Result, error) {
	var p whatsapp.MessageUpdate
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	m, err := a.sandbox.UpdateMessage(in.Context(), in.Account.SID, in.Vars["Sid"], p)
	return rest.OK(newMessageBody(m)), err
}

func (a *api) deleteMessage(in *rest.Request) (rest.Result, error) {
	return rest.Deleted(), a.sandbox.DeleteMessage(in.Context(), in.Account.SID, in.Vars["Sid"])
}

func (a *api) listMessages(in *rest.Request) (rest.Result, error) {
	p, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	q := in.Values
	f := whatsapp.MessageFilter{To: q.Get("To"), From: q.Get("From")}
	if f.SentFrom, f.SentBefore, err = dateRange(q, "DateSent"); err != nil {
		return rest.Result{}, err
	}
	page, err := a.sandbox.ListAccountMessages(in.Context(), in.Account.SID, f, p.PageQuery)
	return rest.Page2010(in, p, "messages", page, newMessageBody), err
}

// dateRange reads the filters NAME, NAME< and NAME>: a year, a month, a day or a second of which all belongs to the range, for NAME< and
// NAME> with what lies before or behind. Twilio's OpenAPI file: "on and before", "on and after a specific date". A zero bound is open.
func dateRange(q url.Values, name string) (from, before time.Time, _ error) {
	for _, op := range []string{"", "<", ">"} {
		sent := q.Get(name + op)
		if sent == "" {
			continue
		}
		begin, end, err := twilio.ParsePeriod(sent)
		if err != nil {
			return from, before, twilio.InvalidParameter(name + op)
		}
		if op != "<" && begin.After(from) {
			from = begin
		}
		if op != ">" && (before.IsZero() || end.Before(before)) {
			before = end
		}
	}
	return from, before, nil
}

type feedbackBody struct {
	AccountSID  string        `json:"account_sid"`
	DateCreated *rest.RFC2822 `json:"date_created"`
	DateUpdated *rest.RFC2822 `json:"date_updated"`
	MessageSID  string        `json:"message_sid"`
	Outcome     string        `json:"outcome"`
	URI         string        `json:"uri"`
}

// createFeedback answers with 200, as Twilio's OpenAPI file has it.
func (a *api) createFeedback(in *rest.Request) (rest.Result, error) {
	var p struct{ Outcome *string }
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	message := in.Vars["MessageSid"]
	f, err := a.sandbox.CreateFeedback(in.Context(), in.Account.SID, message, p.Outcome)
	return rest.OK(feedbackBody{AccountSID: in.Account.SID, DateCreated: rest.Dated(f.DateCreated), DateUpdated: rest.Dated(f.DateUpdated),
		MessageSID: message, Outcome: f.Outcome, URI: "/2010-04-01/Accounts/" + in.Account.SID + "/Messages/" + message + "/Feedback.json"}), err
}
