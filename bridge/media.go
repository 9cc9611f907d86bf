package bridge

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twilio/twilio-go/client"
)

const (
	// maxMediaSize is WhatsApp's limit for a file: 16 MiB.
	maxMediaSize = 16 << 20
	// mediaBudget bounds the moving of all attachments of a message.
	mediaBudget = 60 * time.Second
	// mediaTimeout bounds one exchange.
	mediaTimeout = 20 * time.Second
	// mediaTransfers is the number of attachments that are moved at the same time. Each is held in memory.
	mediaTransfers    = 8
	maxRedirects      = 5
	apiHost           = "api.twilio.com"
	conversationsHost = "conversations.twilio.com"
)

// mediaHosts are the domains that Twilio keeps media on. They are asked without credentials.
var mediaHosts = []string{"twilio.com", "twiliocdn.com", "amazonaws.com"}

// thisMachine are the names under which an emulator on this machine has files and API on different hosts.
var thisMachine = []string{"localhost", "127.0.0.1", "::1"}

// mediaPath is the only form of MediaUrl that gets credentials (reference, WhatsApp 4.1).
var mediaPath = regexp.MustCompile(`^/2010-04-01/Accounts/([A-Za-z0-9]+)/Messages/([A-Za-z0-9]+)/Media/(ME[0-9a-fA-F]{32})$`)

// file is a fetched attachment.
type file struct {
	name        string
	contentType string
	content     []byte
}

// mediaError says why an attachment cannot be moved. Its text is shown to the agent.
type mediaError struct {
	reason  string
	passing bool // worth another attempt
}

func (e *mediaError) Error() string { return e.reason }

// fetchMedia gets the attachment of m that source names, with credentials for Twilio's host and for no other. A file
// can be missing for a moment after its webhook, so 404 is tried again after one and three seconds (reference, 4.1).
func (t *twilio) fetchMedia(ctx context.Context, m *inbound, source *mediaSource) (*file, error) {
	u, err := t.mediaURL(m, source.url)
	if err != nil {
		return nil, err
	}
	waits := &backoff.ExponentialBackOff{InitialInterval: time.Second, Multiplier: 3, MaxInterval: 3 * time.Second}
	return retry(ctx, t.pace, patience{waits: waits, tries: 3}, func() (*file, error) {
		fetched, err := t.fetchOnce(ctx, u)
		if failed := new(mediaError); errors.As(err, &failed) && !failed.passing {
			return nil, backoff.Permanent(err)
		}
		if err != nil {
			return nil, err
		}
		fetched.contentType = mediaType(fetched.contentType, source.contentType)
		fetched.name = mediaName(fetched.contentType, path.Base(u.Path))
		return fetched, nil
	})
}

// mediaURL checks that raw is a file of this very message on Twilio's host, so that a forged parameter cannot lead the
// credentials elsewhere.
func (t *twilio) mediaURL(m *inbound, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || raw == "" {
		return nil, &mediaError{reason: "its URL is missing or malformed"}
	}
	filePath := u.Path
	switch {
	case t.apiURL != nil && u.Host == t.apiURL.Host:
		filePath = strings.TrimPrefix(u.Path, strings.TrimSuffix(t.apiURL.Path, "/"))
	case u.Host == apiHost && u.Scheme == "https":
		if t.apiURL != nil {
			u = leadTo(u, t.apiURL)
		}
	default:
		return nil, &mediaError{reason: "its URL is not on Twilio's host"}
	}
	found := mediaPath.FindStringSubmatch(filePath)
	if found == nil || found[1] != m.AccountSID || found[2] != m.sid() {
		return nil, &mediaError{reason: "its URL does not belong to this message"}
	}
	return u, nil
}

// fetchOnce follows redirects by hand: credentials stay with the host they are for, and only known hosts are asked.
func (t *twilio) fetchOnce(ctx context.Context, u *url.URL) (*file, error) {
	ctx, cancel := t.pace.withTimeout(ctx, mediaTimeout)
	defer cancel()
	home := u
	for range maxRedirects {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, &mediaError{reason: "its URL is malformed"}
		}
		if u.Host == home.Host && u.Scheme == home.Scheme {
			request.SetBasicAuth(t.account.Username, t.account.Password)
		}
		response, err := t.raw(request)
		if err != nil {
			return nil, &mediaError{reason: "Twilio's media host did not answer", passing: true}
		}
		if response.StatusCode < 300 || response.StatusCode > 399 {
			return readMedia(response)
		}
		_ = response.Body.Close()
		next, err := u.Parse(response.Header.Get("Location"))
		if err != nil || !t.mediaHost(next) {
			return nil, &mediaError{reason: "it was redirected to a host that is not Twilio's"}
		}
		u = next
	}
	return nil, &mediaError{reason: "it was redirected too often"}
}

// raw makes one exchange with HTTPClient, whose own rule for redirects is not used.
func (t *twilio) raw(request *http.Request) (*http.Response, error) {
	c := *t.http
	c.CheckRedirect = lastResponse
	return c.Do(request)
}

// mediaHost reports whether a redirect to u may be followed: https to a domain that Twilio keeps media on, or any port
// of the host that stands in for Twilio, by another name too where that is this machine.
func (t *twilio) mediaHost(u *url.URL) bool {
	if t.apiURL != nil && (u.Scheme == "http" || u.Scheme == "https") {
		standIn := t.apiURL.Hostname()
		if u.Hostname() == standIn || slices.Contains(thisMachine, u.Hostname()) && slices.Contains(thisMachine, standIn) {
			return true
		}
	}
	return u.Scheme == "https" && slices.ContainsFunc(mediaHosts, func(domain string) bool {
		return u.Hostname() == domain || strings.HasSuffix(u.Hostname(), "."+domain)
	})
}

