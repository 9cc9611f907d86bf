package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// NewMessage is what a phone sends: a text; a file, with a caption or without; a contact; or one of whatsapp.Details: a
// location, a button, a list choice. Any of them can be an answer, be forwarded, or come from an advertisement.
type NewMessage struct {
	// To is the sender it writes to; empty means the sandbox.
	To   string `json:"to,omitempty"`
	Body string `json:"body,omitempty"`
	// ProfileName renames the phone first.
	ProfileName string            `json:"profile_name,omitempty"`
	File        *NewFile          `json:"file,omitempty"`
	Contact     *whatsapp.Contact `json:"contact,omitempty"`
	whatsapp.Details
	// Unsupported is reaction, poll, edit or deletion: Twilio has no webhook for these, so they are dropped and logged.
	Unsupported string `json:"unsupported,omitempty"`
}

// NewFile is a file that a phone sends. Its type is found by the content; ContentType, if it is set, must not contradict.
type NewFile struct {
	Filename    string `json:"filename"`
	ContentType string `json:"content_type,omitempty"`
	Content     []byte `json:"content"` // base64 in JSON
}

// ReadFile reads a file of this machine that a phone is to send. It asks what the file is before it opens it, as opening a
// pipe waits, and reads no more than one byte beyond what WhatsApp takes. The error is a sentence that names the path.
func ReadFile(path string) (NewFile, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return NewFile{}, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return NewFile{}, fmt.Errorf("the file %s cannot be read: %w", path, err)
	case !info.Mode().IsRegular():
		return NewFile{}, fmt.Errorf("%s is not a file that can be sent", path)
	case info.Size() > whatsapp.MaxFile:
		return NewFile{}, fmt.Errorf("%s has %d bytes: WhatsApp takes %d at most", path, info.Size(), whatsapp.MaxFile)
	}
	f, err := os.Open(path) //nolint:gosec // the caller names the file
	if err != nil {
		return NewFile{}, fmt.Errorf("the file %s cannot be read: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, whatsapp.MaxFile+1)) // one more: the emulator refuses a file that has grown
	return NewFile{Filename: filepath.Base(path), Content: content}, err
}

// newAlbum is several files that a phone sends at once.
type newAlbum struct {
	NewMessage
	Files []NewFile `json:"files"`
}

// inbound is the message as package whatsapp takes it.
func (m NewMessage) inbound(r *http.Request) whatsapp.Inbound {
	in := whatsapp.Inbound{From: mux.Vars(r)["number"], To: m.To, Body: m.Body, ProfileName: m.ProfileName,
		Contact: m.Contact, Details: m.Details, Unsupported: m.Unsupported}
	if m.File != nil {
		file := whatsapp.InboundFile(*m.File)
		in.File = &file
	}
	return in
}

func (h *Handler) sendMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	var wanted NewMessage
	if err := decode(r, &wanted); err != nil {
		return nil, err
	}
	m, err := h.Sandbox.Receive(r.Context(), wanted.inbound(r))
	return m, refused(err)
}

// SendMessage sends a message from a phone and returns when the emulator has it; see Settle for what follows.
func (c *Client) SendMessage(ctx context.Context, number string, wanted NewMessage) (m whatsapp.Message, err error) {
	err = c.do(ctx, "POST", phonePath(number)+"/messages", wanted, &m)
	return m, err
}

func (h *Handler) sendAlbum(_ http.ResponseWriter, r *http.Request) (any, error) {
	var wanted newAlbum
	if err := decode(r, &wanted); err != nil {
		return nil, err
	}
	files := make([]whatsapp.InboundFile, len(wanted.Files))
	for i, f := range wanted.Files {
		files[i] = whatsapp.InboundFile(f)
	}
	list, err := h.Sandbox.ReceiveAlbum(r.Context(), wanted.inbound(r), files)
	return messageList{list}, refused(err)
}

// SendAlbum sends several files from a phone: each is a message of its own, as WhatsApp hands albums on; the text of wanted
// goes with the first.
func (c *Client) SendAlbum(ctx context.Context, number string, wanted NewMessage, files []NewFile) ([]whatsapp.Message, error) {
	var list messageList
	err := c.do(ctx, "POST", phonePath(number)+"/albums", newAlbum{wanted, files}, &list)
	return list.Messages, err
}
