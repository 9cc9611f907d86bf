package steps

import (
	"context"
	"fmt"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

func (w *World) kindSteps() []definition {
	return []definition{
		{form: "{phone}'s phone sends:", run: w.PhoneSendsTable},
		{form: "{phone}'s phone sends an album of {number} photos", run: w.PhoneSendsAlbum},
		{form: "{phone}'s phone sends {text} to {text}", run: w.PhoneSendsTo, beside: true},
		{form: "a message of the kind {text} is dropped", run: w.KindIsDropped},
	}
}

// PhoneSendsTo sends a text to a sender of an account's own.
func (w *World) PhoneSendsTo(ctx context.Context, owner, body, sender string) error {
	return w.phoneSends(ctx, owner, control.NewMessage{Body: body, To: sender})
}

// PhoneSendsAlbum sends several photos at once, which WhatsApp hands on one by one.
func (w *World) PhoneSendsAlbum(ctx context.Context, owner string, count int) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	content, err := fixtures.Read(fixtures.Photo)
	if err != nil {
		return err
	}
	files := make([]control.NewFile, count)
	for i := range files {
		files[i] = control.NewFile{Filename: fixtures.Photo, Content: content}
	}
	_, err = w.control.SendAlbum(ctx, p.number, control.NewMessage{ProfileName: owner}, files)
	return err
}

// kindColumns are the columns of the table of PhoneSendsTable.
var kindColumns = []string{"text", "to", "file", "location", "label", "address", "contact", "contact number", "template button",
	"button", "payload", "list choice", "list id", "reply to", "forwarded", "ad", "ad id", "ad url", "unsupported"}

// PhoneSendsTable sends one message for each row, of any kind, one after the other. The columns are those of the package
// comment.
func (w *World) PhoneSendsTable(ctx context.Context, owner string, table Table) error {
	header, rows, err := table.columns(kindColumns...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		cells := map[string]string{}
		for i, name := range header {
			cells[name] = row[i]
		}
		m, err := newMessage(cells)
		if err != nil {
			return err
		}
		if m.ReplyTo, err = w.quoted(ctx, owner, cells["reply to"]); err != nil {
			return err
		}
		if err := w.phoneSends(ctx, owner, m); err != nil {
			return err
		}
		if err := w.settleOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// newMessage is the message that a row describes.
func newMessage(cells map[string]string) (m control.NewMessage, err error) {
	m = control.NewMessage{Body: cells["text"], To: cells["to"], Unsupported: cells["unsupported"]}
	m.FrequentlyForwarded = cells["forwarded"] == "often"
	m.Forwarded = cells["forwarded"] == "once"
	if file := cells["file"]; file != "" {
		name := fileOf(file)
		content, err := fixtures.Read(name)
		if err != nil {
			return m, err
		}
		m.File = &control.NewFile{Filename: name, Content: content}
	}
	if name := cells["contact"]; name != "" {
		m.Contact = &whatsapp.Contact{Name: name, Phone: cells["contact number"]}
	}
	for _, kind := range []string{"template button", "button"} {
		if text := cells[kind]; text != "" {
			m.Button = &whatsapp.Button{Text: text, Payload: cells["payload"], Interactive: kind == "button"}
		}
	}
	if title := cells["list choice"]; title != "" {
		m.ListChoice = &whatsapp.ListChoice{ID: cells["list id"], Title: title}
	}
	if cells["ad"] != "" {
		m.Referral = &whatsapp.Referral{Headline: cells["ad"], SourceID: cells["ad id"], SourceURL: cells["ad url"], SourceType: "ad"}
	}
	if at := cells["location"]; at != "" {
		var l whatsapp.Location
		l, err = whatsapp.ParseLocation(at)
		l.Label, l.Address = cells["label"], cells["address"]
		m.Location = &l
	}
	return m, err
}

// quoted is the SID of the newest message in a phone's thread with a text; none for no text.
func (w *World) quoted(ctx context.Context, owner, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	p, err := w.phone(owner)
	if err != nil {
		return "", err
	}
	thread, err := w.control.ListMessages(ctx, p.number, 0, 0)
	if err != nil {
		return "", err
	}
	for i := len(thread) - 1; i >= 0; i-- {
		if thread[i].Body == text {
			return thread[i].SID, nil
		}
	}
	return "", fmt.Errorf("%s's phone has no message %q to reply to", owner, text)
}

// KindIsDropped checks that the emulator has logged a message of a kind that Twilio has no webhook for: reaction, poll, edit
// or deletion.
func (w *World) KindIsDropped(ctx context.Context, kind string) error {
	events, err := w.control.ListEvents(ctx, w.events, 0)
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.Type == whatsapp.MessageDropped && e.Params.Get("Kind") == kind {
			return nil
		}
	}
	return fmt.Errorf("the emulator has dropped no message of the kind %q", kind)
}
