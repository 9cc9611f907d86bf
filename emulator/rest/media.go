package rest

import (
	"net/http"
	"net/url"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// mediaRoutes are the files of messages in conversations: the Media Content Service, which no SDK knows, with the host of
// its temporary links (reference, Conversations API 5.5).
func (a *API) mediaRoutes() [][]route {
	return [][]route{
		at("POST", "/mcs/v1/Services/{ChatServiceSid}/Media", a.createMedia),
		at("GET", "/mcs/v1/Services/{ChatServiceSid}/Media/{Sid}", a.fetchServiceMedia),
		at("GET", "/mcs/v1/Services/{ChatServiceSid}/Media/{Sid}/Content", a.fetchMediaContent),
		at("DELETE", "/mcs/v1/Services/{ChatServiceSid}/Media/{Sid}", a.deleteMedia),
		at("GET", "/media/{Sid}", a.fetchLinkedMedia),
	}
}

// mediaBody is the body of the Media Content Service, in its recorded order: URLs are relative, dates have microseconds
// and an offset.
type mediaBody struct {
	SID                 string     `json:"sid"`
	ServiceSID          string     `json:"service_sid"`
	DateCreated         mediaTime  `json:"date_created"`
	DateUploadUpdated   mediaTime  `json:"date_upload_updated"`
	DateUpdated         mediaTime  `json:"date_updated"`
	Links               mediaLinks `json:"links"`
	Size                int64      `json:"size"`
	ContentType         string     `json:"content_type"`
	Filename            *string    `json:"filename"`
	Author              string     `json:"author"`
	Category            string     `json:"category"`
	MessageSID          *string    `json:"message_sid"`
	ChannelSID          *string    `json:"channel_sid"`
	URL                 string     `json:"url"`
	IsMultipartUpstream bool       `json:"is_multipart_upstream"` // how Twilio stores it; not the form of the upload
}

type mediaLinks struct {
	Content string `json:"content"`
	// ContentDirectTemporary is absolute; an upload's answer is without it.
	ContentDirectTemporary string `json:"content_direct_temporary,omitempty"`
}

// mediaTime is a date of the Media Content Service.
type mediaTime struct{ time.Time }

func (t mediaTime) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000000-07:00"`)), nil
}

func newMediaBody(f conversations.MediaFile) mediaBody {
	self := "/v1/Services/" + f.ServiceSID + "/Media/" + f.SID
	b := mediaBody{SID: f.SID, ServiceSID: f.ServiceSID, DateCreated: mediaTime{f.DateCreated},
		DateUploadUpdated: mediaTime{f.DateCreated}, DateUpdated: mediaTime{f.DateUpdated},
		Links: mediaLinks{Content: self + "/Content"}, Size: f.Size, ContentType: f.ContentType, Filename: f.Filename,
		Author: "system", Category: f.Category, URL: self}
	if f.MessageSID != "" {
		b.MessageSID, b.ChannelSID = &f.MessageSID, &f.ConversationSID
	}
	return b
}

func (a *API) createMedia(in *request) (result, error) {
	service, err := a.conversations.FetchService(in.Context(), in.Scope, in.Scope.ServiceSID)
	if err != nil {
		return result{}, err
	}
	f, err := readUpload(in.Request, conversations.MaxMedia)
	if err != nil {
		return result{}, err
	}
	f.AccountSID, f.ServiceSID = in.Account.SID, service.SID
	f, err = a.conversations.CreateMedia(in.Context(), f)
	return created(newMediaBody(f)), err
}

func (a *API) fetchServiceMedia(in *request) (result, error) {
	f, err := a.conversations.FetchServiceMedia(in.Context(), in.Scope, in.vars["Sid"])
	if err != nil {
		return result{}, err
	}
	body := newMediaBody(f)
	body.Links.ContentDirectTemporary = a.mediaLink(in, f)
	return ok(body), nil
}

// mediaLink is a temporary link to a file.
func (a *API) mediaLink(in *request, f conversations.MediaFile) string {
	link := a.conversations.LinkMedia(in.Account, f.SID)
	q := url.Values{"Expires": {link.Expires}, "Signature": {link.Signature}, "Key-Pair-Id": {link.KeyPairID}}
	return in.address.linkBase(mediaHost) + "/" + f.SID + "?" + q.Encode()
}

// fetchMediaContent redirects to the temporary link, as Twilio does: clients must leave their credentials behind on the way to
// another host. Where the link is on the same host they would send them along and be refused, so the answer is the file there.
func (a *API) fetchMediaContent(in *request) (result, error) {
	f, err := a.conversations.FetchServiceMedia(in.Context(), in.Scope, in.vars["Sid"])
	if err != nil {
		return result{}, err
	}
	if in.address.apart() {
		return result{status: http.StatusTemporaryRedirect, location: a.mediaLink(in, f)}, nil
	}
	f, err = a.conversations.FetchMedia(in.Context(), in.Account.SID, f.SID)
	return result{status: http.StatusOK, file: &f}, err
}

func (a *API) deleteMedia(in *request) (result, error) {
	return deleted(), a.conversations.DeleteServiceMedia(in.Context(), in.Scope, in.vars["Sid"])
}

// fetchLinkedMedia serves a temporary link, which takes no credentials.
func (a *API) fetchLinkedMedia(in *request) (result, error) {
	if in.Header.Get("Authorization") != "" {
		return twoProofs(), nil
	}
	q := in.URL.Query()
	f, err := a.conversations.FetchLinkedMedia(in.Context(), in.vars["Sid"], conversations.MediaLink{
		Expires: q.Get("Expires"), Signature: q.Get("Signature"), KeyPairID: q.Get("Key-Pair-Id")})
	return result{status: http.StatusOK, file: &f}, err
}

// twoProofs is the answer, 400 in XML, of the network that serves Twilio's files to a request that has both a signed link and
// an Authorization header. Reference, WhatsApp and messaging 4.1.
func twoProofs() result {
	const answer = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>InvalidArgument</Code><Message>The link is signed: fetch it without an Authorization header</Message></Error>
`
	return result{status: http.StatusBadRequest, file: &conversations.MediaFile{Content: []byte(answer),
		Media: conversations.Media{ContentType: "application/xml", Size: int64(len(answer))}}}
}
