package conversations

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// MaxMedia is the greatest size of a file, in bytes: 150 MB. Phones take less. Reference, Conversations API 5.5.
const MaxMedia = 150 << 20

// mediaLife is the time after which an uploaded file without a message is deleted. Reference, Conversations API 5.5.
const mediaLife = 5 * time.Minute

// mediaJob deletes an uploaded file that is not attached to a message.
type mediaJob struct{ MediaSID string }

// Kind is the type of the job.
func (mediaJob) Kind() string { return "media" }

// Media is the description of a file in its message. Reference, Conversations API 5.2.
type Media struct {
	Category    string  `json:"category"`
	Filename    *string `json:"filename"`
	Size        int64   `json:"size"` // bytes
	ContentType string  `json:"content_type"`
	SID         string  `json:"sid"`
}

// MediaFile is a file with its owner.
type MediaFile struct {
	Media
	AccountSID string
	// ServiceSID is the Conversation Service of the upload; empty for a file of a phone's message.
	ServiceSID string
	// MessageSID is the message that has the file: of a conversation (IM) or of a phone (SM, MM); empty before it is attached.
	// ConversationSID is the conversation of that message.
	MessageSID, ConversationSID string
	DateCreated, DateUpdated    time.Time
	// Content is the bytes of the file, which must not be changed. The store has them in a document of their own, so that reading
	// the description does not read them. FetchServiceMedia leaves them out.
	Content []byte `json:"-"`
}

// mediaContent is the content of a file. It has the key of its MediaFile.
type mediaContent struct{ Bytes []byte }

var (
	mediaDocs     = store.NewTable[MediaFile]("media")
	mediaContents = store.NewTable[mediaContent]("media_content")
)

// CreateMedia stores a file and sets its SID, Size and dates. A file that is attached to no message within five minutes is
// deleted. Errors: 20001 for an empty file or a Filename that is too long, 50511, 50512, and 404 for an unknown service.
func (a *API) CreateMedia(ctx context.Context, f MediaFile) (MediaFile, error) {
	if err := f.check(); err != nil {
		return MediaFile{}, err
	}
	err := a.update(ctx, func(tx store.Tx) (err error) {
		if f.ServiceSID != "" {
			if _, err := a.service(tx, Scope{AccountSID: f.AccountSID, ServiceSID: f.ServiceSID}); err != nil {
				return err
			}
		}
		f, err = a.PutMedia(tx, f)
		return err
	})
	return f, err
}

// check refuses a malformed file.
func (f MediaFile) check() error {
	mediaType, _, err := mime.ParseMediaType(f.ContentType)
	switch {
	case err != nil || !strings.Contains(mediaType, "/"):
		return ErrMediaType
	case len(f.Content) == 0:
		return twilio.MalformedBody("the file is empty")
	case len(f.Content) > MaxMedia:
		return ErrMediaTooLarge
	case utf8.RuneCountInString(twilio.Value(f.Filename)) > maxName:
		return twilio.InvalidParameter("Filename")
	}
	return nil
}

// PutMedia is CreateMedia in a transaction, without its checks.
func (a *API) PutMedia(tx store.Tx, f MediaFile) (MediaFile, error) {
	now := a.now()
	f.SID, f.Size, f.Category, f.DateCreated, f.DateUpdated = a.sids.New("ME"), int64(len(f.Content)), "media", now, now
	if f.MessageSID == "" {
		job := outbox.Job{ID: mediaJobID(f.SID), Due: now.Add(mediaLife), Args: mediaJob{f.SID}}
		if err := a.outbox.Put(tx, job); err != nil {
			return f, err
		}
	}
	if err := mediaContents.Put(tx, f.SID, mediaContent{f.Content}); err != nil {
		return f, err
	}
	return f, putMedia(tx, f)
}

// FetchMediaFile returns a file of any account, or a 404.
func (a *API) FetchMediaFile(ctx context.Context, mediaSID string) (f MediaFile, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		f, err = mediaWithContent(tx, mediaSID)
		return err
	})
	return f, err
}

// FetchMedia returns a file of an account, or a 404.
func (a *API) FetchMedia(ctx context.Context, accountSID, mediaSID string) (MediaFile, error) {
	f, err := a.FetchMediaFile(ctx, mediaSID)
	if err == nil && f.AccountSID != accountSID {
		return MediaFile{}, twilio.ErrNotFound
	}
	return f, err
}

// FetchServiceMedia returns a file of the scope's service, without its content, or a 404.
func (a *API) FetchServiceMedia(ctx context.Context, scope Scope, mediaSID string) (f MediaFile, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		f, err = a.serviceMedia(tx, scope, mediaSID)
		return err
	})
	return f, err
}

// DeleteServiceMedia removes a file of the scope's service. Its message keeps the description.
func (a *API) DeleteServiceMedia(ctx context.Context, scope Scope, mediaSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		if _, err := a.serviceMedia(tx, scope, mediaSID); err != nil {
			return err
		}
		return a.deleteMedia(tx, mediaSID)
	})
}

