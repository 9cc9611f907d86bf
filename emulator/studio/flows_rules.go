package studio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxText is the greatest length of the name of a flow and of what is said of a revision, in characters. It is the emulator's own.
const maxText = 1024

// DefinitionError is something that is wrong with the definition of a flow.
type DefinitionError struct {
	Message string `json:"message"`
	// PropertyPath says where: "#/initial_state".
	PropertyPath string `json:"property_path"`
}

// apply checks and sets what was sent, as the next revision.
func (f *flowDoc) apply(p FlowParams) error {
	for name, text := range map[string]*string{"FriendlyName": p.FriendlyName, "CommitMessage": p.CommitMessage} {
		if utf8.RuneCountInString(twilio.Value(text)) > maxText {
			return twilio.InvalidParameter(name)
		}
	}
	if p.FriendlyName != nil {
		f.FriendlyName = *p.FriendlyName
	}
	if p.CommitMessage != nil {
		f.CommitMessage = p.CommitMessage
	}
	if p.Definition != nil {
		if err := f.define(*p.Definition); err != nil {
			return err
		}
	}
	status := FlowStatus(twilio.Value(p.Status))
	if !slices.Contains([]FlowStatus{Draft, Published}, status) {
		return twilio.InvalidParameter("Status")
	}
	if status == Published && !f.Valid {
		return twilio.InvalidParameter(fmt.Sprintf("Definition: %s (%s)", f.Errors[0].Message, f.Errors[0].PropertyPath))
	}
	f.Status = status
	f.EverPublished = f.EverPublished || status == Published
	f.Revision++
	return nil
}

// define sets the definition: a JSON object. What it means is looked at only as far as that the flow begins at a state that
// it has; Twilio's own example has no states at all.
func (f *flowDoc) define(definition string) error {
	var compact bytes.Buffer
	var parts struct {
		InitialState *string `json:"initial_state"`
		States       []struct {
			Name string `json:"name"`
		} `json:"states"`
	}
	err := json.Compact(&compact, []byte(definition))
	if err == nil {
		err = json.Unmarshal(compact.Bytes(), &parts)
	}
	if err != nil || !bytes.HasPrefix(compact.Bytes(), []byte("{")) {
		return twilio.InvalidParameter("Definition")
	}
	f.Definition, f.Errors, f.Warnings = compact.Bytes(), []DefinitionError{}, []DefinitionError{}
	if len(parts.States) > 0 {
		names := make([]string, len(parts.States))
		for i, state := range parts.States {
			names[i] = state.Name
		}
		if begins := twilio.Value(parts.InitialState); !slices.Contains(names, begins) {
			f.Errors = append(f.Errors, DefinitionError{fmt.Sprintf("initial_state %.100q is none of the states", begins), "#/initial_state"})
		}
	}
	f.Valid = len(f.Errors) == 0
	return nil
}

// takesMessages says in a transaction whether a flow SID stands for a flow that has been published. An account that has
// never registered a flow takes every SID, so that nobody must register one to begin; from its first flow on, those that
// it does not have are unknown. Whether Twilio looks is open question 6 of the reference, WhatsApp and messaging.
func takesMessages(tx store.Tx, accountSID, flowSID string) (bool, error) {
	_, err := registries.Get(tx, accountSID)
	if isMissing(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	doc, err := flows.Get(tx, flowSID)
	if isMissing(err) {
		return false, nil
	}
	return err == nil && doc.AccountSID == accountSID && doc.EverPublished, err
}

// MayConfigure says in a transaction whether a webhook or an address may be configured with a flow: any, unless the switch
// flow_exists_check is at-create.
func (s *Studio) MayConfigure(tx store.Tx, accountSID, flowSID string) (bool, error) {
	set, err := s.switches(tx)
	if err != nil || !set.CheckAtCreate {
		return true, err
	}
	return takesMessages(tx, accountSID, flowSID)
}
