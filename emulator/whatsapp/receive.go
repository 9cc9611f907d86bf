package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Inbound is what a phone sends: a text, or one of the kinds of Details, a contact, or a file with or without a caption.
// One file at most, as WhatsApp sends albums one by one: see ReceiveAlbum.
type Inbound struct {
	// From is the phone, To the sender it writes to; both with "whatsapp:" or without. Empty To means the sandbox.
	From, To string
	Body     string
	// ProfileName renames the phone; empty means that its name stays.
	ProfileName string
	File        *InboundFile
	Contact     *Contact
	Details
	// Unsupported is reaction, poll, edit or deletion, which Twilio has no webhook for. Such a message is dropped.
	Unsupported string
}

// InboundFile is a file on its way in. Its type is found by the content; ContentType, if it is set, must not contradict.
type InboundFile struct {
	Filename    string
	ContentType string
	Content     []byte
}

// Receive takes a message of a phone, as WhatsApp hands it to Twilio. It returns when the message exists and, where a
// conversation holds the pair of numbers, is in that conversation; the webhook and what it answers come afterwards.
// The error is in a person's words, and nothing has changed then.
func (s *Sandbox) Receive(ctx context.Context, in Inbound) (Message, error) {
	draft, file, err := in.draft()
	if err != nil {
		return Message{}, err
	}
	owner, err := s.ownerOf(ctx, draft.To)
	if err != nil {
		return Message{}, err
	}
	var m Message
	err = s.store.Update(ctx, func(tx store.Tx) error {
		m = draft // anew, as the transaction may run again
		if m.ProfileName, err = s.meet(tx, m.Phone, in.ProfileName); err != nil {
			return err
		}
		if in.Unsupported != "" {
			return s.drop(tx, m)
		}
		if err := s.quote(tx, &m); err != nil {
			return err
		}
		if owner != "" {
			m.AccountSID = owner
			return s.receiveMessage(tx, &m, file)
		}
		return s.receiveInSandbox(tx, &m, file)
	})
	if err != nil || m.Control || in.Unsupported != "" {
		return m, err
	}
	return s.route(ctx, m, file)
}

// ReceiveAlbum takes several files that a phone sends at once: each becomes a message of its own, the text of in goes
// with the first. All are checked before the first is taken. The error is in a person's words.
func (s *Sandbox) ReceiveAlbum(ctx context.Context, in Inbound, files []InboundFile) ([]Message, error) {
	if len(files) < 2 || in.File != nil || in.Contact != nil || in.Unsupported != "" {
		return nil, invalid.Errorf("an album is two files or more, and nothing beside a text")
	}
	if len(files) > MaxAlbum {
		return nil, invalid.Errorf("the album has %d files: it has %d at most", len(files), MaxAlbum)
	}
	album := make([]Inbound, len(files))
	for i := range files {
		album[i] = in
		album[i].File = &files[i]
		if i > 0 {
			album[i].Body = ""
		}
		if _, _, err := album[i].draft(); err != nil {
			return nil, err
		}
	}
	sent := make([]Message, 0, len(files))
	for _, one := range album {
		m, err := s.Receive(ctx, one)
		if err != nil {
			return sent, err
		}
		sent = append(sent, m)
	}
	return sent, nil
}

// drop logs a message of a kind that no webhook tells of.
func (s *Sandbox) drop(tx store.Tx, m Message) error {
	s.logger.Info("whatsapp: a message of an unsupported kind is dropped, as Twilio has no webhook for it", "kind", m.MessageType, "from", m.From)
	return s.conversations.Record(tx, conversations.Event{Type: MessageDropped,
		Params: url.Values{"From": {m.From}, "To": {m.To}, "Kind": {m.MessageType}}})
}

// ownerOf returns the account of a registered sender; "" for the sandbox.
func (s *Sandbox) ownerOf(ctx context.Context, to string) (accountSID string, err error) {
	if to == SandboxNumber {
		return "", nil
	}
	sender, err := s.conversations.FindSender(ctx, to)
	if twilio.IsNotFound(err) {
		return "", invalid.Errorf("%s is not a WhatsApp sender of this emulator: phones write to the sandbox, %s, or to a sender that an account has registered (cloudforgot sender add %s)", to, SandboxNumber, to)
	}
	return sender.AccountSID, err
}