// DeleteMedia removes a file of an account in a transaction. Its message keeps the description.
func (a *API) DeleteMedia(tx store.Tx, accountSID, mediaSID string) error {
	f, err := mediaDocs.Get(tx, mediaSID)
	if err == nil && f.AccountSID != accountSID {
		err = store.ErrNotFound
	}
	if err != nil {
		return err
	}
	return a.deleteMedia(tx, mediaSID)
}

// serviceMedia returns a file of the scope's service, without its content, or ErrNotFound.
func (a *API) serviceMedia(tx store.Tx, scope Scope, mediaSID string) (MediaFile, error) {
	service, err := a.service(tx, scope)
	if err != nil {
		return MediaFile{}, err
	}
	f, err := mediaDocs.Get(tx, mediaSID)
	if err == nil && f.ServiceSID != service.SID {
		return MediaFile{}, store.ErrNotFound
	}
	return f, err
}

func mediaWithContent(tx store.Tx, mediaSID string) (MediaFile, error) {
	f, err := mediaDocs.Get(tx, mediaSID)
	if err != nil {
		return f, err
	}
	content, err := mediaContents.Get(tx, mediaSID)
	f.Content = content.Bytes
	return f, err
}

func putMedia(tx store.Tx, f MediaFile) error {
	f.Content = nil
	return mediaDocs.Put(tx, f.SID, f)
}

// deleteMedia removes a file with its content, and does nothing when there is none.
func (a *API) deleteMedia(tx store.Tx, mediaSID string) error {
	if err := store.IgnoreNotFound(mediaContents.Delete(tx, mediaSID)); err != nil {
		return err
	}
	if err := a.outbox.Cancel(tx, mediaJobID(mediaSID)); err != nil {
		return err
	}
	return store.IgnoreNotFound(mediaDocs.Delete(tx, mediaSID))
}

func mediaJobID(mediaSID string) string { return "media/" + mediaSID }

// runMedia is the worker of mediaJob. Attaching a file cancels its job.
func (a *API) runMedia(ctx context.Context, _ outbox.Job, args mediaJob) error {
	return a.update(ctx, func(tx store.Tx) error { return a.deleteMedia(tx, args.MediaSID) })
}

// attachMedia attaches an uploaded file to a message of the same service. A file can be attached once.
func (a *API) attachMedia(tx store.Tx, c conversationDoc, m *messageDoc, mediaSID *string) error {
	if mediaSID == nil {
		return nil
	}
	f, err := mediaDocs.Get(tx, *mediaSID)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && f.ServiceSID != c.ChatServiceSID:
		return errMediaNotFound
	case err != nil:
		return err
	case f.MessageSID != "":
		return errMediaInUse
	}
	f.MessageSID, f.ConversationSID, f.DateUpdated = m.SID, c.SID, a.now()
	m.Media = []Media{f.Media}
	if err := a.outbox.Cancel(tx, mediaJobID(f.SID)); err != nil {
		return err
	}
	return putMedia(tx, f)
}

// webhookMedia returns the Media parameter of a webhook: a JSON text with capitalized keys. Reference, WhatsApp and messaging 7.3
// (a recorded request).
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
	b, _ := json.Marshal(items) // strings and numbers cannot fail
	return string(b)
}

// linkLife is the lifetime of a link to a file. Reference, Conversations API 5.5.
const linkLife = 300 * time.Second

// linkKeyPair is the name of the key that signs links.
const linkKeyPair = "APKACLOUDFORGOT"

// MediaLink is the query of a temporary link to a file, which works without credentials.
type MediaLink struct {
	Expires   string // seconds since 1970
	Signature string
	KeyPairID string
}

// LinkMedia returns a link to a file of an account. It expires after 300 seconds of the emulator's clock.
func (a *API) LinkMedia(account Account, mediaSID string) MediaLink {
	expires := strconv.FormatInt(a.now().Add(linkLife).Unix(), 10)
	return MediaLink{Expires: expires, Signature: signLink(account, mediaSID, expires), KeyPairID: linkKeyPair}
}

// FetchLinkedMedia returns the file of a link. The error is 403/20403 for a link that LinkMedia did not make or that has expired,
// and a 404 for a file that was deleted.
func (a *API) FetchLinkedMedia(ctx context.Context, mediaSID string, link MediaLink) (f MediaFile, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		if f, err = mediaWithContent(tx, mediaSID); err != nil {
			return err
		}
		account, err := accounts.Get(tx, f.AccountSID)
		if err != nil {
			return err
		}
		expires, err := strconv.ParseInt(link.Expires, 10, 64)
		valid := hmac.Equal([]byte(link.Signature), []byte(signLink(account, mediaSID, link.Expires)))
		switch {
		case err != nil || !valid || link.KeyPairID != linkKeyPair:
			return twilio.Forbidden("the signature of the link is not valid")
		case a.now().Unix() >= expires:
			return twilio.Forbidden("the link has expired")
		}
		return nil
	})
	if err != nil {
		return MediaFile{}, err
	}
	return f, nil
}

// signLink signs a link with the account's auth token, so that it works in every process on the same state.
func signLink(account Account, mediaSID, expires string) string {
	mac := hmac.New(sha256.New, []byte(account.AuthToken))
	mac.Write([]byte("media\n" + mediaSID + "\n" + expires))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
