package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

const (
	// mediaTimeout is the real time that fetching the files of a message may take.
	mediaTimeout = 15 * time.Second
	// maxMediaRedirects is the greatest number of redirects of a file.
	maxMediaRedirects = 5
)

// fetched are the files of a message, or the code with which it fails for their sake.
type fetched struct {
	files []conversations.MediaFile
	code  int
}

// filesJob fetches the files of a message, and lets it wait for its turn then.
type filesJob struct{ MessageSID string }

// Kind is the type of the job.
func (filesJob) Kind() string { return "files" }

// fetchFiles is the worker of filesJob.
func (s *Sandbox) fetchFiles(ctx context.Context, _ outbox.Job, args filesJob) error {
	m, err := s.FetchMessage(ctx, args.MessageSID)
	if err != nil || !m.Status.IsUnsent() {
		return unlessGone(err)
	}
	code, err := s.failsWithoutFiles(ctx, m)
	if err != nil {
		return err
	}
	var files fetched
	if code == 0 {
		if files, err = s.fetchMedia(ctx, m); err != nil {
			return err
		}
		code = files.code
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if m, err = messages.Get(tx, m.SID); err != nil || !m.Status.IsUnsent() {
			return err // canceled or moved on by hand meanwhile
		}
		if code != 0 {
			return s.fail(tx, &m, code, nil)
		}
		if err := s.keepFiles(tx, &m, files); err != nil {
			return err
		}
		if err := messages.Put(tx, m.SID, m); err != nil {
			return err
		}
		return s.enqueueSending(tx, m, sendingQueue(m))
	})
	if err != nil {
		return unlessGone(err)
	}
	return s.report(ctx, m)
}

// failsWithoutFiles returns the code with which a message fails whatever its files are, or 0.
func (s *Sandbox) failsWithoutFiles(ctx context.Context, m Message) (code int, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		if code, err = s.gate(tx, m); err != nil || code != 0 {
			return err
		}
		_, allowed, err := s.rate(tx, m)
		if !allowed {
			code = codeRate
		}
		return err
	})
	return code, err
}

// fetchMedia fetches the files of a message, as Twilio does before it sends it: what they are is decided by their content.
// Reference, WhatsApp 2.7.
func (s *Sandbox) fetchMedia(ctx context.Context, m Message) (fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
	defer cancel()
	var all fetched
	set, err := s.FetchSwitches(ctx)
	if err != nil {
		return all, err
	}
	for _, link := range m.MediaURLs {
		f, err := s.fetchFile(ctx, link)
		if err == nil && twilio.IsWhatsApp(m.To) {
			err = checkOpus(twilio.Value(f.Filename), f.ContentType, f.Content, set.OggNotOpus)
		}
		if err != nil {
			all.code = codeMediaMissing
			var refused *fileError
			if errors.As(err, &refused) {
				all.code = refused.code
			}
			s.alert(ctx, m, all.code, link, err.Error())
			return all, nil
		}
		f.AccountSID = m.AccountSID
		all.files = append(all.files, f)
	}
	return all, nil
}

// fetchFile asks for a file by HEAD, and then by GET. What its server says of type and length in either must be so; a
// server that knows no HEAD is only asked by GET. It reads one byte more than a file may have, so that a larger one is seen
// and not kept.
func (s *Sandbox) fetchFile(ctx context.Context, link string) (f conversations.MediaFile, _ error) {
	at, err := url.Parse(link)
	if err != nil {
		return f, err
	}
	name := path.Base(at.Path)
	head, err := s.request(ctx, http.MethodHead, link)
	if err != nil {
		return f, err
	}
	_ = head.Body.Close()
	if head.StatusCode == http.StatusOK && head.ContentLength > MaxFile {
		return f, &fileError{codeMediaSize, fmt.Sprintf("the file %q is said to have %d bytes: WhatsApp takes %d at most", name, head.ContentLength, MaxFile)}
	}
	answer, err := s.request(ctx, http.MethodGet, link)
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
	if head.StatusCode == http.StatusOK {
		if _, _, err := checkFile(name, head.Header.Get("Content-Type"), content); err != nil {
			return f, err
		}
	}
	contentType, _, err := checkFile(name, answer.Header.Get("Content-Type"), content)
	return conversations.MediaFile{Content: content, Media: conversations.Media{ContentType: contentType, Filename: twilio.Optional(name)}}, err
}

// request asks the server of a file, and those that it sends on to. The caller closes the answer's body.
func (s *Sandbox) request(ctx context.Context, method, link string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, link, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "TwilioMediaProxy/1.0")
	if s.itself(r.URL) {
		return nil, errItself
	}
	client := http.Client{Transport: s.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > maxMediaRedirects {
			return fmt.Errorf("more than %d redirects", maxMediaRedirects)
		}
		if s.itself(next.URL) {
			return errItself
		}
		_, err := webhook.ParseURL(next.URL.String())
		return err
	}}
	return client.Do(r)
}

// FileProblem is the reason for which a message to a phone cannot have its file.
type FileProblem struct {
	// Code with which the message fails, of Twilio's error dictionary.
	Code int    `json:"code"`
	Text string `json:"text"`
}

// checkConversationFiles looks at the files of a message of a conversation, which are taken for what they were uploaded as. It returns nil
// when WhatsApp takes them.
func (s *Sandbox) checkConversationFiles(ctx context.Context, m conversations.Message) (*FileProblem, error) {
	if len(m.Media) == 0 {
		return nil, nil
	}
	set, err := s.FetchSwitches(ctx)
	if err != nil {
		return nil, err
	}
	for _, uploaded := range m.Media {
		f, err := s.conversations.FetchMedia(ctx, m.AccountSID, uploaded.SID)
		if err != nil {
			return nil, err
		}
		name, contentType := twilio.Value(f.Filename), typeName(f.ContentType)
		err = checkType(name, contentType, f.Content)
		if err == nil {
			err = checkOpus(name, contentType, f.Content, set.OggNotOpus)
		}
		var refused *fileError
		if errors.As(err, &refused) {
			return &FileProblem{refused.code, refused.text}, nil
		}
	}
	return nil, nil
}

// keepFiles keeps what was fetched for a message that is being sent.
func (s *Sandbox) keepFiles(tx store.Tx, m *Message, files fetched) error {
	for _, f := range files.files {
		f.MessageSID = m.SID
		kept, err := s.conversations.PutMedia(tx, f)
		if err != nil {
			return err
		}
		m.Media = append(m.Media[:len(m.Media):len(m.Media)], fileOf(kept.Media))
	}
	m.MediaURLs = nil
	return nil
}
