package steps

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	twilio "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/fixtures"
)

const (
	apiURL = "https://api.twilio.com"
	mcsURL = "https://mcs.us1.twilio.com"
)

func (w *World) mediaSteps() []definition {
	return []definition{
		{form: "endpoint {text} fetches the file {manner} and gets {number}", run: w.EndpointFetches},
		{form: "{phone}'s phone receives a file of type {type}", run: w.PhoneReceivesFile},
		{form: "the agent sends a {file} in {conversation}", run: w.AgentSendsFile},
		{form: "the agent sends a {file} of {number} MB in {conversation}", run: w.AgentSendsLargeFile},
	}
}

// EndpointFetches fetches MediaUrl0 of the last webhook, and checks the status of the answer; of a file also that it is of
// the type that the webhook told.
func (w *World) EndpointFetches(ctx context.Context, name, manner string, status int) error {
	c, err := w.lastCall(name)
	if err != nil {
		return err
	}
	told, err := url.Parse(c.params.Get("MediaUrl0"))
	if err != nil || told.Path == "" {
		return fmt.Errorf("the last webhook of endpoint %q has no MediaUrl0", name)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, apiURL+told.Path, nil)
	if err != nil {
		return err
	}
	client, err := w.fetcher(c.params.Get("AccountSid"), manner, r)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	switch got, told := res.Header.Get("Content-Type"), c.params.Get("MediaContentType0"); {
	case err != nil:
		return err
	case res.StatusCode != status:
		return fmt.Errorf("endpoint %q got %d %s from %s, not %d", name, res.StatusCode, content, res.Request.URL.Host, status)
	case status == http.StatusOK && (got != told || len(content) == 0):
		return fmt.Errorf("endpoint %q got %d bytes of %s, not a file of %s", name, len(content), got, told)
	}
	return nil
}

// fetcher is a client that fetches as a manner says, and gives the request the credentials of an account.
func (w *World) fetcher(accountSID, manner string, r *http.Request) (*http.Client, error) {
	client := &http.Client{Transport: w.twilio()}
	if manner == "without credentials" {
		return client, nil
	}
	for _, a := range w.accounts {
		if a.SID == accountSID {
			r.SetBasicAuth(a.SID, a.AuthToken)
		}
	}
	shown := r.Header.Get("Authorization")
	switch {
	case shown == "":
		return nil, fmt.Errorf("the scenario knows no account %s", accountSID)
	case manner == "without following redirects":
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	case manner == "with credentials for every host":
		client.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
			next.Header.Set("Authorization", shown) //nolint:gosec // the mistake that the scenario makes
			return nil
		}
	}
	return client, nil
}

// twilio leads requests for any of Twilio's hosts to the emulator.
func (w *World) twilio() http.RoundTripper {
	if w.emu != nil {
		return w.emu.Client().Transport
	}
	return elsewhere{w.options.URL, w.servers.network}
}

// elsewhere leads requests to the emulator at a base URL, with the Host header of Twilio's host.
type elsewhere struct {
	base string
	next http.RoundTripper
}

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	base, err := url.Parse(e.base)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = base.Scheme, base.Host
	return e.next.RoundTrip(r)
}

// PhoneReceivesFile reads the oldest unread message on the phone, which must have one file of a type.
func (w *World) PhoneReceivesFile(ctx context.Context, owner, contentType string) error {
	m, err := w.oldest(ctx, owner)
	switch {
	case err != nil:
		return err
	case len(m.Media) != 1:
		return fmt.Errorf("%s's phone received %q with %d files", owner, m.Body, len(m.Media))
	case m.Media[0].ContentType != contentType:
		return fmt.Errorf("%s's phone received a file of type %s, not %s", owner, m.Media[0].ContentType, contentType)
	}
	return nil
}

// AgentSendsFile uploads a file to the Media Content Service and adds a message with it.
func (w *World) AgentSendsFile(ctx context.Context, file, ref string) error {
	content, err := fixtures.Read(fileOf(file))
	if err != nil {
		return err
	}
	return w.sendFile(ctx, file, content, ref)
}

// AgentSendsLargeFile is AgentSendsFile with a file that is filled up to a size, of 1,048,576 bytes a megabyte.
func (w *World) AgentSendsLargeFile(ctx context.Context, file string, megabytes int, ref string) error {
	const most = 100
	if megabytes < 1 || megabytes > most {
		return fmt.Errorf("a file has 1 to %d MB here, not %d", most, megabytes)
	}
	content, err := fixtures.Read(fileOf(file))
	if err != nil {
		return err
	}
	return w.sendFile(ctx, file, append(content, make([]byte, megabytes<<20-len(content))...), ref)
}

func (w *World) sendFile(ctx context.Context, file string, content []byte, ref string) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	sid, err := w.upload(ctx, c.account, fileTypes[file], content)
	if err != nil {
		return err
	}
	return w.write(ctx, ref, new(twilio.CreateConversationMessageParams).SetMediaSid(sid))
}

// upload gives the Media Content Service a file, for which twilio-go has no method, and returns its SID.
func (w *World) upload(ctx context.Context, a *account, contentType string, content []byte) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, mcsURL+"/v1/Services/"+a.DefaultServiceSID+"/Media", bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", contentType)
	r.SetBasicAuth(a.SID, a.AuthToken)
	res, err := w.twilio().RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("uploading the file: %s %s", res.Status, body)
	}
	var uploaded struct{ Sid string }
	err = decode(body, &uploaded)
	return uploaded.Sid, err
}

// fileTypes are the types of what people send.
var fileTypes = map[string]string{"photo": "image/jpeg", "sticker": "image/webp", "voice note": "audio/ogg", "song": "audio/ogg", "video": "video/mp4",
	"document": "application/pdf", "contact card": "text/vcard"}
