package rest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// inXML reports whether a request is answered in XML: under 2010-04-01 that is what a path without .json asks for, whatever its Accept
// header says.
func (in *Request) inXML() bool {
	return strings.HasPrefix(in.address.path, "/2010-04-01/") && !strings.HasSuffix(in.address.path, ".json")
}

// withXML returns routes with those for XML beside them: the path without .json.
func withXML(routes []Route) []Route {
	var all []Route
	for _, r := range routes {
		all = append(all, r)
		if r.XML == "" {
			continue
		}
		asked := r
		asked.Path = strings.TrimSuffix(r.Path, ".json")
		asked.Handle = func(in *Request) (Result, error) {
			in.element = r.XML
			return r.Handle(in)
		}
		all = append(all, asked)
	}
	return all
}

// writeXML renders the body of a result. A resource is an element of the route's name, with an element for each member.
func (a *API) writeXML(w http.ResponseWriter, in *Request, r Result) {
	text, err := a.encoder.append(nil, r.Body)
	if err == nil {
		text, err = xmlOf(in.element, text)
	}
	if err != nil {
		a.writeError(w, in, err)
		return
	}
	writeBody(w, xmlType, r.Status, text)
}

// errorXML renders a refusal.
func errorXML(refused *twilio.Error) []byte {
	text, _ := json.Marshal(refused) // neither can fail: texts and numbers only
	text, _ = xmlOf("RestException", text)
	return text
}

// xmlOf makes Twilio's XML of a resource in JSON. Members become elements in their order, names CamelCase; URIs lose their .json, so that
// who follows one gets XML again. A page is an element of its list, with the rest of it as attributes.
func xmlOf(element string, resource []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(resource))
	d.UseNumber()
	root, err := readNode(d, "")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	top := xml.StartElement{Name: xml.Name{Local: "TwilioResponse"}}
	if err := e.EncodeToken(top); err != nil {
		return nil, err
	}
	if root.isPage() {
		err = root.encodePage(e, element)
	} else {
		err = root.encode(e, element)
	}
	if err == nil {
		err = e.EncodeToken(top.End())
	}
	if err == nil {
		err = e.Close()
	}
	b.WriteByte('\n')
	return b.Bytes(), err
}

// node is a JSON value with its name: an object or an array with children, or a text.
type node struct {
	name     string
	children []node
	array    bool
	text     string
}

// readNode reads the next JSON value. Its members keep their order, which a map would lose.
func readNode(d *json.Decoder, name string) (n node, err error) {
	n.name = name
	token, err := d.Token()
	if err != nil {
		return n, err
	}
	delimiter, nested := token.(json.Delim)
	if !nested {
		if token != nil {
			n.text = fmt.Sprint(token)
		}
		return n, nil
	}
	n.array = delimiter == '['
	for d.More() {
		member := ""
		if !n.array {
			key, err := d.Token()
			if err != nil {
				return n, err
			}
			member, _ = key.(string)
		}
		child, err := readNode(d, member)
		if err != nil {
			return n, err
		}
		n.children = append(n.children, child)
	}
	if _, err = d.Token(); err == io.EOF { // the closing bracket
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (n node) isPage() bool {
	for _, c := range n.children {
		if c.name == firstPageURI {
			return true
		}
	}
	return false
}

// encode writes a value as an element. An array has an element of the same name for each item.
func (n node) encode(e *xml.Encoder, element string) error {
	start := xml.StartElement{Name: xml.Name{Local: element}}
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, c := range n.children {
		name := camelCase(c.name)
		if n.array {
			name = element
		}
		if n.name == "subresource_uris" || c.name == "uri" {
			c.text = strings.TrimSuffix(c.text, ".json")
		}
		if err := c.encode(e, name); err != nil {
			return err
		}
	}
	if n.text != "" {
		if err := e.EncodeToken(xml.CharData(n.text)); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

// encodePage writes a page: the list as an element, with what surrounds it as attributes (firstpageuri), and an element for each item.
func (n node) encodePage(e *xml.Encoder, element string) error {
	list, attributes := node{}, []xml.Attr(nil)
	for _, c := range n.children {
		if c.array {
			list = c
			continue
		}
		attributes = append(attributes, xml.Attr{Name: xml.Name{Local: strings.ReplaceAll(c.name, "_", "")}, Value: c.text})
	}
	start := xml.StartElement{Name: xml.Name{Local: camelCase(list.name)}, Attr: attributes}
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, item := range list.children {
		if err := item.encode(e, element); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

// camelCase makes NumMedia of num_media.
func camelCase(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
