// Package media is Twilio's Media Content Service over HTTP, which no SDK knows: the files of messages in conversations, with the
// host of its temporary links. Reference, Conversations API 5.5.
package media

import (
	"net/http"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

type api struct{ conversations *conversations.API }

// New returns the product.
func New(rules *conversations.API) rest.Product {
	a := &api{conversations: rules}
	return rest.Product{
		Routes: []rest.Route{
			{Method: "POST", Path: "/mcs/v1/Services/{ChatServiceSid}/Media", Handle: a.createMedia},
			{Method: "GET", Path: "/mcs/v1/Services/{ChatServiceSid}/Media/{Sid}", Handle: a.fetchMedia},
			{Method: "GET", Path: "/mcs/v1/Services/{ChatServiceSid}/Media/{Sid}/Content", Handle: a.fetchContent},
			{Method: "DELETE", Path: "/mcs/v1/Services/{ChatServiceSid}/Media/{Sid}", Handle: a.deleteMedia},
			{Method: "GET", Path: "/media/{Sid}", Handle: a.fetchLinked},
		},
		Open: func(in *rest.Request) (bool, error) { return in.OnHost(rest.MediaHost), nil },
	}
}

// scope is the Conversation Service that a request addresses.
func scope(in *rest.Request) conversations.Scope {
	return conversations.Scope{AccountSID: in.Account.SID, ServiceSID: in.Vars["ChatServiceSid"]}
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

func (a *api) createMedia(in *rest.Request) (rest.Result, error) {
	service, err := a.conversations.FetchService(in.Context(), scope(in), scope(in).ServiceSID)
	if err != nil {
		return rest.Result{}, err
	}
	f, err := readUpload(in.Request, conversations.MaxMedia)
	if err != nil {
		return rest.Result{}, err
	}
	f.AccountSID, f.ServiceSID = in.Account.SID, service.SID
	f, err = a.conversations.CreateMedia(in.Context(), f)
	return rest.Created(newMediaBody(f)), err
}

func (a *api) fetchMedia(in *rest.Request) (rest.Result, error) {
	f, err := a.conversations.FetchServiceMedia(in.Context(), scope(in), in.Vars["Sid"])
	if err != nil {
		return rest.Result{}, err
	}
	body := newMediaBody(f)
	body.Links.ContentDirectTemporary = a.temporaryLink(in, f)
	return rest.OK(body), nil
}

// temporaryLink returns a link to a file that needs no credentials.
func (a *api) temporaryLink(in *rest.Request, f conversations.MediaFile) string {
	return in.Link(rest.MediaHost, "/"+f.SID, a.conversations.LinkMedia(in.Account, f.SID))
}

// fetchContent redirects to the temporary link, as Twilio does: clients must leave their credentials behind on the way to
// another host. Where the link is on the same host they would send them along and be refused, so the answer is the file there.
func (a *api) fetchContent(in *rest.Request) (rest.Result, error) {
	f, err := a.conversations.FetchServiceMedia(in.Context(), scope(in), in.Vars["Sid"])
	if err != nil {
		return rest.Result{}, err
	}
	if in.LinksApart() {
		return rest.Result{Status: http.StatusTemporaryRedirect, Location: a.temporaryLink(in, f)}, nil
	}
	f, err = a.conversations.FetchMedia(in.Context(), in.Account.SID, f.SID)
	return rest.Result{Status: http.StatusOK, File: &f}, err
}

func (a *api) deleteMedia(in *rest.Request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteServiceMedia(in.Context(), scope(in), in.Vars["Sid"])
}

// fetchLinked serves a temporary link, which takes no credentials.
func (a *api) fetchLinked(in *rest.Request) (rest.Result, error) {
	if in.Header.Get("Authorization") != "" {
		return rest.RefuseCredentials(), nil
	}
	f, err := a.conversations.FetchLinkedMedia(in.Context(), in.Vars["Sid"], in.SignedLink())
	return rest.Result{Status: http.StatusOK, File: &f}, err
}
