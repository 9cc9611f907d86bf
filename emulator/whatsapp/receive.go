package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Limits of what a phone can send: characters of a text, bytes of a file. Reference, WhatsApp 2.7.
const (
	MaxText = 4096
	MaxFile = 16 << 20
)

// jobInbound calls an account's "when a message comes in" URL.
const jobInbound = "inbound"

// Inbound is what a phone sends. One file at most, as WhatsApp sends albums one by one.
type Inbound struct {
	// From is the phone, To the sender it writes to; both with "whatsapp:" or without. Empty To means the sandbox.
	From, To string
	Body     string
	// ProfileName renames the phone; empty means that its name stays.
	ProfileName string
	File        *InboundFile
}

// InboundFile is a file on its way in.
type InboundFile struct {
	Filename    string
	ContentType string
	Content     []byte
}

// Receive takes a message of a phone, as WhatsApp hands it to Twilio. It returns when the message exists and, where a
// conversation holds the pair of numbers, is in that conversation; the webhook and what it answers come afterwards.
// The error is in a person's words, and nothing has changed then.
func (s *Sandbox) Receive(ctx context.Context, in Inbound) (Message, error) {
	m, err := in.message()
	if err != nil {
		return Message{}, err
	}
	asks := parseCommand(in.Body)
	if in.File != nil {
		asks = command{}
	}
	err = s.Conversations.Update(ctx, func(tx store.Tx) error {
		m, err = in.message() // anew, as the transaction may run again
		if err != nil {
			return err
		}
		if m.ProfileName, err = s.meet(tx, m.Phone, in.ProfileName); err != nil {
			return err
		}
		membership, member, err := s.membership(tx, m.Phone)
		if err != nil {
			return err
		}
		switch {
		case asks.join:
			return s.receiveJoin(tx, &m, asks.code)
		case !member:
			m.Control = true
			return s.receiveControl(tx, &m, notConnected(m.Phone))
		case asks.stop:
			return s.receiveStop(tx, &m, membership)
		}
		m.AccountSID = membership.AccountSID
		return s.receiveMessage(tx, &m, in.File)
	})
	if err != nil || m.Control {
		return m, err
	}
	return s.route(ctx, m, in.File)
}

// message checks what a phone sends and makes the beginning of a Message of it.
func (in Inbound) message() (Message, error) {
	phone, err := ParseNumber(in.From)
	if err != nil {
		return Message{}, err
	}
	to := SandboxNumber
	if in.To != "" {
		number, err := ParseNumber(in.To)
		if err != nil {
			return Message{}, err
		}
		if to = "whatsapp:" + number; to != SandboxNumber {
			return Message{}, fmt.Errorf("%s is not a WhatsApp sender of this emulator: phones write to the sandbox, %s", to, SandboxNumber)
		}
	}
	switch {
	case !utf8.ValidString(in.Body):
		return Message{}, errors.New("the text is not valid UTF-8")
	case utf8.RuneCountInString(in.Body) > MaxText:
		return Message{}, fmt.Errorf("the text has %d characters: WhatsApp takes %d at most", utf8.RuneCountInString(in.Body), MaxText)
	case in.File == nil && strings.TrimSpace(in.Body) == "":
		return Message{}, errors.New("a message needs a text or a file")
	case in.File != nil && len(in.File.Content) == 0:
		return Message{}, fmt.Errorf("the file %q is empty", in.File.Filename)
	case in.File != nil && len(in.File.Content) > MaxFile:
		return Message{}, fmt.Errorf("the file %q has %d bytes: WhatsApp takes %d at most", in.File.Filename, len(in.File.Content), MaxFile)
	}
	return Message{Direction: DirectionInbound, From: "whatsapp:" + phone, To: to, Body: in.Body, Status: statusReceived, Phone: phone}, nil
}

// meet remembers a phone and returns its profile name.
func (s *Sandbox) meet(tx store.Tx, phone, profileName string) (string, error) {
	doc, err := phones.Get(tx, phone)
	switch {
	case errors.Is(err, store.ErrNotFound):
		doc = phoneDoc{Number: phone, ProfileName: defaultProfileName(phone)}
	case err != nil:
		return "", err
	case profileName == "" || profileName == doc.ProfileName:
		return doc.ProfileName, nil
	}
	if profileName != "" {
		doc.ProfileName = profileName
	}
	return doc.ProfileName, phones.Put(tx, phone, doc)
}

// receiveJoin answers "join <code>": silence for a code that no sandbox has. Reference, WhatsApp 1.2.
func (s *Sandbox) receiveJoin(tx store.Tx, m *Message, code string) error {
	m.Control = true
	membership, known, err := s.join(tx, m.Phone, code)
	if err != nil {
		return err
	}
	if !known {
		return s.put(tx, m, nil)
	}
	if err := s.receiveControl(tx, m, joined); err != nil {
		return err
	}
	return s.Conversations.Record(tx, conversations.Event{Type: conversations.SandboxJoined, AccountSID: membership.AccountSID,
		Params: url.Values{"From": {m.From}, "ExpiresAt": {membership.ExpiresAt.Format("2006-01-02T15:04:05Z")}}})
}

