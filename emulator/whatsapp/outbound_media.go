package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

const (
	// mediaTimeout is the real time that fetching the files of a message may take.
	mediaTimeout = 15 * time.Second
	// maxMediaRedirects is how often a server of files may send on to another place.
	maxMediaRedirects = 5
)

// fetched are the files of a message, or the code with which it fails for their sake.
type fetched struct {
	files []conversations.MediaFile
	code  int
}

// mayFetch returns a *conversations.RetryError when a message cannot be sent yet, so that its files are not fetched for
// every attempt.
func (s *Sandbox) mayFetch(ctx context.Context, m Message) error {
	return s.Store.View(ctx, func(tx store.Tx) error {
		free, allowed, err := s.rate(tx, m)
		if err != nil || !allowed || free.IsZero() {
			return err
		}
		return &conversations.RetryError{At: free, Err: errors.New("the sandbox's rate")}
	})
}

// fetchMedia fetches the files of a message, as Twilio does before it sends it: what they are is decided by their content.
// Reference, WhatsApp 2.7.
func (s *Sandbox) fetchMedia(ctx context.Context, m Message) fetched {
	ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
	defer cancel()
	var all fetched
	for _, link := range m.MediaURLs {
		f, err := s.fetchFile(ctx, link)
		if err != nil {
			all.code = codeMediaMissing
			var refused *fileError
			if errors.As(err, &refused) {
				all.code = refused.code
			}
			s.alert(ctx, m, all.code, link, err.Error())
			return all
		}
		f.AccountSID = m.AccountSID
		all.files = append(all.files, f)
	}
	return all
}

// fetchFile fetches one file. It reads one byte more than a file may have, so that a larger one is seen and not kept.
func (s *Sandbox) fetchFile(ctx context.Context, link string) (f conversations.MediaFile, _ error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return f, err
	}
	r.Header.Set("User-Agent", "TwilioMediaProxy/1.0")
	if s.itself(r.URL) {
		return f, errItself
	}
	client := http.Client{Transport: s.Transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > maxMediaRedirects {
			return fmt.Errorf("more than %d redirects", maxMediaRedirects)
		}
		if s.itself(next.URL) {
			return errItself
		}
		_, err := webhook.ParseURL(next.URL.String())
		return err
	}}
	answer, err := client.Do(r)
	if err != nil {
		return f, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return f, fmt.Errorf("the server of the file answered %s", answer.Status)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, MaxFile+1))
	if err != nil {
		return f, err
	}
	name := path.Base(r.URL.Path)
	contentType, _, err := checkFile(name, answer.Header.Get("Content-Type"), content)
	return conversations.MediaFile{Content: content, Media: conversations.Media{ContentType: contentType, Filename: optional(name)}}, err
}

// checkFiles returns the code with which a message fails for its files, or 0. Files of a conversation are taken for what
// they were uploaded as.
func checkFiles(m Message, files fetched) int {
	if files.code != 0 {
		return files.code
	}
	if !conversations.IsWhatsApp(m.To) {
		return 0
	}
	for _, f := range m.Media {
		if f.Size > MaxFile {
			return codeMediaSize
		}
		if _, taken := fileTypes[typeName(f.ContentType)]; !taken {
			return codeMediaContent
		}
	}
	return 0
}

// keepFiles keeps what was fetched for a message that is being sent.
func (s *Sandbox) keepFiles(tx store.Tx, m *Message, files fetched) error {
	for _, f := range files.files {
		f.MessageSID = m.SID
		kept, err := s.Conversations.PutMedia(tx, f)
		if err != nil {
			return err
		}
		m.Media = append(m.Media[:len(m.Media):len(m.Media)], fileOf(kept.Media))
	}
	m.MediaURLs = nil
	return nil
}
