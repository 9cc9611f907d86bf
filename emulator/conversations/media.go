package conversations

import (
	"context"
	"encoding/json"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Media is a file of a message, as the message tells of it. Reference, Conversations API 5.2.
type Media struct {
	Category    string  `json:"category"`
	Filename    *string `json:"filename"`
	Size        int64   `json:"size"` // bytes
	ContentType string  `json:"content_type"`
	SID         string  `json:"sid"`
}

// MediaFile is a file that the emulator keeps, with its bytes, which must not be changed.
type MediaFile struct {
	Media
	AccountSID string
	ServiceSID string
	// MessageSID is the message it is attached to: of a conversation (IM) or of a phone (SM, MM); empty before.
	MessageSID  string
	DateCreated Time
	Content     []byte
}

var mediaDocs = store.NewTable[MediaFile]("media")

// CreateMedia keeps a file; its SID, Size and DateCreated are set here.
func (a *API) CreateMedia(ctx context.Context, f MediaFile) (MediaFile, error) {
	err := a.update(ctx, func(tx store.Tx) (err error) {
		f, err = a.PutMedia(tx, f)
		return err
	})
	return f, err
}

// PutMedia is CreateMedia within a transaction.
func (a *API) PutMedia(tx store.Tx, f MediaFile) (MediaFile, error) {
	f.SID, f.Size, f.Category, f.DateCreated = a.sids.New("ME"), int64(len(f.Content)), "media", Time{a.now()}
	return f, mediaDocs.Put(tx, f.SID, f)
}

// FetchMediaFile returns a file of any account, or a 404.
func (a *API) FetchMediaFile(ctx context.Context, mediaSID string) (f MediaFile, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		f, err = mediaDocs.Get(tx, mediaSID)
		return err
	})
	return f, err
}

// FetchMedia returns a file of an account, or a 404.
func (a *API) FetchMedia(ctx context.Context, accountSID, mediaSID string) (f MediaFile, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		f, err = mediaDocs.Get(tx, mediaSID)
		if err == nil && f.AccountSID != accountSID {
			return store.ErrNotFound
		}
		return err
	})
	return f, err
}

// attach gives an uploaded file to a message: once, and within its service.
func (a *API) attach(tx store.Tx, c conversationDoc, m *messageDoc, mediaSID *string) error {
	if mediaSID == nil {
		return nil
	}
	f, err := mediaDocs.Get(tx, *mediaSID)
	if err != nil || f.ServiceSID != c.ChatServiceSID {
		return errMediaNotFound()
	}
	if f.MessageSID != "" {
		return errMediaInUse()
	}
	f.MessageSID = m.SID
	m.Media = []Media{f.Media}
	return mediaDocs.Put(tx, f.SID, f)
}

// webhookMedia is the Media parameter of a webhook: a JSON text with the keys in this case. Reference, WhatsApp and
// messaging 7.3 (a recorded request).
func webhookMedia(list []Media) string {
	type item struct {
		SID         string  `json:"Sid"`
		Filename    *string `json:"Filename"`
		ContentType string  `json:"ContentType"`
		Size        int64   `json:"Size"`
		Category    string  `json:"Category"`
	}
	items := make([]item, len(list))
	for i, m := range list {
		items[i] = item{SID: m.SID, Filename: m.Filename, ContentType: m.ContentType, Size: m.Size, Category: m.Category}
	}
	b, _ := json.Marshal(items) // cannot fail: texts and numbers only
	return string(b)
}
