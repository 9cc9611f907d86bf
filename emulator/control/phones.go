package control

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

type phoneList struct {
	Phones []whatsapp.Phone `json:"phones"`
}

type messageList struct {
	Messages []whatsapp.Message `json:"messages"`
}

type joinRequest struct {
	Code string `json:"code"`
}

var (
	listPhones      = endpoint[none, phoneList]{"GET", "/phones"}
	fetchPhone      = endpoint[none, whatsapp.Phone]{"GET", "/phones/{number}"}
	joinSandbox     = endpoint[joinRequest, whatsapp.Phone]{"POST", "/phones/{number}/join"}
	stopSandbox     = endpoint[none, whatsapp.Phone]{"POST", "/phones/{number}/stop"}
	updateBehaviour = endpoint[whatsapp.BehaviourParams, whatsapp.Phone]{"POST", "/phones/{number}/behaviour"}
	listMessages    = endpoint[none, messageList]{"GET", "/phones/{number}/messages"}
	sendMessage     = endpoint[NewMessage, whatsapp.Message]{"POST", "/phones/{number}/messages"}
	sendAlbum       = endpoint[newAlbum, messageList]{"POST", "/phones/{number}/albums"}
	fetchMessage    = endpoint[none, whatsapp.Message]{"GET", "/messages/{sid}"}
	updateStatus    = endpoint[whatsapp.StatusChange, whatsapp.Message]{"POST", "/messages/{sid}/status"}
)

const mediaPath = "/media/{sid}"

func (h *Handler) servePhones() {
	serve(h, listPhones, func(r *http.Request, _ none) (phoneList, error) {
		phones, err := h.sandbox.ListPhones(r.Context())
		return phoneList{phones}, err
	})
	serve(h, fetchPhone, func(r *http.Request, _ none) (whatsapp.Phone, error) {
		return h.sandbox.FetchPhone(r.Context(), parameter(r, "number"))
	})
	serve(h, joinSandbox, h.join)
	serve(h, stopSandbox, h.stop)
	serve(h, updateBehaviour, func(r *http.Request, p whatsapp.BehaviourParams) (whatsapp.Phone, error) {
		return h.sandbox.UpdateBehaviour(r.Context(), parameter(r, "number"), p)
	})
	serve(h, listMessages, h.listMessages)
	serve(h, sendMessage, func(r *http.Request, wanted NewMessage) (whatsapp.Message, error) {
		return h.sandbox.Receive(r.Context(), wanted.inbound(parameter(r, "number")))
	})
	serve(h, sendAlbum, h.sendAlbum)
	serve(h, fetchMessage, func(r *http.Request, _ none) (whatsapp.Message, error) {
		m, err := h.sandbox.FetchMessage(r.Context(), parameter(r, "sid"))
		return m, missingMessage(r, err)
	})
	serve(h, updateStatus, func(r *http.Request, change whatsapp.StatusChange) (whatsapp.Message, error) {
		m, err := h.sandbox.UpdateStatus(r.Context(), parameter(r, "sid"), change)
		return m, missingMessage(r, err)
	})
	h.route("GET", mediaPath, h.writeMedia)
}

func missingMessage(r *http.Request, err error) error {
	return orMissing(err, "there is no message %s in this emulator; its SID begins with SM or MM", parameter(r, "sid"))
}

// join sends "join <code>", to which WhatsApp has no answer when no sandbox has the code. Here that is an error.
func (h *Handler) join(r *http.Request, wanted joinRequest) (whatsapp.Phone, error) {
	code := strings.TrimSpace(wanted.Code)
	if code == "" || strings.ContainsAny(code, " \t\n") {
		return whatsapp.Phone{}, badInput("join code %.100q: give the code alone, such as cloud-forgot", wanted.Code)
	}
	m, err := h.sandbox.Receive(r.Context(), whatsapp.Inbound{From: parameter(r, "number"), Body: "join " + code})
	if err != nil {
		return whatsapp.Phone{}, err
	}
	phone, err := h.sandbox.FetchPhone(r.Context(), m.Phone)
	if err != nil {
		return phone, err
	}
	if phone.Membership != nil {
		sandbox, err := h.sandbox.FetchSettings(r.Context(), phone.Membership.AccountSID)
		if err != nil || strings.EqualFold(sandbox.JoinCode, code) {
			return phone, err
		}
	}
	return phone, notFound("no sandbox has the join code %q; the phone got no answer, as with Twilio", code)
}

