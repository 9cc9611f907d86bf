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

// MaxMedia is the greatest size of a file, in bytes: 150 MB, in chat. Phones take less. Reference, Conversations API 5.5.
const MaxMedia = 150 << 20

// mediaLife is how long an uploaded file waits for its message. Reference, Conversations API 5.5.
const mediaLife = 5 * time.Minute

// mediaJob deletes an uploaded file that no message has taken.
type mediaJob struct{ MediaSID string }

// Kind is the type of the job.
func (mediaJob) Kind() string { return "media" }

// Media is a file of a message, as the message tells of it. Reference, Conversations API 5.2.
type Media struct {
	Category    string  `json:"category"`
	Filename    *string `json:"filename"`
	Size        int64   `json:"size"` // bytes
	ContentType string  `json:"content_type"`
	SID         string  `json:"sid"`
}

// MediaFile is a file that the emulator keeps.
type MediaFile struct {
	Media
	AccountSID string
	// ServiceSID is the Conversation Service that it was uploaded to; empty for a file of a phone's message.
	ServiceSID string
	// MessageSID is the message it is attached to: of a conversation (IM) or of a phone (SM, MM); empty before.
	// ConversationSID is that message's conversation.
	MessageSID, ConversationSID string
	DateCreated, DateUpdated    time.Time
	// Content are the bytes, which must not be changed. They are a document of their own, so that what only tells of a
	// file does not read them; FetchServiceMedia leaves them out.
	Content []byte `json:"-"`
}

// mediaContent is the content of a file, under the same key.
type mediaContent struct{ Bytes []byte }

var (
	mediaDocs     = store.NewTable[MediaFile]("media")
	mediaContents = store.NewTable[mediaContent]("media_content")
)

// CreateMedia keeps a file; its SID, Size and dates are set here. A file of a Conversation Service is collected after five
// minutes unless a message takes it. Errors: 20001 for an empty file or too long a name, 50511, 50512, and 404 for an
// unknown service.
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

// check refuses a file that cannot be anybody's.
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

// PutMedia is CreateMedia within a transaction, without its checks.
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

// FetchServiceMedia returns what is known of a file of the scope's service, without its content, or a 404.
func (a *API) FetchServiceMedia(ctx context.Context, scope Scope, mediaSID string) (f MediaFile, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		f, err = a.serviceMedia(tx, scope, mediaSID)
		return err
	})
	return f, err
}

// DeleteServiceMedia removes a file of the scope's service. A message that it is attached to goes on naming it.
func (a *API) DeleteServiceMedia(ctx context.Context, scope Scope, mediaSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		if _, err := a.serviceMedia(tx, scope, mediaSID); err != nil {
			return err
		}
		return a.deleteMedia(tx, mediaSID)
	})
}

// DeleteMedia removes a file of an account in a transaction. What it is attached to goes on naming it.
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

// deleteMedia removes a file, if it is there, with its content.
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

// runMedia is the worker of mediaJob. A file that was attached has no such job any more.
func (a *API) runMedia(ctx context.Context, _ outbox.Job, args mediaJob) error {
	return a.update(ctx, func(tx store.Tx) error { return a.deleteMedia(tx, args.MediaSID) })
}

// attachMedia gives an uploaded file to a message: once, and within its service.
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

// linkLife is how long a temporary link to a file works. Reference, Conversations API 5.5.
const linkLife = 300 * time.Second

// linkKeyPair names the key that signs links.
const linkKeyPair = "APKACLOUDFORGOT"

// MediaLink is what makes a link to a file work for a while without credentials: three parameters of its query.
type MediaLink struct {
	Expires   string // seconds since 1970
	Signature string
	KeyPairID string
}

// LinkMedia returns a link to a file of an account that works for 300 seconds of the emulator's clock.
func (a *API) LinkMedia(account Account, mediaSID string) MediaLink {
	expires := strconv.FormatInt(a.now().Add(linkLife).Unix(), 10)
	return MediaLink{Expires: expires, Signature: signLink(account, mediaSID, expires), KeyPairID: linkKeyPair}
}

// FetchLinkedMedia returns the file that a link leads to. The error is 403/20403 when the link is not LinkMedia's or is
// too old, and a 404 when the file is gone.
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