// receiveInSandbox takes a message to the shared number: join, stop, a member's message, or anything else of a phone
// that is no member. Reference, WhatsApp 1.2.
func (s *Sandbox) receiveInSandbox(tx store.Tx, m *Message, file *InboundFile) error {
	set, err := s.switches(tx)
	if err != nil {
		return err
	}
	membership, member, err := s.membership(tx, m.Phone)
	if err != nil {
		return err
	}
	var asks command
	if m.MessageType == typeText {
		asks = parseCommand(m.Body)
	}
	switch {
	case asks.join:
		return s.receiveJoin(tx, m, asks.code, set)
	case !member:
		m.Control = true
		return s.receiveControl(tx, m, notConnected(m.Phone))
	case asks.stop:
		return s.receiveStop(tx, m, membership, set)
	}
	m.AccountSID = membership.AccountSID
	return s.receiveMessage(tx, m, file)
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

// receiveJoin answers "join <code>". For a code that no sandbox has it is silent, or as a switch says.
func (s *Sandbox) receiveJoin(tx store.Tx, m *Message, code string, set Switches) error {
	m.Control = true
	membership, known, err := s.join(tx, m.Phone, code, set)
	switch {
	case err != nil:
		return err
	case !known && set.UnknownJoinCodeReply == NotConnected:
		return s.receiveControl(tx, m, notConnected(m.Phone))
	case !known:
		return s.put(tx, m, nil)
	}
	m.AccountSID = membership.AccountSID
	if err := s.receiveControl(tx, m, joined); err != nil {
		return err
	}
	if err := s.forward(tx, *m, set); err != nil {
		return err
	}
	return s.conversations.Record(tx, conversations.Event{Type: conversations.SandboxJoined, AccountSID: membership.AccountSID,
		Params: url.Values{"From": {m.From}, "ExpiresAt": {membership.ExpiresAt.Format("2006-01-02T15:04:05Z")}}})
}

func (s *Sandbox) receiveStop(tx store.Tx, m *Message, membership Membership, set Switches) error {
	m.Control, m.AccountSID = true, membership.AccountSID
	if err := memberships.Delete(tx, m.Phone); err != nil {
		return err
	}
	if err := s.receiveControl(tx, m, left); err != nil {
		return err
	}
	if err := s.forward(tx, *m, set); err != nil {
		return err
	}
	return s.conversations.Record(tx, conversations.Event{Type: conversations.SandboxLeft, AccountSID: membership.AccountSID,
		Params: url.Values{"From": {m.From}}})
}

// forward tells the account of a control message, where a switch says so.
func (s *Sandbox) forward(tx store.Tx, m Message, set Switches) error {
	if !set.ControlMessagesForwarded {
		return nil
	}
	return s.callBack(tx, m)
}

// receiveControl keeps a message that no account hears of, and the sandbox's own answer to it.
func (s *Sandbox) receiveControl(tx store.Tx, m *Message, answer string) error {
	if err := s.put(tx, m, nil); err != nil {
		return err
	}
	return s.put(tx, &Message{Direction: DirectionOutboundReply, From: m.To, To: m.From, Phone: m.Phone, Body: answer,
		Status: twilio.StatusDelivered, Control: true}, nil)
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
	if err := s.number(tx, m); err != nil {
		return err
	}
	if m.SID == "" {
		m.SID = s.sids.New("SM")
		if len(files)+len(m.Media)+len(m.MediaURLs) > 0 {
			m.SID = s.sids.New("MM")
		}
	}
	for _, f := range files {
		f.MessageSID = m.SID
		kept, err := s.conversations.PutMedia(tx, f)
		if err != nil {
			return err
		}
		m.Media = append(m.Media, fileOf(kept.Media))
	}
	if err := messages.Put(tx, m.SID, *m); err != nil {
		return err
	}
	happened := conversations.MessageSent
	switch {
	case m.Direction == DirectionInbound:
		happened = conversations.MessageReceived
	case m.Status.IsUnsent():
		happened = conversations.MessageStatus
	}
	return s.record(tx, happened, *m)
}

func (s *Sandbox) record(tx store.Tx, happened conversations.EventType, m Message) error {
	v := url.Values{"MessageSid": {m.SID}, "From": {m.From}, "To": {m.To}, "Body": {m.Body}, "Status": {string(m.Status)}}
	if m.MessageType != "" {
		v.Set("MessageType", m.MessageType)
	}
	if m.ErrorCode != 0 {
		v.Set("ErrorCode", fmt.Sprint(m.ErrorCode))
	}
	return s.conversations.Record(tx, conversations.Event{Type: happened, AccountSID: m.AccountSID,
		ConversationSID: m.ConversationSID, Params: v})
}
