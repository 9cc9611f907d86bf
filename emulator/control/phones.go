package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

type phoneList struct {
	Phones []whatsapp.Phone `json:"phones"`
}

type messageList struct {
	Messages []whatsapp.Message `json:"messages"`
}

func (h *Handler) phoneRoutes() []route {
	return []route{
		{"GET", "/phones", h.listPhones},
		{"GET", "/phones/{number}", h.fetchPhone},
		{"POST", "/phones/{number}/join", h.join},
		{"POST", "/phones/{number}/stop", h.stop},
		{"POST", "/phones/{number}/messages", h.sendMessage},
		{"POST", "/phones/{number}/albums", h.sendAlbum},
		{"GET", "/phones/{number}/messages", h.listMessages},
		{"GET", "/media/{sid}", h.fetchMedia},
	}
}

func (h *Handler) listPhones(_ http.ResponseWriter, r *http.Request) (any, error) {
	phones, err := h.Sandbox.ListPhones(r.Context())
	return phoneList{phones}, err
}

// ListPhones returns the phones that the emulator has met.
func (c *Client) ListPhones(ctx context.Context) ([]whatsapp.Phone, error) {
	var list phoneList
	err := c.do(ctx, "GET", "/phones", nil, &list)
	return list.Phones, err
}

func (h *Handler) fetchPhone(_ http.ResponseWriter, r *http.Request) (any, error) {
	phone, err := h.Sandbox.FetchPhone(r.Context(), mux.Vars(r)["number"])
	return phone, refused(err)
}

// FetchPhone returns a phone, with the sandbox that it is in. Numbers are taken with "whatsapp:" or without.
func (c *Client) FetchPhone(ctx context.Context, number string) (phone whatsapp.Phone, err error) {
	err = c.do(ctx, "GET", phonePath(number), nil, &phone)
	return phone, err
}

type joinRequest struct {
	Code string `json:"code"`
}

func (h *Handler) join(_ http.ResponseWriter, r *http.Request) (any, error) {
	var wanted joinRequest
	if err := decode(r, &wanted); err != nil {
		return nil, err
	}
	code := strings.TrimSpace(wanted.Code)
	if code == "" || strings.ContainsAny(code, " \t\n") {
		return nil, badInput("join code %q: give the code alone, such as cloud-forgot", wanted.Code)
	}
	m, err := h.Sandbox.Receive(r.Context(), whatsapp.Inbound{From: mux.Vars(r)["number"], Body: "join " + code})
	if err != nil {
		return nil, refused(err)
	}
	phone, err := h.Sandbox.FetchPhone(r.Context(), m.Phone)
	if err != nil {
		return nil, err
	}
	if phone.Membership != nil {
		sandbox, err := h.Sandbox.FetchSettings(r.Context(), phone.Membership.AccountSID)
		if err == nil && strings.EqualFold(sandbox.JoinCode, code) {
			return phone, nil
		}
	}
	return nil, notFound("no sandbox has the join code %q; the phone was told nothing, as by Twilio", code)
}

// Join sends "join <code>" from a phone. The error says so when no sandbox has the code.
func (c *Client) Join(ctx context.Context, number, code string) (phone whatsapp.Phone, err error) {
	err = c.do(ctx, "POST", phonePath(number)+"/join", joinRequest{code}, &phone)
	return phone, err
}

func (h *Handler) stop(_ http.ResponseWriter, r *http.Request) (any, error) {
	m, err := h.Sandbox.Receive(r.Context(), whatsapp.Inbound{From: mux.Vars(r)["number"], Body: "stop"})
	if err != nil {
		return nil, refused(err)
	}
	return h.Sandbox.FetchPhone(r.Context(), m.Phone)
}

// Stop sends "stop" from a phone: it leaves its sandbox.
func (c *Client) Stop(ctx context.Context, number string) (phone whatsapp.Phone, err error) {
	err = c.do(ctx, "POST", phonePath(number)+"/stop", nil, &phone)
	return phone, err
}

func (h *Handler) listMessages(_ http.ResponseWriter, r *http.Request) (any, error) {
	after, limit, err := window(r)
	if err != nil {
		return nil, err
	}
	list, err := h.Sandbox.ListMessages(r.Context(), mux.Vars(r)["number"], after, limit)
	return messageList{list}, refused(err)
}

// ListMessages returns the thread of a phone, oldest first: what it wrote and what arrived, above a number after; limit
// at most (0: all).
func (c *Client) ListMessages(ctx context.Context, number string, after int64, limit int) ([]whatsapp.Message, error) {
	var list messageList
	err := c.do(ctx, "GET", phonePath(number)+"/messages"+windowQuery(after, limit), nil, &list)
	return list.Messages, err
}

func (h *Handler) fetchMedia(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := h.Conversations.FetchMediaFile(r.Context(), mux.Vars(r)["sid"])
	if err != nil {
		return nil, notFound("there is no file %s", mux.Vars(r)["sid"])
	}
	w.Header().Set("Content-Type", f.ContentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(f.Content)
	return written{}, nil
}

// FetchMedia returns the bytes and the type of a file of a message.
func (c *Client) FetchMedia(ctx context.Context, mediaSID string) (content []byte, contentType string, err error) {
	res, err := c.request(ctx, "GET", "/media/"+url.PathEscape(mediaSID), nil)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	content, err = io.ReadAll(res.Body)
	return content, res.Header.Get("Content-Type"), err
}

func phonePath(number string) string { return "/phones/" + url.PathEscape(number) }

// window reads after and limit of a list.
func window(r *http.Request) (after int64, limit int, err error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, 0, badInput("the query is malformed: %s", err)
	}
	if s := q.Get("after"); s != "" {
		if after, err = strconv.ParseInt(s, 10, 64); err != nil || after < 0 {
			return 0, 0, badInput("after=%s: it must be a whole number, 0 or more", s)
		}
	}
	if s := q.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 0 {
			return 0, 0, badInput("limit=%s: it must be a whole number, 0 or more (0: all)", s)
		}
	}
	return after, limit, nil
}

func windowQuery(after int64, limit int) string {
	return fmt.Sprintf("?after=%d&limit=%d", after, limit)
}

// refused answers with 404 where a document does not exist; explain knows the other errors.
func refused(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("there is no such thing in this emulator")
	}
	return err
}