func (s *Sandbox) receiveStop(tx store.Tx, m *Message, membership Membership) error {
	m.Control = true
	if err := memberships.Delete(tx, m.Phone); err != nil {
		return err
	}
	if err := s.receiveControl(tx, m, left); err != nil {
		return err
	}
	return s.Conversations.Record(tx, conversations.Event{Type: conversations.SandboxLeft, AccountSID: membership.AccountSID,
		Params: url.Values{"From": {m.From}}})
}

// receiveControl keeps a message that no account hears of, and the sandbox's own answer to it.
func (s *Sandbox) receiveControl(tx store.Tx, m *Message, answer string) error {
	if err := s.put(tx, m, nil); err != nil {
		return err
	}
	return s.put(tx, &Message{Direction: DirectionOutboundReply, From: m.To, To: m.From, Phone: m.Phone, Body: answer,
		Status: string(conversations.StatusDelivered), Control: true}, nil)
}

// receiveMessage keeps a member's message, its file, and the promise to call the account's URL.
func (s *Sandbox) receiveMessage(tx store.Tx, m *Message, file *InboundFile) error {
	var list []conversations.MediaFile
	if file != nil {
		list = append(list, conversations.MediaFile{AccountSID: m.AccountSID, Content: file.Content,
			Media: conversations.Media{ContentType: file.ContentType, Filename: optional(file.Filename)}})
	}
	return s.put(tx, m, list)
}

// put gives a message its SID, keeps it with its files, and records it.
func (s *Sandbox) put(tx store.Tx, m *Message, files []conversations.MediaFile) error {
	seq, err := s.Conversations.Next(tx, "whatsapp_message")
	if err != nil {
		return err
	}
	m.Seq, m.DateCreated = seq, s.Clock.Now()
	if m.SID == "" {
		m.SID = s.SIDs.New("SM")
		if len(files)+len(m.Media) > 0 {
			m.SID = s.SIDs.New("MM")
		}
	}
	for _, f := range files {
		f.MessageSID = m.SID
		kept, err := s.Conversations.PutMedia(tx, f)
		if err != nil {
			return err
		}
		m.Media = append(m.Media, fileOf(kept.Media))
	}
	if err := messages.Put(tx, m.SID, *m); err != nil {
		return err
	}
	happened := conversations.MessageSent
	if m.Direction == DirectionInbound {
		happened = conversations.MessageReceived
	}
	return s.record(tx, happened, *m)
}

func (s *Sandbox) record(tx store.Tx, happened conversations.EventType, m Message) error {
	v := url.Values{"MessageSid": {m.SID}, "From": {m.From}, "To": {m.To}, "Body": {m.Body}, "Status": {m.Status}}
	if m.ErrorCode != 0 {
		v.Set("ErrorCode", fmt.Sprint(m.ErrorCode))
	}
	return s.Conversations.Record(tx, conversations.Event{Type: happened, AccountSID: m.AccountSID,
		ConversationSID: m.ConversationSID, Params: v})
}

// route hands a member's message to the conversation that holds the pair, if there is one, and then promises the call
// of the account's URL: always, as for a number's own webhook. Reference, WhatsApp 1.8.
func (s *Sandbox) route(ctx context.Context, m Message, file *InboundFile) (Message, error) {
	captured, err := s.capture(ctx, m, file)
	if err != nil {
		return m, err
	}
	if captured != nil {
		m.ConversationSID, m.ConversationMessageSID = captured.ConversationSID, captured.SID
	}
	return m, s.Conversations.Update(ctx, func(tx store.Tx) error {
		if captured != nil {
			if err := messages.Put(tx, m.SID, m); err != nil {
				return err
			}
		}
		return s.Conversations.Outbox().Put(tx, conversations.Job{Type: jobInbound,
			Args: map[string]string{"MessageSid": m.SID, "Token": s.SIDs.Token()}})
	})
}

// capture adds a message to the conversation of the phone's account that holds the pair; nil when there is none.
func (s *Sandbox) capture(ctx context.Context, m Message, file *InboundFile) (*conversations.Message, error) {
	bound, scope, err := s.Conversations.FindBinding(ctx, m.AccountSID, m.From, m.To)
	if conversations.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	scope.Source = conversations.SourceWhatsApp
	p := conversations.MessageParams{Author: &m.From, Body: &m.Body}
	if file != nil {
		media, err := s.Conversations.CreateMedia(ctx, conversations.MediaFile{
			AccountSID: m.AccountSID, ServiceSID: scope.ServiceSID, Content: file.Content,
			Media: conversations.Media{ContentType: file.ContentType, Filename: optional(file.Filename)}})
		if err != nil {
			return nil, err
		}
		p.MediaSid = &media.SID
	}
	added, err := s.Conversations.CreateMessage(ctx, scope, bound.ConversationSID, p)
	var refused *conversations.Error
	if errors.As(err, &refused) && refused.Status < 500 {
		return nil, nil // closed or deleted at this moment: not captured
	}
	return &added, err
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func fileOf(m conversations.Media) File {
	f := File{SID: m.SID, ContentType: m.ContentType, Size: m.Size}
	if m.Filename != nil {
		f.Filename = *m.Filename
	}
	return f
}