func (h *Handler) stop(r *http.Request, _ none) (whatsapp.Phone, error) {
	m, err := h.sandbox.Receive(r.Context(), whatsapp.Inbound{From: parameter(r, "number"), Body: "stop"})
	if err != nil {
		return whatsapp.Phone{}, err
	}
	return h.sandbox.FetchPhone(r.Context(), m.Phone)
}

func (h *Handler) listMessages(r *http.Request, _ none) (messageList, error) {
	w, err := windowOf(r)
	if err != nil {
		return messageList{}, err
	}
	list, err := h.sandbox.ListMessages(r.Context(), parameter(r, "number"), w.after, w.limit)
	return messageList{list}, err
}

func (h *Handler) sendAlbum(r *http.Request, wanted newAlbum) (messageList, error) {
	files := make([]whatsapp.InboundFile, len(wanted.Files))
	for i, f := range wanted.Files {
		files[i] = whatsapp.InboundFile(f)
	}
	list, err := h.sandbox.ReceiveAlbum(r.Context(), wanted.inbound(parameter(r, "number")), files)
	return messageList{list}, err
}

// writeMedia serves a file of a message. A browser that shows it runs no script of it: a file may come from anywhere.
func (h *Handler) writeMedia(w http.ResponseWriter, r *http.Request) error {
	sid := parameter(r, "sid")
	f, err := h.conversations.FetchMediaFile(r.Context(), sid)
	if err != nil {
		return orMissing(err, "there is no file %s", sid)
	}
	w.Header().Set("Content-Type", f.ContentType)
	w.Header().Set("Content-Security-Policy", "script-src 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(f.Content) // an error means that the caller has gone away
	return nil
}

// ListPhones returns the phones that the emulator has met.
func (c *Client) ListPhones(ctx context.Context) ([]whatsapp.Phone, error) {
	list, err := call(ctx, c, listPhones, none{})
	return list.Phones, err
}

// FetchPhone returns a phone, with the sandbox that it is in. Numbers are taken with "whatsapp:" or without, here and below, and so are
// "@username" and an ExternalUserId.
func (c *Client) FetchPhone(ctx context.Context, number string) (whatsapp.Phone, error) {
	return call(ctx, c, fetchPhone, none{}, number)
}

// Join sends "join <code>" from a phone. The error says so when no sandbox has the code.
func (c *Client) Join(ctx context.Context, number, code string) (whatsapp.Phone, error) {
	return call(ctx, c, joinSandbox, joinRequest{code}, number)
}

// Stop sends "stop" from a phone: it leaves its sandbox.
func (c *Client) Stop(ctx context.Context, number string) (whatsapp.Phone, error) {
	return call(ctx, c, stopSandbox, none{}, number)
}

// UpdateBehaviour changes what is not nil in p: whether the phone is offline, has blocked the business, sends read receipts,
// its profile name and its username. A phone that comes back gets what was sent meanwhile.
func (c *Client) UpdateBehaviour(ctx context.Context, number string, p whatsapp.BehaviourParams) (whatsapp.Phone, error) {
	return call(ctx, c, updateBehaviour, p, number)
}

// ListMessages returns the thread of a phone, oldest first: what it wrote and what arrived, above a number after; limit
// at most (0: all).
func (c *Client) ListMessages(ctx context.Context, number string, after int64, limit int) ([]whatsapp.Message, error) {
	list, err := call(ctx, c, listMessages.with(window{after, limit}.query()), none{}, number)
	return list.Messages, err
}

// FetchMessage returns a message between a phone and a sender (SM, MM), whichever way it went and however far.
func (c *Client) FetchMessage(ctx context.Context, messageSID string) (whatsapp.Message, error) {
	return call(ctx, c, fetchMessage, none{}, messageSID)
}

// UpdateStatus moves a message to a phone on by hand: to sent, delivered, read, failed or undelivered. With the switch
// delivery set to manual nothing else does.
func (c *Client) UpdateStatus(ctx context.Context, messageSID string, change whatsapp.StatusChange) (whatsapp.Message, error) {
	return call(ctx, c, updateStatus, change, messageSID)
}

// FetchMedia returns the bytes and the type of a file of a message.
func (c *Client) FetchMedia(ctx context.Context, mediaSID string) (content []byte, contentType string, err error) {
	res, err := c.request(ctx, "GET", fill(mediaPath, mediaSID), nil)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	content, err = io.ReadAll(res.Body)
	return content, res.Header.Get("Content-Type"), err
}
