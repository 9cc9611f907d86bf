package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// maxMediaSize is what WhatsApp lets a message carry: 16 MiB.
	maxMediaSize = 16 << 20
	// mediaBudget bounds the moving of all attachments of a message.
	mediaBudget = 60 * time.Second
	// mediaTimeout bounds one exchange.
	mediaTimeout = 20 * time.Second
	// mediaTransfers is how many attachments are moved at once, each of which is held in memory.
	mediaTransfers = 8
	maxRedirects   = 5
	apiHost        = "api.twilio.com"
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

// mediaError is why an attachment cannot be moved, in words for the agent who misses it.
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
	return backoff.Retry(ctx, func() (*file, error) {
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
	}, backoff.WithBackOff(waits), backoff.WithMaxTries(3))
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
			u = lead(u, t.apiURL)
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
	ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
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

// mediaType is the fetched content type, or where that says nothing, the one that the webhook announced.
func mediaType(fetched, announced string) string {
	kind, _, err := mime.ParseMediaType(fetched)
	if err != nil || kind == "application/octet-stream" || kind == "binary/octet-stream" {
		return or(announced, "application/octet-stream")
	}
	return kind
}

// mediaName is a file name for people: the SID, and the extension that goes with the type.
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
