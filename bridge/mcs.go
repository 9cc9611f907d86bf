package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twilio/twilio-go/client"
)

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
		u = lead(u, t.apiURL)
	}
	operation := "POST " + route(mcsURL+"ME/Media")
	sid, err := backoff.Retry(ctx, func() (string, error) {
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
	}, backoff.WithBackOff(callBackOff()), backoff.WithMaxElapsedTime(callBudget))
	if err != nil {
		return "", newCallError(operation, err)
	}
	return sid, nil
}

func (t *twilio) uploadOnce(ctx context.Context, u *url.URL, f *file) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
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
		return "", uploadError(response, body)
	}
	var stored struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal(body, &stored); err != nil || stored.SID == "" {
		return "", errors.New("the media service answered without a SID")
	}
	return stored.SID, nil
}

func uploadError(response *http.Response, body []byte) error {
	rest := &client.TwilioRestError{}
	if json.Unmarshal(body, rest) != nil || rest.Message == "" {
		rest.Message = fmt.Sprintf("the media service answered %s", response.Status)
	}
	rest.Status = response.StatusCode
	failed := newCallError("POST "+route(mcsURL+"ME/Media"), rest)
	failed.retryAfter = parseRetryAfter(response.Header.Get("Retry-After"))
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
