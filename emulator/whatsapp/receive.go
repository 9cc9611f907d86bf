package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Inbound is a message that a phone sends: a text, or one of the kinds of Details, a contact, or a file with or without a caption.
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
//
// An *invalid.Error says what is wrong with the message, and nothing has changed then. When ctx ends while the conversation
// takes the message in, Receive returns ctx's error with the message as it is by then; the rest happens all the same.
func (s *Sandbox) Receive(ctx context.Context, in Inbound) (Message, error) {
	received, err := s.receive(ctx, []Inbound{in})
	if len(received) == 0 {
		return Message{}, err
	}
	return received[0], err
}

// ReceiveAlbum takes several files that a phone sends at once: each becomes a message of its own, the text of in goes
// with the first. All are taken, or none. Errors are those of Receive.
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
	}
	return s.receive(ctx, album)
}

// draft is a message that was checked and is not kept yet.
type draft struct {
	Message
	file        *InboundFile
	profileName string // the phone's new one; empty means that it stays
	dropped     bool   // it is of a kind that no webhook tells of
}

// draft checks what a phone sends and makes the beginning of a Message of it.
func (in Inbound) draft() (d draft, err error) {
	d.profileName = in.ProfileName
	m := &d.Message
	*m = Message{Direction: DirectionInbound, To: SandboxNumber, Body: in.Body, Status: twilio.StatusReceived, Details: in.Details}
	if err := in.checkLengths(); err != nil {
		return d, err
	}
	if m.Phone, err = ParseNumber(in.From); err != nil {
		return d, err
	}
	m.From = "whatsapp:" + m.Phone
	if in.To != "" {
		number, err := ParseNumber(in.To)
		if err != nil {
			return d, err
		}
		m.To = "whatsapp:" + number
	}
	if m.From == SandboxNumber || m.From == m.To {
		return d, invalid.Errorf("%s is a sender, and no phone of a customer", m.From)
	}
	if in.Unsupported != "" {
		if !slices.Contains(UnsupportedKinds(), in.Unsupported) {
			return d, invalid.Errorf("unsupported kind %q: it is one of %s", in.Unsupported, strings.Join(UnsupportedKinds(), ", "))
		}
		m.MessageType, m.Status, d.dropped = in.Unsupported, twilio.StatusDropped, true
		return d, nil
	}
	d.file, err = in.content(m)
	return d, err
}

// content checks and sets what the message says: its text, its details, its kind. It returns the file.
func (in Inbound) content(m *Message) (*InboundFile, error) {
	file := in.File
	if in.Contact != nil {
		if file != nil {
			return nil, invalid.Errorf("a message is one thing: a file, a contact, a location, a button or a list choice")
		}
		card, err := in.Contact.file()
		if err != nil {
			return nil, err
		}
		file = card
	}
	var err error
	if m.Body, err = m.check(in.Body, file != nil); err != nil {
		return nil, err
	}
	m.MessageType = m.messageType()
	switch {
	case !utf8.ValidString(m.Body):
		return nil, invalid.Errorf("the text is not valid UTF-8")
	case utf8.RuneCountInString(m.Body) > MaxText:
		return nil, invalid.Errorf("the text has %d characters: WhatsApp takes %d at most", utf8.RuneCountInString(m.Body), MaxText)
	case file == nil && m.MessageType != typeLocation && strings.TrimSpace(m.Body) == "":
		return nil, invalid.Errorf("a message needs a text or a file")
	case file == nil:
		return nil, nil
	}
	return file.accept(m)
}

// accept checks a file and what may go with it, and returns it with the type of its content. A document without a caption
// has its name as text. Reference, WhatsApp 2.3.
func (f InboundFile) accept(m *Message) (_ *InboundFile, err error) {
	if f.ContentType, m.MessageType, err = checkFile(f.Filename, f.ContentType, f.Content); err != nil {
		return nil, invalid.Errorf("%w", err)
	}
	if err := checkCaption(m.MessageType, m.Body); err != nil {
		return nil, err
	}
	if m.MessageType == typeDocument && m.Body == "" {
		m.Body = f.Filename
	}
	return &f, nil
}

