package bridge

import "encoding/json"

// maxAttributes is what Twilio keeps as attributes of a message: 4 KiB of JSON.
const maxAttributes = 4096

// carriedParameters go into the attributes of the message under their own names, the ones that matter most first: what
// does not fit any more is left out.
var carriedParameters = []string{
	"MessageType", "ButtonPayload", "ButtonText", "ButtonType", "ListId", "ListTitle", "Latitude", "Longitude", "Label", "Address",
	"OriginalRepliedMessageSid", "OriginalRepliedMessageSender", "Forwarded", "FrequentlyForwarded", "ProfileName", "WaId",
	"ReferralSourceId", "ReferralSourceType", "ReferralSourceUrl", "ReferralHeadline", "ReferralBody", "ReferralMediaId",
	"ReferralMediaContentType", "ReferralMediaUrl", "ReferralCtwaClid", "InteractiveData", "FlowData",
}

// stamp is how a message in a conversation tells which inbound message it is. Numbers are left out where there is one
// part only.
type stamp struct {
	MessageSid string
	Part       int `json:",omitempty"`
	Parts      int `json:",omitempty"`
}

// readStamp reads a message's attributes; a message that the bridge did not post has a zero stamp.
func readStamp(attributes *string) stamp {
	var s stamp
	if attributes == nil || json.Unmarshal([]byte(*attributes), &s) != nil {
		return stamp{}
	}
	if s.Part == 0 {
		s.Part = 1
	}
	return s
}

// attributes are the JSON attributes of one part of m.
func (m *inbound) attributes(p *part) (string, error) {
	fields := map[string]any{"MessageSid": m.sid()}
	if p.of > 1 {
		fields["Part"], fields["Parts"] = p.number, p.of
	}
	if p.missing != "" {
		fields["MissingMedia"] = map[string]string{"MediaUrl": cutText(p.media.url, 400), "MediaContentType": cutText(p.media.contentType, 80), "Reason": p.missing}
	}
	data, err := json.Marshal(fields)
	if err != nil || p.number > 1 {
		return string(data), err
	}
	for _, name := range carriedParameters {
		value := m.Parameters.get(name)
		if value == "" {
			continue
		}
		fields[name] = value
		longer, err := json.Marshal(fields)
		if err != nil {
			return "", err
		}
		if len(longer) > maxAttributes {
			delete(fields, name)
			continue
		}
		data = longer
	}
	return string(data), nil
}
