package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// NewMessage is a message for a phone to send: a text; a file, with a caption or without; a contact; or one of whatsapp.Details: a
// location, a button, a list choice. Any of them can be an answer, be forwarded, or come from an advertisement. Package
// whatsapp has the limits of the fields.
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

func (*NewMessage) holdsFiles() {}

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
	Files albumFiles `json:"files"`
}

// albumFiles are whatsapp.MaxAlbum files at most: more are not decoded.
type albumFiles []NewFile

// UnmarshalJSON decodes the files one by one, so that too many cost nothing.
func (files *albumFiles) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return invalid.Errorf("files: it must be a list of files")
	}
	for *files = nil; d.More(); {
		if len(*files) == whatsapp.MaxAlbum {
			return errAlbumTooLong()
		}
		var f NewFile
		if err := d.Decode(&f); err != nil {
			return err
		}
		*files = append(*files, f)
	}
	return nil
}

func errAlbumTooLong() error {
	return invalid.Errorf("an album has %d files at most: send the others in another album", whatsapp.MaxAlbum)
}

// inbound is the message as package whatsapp takes it.
func (m NewMessage) inbound(from string) whatsapp.Inbound {
	in := whatsapp.Inbound{From: from, To: m.To, Body: m.Body, ProfileName: m.ProfileName,
		Contact: m.Contact, Details: m.Details, Unsupported: m.Unsupported}
	if m.File != nil {
		file := whatsapp.InboundFile(*m.File)
		in.File = &file
	}
	return in
}

// SendMessage sends a message from a phone and returns when the emulator has it; see Settle for what follows.
func (c *Client) SendMessage(ctx context.Context, number string, wanted NewMessage) (whatsapp.Message, error) {
	return call(ctx, c, sendMessage, wanted, number)
}

// SendAlbum sends several files from a phone, whatsapp.MaxAlbum at most: each is a message of its own, as WhatsApp hands
// albums on; the text of wanted goes with the first.
func (c *Client) SendAlbum(ctx context.Context, number string, wanted NewMessage, files []NewFile) ([]whatsapp.Message, error) {
	if len(files) > whatsapp.MaxAlbum {
		return nil, errAlbumTooLong()
	}
	list, err := call(ctx, c, sendAlbum, newAlbum{wanted, files}, number)
	return list.Messages, err
}
