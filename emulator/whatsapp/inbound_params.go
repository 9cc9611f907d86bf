package whatsapp

import (
	"encoding/json"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// params is the form of an inbound webhook. Reference, WhatsApp 2.2 to 2.4.
func (s *Sandbox) params(m Message) url.Values {
	waID := strings.TrimPrefix(m.Phone, "+")
	v := url.Values{}
	for name, value := range map[string]string{
		"MessageSid": m.SID, "SmsSid": m.SID, "SmsMessageSid": m.SID, "AccountSid": m.AccountSID,
		"From": m.From, "To": m.To, "Body": m.Body, "NumMedia": strconv.Itoa(len(m.Media)), "NumSegments": "1",
		"SmsStatus": string(twilio.StatusReceived), "ApiVersion": "2010-04-01", "ProfileName": m.ProfileName, "WaId": waID,
		"ReferralNumMedia": "0", "MessageType": m.MessageType,
	} {
		v.Set(name, value)
	}
	for i, f := range m.Media {
		n := strconv.Itoa(i)
		v.Set("MediaContentType"+n, f.ContentType)
		v.Set("MediaUrl"+n, s.mediaURL()+"/2010-04-01/Accounts/"+m.AccountSID+"/Messages/"+m.SID+"/Media/"+f.SID)
	}
	mirrored := m.params(v)
	if m.ReplyToSender != "" {
		v.Set("OriginalRepliedMessageSid", m.ReplyTo)
		v.Set("OriginalRepliedMessageSender", m.ReplyToSender)
	}
	if m.Button != nil && m.Button.Interactive { // where it was recorded
		v.Set("ExternalUserId", externalUserID(m.Phone))
	}
	mirrored["ProfileName"], mirrored["WaId"] = m.ProfileName, waID
	v.Set("ChannelMetadata", channelMetadata(mirrored))
	return v
}

// params sets the parameters of a message's details, and returns those that ChannelMetadata repeats.
func (d Details) params(v url.Values) (mirrored map[string]any) {
	mirrored = map[string]any{}
	interactive := d.Button != nil && d.Button.Interactive
	for name, is := range map[string]bool{"Forwarded": d.Forwarded, "FrequentlyForwarded": d.FrequentlyForwarded} {
		if is || interactive { // a tap says false, as recorded
			v.Set(name, strconv.FormatBool(is))
			mirrored[name] = is
		}
	}
	if d.Location != nil {
		v.Set("Latitude", degrees(d.Location.Latitude))
		v.Set("Longitude", degrees(d.Location.Longitude))
		setAll(v, map[string]string{"Address": d.Location.Address, "Label": d.Location.Label})
	}
	if d.Button != nil {
		v.Set("ButtonText", d.Button.Text)
		v.Set("ButtonPayload", d.Button.Payload)
		mirrored["ButtonText"], mirrored["ButtonPayload"] = d.Button.Text, d.Button.Payload
	}
	if d.ListChoice != nil {
		v.Set("ListId", d.ListChoice.ID)
		v.Set("ListTitle", d.ListChoice.Title)
	}
	if r := d.Referral; r != nil {
		setAll(v, map[string]string{"ReferralBody": r.Body, "ReferralHeadline": r.Headline, "ReferralSourceId": r.SourceID,
			"ReferralSourceType": r.SourceType, "ReferralSourceUrl": r.SourceURL, "ReferralMediaId": r.MediaID,
			"ReferralMediaContentType": r.MediaContentType, "ReferralMediaUrl": r.MediaURL, "ReferralCtwaClid": r.CtwaClid})
		if r.MediaURL != "" || r.MediaID != "" {
			v.Set("ReferralNumMedia", "1")
		}
	}
	return mirrored
}

// setAll sets the parameters that have a value.
func setAll(v url.Values, params map[string]string) {
	for name, value := range params {
		if value != "" {
			v.Set(name, value)
		}
	}
}

// channelMetadata is the parameter of that name, a JSON text with what WhatsApp itself said of the message.
func channelMetadata(context map[string]any) string {
	var metadata struct {
		Type string `json:"type"`
		Data struct {
			Context map[string]any `json:"context"`
		} `json:"data"`
	}
	metadata.Type, metadata.Data.Context = "whatsapp", context
	encoded, _ := json.Marshal(metadata) // cannot fail: texts and truths only
	return string(encoded)
}

// externalUserID is WhatsApp's name of a user for one business: always the same digits for a phone.
func externalUserID(phone string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(phone)) // cannot fail
	return "whatsapp:ID." + strconv.FormatUint(h.Sum64(), 10)
}