// receive takes messages in one transaction and waits until each has been routed.
func (s *Sandbox) receive(ctx context.Context, list []Inbound) (received []Message, err error) {
	drafts := make([]draft, len(list))
	for i, in := range list {
		if in.From, err = s.numberOf(ctx, in.From); err != nil {
			return nil, err
		}
		if drafts[i], err = in.draft(); err != nil {
			return nil, err
		}
	}
	owner, err := s.ownerOf(ctx, drafts[0].To)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		received = nil // anew, as the transaction may run again
		for _, d := range drafts {
			d.AccountSID = owner
			if err := s.keep(tx, &d); err != nil {
				return err
			}
			received = append(received, d.Message)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, m := range received {
		if received[i], err = s.awaitRouting(ctx, m); err != nil {
			return received, err
		}
	}
	return received, nil
}

// keep keeps a message, with the promise of what follows from it.
func (s *Sandbox) keep(tx store.Tx, d *draft) error {
	m := &d.Message
	phone, err := s.remember(tx, m.Phone, d.profileName)
	if err != nil {
		return err
	}
	m.ProfileName, m.Username = phone.ProfileName, phone.Username
	if d.dropped {
		return s.drop(tx, *m)
	}
	if err := s.quote(tx, m); err != nil {
		return err
	}
	if m.AccountSID != "" {
		return s.receiveMessage(tx, m, d.file)
	}
	return s.receiveInSandbox(tx, m, d.file)
}

// drop logs a message of a kind that no webhook tells of.
func (s *Sandbox) drop(tx store.Tx, m Message) error {
	s.logger.Info("whatsapp: a message of an unsupported kind is dropped, as Twilio has no webhook for it", "kind", m.MessageType, "from", m.From)
	v := url.Values{"From": {m.From}, "To": {m.To}, "Phone": {m.Phone}, "Kind": {m.MessageType}}
	if m.Username != "" {
		v.Set("Username", m.Username)
	}
	return s.conversations.Record(tx, conversations.Event{Type: MessageDropped, Params: v})
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

// remember keeps a phone, with its new profile name if there is one, and returns it.
func (s *Sandbox) remember(tx store.Tx, phone, profileName string) (phoneDoc, error) {
	doc, err := phones.Get(tx, phone)
	switch {
	case errors.Is(err, store.ErrNotFound):
		doc = phoneDoc{Number: phone, ProfileName: defaultProfileName(phone)}
	case err != nil:
		return doc, err
	case profileName == "" || profileName == doc.ProfileName:
		return doc, nil
	}
	if profileName != "" {
		doc.ProfileName = profileName
	}
	return doc, phones.Put(tx, phone, doc)
}

// receiveJoin answers "join <code>". For a code that no sandbox has it is silent, or as a switch says.
func (s *Sandbox) receiveJoin(tx store.Tx, m *Message, code string, set Switches) error {
	m.Control = true
	membership, known, err := s.join(tx, m.Phone, code, set)
	switch {
	case err != nil:
		return err
	case !known && set.UnknownJoinCodeReply == ReplyNotConnected:
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
	v := url.Values{"From": {m.From}, "Phone": {m.Phone}, "ExpiresAt": {membership.ExpiresAt.Format("2006-01-02T15:04:05Z")}}
	if err := s.nameUser(tx, v, *m); err != nil {
		return err
	}
	return s.conversations.Record(tx, conversations.Event{Type: conversations.SandboxJoined, AccountSID: membership.AccountSID, Params: v})
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
	v := url.Values{"From": {m.From}, "Phone": {m.Phone}}
	if err := s.nameUser(tx, v, *m); err != nil {
		return err
	}
	return s.conversations.Record(tx, conversations.Event{Type: conversations.SandboxLeft, AccountSID: membership.AccountSID, Params: v})
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

// receiveMessage keeps a member's message and its file, and promises to route it.
func (s *Sandbox) receiveMessage(tx store.Tx, m *Message, file *InboundFile) error {
	var list []conversations.MediaFile
	if file != nil {
		list = append(list, conversations.MediaFile{AccountSID: m.AccountSID, Content: file.Content,
			Media: conversations.Media{ContentType: file.ContentType, Filename: twilio.Optional(file.Filename)}})
	}
	if err := s.put(tx, m, list); err != nil {
		return err
	}
	if m.tooLong() { // it has arrived, and yet the account's message has failed
		m.Status, m.ErrorCode = twilio.StatusFailed, errTooLong.Code
		if err := errors.Join(messages.Put(tx, m.SID, *m), s.debug(tx, *m)); err != nil {
			return err
		}
	}
	return s.route(tx, *m)
}

// put gives a message its SID, keeps it with its files, and records it.
func (s *Sandbox) put(tx store.Tx, m *Message, files []conversations.MediaFile) error {
	if m.Direction == DirectionInbound {
		if err := s.identify(tx, m); err != nil {
			return err
		}
	}
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
	v := url.Values{"MessageSid": {m.SID}, "From": {m.From}, "To": {m.To}, "Body": {m.Body}, "Status": {string(m.Status)},
		"Phone": {m.Phone}}
	if err := s.nameUser(tx, v, m); err != nil {
		return err
	}
	if m.MessageType != "" {
		v.Set("MessageType", m.MessageType)
	}
	if m.ErrorCode != 0 {
		v.Set("ErrorCode", fmt.Sprint(m.ErrorCode))
	}
	return s.conversations.Record(tx, conversations.Event{Type: happened, AccountSID: m.AccountSID,
		ConversationSID: m.ConversationSID, Params: v})
}

// nameUser adds the username of the phone to the parameters of an event, where the event has an ID in place of its number.
func (s *Sandbox) nameUser(tx store.Tx, v url.Values, m Message) error {
	if !twilio.IsExternalUserID(m.From) && !twilio.IsExternalUserID(m.To) {
		return nil
	}
	phone, err := s.phoneDoc(tx, m.Phone)
	if err == nil && phone.Username != "" {
		v.Set("Username", phone.Username)
	}
	return err
}
