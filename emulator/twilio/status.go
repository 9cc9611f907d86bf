package twilio

// Status says how far a message has got. Reference, Conversations API 5.3 and WhatsApp 5.2.
type Status string

// Statuses of a message to a phone, in their order, and at last those that end it.
const (
	StatusScheduled   Status = "scheduled"
	StatusAccepted    Status = "accepted"
	StatusQueued      Status = "queued"
	StatusSent        Status = "sent"
	StatusDelivered   Status = "delivered"
	StatusRead        Status = "read"
	StatusFailed      Status = "failed"
	StatusUndelivered Status = "undelivered"
	StatusCanceled    Status = "canceled"
)

// Statuses of a message from a phone. StatusDropped is the emulator's own: that of a message of a kind which WhatsApp does not
// hand to Twilio.
const (
	StatusReceived Status = "received"
	StatusDropped  Status = "dropped"
)

// progress orders the statuses of a message that can still change; 0 is that of one which cannot.
func (s Status) progress() int {
	switch s {
	case "", StatusScheduled, StatusAccepted, StatusQueued: // "" is a receipt that has no report yet
		return 1
	case StatusSent:
		return 2
	case StatusDelivered:
		return 3
	case StatusRead:
		return 4
	}
	return 0
}

// IsFailure reports whether a status is that of a message which did not reach the phone.
func (s Status) IsFailure() bool { return s == StatusFailed || s == StatusUndelivered }

// HasArrived reports whether a status is that of a message which the phone has, or has written.
func (s Status) HasArrived() bool {
	return s == StatusReceived || s.progress() >= StatusDelivered.progress()
}

// IsUnsent reports whether a status is that of a message which waits to be sent.
func (s Status) IsUnsent() bool { return s != "" && s.progress() == 1 }

// Precedes reports whether a message may go from status s to another: never back, and not to failed once it is delivered.
func (s Status) Precedes(to Status) bool {
	switch {
	case s.progress() == 0:
		return false
	case to.IsFailure():
		return !s.HasArrived()
	}
	return s.progress() < to.progress()
}
