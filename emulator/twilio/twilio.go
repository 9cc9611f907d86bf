// Package twilio has the words that all of Twilio's products share: the error, the date, the page of a list, the status of
// a message, the parameters of a form, and the address of a phone.
//
// It knows no product and keeps no state. A package of rules (conversations, whatsapp, studio) refuses with an [Error] and
// returns a [Page]; package rest renders both. Package store is the only one of the emulator's that it imports, for reading
// a page from a range of documents.
package twilio
