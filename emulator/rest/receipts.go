package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) receiptRoutes() [][]route {
	return [][]route{
		both("GET", "/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts/{Sid}", a.fetchReceipt),
		both("GET", "/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts", a.listReceipts),
	}
}

type receiptBody struct {
	conversations.Receipt
	ChatServiceSID *string `json:"chat_service_sid,omitempty"`
	URL            string  `json:"url"`
}

func (in *request) receipt(r conversations.Receipt) receiptBody {
	return receiptBody{r, in.chatServiceSID(),
		in.url("Conversations", r.ConversationSID, "Messages", r.MessageSID, "Receipts", r.SID)}
}

func (a *API) fetchReceipt(in *request) (result, error) {
	r, err := a.conversations.FetchReceipt(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["MessageSid"], in.vars["Sid"])
	return ok(in.receipt(r)), err
}

func (a *API) listReceipts(in *request) (result, error) {
	q, err := in.paging(50)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListReceipts(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["MessageSid"], q.PageQuery)
	return list(in, q, "delivery_receipts", page, in.receipt), err
}
