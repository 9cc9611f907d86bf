package rest

import "strings"

// Operations returns "METHOD /path" of every route of Twilio's API that is emulated, with {} for each variable.
func (a *API) Operations() []string {
	var list []string
	for _, r := range a.routes {
		if r.Handle == nil {
			continue
		}
		list = append(list, r.Method+" "+Anonymous(r.Path))
	}
	return list
}

// Anonymous is a path template without the names of its variables.
func Anonymous(template string) string {
	parts := strings.Split(template, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}