func readMedia(response *http.Response) (*file, error) {
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case status == http.StatusOK:
	case status == http.StatusNotFound, status == http.StatusTooManyRequests, status >= 500:
		return nil, &mediaError{reason: fmt.Sprintf("Twilio's media host answered %d", status), passing: true}
	default:
		return nil, &mediaError{reason: fmt.Sprintf("Twilio's media host answered %d", status)}
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, maxMediaSize+1))
	if err != nil {
		return nil, &mediaError{reason: "it broke off", passing: true}
	}
	if len(content) > maxMediaSize {
		return nil, &mediaError{reason: "it is larger than 16 MiB"}
	}
	return &file{contentType: response.Header.Get("Content-Type"), content: content}, nil
}

// mediaType returns the fetched content type, or the one of the webhook where the fetched one is missing or generic.
func mediaType(fetched, announced string) string {
	kind, _, err := mime.ParseMediaType(fetched)
	if err != nil || kind == "application/octet-stream" || kind == "binary/octet-stream" {
		return cmp.Or(announced, "application/octet-stream")
	}
	return kind
}

// mediaName returns a file name: the SID, and the extension of the type.
func mediaName(contentType, sid string) string {
	return sid + mediaExtensions[contentType]
}

// mediaExtensions are those of the types that WhatsApp carries (reference, WhatsApp 2.7).
var mediaExtensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "audio/ogg": ".ogg", "audio/amr": ".amr",
	"audio/3gpp": ".3gp", "audio/aac": ".aac", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "video/mp4": ".mp4", "video/3gpp": ".3gp",
	"application/pdf": ".pdf", "application/msword": ".doc", "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/plain": ".txt",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
}

// mcsURL is Twilio's media content service, which no SDK knows (reference, WhatsApp 4.2).
const mcsURL = "https://mcs.us1.twilio.com/v1/Services/"

// uploadMedia stores f for messages of a Conversation Service and returns its SID (ME…). Twilio drops a file that is
// not attached within five minutes, so an upload that turns out not to be needed leaves nothing behind.
func (t *twilio) uploadMedia(ctx context.Context, serviceSID string, f *file) (string, error) {
	target := mcsURL + url.PathEscape(serviceSID) + "/Media?" + url.Values{"Filename": {f.name}}.Encode()
	u, err := url.Parse(target)
	if err != nil {
		return "", err
	}
	if t.apiURL != nil {
		u = leadTo(u, t.apiURL)
	}
	operation := "POST " + route(mcsURL+"ME/Media")
	sid, err := retry(ctx, t.pace, patience{waits: callBackOff(), budget: callBudget}, func() (string, error) {
		began := time.Now()
		sid, err := t.uploadOnce(ctx, u, f)
		if err == nil {
			t.called(operation, http.StatusCreated, time.Since(began))
			return sid, nil
		}
		failed := newCallError(operation, err)
		t.called(operation, failed.status, time.Since(began))
		// A second copy of a file does no harm, so that more than refused calls may be tried again.
		if permanent(failed) || failed.status == http.StatusNotFound {
			return "", backoff.Permanent(failed)
		}
		return "", failed
	})
	if err != nil {
		return "", newCallError(operation, err)
	}
	return sid, nil
}

func (t *twilio) uploadOnce(ctx context.Context, u *url.URL, f *file) (string, error) {
	ctx, cancel := t.pace.withTimeout(ctx, mediaTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(f.content))
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(t.account.Username, t.account.Password)
	request.Header.Set("Content-Type", f.contentType)
	request.Header.Set("Content-Size", strconv.Itoa(len(f.content)))
	response, err := t.raw(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated && response.StatusCode != http.StatusOK {
		return "", uploadError(response, body, t.pace.Now())
	}
	var stored struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal(body, &stored); err != nil || stored.SID == "" {
		return "", errors.New("the media service answered without a SID")
	}
	return stored.SID, nil
}

func uploadError(response *http.Response, body []byte, now time.Time) error {
	rest := &client.TwilioRestError{}
	if json.Unmarshal(body, rest) != nil || rest.Message == "" {
		rest.Message = fmt.Sprintf("the media service answered %s", response.Status)
	}
	rest.Status = response.StatusCode
	failed := newCallError("POST "+route(mcsURL+"ME/Media"), rest)
	failed.retryAfter = parseRetryAfter(response.Header.Get("Retry-After"), now)
	return failed
}

// moveMedia fetches the attachment of p and stores it for the service; on failure p says what is missing.
func (d *delivery) moveMedia(ctx context.Context, p *part, serviceSID string) {
	err := d.h.twilio.move(ctx, d.message, p, serviceSID)
	d.h.config.Metrics.Media(err == nil)
	if err == nil {
		return
	}
	p.missing = "it could not be stored in time"
	if failed := new(mediaError); errors.As(err, &failed) {
		p.missing = failed.reason
	}
	d.log.Error("attachment not transferred, the message says so", "part", p.number, "content_type", p.media.contentType, "error", err)
}

// move waits until few enough attachments are on their way, and moves this one.
func (t *twilio) move(ctx context.Context, m *inbound, p *part, serviceSID string) error {
	select {
	case t.transfers <- struct{}{}:
		defer func() { <-t.transfers }()
	case <-ctx.Done():
		return ctx.Err()
	}
	moved, err := t.fetchMedia(ctx, m, p.media)
	if err != nil {
		return err
	}
	p.mediaSID, err = t.uploadMedia(ctx, serviceSID, moved)
	return err
}
